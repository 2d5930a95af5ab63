"""The employee's skills: the level of each, where it comes from and how sure that is, and correcting it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np
from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from recommender.arrays import EARLIEST, NONE
from recommender.gap import SkillGap
from recommender.model import Model
from recommender.profile import COMPLETION, OWN, SOURCES
from recommender.schema import EVIDENCE_SOURCES
from store import rows
from store.rows import Row
from web.asking import Question
from web.auth import current_tenant
from web.database import store
from web.live import served
from web.operation import HTML, operation
from web.pages.changing import (
    add_fact,
    coverage_moved,
    go_back,
    standing,
    take_back,
    tell,
    tell_problem,
    tell_undoable,
)
from web.pages.formats import date
from web.pages.paging import Page, page_of
from web.pages.searching import found_in
from web.pages.told import course_title, role_title, skill_name
from web.pages.visits import visitor, visitors_only
from web.pages.words import LEVELS, SHORT, level_name, source_name
from web.schemas import GapRequest
from web.stored import question_about
from web.stored_queries import StoredGapQuery

own_skills = Blueprint("own_skills", __name__, url_prefix="/me")
visitors_only(own_skills, "employee")

SKILLS = "/me/skills"
OWN_SOURCE = SOURCES[OWN]
PER_PAGE = 40
MOST_FOUND = 20
"""Skills a search offers."""
SURE = 0.6
"""Confidence from which a level is called certain: fresh evidence of everybody but oneself. A choice, for words only."""


@dataclass(frozen=True, slots=True)
class SkillLine:
    """One skill as the page shows it.

    `needed` is None for a skill the role aimed at does not need; `source`, `day` and `sureness` are "" where nothing is
    known; `outweighed_by` says who is believed more than the person themselves, "" for nobody; `own_fact` is the id of the
    person's own latest word, "" without one.
    """

    skill_id: str
    name: str
    level: int
    needed: int | None = None
    source: str = ""
    day: str = ""
    sureness: str = ""
    confirm: bool = False
    outweighed_by: str = ""
    own_fact: str = ""


@own_skills.get("/skills")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def skills() -> str:
    """Show the skills of who visits, what the role aimed at needs first, and those a search finds."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    model, typed = question.live.model, request.args.get("q", "").strip()
    lines = _Lines(question, _own_words())
    found = [lines.line(skill) for skill in found_in(typed, model.skills.names)[:MOST_FOUND]]
    address = f"{SKILLS}?{urlencode({'q': typed})}&page={{}}" if typed else f"{SKILLS}?page={{}}"
    page: Page[SkillLine] = page_of(lines.all(), request.args.get("page", ""), address=address, size=PER_PAGE)
    goal = question.query.goal_role
    return render_template(
        "choices/skills.html",
        page=page,
        needed=[one for one in page.items if one.needed is not None],
        others=[one for one in page.items if one.needed is None],
        role=role_title(model, model.roles.ids[goal]) if goal != NONE else "",
        q=typed,
        found=found,
        levels=[(level, level_name(level)) for level in LEVELS],
    )


@own_skills.post("/skills")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def claim() -> Response:
    """Keep what who visits says of their level of a skill."""
    model = served().model
    skill_id, level = request.form.get("skill_id", ""), request.form.get("level", "")
    if model.skills.ids.find(skill_id) == NONE or level not in {str(one) for one in LEVELS}:
        tell_problem(_("Nothing was changed: there is no such skill, or no level was chosen."))
        return go_back(SKILLS)
    before = standing()
    said = {"skill_id": skill_id, "level": int(level), "source": OWN_SOURCE}
    fact = add_fact("skill_evidence", "observed_at", said, subject="skill_id")
    text = _comes_of(skill_id, int(level)) + coverage_moved(before, standing())
    tell_undoable(text, "/me/skills/undo", {"fact_id": fact})
    return go_back(SKILLS)


@own_skills.post("/skills/undo")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def unclaim() -> Response:
    """Take back what who visits said of their level of a skill; what others say stays."""
    before = standing()
    row = take_back("skill_evidence", request.form.get("fact_id", ""), may=is_own_word)
    after = standing()
    name = skill_name(after.model, row["skill_id"], SHORT)
    tell(_("What you said of %(skill)s is taken back.", skill=name) + coverage_moved(before, after))
    return go_back(SKILLS)


