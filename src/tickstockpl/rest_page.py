"""The page ``docs/rest_answers.md``, from the OpenAPI document: ``python -m tickstockpl.rest_page`` writes it anew."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from tickstockpl import __version__
from tickstockpl.contract.meanings import MEANINGS
from tickstockpl.dashboard.access import whoami
from tickstockpl.dashboard.rest import routes
from tickstockpl.dashboard.rest.document import openapi_document

_HEAD: Final = """\
# REST: parameters and answers

<!-- Written by python -m tickstockpl.rest_page -->

Every path of the REST API with its parameters and the form of its answers, as `/api/openapi.json` of a running
dashboard tells them to programs. How it is used, with examples: [rest.md](rest.md).

Every path may also answer {everywhere}, with an [ErrorAnswer](#erroranswer).
"""

_ALIKE: Final = {
    "BarWithValues": "Bar",
    "HealthRecord": "Health",
    "RecordedResources": "ResourceUsage",
}
"""Types of answers whose fields mean what those of an event mean."""

_KNOWN: Final = {
    "source": "Where the bars came from: massive, redis, replay:NAME or simulator:RUN",
    "symbol": "Stock symbol",
    "universe": "GROUP:NAME",
    "session_id": "UUID of the streaming session",
    "started_at": "When the session started, in market time",
    "stopped_at": "When it ended, in market time; null while it runs",
    "symbol_count": "How many symbols the universe has",
    "total_patterns": "Patterns published in the session, each once",
    "total_indicators": "Indicator values published in the session",
    "final_status": "How it ended: completed, stopped or failed; null while it runs",
    "high_confidence": "How many had a confidence of 0.8 or more",
    "mean_confidence": "Their mean confidence",
    "pattern_type": "Name in the catalog",
    "alert_type": "Which threshold was crossed",
    "count": "How many",
    "name": "What it is called",
    "sector": "Sector of the company",
    "error": "What is wrong, and what would be right",
    "component": "What failed",
    "request_id": "UUID of the request",
    "service_id": "The service, as in its checkpoints",
    "speed": "Market seconds per wall second; null is as fast as possible",
    "market_time": "The market's time",
    "p50": "Half of them were as fast or faster, ms",
    "p95": "95 of 100 were as fast or faster, ms",
    "p99": "99 of 100 were as fast or faster, ms",
}
"""What fields mean that have the same name in several answers."""

_OWN: Final = {
    "AccessAnswer.role": "What they may do",
    "ServicesAnswer.errors": "Why others did not say, one sentence each",
    "ServiceState.phase": "What it is at",
    "ServiceState.health": "Its status of health; null before the first measurement",
    "ServiceState.issues": "Issues of its health, one sentence each",
    "SessionOrder.action": "What it has to do with its session",
    "AcknowledgementAnswer.timestamp": "When the failure happened",
    "AcknowledgementAnswer.acknowledged_by": "Who has seen it",
    "AcknowledgementAnswer.acknowledged_at": "When it was seen, by the wall clock",
    "BarWithValues.indicators": "The values that were asked for, by instance and output",
    "CalendarAnswer.at": "The moment that was asked about",
    "CatalogPattern.direction": "What it says of the price to come",
    "CatalogParameter.default": "What it is unless given",
    "CatalogParameter.minimum": "The least that it may be",
    "CatalogParameter.maximum": "The most that it may be",
    "CatalogAlert.direction": "To which side it is crossed",
    "CatalogAlert.severity": "How much it matters",
    "Status.redis": "Whether the dashboard hears Redis",
    "Status.producer_age_ms": "Time since the last checkpoint came, ms; null before the first; over 3,000 it is silent",
    "Status.events_per_second": "Messages received, averaged over the last five seconds",
    "Status.missed": "Messages that were sent and did not arrive, since the dashboard started",
    "Status.invalid": "Messages refused because they are not of the contract",
    "Status.last_invalid": "Which was refused last, and why; null if none was",
    "Status.clients": "Open pages",
    "Totals.patterns": "Patterns of the session that runs",
    "Totals.indicators": "Indicator values of it",
    "Totals.alerts": "Indicator alerts of it",
    "Totals.bars": "Bars of it",
    "SymbolSummary.patterns": "How many patterns it had",
    "SymbolSummary.alerts": "How many alerts it had",
    "HourSummary.patterns": "How many patterns it brought, by type",
    "HourSummary.alerts": "How many alerts it brought",
    "UniversesAnswer.universes": "Their keys, GROUP:NAME",
}
"""What fields mean that stand in one answer only and do not say it themselves, by ``Type.field``."""

_PARAMETERS: Final = {"limit": "how many at most", "symbol": "which symbol's", "session": "its id"}
"""What parameters mean that do not say it themselves."""

_ABOUT_TIMES: Final = "UTC, ISO 8601 with milliseconds and Z"

JsonObject = dict[str, Any]


def rest_document() -> JsonObject:
    """The OpenAPI document of the REST API, of a dashboard that need not run."""
    app = FastAPI(title="TickStockPL dashboard", version=__version__)
    app.include_router(routes.router)
    app.include_router(whoami.router)
    return openapi_document(app)


def rest_page(document: JsonObject) -> str:
    """All paths and all types, as Markdown."""
    operations = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    shared = set.intersection(*(set(operation["responses"]) for _, _, operation in operations))
    everywhere = ", ".join(
        f"{status} ({operations[0][2]['responses'][status]['description']})" for status in sorted(shared - {"200"})
    )
    lines = [_HEAD.format(everywhere=everywhere)]
    for method, path, operation in operations:
        lines += _operation(f"{method} {path}", operation, shared - {"200"})
    lines += ["## Types\n", "*Always* is what no answer lacks; what else is missing may be left out.\n"]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _type(name, schema, document["components"]["schemas"])
    return "\n".join(lines)


def _operation(heading: str, operation: JsonObject, shared: set[str]) -> Iterator[str]:
    yield f"## {heading}\n"
    yield f"{_sentences(operation['description'])}\n"
    parameters = operation.get("parameters", [])
    if parameters:
        yield "| parameter | what | in | type | bounds | unless given |\n| --- | --- | --- | --- | --- | --- |"
        for one in parameters:
            schema = _plain(one["schema"])
            default = schema.get("default")
            cells = (
                f"`{one['name']}`",
                _cell(one["description"] if "description" in one else _PARAMETERS[one["name"]]),
                one["in"],
                _kind({key: value for key, value in schema.items() if key != "anyOf"}),
                _bounds(schema),
                "has to be given" if one["required"] else "" if default is None else f"`{default}`",
            )
            yield f"| {' | '.join(cells)} |"
        yield ""
    if "requestBody" in operation:
        yield f"What is sent: {_of_content(operation['requestBody'])}, as JSON.\n"
    yield "| answer | when | what |\n| --- | --- | --- |"
    for status, response in operation["responses"].items():
        if status not in shared:
            yield f"| {status} | {_cell(response['description'])} | {_of_content(response)} |"
    yield ""


def _type(name: str, schema: JsonObject, schemas: JsonObject) -> Iterator[str]:
    yield f"### {name}\n"
    if "description" in schema:
        yield f"{_sentences(schema['description'])}\n"
    yield "| field | what | type | bounds | always |\n| --- | --- | --- | --- | --- |"
    for field, of in schema["properties"].items():
        plain = _plain(of)
        always = "yes" if field in schema.get("required", ()) else "no"
        cells = (f"`{field}`", _cell(_meaning(name, field, of, schemas)), _kind(of), _bounds(plain), always)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _meaning(owner: str, field: str, schema: JsonObject, schemas: JsonObject) -> str:
    """What a field is: as its event says, as it says itself, as its kind of name says, or as the type that it holds."""
    event = MEANINGS.get(f"{_ALIKE.get(owner, owner)}.{field}")
    own = schema.get("description", _OWN.get(f"{owner}.{field}", ""))
    if event is not None and own in ("", _ABOUT_TIMES, "US dollars per share"):
        return event
    if own:
        return str(own)
    if field in _KNOWN:
        return _KNOWN[field]
    held = next(iter(_types_in(schema)), None)
    return "" if held is None else _sentences(schemas[held].get("description", "")).partition(". ")[0].rstrip(".")


def _types_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from _types_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _types_in(value)


def _plain(schema: JsonObject) -> JsonObject:
    """What it is where it is given and not null."""
    of = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return {**schema, **of[0]} if len(of) == 1 else schema


def _kind(schema: JsonObject) -> str:
    """A type in words, with links to those of the page."""
    if schema.get("type") == "null":
        return "`null`"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return "string"
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return {"date-time": "time", "uuid": "UUID"}.get(schema.get("format", ""), str(schema.get("type", "anything")))


def _bounds(schema: JsonObject) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None or "exclusiveMinimum" in schema:
        return f"{low:g} or more" if low is not None else f"above {schema['exclusiveMinimum']:g}"
    longest = schema.get("maxLength")
    return "" if longest is None else f"up to {longest} characters"


def _of_content(part: JsonObject) -> str:
    (content,) = part.get("content", {"": {"schema": {"type": "nothing"}}}).values()
    return _kind(content["schema"])


def _sentences(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _cell(text: str) -> str:
    return _sentences(text).removesuffix(".").replace("|", "\\|")


def main(page: Path) -> None:
    """Write the page anew."""
    page.write_text(rest_page(rest_document()), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/rest_answers.md"))
