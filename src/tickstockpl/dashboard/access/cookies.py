"""The cookie in which a browser keeps its key."""

from http.cookies import SimpleCookie

from starlette.types import Scope


def cookie_name(scope: Scope, host: str) -> str:
    """What the cookie is called for a dashboard that a browser calls ``host``.

    Cookies do not tell ports apart, so the name does. ``__Host-`` has a browser take it over TLS only, from this very
    host and for all of its paths.
    """
    port = host.rpartition(":")[2]
    name = f"tickstock_{port if port.isdecimal() and port.isascii() else 'page'}"
    return f"__Host-{name}" if is_secure(scope) else name


def is_secure(scope: Scope) -> bool:
    """Whether a request came over TLS."""
    return scope["scheme"] in ("https", "wss")


def set_cookie(name: str, value: str, max_age_s: int, *, secure: bool) -> str:
    """The header ``Set-Cookie``; one of no age takes the cookie away."""
    cookie: SimpleCookie = SimpleCookie()
    cookie[name] = value
    morsel = cookie[name]
    morsel["path"] = "/"
    morsel["max-age"] = max_age_s
    morsel["httponly"] = True
    morsel["samesite"] = "Strict"
    if secure:
        morsel["secure"] = True
    return morsel.OutputString()
