from pathlib import Path

import pytest

from tickstockpl.errors import TickStockError
from tickstockpl.market.symbols import is_symbol
from tickstockpl.market.universes import list_universes, load_universe, plain_universe


def own(folder: Path, key: str, text: str) -> Path:
    group, _, name = key.partition(":")
    path = folder / group / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refusal(key: str, folder: Path) -> str:
    with pytest.raises(TickStockError) as caught:
        load_universe(key, folder)
    return str(caught.value)


def test_the_market_leaders_are_500_companies_with_one_share_class_each(tmp_path: Path) -> None:
    universe = load_universe("market_leaders:top_500", tmp_path)
    assert len(universe) == len(set(universe.symbols)) == 500
    assert {"GOOGL", "FOXA", "NWSA", "BRK.B"} <= set(universe.symbols)
    assert not {"GOOG", "FOX", "NWS"} & set(universe.symbols)
    assert all(map(is_symbol, universe.symbols))
    assert len(set(universe.sectors)) == 11
    assert all(universe.names)


def test_the_demo_is_50_of_them(tmp_path: Path) -> None:
    demo = load_universe("demo:top_50", tmp_path)
    leaders = load_universe("market_leaders:top_500", tmp_path)
    assert len(set(demo.symbols)) == 50
    assert set(demo.symbols) < set(leaders.symbols)


def test_an_own_universe_keeps_the_order_of_its_file_and_may_leave_out_all_but_symbols(tmp_path: Path) -> None:
    own(tmp_path, "mine:tech", "\ufeffSymbol\r\nMSFT\r\n\r\nAAPL\r\n")
    universe = load_universe("mine:tech", tmp_path)
    assert universe == plain_universe("mine:tech", ("MSFT", "AAPL"))


def test_name_and_sector_may_stand_in_any_column(tmp_path: Path) -> None:
    own(tmp_path, "mine:tech", 'sector,symbol,name\nEnergy,XOM,"Exxon, Mobil"\n,AAPL,\n')
    universe = load_universe("mine:tech", tmp_path)
    assert universe.symbols == ("XOM", "AAPL")
    assert universe.sectors == ("Energy", "")
    assert universe.names == ("Exxon, Mobil", "")


def test_an_own_file_wins_over_the_built_in_universe_of_the_same_key(tmp_path: Path) -> None:
    own(tmp_path, "demo:top_50", "symbol\nIBM\n")
    assert load_universe("demo:top_50", tmp_path).symbols == ("IBM",)


def test_all_universes_are_listed(tmp_path: Path) -> None:
    own(tmp_path, "mine:tech", "symbol\nIBM\n")
    own(tmp_path, "mine:-odd", "symbol\nIBM\n")
    assert list_universes(tmp_path) == ["demo:top_50", "market_leaders:top_500", "mine:tech"]
    assert list_universes(tmp_path / "missing") == ["demo:top_50", "market_leaders:top_500"]


def test_a_misspelt_key_names_the_nearest_and_all_there_are(tmp_path: Path) -> None:
    told = refusal("market_leaders:top500", tmp_path)
    assert "did you mean market_leaders:top_500?" in told
    assert "demo:top_50" in told
    assert str(tmp_path / "market_leaders" / "top500.csv") in told


@pytest.mark.parametrize(
    "key", ["", "top_500", "a:", ":b", "a:b:c", "../a:b", "a:../../b", "a/b:c", "a:b/c", "a:..", "a\\b:c", "a b:c"]
)
def test_a_key_that_is_not_group_and_name_is_refused_and_reaches_no_file(key: str, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("symbol\nIBM\n")
    assert "is not of the form group:name" in refusal(key, tmp_path / "universes")


def test_a_key_fits_the_table(tmp_path: Path) -> None:
    own(tmp_path, "g:" + "n" * 98, "symbol\nIBM\n")
    assert len(load_universe("g:" + "n" * 98, tmp_path)) == 1
    assert "at most 100" in refusal("g:" + "n" * 99, tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("symbol\nIBM\nAAPL\nIBM\n", "line 4: symbol 'IBM' stands there twice, first in line 2"),
        ("symbol\nIBM\nbrk/b\n", "line 3: 'brk/b' is not a symbol"),
        ("name,symbol\nApple\n", "line 2: '' is not a symbol"),
        ("ticker\nIBM\n", "line 1: the header has no column 'symbol'"),
        ("", "line 1: the header has no column 'symbol'"),
        ("symbol\n\n", "lists no symbol"),
        ("symbol\nIBM\n" + "A" * 200_000, "line 3 is not CSV"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_line(text: str, told: str, tmp_path: Path) -> None:
    path = own(tmp_path, "mine:tech", text)
    refused = refusal("mine:tech", tmp_path)
    assert told in refused
    assert str(path) in refused


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    own(tmp_path, "mine:tech", "").write_bytes(b"symbol,name\nNSN,Nestl\xe9\n")
    assert "is not UTF-8" in refusal("mine:tech", tmp_path)
