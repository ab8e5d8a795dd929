"""The OpenAPI document: what routes say of themselves, and what the gate in front of them adds to all."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tickstockpl.dashboard.answers import ErrorAnswer, answer, schemas

ADMIN: Final = "admin"
"""The security scheme of what is an administrator's."""

_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "Anybody's token (docs/access.md)"},
    ADMIN: {"type": "http", "scheme": "bearer", "description": "An administrator's token"},
}

_OF_THE_GATE: Final = {
    "401": answer("Nobody's token was sent, or none", ErrorAnswer),
    "403": answer("A viewer asks for what is an administrator's, or a foreign page or host asks", ErrorAnswer),
    "429": answer("Too many wrong tokens have come from there", ErrorAnswer),
}


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document, computed once."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        document["components"] = {"schemas": schemas(), "securitySchemes": _SCHEMES}
        document["security"] = [{"token": []}]
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"] = dict(sorted({**_OF_THE_GATE, **operation["responses"]}.items()))
        app.openapi_schema = document
    return app.openapi_schema
