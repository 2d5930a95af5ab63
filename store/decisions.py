"""The decision log: what was shown to whom, by which model, with which scores."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

import orjson
from sqlalchemy import Connection, delete, select, text

from store.erasure import EMPLOYEE, any_erased, keep_erasures_out
from store.rows import chunks
from store.tables import decisions

PIECE = 500
"""Rows added or deleted in one statement."""

BLOCK = 32
"""Rows of SQLite added in one execution of a statement: more prepare no faster, and leave more to be added one by one."""

Row = tuple[str | int | None, ...]
"""The values of a row, in the order of the table's columns."""
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
    add = _add_to_postgresql if connection.dialect.name == "postgresql" else _add_to_sqlite
    for piece in chunks(made, PIECE):
        add(connection, [_row(one, erased=(one.tenant, one.employee_id) in gone) for one in piece])


def forget_before(connection: Connection, moment: int) -> int:
    """Delete at most `PIECE` decisions from before a moment, the oldest first, and return how many."""
    oldest = select(decisions.c.decision_id).where(decisions.c.at < moment).order_by(decisions.c.at).limit(PIECE)
    return int(connection.execute(delete(decisions).where(decisions.c.decision_id.in_(oldest))).rowcount)


def _row(one: Decision, *, erased: bool) -> Row:
    """Return a decision as it is stored."""
    employee_id, request_id = (None, None) if erased else (one.employee_id, one.request_id)
    shown = orjson.dumps(one.shown).decode()
    return one.decision_id, one.tenant, employee_id, one.at, one.kind, one.model_version, request_id, shown


def _add_to_sqlite(connection: Connection, rows: Sequence[Row]) -> None:
    """Add rows, `BLOCK` with each execution of a statement, and one by one those that are left over.

    There are two statements, so that SQLite prepares each once; each execution gives the interpreter's lock back once.
    """
    whole = len(rows) - len(rows) % BLOCK
    for n, some in ((BLOCK, rows[:whole]), (1, rows[whole:])):
        if some:
            blocks = [tuple(chain.from_iterable(some[i : i + n])) for i in range(0, len(some), n)]
            connection.exec_driver_sql(_insert_of(n), blocks)


@cache
def _insert_of(n: int) -> str:
    """Return SQLite's statement that adds n rows, their values one behind the other."""
    marks = f"({', '.join('?' * len(_NAMES))})"
    return f"{_INSERT} VALUES {', '.join([marks] * n)} {_UNLESS_THERE}"


def _add_to_postgresql(connection: Connection, rows: Sequence[Row]) -> None:
    """Add rows as one JSON text: a parameter for each value costs the driver six times as much."""
    connection.execute(
        _FROM_JSON, {"rows": orjson.dumps([dict(zip(_NAMES, row, strict=True)) for row in rows]).decode()}
    )


_NAMES = tuple(str(column.name) for column in decisions.columns)
_COLUMNS = ", ".join(_NAMES)
_INSERT = f"INSERT INTO {decisions.name} ({_COLUMNS})"
_UNLESS_THERE = "ON CONFLICT (decision_id) DO NOTHING"
_TYPED = ", ".join(f"{column.name} {column.type}" for column in decisions.columns)
_FROM_JSON = text(
    f"{_INSERT} SELECT {_COLUMNS} FROM json_to_recordset(CAST(:rows AS json)) AS made ({_TYPED}) {_UNLESS_THERE}"
)
