"""The contract's files, as they lie in ``docs/contract/``."""

import json
from pathlib import Path

from tickstockpl.contract.asyncapi import CHANNEL_INFO, asyncapi_document
from tickstockpl.contract.channels_page import channels_page
from tickstockpl.contract.commands import COMMAND_STREAM, Command, Reply, reply_key
from tickstockpl.contract.schema import schema_for, schema_of

_GENERATED = ("*.schema.json", "commands/*.schema.json", "asyncapi.json", "channels.md")


def contract_files() -> dict[str, str]:
    """The text of each generated file by its name.

    JSON Schemas per channel and of commands, the AsyncAPI document, and the same as a page for people.
    """
    documents = {f"{info.key}.schema.json": schema_for(channel) for channel, info in CHANNEL_INFO.items()}
    documents["commands/command.schema.json"] = schema_of(Command, COMMAND_STREAM)
    documents["commands/reply.schema.json"] = schema_of(Reply, reply_key("REQUEST_ID"))
    documents["asyncapi.json"] = asyncapi_document()
    texts = {name: json.dumps(document, indent=2, ensure_ascii=False) + "\n" for name, document in documents.items()}
    return {**texts, "channels.md": channels_page(documents["asyncapi.json"])}


def stale_files(folder: Path) -> list[str]:
    """The names of the files in ``folder`` that are missing, differ from what would be generated, or are left over."""
    wanted = contract_files()
    there = {path.relative_to(folder).as_posix() for pattern in _GENERATED for path in folder.glob(pattern)}
    return sorted(
        name
        for name in wanted.keys() | there
        if name not in there or name not in wanted or (folder / name).read_text("utf-8") != wanted[name]
    )
