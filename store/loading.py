"""The tables of a data directory into the database: all of them or none, and a second time without a change."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, insert, select, text

from recommender.schema import TABLES
from store.database import Database, add_tenant, revision_of
from store.erasure import EMPLOYEE, any_erased
from store.identities import forms
from store.rows import chunks
from store.staging import Counts, merge
from store.statements import apply_pending
from store.tables import FACTS, ORDERED, canonical, fact_id, key_of, rejects

Columns = Mapping[str, Sequence[Any]]
"""A table: its columns by name, of one length, None where a cell is empty; a column that is not there says nothing."""

_NAMED_BY = {
    "employees": ("completions", "progress", "identities", "skill_evidence", "role_changes", "feedback"),
    "skills": ("course_skills", "role_skills"),
    "roles": ("role_skills",),
}
"""Tables whose rows bring people, skills and roles into being that no table describes."""


class Progress(Protocol):
    """Told the step and how much of it is done."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say where the work is."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing set aside: where it stood, what was written there, why, and whom the row names ("" nobody)."""

    table: str
    row: int
    column: str
    value: str
    reason: str
    employee_id: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: to each table, how many erased people it left out, how many statements it let apply."""

    tables: Mapping[str, Counts]
    n_erased: int
    n_applied: int


def load(
    database: Database,
    tenant: str,
    tables: Mapping[str, Columns],
    *,
    set_aside: Sequence[Reject] = (),
    replace: bool = False,
    at: int,
    progress: Progress | None = None,
) -> Loaded:
    """Put checked tables into the database, in one transaction, and note what was set aside.

    Rows that are there already with the same content are left alone. People, skills and roles that only other tables name
    get rows with their id alone. Whoever was erased is left out. Other writes of the tenant wait until it is done.

    Parameters
    ----------
    replace
        Whether the tenant has exactly these rows afterwards. Otherwise rows and columns not given stay as they are.
    at
        When, in seconds since 1970-01-01 UTC.

    Raises
    ------
    StoreError
        If the database refuses a value, StoreUnavailable if it is lost; then nothing is changed.
    """
    with database.change() as connection:
        add_tenant(connection, tenant, at=at)
    with database.write(tenant, catalogue=True) as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # a statement may carry millions of rows
        loading = _Loading(
            connection, tenant, _with_named(connection, tenant, tables, replace=replace), replace=replace
        )
        counts = {}
        for name in TABLES:
            if progress is not None:
                progress(f"writing {name}")
            counts[name] = loading.table(name)
        loading.note(set_aside, at=at)
        n_applied = apply_pending(connection, tenant)
    return Loaded(counts, len(loading.erased), n_applied)


def _with_named(
    connection: Connection, tenant: str, tables: Mapping[str, Columns], *, replace: bool
) -> dict[str, Columns]:
    """Return the tables with rows of an id alone for whatever only other tables name."""
    whole = dict(tables)
    for name, namers in _NAMED_BY.items():
        (key,) = key_of(name)
        listed = whole.get(name, {key: []})
        known = set(listed[key])
        if not replace:  # who is stored already keeps what is known of them
            known.update(
                connection.execute(select(canonical[name].c[key]).where(canonical[name].c.tenant == tenant)).scalars()
            )
        named: set[str] = set().union(*(whole[one].get(key, ()) for one in namers if one in whole))
        more = sorted(named - known)
        if more:
            blank = [None] * len(more)
            columns = {column: [*values, *blank] for column, values in listed.items()}
            columns[key] = [*listed[key], *more]
            if name == "roles":  # a role has a title: its id, as long as nobody says another
                columns["title"] = [*listed.get("title", ()), *more]
            whole[name] = columns
    return whole


