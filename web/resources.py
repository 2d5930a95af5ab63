"""Courses, roles, skills, employees and assignments: read, listed, put whole, deleted; one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from flask import Response, current_app
from pydantic import Field

from recommender.errors import StoreUnavailable
from store import references, resources
from store.database import Connection
from store.resources import Resource, Whole
from store.tables import key_of
from web.auth import current_tenant
from web.conditional import etag_of, require_seen, tagged
from web.database import opened_database, store
from web.fact_bodies import StoredId
from web.problems import FieldError, Problem
from web.reading import read_body, read_query
from web.resource_bodies import PARTS, is_listable, shown, stored_form
from web.schemas import Strict
from web.writing import Written, at_each, many_of, refuse_wrong, write

Check = Callable[[Connection, str, Sequence[Whole], bool], list[FieldError]]
"""Returns what is wrong with things about to be put, for a tenant; whether they came as a list decides the pointers."""
After = Callable[[Connection, str, Sequence[Whole]], None]
Drop = Callable[[Connection, str, str], None]
"""Raises the Problem that keeps a thing of a tenant, by its id, from being deleted."""


class ListQuery(Strict):
    """Which page is wanted: how many, and after which id."""

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    after: StoredId | None = None


@dataclass(frozen=True, slots=True)
class Things:
    """One kind of thing over HTTP: how it is stored, what a body says of it, what is checked, and what follows a write.

    `before` and `after` run in the transaction of the write; `before` sees what is about to be replaced. `listed` ids stand
    in lists of ids, so some characters are not for them.
    """

    resource: Resource
    body: type[Strict]
    path: str
    noun: str
    check: Check
    before: After = lambda *_: None
    after: After = lambda *_: None
    drop: Drop = lambda *_: None
    listed: bool = False

    @property
    def key(self) -> str:
        """The field of the id."""
        return self.resource.key


def one_shown(things: Things, key: str) -> dict[str, Any]:
    """Return a thing as JSON values; Problem 404 if there is none."""
    with store().read() as connection:
        found = resources.find(connection, current_tenant(), things.resource, key)
    if found is None:
        raise unknown(things, key)
    return shown(things.resource, found)


def get_one(things: Things, key: str) -> Response:
    """Answer with a thing."""
    return tagged(one_shown(things, key))


def get_page(things: Things, asked: ListQuery | None = None) -> Response:
    """Answer with a page of things in the order of their ids."""
    asked = asked or read_query(ListQuery)
    with store().read() as connection:
        tenant = current_tenant()
        found = resources.page(connection, tenant, things.resource, limit=asked.limit + 1, after=asked.after)
        n = resources.total(connection, tenant, things.resource)
    page = [shown(things.resource, one) for one in found[: asked.limit]]
    body: dict[str, Any] = {"total": n, things.path: page}
    if len(found) > len(page):
        body["next"] = f"/v1/{things.path}?" + urlencode({"limit": asked.limit, "after": page[-1][things.key]})
    return tagged(body)


def put_one(things: Things, key: str) -> Response:
    """Put a thing whole, and answer with it: 201 where there was none."""
    body = read_body(things.body)
    given = getattr(body, things.key)
    if given is not None and given != key:
        refuse_wrong([FieldError(f"/{things.key}", f"found {given!r:.80}; expected {key!r:.80}, as in the path")])
    if things.listed and not is_listable(key):
        expected = "expected an id without | and without spaces at its ends"
        refuse_wrong([FieldError(f"/{things.key}", f"found {key!r:.80}; {expected}")])
    whole = stored_form(things.resource, key, body)

    def change(connection: Connection, tenant: str) -> Written:
        present = resources.find(connection, tenant, things.resource, key)
        require_seen(None if present is None else shown(things.resource, present))
        _put(things, connection, tenant, [whole], many=False)
        now = resources.find(connection, tenant, things.resource, key)
        assert now is not None  # noqa: S101 - it was just put
        answer = shown(things.resource, now)
        return Written(200 if present else 201, answer, {"ETag": f'"{etag_of(answer)}"'})

    return write(change, catalogue=things.resource.catalogue, employee_id=whole.row.get("employee_id"))


def put_many(things: Things) -> Response:
    """Put a list of things, all of them or none."""
    bodies = read_body(many_of(things.body)).root
    keys = [getattr(body, things.key) for body in bodies]
    wrong = [
        FieldError(f"/{i}/{things.key}", "is missing; expected a value" if key is None else "is given twice")
        for i, key in enumerate(keys)
        if key is None or key in keys[:i]
    ]
    refuse_wrong(wrong)
    wholes = [stored_form(things.resource, key, body) for key, body in zip(keys, bodies, strict=True)]

    def change(connection: Connection, tenant: str) -> Written:
        _put(things, connection, tenant, wholes, many=True)
        return Written(200, {"written": len(wholes)})

    return write(change, catalogue=things.resource.catalogue)


def delete_one(things: Things, key: str) -> Response:
    """Delete a thing."""

    def change(connection: Connection, tenant: str) -> Written:
        present = resources.find(connection, tenant, things.resource, key)
        if present is None:
            raise unknown(things, key)
        require_seen(shown(things.resource, present))
        things.drop(connection, tenant, key)
        resources.drop(connection, tenant, things.resource, key)
        return Written(204)

    return write(change, catalogue=things.resource.catalogue)


def unknown(things: Things, key: str) -> Problem:
    """Return the problem of a thing that is not there."""
    return Problem(404, f"There is no {things.noun} {key!r}.")


def has_own(things: Things) -> bool:
    """Tell whether the tenant has such things in the database; False too while it does not answer."""
    if opened_database(current_app) is None:
        return False
    try:
        with store().read() as connection:
            return references.has_any(connection, current_tenant(), things.resource.table)
    except StoreUnavailable:
        return False


def _put(things: Things, connection: Connection, tenant: str, wholes: Sequence[Whole], *, many: bool) -> None:
    refuse_wrong(_doubled(things, wholes, many=many) + things.check(connection, tenant, wholes, many))
    things.before(connection, tenant, wholes)
    resources.put(connection, tenant, things.resource, wholes)
    things.after(connection, tenant, wholes)


def _doubled(things: Things, wholes: Sequence[Whole], *, many: bool) -> list[FieldError]:
    """Return which parts of things are given twice: a skill of a course, an identity of anybody."""
    part = things.resource.part
    if part is None:
        return []
    seen: set[tuple[Any, ...]] = set()
    wrong = []
    for i, whole in enumerate(wholes):
        for j, row in enumerate(whole.parts):
            key = tuple(row[name] for name in key_of(part))
            if key in seen:
                wrong.append(
                    FieldError(at_each(f"/{PARTS[things.resource.table]}/{j}", i, many=many), "is given twice")
                )
            seen.add(key)
    return wrong
