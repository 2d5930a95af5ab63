"""Why a course is shown: read off the parts of its score, each with numbers and one plain sentence.

A reason about other people is given only if at least `FEWEST_PEOPLE` stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from recommender.answer_kernels import largest_first, rounded
from recommender.arrays import NONE
from recommender.evidence import Evidence, Lift
from recommender.moments import moment_text
from recommender.required import Required

FEWEST_PEOPLE = 5
MOST_REASONS = 4
MOST_NAMED = 3
"""New skills one reason names."""
SAID_BY = {
    "manager": "as your manager says",
    "assessment": "by an assessment",
    "credential": "by a credential",
    "completion": "by a completed course",
    "self": "as you say",
}
"""Who claims a level, in words, by source."""
BASIS_WORDS = {
    "history": "what you completed",
    "role": "your role",
    "target_role": "the role you aim for",
    "department": "your department",
}
"""What a course suits, in words."""
CLOSE = 0.15
"""Cosine of texts from which a course is called close to another. A choice, not measured."""


class Reason(NamedTuple):
    """A machine code, the numbers behind it, and a sentence for the person."""

    code: str
    text: str
    numbers: dict[str, Any]


def as_dicts(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return reasons as the JSON values of design section 9."""
    return [{"code": code, "text": text, **numbers} for code, text, numbers in reasons]


def reasons_for(
    evidence: Evidence, course: int, parts: dict[str, float], *, opens: tuple[int, ...] = ()
) -> tuple[Reason, ...]:
    """Return the reasons of a course, `MOST_REASONS` at most.

    That it is required; what it closes of the gap; that it opens the way to a later course of a path (`opens`: those that
    cannot start without it); then those of the largest parts; last, that claims about the person's skills open it.
    """
    reasons = []
    for one in evidence.query.required:
        if one.course_idx == course:
            reasons.append(_required(one))
    for lift in evidence.lifts[course][:2]:
        reasons.append(_closes(evidence, lift))
    for later in opens[:1]:
        reasons.append(_opens(evidence, later))
    for name in largest_first(parts, _SPEAKING):
        if len(reasons) >= MOST_REASONS:
            break
        if (reason := _SAYS[name](evidence, course)) is not None:
            reasons.append(reason)
    if len(reasons) < MOST_REASONS and evidence.claimed:
        reasons += _opened(evidence, course)
    return tuple(reasons[:MOST_REASONS])


def _required(one: Required) -> Reason:
    again = " again" if one.completed_at is not None else ""
    numbers: dict[str, Any] = {"again": bool(again), "overdue": one.overdue}
    if one.due_at is None:
        return Reason("required", f"Required{again}, without a date.", numbers)
    date = moment_text(one.due_at)
    text = f"Required{again}; its time ended {date}." if one.overdue else f"Required{again} until {date}."
    return Reason("required", text, {"due_at": date} | numbers)


def _closes(evidence: Evidence, lift: Lift) -> Reason:
    skills = evidence.model.skills
    role = evidence.role
    source = _source(evidence, lift.skill_idx) if evidence.claimed else ""
    known = f" ({SAID_BY[source]})" if source else ""
    skill, before, after, needed = lift
    text = f"Takes {skills.names[skill]} from level {before}{known} to {after}; {role} needs {needed}."
    numbers = lift.as_dict(skills)
    numbers["role_id"] = evidence.role_id
    if source:
        numbers["source"] = source
    return Reason("closes_gap", text, numbers)


def _source(evidence: Evidence, skill: int) -> str:
    """Return who claims the level a person has of a skill; "" where it rests on no claim, or a completion raised it."""
    level, source = evidence.claimed.get(skill, (NONE, ""))
    return source if source and level == evidence.levels[skill] else ""


def _opened(evidence: Evidence, course: int) -> list[Reason]:
    """Return that the person meets what a course declares to ask for, where that rests on claims about them."""
    claimed = [(*one, source) for one in evidence.met[course] if (source := _source(evidence, one[0]))]
    if not claimed:
        return []
    skill, asked, has, source = max(claimed, key=lambda found: (found[1], -found[0]))
    skills = evidence.model.skills
    name, skill_id = skills.names[skill], skills.ids[skill]
    numbers = {"skill_id": skill_id, "name": name, "has": has, "asked": asked, "source": source}
    text = f"It asks for {name} at level {asked}, and you are at {has} ({SAID_BY[source]})."
    return [Reason("opened_by", text, numbers)]


