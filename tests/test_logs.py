"""Log lines: where from, how bad and when, in two formats, the libraries' too, and never a secret."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from tests.logging_state import logs_restored
from tickstockpl.logs import UNEXPECTED, LogFormat, configure_logs
from tickstockpl.redaction import Redactor

ADDRESS = "redis://sam:sesame@db:6379/0"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    with logs_restored():
        yield


def configure(log_format: LogFormat = "json", level: str = "info") -> None:
    configure_logs(level, log_format, Redactor([ADDRESS]))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, err = capsys.readouterr()
    assert out == ""
    return [json.loads(line) for line in err.splitlines()]


def test_every_json_line_has_time_level_event_and_logger(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger("tickstockpl.streaming").info("Redis is back", waiting=3)
    logging.getLogger("uvicorn.error").warning("it took %d s", 5)
    ours, theirs = lines(capsys)
    for line in (ours, theirs):
        assert datetime.fromisoformat(line.pop("time")).tzinfo == UTC
    assert ours == {"level": "info", "event": "Redis is back", "logger": "tickstockpl.streaming", "waiting": 3}
    assert theirs == {"level": "warning", "event": "it took 5 s", "logger": "uvicorn.error"}


def test_people_read_one_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    configure("human")
    structlog.get_logger("tickstockpl.streaming").warning("Redis was lost", reason="gone")
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert all(part in err for part in ("Z [warning", "Redis was lost", "[tickstockpl.streaming]", "reason=gone"))


def test_what_is_less_severe_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="warning")
    structlog.get_logger("x").info("no")
    logging.getLogger("asyncio").debug("no")
    assert lines(capsys) == []


@pytest.mark.parametrize("log_format", ["human", "json"])
def test_secrets_are_struck_out_of_events_values_and_tracebacks(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(log_format)
    log = structlog.get_logger("x")
    log.info(
        f"to {ADDRESS}", address=ADDRESS, nested={"of": [ADDRESS, b"sesame"]}, password="sesame", error=OSError(ADDRESS)
    )
    try:
        raise RuntimeError(ADDRESS) from ValueError("sesame")
    except RuntimeError:
        log.exception("failed")
        logging.getLogger("asyncio").exception("failed: %s", ADDRESS)
    err = capsys.readouterr().err
    assert "RuntimeError: redis://sam:***@db" in err
    assert "sesame" not in err


def test_what_a_thread_or_a_destructor_raises_is_a_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure()

    class Leaking:
        def __del__(self) -> None:
            raise RuntimeError(ADDRESS)

    def leak() -> None:
        raise RuntimeError(ADDRESS)

    leaking = [Leaking()]
    leaking.clear()
    thread = threading.Thread(target=leak, name="leaking")
    thread.start()
    thread.join()
    told = lines(capsys)
    assert [line["event"] for line in told] == [UNEXPECTED, UNEXPECTED]
    assert told[1]["thread"] == "leaking"
    assert all("RuntimeError" in line["exception"] and "sesame" not in json.dumps(line) for line in told)
