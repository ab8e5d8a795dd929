"""The build hook: the page is built from its sources, once, and says what is wrong when it cannot be."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

import hatch_build
from hatch_build import HASH_FILE, SOURCES, STATIC, PageBuildError, ensure_page, replace_folder, sources_hash

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A project folder with the page's sources and no build of it."""
    ignored = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(ROOT / "frontend", tmp_path / "frontend", ignore=ignored)
    return tmp_path


def built(checkout: Path) -> Path:
    """The folder of a page that was built from the checkout's sources, as far as the hook can tell."""
    static = checkout / STATIC
    static.mkdir(parents=True)
    (static / "index.html").write_text("built earlier", "utf-8")
    (static / HASH_FILE).write_text(sources_hash(checkout / "frontend"), "utf-8")
    return static


def fake_npm(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    """Let the hook run a Python program in place of Node and npm."""
    script = folder / "npm.py"
    script.write_text(program, "utf-8")
    monkeypatch.setattr(hatch_build, "_node_and_npm", lambda: (Path(sys.executable), script))


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "frontend" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    assert re.search(r"registry|npmjs|://[^\"]*\.tgz", text) is None


def test_the_lock_file_holds_the_native_parts_of_every_platform_that_is_supported() -> None:
    locked = json.loads((ROOT / "frontend" / "package-lock.json").read_text("utf-8"))["packages"]
    for platform in ("linux-x64-gnu", "linux-arm64-gnu", "darwin-x64", "darwin-arm64"):
        for package in (f"@rolldown/binding-{platform}", f"lightningcss-{platform}"):
            assert "integrity" in locked[f"node_modules/{package}"]


def test_only_what_the_page_consists_of_is_installed_for_a_build() -> None:
    manifest = json.loads((ROOT / "frontend" / "package.json").read_text("utf-8"))
    assert set(manifest["dependencies"]) == {
        "@sveltejs/vite-plugin-svelte",
        "lightweight-charts",
        "svelte",
        "vite",
    }


def test_the_built_page_says_whose_work_is_part_of_it() -> None:
    text = (ROOT / STATIC / "licenses.txt").read_text("utf-8")
    for package in ("svelte", "lightweight-charts"):
        assert re.search(rf"^{package} \d+\.\d+\.\d+ \((MIT|Apache-2\.0)\)$", text, re.MULTILINE)


def test_a_page_that_was_built_from_these_sources_is_not_built_again(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = built(checkout)
    fake_npm(monkeypatch, checkout, "raise SystemExit('must not run')")
    assert ensure_page(checkout, print) is False
    assert (static / "index.html").read_text("utf-8") == "built earlier"


@pytest.mark.parametrize("name", [name for name in SOURCES if (ROOT / "frontend" / name).is_file()])
def test_a_change_of_any_source_builds_the_page_anew(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    static = built(checkout)
    with (checkout / "frontend" / name).open("a", encoding="utf-8") as source:
        source.write("\n")
    fake_npm(
        monkeypatch,
        tmp_path,
        "import pathlib; pathlib.Path('dist').mkdir(exist_ok=True); pathlib.Path('dist/index.html').write_text('new')",
    )
    assert ensure_page(checkout, lambda _: None) is True
    assert (static / "index.html").read_text("utf-8") == "new"
    assert ensure_page(checkout, lambda _: None) is False
    assert sorted(path.name for path in static.parent.iterdir()) == ["static"]


def test_tests_of_the_page_do_not_change_it(checkout: Path) -> None:
    before = sources_hash(checkout / "frontend")
    (checkout / "frontend" / "tests" / "more.test.ts").write_text("", "utf-8")
    assert sources_hash(checkout / "frontend") == before


def test_a_component_that_is_added_renamed_or_changed_changes_the_hash(checkout: Path) -> None:
    frontend, seen = checkout / "frontend", set()
    seen.add(sources_hash(frontend))
    (frontend / "src" / "More.svelte").write_text("<p>1</p>", "utf-8")
    seen.add(sources_hash(frontend))
    (frontend / "src" / "More.svelte").write_text("<p>2</p>", "utf-8")
    seen.add(sources_hash(frontend))
    (frontend / "src" / "More.svelte").rename(frontend / "src" / "Other.svelte")
    seen.add(sources_hash(frontend))
    assert len(seen) == 4


def test_line_ends_do_not_matter(checkout: Path) -> None:
    before = sources_hash(checkout / "frontend")
    page = checkout / "frontend" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"\n", b"\r\n"))
    assert sources_hash(checkout / "frontend") == before


def test_a_failing_npm_is_told_with_the_end_of_what_it_said(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = built(checkout)
    (checkout / "frontend" / "index.html").write_text("changed", "utf-8")
    fake_npm(monkeypatch, tmp_path, "print('x\\n' * 500 + 'ENOTFOUND somewhere'); raise SystemExit(7)")
    with pytest.raises(PageBuildError, match=r"npm ci.* ended with code 7 .*\n(x\n)*ENOTFOUND somewhere$") as caught:
        ensure_page(checkout, lambda _: None)
    assert len(str(caught.value).splitlines()) < 50
    assert (static / "index.html").read_text("utf-8") == "built earlier"


def test_the_new_page_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    old, new = tmp_path / "static", tmp_path / "dist"
    for folder, name in ((old, "old.js"), (new, "new.js")):
        folder.mkdir()
        (folder / name).write_text(name, "utf-8")
    replace_folder(old, new)
    assert [path.name for path in old.iterdir()] == ["new.js"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dist", "static"]
