"""What the documentation's site does beyond its builder: links into the repository, pages from elsewhere, a last look.

- Two files that lie outside ``docs/`` are pages of the site too (:data:`PAGES_FROM_ELSEWHERE`).
- A link to any other file of the repository becomes its path, if the file is there; the build fails if it is not.
- A link that is called as its file is called after the page's title.
- ``folder/*`` in the navigation stands for all pages of the folder.
- Of the built site every link, anchor and picture must lead somewhere, and nothing may be loaded from another host.
"""

import logging
import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from properdocs.config.defaults import ProperDocsConfig
    from properdocs.structure.files import Files
    from properdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = "docs"

PAGES_FROM_ELSEWHERE: Final = {"tests/mock_data/README.md": "mock_data.md", "CHANGELOG.md": "changelog.md"}
"""Pages of the site whose sources lie outside ``docs/``, by path in the repository."""

_log = logging.getLogger("mkdocs.hooks.tickstockpl")  # the builder counts warnings below this name

_FENCED = re.compile(r"(^```.*?^```$|`[^`\n]*`)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[((?:[^\]\[]|\[[^\]]*\])+)\]\(([^)\s]+)\)")


def on_config(config: "ProperDocsConfig") -> None:
    """Write out the navigation's ``folder/*``."""
    config.nav = _written_out(config.nav, Path(config.docs_dir))


def _written_out(entry: Any, docs: Path) -> Any:
    if isinstance(entry, dict):
        return {title: _written_out(below, docs) for title, below in entry.items()}
    if not isinstance(entry, list):
        return entry
    written: list[Any] = []
    for item in entry:
        if isinstance(item, str) and item.endswith("/*"):
            pages = (page.relative_to(docs).as_posix() for page in (docs / item[:-2]).glob("*.md"))
            written += sorted(page for page in pages if page not in entry)
        else:
            written.append(_written_out(item, docs))
    return written


def on_files(files: "Files", config: "ProperDocsConfig") -> None:
    """Add the pages from elsewhere."""
    from properdocs.structure.files import File

    for source, name in PAGES_FROM_ELSEWHERE.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text("utf-8")))


def on_page_markdown(markdown: str, page: "Page", **_: object) -> str:
    """Lead the page's links where the site has them."""
    sources = {name: source for source, name in PAGES_FROM_ELSEWHERE.items()}
    name = page.file.src_uri
    text, missing = with_links_of_the_site(markdown, name, sources.get(name, f"{DOCS}/{name}"))
    for target in missing:
        _log.warning("%s links to %s, and the repository has no such file", name, target)
    return text


def with_links_of_the_site(markdown: str, page: str, source: str) -> tuple[str, list[str]]:
    """A page's text with links that work on the site, and those targets that the repository does not have.

    Args:
        markdown: the text.
        page: the page's name on the site.
        source: the file that it comes from, as a path in the repository.
    """
    missing: list[str] = []

    def led(match: re.Match[str]) -> str:
        text, target = match.groups()
        there, hash_mark, anchor = target.partition("#")
        if not there or urlsplit(target).scheme:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), there))
        on_site = PAGES_FROM_ELSEWHERE.get(path)
        if on_site is None and path.startswith(f"{DOCS}/"):
            on_site = path.removeprefix(f"{DOCS}/")
        if on_site is not None:
            if (ROOT / path).is_dir():
                on_site = f"{on_site}/README.md"
            if text.strip(_TICK) in (there, path, posixpath.basename(path)) and on_site.endswith(".md"):
                text = _title(path) or text
            return f"[{text}]({posixpath.relpath(on_site, posixpath.dirname(page) or '.')}{hash_mark}{anchor})"
        if path.startswith("..") or not (ROOT / path).exists():
            missing.append(target)
        named = text.strip(_TICK)
        return f"`{path}`" if path == named or path.endswith(f"/{named}") else f"{text} (`{path}`)"

    parts = _FENCED.split(_hidden_code_in_links(markdown))
    parts[::2] = [_LINK.sub(led, part) for part in parts[::2]]
    return _shown_code_in_links("".join(parts)), missing


def _title(path: str) -> str | None:
    """The title of a page of the repository, which readers of the site know better than the name of its file."""
    file = ROOT / path / "README.md" if (ROOT / path).is_dir() else ROOT / path
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), None)


# A link whose text is code (`[`file.py`](…)`) is a link, and not code with something around it: its backticks are set
# aside while code is left alone.
_CODE_LINK = re.compile(r"\[`([^`\n]+)`\](?=\([^)\s]+\))")
_TICK: Final = "\0"


def _hidden_code_in_links(markdown: str) -> str:
    return _CODE_LINK.sub(rf"[{_TICK}\1{_TICK}]", markdown)


def _shown_code_in_links(markdown: str) -> str:
    return markdown.replace(_TICK, "`")


class _Links(HTMLParser):
    """Collects what a page of HTML refers to, what it loads, and what it can be referred to by."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        self.anchors |= {of[name] for name in ("id", "name") if name in of and tag != "meta"}
        if tag == "a" and "href" in of:
            self.targets.append(of["href"])
        elif tag == "link" and "href" in of and of.get("rel") not in ("canonical", "prev", "next", "preconnect"):
            self.loaded.append(of["href"])
        if "src" in of:
            self.loaded.append(of["src"])


def on_post_build(config: "ProperDocsConfig") -> None:
    """Look at the whole site."""
    for complaint in complaints_about(Path(config.site_dir)):
        _log.warning("%s", complaint)


def complaints_about(site: Path) -> Iterator[str]:
    """Links, anchors and pictures of a built site that lead nowhere, and what it would load from another host."""
    pages: dict[Path, _Links] = {}
    for path in sorted(site.rglob("*.html")):
        pages[path] = _Links()
        pages[path].feed(path.read_text("utf-8"))
    for path, page in pages.items():
        if path.name == "404.html":  # its addresses begin at the server's root
            continue
        name = path.relative_to(site).as_posix()
        for target in [*page.targets, *page.loaded]:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in page.loaded and parts.scheme != "data":
                    yield f"{name} would load {target} from another host"
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = there / "index.html" if there.is_dir() else there
            if not there.is_file():
                yield f"{name} refers to {target}, which the site does not have"
            elif parts.fragment and there in pages and unquote(parts.fragment) not in pages[there].anchors:
                yield f"{name} refers to {target}, and that page has no such anchor"
