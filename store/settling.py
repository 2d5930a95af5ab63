"""What the statements about one person and one course come to: completions, progress, and what is taken back.

Everything is worked out anew from all of them, so that the order in which they arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.tables import fact_id
from store.xapi import COMPLETION, PROGRESS

ONE_ATTEMPT = 86_400
"""Seconds within which completions of a course are one: `completed` and `passed` of an attempt come apart by minutes,
or by a day where a test closes the course; nobody completes a course twice a day (ADR 18)."""

Row = dict[str, Any]
Fact = tuple[str, str]
"""A table and a `fact_id`."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A statement whose person and course are known, `made` being the fact it stands for so far."""

    statement_id: str
    effect: str
    value: float | None
    happened_at: int
    sequence: int
    voided: bool
    made: Fact | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The facts to put and to remove, which statement stands for which, and which statements no longer count."""

    put: dict[Fact, Row] = field(default_factory=dict)
    remove: set[Fact] = field(default_factory=set)
    made: dict[str, Fact | None] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)


def settle(
    person_course: Row, statements: Sequence[Applied], stored: Mapping[Fact, Row], fresh: Collection[str]
) -> Settlement:
    """Return what statements about one person and one course come to.

    Parameters
    ----------
    person_course
        `employee_id` and `course_id`.
    statements
        All of them, voided ones too.
    stored
        The completions and the progress of this person in this course that are stored, by table and `fact_id`.
    fresh
        The ids of statements that are being applied for the first time.
    """
    ours = {one.made for one in statements if one.made is not None}
    withdrawn = _withdrawn(statements, stored, fresh)
    standing = [one for one in statements if not one.voided and one.statement_id not in withdrawn]
    standing.sort(key=lambda one: (one.happened_at, one.sequence))
    others = [row["completed_at"] for (table, key), row in stored.items() if _foreign(table, key, ours)]
    wanted = _completions(standing, others) + _progress(standing)
    put: dict[Fact, Row] = {}
    made: dict[str, Fact | None] = {one.statement_id: None for one in statements}
    for maker, table, more in wanted:
        row = person_course | more
        fact = (table, fact_id(table, row))
        if fact in stored and fact not in ours:
            continue
        put[fact] = stored.get(fact, {}) | row
        made[maker] = fact
    changed = {fact: row for fact, row in put.items() if stored.get(fact) != row}
    return Settlement(changed, (ours & stored.keys()) - put.keys(), made, withdrawn)


def _foreign(table: str, key: str, ours: Collection[Fact | None]) -> bool:
    return table == "completions" and (table, key) not in ours


def _withdrawn(statements: Sequence[Applied], stored: Mapping[Fact, Row], fresh: Collection[str]) -> set[str]:
    """Return the statements that stood for a fact which others have removed: it must not come back by itself."""
    gone: set[str] = set()
    for maker in statements:
        if maker.made is None or maker.made in stored:
            continue
        for one in statements:
            late = one.happened_at - maker.happened_at
            same = late <= 0 if one.effect == PROGRESS else 0 <= late < ONE_ATTEMPT
            if one.effect == maker.effect and same and one.statement_id not in fresh:
                gone.add(one.statement_id)
    return gone


def _completions(standing: Sequence[Applied], others: Sequence[int]) -> list[tuple[str, str, Row]]:
    """Return (statement, table, row) of each completion: the first of an attempt makes it, any of them says its score."""
    attempts: list[list[Applied]] = []
    for one in standing:
        if one.effect != COMPLETION or any(abs(one.happened_at - other) < ONE_ATTEMPT for other in others):
            continue
        if attempts and one.happened_at - attempts[-1][0].happened_at < ONE_ATTEMPT:
            attempts[-1].append(one)
        else:
            attempts.append([one])
    found = []
    for attempt in attempts:
        scores = [one.value for one in attempt if one.value is not None]
        row = {"completed_at": attempt[0].happened_at, "score": scores[-1] if scores else None}
        found.append((attempt[0].statement_id, "completions", row))
    return found


def _progress(standing: Sequence[Applied]) -> list[tuple[str, str, Row]]:
    """Return (statement, table, row) of the latest progress; what came before it says nothing more."""
    latest = [one for one in standing if one.effect == PROGRESS][-1:]
    return [(one.statement_id, "progress", {"progress": one.value, "at": one.happened_at}) for one in latest]
