"""The employee's page: where they stand, what to take next and why, and the path to their role, whatever they ask."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from store.people import StoredPerson
from web.live import Served, served
from web.operation import HTML, operation
from web.pages.home_asking import courses_of, draft_of, gap_of, offered_by, path_question
from web.pages.home_courses import feedback_verbs
from web.pages.home_gap import gap_picture
from web.pages.home_limits import why_no_step
from web.pages.home_path import PathFound, best_path, path_at_once
from web.pages.home_timeline import path_view, required_views
from web.pages.home_view import Answers, Notice, page_view, stand_of
from web.pages.settings import Asked, address, read_asked
from web.pages.visits import visitor, visitors_only
from web.paths import log_path
from web.stored import stored_person

home = Blueprint("home", __name__, url_prefix="/me")
visitors_only(home, "employee")


@home.get("")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def page() -> str:
    """Show everything about who visits, with the best path if it is known, else with a draft of it."""
    live, person, asked = _visited()
    about = path_question(person, live, asked)
    found = path_at_once(about.question, about.asked, about.person)
    answers = Answers(gap_of(about), courses_of(person, live, asked), found)
    log_path(about.question, dict(found.body))
    view = page_view(person, answers, live.model, asked, path_notices=lambda: _in_the_way(person, live, asked, found))
    # Once they are kept, the address holds them no more, so that the page shows what is saved, also after an undo.
    once_kept = address(asked, hours_per_week=None, budget=None)
    return render_template(
        "home/page.html", page=view, verbs=feedback_verbs(), back=address(asked), once_kept=once_kept
    )


@home.get("/path")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def path() -> str:
    """Show the best path, worked out now if it is not known, and where it leads."""
    live, person, asked = _visited()
    about = path_question(person, live, asked)
    found = best_path(about.question, about.asked, about.person)
    log_path(about.question, dict(found.body))
    gap = gap_of(about)
    return render_template(
        "home/path.html",
        stand=stand_of(person, gap, found.body, live.model, asked),
        gap=gap_picture(gap, found.body),
        path=path_view(found, live.model),
        path_notices=() if found.body["steps"] else _in_the_way(person, live, asked, found),
        required=required_views([], found.body["required"], live.model),
        whole=address(asked),
    )


def _visited() -> tuple[Served, StoredPerson, Asked]:
    """Return what answers, who looks, and what they ask."""
    live = served()
    person = stored_person(visitor().employee_id)
    return live, person, read_asked(request.args, offered_by(live))


def _in_the_way(person: StoredPerson, live: Served, asked: Asked, found: PathFound) -> tuple[Notice, ...]:
    """Return what keeps a path empty; while it is a draft there may be one yet."""
    if found.is_draft:
        return ()

    def path_of(other: Asked) -> Any:
        return draft_of(person, live, other).body

    return why_no_step(person, found.body, asked, path_of)
