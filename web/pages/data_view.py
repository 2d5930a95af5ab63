"""What is held of a person, in plain words: each table with its purpose, how long it is kept, and its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from recommender.model import Model
from web.config import settings
from web.pages.formats import date, percent
from web.pages.told import course_title, role_title, skill_name
from web.pages.words import level_name, number, shown, source_name, verb_name

MOST_ROWS = 10
"""Rows of a table that are shown; all are in the file."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "employees": (
        "employee_id",
        "name",
        "role_id",
        "target_role_id",
        "target_since",
        "department",
        "location",
        "language",
        "hired_at",
        "manager_id",
        "hours_per_week",
        "budget",
    ),
    "identities": ("kind", "value"),
    "completions": ("course_id", "completed_at", "score", "progress"),
    "progress": ("course_id", "progress", "at"),
    "skill_evidence": ("skill_id", "level", "source", "observed_at"),
    "feedback": ("course_id", "verb", "at"),
    "role_changes": ("from_role_id", "to_role_id", "changed_at"),
    "assignments": ("course_id", "due_at", "due_days", "recur_days"),
    "statements": ("happened_at", "verb", "course_id", "activity"),
    "decisions": ("at", "kind", "shown"),
    "idempotency": ("at",),
    "rejects": ("table_name", "column_name", "value", "reason"),
    "tickets": ("created_at", "used_at"),
    "visits": ("created_at", "expires_at"),
}
"""The columns shown of each table: what a person can read. The rest are ids and hashes, which are in the file."""
_TIMES = frozenset(
    {
        "at",
        "changed_at",
        "completed_at",
        "created_at",
        "due_at",
        "expires_at",
        "happened_at",
        "hired_at",
        "observed_at",
        "target_since",
        "used_at",
    }
)
_NEWEST_BY = (
    "completed_at",
    "observed_at",
    "changed_at",
    "happened_at",
    "created_at",
    "at",
)


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table with rows of the person: what it is, how long it is kept, how many rows there are, and the newest of them."""

    title: str
    purpose: str
    until: str
    total: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def held_views(tables: Mapping[str, Sequence[Mapping[str, Any]]], model: Model | None) -> list[HeldTable]:
    """Return what is held of a person, by table, what they are and did first; without a model ids stand for titles."""
    order = [*_COLUMNS, *sorted(tables.keys() - _COLUMNS.keys())]
    return [_view(name, tables[name], model) for name in order if name in tables]


def _view(name: str, rows: Sequence[Mapping[str, Any]], model: Model | None) -> HeldTable:
    title, purpose, until = words_of(name)
    newest = sorted(rows, key=_newest, reverse=True)[:MOST_ROWS]
    names = [one for one in _COLUMNS.get(name, ()) if any(row.get(one) is not None for row in newest)]
    cells = tuple(tuple(_cell(one, row.get(one), model) for one in names) for row in newest) if names else ()
    return HeldTable(title, purpose, until, len(rows), tuple(map(label_of, names)), cells)


def _newest(row: Mapping[str, Any]) -> int:
    return next((int(row[name]) for name in _NEWEST_BY if row.get(name) is not None), 0)


def _cell(column: str, value: Any, model: Model | None) -> str:
    """Return a value as people read it."""
    if value is None:
        return ""
    if column in _TIMES:
        return date(int(value))
    if column in {"score", "progress"}:
        return percent(value)
    if column == "level":
        return f"{value} ({level_name(value)})"
    if column == "source":
        return source_name(value)
    if column == "shown":
        return number(len(json.loads(value)))
    if column == "verb":
        return verb_name(value) if "/" not in value else shown(value.rstrip("/").rsplit("/", 1)[-1])
    if column == "kind":
        return _kinds().get(value, shown(value))
    return _named(column, value, model) if isinstance(value, str) else number(value)


def _named(column: str, value: str, model: Model | None) -> str:
    """Return the title or name an id stands for; any other text as it is."""
    if model is not None and column == "course_id":
        return course_title(model, value)
    if model is not None and column == "skill_id":
        return skill_name(model, value)
    if model is not None and column.endswith("role_id"):
        return role_title(model, value)
    return shown(value)


def _kinds() -> dict[str, str]:
    return {
        "recommendations": _("suggested courses"),
        "path": _("a learning path"),
        "explanation": _("why or why not a course"),
        "mbox": _("mail address"),
        "mbox_sha1sum": _("hash of a mail address"),
        "account": _("account"),
        "openid": _("OpenID"),
    }


def label_of(column: str) -> str:
    """Return what a column is called."""
    return {
        "activity": _("About"),
        "at": _("When"),
        "budget": _("Budget"),
        "changed_at": _("When"),
        "column_name": _("Column"),
        "completed_at": _("Completed"),
        "course_id": _("Course"),
        "created_at": _("Made"),
        "department": _("Department"),
        "due_at": _("Until"),
        "due_days": _("Days after joining"),
        "employee_id": _("Your id"),
        "expires_at": _("Until"),
        "from_role_id": _("From"),
        "happened_at": _("When"),
        "hired_at": _("Joined"),
        "hours_per_week": _("Hours a week"),
        "kind": _("Kind"),
        "language": _("Language"),
        "level": _("Level"),
        "location": _("Place"),
        "manager_id": _("Manager's id"),
        "name": _("Name"),
        "observed_at": _("When"),
        "progress": _("Done"),
        "reason": _("Reason"),
        "recur_days": _("Again after days"),
        "role_id": _("Role"),
        "score": _("Score"),
        "shown": _("Courses"),
        "skill_id": _("Skill"),
        "source": _("Who says so"),
        "table_name": _("Table"),
        "target_role_id": _("Role aimed at"),
        "target_since": _("Since"),
        "to_role_id": _("To"),
        "used_at": _("Used"),
        "value": _("Value"),
        "verb": _("What"),
    }[column]


def words_of(table: str) -> tuple[str, str, str]:
    """Return what a table is called, what it is for, and how long its rows are kept."""
    erased, one_by_one = _("Until you are erased."), _("Until you are erased, or it is taken back.")
    return {
        "employees": (_("Who you are"), _("So that suggestions fit your role, your place and your limits."), erased),
        "identities": (_("Your names in other systems"), _("So that what you do there counts here."), erased),
        "completions": (
            _("What you completed"),
            _("Nothing is suggested twice, and it raises your skills."),
            one_by_one,
        ),
        "progress": (_("What you have begun"), _("It is not suggested as new."), one_by_one),
        "skill_evidence": (_("What is said of your skills"), _("Your levels are worked out from it."), one_by_one),
        "feedback": (_("What you said of courses"), _("So that the next suggestions fit better."), one_by_one),
        "role_changes": (_("Your changes of role"), _("Required training counts from them."), erased),
        "assignments": (_("What is required of you by name"), _("So that it is listed with its date."), erased),
        "statements": (
            _("Events your learning platform sent"),
            _("What you completed or began is taken from them."),
            erased,
        ),
        "decisions": (
            _("What was shown to you"),
            _("So that it can be told later why something was suggested."),
            _("%(days)s days.", days=number(settings().decision_days)),
        ),
        "idempotency": (
            _("Answers to what was written about you"),
            _("So that nothing is written twice."),
            _("A day."),
        ),
        "rejects": (
            _("What could not be read about you"),
            _("So that whoever loads the data can mend it."),
            _("Until the next load."),
        ),
        "tickets": (_("Links to these pages"), _("Each lets you in once."), _("A few minutes.")),
        "visits": (
            _("Your visits"),
            _("So that this browser stays yours until you leave."),
            _("%(hours)s hours at most.", hours=number(settings().visit_hours)),
        ),
    }.get(table, (shown(table), "", erased))