class _Loading:
    """One load under way."""

    def __init__(self, connection: Connection, tenant: str, tables: Mapping[str, Columns], *, replace: bool) -> None:
        self._connection = connection
        self._tenant = tenant
        self._tables = tables
        self._replace = replace
        people = set().union(*(set(columns.get("employee_id", ())) for columns in tables.values())) - {None, "*"}
        self.erased = any_erased(connection, tenant, EMPLOYEE, people)
        self._revision = revision_of(connection, tenant).catalogue

    def table(self, name: str) -> Counts:
        """Merge one table."""
        if name not in self._tables and not self._replace:
            return Counts(0, 0, 0)
        own = [one.name for one in TABLES[name].columns]
        given = own if self._replace else [one for one in own if one in self._tables[name]]
        more = [] if name not in ORDERED else ["position"]
        compared = [one for one in given if one not in key_of(name)]
        if name in FACTS:
            more = ["fact_id"]
        elif name == "assignments":
            more = ["assignment_id", "position"]
        elif name == "courses":
            more = ["position", "gone", "revision"]
            compared.append("gone")
        elif name == "identities":
            more = ["form", "sha1", "sha1_as_given"]
        if self._replace and "position" in more:
            compared.append("position")
        return merge(
            self._connection,
            canonical[name],
            self._tenant,
            ["tenant", *given, *more],
            self._rows(name, given, more),
            compared=compared,
            kept=() if self._replace or "position" not in more else ("position",),
            replace=self._replace,
        )

    def note(self, set_aside: Sequence[Reject], *, at: int) -> None:
        """Keep what was set aside in place of what the load before did."""
        self._connection.execute(delete(rejects).where(rejects.c.tenant == self._tenant))
        for chunk in chunks((one for one in set_aside if one.employee_id not in self.erased), 1_000):
            noted = [
                {
                    "reject_id": uuid.uuid4().hex,
                    "tenant": self._tenant,
                    "table_name": one.table,
                    "row": one.row,
                    "column_name": one.column,
                    "value": one.value,
                    "reason": one.reason,
                    "employee_id": one.employee_id or None,
                    "at": at,
                }
                for one in chunk
            ]
            self._connection.execute(insert(rejects), noted)

    def _rows(self, name: str, given: Sequence[str], more: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the rows to stage: of several with one key the last, and none of who was erased.

        A list, since nothing may be asked of the database while rows are copied into it.
        """
        first = self._first_position(name) if "position" in more else 0
        found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for i, row in enumerate(self._living(name, given)):
            added: dict[str, Any] = {"position": first + i, "gone": False, "revision": self._revision}
            if name in FACTS:
                added["fact_id"] = fact_id(name, row)
            elif name == "assignments":
                added["assignment_id"] = assignment_id(row)
            elif name == "identities":
                added |= forms(row["kind"], row["value"])
            whole = row | added
            key = tuple(whole[one] for one in key_of(name))
            found[key] = (self._tenant, *(row[one] for one in given), *(added[one] for one in more))
        return list(found.values())

    def _living(self, name: str, given: Sequence[str]) -> Iterator[dict[str, Any]]:
        columns = self._tables.get(name, {})
        n = len(next(iter(columns.values()), ()))
        blank: Sequence[Any] = [None] * n
        names_gone = self._erased_identities(columns) if name == "identities" else frozenset()
        for values in zip(*(columns.get(one, blank) for one in given), strict=True):
            row = dict(zip(given, values, strict=True))
            if self.erased:
                if row.get("employee_id") in self.erased:
                    continue
                if row.get("manager_id") in self.erased:
                    row["manager_id"] = None
            if names_gone and (row["kind"], row["value"]) in names_gone:
                continue
            yield row

    def _erased_identities(self, columns: Columns) -> Collection[tuple[str, str]]:
        pairs = set(zip(columns.get("kind", ()), columns.get("value", ()), strict=True))
        return {
            (kind, value)
            for kind in {kind for kind, _ in pairs}
            for value in any_erased(
                self._connection, self._tenant, kind, {value for one, value in pairs if one == kind}
            )
        }

    def _first_position(self, name: str) -> int:
        if self._replace:
            return 0
        table = canonical[name]
        asked = select(func.coalesce(func.max(table.c.position) + 1, 0)).where(table.c.tenant == self._tenant)
        return int(self._connection.execute(asked).scalar_one())


def assignment_id(row: Mapping[str, Any]) -> str:
    """Return the id of a rule that has none: 32 hexadecimal digits of the SHA-256 of what it says."""
    said = [row.get(column.name) for column in TABLES["assignments"].columns]
    return hashlib.sha256(json.dumps(["assignments", *said]).encode()).hexdigest()[:32]
