"""The application that answers, the request and what is noted of it, themselves: Flask's proxies look for them at each use.

What happens around every request takes them once. Where Flask would raise RuntimeError, so does this.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Request, current_app, g, request


def this_app() -> Flask:
    """Return the application that answers the current request, or that was entered."""
    return cast(Flask, _app())


def current_request() -> Request:
    """Return the request being answered."""
    return cast(Request, _request())


def notes() -> dict[str, Any]:
    """Return what is noted of the request being answered, by name: the attributes of `g`."""
    return cast(dict[str, Any], _g().__dict__)


_app, _request, _g = (cast(Any, one)._get_current_object for one in (current_app, request, g))
