"""The decision log: what was shown to whom, by which model, with which scores."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select

from store.erasure import EMPLOYEE, any_erased, keep_erasures_out
from store.rows import chunks
from store.tables import decisions, insert_into

PIECE = 500
"""Rows added or deleted in one statement."""

Shown = Sequence[tuple[str, float]]
"""Courses in the order shown, each with what it was ranked by."""


def new_id() -> str:
    """Return an id that no other has: 128 random bits, 32 hexadecimal digits. It names, and is no secret.

    From Python's generator, which the system seeds once in each process, also a forked one; `uuid4` asks it each time.
    """
    return f"{random.getrandbits(128):032x}"


def next_id() -> str:
    """Return an id as `new_id` does that sorts by when it was made: milliseconds, then 80 random bits.

    What is written at once then lies side by side in an index, so that far fewer of its pages change.
    """
    return f"{time.time_ns() // 1_000_000:012x}{random.getrandbits(80):020x}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was shown once.

    Parameters
    ----------
    employee_id
        Whom it was shown to if that is somebody stored, else None.
    at
        When, in seconds since 1970-01-01 UTC.
    kind
        Of the answer: "recommendations", "path" or "explanation".
    """

    tenant: str
    employee_id: str | None
    at: int
    kind: str
    model_version: str
    request_id: str
    shown: Shown
    decision_id: str = field(default_factory=next_id)


def append(connection: Connection, made: Sequence[Decision]) -> None:
    """Add decisions; those that are there already stay as they are, so that adding again is harmless.

    Of people erased meanwhile only what was shown is kept. Erasures wait until the transaction ends.
    """
    people = defaultdict[str, set[str]](set)
    for one in made:
        if one.employee_id is not None:
            people[one.tenant].add(one.employee_id)
    gone = set[tuple[str, str | None]]()
    for tenant, ids in sorted(people.items()):
        keep_erasures_out(connection, tenant)
        gone |= {(tenant, one) for one in any_erased(connection, tenant, EMPLOYEE, ids)}
    # The rows apart from the statement: written into it, each number of rows would be another statement to compile.
    asked = insert_into(connection, decisions).on_conflict_do_nothing(index_elements=["decision_id"])
    for piece in chunks(made, PIECE):
        connection.execute(asked, [_row(one, erased=(one.tenant, one.employee_id) in gone) for one in piece])


def forget_before(connection: Connection, moment: int) -> int:
    """Delete at most `PIECE` decisions from before a moment, the oldest first, and return how many."""
    oldest = select(decisions.c.decision_id).where(decisions.c.at < moment).order_by(decisions.c.at).limit(PIECE)
    return int(connection.execute(delete(decisions).where(decisions.c.decision_id.in_(oldest))).rowcount)


def _row(one: Decision, *, erased: bool) -> dict[str, Any]:
    return {
        "decision_id": one.decision_id,
        "tenant": one.tenant,
        "employee_id": None if erased else one.employee_id,
        "at": one.at,
        "kind": one.kind,
        "model_version": one.model_version,
        "request_id": None if erased else one.request_id,
        "shown": orjson.dumps(one.shown).decode(),
    }
