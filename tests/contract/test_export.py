"""The files in ``docs/contract/`` are what the code would write."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.contract.test_commands import COMMAND, REQUEST, STATE
from tickstockpl.contract.__main__ import main
from tickstockpl.contract.channels import Channel
from tickstockpl.contract.commands import Reply, encode_command, encode_reply
from tickstockpl.contract.export import contract_files, stale_files
from tickstockpl.contract.schema import schema_for

DOCS = Path(__file__).parents[2] / "docs" / "contract"


def test_the_documented_contract_is_not_stale() -> None:
    assert stale_files(DOCS) == [], "run python -m tickstockpl.contract"


def test_the_readme_names_every_file_and_every_channel() -> None:
    readme = (DOCS / "README.md").read_text("utf-8")
    for name in contract_files():
        assert f"[`{name}`]({name})" in readme
    for channel in Channel:
        assert f"`{channel}`" in readme


def _is_of_a_channel(name: str) -> bool:
    return "/" not in name and name.endswith(".schema.json")


def test_there_is_a_schema_file_for_every_channel() -> None:
    schemas = [json.loads(text) for name, text in contract_files().items() if _is_of_a_channel(name)]
    assert schemas == [schema_for(channel) for channel in Channel]


def test_commands_and_answers_satisfy_their_schemas() -> None:
    command, reply = (json.loads(contract_files()[f"commands/{name}.schema.json"]) for name in ("command", "reply"))
    jsonschema.Draft202012Validator(command).validate(json.loads(encode_command(COMMAND)))
    answer = Reply(REQUEST, "acknowledged", None, STATE, "2026-01-30T15:00:00.100Z")
    jsonschema.Draft202012Validator(reply).validate(json.loads(encode_reply(answer)))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(command).validate({})


def test_the_command_writes_what_the_check_then_finds_fresh(tmp_path: Path) -> None:
    folder = tmp_path / "some" / "where"
    assert main([str(folder)]) == 0
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")} == set(contract_files())
    assert main([str(folder), "--check"]) == 0


def test_the_check_finds_changed_missing_and_left_over_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(tmp_path)])
    (tmp_path / "bars.schema.json").write_text("{}")
    (tmp_path / "asyncapi.json").unlink()
    (tmp_path / "gone.schema.json").write_text("{}")
    assert main([str(tmp_path), "--check"]) == 1
    complaints = capsys.readouterr().err.splitlines()
    assert [Path(line.split(" is stale")[0]).name for line in complaints] == [
        "asyncapi.json",
        "bars.schema.json",
        "gone.schema.json",
    ]
    assert (tmp_path / "bars.schema.json").read_text() == "{}", "a check writes nothing"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main([str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
