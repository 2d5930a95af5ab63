"""xAPI statements: kept as received, applied to the person and the course they mean, or kept until both exist.

A statement that is voided counts for nothing, whichever of the two came first. The tables of facts hold what the standing
statements come to; `store.settling` says how.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, select, update

from recommender.errors import StoreError
from recommender.schema import IDENTITY_KINDS
from store import matching, rows
from store.identities import Identity
from store.late_events import without_erased
from store.rows import chunks
from store.settling import Applied, Fact, Row, Settlement, settle
from store.tables import canonical
from store.tables import statements as table
from store.xapi import COMPLETION, PROGRESS, VOID, Event, digest_of, event_of

_CHUNK = 500
_APPLIED, _PENDING, _STORED, _WITHDRAWN = "applied", "pending", "stored", "withdrawn"
_FACTS = ("completions", "progress")

Pair = tuple[str, str]
"""An employee and a course."""


class StatementConflict(StoreError):  # noqa: N818 - the standard's word
    """A statement has the id of another one that says something else."""

    def __init__(self, statement_id: str) -> None:
        super().__init__(f"statement {statement_id}: another one with this id is known; expected a new id.")
        self.statement_id = statement_id


def receive(connection: Connection, tenant: str, statements: Sequence[Mapping[str, Any]], *, at: int) -> list[str]:
    """Keep statements and apply what can be applied; all of them or, when this raises, none.

    Parameters
    ----------
    connection
        Of `Database.write(tenant)`.
    statements
        As `web.xapi_schemas` has checked them; one without an `id` is given one.
    at
        When they were received, in seconds since 1970-01-01 UTC.

    Returns
    -------
    The ids, in the order given. One that is known already with the same content is not kept a second time; what somebody
    did who was erased is not kept at all.

    Raises
    ------
    StatementConflict
        If an id is known, or given twice, with other content.
    """
    named = [dict(one) | {"id": str(one.get("id") or uuid.uuid4()).lower()} for one in statements]
    digests = {one["id"]: digest_of(one) for one in named}
    new = without_erased(connection, tenant, _new(connection, tenant, named))
    if new:
        events = {key: event_of(one, at=at) for key, one in new.items()}
        affected = _keep(connection, tenant, new, events, digests, at=at) | _void(connection, tenant, events)
        _settle(connection, tenant, affected, fresh=new.keys())
    return [one["id"] for one in named]


def apply_pending(
    connection: Connection,
    tenant: str,
    *,
    employees: Collection[str] | None = None,
    courses: Collection[str] | None = None,
) -> int:
    """Apply the statements that waited for people or courses which exist now, and return how many there were.

    To be called in the transaction that writes employees, identities or courses. Without anything waiting it is one
    look into an index.

    Parameters
    ----------
    employees, courses
        Whose and which statements are looked at; without both, all that wait.
    """
    waits = [table.c.tenant == tenant, table.c.status == _PENDING]
    if connection.execute(select(table.c.statement_id).where(*waits).limit(1)).first() is None:
        return 0
    waiting: dict[str, _Waiting] = {}
    for where in _narrowed(connection, tenant, employees, courses):
        asked = select(*_WAITING).where(*waits, *where).order_by(table.c.sequence)
        for key, kind, value, *more in connection.execute(asked):
            waiting[key] = _Waiting((kind, value), *more)
    matched = _match(connection, tenant, waiting)
    changed: list[Row] = [
        {"key": key, "employee_id": found[0], "course_id": found[1], "status": _status(waiting[key].effect, *found)}
        for key, found in matched.items()
        if found != (waiting[key].employee_id, waiting[key].course_id)
    ]
    _update(connection, tenant, changed)
    applied: dict[str, Pair] = {
        one["key"]: (one["employee_id"], one["course_id"]) for one in changed if one["status"] == _APPLIED
    }
    _settle(connection, tenant, set(applied.values()), fresh=applied.keys())
    return len(applied)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A statement whose person or course is being looked for."""

    actor: Identity
    activity: str
    effect: str
    employee_id: str | None = None
    course_id: str | None = None


_WAITING = (
    table.c.statement_id,
    table.c.actor_kind,
    table.c.actor_value,
    table.c.activity,
    table.c.effect,
    table.c.employee_id,
    table.c.course_id,
)


