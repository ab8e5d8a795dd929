"""docs/health.md against the code: settings, fields, every issue's words, every alert's component."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import tickstockpl.streaming
from tickstockpl.contract.events import DataFlow, Health, ResourceUsage
from tickstockpl.settings import ENV_PREFIX, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "health.md").read_text("utf-8")
SOURCES = sorted(Path(tickstockpl.streaming.__path__[0]).glob("*.py"))


def section(title: str) -> str:
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_every_setting_that_is_named_exists_with_the_default_that_is_given() -> None:
    names = {field.upper() for field in Settings.model_fields}
    assert set(re.findall(rf"{ENV_PREFIX}([A-Z_]+)", PAGE)) <= names
    rows = re.findall(rf"^\| `{ENV_PREFIX}([A-Z_]+)` \| `([^`]+)` \|", section("Thresholds"), re.MULTILINE)
    assert len(rows) == 5
    for name, default in rows:
        assert default == str(Settings.model_fields[name.lower()].default), name
    hold = re.search(rf"`{ENV_PREFIX}HEALTH_HOLD_S` \(default `(\d+)`\)", PAGE)
    assert hold is not None
    assert int(hold[1]) == Settings.model_fields["health_hold_s"].default


def test_no_setting_of_health_is_left_out() -> None:
    for name in Settings.model_fields:
        if re.search(r"warning|critical|health|stale", name):
            assert f"{ENV_PREFIX}{name.upper()}" in PAGE, name


def test_every_field_is_defined() -> None:
    fields: list[str] = []
    for struct, prefix in ((Health, ""), (DataFlow, "data_flow."), (ResourceUsage, "resource_usage.")):
        fields += [f"{prefix}{field.name}" for field in msgspec.structs.fields(struct)]
    expected = [name for name in fields if name not in ("data_flow", "resource_usage")]
    assert sorted(re.findall(r"^\| `([a-z_.]+)` \|", section("Figures"), re.MULTILINE)) == sorted(expected)


def calls(name: str) -> Iterator[ast.Call]:
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def beginnings() -> list[str]:
    """The first words of every issue that is written out where the trouble is made."""
    found = []
    for call in calls("Trouble"):
        words = call.args[1].values[0] if isinstance(call.args[1], ast.JoinedStr) else call.args[1]
        if isinstance(words, ast.Constant):
            found.append(str(words.value))
    return found


def test_the_issues_are_found() -> None:
    assert len(beginnings()) >= 13


@pytest.mark.parametrize("beginning", [*beginnings(), "Disk nearly full: ", "No data from ", "Rejected bars: "])
def test_every_issue_is_listed(beginning: str) -> None:
    assert f"`{beginning}" in section("Issues")


def test_every_component_is_listed() -> None:
    listed = set(re.findall(r"^\| `([a-zA-Z:]+)` \|", section("Critical alerts"), re.MULTILINE))
    assert listed == {"postgresql", "redis", "spool", "disk", "session", "definition:NAME"}
    for call in calls("Critical"):
        for keyword in call.keywords:
            if keyword.arg == "component" and isinstance(keyword.value, ast.Constant):
                assert keyword.value.value in listed
