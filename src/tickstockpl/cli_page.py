"""The page ``docs/cli.md``, from the command line itself: ``python -m tickstockpl.cli_page`` writes it anew."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer.main

from tickstockpl.cli import app

_HEAD: Final = """\
# The command line

<!-- Written by python -m tickstockpl.cli_page -->

Every command with its options, as `--help` tells them. What no option says, a variable of the environment may say
([settings.md](settings.md)). The exit code is 2 where an option is unknown or is not a value of its kind, and 1 after
any other error, which is told in one sentence.
"""


def cli_page() -> str:
    """All commands and options, as Markdown."""
    # Typer brings its own Click, whose types it does not export.
    root: Any = typer.main.get_command(app)
    commands = list(_commands(root, root.name))
    listed = (f"| [`{name}`](#{anchor(name)}) | {_escaped(command.help)} |" for name, command in commands)
    sections = (line for name, command in commands for line in _section(name, command))
    return "\n".join([_HEAD, "| command | what it does |", "| --- | --- |", *listed, *sections]) + "\n"


def anchor(name: str) -> str:
    """The name by which links find a command's heading."""
    return name.replace(" ", "-")


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command with its whole name, a group's own before those below it."""
    for word, command in group.commands.items():
        below = getattr(command, "commands", None)
        if below is None or command.invoke_without_command:
            yield f"{name} {word}", command
        if below is not None:
            yield from _commands(command, f"{name} {word}")


def _section(name: str, command: Any) -> Iterator[str]:
    yield f"\n## {name}\n\n{command.help}\n"
    arguments = [_argument(one) for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    yield f"```text\n{' '.join([name, *(['[OPTIONS]'] if options else []), *arguments])}\n```"
    if options:
        yield "\n| option | what | value | unless given |\n| --- | --- | --- | --- |"
        for option in options:
            cells = (f"`{_names(option)}`", _escaped(option.help or ""), _value(option), _default(option))
            yield f"| {' | '.join(cells)} |"


def _argument(argument: Any) -> str:
    word = str(argument.metavar or argument.name.upper()).strip("[]")
    return word if argument.required else f"[{word}]"


def _names(option: Any) -> str:
    return ", ".join([*option.opts, *option.secondary_opts])


def _value(option: Any) -> str:
    """What is written behind the option; nothing behind a flag."""
    if option.is_flag:
        return ""
    least, most = option.min, option.max
    word = option.metavar or ("NUMBER" if least is not None or most is not None else option.name.upper())
    bounds = f", {least} or more" if most is None else f", {least} to {most}" if least is not None else ""
    return f"`{_escaped(word)}`{bounds if least is not None else ''}"


def _default(option: Any) -> str:
    if option.required:
        return "has to be given"
    if isinstance(option.show_default, str):
        return _escaped(option.show_default)
    return "" if option.is_flag or option.default is None else f"`{option.default}`"


def _escaped(text: str) -> str:
    """As it has to stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def main(page: Path) -> None:
    """Write the page anew."""
    page.write_text(cli_page(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/cli.md"))
