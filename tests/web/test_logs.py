"""The log is one JSON object a line, whatever is said in it."""

import json
import logging
from collections.abc import Iterator

import pytest

from inkdigits.web.logs import start_logging


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """The server's log, which is put back as it was in the end."""
    loggers = [logging.getLogger(name) for name in ("inkdigits.web", "uvicorn")]
    before = [(each.handlers[:], each.level, each.propagate) for each in loggers]
    yield loggers[0]
    for each, (handlers, level, propagate) in zip(loggers, before, strict=True):
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)


def test_a_line_holds_time_level_event_and_facts(capsys: pytest.CaptureFixture[str], log: logging.Logger):
    """On standard error."""
    start_logging()
    log.info("request", extra={"facts": {"status": 200}})
    (line,) = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert fields.pop("time").endswith("+00:00")
    assert fields == {"level": "info", "event": "request", "status": 200}


def test_a_fault_is_one_line_with_its_traceback(capsys: pytest.CaptureFixture[str], log: logging.Logger):
    """So that whoever collects lines gets all of it."""
    start_logging()
    try:
        raise ValueError("why")
    except ValueError:
        log.exception("unexpected")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: why" in json.loads(line)["traceback"]
