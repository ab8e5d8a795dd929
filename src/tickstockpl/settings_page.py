"""The table of all settings in ``docs/settings.md``: ``python -m tickstockpl.settings_page`` writes it anew."""

import sys
from pathlib import Path
from typing import Any

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from tickstockpl.settings import ENV_PREFIX, Settings

BEGIN = "<!-- The table is written by python -m tickstockpl.settings_page -->\n"
END = "<!-- end of the table -->\n"


def settings_table() -> str:
    """All settings as a Markdown table, from :class:`~tickstockpl.settings.Settings`."""
    lines = ["| variable | what | values | default |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        cells = (f"`{ENV_PREFIX}{name.upper()}`", field.description or "", _values(field), _default(field))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with its table as it should be.

    Raises:
        ValueError: if the page does not have the two lines between which the table stands.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks the line {BEGIN if not begin else END!r}")
    return f"{before}{begin}\n{settings_table()}\n{end}{after}"


def _values(field: FieldInfo) -> str:
    choices = getattr(field.annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    if field.annotation is bool:
        return "`true`, `false`"
    bounds = {type(bound): bound for bound in field.metadata}
    least, above, most = bounds.get(Ge), bounds.get(Gt), bounds.get(Le)
    low = f"{least.ge:g}" if least is not None else f"above {above.gt:g}" if above is not None else ""
    high = f"{most.le:g}" if most is not None else ""
    if low and high:
        return f"{low} to {high}" if least is not None else f"{low}, up to {high}"
    return f"{low} or more" if least is not None else low


def _default(field: FieldInfo) -> str:
    extra: Any = field.json_schema_extra
    if isinstance(extra, dict) and "default_in_words" in extra:
        return str(extra["default_in_words"])
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return "" if field.default is None else f"`{field.default}`"


def main(page: Path) -> None:
    """Write the table anew."""
    page.write_text(with_table(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/settings.md"))
