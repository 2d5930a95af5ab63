"""Skill gaps and learning paths as the JSON values of design section 9; what is unknown is absent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recommender.answers import required_item
from recommender.arrays import EARLIEST, NONE
from recommender.evidence import lifts_as_dicts
from recommender.gap import Distance, Gap, NearRole, SkillGap
from recommender.model import Model
from recommender.moments import moment_text
from recommender.path_parts import LearningPath, Reserved, Step, Unmet, Weeks
from recommender.profile import SOURCES
from recommender.reasons import as_dicts


def gap_to_json(gap: Gap, near: Sequence[NearRole], model: Model) -> dict[str, Any]:
    """Return what a person lacks for a role, and the roles near them."""
    body: dict[str, Any] = {}
    if gap.role_idx != NONE:
        body["target_role_id"] = model.roles.ids[gap.role_idx]
    if gap.coverage is not None:
        body["coverage"] = round(gap.coverage, 6)
        body["missing"] = round(gap.missing, 6)
    body["skills"] = [_skill(one, model) for one in gap.skills]
    if gap.distance is not None:
        body["distance"] = _distance(gap.distance, model)
    body["adjacent_roles"] = [
        {
            "role_id": model.roles.ids[one.role_idx],
            "title": model.roles.titles[one.role_idx],
            "coverage": round(one.coverage, 6),
            "reachable": round(one.reachable, 6),
        }
        for one in near
    ]
    return body


def _skill(one: SkillGap, model: Model) -> dict[str, Any]:
    item: dict[str, Any] = {
        **_named(one.skill_idx, model),
        "have": one.have,
        "needed": one.needed,
        "importance": round(one.importance, 4),
        "confidence": round(one.confidence, 4),
        "confirm": one.confirm,
    }
    if model.skills.kinds[one.skill_idx]:
        item["kind"] = model.skills.kinds[one.skill_idx]
    if one.source != NONE:
        item["source"] = SOURCES[one.source]
    if one.at != EARLIEST:
        item["observed_at"] = moment_text(one.at)
    if one.course_idx != NONE:
        item["course_id"] = model.catalog.ids[one.course_idx]
    return item


def _named(skill: int, model: Model) -> dict[str, str]:
    return {"skill_id": model.skills.ids[skill], "name": model.skills.names[skill]}


def _distance(distance: Distance, model: Model) -> dict[str, Any]:
    return {
        "kind": distance.kind,
        "value": round(distance.value, 6),
        "place": round(distance.place, 6),
        "shared": [model.skills.ids[one] for one in distance.shared],
    }


def path_to_json(path: LearningPath, model: Model) -> dict[str, Any]:
    """Return a learning path: what it covers, how far from the optimum it can be at most, its steps and what is left."""
    body: dict[str, Any] = {}
    if path.query.goal_role != NONE:
        body["target_role_id"] = model.roles.ids[path.query.goal_role]
    if path.coverage_before is not None and path.coverage_after is not None:
        body["coverage_before"] = round(path.coverage_before, 6)
        body["coverage_after"] = round(path.coverage_after, 6)
    body |= {"hours": round(path.hours, 2), "cost": round(path.cost, 2)}
    if (found := path.solution) is not None:
        body |= {"optimality_gap": round(found.gap, 6), "bound": round(found.bound, 6)}
        body |= {"solver": found.solver, "proven": found.proven}
        if found.stopped:
            body["stopped"] = found.stopped
    body["limits"] = _limits(path)
    body["steps"] = [_step(i, step, model) for i, step in enumerate(path.steps, start=1)]
    body["milestones"] = [_milestone(path, i, model) for i in range(len(path.milestones))]
    body["unmet"] = [_unmet(one, model) for one in path.unmet]
    body["required"] = [_reserved(one, model) for one in path.reserved]
    body["notes"] = [{"code": code, "text": text, **numbers} for code, text, numbers in _notes(path, model)]
    return body


def _limits(path: LearningPath) -> dict[str, Any]:
    limits = path.limits
    named = {
        "hours": limits.hours,
        "budget": limits.budget,
        "by": None if limits.by is None else moment_text(limits.by),
        "hours_per_week": limits.hours_per_week,
        "hours_left": None if path.hours_left is None else round(path.hours_left, 2),
    }
    return {name: value for name, value in named.items() if value is not None}


def _weeks(weeks: Weeks | None) -> dict[str, int]:
    return {} if weeks is None else {"from_week": weeks.first, "to_week": weeks.last}


def _step(position: int, step: Step, model: Model) -> dict[str, Any]:
    catalog, i = model.catalog, step.course_idx
    item: dict[str, Any] = {
        "position": position,
        "course_id": catalog.ids[i],
        "title": catalog.titles[i],
        "hours": round(step.hours, 2),
    }
    if catalog.hours_assumed[i]:
        item["hours_assumed"] = True
    if step.cost is not None:
        item["cost"] = round(step.cost, 2)
    if step.continues:
        item["continues"] = True
    return item | {
        **_weeks(step.weeks),
        "lifts": lifts_as_dicts(step.lifts, model.skills),
        "coverage_after": round(step.coverage_after, 6),
        "reasons": as_dicts(step.reasons),
        "alternatives": [catalog.ids[one] for one in step.alternatives],
    }


def _milestone(path: LearningPath, i: int, model: Model) -> dict[str, Any]:
    one = path.milestones[i]
    item: dict[str, Any] = {"position": one.position}
    if one.week is not None:
        item["week"] = one.week
    item["skills"] = [_named(skill, model) for skill in one.skills]
    return item | {"coverage": round(one.coverage, 6)}


def _unmet(one: Unmet, model: Model) -> dict[str, Any]:
    away = {"course_ids": [model.catalog.ids[course] for course in one.kept_away]} if one.kept_away else {}
    return {
        **_named(one.skill_idx, model),
        "needed": one.needed,
        "reached": one.reached,
        "within_reach": one.within_reach,
        "why": one.why,
        **away,
    }


def _reserved(one: Reserved, model: Model) -> dict[str, Any]:
    return required_item(one.required, model) | {**_weeks(one.weeks), "late": one.late}


def _notes(path: LearningPath, model: Model) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what a reader of the path should know: a code, a sentence, and the numbers behind it."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    titles, ids = model.catalog.titles, model.catalog.ids
    if path.coverage_before is None:
        found.append(("no_goal", "No role with known needs is aimed at, so there is nothing to close.", {}))
    late = [one for one in path.reserved if one.late]
    if late:
        names = ", ".join(f"“{titles[one.required.course_idx]}”" for one in late)
        late_ids = [ids[one.required.course_idx] for one in late]
        found.append(
            ("required_late", f"Required, but no longer to be done in time: {names}.", {"course_ids": late_ids})
        )
    if path.hours_left == 0:
        taken = path.reserved and (path.limits.hours_per_week or 0) > 0
        text = "Required training takes all the time until the deadline." if taken else "No hours until the deadline."
        found.append(("no_time_left", text, {"taken_by_required": bool(taken)}))
    for course in path.begun:
        found.append(("begun_left_out", f"Begun, and no longer fits: “{titles[course]}”.", {"course_id": ids[course]}))
    for course in path.closed:
        found.append(("closes_early", f"Closes before its turn: “{titles[course]}”.", {"course_id": ids[course]}))
    unknown = sum(step.cost is None for step in path.steps)
    if unknown and path.limits.budget is not None:
        found.append(
            ("cost_unknown", f"{unknown} of the courses have no known cost and count as free.", {"courses": unknown})
        )
    if path.hours_per_week_assumed:
        text = f"{path.limits.hours_per_week:g} hours a week are assumed; nobody said how many there are."
        found.append(("hours_per_week_assumed", text, {"hours_per_week": path.limits.hours_per_week}))
    return found
