"""Write the contract's schemas, AsyncAPI document and page: ``python -m tickstockpl.contract [FOLDER] [--check]``."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from tickstockpl.contract.export import contract_files, stale_files


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` say which are stale and return 1 if any is."""
    parser = ArgumentParser(
        prog="python -m tickstockpl.contract",
        description="Write the contract as JSON Schemas, one per channel, as an AsyncAPI document, and as a page.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path("docs/contract"), help="where they go (default: docs/contract)"
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the folder's files are stale")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.check:
            stale = stale_files(chosen.folder)
            for name in stale:
                sys.stderr.write(f"{chosen.folder / name} is stale; run python -m tickstockpl.contract\n")
            return 1 if stale else 0
        for name, text in contract_files().items():
            (chosen.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (chosen.folder / name).write_text(text, "utf-8")
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
