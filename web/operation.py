"""What each route is: who may ask, what it takes, what it answers. The document and the guards read it from here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from store.scopes import SCOPES

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
HTML = "text/html"
TEXT = "text/plain"

Model = type[BaseModel]
View = TypeVar("View", bound=Callable[..., object])

_MARK = "__lpr_operation__"


@dataclass(frozen=True, slots=True)
class Operation:
    """One route; the fields are those of `operation`."""

    scope: str | None
    tag: str
    body: Model | None = None
    query: Model | None = None
    answer: Model | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[int, Model | None] = field(default_factory=dict)
    media: str = JSON
    body_media: str = JSON
    documented: bool = True


def operation(
    *,
    scope: str | None,
    tag: str,
    body: Model | None = None,
    query: Model | None = None,
    answer: Model | None = None,
    status: int = 200,
    errors: tuple[int, ...] = (),
    headers: Mapping[str, str] | None = None,
    also: Mapping[int, Model | None] | None = None,
    media: str = JSON,
    body_media: str = JSON,
    documented: bool = True,
) -> Callable[[View], View]:
    """Say what a view is. Nothing happens to the view itself, so that this costs a request nothing.

    The first line of its docstring is the summary of the route, the rest its description.

    Parameters
    ----------
    scope
        What a key must be allowed to do; None is a route for everybody.
    tag
        The group of routes it is listed under.
    body, query
        What `web.reading` reads of a request.
    answer, status
        What is answered when all goes well; None is no JSON, or JSON that no schema describes (204: no body).
    errors
        The statuses of problems it may answer with, besides those that any such route has.
    headers
        The request headers it looks at, each with a sentence.
    also
        Further statuses that are no problems, each with what is answered: 201 beside 200, say, or 304.
    media, body_media
        The media types of the answer and of the body.
    documented
        Whether it stands in the OpenAPI document; what a person looks at with a browser does not.

    Raises
    ------
    ValueError
        If there is no such scope.
    """
    if scope is not None and scope not in SCOPES:
        raise ValueError(f"scope: found {scope!r}; expected None or one of {', '.join(SCOPES)}.")
    described = Operation(
        scope, tag, body, query, answer, status, errors, headers or {}, also or {}, media, body_media, documented
    )

    def mark(view: View) -> View:
        setattr(view, _MARK, described)
        return view

    return mark


def operation_of(view: object) -> Operation | None:
    """Return what a view was said to be, None if nothing was."""
    found: Operation | None = getattr(view, _MARK, None)
    return found
