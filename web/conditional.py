"""Conditional requests: an ETag on what is read, 304 for who has it, 412 for who would write over what they never saw."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, jsonify, request

from web.problems import Problem

READING = {"If-None-Match": "The ETag of an earlier answer; 304 if it still holds."}
WRITING = {
    "If-Match": "The ETag of an earlier answer; 412 if it does not hold any more.",
    "If-None-Match": "`*`: write only what is not there yet, else 412.",
}


def etag_of(body: Any) -> str:
    """Return the ETag of JSON values, the same for the same."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]


def tagged(body: Any) -> Response:
    """Return an answer with an ETag that changes with its content; 304 for a reader who has it."""
    answer = jsonify(body)
    answer.set_etag(etag_of(body))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.make_conditional(request)
    return answer


def require_seen(current: Any | None) -> None:
    """Refuse a write whose condition does not hold of what is there now; None if nothing is.

    Raises
    ------
    Problem
        412.
    """
    if "If-Match" in request.headers:
        holds = current is not None and (request.if_match.star_tag or request.if_match.contains(etag_of(current)))
        if not holds:
            raise Problem(412, "It is not as the ETag in If-Match says: read it again, then write.")
    if "If-None-Match" in request.headers:
        there = request.if_none_match
        if current is not None and (there.star_tag or there.contains(etag_of(current))):
            raise Problem(412, "It is there already; If-None-Match asks for what is not.")
