"""What every change on a page has in common: where it leads back to, what is said of it, and how it is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect
from flask_babel import gettext as _

from recommender.gap import Gap
from recommender.model import Model
from store import rows
from store.database import Connection
from store.rows import Row
from store.tables import fact_id
from web.config import settings
from web.pages.formats import percent
from web.pages.places import back
from web.pages.told import role_title
from web.pages.visits import visitor
from web.pages.words import SHORT
from web.problems import Problem
from web.schemas import GapRequest
from web.stored import AHEAD, question_about
from web.stored_queries import StoredGapQuery
from web.writing import Written, write

_FACT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def go_back(default: str = "/me") -> Response:
    """Lead back to the page a form stood on."""
    return redirect(back("/me", default=default), 303)  # type: ignore[return-value]


def tell(text: str) -> None:
    """Have the next page say what was done."""
    flash(text, "done")


def tell_problem(text: str) -> None:
    """Have the next page say why nothing was changed."""
    flash(text, "problem")


def tell_undoable(text: str, undo: str, fields: Mapping[str, str]) -> None:
    """Have the next page say what was done, with a button that posts `fields` to the address `undo`."""
    flash({"text": text, "undo": undo, "fields": dict(fields)}, "undo")  # type: ignore[arg-type]


def change_employee(**values: Any) -> Row:
    """Change what is stored of who visits, some columns of one row, and return what these held before.

    Raises
    ------
    Problem
        404 if they are stored no more.
    """
    who, before = visitor().employee_id, Row()

    def change(connection: Connection, tenant: str) -> Written:
        row = rows.one(connection, tenant, "employees", who)
        if row is None:
            raise _gone()
        before.update({name: row[name] for name in values})
        rows.put(connection, tenant, "employees", [row | values])
        return Written(204)

    write(change, employee_id=who)
    return before


def add_fact(table: str, time: str, fact: Mapping[str, Any], *, subject: str) -> str:
    """Record a fact about who visits, of now, and return its id.

    It is later than what was recorded of the same `subject` before, if need be by a second: so it counts instead, and what
    counted before counts again when it is taken back.

    Parameters
    ----------
    table, time
        A table of facts, and the column of its time.
    subject
        The column that says what the fact is about.

    Raises
    ------
    Problem
        404 if they are stored no more.
    """
    who, now = visitor().employee_id, settings().clock()
    made: list[str] = []

    def change(connection: Connection, tenant: str) -> Written:
        if rows.one(connection, tenant, "employees", who) is None:
            raise _gone()
        same = rows.having(connection, tenant, table, employee_id=who, **{subject: fact[subject]})
        times = [one[time] for one in same if one[time] is not None and one[time] < now + AHEAD]
        row = {**fact, "employee_id": who, time: max([now, *(at + 1 for at in times)])}
        rows.put(connection, tenant, table, [row])
        made.append(fact_id(table, row))
        return Written(201)

    write(change, employee_id=who)
    return made[0]


def take_back(table: str, fact: str, *, may: Callable[[Row], bool] = lambda _row: True) -> Row:
    """Take back a fact about who visits and return what it was.

    Parameters
    ----------
    may
        Tells of a fact whether they may take it back themselves; one that they may not is as if it were not there.

    Raises
    ------
    Problem
        404 if there is no such fact about them.
    """
    who, found = visitor().employee_id, Row()
    if not _FACT_ID.fullmatch(fact):
        raise _unknown_fact()

    def change(connection: Connection, tenant: str) -> Written:
        theirs = rows.having(connection, tenant, table, employee_id=who, fact_id=fact)
        if not theirs or not may(theirs[0]):
            raise _unknown_fact()
        rows.remove(connection, tenant, table, employee_id=who, fact_id=fact)
        found.update(theirs[0])
        return Written(204)

    write(change, employee_id=who)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: their gap, and the model that knows the names in it."""

    gap: Gap
    model: Model


def standing() -> Standing:
    """Return where who visits stands now, for the role they aim at."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    return Standing(question.live.recommender.gap(question.query), question.live.model)


def coverage_moved(before: Standing, after: Standing) -> str:
    """Return how the coverage of the role aimed at moved, as a sentence with a space before it; "" where it did not."""
    was, now = before.gap.coverage, after.gap.coverage
    if was is None or now is None or was == now or before.gap.role_idx != after.gap.role_idx:
        return ""
    role = role_title(after.model, after.model.roles.ids[after.gap.role_idx], SHORT)
    return " " + _("Of %(role)s you cover %(now)s now; before, %(was)s.", role=role, now=percent(now), was=percent(was))


def _unknown_fact() -> Problem:
    return Problem(404, "There is no such fact about who visits.")


def _gone() -> Problem:
    return Problem(404, "Nothing is stored of who visits any more.")
