"""The log: one line an event, JSON for machines or text for a terminal, without anything of a person.

A request is logged by its route's template, never by its path, query, headers or body. A failure is logged with the lines
it came through and the class of the error; messages are kept of errors that never quote what was sent.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal, TextIO

import orjson
from flask import Flask, Response, g, request

from recommender.errors import ArtifactError, ConfigError
from web.auth import asked_by
from web.metrics import metrics

Style = Literal["json", "text"]

UNMATCHED = "(none)"
"""The route of a request that no route answers."""

_SPEAKING = (ArtifactError, ConfigError, ImportError, OSError)
"""Errors whose message names files, modules and settings only."""
_QUOTING = ("Invalid request from", "Error handling request")
"""How messages of the server begin that go on with what was sent."""


def style_of(environment: Mapping[str, str], stream: TextIO) -> Style:
    """Return the style LPR_LOG names; without it text on a terminal, else JSON.

    Raises
    ------
    ConfigError
        If it names none.
    """
    asked = environment.get("LPR_LOG", "text" if stream.isatty() else "json")
    styles: tuple[Style, ...] = ("json", "text")
    for style in styles:
        if asked == style:
            return style
    raise ConfigError(f"LPR_LOG: found {asked!r}; expected json or text.")


def configure_logs(style: Style | None = None) -> None:
    """Send every log of the process to standard error, a line an event; again changes the style only."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(style or style_of(os.environ, sys.stderr)))
    handler.set_name("lpr")
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.get_name() == "lpr"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)


def observe(app: Flask, *, log_requests: bool, stream: TextIO | None = None) -> None:
    """Count and time every request and, if wanted, log it as one line on standard output or `stream`.

    It comes before everything else that happens around a request, so that it sees all of it.
    """
    log = RequestLog(stream or sys.stdout) if log_requests else None

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        route = request.url_rule.rule if request.url_rule is not None else UNMATCHED
        metrics().request(route=route, method=request.method, status=answer.status_code, seconds=seconds)
        if log is not None:
            with suppress(OSError):  # an answer does not fail because nobody reads the log any more
                log.add("error" if answer.status_code >= 500 else "info", _facts(answer, route, seconds))
        return answer


class RequestLog:
    """The log of requests, a line each, in the style of the other log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_json = style_of(os.environ, stream) == "json"
        self._writing = threading.Lock()

    def add(self, level: str, facts: dict[str, object]) -> None:
        """Write a line; OSError if nobody reads it any more."""
        event = {"time": _now(), "level": level, "event": "request", **facts}
        line = orjson.dumps(event).decode() if self._is_json else _text(event)
        with self._writing:
            self._stream.write(f"{line}\n")
            self._stream.flush()


def _facts(answer: Response, route: str, seconds: float) -> dict[str, object]:
    tenant, key_id = asked_by()
    live = g.get("served")
    return {
        "method": request.method[:20],
        "route": route,
        "status": answer.status_code,
        "ms": round(1_000 * seconds, 2),
        "tenant": tenant,
        "key": key_id,
        "request_id": g.get("request_id", ""),
        "trace_id": g.get("trace_id", ""),
        "model_version": live.manifest.version if live else "",
    }


class _Lines(logging.Formatter):
    """A record of the log as one line: when, how grave and what, then which log and, of a failure, where."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._is_json = style == "json"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        event = {
            "time": _now(),
            "level": record.levelname.lower(),
            "event": _without_what_was_sent(record),
            "logger": record.name,
        }
        if record.stack_info:
            event["stack_info"] = record.stack_info
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            event |= {"error": type(error).__qualname__, "stack": "".join(_lines(error))}
        return json.dumps(event, ensure_ascii=False) if self._is_json else _text(event)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _text(event: Mapping[str, object]) -> str:
    return " ".join(f"{name}={value!r}" for name, value in event.items())


def _without_what_was_sent(record: logging.LogRecord) -> str:
    said = record.getMessage()
    if record.name == "gunicorn.error":
        return next((one for one in _QUOTING if said.startswith(one)), said)
    return said


def _lines(error: BaseException) -> Iterator[str]:
    """Yield the lines of a stack trace, causes first, with no more of each error than may be said."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _lines(cause)
        yield "then\n"
    yield from traceback.format_tb(error.__traceback__)
    yield type(error).__qualname__ + (f": {error}" if isinstance(error, _SPEAKING) else "") + "\n"
