"""``python -m tickstockpl`` is the command ``tickstockpl``."""

from tickstockpl.cli import main

if __name__ == "__main__":
    main()