def _narrowed(
    connection: Connection, tenant: str, employees: Collection[str] | None, courses: Collection[str] | None
) -> Iterable[list[ColumnElement[bool]]]:
    """Yield the conditions under which a waiting statement may concern these people or courses."""
    if employees is None and courses is None:
        yield []
    names = matching.names_of(connection, tenant, employees or ())
    for chunk in chunks(sorted({value for _, value in names}), _CHUNK):
        # The kinds are named so that the index over kind and value is used.
        yield [table.c.actor_kind.in_(IDENTITY_KINDS), table.c.actor_value.in_(chunk)]
    for chunk in chunks(sorted(matching.activities_of(connection, tenant, courses or ())), _CHUNK):
        yield [table.c.activity.in_(chunk)]


def _new(connection: Connection, tenant: str, named: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the statements that are not known yet by their ids; StatementConflict if an id says two things."""
    stored: dict[str, str] = {}
    for chunk in chunks([one["id"] for one in named], _CHUNK):
        asked = select(table.c.statement_id, table.c.digest).where(
            table.c.tenant == tenant, table.c.statement_id.in_(chunk)
        )
        stored |= {str(row[0]): str(row[1]) for row in connection.execute(asked)}
    said, new = dict(stored), dict[str, dict[str, Any]]()
    for one in named:
        digest = digest_of(one)
        if said.setdefault(one["id"], digest) != digest:
            raise StatementConflict(one["id"])
        if one["id"] not in stored:
            new.setdefault(one["id"], one)
    return new


def _keep(
    connection: Connection,
    tenant: str,
    new: Mapping[str, dict[str, Any]],
    events: Mapping[str, Event],
    digests: Mapping[str, str],
    *,
    at: int,
) -> set[Pair]:
    """Put new statements and return the people and courses to which some of them apply."""
    waiting = {
        key: _Waiting(event.actor, event.activity, event.effect)
        for key, event in events.items()
        if event.actor is not None and event.activity is not None
    }
    matched = _match(connection, tenant, waiting)
    last = connection.execute(select(func.max(table.c.sequence)).where(table.c.tenant == tenant)).scalar_one() or 0
    kept = []
    for sequence, (key, statement) in enumerate(new.items(), start=last + 1):
        row = _row(statement, events[key], *matched.get(key, (None, None)))
        kept.append(row | {"tenant": tenant, "digest": digests[key], "sequence": sequence, "stored_at": at})
    rows.upsert(table, connection, kept)
    return {(row["employee_id"], row["course_id"]) for row in kept if row["status"] == _APPLIED}


def _row(statement: Mapping[str, Any], event: Event, employee_id: str | None, course_id: str | None) -> Row:
    return {
        "statement_id": statement["id"],
        "body": json.dumps(statement, separators=(",", ":")),
        "status": _status(event.effect, employee_id, course_id),
        "verb": event.verb,
        "actor_kind": event.actor[0] if event.actor else None,
        "actor_value": event.actor[1] if event.actor else None,
        "activity": event.activity,
        "target_statement_id": event.target,
        "effect": event.effect,
        "value": event.value,
        "employee_id": employee_id,
        "course_id": course_id,
        "voided": False,
        "happened_at": event.happened_at,
    }


def _status(effect: str, employee_id: str | None, course_id: str | None) -> str:
    if effect not in {COMPLETION, PROGRESS}:
        return _STORED
    return _PENDING if employee_id is None or course_id is None else _APPLIED


def _match(
    connection: Connection, tenant: str, waiting: Mapping[str, _Waiting]
) -> dict[str, tuple[str | None, str | None]]:
    """Return the employee and the course each statement means, None where they are not known."""
    people = matching.people_known(connection, tenant, {one.actor for one in waiting.values()})
    courses = matching.courses_known(connection, tenant, {one.activity for one in waiting.values()})
    return {key: (people.get(one.actor), courses.get(one.activity)) for key, one in waiting.items()}


def _void(connection: Connection, tenant: str, events: Mapping[str, Event]) -> set[Pair]:
    """Mark what new statements void and which of them were voided before they came; return whom and what it concerns.

    A voiding statement cannot be voided (xAPI 1.0.3 part 2, 2.3.2): one that tries is kept and changes nothing.
    """
    voiding = table.alias()
    concerned = {*events, *(event.target for event in events.values() if event.effect == VOID and event.target)}
    affected: set[Pair] = set()
    for chunk in chunks(sorted(concerned), _CHUNK):
        asked = (
            select(table.c.statement_id, table.c.employee_id, table.c.course_id, table.c.status)
            .join(voiding, (voiding.c.tenant == tenant) & (voiding.c.target_statement_id == table.c.statement_id))
            .where(
                table.c.tenant == tenant,
                table.c.statement_id.in_(chunk),
                table.c.effect != VOID,
                table.c.voided.is_(False),
                voiding.c.effect == VOID,
            )
        )
        found = connection.execute(asked).all()
        _update(connection, tenant, [{"key": key, "voided": True} for key in {row[0] for row in found}])
        affected |= {(row[1], row[2]) for row in found if row[3] == _APPLIED}
    return affected


def _settle(connection: Connection, tenant: str, pairs: Collection[Pair], *, fresh: Collection[str]) -> None:
    """Bring the facts about people and courses to what the standing statements come to."""
    for chunk in chunks(sorted(pairs), _CHUNK):
        people, courses = {pair[0] for pair in chunk}, {pair[1] for pair in chunk}
        applied = _applied(connection, tenant, people, courses)
        stored = _stored_facts(connection, tenant, people, courses)
        settled = [
            settle({"employee_id": pair[0], "course_id": pair[1]}, applied[pair], stored[pair], fresh) for pair in chunk
        ]
        _write(connection, tenant, settled, [one for pair in chunk for one in applied[pair]])


def _applied(
    connection: Connection, tenant: str, people: Collection[str], courses: Collection[str]
) -> dict[Pair, list[Applied]]:
    found = defaultdict[Pair, list[Applied]](list)
    asked = select(table).where(
        table.c.tenant == tenant,
        table.c.employee_id.in_(people),
        table.c.course_id.in_(courses),
        table.c.status == _APPLIED,
    )
    for row in connection.execute(asked).mappings():
        made = (row["fact_table"], row["fact_id"]) if row["fact_id"] else None
        one = Applied(
            row["statement_id"],
            row["effect"],
            row["value"],
            row["happened_at"],
            row["sequence"],
            row["voided"],
            made,
        )
        found[row["employee_id"], row["course_id"]].append(one)
    return found


def _stored_facts(
    connection: Connection, tenant: str, people: Collection[str], courses: Collection[str]
) -> dict[Pair, dict[Fact, Row]]:
    found = defaultdict[Pair, dict[Fact, Row]](dict)
    for name in _FACTS:
        facts = canonical[name]
        asked = select(facts).where(
            facts.c.tenant == tenant, facts.c.employee_id.in_(people), facts.c.course_id.in_(courses)
        )
        for row in connection.execute(asked).mappings():
            whole = {column: row[column] for column in rows.columns_of(name)}
            found[row["employee_id"], row["course_id"]][name, row["fact_id"]] = whole
    return found


def _write(connection: Connection, tenant: str, settled: Sequence[Settlement], before: Sequence[Applied]) -> None:
    for name in _FACTS:
        gone = sorted(key for one in settled for where, key in one.remove if where == name)
        facts = canonical[name]
        for chunk in chunks(gone, _CHUNK):
            connection.execute(delete(facts).where(facts.c.tenant == tenant, facts.c.fact_id.in_(chunk)))
        rows.put(connection, tenant, name, [row for one in settled for (at, _), row in one.put.items() if at == name])
    made = {key: fact for one in settled for key, fact in one.made.items()}
    moved = [(one.statement_id, made[one.statement_id]) for one in before if made[one.statement_id] != one.made]
    _update(
        connection,
        tenant,
        [{"key": key, "fact_table": fact and fact[0], "fact_id": fact and fact[1]} for key, fact in moved],
    )
    withdrawn = sorted(key for one in settled for key in one.withdrawn)
    _update(connection, tenant, [{"key": key, "status": _WITHDRAWN} for key in withdrawn])


def _update(connection: Connection, tenant: str, changes: Sequence[Row]) -> None:
    """Change columns of statements, each change being a `key` and the same columns."""
    if not changes:
        return
    columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in changes[0] if name != "key"}
    asked = update(table).where(table.c.tenant == tenant, table.c.statement_id == bindparam("key")).values(columns)
    connection.execute(asked, [{("key" if n == "key" else f"new_{n}"): v for n, v in one.items()} for one in changes])
