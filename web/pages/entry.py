"""Coming in by a link, leaving, and the language: what every visit has in common."""

from __future__ import annotations

from babel.core import negotiate_locale
from flask import Blueprint, Response, g, make_response, render_template, request, url_for

from store import rows, visits
from store.database import Connection
from store.visits import Link
from web.auth import count_wrong_link
from web.config import settings
from web.database import store
from web.operation import HTML, operation
from web.pages.languages import LANGUAGES
from web.pages.places import back, see_other
from web.pages.trouble import SPENT_LINK
from web.pages.visits import Visitor, begin_visit, check_form, choose_language, forget_visit
from web.problems import Problem

entry = Blueprint("entry", __name__)

FIRST_PAGES = {visits.EMPLOYEE: "/me", visits.INSIGHT: "/insight"}


@entry.before_request
def _check_form() -> None:
    # The form that brings a ticket stands on the platform's page; the ticket itself is what it is checked by.
    if request.endpoint != f"{entry.name}.{enter_by_form.__name__}":
        check_form()


@entry.get("/enter")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def enter() -> Response:
    """Begin the visit a link is for, and go on to its page.

    A look ahead, by HEAD or a browser's prefetch, uses nothing up.
    """
    if request.method == "HEAD" or request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return Response(status=204)
    return let_in(request.args.get("ticket", ""))


@entry.post("/enter")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def enter_by_form() -> Response:
    """Begin a visit by a form: the ticket then stands in no address."""
    return let_in(request.form.get("ticket", ""))


@entry.post("/leave")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def leave() -> Response:
    """End the visit."""
    visiting: Visitor | None = g.get("visitor")
    if visiting is not None:
        with store().change() as connection:
            visits.end(connection, visiting.visit_id)
        g.pop("visitor")
    forget_visit()
    if settings().demo:
        return see_other("/")
    return make_response(render_template("entry/left.html"))


@entry.post("/language")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def speak() -> Response:
    """Have the pages speak another language."""
    asked = request.form.get("language", "")
    if asked not in LANGUAGES:
        raise Problem(400, f"found {asked!r:.60}; expected one of {', '.join(LANGUAGES)}")
    choose_language(asked)
    visiting: Visitor | None = g.get("visitor")
    return see_other(
        back("/me", "/insight", "/", default=FIRST_PAGES[visiting.kind] if visiting else url_for("entry.enter"))
    )


def let_in(ticket: str) -> Response:
    """Begin the visit a ticket is for, in place of one this browser had.

    Raises
    ------
    Problem
        403 if the ticket is not good any more; 429 after many such from the same address.
    StoreUnavailable
        If the database cannot say.
    """
    database, at = store(), settings().clock()
    begun = None
    with database.read() as connection:  # so that nobody with a wrong ticket keeps those out who write
        is_good = visits.is_good(connection, ticket, at=at)
    if is_good:
        with database.change() as connection:
            begun = visits.begin(connection, ticket, at=at, seconds=settings().visit_hours * 3_600)
            if begun is not None:
                link, secret = begun
                visits.speak(connection, visits.id_of(secret), _language(connection, link))
                before: Visitor | None = g.get("visitor")
                if before is not None:
                    visits.end(connection, before.visit_id)
    if begun is None:
        count_wrong_link()
        raise Problem(403, "The link was used, or its time is over.", kind=SPENT_LINK)
    begin_visit(secret)
    return see_other(link.path or FIRST_PAGES[link.kind])


def _language(connection: Connection, link: Link) -> str:
    """Return what a visit speaks: what the link asks for, else what is stored of the person, else "": the browser's."""
    row = None if link.employee_id is None else rows.one(connection, link.tenant, "employees", link.employee_id)
    wanted = [link.language, (row["language"] if row else None) or ""]
    return negotiate_locale([one.replace("-", "_") for one in wanted if one], LANGUAGES) or ""
