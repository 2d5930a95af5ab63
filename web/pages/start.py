"""The start page of a demonstration: as whom to look, and a form that asks for a person described in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Blueprint, Response, current_app, make_response, render_template, request
from pydantic import ValidationError

from recommender.errors import ArtifactError
from recommender.moments import moment_text
from web.auth import current_tenant
from web.config import settings
from web.live import Served, models_of
from web.operation import HTML, operation
from web.pages.demonstration import people_shown
from web.pages.visits import check_form
from web.problems import field_errors
from web.recommendations import answer
from web.schemas import RecommendationRequest

pages = Blueprint("pages", __name__)
pages.before_request(check_form)

MAX_ROLES_LISTED = 2_000
"""Roles offered in the form's lists; with more, ids are typed."""


@pages.get("/")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def start() -> Response:
    """Show what is served, and the form."""
    return _page(200)


@pages.post("/")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def ask() -> Response:
    """Show the recommendations for the person in the form."""
    try:
        live = models_of(current_app).served(current_tenant())
        found = answer(_asked(request.form, live), live)
    except ValidationError as error:
        return _page(400, errors=field_errors(error))
    except ArtifactError:
        return _page(503)
    return _page(200, answer=found)


def _asked(form: Mapping[str, str], live: Served) -> RecommendationRequest:
    """Return the request the form stands for; its courses count as completed a moment ago, in the order written."""
    now = max(settings().clock(), int(live.manifest.origin.as_of.timestamp()))
    courses = [line.strip() for line in re.split(r"[\r\n]+", form.get("history", "")) if line.strip()]
    history = [{"course_id": one, "completed_at": moment_text(now - len(courses) + i)} for i, one in enumerate(courses)]
    roles = {name: form[name].strip() for name in ("role_id", "target_role_id") if form.get(name, "").strip()}
    return RecommendationRequest.model_validate({"person": {"history": history, "as_of": moment_text(now), **roles}})


def _page(status: int, **shown: object) -> Response:
    try:
        live: Served | None = models_of(current_app).served(current_tenant())
    except ArtifactError:
        live, status = None, 503
    roles = live.model.roles if live else None
    listed = list(zip(roles.ids.ids, roles.titles, strict=True)) if roles and len(roles) <= MAX_ROLES_LISTED else []
    text = render_template(
        "start.html",
        manifest=live.manifest if live else None,
        n_courses=len(live.model.catalog) if live else 0,
        n_roles=len(roles) if roles else 0,
        roles=sorted(listed, key=lambda one: one[1].casefold()),
        form=request.form,
        people=people_shown(live) if live and "answer" not in shown else None,
        **shown,
    )
    return make_response(text, status)
