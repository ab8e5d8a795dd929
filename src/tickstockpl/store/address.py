"""Database URLs: checked, shown without their password, and in the form that SQLAlchemy takes."""

import re

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tickstockpl.errors import TickStockError
from tickstockpl.redaction import Redactor

_SCHEME = re.compile(r"^postgres(?:ql)?(?:\+psycopg)?://")
_AFTER_SCHEME = re.compile(r"(?:[^@/]*@)?[^@]*")
"""One @ at most, and that before the host: of a password with more of them libpq would take a part for the host."""

_APPLICATION = "tickstockpl"


def libpq_url(url: str) -> str:
    """The URL as PostgreSQL's own library takes it: ``postgresql://...``.

    Raises:
        TickStockError: if it is not a PostgreSQL URL; the message does not repeat it, for it may hold a password.
    """
    if _SCHEME.match(url) is None:
        raise TickStockError(
            "the database URL does not begin with postgresql://; give one such as postgresql://user:password@host:5432/name"
        )
    plain = _SCHEME.sub("postgresql://", url)
    unreadable = TickStockError(
        "the database URL cannot be read; give one such as postgresql://user:password@host:5432/name, "
        "special characters percent-encoded"
    )
    if _AFTER_SCHEME.fullmatch(_SCHEME.sub("", url)) is None:
        raise unreadable
    try:
        conninfo_to_dict(plain)
    except psycopg.ProgrammingError:  # its text quotes the URL
        raise unreadable from None
    return plain


def connection_string(url: str) -> str:
    """What ``psycopg.connect`` takes: the URL with our name as the application and time limits for a dead server."""
    given = conninfo_to_dict(libpq_url(url))
    defaults: dict[str, str | int] = {
        "application_name": _APPLICATION,
        "connect_timeout": 10,
        # What waits for a server that vanished without a word ends in half a minute, not in two hours. The writer is
        # faster (store/link.py).
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
    return make_conninfo("", **{**defaults, **{name: value for name, value in given.items() if value is not None}})


def shown(url: str) -> str:
    """Where the database is, for messages: ``host:5432/name``, never its user or password.

    Raises:
        TickStockError: if it is not a PostgreSQL URL.
    """
    parts = conninfo_to_dict(libpq_url(url))
    host = str(parts.get("host") or parts.get("hostaddr") or "localhost")
    place = host if host.startswith("/") else f"{host}:{parts.get('port') or 5432}"
    return f"{place}/{parts.get('dbname') or parts.get('user') or ''}"


def unreachable(url: str, error: Exception) -> TickStockError:
    """The one sentence for a database that cannot be reached; the password is struck out should it occur."""
    text = Redactor([url]).text(" ".join(str(error).split()))
    return TickStockError(
        f"cannot reach the database at {shown(url)}: {text}; check TICKSTOCK_DATABASE_URL and that the server runs"
    )
