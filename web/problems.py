"""Every error answer: problem details as RFC 9457 has them, with a JSON pointer to each field that is wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, g, jsonify
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from recommender.errors import ArtifactError, ErasedPerson, QueryError, StoreUnavailable

INVALID = "urn:lpr:problem:invalid-request"
LOCAL_ONLY = "urn:lpr:problem:local-only"
NOT_READY = "urn:lpr:problem:not-ready"
ERASED = "urn:lpr:problem:erased"
UNAVAILABLE = "urn:lpr:problem:database-unavailable"

MAX_ERRORS = 100
"""An answer names at most this many wrong fields; its detail says how many there are."""

_WHOLE_MESSAGES = {
    "extra_forbidden": "no such field; expected one of those in the documentation",
    "missing": "is missing; expected a value",
    "string_unicode": "half of a surrogate pair is no character",
}
_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "list_type": "a list",
    "model_type": "an object",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "at most {max_length}",
    "string_too_short": "at least {min_length}",
    "string_type": "text",
    "too_long": "at most {max_length}",
    "too_short": "at least {min_length}",
}
"""What was expected instead, by the kind of error pydantic found and with its numbers."""
_OF_LENGTH = {"string_too_long", "string_too_short", "too_long", "too_short"}

_SHOWN = "lpr_problem_pages"
_log = logging.getLogger("lpr.web")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: a JSON pointer into the request (RFC 6901; "" is the whole of it) and what was expected."""

    pointer: str
    detail: str


class Problem(Exception):  # noqa: N818 - the standard's word
    """An answer that is an error."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "about:blank",
        errors: Sequence[FieldError] = (),
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = tuple(headers)

    def within(self, place: str) -> Problem:
        """Return the same problem of a part of a request; `place` is the pointer to that part."""
        errors = [FieldError(place + one.pointer, one.detail) for one in self.errors]
        return Problem(self.status, self.detail, kind=self.kind, errors=errors, headers=self.headers)

    def body(self) -> dict[str, object]:
        """Return the problem as JSON values."""
        body: dict[str, object] = {
            "type": self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"pointer": one.pointer, "detail": one.detail} for one in self.errors[:MAX_ERRORS]]
        return body

    def response(self) -> Response:
        """Return the answer, with the id of the request it answers: JSON or, where people look, a page."""
        show: Show | None = current_app.extensions.get(_SHOWN)
        page = None if show is None else show(self)
        if page is not None:
            return page
        answer = jsonify({**self.body(), "request_id": g.get("request_id", "")})
        answer.status_code = self.status
        answer.mimetype = "application/problem+json"
        answer.headers.extend(self.headers)
        return answer


Show = Callable[[Problem], Response | None]
"""Returns the page that says a problem to people, None where a program asks."""


def show_problems(app: Flask, show: Show) -> None:
    """Have the problems of an application shown as pages, wherever `show` gives one."""
    app.extensions[_SHOWN] = show


def invalid(errors: Sequence[FieldError]) -> Problem:
    """Return the problem of a request with wrong fields."""
    noun = "field is" if len(errors) == 1 else "fields are"
    more = f"; the first {MAX_ERRORS} are listed" if len(errors) > MAX_ERRORS else ""
    return Problem(400, f"{len(errors)} {noun} not as expected{more}.", kind=INVALID, errors=errors)


def field_errors(error: ValidationError) -> list[FieldError]:
    """Return what a schema found wrong, field by field, in the order found."""
    return [FieldError(pointer(one["loc"]), _in_words(one)) for one in error.errors(include_url=False)]


def pointer(location: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901): `/a/0/b`, with `~` as `~0` and `/` as `~1`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def handle_errors(app: Flask) -> None:
    """Turn every error of the application into a problem."""

    @app.errorhandler(Problem)
    def _problem(error: Problem) -> Response:
        return error.response()

    @app.errorhandler(QueryError)
    def _query(error: QueryError) -> Response:
        return Problem(400, str(error), kind=INVALID).response()

    @app.errorhandler(ArtifactError)
    def _artifact(error: ArtifactError) -> Response:
        _log.error("no usable model: %s", error)
        said, soon = "No usable model is live; /health/ready says why.", [("Retry-After", "5")]
        return Problem(503, said, kind=NOT_READY, headers=soon).response()

    @app.errorhandler(StoreUnavailable)
    def _store(error: StoreUnavailable) -> Response:
        _log.error("%s", error)
        detail = "The database does not answer; whether a write was kept is not known. Ask again in a few seconds."
        return Problem(503, detail, kind=UNAVAILABLE, headers=[("Retry-After", "5")]).response()

    @app.errorhandler(ErasedPerson)
    def _erased(_error: ErasedPerson) -> Response:
        detail = "Somebody with this id or identity was erased. Use others."
        return Problem(410, detail, kind=ERASED).response()

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return Response(response=error.get_body(), status=error.code, headers=error.get_headers())
        kind = INVALID if error.code == HTTPStatus.BAD_REQUEST else "about:blank"
        kept = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
        return Problem(error.code, error.description or "", kind=kind, headers=kept).response()

    @app.errorhandler(Exception)
    def _last_resort(error: Exception) -> Response:
        _log.error("request %s failed", g.get("request_id", ""), exc_info=error)
        return Problem(500, "The service failed; its log has the request id.").response()


def _in_words(error: Mapping[str, Any]) -> str:
    """Return a schema's finding as "found …; expected …"."""
    kind = error["type"]
    if kind in _WHOLE_MESSAGES:
        return _WHOLE_MESSAGES[kind]
    if kind not in _EXPECTED:
        return str(error["msg"]).removeprefix("Value error, ")
    expected = _EXPECTED[kind].format_map(error.get("ctx", {}))
    return f"found {_found(error['input'], kind)}; expected {expected}"


def _found(value: object, kind: str) -> str:
    """Return what was found, briefly."""
    if kind in _OF_LENGTH and isinstance(value, str | list):
        return f"{len(value)} characters" if isinstance(value, str) else f"{len(value)} elements"
    if isinstance(value, str):
        return f"{value!r:.60}"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value, default=repr)[:60]
