"""The document on definitions of one's own shows what its example file holds."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_code_that_is_shown_is_the_files() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / "definitions.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    file = (DOCS / "examples" / "definitions.py").read_text("utf-8")
    without_comments = [line for line in file.splitlines() if '"""' not in line and "del period" not in line]
    for shown in blocks:
        assert shown.strip() in "\n".join(without_comments)
