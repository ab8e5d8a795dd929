"""``docs/cli.md`` is what the command line says of itself."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tickstockpl import cli_page
from tickstockpl.cli import app

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (tickstockpl [^\n]*)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def test_the_page_is_current() -> None:
    assert cli_page.cli_page() == PAGE, "write it anew with python -m tickstockpl.cli_page"


def test_it_can_be_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "cli.md"
    cli_page.main(page)
    assert page.read_text("utf-8") == PAGE


def options_of_help(command: str) -> set[str]:
    """The options that ``--help`` names, but for itself."""
    shown = CliRunner().invoke(app, [*command.split()[1:], "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert shown.exit_code == 0, shown.output
    return set(re.findall(r"^│ \*?\s*(--[a-z-]+)", shown.output, re.MULTILINE)) - {"--help"}


@pytest.mark.parametrize("command", SECTIONS)
def test_a_section_has_the_options_of_help(command: str) -> None:
    assert set(re.findall(r"^\| `(--[a-z-]+)` \|", SECTIONS[command], re.MULTILINE)) == options_of_help(command)


def test_every_command_has_its_row_and_its_section() -> None:
    assert re.findall(r"^\| \[`(.*?)`\]\(#(.*?)\) \|", PAGE, re.MULTILINE) == [
        (command, cli_page.anchor(command)) for command in SECTIONS
    ]
    assert len(SECTIONS) > 10
