"""`/insight`: where a company's skills are thin, what would help, and what that rests on; nobody is named."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from web.insight import LOOK_AGAIN_SECONDS, insight_answer
from web.operation import HTML, operation
from web.overview import Overview, overview
from web.pages.formats import MAX_SHOWN
from web.pages.visits import visitors_only
from web.problems import Problem

insight_pages = Blueprint("insight", __name__, url_prefix="/insight")
visitors_only(insight_pages, "insight")

ROWS_A_PAGE = 30
"""Groups on one page of the table."""
GAPS_IN_SHORT = 5
"""Gaps named on the first page."""
MOST_CHOICES = 200
"""Departments or families in a list to choose from."""


@insight_pages.get("")
@operation(scope=None, tag="pages", media=HTML, documented=False, also={404: None})
def company() -> Response:
    """Show how far departments or roles cover what is needed, skill by skill."""
    return _page("overview", by=_by(), number=_number())


@insight_pages.get("/gaps")
@operation(scope=None, tag="pages", media=HTML, documented=False, also={404: None})
def gaps() -> Response:
    """Show the biggest gaps and the courses that close most of them."""
    return _page("gaps")


@insight_pages.get("/catalogue")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def catalogue() -> Response:
    """Show what the catalogue lacks."""
    return _page("catalogue", filtered=False)


@insight_pages.get("/model")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def model() -> Response:
    """Show which model answers, how old it is, and what it rests on."""
    return _page("model", filtered=False)


def _page(name: str, *, filtered: bool = True, by: str = "", number: int = 1) -> Response:
    """Return a page, or one that comes back by itself while the figures are being made."""
    found = overview()
    if found is None:
        answer = make_response(render_template("insight/waiting.html", current=name))
        # A header, as the same said in the page would take it from under a reader's hands without a way to stop it.
        answer.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
        return answer
    department, family = (_asked("department"), _asked("role_family")) if filtered else (None, None)
    shown: dict[str, Any] = {
        "current": name,
        "made_at": datetime.fromtimestamp(found.made_at, UTC),
        "choices": _choices(found),
        "department": department,
        "role_family": family,
    }
    try:
        body = insight_answer(found, department=department, family=family)
    except Problem as problem:
        return make_response(render_template("insight/not_shown.html", **shown), problem.status)
    shown |= {"found": body, "gaps_in_short": GAPS_IN_SHORT, "rows_listed": ROWS_A_PAGE}
    if by:
        shown |= _table(body, by=by, number=number)
    return make_response(render_template(f"insight/{name}.html", **shown), 200)


def _table(body: dict[str, Any], *, by: str, number: int) -> dict[str, Any]:
    """Return one page of the groups of a kind, those with the lowest coverage first."""
    there = {"department": body["departments"], "role": body["roles"] or body["families"]}
    if not there[by] or (by == "department" and [one["department"] for one in there[by]] == [""]):
        by = "role" if by == "department" else "department"
    rows = sorted(there[by], key=lambda one: (one.get("coverage", 101), -one["people"]))
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    page = min(number, pages)
    return {
        "by": by,
        "rows": rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE],
        "page": page,
        "pages": pages,
        "address": _address,
        "page_address": partial(_address, by),
    }


def _address(by: str, page: int) -> str:
    """Return the address of a page of the table about the same part of the company."""
    parts: dict[str, Any] = {"department": _asked("department"), "role_family": _asked("role_family")}
    return url_for("insight.company", by=by, page=page if page > 1 else None, **parts)


def _choices(found: Overview) -> dict[str, list[str]]:
    """Return the departments and the families of roles that something is shown of, to choose from."""
    figures = found.insight
    departments = (figures.groups[g].department for g in figures.those("department") if figures.is_shown(g))
    families = (figures.groups[g].family for g in figures.those("family") if figures.is_shown(g))
    return {
        "department": [name for name in departments if name and len(name) <= MAX_SHOWN][:MOST_CHOICES],
        "role_family": [name for name in families if name and len(name) <= MAX_SHOWN][:MOST_CHOICES],
    }


def _asked(name: str) -> str | None:
    return request.args.get(name, "") or None


def _by() -> str:
    return "role" if request.args.get("by") == "role" else "department"


def _number() -> int:
    text = request.args.get("page", "")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 6 else 1
