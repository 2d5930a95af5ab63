"""`GET /v1/insight`: skills by department and role, the biggest gaps and what closes them, the catalogue and the model.

The pages show what is answered here, so that no figure is on a page that was not protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from flask import Blueprint, Response, jsonify
from pydantic import AfterValidator, Field

from recommender.insight import HIDDEN, Gap, Group, Insight, percent
from recommender.model import Model
from recommender.moments import moment_text
from recommender.suppression import LEAST
from web.asking import model_moment
from web.insight_answers import InsightAnswer
from web.operation import operation
from web.overview import Overview, overview
from web.problems import Problem
from web.reading import read_query
from web.schemas import Strict

insight = Blueprint("insight_api", __name__, url_prefix="/v1")

BEING_MADE = "urn:lpr:problem:being-made"
LOOK_AGAIN_SECONDS = 2
COLUMNS = 12
"""Skills each group is told of: those the group asked about needs most of."""
MOST_LISTED = 100
"""Entries of each list about the catalogue."""


def _whole(name: str) -> str:
    if not name.strip():
        raise ValueError("found nothing; expected a name, or the parameter left out")
    return name


Name = Annotated[str, Field(max_length=1_000), AfterValidator(_whole)]


class InsightQuery(Strict):
    """Of which part of the company."""

    department: Annotated[Name | None, Field(description="The people of one department.")] = None
    role_family: Annotated[Name | None, Field(description="The holders of the roles of one family.")] = None


@insight.get("/insight")
@operation(scope="insight", tag="insight", query=InsightQuery, answer=InsightAnswer, errors=(404, 503))
def company() -> Response:
    """Answer with what a company's people can of what their roles need, by department, family and role.

    Nothing is told of fewer than five people, nor anything that would give it away. The figures are made at most every ten
    minutes; while they are made for the first time it is 503, with a time to ask again.
    """
    asked = read_query(InsightQuery)
    found = overview()
    if found is None:
        soon = [("Retry-After", str(LOOK_AGAIN_SECONDS))]
        raise Problem(503, "The figures are being worked out. Ask again soon.", kind=BEING_MADE, headers=soon)
    return jsonify(insight_answer(found, department=asked.department, family=asked.role_family))


def insight_answer(found: Overview, *, department: str | None = None, family: str | None = None) -> dict[str, Any]:
    """Return the answer about a company, or about a department, a family of roles, or both.

    Raises
    ------
    Problem
        404 if there is no such group, or nothing is shown of it.
    """
    figures, model = found.insight, found.live.model
    group = figures.find(department, family)
    everyone = department is None and family is None
    if not everyone and not figures.is_shown(group):
        raise Problem(404, "There is no such group, or it is too small for anything to be shown.")
    body: dict[str, Any] = {
        "model_version": found.live.manifest.version,
        "made_at": moment_text(found.made_at),
    }
    body |= {} if department is None else {"department": department}
    body |= {} if family is None else {"role_family": family}
    if figures.is_shown(group):
        columns = figures.most_needed(group, COLUMNS)
        told = _figures(figures, model, group, columns)
        body |= {name: told[name] for name in ("people", "coverage", "assumed") if name in told}
    else:
        columns = []
    if everyone and figures.without_role >= LEAST:
        body["without_role"] = figures.without_role
    body["skills"] = [_skill(model, int(figures.skills[skill])) for skill in columns]
    body |= _rows(figures, model, department, family, columns)
    gaps = figures.gaps(group) if figures.is_shown(group) else []
    body["gaps"] = [_gap(model, one) for one in gaps]
    body["catalogue"] = _catalogue(found)
    body["model"] = _model(found)
    return body


def _rows(
    figures: Insight, model: Model, department: str | None, family: str | None, columns: list[int]
) -> dict[str, Any]:
    """Return the groups the one asked about is made of, those that are shown, and how many are not."""
    both = department is not None and family is not None
    departments = figures.those("department" if family is None else "family_in_department", family=family)
    families = figures.those("family" if department is None else "family_in_department", department=department)
    lists = {
        "departments": departments if department is None else [],
        "families": families if family is None else [],
        "roles": figures.those("role", family=family) if department is None else [],
    }
    groups = [] if both else [group for listed in lists.values() for group in listed]
    rows = {
        name: [
            {**_names(figures.groups[group], model, name), **_figures(figures, model, group, columns)}
            for group in listed
            if figures.is_shown(group)
        ]
        for name, listed in lists.items()
    }
    return {**rows, "not_shown": sum(not figures.is_shown(group) for group in groups)}


def _figures(figures: Insight, model: Model, group: int, columns: list[int]) -> dict[str, Any]:
    shares = {skill: figures.coverage(group, skill) for skill in columns}
    whole = figures.coverage(group)
    return {
        "people": int(figures.people[group]),
        **({} if whole is None else {"coverage": whole}),
        "assumed": percent(float(figures.assumed[group])),
        "skills": {
            model.skills.ids[int(figures.skills[skill])]: share for skill, share in shares.items() if share is not None
        },
    }


def _names(group: Group, model: Model, listed: str) -> dict[str, str]:
    """Return what a group is called among departments, families or roles."""
    if listed == "roles":
        named = {"role_id": model.roles.ids[group.role_idx], "title": model.roles.titles[group.role_idx]}
        return named if group.family is None else {**named, "role_family": group.family}
    return {"department": group.department or ""} if listed == "departments" else {"role_family": group.family or ""}


def _skill(model: Model, skill_idx: int) -> dict[str, Any]:
    return {"skill_id": model.skills.ids[skill_idx], "name": model.skills.names[skill_idx]}


def _course(model: Model, course_idx: int) -> dict[str, Any]:
    return {"course_id": model.catalog.ids[course_idx], "title": model.catalog.titles[course_idx]}


def _gap(model: Model, gap: Gap) -> dict[str, Any]:
    catalog = model.catalog
    courses = []
    for one in gap.courses:
        course: dict[str, Any] = {
            **_course(model, one.course_idx),
            "hours": float(catalog.hours[one.course_idx]),
            "closes": one.closes,
            "starters": one.starters,
        }
        if catalog.hours_assumed[one.course_idx]:
            course["hours_assumed"] = True
        if (cost := float(catalog.cost[one.course_idx])) == cost:
            course["cost"] = cost
        courses.append(course)
    people = {} if gap.people == HIDDEN else {"people": gap.people}
    return {**_skill(model, gap.skill_idx), "coverage": gap.coverage, "share": gap.share, **people, "courses": courses}


def _catalogue(found: Overview) -> dict[str, Any]:
    health, model = found.health, found.live.model
    roles = model.roles
    return {
        "courses": health.offered,
        "without_hours": health.without_hours,
        "without_skills": health.without_skills,
        "inferred_only": health.inferred_only,
        "roles": health.roles,
        "roles_without_skills": health.roles_without_skills,
        "untaught_total": len(health.untaught),
        "untaught": [
            {**_skill(model, one.skill_idx), "needed": one.needed, "taught": one.taught, "roles": one.roles}
            for one in health.untaught[:MOST_LISTED]
        ],
        "never_taken_total": len(health.never_taken),
        "never_taken": [_course(model, course) for course in health.never_taken[:MOST_LISTED].tolist()],
        "unreached_total": len(health.unreached),
        "unreached": [
            {
                "role_id": roles.ids[one.role_idx],
                "title": roles.titles[one.role_idx],
                "reachable": round(100 * one.reachable),
            }
            for one in health.unreached[:MOST_LISTED]
        ],
    }


def _model(found: Overview) -> dict[str, Any]:
    origin = found.live.manifest.origin
    rows = dict(found.holdings.rows)
    if 0 < found.insight.without_role < LEAST or rows["employees"] < LEAST:
        del rows["employees"]  # those with a role, taken from it, would leave fewer than five
    return {
        "version": found.live.manifest.version,
        "created": moment_text(int(origin.created.timestamp())),
        "as_of": moment_text(model_moment(found.live)),
        "age_days": round(max(found.made_at - model_moment(found.live), 0) / 86_400, 1),
        "rows": rows,
        "set_aside": [{"table": t, "reason": why, "rows": n} for t, why, n in found.holdings.set_aside[:MOST_LISTED]],
        "notes": list(origin.notes),
        "accuracy": _accuracy(origin.metrics),
    }


def _accuracy(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how good what answers was when the model was fitted, by segment of people; none of fewer than five."""
    found = []
    for segment, judged in dict(metrics.get("validation") or {}).items():
        parts = dict(judged.get("parts") or {})
        value = judged.get("blend") if judged.get("ships") == "blend" else parts.get(judged.get("ships"))
        if judged.get("judged") and value is not None and judged.get("employees", 0) >= LEAST:
            beside = {"popularity": round(parts["trend.ever"], 4)} if "trend.ever" in parts else {}
            found.append({"segment": segment, "ndcg": round(value, 4), **beside})
    return found
