"""``tickstockpl calibrate`` and ``tickstockpl rates``, as processes."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.calibration.made_market import write_large_market, write_small_market
from tests.test_cli import Command
from tickstockpl.analysis.patterns.calibration_table import shipped_calibration
from tickstockpl.analysis.patterns.catalog import PATTERNS


@pytest.fixture
def tickstockpl(data_dir: Path) -> Command:
    """The command, on an empty data folder and without settings of the machine's own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TICKSTOCK_")}
    return Command({**clean, "TICKSTOCK_DATA_DIR": str(data_dir)})


@pytest.fixture
def given(tickstockpl: Command, redis_url: str, database_url: str) -> Command:
    """The command with a Redis and a migrated database given."""
    return Command({**tickstockpl.env, "TICKSTOCK_REDIS_URL": redis_url, "TICKSTOCK_DATABASE_URL": database_url})


@pytest.fixture
def large(tmp_path: Path) -> Path:
    return write_large_market(tmp_path / "large.csv")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_small_market(tmp_path / "small.csv")


class TestCalibrate:
    def test_it_tells_what_was_counted_and_how_to_use_the_file(
        self, tickstockpl: Command, large: Path, data_dir: Path
    ) -> None:
        ended = tickstockpl("calibrate", "--file", str(large))
        assert (ended.code, ended.err) == (0, "")
        written = data_dir / "calibration.json"
        table = json.loads(written.read_bytes())
        own = len(table["patterns"])
        lines = [" ".join(line.split()) for line in ended.out.splitlines()]
        assert lines == [
            f"bars {table['sample'].split()[0]}",
            "symbols 20",
            "trading days 1",
            f"patterns with ranks of their own {own}",
            f"patterns graded by pooled ranks {len(PATTERNS) - own}",
            f"Written to {written}. To grade by it: TICKSTOCK_CALIBRATION={written}",
        ]
        assert str(large.parent) not in json.dumps(table)

    def test_files_and_stored_bars_of_the_same_market_give_the_same_bytes_every_time(
        self, given: Command, large: Path, tmp_path: Path
    ) -> None:
        assert given("stream", "--file", str(large), "--speed", "max").code == 0
        tables = []
        for number, market in enumerate((("--file", str(large)), ("--file", str(large)), ("--source", "replay:large"))):
            out = tmp_path / f"{number}.json"
            assert given("calibrate", *market, "--out", str(out)).code == 0
            tables.append(out.read_bytes())
        assert tables[0] == tables[1] == tables[2]

    def test_stored_bars_of_extended_hours_are_not_counted(self, given: Command, large: Path, tmp_path: Path) -> None:
        rows = large.read_text().splitlines()
        early = [row.replace("T14:", "T12:") for row in rows if "T14:" in row]
        assert early
        mixed = tmp_path / "mixed.csv"
        mixed.write_text("\n".join([*rows, *early, ""]))
        assert given("stream", "--file", str(mixed), "--speed", "max", "--extended-hours").code == 0
        tables = []
        for number, market in enumerate((("--file", str(large)), ("--source", "replay:mixed"))):
            out = tmp_path / f"{number}.json"
            assert given("calibrate", *market, "--out", str(out)).code == 0
            tables.append(out.read_bytes())
        assert tables[0] == tables[1]

    def test_what_is_streamed_is_graded_by_it(self, given: Command, large: Path, tmp_path: Path) -> None:
        table = tmp_path / "own.json"
        assert given("calibrate", "--file", str(large), "--out", str(table)).code == 0
        settings = {"TICKSTOCK_PATTERNS": "all", "TICKSTOCK_MIN_CONFIDENCE": "0.8"}
        summaries = []
        for calibration in ("", str(table)):
            streamed = given(
                "stream",
                "--file",
                str(large),
                "--speed",
                "max",
                "--again",
                TICKSTOCK_CALIBRATION=calibration,
                **settings,
            )
            summaries.append(streamed.out.splitlines()[-1])
        assert summaries[0] != summaries[1], "another number of patterns reaches 0.8"

    def test_a_market_that_cannot_be_counted_in_is_one_sentence(
        self, given: Command, large: Path, small: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "own.json"

        def refused(*arguments: str) -> str:
            return given.refused("calibrate", "--out", str(out), *arguments)

        assert (
            refused() == "there is nothing to count in; name a --file of bars or trades, or a --source that is stored"
        )
        assert refused("--file", str(small)).startswith("the sample is too small: 30 one-minute bars of 1 symbol")
        assert refused("--file", str(large), "--file", str(large)) == f"file {large} is given twice; name it once"
        assert refused("--source", "a", "--source", "a") == "source a is given twice; name it once"
        assert refused("--source", "massive") == (
            "no bars of source 'massive' are stored, nor of any other; stream a market first, or name a --file"
        )
        empty = tmp_path / "empty.csv"
        empty.write_text("timestamp,symbol,open,high,low,close,volume\n")
        assert refused("--file", str(empty)) == f"file {empty} has a header but no rows"
        assert not out.exists()

    def test_a_wrong_source_is_told_the_right_ones(self, given: Command, small: Path) -> None:
        assert given("stream", "--file", str(small), "--speed", "max").code == 0
        sentence = given.refused("calibrate", "--source", "massive")
        assert sentence == "no bars of source 'massive' are stored; there are: replay:small"

    def test_a_place_that_cannot_be_written_is_told_at_once(self, tickstockpl: Command, tmp_path: Path) -> None:
        sentence = tickstockpl.refused("calibrate", "--file", "no such file", "--out", str(tmp_path))
        assert sentence == f"{tmp_path} cannot be written: it is a folder; name another place with --out"

    def test_a_wrong_calibration_ends_a_stream_at_its_start(self, given: Command, small: Path) -> None:
        sentence = given.refused("stream", "--file", str(small), TICKSTOCK_CALIBRATION=str(small))
        assert sentence.startswith(f"{small} is not a calibration: ")


class TestRates:
    def test_a_market_counted_by_hand(self, tickstockpl: Command, small: Path, tmp_path: Path) -> None:
        out = tmp_path / "counted"
        ended = tickstockpl("rates", "--file", str(small), "--out", str(out))
        assert (ended.code, ended.out, ended.err) == (
            0,
            f"Written to {out}/rates.md, with {out}/images/rates.svg\n",
            "",
        )
        page = (out / "rates.md").read_text()
        assert "\ntickstockpl rates --file small.csv --out counted\n" in page
        assert str(tmp_path) not in page
        assert shipped_calibration().described in page
        assert "\n## small.csv\n\n30 one-minute bars of 1 symbol, regular hours of 2018-02-26.\n" in page
        # 2 dojis in 30 bars, one of them in context; a doji of this shape is long-legged too.
        assert "\n| doji | `Doji` | 2 | 6.67 | 3.33 | 3.33 |" in page
        assert "\n| doji | `LongLeggedDoji` | 2 | 6.67 | 3.33 | – |" in page
        assert "\n| hammer | `Hammer` | 0 | 0 | 0 | 0 | – |\n" in page
        assert "\n| gaps and methods | `MatHold` | 0 | 0 | 0 | – | – |\n" in page
        assert ET.fromstring((out / "images" / "rates.svg").read_text()) is not None

    def test_rows_that_are_left_out_are_told(self, tickstockpl: Command, small: Path, tmp_path: Path) -> None:
        rows = small.read_text()
        small.write_text(rows + "2018-02-26T13:00:00Z,AAPL,1,1,1,1,1\n2018-02-26T16:00:00Z,AAPL,1,0.5,1,1,1\n")
        ended = tickstockpl("rates", "--file", str(small), "--out", str(tmp_path))
        told, *counts, _ = ended.out.splitlines()
        assert told.startswith("small.csv, line 33: ")
        assert counts == [
            "small.csv: left out: 1 row that could not be used",
            "small.csv: left out: 1 row outside the market's hours",
        ]

    def test_another_calibration_is_named(self, tickstockpl: Command, large: Path, small: Path, tmp_path: Path) -> None:
        table = tmp_path / "own.json"
        assert tickstockpl("calibrate", "--file", str(large), "--out", str(table)).code == 0
        out = tmp_path / "counted"
        assert tickstockpl("rates", "--file", str(small), "--calibration", str(table), "--out", str(out)).code == 0
        page = (out / "rates.md").read_text()
        assert "\ntickstockpl rates --file small.csv --calibration own.json --out counted\n" in page
        assert json.loads(table.read_bytes())["sample"] in page


EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "definitions.py"


def test_patterns_of_one_s_own_are_counted_and_ranked_too(tickstockpl: Command, large: Path, tmp_path: Path) -> None:
    own = {"TICKSTOCK_DEFINITIONS": str(EXAMPLE)}
    out = tmp_path / "own.json"
    assert tickstockpl("calibrate", "--file", str(large), "--out", str(out), **own).code == 0
    assert "NarrowRangeBreakUp" in json.loads(out.read_bytes())["patterns"]
    assert tickstockpl("rates", "--file", str(large), "--out", str(tmp_path), **own).code == 0
    (row,) = [
        line for line in (tmp_path / "rates.md").read_text("utf-8").splitlines() if "`NarrowRangeBreakUp`" in line
    ]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "narrow range"
    assert cells[5] == cells[4] != "–", "of the default set, like all definitions of one's own"
    names = {text.text for text in ET.parse(tmp_path / "images" / "rates.svg").iter() if text.tag.endswith("text")}
    assert "NarrowRangeBreakUp" in names
