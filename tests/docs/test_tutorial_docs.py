"""The tutorial's pattern, used as the tutorial uses it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.fenced import DOCS, block, blocks
from tests.support import Subscriber
from tickstockpl.contract.channels import Channel

PAGE = (DOCS / "tutorial.md").read_text("utf-8")
COMMANDS = [line for text in blocks(PAGE, "sh") for line in text.splitlines()]


def stream(redis_url: str, database_url: str, definitions: Path, **settings: str) -> list[dict[str, object]]:
    """The patterns of an hour of the tutorial's market, played as fast as possible."""
    universe = next(re.findall(r"--universe (\S+)", line)[0] for line in COMMANDS if "--universe" in line)
    with Subscriber(redis_url) as heard:
        ended = subprocess.run(
            [
                sys.executable,
                "-m",
                "tickstockpl",
                "stream",
                "--universe",
                universe,
                "--speed",
                "max",
                "--duration",
                "3600",
            ],
            env={
                **os.environ,
                "TICKSTOCK_REDIS_URL": redis_url,
                "TICKSTOCK_DATABASE_URL": database_url,
                "TICKSTOCK_DATA_DIR": str(definitions.parent),
                "TICKSTOCK_DEFINITIONS": str(definitions),
                **settings,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    return [json.loads(payload)["detection"] for payload in heard.on(Channel.PATTERNS)]


def test_the_pattern_is_found_and_explained_in_its_words(redis_url: str, database_url: str, tmp_path: Path) -> None:
    definitions = tmp_path / "inside.py"
    definitions.write_text(block(PAGE, "python"), "utf-8")
    (choice,) = {found for line in COMMANDS for found in re.findall(r"TICKSTOCK_PATTERNS=(\S+)", line)}
    all_of_it = stream(redis_url, database_url, definitions, TICKSTOCK_PATTERNS=choice)
    assert {one["pattern_type"] for one in all_of_it} == {"InsideBar"}
    assert len(all_of_it) > 20
    metadata = all_of_it[0]["metadata"]
    assert isinstance(metadata, dict)
    (shown,) = [json.loads(text)["patterns"][0] for text in blocks(PAGE, "json")]
    names = [condition["name"] for condition in metadata["conditions"]]
    assert names[:2] == [condition["name"] for condition in shown["metadata"]["conditions"]][:2]
    assert re.match(
        r"stayed \S+ ranges? below the high before it; and \S+ ranges? above its low", metadata["explanation"]
    )


def test_the_sentence_of_the_page_is_that_of_the_answer() -> None:
    (answer,) = blocks(PAGE, "json")
    explanation = json.loads(answer)["patterns"][0]["metadata"]["explanation"]
    quoted = " ".join(re.findall(r"^> ?(.*)$", PAGE, re.MULTILINE)).replace("**", "")
    assert quoted.lower() == explanation.lower()
