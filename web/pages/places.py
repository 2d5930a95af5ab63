"""Which addresses are pages, and which of them a link or a form may lead back to."""

from __future__ import annotations

import re
from urllib.parse import unquote

from flask import Response, make_response, redirect, request
from werkzeug.urls import iri_to_uri

from web.config import settings
from web.current import current_request

_PAGES = re.compile(r"/(?:me|insight|enter|leave|language)(?:/.*)?", re.DOTALL)
_IN_A_DEMONSTRATION = re.compile(r"/|/demo(?:/.*)?", re.DOTALL)
MAX_PLACE = 2_000
"""The longest address that is led back to."""


def is_page(path: str | None = None) -> bool:
    """Tell whether a path, else that of the current request, belongs to the pages people look at.

    It goes by the path alone, since it is asked before there is a route, and where there is none.
    """
    path = current_request().path if path is None else path
    if path.startswith("/v1/"):
        return False  # as nearly every request
    return bool(_PAGES.fullmatch(path)) or (settings().demo and bool(_IN_A_DEMONSTRATION.fullmatch(path)))


def is_within(address: str, root: str) -> bool:
    """Tell whether an address is a path of this service, `root` or below it, perhaps with a query.

    What a browser could read as another host or as a way up is none: `//`, a backslash, `..` however encoded, controls.
    """
    if len(address) > MAX_PLACE or not address.isprintable() or any(one in address for one in " \\#"):
        return False
    path = address.partition("?")[0]
    if "//" in path or any(unquote(segment) in {".", ".."} for segment in path.split("/")):
        return False
    return path == root or path.startswith(f"{root}/")


def here() -> str:
    """Return the address of the current page, for forms to lead back to."""
    return iri_to_uri(request.full_path.removesuffix("?"))


def back(*roots: str, default: str = "/me") -> str:
    """Return where the form's field `back` leads, if that is one of `roots` or below, else `default`.

    `default` alone is led back to unless roots are said.
    """
    given = request.form.get("back", "")
    asked = iri_to_uri(given) if given.isprintable() else ""
    return asked if any(is_within(asked, root) for root in roots or (default,)) else default


def see_other(address: str) -> Response:
    """Answer a form: the browser goes on to an address, and reloading that sends nothing again."""
    return make_response(redirect(address, 303))
