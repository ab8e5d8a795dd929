"""Pictures: each that is shown is there, and each that is there is shown, and taken by a test."""

import re
from pathlib import Path

from tests.browser.test_pictures import IMAGES, PICTURES

ROOT = Path(__file__).parents[2]


def test_each_picture_is_there_and_shown_and_no_other_is() -> None:
    pages = [ROOT / "README.md", ROOT / "frontend" / "README.md", *(ROOT / "docs").glob("**/*.md")]
    shown = {
        (page.parent / path).resolve()
        for page in pages
        for path in re.findall(r"!\[[^\]]*\]\((?!https?:)([^)\s]+)\)", page.read_text("utf-8"))
    }
    assert {path for path in shown if not path.is_file()} == set(), "shown, and not there"
    assert set(IMAGES.iterdir()) - shown == set(), "there, and nowhere shown"
    assert {path.stem for path in IMAGES.glob("*.png")} == set(PICTURES), "taken by no test, or not written yet"
