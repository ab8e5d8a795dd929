"""What the site's hooks do to links and navigation, and what they find in a built site."""

from pathlib import Path

import pytest

from docs.site import hooks
from tests.docs.fenced import DOCS


def led(markdown: str, page: str = "health.md", source: str = "") -> str:
    """The text of a page with its links led."""
    text, missing = hooks.with_links_of_the_site(markdown, page, source or f"docs/{page}")
    assert missing == []
    return text


def test_links_between_pages_stay() -> None:
    text = "[how](files.md#formats), [RFC](https://example.org/a.md), [above](#top), ![picture](images/page-dark.png)"
    assert led(text) == text
    assert led("[the channels](../contract/channels.md)", "decisions/0020.md") == (
        "[the channels](../contract/channels.md)"
    )


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[files.md](files.md#formats)", "[Files for a replay](files.md#formats)"),
        ("[`channels.md`](contract/channels.md)", "[The channels](contract/channels.md)"),
        ("[docs/decisions](decisions)", "[Decisions](decisions/README.md)"),
        ("[asyncapi.json](contract/asyncapi.json)", "[asyncapi.json](contract/asyncapi.json)"),
    ],
)
def test_a_link_that_is_called_as_its_file_gets_the_page_s_title(link: str, shown: str) -> None:
    assert led(link) == shown


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[candles](../src/tickstockpl/clock.py)", "candles (`src/tickstockpl/clock.py`)"),
        ("[`clock.py`](../src/tickstockpl/clock.py)", "`src/tickstockpl/clock.py`"),
        ("[families](../src/tickstockpl/analysis/patterns/families)", "`src/tickstockpl/analysis/patterns/families`"),
    ],
)
def test_a_link_to_the_source_becomes_its_path(link: str, shown: str) -> None:
    assert led(link) == shown


def test_pages_from_elsewhere_are_pages_of_the_site() -> None:
    assert led("[mock events](../tests/mock_data/README.md)") == "[mock events](mock_data.md)"
    assert led("[mock](../../tests/mock_data/README.md)", "contract/README.md") == "[mock](../mock_data.md)"
    changelog = led("[docs/rest.md](docs/rest.md), [mock](tests/mock_data/README.md)", "changelog.md", "CHANGELOG.md")
    assert changelog == "[The REST API](rest.md), [mock](mock_data.md)"
    for source in hooks.PAGES_FROM_ELSEWHERE:
        assert (hooks.ROOT / source).is_file()


def test_code_is_left_alone() -> None:
    text = "`[a](../nothing.py)`\n\n```md\n[a](../nothing.py)\n```\n"
    assert led(text) == text


def test_what_the_repository_does_not_have_is_told() -> None:
    _, missing = hooks.with_links_of_the_site(
        "[a](../src/nothing.py) [b](../../outside.md)", "health.md", "docs/health.md"
    )
    assert missing == ["../src/nothing.py", "../../outside.md"]


def test_the_navigation_s_star_stands_for_all_other_pages_of_the_folder() -> None:
    (below,) = hooks._written_out([{"Decisions": ["decisions/README.md", "decisions/*"]}], DOCS)
    pages = below["Decisions"]
    assert pages[0] == "decisions/README.md"
    assert sorted(pages) == sorted(f"decisions/{path.name}" for path in (DOCS / "decisions").glob("*.md"))


def site(folder: Path, body: str) -> list[str]:
    """What is found in a site of two pages, the first with this body."""
    (folder / "sub").mkdir()
    (folder / "index.html").write_text(f'<html><body id="top">{body}</body></html>')
    (folder / "sub" / "index.html").write_text('<h2 id="there">There</h2><a href="../index.html#top">back</a>')
    (folder / "picture.png").touch()
    return list(hooks.complaints_about(folder))


def test_a_sound_site_has_no_complaints(tmp_path: Path) -> None:
    body = (
        '<a href="sub/">a</a><a href="sub/index.html#there">b</a><a href="#top">c</a><img src="picture.png">'
        '<a href="https://example.org/">d</a><a href="mailto:a@example.org">e</a>'
    )
    assert site(tmp_path, body) == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('<a href="gone.html">a</a>', "index.html refers to gone.html, which the site does not have"),
        ('<img src="gone.png">', "index.html refers to gone.png, which the site does not have"),
        ('<a href="sub/#gone">a</a>', "index.html refers to sub/#gone, and that page has no such anchor"),
        ('<a href="#gone">a</a>', "index.html refers to #gone, and that page has no such anchor"),
        (
            '<script src="https://example.org/x.js"></script>',
            "index.html would load https://example.org/x.js from another host",
        ),
        (
            '<link rel="stylesheet" href="//example.org/x.css">',
            "index.html would load //example.org/x.css from another host",
        ),
    ],
)
def test_what_leads_nowhere_or_elsewhere_is_told(tmp_path: Path, body: str, complaint: str) -> None:
    assert site(tmp_path, body) == [complaint]
