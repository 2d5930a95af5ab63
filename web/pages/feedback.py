"""What the employee says of courses: it counts in the next answer, is listed, and can be taken back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from recommender.arrays import NONE
from recommender.eligibility import LATER
from recommender.engine import Recommender
from recommender.exclusions import exclusions
from recommender.model import Model
from recommender.query import Query
from recommender.reasons import as_dicts
from recommender.schema import FEEDBACK_VERBS
from recommender.skills import strain
from store import rows
from store.rows import Row
from web.auth import current_tenant
from web.config import settings
from web.database import store
from web.live import served
from web.operation import HTML, operation
from web.pages.changing import add_fact, coverage_moved, go_back, standing, take_back, tell, tell_problem, tell_undoable
from web.pages.formats import date
from web.pages.home_courses import about
from web.pages.paging import Page, page_of
from web.pages.told import course_title
from web.pages.visits import visitor, visitors_only
from web.pages.wording import said
from web.pages.words import SHORT, verb_name
from web.schemas import GapRequest
from web.stored import question_about
from web.stored_queries import StoredGapQuery

opinions = Blueprint("opinions", __name__, url_prefix="/me")
visitors_only(opinions, "employee")


@opinions.post("/feedback")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def say() -> Response:
    """Keep what is said of a course."""
    model = served().model
    course_id, verb = request.form.get("course_id", ""), request.form.get("verb", "")
    if model.catalog.ids.find(course_id) == NONE or verb not in FEEDBACK_VERBS:
        tell_problem(_("Nothing was changed: there is no such course, or nothing was said of it."))
        return go_back()
    before = standing()
    fact = add_fact("feedback", "at", {"course_id": course_id, "verb": verb}, subject="course_id")
    text = _comes_of(verb, course_id, model) + coverage_moved(before, standing())
    tell_undoable(text, "/me/feedback/undo", {"fact_id": fact})
    return go_back()


@opinions.post("/feedback/undo")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def unsay() -> Response:
    """Take back what was said of a course."""
    before = standing()
    row = take_back("feedback", request.form.get("fact_id", ""))
    title = course_title(before.model, row["course_id"], SHORT)
    text = _("You said of “%(title)s”: %(verb)s. That is taken back.", title=title, verb=verb_name(row["verb"]))
    tell(text + coverage_moved(before, standing()))
    return go_back()


def _comes_of(verb: str, course_id: str, model: Model) -> str:
    """Return what a word on a course does, as docs/model.md has it."""
    title, again = course_title(model, course_id, SHORT), date(settings().clock() + LATER)
    match verb:
        case "not_interested":
            return _("“%(title)s” is no longer offered to you.", title=title)
        case "already_know":
            return _("“%(title)s” is no longer offered; you count as knowing what it teaches.", title=title)
        case "too_easy":
            return _(
                "“%(title)s” is no longer offered, nor what teaches nothing beyond it; "
                "you count as knowing what it teaches.",
                title=title,
            )
        case "later":
            return _("“%(title)s” comes back on %(day)s.", title=title, day=again)
    if _is_beyond(course_id):
        return _(
            "“%(title)s” comes back once you have the levels it asks for, on %(day)s at the earliest.",
            title=title,
            day=again,
        )
    return _("“%(title)s” comes back on %(day)s.", title=title, day=again)


def _is_beyond(course_id: str) -> bool:
    """Tell whether a course asks for levels that who visits does not have."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    catalog, levels = question.live.model.catalog, question.live.recommender.levels(question.query)
    return bool(strain(levels, catalog, np.array([catalog.ids.find(course_id)], dtype=np.int32))[0] > 0)


@dataclass(frozen=True, slots=True)
class Word:
    """One thing said of a course: of which, what, when, what comes of it, and by which id it is taken back."""

    address: str
    title: str
    verb: str
    day: str
    comes_of_it: str
    fact_id: str


@opinions.get("/said")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def words() -> str:
    """Show everything that was said of courses, the latest first."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    with store().read() as connection:
        kept = rows.having(connection, current_tenant(), "feedback", employee_id=visitor().employee_id)
    kept.sort(key=lambda row: (-_when(row), row["course_id"], FEEDBACK_VERBS.index(row["verb"])))
    first: dict[str, str] = {}
    for row in kept:
        first.setdefault(row["course_id"], row["fact_id"])
    shown: Page[Row] = page_of(kept, request.args.get("page", ""), address="/me/said?page={}")
    speaker = _Speaker(question.live.recommender, question.query)
    found = [speaker.word(row, counts=first[row["course_id"]] == row["fact_id"]) for row in shown.items]
    n = ngettext("%(num)s thing said", "%(num)s things said", len(kept)) if kept else ""
    return render_template("choices/said.html", words=found, page=shown, n_said=n, effects=effects())


def effects() -> list[tuple[str, str]]:
    """Return what each word on a course does: (the word, what comes of it)."""
    return [
        (verb_name("not_interested"), _("It is not offered again.")),
        (
            verb_name("already_know"),
            _("It is not offered again, and you count as having at least the levels it teaches."),
        ),
        (
            verb_name("too_easy"),
            _("The same, and no course is offered that teaches nothing beyond it."),
        ),
        (
            verb_name("too_hard"),
            _("It comes back after 90 days, once you have the levels it asks for."),
        ),
        (verb_name("later"), _("It comes back after 90 days.")),
    ]


def _when(row: Row) -> int:
    return -(2**62) if row["at"] is None else int(row["at"])


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Tells what comes of things said, from the question of who said them."""

    recommender: Recommender
    query: Query

    def word(self, row: Row, *, counts: bool) -> Word:
        return Word(
            address=about(row["course_id"]),
            title=course_title(self.recommender.model, row["course_id"]),
            verb=verb_name(row["verb"]),
            day="" if row["at"] is None else date(row["at"]),
            comes_of_it=self._comes_of(row["course_id"], row["verb"]) if counts else _("You said something later."),
            fact_id=row["fact_id"],
        )

    def _comes_of(self, course_id: str, verb: str) -> str:
        model = self.recommender.model
        course = model.catalog.ids.find(course_id)
        if course == NONE:
            return _("The course is gone.")
        for one in exclusions(model, self.query, course, levels=self.recommender.levels(self.query)):
            if one.code == "feedback" and one.numbers["course_id"] == course_id:
                return said(as_dicts([one])[0], model, about=course_id)
        if verb in {"already_know", "too_easy"}:
            return _("You count as knowing what it teaches.")
        return _("Its time is over; it may be offered again.")
