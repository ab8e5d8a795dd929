"""How the REST API's answers are said in OpenAPI. What a resource answers stands beside its routes."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct


class AccessAnswer(Struct, frozen=True):
    """Who asks, and what they may do."""

    name: str
    role: Literal["viewer", "admin"]
    can_sign_out: Annotated[bool, Meta(description="Whether it is a browser that was signed in")]


class ErrorAnswer(Struct, frozen=True):
    """What went wrong, in a sentence."""

    error: str


_described: dict[str, type[Struct]] = {}
"""Every type that an answer or a body was described by."""


def schemas() -> dict[str, Any]:
    """JSON Schemas of all that is answered or sent, and what that holds, for OpenAPI's ``components/schemas``."""
    return msgspec.json.schema_components(_described.values(), ref_template="#/components/schemas/{name}")[1]


def answer(description: str, answer_type: type[Struct]) -> dict[str, Any]:
    """An entry of OpenAPI's ``responses``."""
    return {"description": description, **_content(answer_type)}


def body(body_type: type[Struct]) -> dict[str, Any]:
    """OpenAPI's ``requestBody``."""
    return {"required": True, **_content(body_type)}


def _content(content_type: type[Struct]) -> dict[str, Any]:
    _described[content_type.__name__] = content_type
    reference = {"$ref": f"#/components/schemas/{content_type.__name__}"}
    return {"content": {"application/json": {"schema": reference}}}
