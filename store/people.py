"""One stored person, as plain ids and seconds: what is known of them, and what of it holds at a moment.

The rules are those of a data set (`recommender.query.query_of`, `recommender.company.People`): the same facts give the
same question wherever they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from recommender.arrays import EARLIEST
from recommender.required import binds, due_of
from recommender.schema import EVERYONE, IN_PROGRESS_BELOW
from store.database import Database, Revision, revision_in
from store.queries import Query
from store.rows import Row, among, chunks, everything
from store.tables import canonical, tenants


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A change of role: from which, "" where not known, to which, and when."""

    from_role_id: str
    to_role_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Rule:
    """An assignment that may bind the person; `role_id` and `department` are None where it asks for none."""

    course_id: str
    role_id: str | None
    department: str | None
    due_at: int | None
    due_days: int | None
    recur_days: int | None


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """What is stored of one person. Times are seconds, `EARLIEST` where undated; unknown ids and texts are "".

    Parameters
    ----------
    role_id, target_role_id, target_since
        As they stand in the table of employees; `role_at` and `target_at` say what holds at a moment.
    history
        (course, time) of each completion, oldest first, repeats included.
    begun
        (course, share done, time) of each course begun and not finished, oldest first, so that the last one counts.
    feedback
        (course, verb, time).
    claims
        (skill, level, source, time).
    role_changes
        Oldest first.
    rules
        Assignments that name the person, or nobody in particular.
    """

    employee_id: str
    role_id: str
    target_role_id: str
    target_since: int
    department: str
    location: str
    language: str
    hired_at: int
    hours_per_week: float | None
    budget: float | None
    history: tuple[tuple[str, int], ...]
    begun: tuple[tuple[str, float, int], ...]
    feedback: tuple[tuple[str, str, int], ...]
    claims: tuple[tuple[str, int, str, int], ...]
    role_changes: tuple[RoleChange, ...]
    rules: tuple[Rule, ...]

    def role_at(self, at: int) -> str:
        """Return the role held at a moment: the last change up to it, else the role the first change left."""
        past = [change for change in self.role_changes if change.at <= at]
        if past:
            return past[-1].to_role_id
        return self.role_changes[0].from_role_id if self.role_changes else self.role_id

    def target_at(self, at: int) -> str:
        """Return the target role at a moment, "" before it was set."""
        return self.target_role_id if self.target_since <= at else ""

    def duties_at(self, at: int) -> list[tuple[str, int | None, int | None]]:
        """Return (course, due or None, days after which it is due again or None) of what binds the person at a moment."""
        entered = [change.at for change in self.role_changes if change.at <= at]
        began = max(self.hired_at, entered[-1] if entered else EARLIEST)
        held = (self.role_at(at), self.department)
        return [
            (rule.course_id, due_of(rule.due_at, rule.due_days, began=began), rule.recur_days)
            for rule in self.rules
            if binds((rule.role_id, rule.department), held)
        ]

    def latest(self, *, until: int) -> int:
        """Return when the latest fact up to a moment happened, `EARLIEST` if there is none."""
        times = [row[-1] for facts in (self.history, self.begun, self.feedback, self.claims) for row in facts]
        times += [change.at for change in self.role_changes] + [self.target_since]
        return max((int(at) for at in times if at <= until), default=EARLIEST)


def person_of(database: Database, tenant: str, employee_id: str) -> StoredPerson | None:
    """Return a person of a tenant with everything an answer to them rests on; None if there is no such employee.

    Raises
    ------
    StoreUnavailable
        If the database cannot be reached.
    """
    return person_and_revision(database, tenant, employee_id)[0]


def person_and_revision(database: Database, tenant: str, employee_id: str) -> tuple[StoredPerson | None, Revision]:
    """Return a person as `person_of` does, and how often the tenant's rows had been changed at that moment."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _PLACES}
    for row in database.ask(PERSON, tenant=tenant, employee_id=employee_id):
        found[row[0]].append(row)
    revision = revision_in(_REVISION(row) for row in found["tenants"])
    if not found["employees"]:
        return None, revision
    for name in (*_FACTS, "assignments"):
        found[name].sort(key=_OWN_ID)
    rules = tuple(Rule(*_RULE(row)) for row in found["assignments"])
    facts = {name: _named(name, found[name]) for name in _FACTS if name != "completions"}
    employee = _named("employees", found["employees"])[0]
    return _person(employee, facts, map(_COMPLETION, found["completions"]), rules), revision


def _named(table: str, rows: list[tuple[Any, ...]]) -> list[Row]:
    return [{column: row[place] for column, place in _PLACES[table].items()} for row in rows]


def everyone(connection: Connection, tenant: str, *, block: int = 500) -> Iterator[StoredPerson]:
    """Yield every person of a tenant in the order of their ids, as `person_of` but without the assignments.

    What is known of a block of people is read at once, so that a company of any size takes little memory.
    """
    for rows in chunks(everything(connection, tenant, "employees", block=block), block):
        ids = [row["employee_id"] for row in rows]
        facts: dict[str, dict[str, list[Row]]] = {one: {name: [] for name in _FACTS} for one in ids}
        for name in _FACTS:
            for fact in among(connection, tenant, name, "employee_id", ids):
                facts[fact["employee_id"]][name].append(fact)
        for row in rows:
            own = facts[row["employee_id"]]
            completions = ((one["course_id"], one["completed_at"], one["progress"]) for one in own["completions"])
            yield _person(row, own, completions, ())


_FACTS = ("completions", "progress", "feedback", "skill_evidence", "role_changes")
_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "employees": (
        ("employee_id", "role_id", "target_role_id", "department", "location", "language"),
        ("target_since", "hired_at"),
        ("hours_per_week", "budget"),
    ),
    "completions": (("fact_id", "course_id"), ("completed_at",), ("progress",)),
    "progress": (("fact_id", "course_id"), ("at",), ("progress",)),
    "feedback": (("fact_id", "course_id", "verb"), ("at",), ()),
    "skill_evidence": (("fact_id", "skill_id", "source"), ("observed_at", "level"), ()),
    "role_changes": (("fact_id", "from_role_id", "to_role_id"), ("changed_at",), ()),
    "assignments": (
        ("assignment_id", "course_id", "role_id", "department"),
        ("due_at", "due_days", "recur_days"),
        (),
    ),
    "tenants": ((), ("revision", "catalogue_revision"), ()),
}
"""What is read of each table: texts, the id of a fact or an assignment first, whole numbers and others."""
_ROOM = ((1, 6, Text), (7, 3, BigInteger), (10, 2, Double))
"""Where a row of `PERSON` has its texts, whole numbers and others, and how many; its first value is the table's name."""
_PLACES = {
    name: {column: at + i for (at, _, _), own in zip(_ROOM, kinds, strict=True) for i, column in enumerate(own)}
    for name, kinds in _COLUMNS.items()
}


