"""Who looks at a page: one employee at their own, or a manager at the overview, let in by a link of their platform.

A visit is known by the secret in the browser's cookie. The database is asked at every page whether it still holds and
whether the employee is still there. No address names the employee, and no route but the pages looks at the cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flask import Blueprint, Flask, Response, current_app, g, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from markupsafe import Markup

from recommender.errors import StoreUnavailable
from store import visits
from web.auth import Caller
from web.config import settings
from web.database import opened_database
from web.pages.places import here, is_page
from web.pages.sessions import hold_sessions, load_session, sign
from web.problems import Problem

VisitKind = Literal["employee", "insight"]

NOBODY = "urn:lpr:problem:no-visit"
STALE_FORM = "urn:lpr:problem:stale-form"
VISITING = "visit"
"""The key id of who looks at pages: in logs nobody is told from another."""

_SECRET = "visit"
_LANGUAGE = "language"
_forms = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: of which tenant, at what, as whom ("" at the overview), and in which language, "" for the browser's."""

    tenant: str
    kind: VisitKind
    employee_id: str
    visit_id: str
    language: str = ""


def recognise_visitors(app: Flask) -> None:
    """Find out, before each request to a page, who looks; it comes before anything that counts or checks who asks."""
    hold_sessions(app)
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,  # only pages are checked: everything else asks for a key in a header
        WTF_CSRF_TIME_LIMIT=None,  # a form is good for as long as the visit
        # Flask-WTF would want a Referer, which Referrer-Policy: no-referrer keeps browsers from sending.
        WTF_CSRF_SSL_STRICT=False,
    )
    _forms.init_app(app)

    @app.before_request
    def _recognise() -> None:
        if not is_page():
            return
        if request.cookies.get(app.config["SESSION_COOKIE_NAME"]):
            load_session(app, session)
        found = _visitor()
        if found is not None:
            g.visitor = found
            g.caller = Caller(found.tenant, frozenset(), VISITING)
        g.chosen_language = found.language if found is not None else session.get(_LANGUAGE, "")

    @app.errorhandler(CSRFError)
    def _stale(_error: Any) -> Response:
        return Problem(400, "The form is not one of this visit.", kind=STALE_FORM).response()

    app.add_template_global(csrf_field)
    app.add_template_global(here)

    @app.context_processor
    def _looking() -> dict[str, object]:
        return {"demo": settings().demo, "visitor": g.get("visitor")}


def visitors_only(blueprint: Blueprint, kind: VisitKind) -> None:
    """Let only visitors of one kind see the pages of a blueprint, and take forms only from their own pages.

    Before each request `visitor` is known, and its tenant is `web.auth.current_tenant`.
    """

    @blueprint.before_request
    def _let_in() -> None:
        found: Visitor | None = g.get("visitor")
        if found is None or found.kind != kind:
            raise Problem(403, "Nobody is visiting, or somebody who may not see this.", kind=NOBODY)

    blueprint.before_request(check_form)


def check_form() -> None:
    """Refuse with 400 a form that does not come from a page of the same visit."""
    if request.method == "POST":
        sign(current_app)
        _forms.protect()


def visitor() -> Visitor:
    """Return who looks at the current page."""
    found: Visitor = g.visitor
    return found


def begin_visit(secret: str) -> None:
    """Make the current browser's a visit of which this is the secret; what its cookie held before is gone.

    A new token for forms comes with it: nothing somebody set before carries over.
    """
    session.clear()
    session[_SECRET] = secret
    sign(current_app)
    generate_csrf()


def forget_visit() -> None:
    """Empty the current browser's cookie, but for the language."""
    language = g.get("chosen_language", "")
    session.clear()
    if language:
        session[_LANGUAGE] = language


def choose_language(language: str) -> None:
    """Have the pages speak a language from now on: those of the visit or, where nobody visits, of the browser."""
    found: Visitor | None = g.get("visitor")
    opened = opened_database(current_app)
    if found is None or opened is None:
        sign(current_app)
        session[_LANGUAGE] = language
        return
    with opened.get().change() as connection:
        visits.speak(connection, found.visit_id, language)


def csrf_field() -> Markup:
    """Return the hidden field every form that is posted carries; nothing while the database cannot say how to sign it."""
    try:
        sign(current_app)
    except StoreUnavailable:
        return Markup("")
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _visitor() -> Visitor | None:
    secret, opened = session.get(_SECRET), opened_database(current_app)
    if not isinstance(secret, str) or opened is None:
        return None
    with opened.get().read() as connection:
        found = visits.visit_of(connection, secret, at=settings().clock())
    if found is None:
        return None
    kind: VisitKind = "employee" if found.kind == visits.EMPLOYEE else "insight"
    return Visitor(found.tenant, kind, found.employee_id or "", found.visit_id, found.language)