def _opens(evidence: Evidence, later: int) -> Reason:
    catalog = evidence.model.catalog
    return Reason("opens_way", f"Opens the way to “{catalog.titles[later]}”.", {"course_id": catalog.ids[later]})


def _together(evidence: Evidence, course: int) -> Reason | None:
    taken, count = evidence.together[course]
    if count < FEWEST_PEOPLE:
        return None
    catalog, people = evidence.model.catalog, int(count)
    text = f"{people} people who completed “{catalog.titles[taken]}”, as you did, also completed this."
    return Reason("taken_together", text, {"course_id": catalog.ids.ids[taken], "people": people})


def _follows(evidence: Evidence, course: int) -> Reason | None:
    taken, count = evidence.followed[course]
    if count < FEWEST_PEOPLE:
        return None
    catalog, people = evidence.model.catalog, int(count)
    text = f"Follows “{catalog.titles[taken]}”, which you completed; {people} people went on to this one."
    return Reason("follows", text, {"course_id": catalog.ids.ids[taken], "people": people})


def _on_the_way(evidence: Evidence, course: int) -> Reason | None:
    role_id, role = evidence.role_id, evidence.role
    if evidence.goal != evidence.query.role_idx and evidence.moved[course] >= FEWEST_PEOPLE:
        moved = int(evidence.moved[course])
        text = f"{moved} people completed it in the year before they moved into the role {role}."
        return Reason("moved_to_role", text, {"role_id": role_id, "people": moved})
    people = int(evidence.on_the_way[course])
    if people < FEWEST_PEOPLE:
        return None
    text = f"{people} people in the role {role}, or on their way to it, completed it."
    return Reason("on_the_way", text, {"role_id": role_id, "people": people})


def _rising(evidence: Evidence, course: int) -> Reason | None:
    trend = evidence.model.scorers.trend
    now, before = trend.recent.item(course), trend.before.item(course)
    if now < FEWEST_PEOPLE:
        return None
    if now > before >= FEWEST_PEOPLE:
        text = f"Rising: {now} completions in 30 days, {before} in the 30 days before."
        return Reason("rising", text, {"people": now, "before": before})
    if now > before:
        return Reason("rising", f"Rising: {now} completions in 30 days, more than before.", {"people": now})
    return Reason("popular_now", f"{now} people completed it in 30 days.", {"people": now})


def _similar(evidence: Evidence, course: int) -> Reason | None:
    taken, cosine = evidence.alike[course]
    if cosine >= CLOSE:
        catalog = evidence.model.catalog
        text = f"Its subject is close to “{catalog.titles[taken]}”, which you completed."
        return Reason("similar", text, {"course_id": catalog.ids.ids[taken], "cosine": rounded(cosine, 4)})
    if evidence.goal != NONE and evidence.fits_role[course] >= CLOSE:
        role_id, role = evidence.role_id, evidence.role
        return Reason("fits_role", f"Its subject fits the role {role}.", {"role_id": role_id})
    return None


def _suits(evidence: Evidence, _course: int) -> Reason | None:
    if not (known := evidence.known):
        return None
    return Reason("suits_profile", _suits_together(known), {"basis": list(known)})


@cache
def _suits_together(basis: tuple[str, ...]) -> str:
    return f"Suits {', '.join(BASIS_WORDS[name] for name in basis)} taken together."


def _leads_outside(evidence: Evidence, course: int) -> Reason | None:
    skills, rows = evidence.model.skills, evidence.model.catalog.skills
    span = rows.span(course)
    taught = sorted(zip((-rows.level[span]).tolist(), rows.skill_idx[span].tolist(), strict=True))
    new = [skill for _, skill in taught if evidence.levels[skill] <= 1][:MOST_NAMED]
    short = int(evidence.strain[course])
    within = (
        "you meet what it asks for" if short == 0 else f"{short} level{'s' * (short > 1)} short of what it asks for"
    )
    text = f"Leads outside what you know: {', '.join(skills.names[one] for one in new)}; {within}."
    return Reason("new_ground", text, {"skill_ids": [skills.ids[one] for one in new], "short": short})


_SAYS: dict[str, Callable[[Evidence, int], Reason | None]] = {
    "sequence": _follows,
    "item_item": _together,
    "role": _on_the_way,
    "trend": _rising,
    "content": _similar,
    "hybrid": _suits,
    "explore": _leads_outside,
}
_SPEAKING = tuple(_SAYS)
