"""Ids in paths: one percent-encoded segment each, so that an id may hold a slash.

WSGI hands an application the path decoded, where `a%2Fb` and `a/b` are the same. The routes are therefore matched on the
path as it was sent (`RAW_URI`, which gunicorn and werkzeug give), with everything decoded but `/` and `%`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from flask import Flask
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter

MAX_ID = 256
"""The most characters an id may have."""


class IdConverter(BaseConverter):
    """`<id:name>`: an id, sent as one percent-encoded segment."""

    def to_python(self, value: str) -> str:
        """Return the id; BadRequest if it is too long, no UTF-8, or has a control character."""
        try:
            found = unquote_to_bytes(value).decode()
        except UnicodeDecodeError as error:
            raise BadRequest("The path holds an id that is not percent-encoded UTF-8.") from error
        if len(found) > MAX_ID:
            raise BadRequest(f"The path holds an id of {len(found)} characters; expected at most {MAX_ID}.")
        if has_control(found):
            raise BadRequest("The path holds an id with a control character; expected printable text.")
        return found

    def to_url(self, value: Any) -> str:
        """Return an id as a segment."""
        return quote(str(value), safe="")


class EncodedPath:
    """WSGI middleware: gives the application the path with `/` and `%` inside its segments still encoded."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path = encoded_path(environ)
        if path != environ.get("PATH_INFO"):
            environ = environ | {"PATH_INFO": path}
        return self._application(environ, start_response)  # type: ignore[no-any-return]


def accept_ids(app: Flask) -> None:
    """Make `<id:...>` a converter of an application, and have its routes matched on the path as it was sent."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.merge_slashes = False
    app.wsgi_app = EncodedPath(app.wsgi_app)  # type: ignore[method-assign]


def has_control(text: str) -> bool:
    """Tell whether a text has a control character (Unicode category Cc)."""
    return not text.isprintable() and any(unicodedata.category(one) == "Cc" for one in text)


def encoded_path(environ: dict[str, Any]) -> str:
    """Return PATH_INFO with what is encoded in it besides `/` and `%` decoded, in WSGI's reading of bytes as Latin-1."""
    decoded, root = str(environ.get("PATH_INFO", "")), str(environ.get("SCRIPT_NAME", ""))
    raw = str(environ.get("RAW_URI", ""))
    if "%" not in raw and raw.partition("?")[0] == root + decoded:
        return decoded  # nothing is encoded, as in nearly every path
    sent = raw.partition("?")[0] if raw.startswith("/") else urlsplit(raw).path
    if unquote_to_bytes(sent.encode("latin-1")).decode("latin-1") != root + decoded:
        # Another server, or what stands before us has changed the path: then no id with a slash can be told.
        return "/".join(_half_encoded(segment.encode("latin-1")) for segment in decoded.split("/"))
    inner = sent.split("/")[root.count("/") + 1 :]
    return "".join("/" + _half_encoded(unquote_to_bytes(segment.encode("latin-1"))) for segment in inner)


def _half_encoded(found: bytes) -> str:
    """Return a segment with `/` and `%` encoded; all of it where it is no UTF-8, for the converter to refuse."""
    try:
        found.decode()
    except UnicodeDecodeError:
        return quote(found)
    return found.replace(b"%", b"%25").replace(b"/", b"%2F").decode("latin-1")
