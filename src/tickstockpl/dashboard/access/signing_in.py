"""Signing browsers in and out, over HTTP."""

from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlencode

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tickstockpl.dashboard.access.cookies import cookie_name, is_secure, set_cookie
from tickstockpl.dashboard.access.identity import Identity
from tickstockpl.dashboard.access.limits import RateLimit
from tickstockpl.dashboard.access.links import LINK_PARAMETER
from tickstockpl.dashboard.access.pages import STYLE, sign_in_page
from tickstockpl.dashboard.access.requests import address_of, caller_of

LONGEST_FORM_BYTES: Final = 8_192

_log = structlog.get_logger(__name__)


class SigningIn:
    """The sign-in in the place of the page, and the routes that belong to it.

    Args:
        identity: who is who.
    """

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._links = RateLimit(each=20, each_s=3, in_all=200, in_all_s=0.3)
        self._passwords = RateLimit(each=5, each_s=30, in_all=30, in_all_s=2)

    @property
    def routes(self) -> list[Route]:
        """What the application has to answer beside the page."""
        return [
            Route("/sign-in", self._with_password, methods=["POST"]),
            Route("/sign-out", self._out, methods=["POST"]),
            Route("/access.css", _style, methods=["GET", "HEAD"]),
        ]

    async def instead_of_the_page(self, request: Request) -> Response | None:
        """What whoever asks for the page gets instead of it; ``None`` if they may have the page.

        A link's key is exchanged for a cookie, and the browser sent to the address without it.
        """
        caller = caller_of(request)
        if LINK_PARAMETER in request.query_params and request.method == "GET":
            return await self._with_link(request)
        return None if caller is not None else self._page(HTTPStatus.UNAUTHORIZED)

    async def _with_link(self, request: Request) -> Response:
        caller, client = caller_of(request), address_of(request)
        rest = [(name, value) for name, value in request.query_params.multi_items() if name != LINK_PARAMETER]
        onward = f"./?{urlencode(rest)}" if rest else "./"
        key = await self._identity.sign_in_with_link(request.query_params[LINK_PARAMETER])
        if key is not None:
            if caller is not None:
                await self._identity.sign_out(caller)
            _log.info("a browser was signed in", by="link", client=client)
            return self._signed_in(request, key, onward)
        if caller is not None:  # the link that signed it in, opened again
            return _redirect(onward)
        if wait_s := self._links.take(client):
            return self._too_many(wait_s)
        _log.warning("a link was opened that does not hold", client=client)
        return self._page(HTTPStatus.UNAUTHORIZED, "This link has been used, or is too old.")

    async def _with_password(self, request: Request) -> Response:
        if not self._identity.has_password:
            return self._page(HTTPStatus.NOT_FOUND, "This dashboard has no password.")
        client = address_of(request)
        if (password := await _password(request)) is None:
            return self._page(HTTPStatus.BAD_REQUEST, "That was no form with a password.")
        if wait_s := self._passwords.take(client):
            return self._too_many(wait_s)
        key = await self._identity.sign_in_with_password(password)
        if key is None:
            _log.warning("a wrong password was sent", client=client)
            return self._page(HTTPStatus.UNAUTHORIZED, "That is not the password.")
        self._passwords.give_back(client)
        _log.info("a browser was signed in", by="password", client=client)
        return self._signed_in(request, key, "./")

    async def _out(self, request: Request) -> Response:
        if (caller := caller_of(request)) is not None:
            await self._identity.sign_out(caller)
        answer = _redirect("./")
        answer.headers["set-cookie"] = set_cookie(_name(request), "", 0, secure=is_secure(request.scope))
        return answer

    def _signed_in(self, request: Request, key: str, onward: str) -> Response:
        answer = _redirect(onward)
        secure = is_secure(request.scope)
        answer.headers["set-cookie"] = set_cookie(_name(request), key, self._identity.sign_in_s, secure=secure)
        return answer

    def _too_many(self, wait_s: int) -> Response:
        answer = self._page(HTTPStatus.TOO_MANY_REQUESTS, f"Too many attempts; try again in {wait_s} s.")
        answer.headers["retry-after"] = str(wait_s)
        return answer

    def _page(self, status: HTTPStatus, complaint: str | None = None) -> Response:
        headers = {"cache-control": "no-store"}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["www-authenticate"] = "Bearer"
        page = sign_in_page(has_password=self._identity.has_password, complaint=complaint)
        return HTMLResponse(page, status, headers)


async def _password(request: Request) -> str | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM_BYTES:
            return None
    try:
        form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return None
    values = form.get("password", [])
    return values[0] if len(values) == 1 else None


def _name(request: Request) -> str:
    return cookie_name(request.scope, request.headers["host"])


def _redirect(onward: str) -> Response:
    return Response(status_code=HTTPStatus.SEE_OTHER, headers={"location": onward, "cache-control": "no-store"})


def _style(request: Request) -> Response:
    del request
    return Response(STYLE.read_text("utf-8"), media_type="text/css", headers={"cache-control": "no-cache"})