def _comes_of(skill_id: str, level: int) -> str:
    """Return whether somebody's word on a skill counts, or whose does instead."""
    question, _asked = question_about(visitor().employee_id, StoredGapQuery(), GapRequest)
    model, profile = question.live.model, question.live.recommender.profile(question.query)
    skill = model.skills.ids.find(skill_id)
    name, counts, source = skill_name(model, skill_id, SHORT), int(profile.level[skill]), int(profile.source[skill])
    if counts == level and source == OWN:
        return _("You are at level %(level)s in %(skill)s now, as you say.", level=level, skill=name)
    if source == NONE:
        return _("Kept. %(skill)s stays at level %(level)s.", skill=name, level=counts)
    return _(
        "Kept, but what counts for %(skill)s is level %(level)s (%(source)s).",
        skill=name,
        level=counts,
        source=source_name(SOURCES[source]),
    )


def _own_words() -> Mapping[str, str]:
    """Return the id of the latest word of who visits on each skill."""
    with store().read() as connection:
        kept = rows.having(connection, current_tenant(), "skill_evidence", employee_id=visitor().employee_id)
    own = [row for row in kept if is_own_word(row)]
    own.sort(key=lambda row: EARLIEST if row["observed_at"] is None else row["observed_at"])
    return {row["skill_id"]: row["fact_id"] for row in own}


def is_own_word(row: Row) -> bool:
    """Tell whether a piece of evidence is the person's own word; one that names no source is."""
    return (row["source"] or OWN_SOURCE) == OWN_SOURCE


class _Lines:
    """Makes the lines of the page from one question."""

    def __init__(self, question: Question, own: Mapping[str, str]) -> None:
        engine = question.live.recommender
        self._model: Model = question.live.model
        self._own = own
        self._profile = engine.profile(question.query)
        self._confidence = self._profile.confidence(question.query.as_of, self._model.evidence)
        self._gap = engine.gap(question.query)
        self._needed: dict[int, SkillGap] = {one.skill_idx: one for one in self._gap.skills}
        claims = question.query.claims
        self._claimed = dict(zip(claims.skill_idx.tolist(), claims.source.tolist(), strict=True))

    def all(self) -> list[SkillLine]:
        """Return what the role needs, the largest gap first, then what else is known or was said, by name."""
        model = self._model
        said = {model.skills.ids.find(one) for one in self._own} - {NONE}
        others = {*np.flatnonzero(self._profile.source != NONE).tolist(), *said} - self._needed.keys()
        in_order = sorted(others, key=lambda skill: (model.skills.names[skill].casefold(), skill))
        return [self.line(skill) for skill in [*self._needed, *in_order]]

    def line(self, skill: int) -> SkillLine:
        """Return the line of one skill."""
        model, profile, needed = self._model, self._profile, self._needed.get(skill)
        return SkillLine(
            skill_id=model.skills.ids[skill],
            name=skill_name(model, model.skills.ids[skill]),
            level=int(profile.level[skill]),
            needed=None if needed is None else needed.needed,
            source=self._source(skill),
            day="" if profile.at[skill] == EARLIEST else date(int(profile.at[skill])),
            sureness=self._sureness(skill),
            confirm=needed is not None and needed.confirm,
            outweighed_by=self._outweighed_by(skill),
            own_fact=self._own.get(model.skills.ids[skill], ""),
        )

    def _source(self, skill: int) -> str:
        source, course = int(self._profile.source[skill]), int(self._profile.course_idx[skill])
        if source == NONE:
            return ""
        if source == COMPLETION and course != NONE:
            return _("by “%(title)s”", title=course_title(self._model, self._model.catalog.ids[course]))
        return source_name(SOURCES[source])

    def _sureness(self, skill: int) -> str:
        if self._profile.source[skill] == NONE:
            return ""
        confidence = float(self._confidence[skill])
        if confidence < self._model.evidence.confirm_below:
            return _("uncertain")
        return _("certain") if confidence >= SURE else _("fairly certain")

    def _outweighed_by(self, skill: int) -> str:
        source = self._claimed.get(skill, OWN)
        return "" if source == OWN else source_name(EVIDENCE_SOURCES[source])
