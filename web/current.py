"""The request being answered and what is noted of it, themselves: Flask's `request` and `g` look for them at each use.

What happens around every request takes them once. Where Flask would raise RuntimeError, so does this.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Request, g, request


def current_request() -> Request:
    """Return the request being answered."""
    return cast(Request, _request._get_current_object())


def notes() -> dict[str, Any]:
    """Return what is noted of the request being answered, by name: the attributes of `g`."""
    return cast(dict[str, Any], _g._get_current_object().__dict__)


_request: Any = request
_g: Any = g
