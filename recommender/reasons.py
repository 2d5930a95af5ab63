"""Why a course is shown: read off the parts of its score, each with numbers and one plain sentence.

A reason about other people is given only if at least `FEWEST_PEOPLE` stand behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from recommender.arrays import NONE
from recommender.catalog import Skills
from recommender.evidence import Evidence
from recommender.moments import moment_text
from recommender.required import Required
from recommender.skills import strain

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


class Lift(NamedTuple):
    """What a course does for one skill the goal role needs: from, to, needed, all levels 0–5."""

    skill_idx: int
    before: int
    after: int
    needed: int

    def as_dict(self, skills: Skills) -> dict[str, Any]:
        """Return the JSON values of design section 9."""
        skill = {"skill_id": skills.ids[self.skill_idx], "name": skills.names[self.skill_idx]}
        return {**skill, "from": self.before, "to": self.after, "needed": self.needed}


class Reason(NamedTuple):
    """A machine code, the numbers behind it, and a sentence for the person."""

    code: str
    text: str
    numbers: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON values of design section 9."""
        return {"code": self.code, "text": self.text, **self.numbers}


def lifts_of(evidence: Evidence, course: int) -> tuple[Lift, ...]:
    """Return the needed skills a course raises, the largest weighted step first."""
    lifting = evidence.raised[course]
    if len(lifting) > 1:
        lifting = sorted(
            lifting, key=lambda one: (-one.importance * (min(one.taught, one.needed) - one.have), one.skill_idx)
        )
    return tuple(Lift(one.skill_idx, one.have, one.taught, one.needed) for one in lifting)


def reasons_for(
    evidence: Evidence, course: int, parts: dict[str, float], lifts: tuple[Lift, ...], *, opens: tuple[int, ...] = ()
) -> tuple[Reason, ...]:
    """Return the reasons of a course, `MOST_REASONS` at most.

    That it is required; what it closes of the gap; that it opens the way to a later course of a path (`opens`: those that
    cannot start without it); then those of the largest parts; last, that claims about the person's skills open it.
    """
    reasons = [_required(one) for one in evidence.query.required if one.course_idx == course]
    reasons += [_closes(evidence, lift) for lift in lifts[:2]]
    reasons += [_opens(evidence, later) for later in opens[:1]]
    speaking = sorted((name for name in _SAYS if parts.get(name, 0.0) > 0), key=lambda name: -parts[name])
    for name in speaking:
        if len(reasons) >= MOST_REASONS:
            break
        if (reason := _SAYS[name](evidence, course)) is not None:
            reasons.append(reason)
    if len(reasons) < MOST_REASONS:
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
    model = evidence.model
    skill, role = model.skills.names[lift.skill_idx], model.roles.titles[evidence.query.goal_role]
    source = _source(evidence, lift.skill_idx)
    known = f" ({SAID_BY[source]})" if source else ""
    text = f"Takes {skill} from level {lift.before}{known} to {lift.after}; {role} needs {lift.needed}."
    numbers = lift.as_dict(model.skills) | {"role_id": model.roles.ids[evidence.query.goal_role]}
    return Reason("closes_gap", text, numbers | ({"source": source} if source else {}))


def _source(evidence: Evidence, skill: int) -> str:
    """Return who claims the level a person has of a skill; "" where it rests on no claim, or a completion raised it."""
    level, source = evidence.claimed.get(skill, (NONE, ""))
    return source if source and level == evidence.levels[skill] else ""


def _opened(evidence: Evidence, course: int) -> list[Reason]:
    """Return that the person meets what a course declares to ask for, where that rests on claims about them."""
    claimed = [(one, source) for one in evidence.met[course] if (source := _source(evidence, one.skill_idx))]
    if not claimed:
        return []
    one, source = max(claimed, key=lambda found: (found[0].asked, -found[0].skill_idx))
    skills = evidence.model.skills
    name, skill_id = skills.names[one.skill_idx], skills.ids[one.skill_idx]
    numbers = {"skill_id": skill_id, "name": name, "has": one.have, "asked": one.asked, "source": source}
    text = f"It asks for {name} at level {one.asked}, and you are at {one.have} ({SAID_BY[source]})."
    return [Reason("opened_by", text, numbers)]


def _opens(evidence: Evidence, later: int) -> Reason:
    catalog = evidence.model.catalog
    return Reason("opens_way", f"Opens the way to “{catalog.titles[later]}”.", {"course_id": catalog.ids[later]})


def _together(evidence: Evidence, course: int) -> Reason | None:
    taken, people = evidence.together[course]
    if people < FEWEST_PEOPLE:
        return None
    title = evidence.model.catalog.titles[taken]
    text = f"{people} people who completed “{title}”, as you did, also completed this."
    return Reason("taken_together", text, {"course_id": evidence.model.catalog.ids[taken], "people": people})


def _follows(evidence: Evidence, course: int) -> Reason | None:
    taken, people = evidence.followed[course]
    if people < FEWEST_PEOPLE:
        return None
    title = evidence.model.catalog.titles[taken]
    text = f"Follows “{title}”, which you completed; {people} people went on to this one."
    return Reason("follows", text, {"course_id": evidence.model.catalog.ids[taken], "people": people})


def _on_the_way(evidence: Evidence, course: int) -> Reason | None:
    role, roles = evidence.query.goal_role, evidence.model.roles
    people, moved = evidence.on_the_way[course], evidence.moved[course]
    if moved >= FEWEST_PEOPLE and role != evidence.query.role_idx:
        text = f"{moved} people completed it in the year before they moved into the role {roles.titles[role]}."
        return Reason("moved_to_role", text, {"role_id": roles.ids[role], "people": moved})
    if people < FEWEST_PEOPLE:
        return None
    text = f"{people} people in the role {roles.titles[role]}, or on their way to it, completed it."
    return Reason("on_the_way", text, {"role_id": roles.ids[role], "people": people})


def _rising(evidence: Evidence, course: int) -> Reason | None:
    trend = evidence.model.scorers.trend
    now, before = int(trend.recent[course]), int(trend.before[course])
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
        text = f"Its subject is close to “{evidence.model.catalog.titles[taken]}”, which you completed."
        return Reason("similar", text, {"course_id": evidence.model.catalog.ids[taken], "cosine": round(cosine, 4)})
    role = evidence.query.goal_role
    if role != NONE and evidence.fits_role[course] >= CLOSE:
        title = evidence.model.roles.titles[role]
        return Reason("fits_role", f"Its subject fits the role {title}.", {"role_id": evidence.model.roles.ids[role]})
    return None


def _suits(evidence: Evidence, _course: int) -> Reason | None:
    if not evidence.known:
        return None
    basis = list(evidence.known)
    text = f"Suits {', '.join(BASIS_WORDS[name] for name in basis)} taken together."
    return Reason("suits_profile", text, {"basis": basis})


def _leads_outside(evidence: Evidence, course: int) -> Reason | None:
    catalog, skills = evidence.model.catalog, evidence.model.skills
    span = catalog.skills.span(course)
    taught = catalog.skills.skill_idx[span]
    order = np.lexsort((taught, -catalog.skills.level[span]))
    new = [int(skill) for skill in taught[order] if evidence.levels[skill] <= 1][:MOST_NAMED]
    short = int(strain(evidence.levels, catalog, np.array([course], dtype=np.int32))[0])
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
