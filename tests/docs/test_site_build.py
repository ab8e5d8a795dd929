"""The site is built without a warning, and not built where a page is wrong. Needs the extra ``docs``; CI runs it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytest.importorskip("properdocs", reason="the site's builder is not installed; pip install -e '.[docs]'")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose documentation may be changed."""
    for path in ROOT.iterdir():
        if path.name in ("src", "tests", "CHANGELOG.md", "properdocs.yml"):
            (tmp_path / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


def build(checkout: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "-f", "properdocs.yml"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=120, check=False)


def test_it_is_built_without_a_warning(checkout: Path) -> None:
    built = build(checkout)
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    pages = {path.relative_to(checkout / "site").as_posix() for path in (checkout / "site").rglob("*.html")}
    assert pages >= {"index.html", "tutorial.html", "contract/channels.html", "mock_data.html", "changelog.html"}
    assert not (checkout / "site" / "site" / "hooks.py").exists()


@pytest.mark.parametrize(
    ("page", "text", "complaint"),
    [
        ("new.md", "# A page that nobody has put into the navigation", "not included in the"),
        ("health.md", "[a](gone.md)", "gone.md"),
        ("health.md", "[a](cli.md#gone)", "does not contain an anchor '#gone'"),
        ("health.md", "[a](../src/gone.py)", "the repository has no such file"),
        ("health.md", "[a](/cli.md)", "links to /cli.md"),
        ("health.md", '<a href="cli.html#gone">a</a>', "that page has no such anchor"),
        ("health.md", '<img src="https://example.org/a.png">', "from another host"),
    ],
)
def test_a_page_that_is_wrong_is_not_built(checkout: Path, page: str, text: str, complaint: str) -> None:
    with (checkout / "docs" / page).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    built = build(checkout)
    assert built.returncode != 0
    assert complaint in built.stderr
