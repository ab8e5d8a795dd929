"""Links that sign one browser in, once."""

from typing import Final

from tickstockpl.dashboard.access.callers import Role
from tickstockpl.dashboard.access.keys import KeyStore, Kind

LINK_PARAMETER: Final = "token"
"""In the query of a link."""

LINK_VALID_MS: Final = 24 * 3_600_000
"""How long a link that nobody opens can be opened."""


def new_link(keys: KeyStore, address: str, role: Role) -> str:
    """A link that signs one browser in, once.

    Args:
        keys: of the dashboard.
        address: the page's.
        role: what whoever opens it may do.

    Raises:
        KeyStoreError: if the keys cannot be written.
    """
    return f"{address}/?{LINK_PARAMETER}={keys.create(Kind.LINK, role, 'link', LINK_VALID_MS)}"