def _values(table: str, *columns: str) -> itemgetter[Any]:
    """Return what takes the values of columns out of a row of `PERSON`."""
    return itemgetter(*(_PLACES[table][column] for column in columns))


_OWN_ID, _BY_TIME = itemgetter(1), itemgetter(1, 0)
_COMPLETION = _values("completions", "course_id", "completed_at", "progress")
_RULE = _values("assignments", "course_id", "role_id", "department", "due_at", "due_days", "recur_days")
_REVISION = _values("tenants", "revision", "catalogue_revision")


def _columns(name: str, table: Table) -> list[ColumnElement[Any]]:
    """Return the columns of a part of `PERSON`: the table's name, then its own, with nothing where another has more."""
    columns: list[ColumnElement[Any]] = [literal_column(f"'{name}'")]
    for (_, room, kind), own in zip(_ROOM, _COLUMNS[name], strict=True):
        columns += [*(table.c[column] for column in own), *(cast(null(), kind) for _ in range(room - len(own)))]
    return columns


def _part(name: str, *, of_nobody: bool = False) -> Select[Any]:
    """Return what `PERSON` asks of one table that names people."""
    table, who = canonical[name], bindparam("employee_id", type_=Text)
    named = table.c.employee_id
    mine = named == who
    if name == "assignments":
        mine = or_(mine, named == literal_column("''"), named == literal_column(f"'{EVERYONE}'"))
    wanted = named.is_(None) if of_nobody else mine
    return select(*_columns(name, table)).where(table.c.tenant == bindparam("tenant", type_=Text), wanted)


_OF_TENANT = select(*_columns("tenants", tenants)).where(tenants.c.tenant == bindparam("tenant", type_=Text))
# Those that name nobody apart: asked for together, SQLite would look through every assignment there is.
PERSON = Query(
    union_all(
        _OF_TENANT,
        *(_part(name) for name in ("employees", *_FACTS, "assignments")),
        _part("assignments", of_nobody=True),
    )
)
"""Everything that is stored of one person, a row of any table each, and the tenant's revision.

It is one statement, so that all of it is of one moment.
"""


def _person(
    row: Row, facts: Mapping[str, list[Row]], completions: Iterable[_Completion], rules: tuple[Rule, ...]
) -> StoredPerson:
    ended, unfinished = _told_apart(completions)
    begun = [(fact["course_id"], _share(fact["progress"]), _at(fact["at"])) for fact in facts["progress"]]
    changes = (
        RoleChange(one["from_role_id"] or "", one["to_role_id"], one["changed_at"]) for one in facts["role_changes"]
    )
    claims = facts["skill_evidence"]
    return StoredPerson(
        employee_id=row["employee_id"],
        role_id=row["role_id"] or "",
        target_role_id=row["target_role_id"] or "",
        target_since=_at(row["target_since"]),
        department=row["department"] or "",
        location=row["location"] or "",
        language=row["language"] or "",
        hired_at=_at(row["hired_at"]),
        hours_per_week=row["hours_per_week"],
        budget=row["budget"],
        history=tuple(sorted(ended, key=_BY_TIME)),
        begun=tuple(sorted(begun + unfinished, key=lambda fact: fact[2])),
        feedback=tuple((fact["course_id"], fact["verb"], _at(fact["at"])) for fact in facts["feedback"]),
        claims=tuple((c["skill_id"], c["level"], c["source"] or "self", _at(c["observed_at"])) for c in claims),
        role_changes=tuple(sorted(changes, key=lambda change: (change.at, change.to_role_id))),
        rules=rules,
    )


_Completion = tuple[str, int, float | None]
"""Which course, when, and the share of it that was done, None where it is not said."""


def _told_apart(completions: Iterable[_Completion]) -> tuple[list[tuple[str, int]], list[tuple[str, float, int]]]:
    """Return the completions, and the courses of which too little was done to count as completed."""
    ended, begun = [], []
    for course, at, progress in completions:
        if progress is not None and progress < IN_PROGRESS_BELOW:
            begun.append((course, _share(progress), at))
        else:
            ended.append((course, at))
    return ended, begun


def _share(progress: float) -> float:
    """Return a share in whole percent, the exactness in which a data set keeps it."""
    return float(np.round(np.float32(progress) * 100)) / 100


def _at(seconds: int | None) -> int:
    return EARLIEST if seconds is None else seconds
