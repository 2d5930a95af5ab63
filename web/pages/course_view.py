"""One course as its page shows it: what it is, what it asks for and teaches, and why it is suggested or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flask_babel import gettext as _
from flask_babel import ngettext

from recommender.model import Model
from web.asking import Question
from web.pages.home_courses import Lift, Part, about, facts_of, followable, lifts_of, shown_parts, two_digits
from web.pages.told import course_title, role_title, skill_name
from web.pages.wording import difficulty_name, number, part_name, said
from web.pages.words import shown

LONGEST_DESCRIPTION = 1_000


@dataclass(frozen=True, slots=True)
class Taught:
    """A skill a course teaches: to which level, what it asks for (0 for nothing), what is there, all levels 0–5.

    `is_declared` tells whether the catalogue asks for the entry level; one that is assumed forbids nothing.
    """

    name: str
    level: int
    entry_level: int
    is_declared: bool
    have: int


@dataclass(frozen=True, slots=True)
class Before:
    """A course to be completed before: its title, where it is looked up, and whether it is done in any version."""

    title: str
    address: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of two scores, as they are shown."""

    name: str
    own: str
    other: str
    difference: str


@dataclass(frozen=True, slots=True)
class Rival:
    """The last course that is suggested, and what it has that this one has not, the largest difference first."""

    title: str
    address: str
    rank: int
    parts: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class CourseView:
    """Everything the page of a course shows; texts that do not apply are ""."""

    course_id: str
    title: str
    link: str
    description: str
    facts: tuple[str, ...]
    role: str
    is_suggested: bool
    place: str
    lifts: tuple[Lift, ...]
    reasons: tuple[str, ...]
    excluded_by: tuple[str, ...]
    change: str
    tried: str
    rival: Rival | None
    parts: tuple[Part, ...]
    score: str
    taught: tuple[Taught, ...]
    before: tuple[Before, ...]


def course_view(course: int, answer: Mapping[str, Any], question: Question) -> CourseView:
    """Return what the page shows of a course, from the explanation of its place."""
    model, item = question.live.model, course_item(course, question.live.model)
    parts = shown_parts(answer["parts"])
    return CourseView(
        course_id=answer["course_id"],
        title=course_title(model, answer["course_id"]),
        link=followable(model.catalog.urls[course]),
        description=shown(model.catalog.descriptions[course], LONGEST_DESCRIPTION),
        facts=(*map(shown, facts_of(item)), *filter(None, [difficulty_name(int(model.catalog.difficulty[course]))])),
        role=role_title(model, answer["target_role_id"]) if "target_role_id" in answer else "",
        is_suggested=answer["in_top_k"],
        place=_place(answer),
        lifts=lifts_of(answer["lifts"]),
        reasons=tuple(said(one, model) for one in answer["reasons"]),
        excluded_by=tuple(said(one, model, about=answer["course_id"]) for one in answer["excluded_by"]),
        change=said(answer["change"], model) if "change" in answer else "",
        tried="" if answer["in_top_k"] or "change" in answer else _tried(answer),
        rival=_rival(answer, model) if "against_kth" in answer and not answer["excluded_by"] else None,
        parts=parts,
        score=two_digits(sum(part.hundredths for part in parts)),
        taught=_taught(course, question),
        before=_before(course, question),
    )


def course_item(course: int, model: Model) -> dict[str, Any]:
    """Return what a course is as an answer says it; what is unknown is absent."""
    catalog = model.catalog
    item: dict[str, Any] = {"hours": round(float(catalog.hours[course]), 2)}
    if catalog.hours_assumed[course]:
        item["hours_assumed"] = True
    if not np.isnan(catalog.cost[course]):
        item["cost"] = round(float(catalog.cost[course]), 2)
    texts = {"provider": catalog.providers, "format": catalog.formats, "language": catalog.languages}
    return item | {name: column[course] for name, column in texts.items() if column[course]}


def _place(answer: Mapping[str, Any]) -> str:
    """Return where a course stands among all that could be suggested, or would stand."""
    if "rank" not in answer:
        return ""
    rank, of = number(answer["rank"]), number(answer["of"])
    if answer["excluded_by"]:
        return _("It would be number %(rank)s of %(of)s.", rank=rank, of=of)
    return _("It is number %(rank)s of %(of)s.", rank=rank, of=of)


def _tried(answer: Mapping[str, Any]) -> str:
    """Return what was looked for in vain."""
    if not answer["tried"]:
        return _("Nothing that you could change would bring it in.")
    if answer["tried_all"]:
        return ngettext(
            "No single change would bring it in: the %(num)s that could matter was tried.",
            "No single change would bring it in: all %(num)s that could matter were tried.",
            answer["tried"],
        )
    return ngettext(
        "No single change was found that would bring it in; %(num)s was tried, and there may be others.",
        "No single change was found that would bring it in; %(num)s were tried, and there may be others.",
        answer["tried"],
    )


def _rival(answer: Mapping[str, Any], model: Model) -> Rival:
    against = answer["against_kth"]
    parts = []
    for one in against["differences"]:
        own, more = answer["parts"].get(one["part"], 0.0), one["difference"]
        numbers = [two_digits(round(100 * value)) for value in (own, own + more, more)]
        parts.append(Compared(part_name(one["part"]), *numbers))
    return Rival(course_title(model, against["course_id"]), about(against["course_id"]), against["rank"], tuple(parts))


def _taught(course: int, question: Question) -> tuple[Taught, ...]:
    model = question.live.model
    rows, levels = model.catalog.skills, question.live.recommender.levels(question.query)
    found = []
    for at in range(*rows.span(course).indices(len(rows.skill_idx))):
        skill = int(rows.skill_idx[at])
        name = skill_name(model, model.skills.ids[skill])
        entry = int(rows.entry_level[at])
        found.append(Taught(name, int(rows.level[at]), entry, bool(rows.entry_declared[at]), int(levels[skill])))
    return tuple(sorted(found, key=lambda one: (-one.level, one.name)))


def _before(course: int, question: Question) -> tuple[Before, ...]:
    catalog = question.live.model.catalog
    done = set(catalog.version_group[question.query.history].tolist())
    found = []
    for one in catalog.prerequisites.row(course).tolist():
        course_id = catalog.ids[one]
        is_done = int(catalog.version_group[one]) in done
        found.append(Before(course_title(question.live.model, course_id), about(course_id), is_done))
    return tuple(found)
