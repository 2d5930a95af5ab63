"""A demonstration has nobody's link to wait for: its start page lets whoever sits there choose as whom to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, flash, g, request
from flask_babel import gettext as _
from flask_babel import ngettext

from recommender.errors import StoreUnavailable
from store import showcase, visits
from store.showcase import Person
from store.visits import Link
from web.auth import DEMO_KEY, current_tenant
from web.config import settings
from web.database import opened_database, store
from web.live import Served
from web.operation import HTML, operation
from web.pages.entry import let_in
from web.pages.places import see_other
from web.pages.visits import check_form
from web.schemas import RecommendationRequest
from web.stored import question_about
from web.stored_queries import StoredQuery

demonstration = Blueprint("demonstration", __name__, url_prefix="/demo")
demonstration.before_request(check_form)

MAX_ASKED = 60
"""People looked at to find one whose required training is overdue."""
_EXTENSION = "lpr_showcase"
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody to look as, and who they are in one line."""

    person: Person
    why: str

    @property
    def line(self) -> str:
        """Say who they are in the page's language."""
        said: Callable[[Person], str] = _LINES[self.why]
        return said(self.person)


@demonstration.post("/enter")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def enter() -> Response:
    """Begin a visit as an employee, or to the manager's overview, by a link made for this moment."""
    employee_id = request.form.get("employee_id", "").strip() or None
    kind = visits.INSIGHT if request.form.get("kind") == visits.INSIGHT else visits.EMPLOYEE
    # A language chosen on the start page goes before that of the person, which nobody at the screen has chosen.
    chosen = "" if g.get("visitor") else g.get("chosen_language", "")
    link = Link(current_tenant(), kind, employee_id if kind == visits.EMPLOYEE else None, DEMO_KEY, language=chosen)
    with store().change() as connection:
        ticket = visits.issue(connection, link, at=settings().clock(), seconds=_SECONDS)
    if ticket is None:
        flash(_("There is nobody of that id. Ids are written as in the table of employees."), "problem")
        return see_other("/")
    return let_in(ticket)


def people_shown(live: Served) -> list[Shown] | None:
    """Return the people the start page offers, at most one for each kind of page; None without a database to ask.

    They are chosen once for a version of the model and of the catalogue, and anew when one of them is gone.
    """
    opened = opened_database(current_app)
    if opened is None:
        return None
    tenant = current_tenant()
    try:
        with opened.get().read() as connection:
            found = showcase.people(connection, tenant)
    except StoreUnavailable:
        return None
    kept: dict[tuple[str, str], list[Shown]] = current_app.extensions.setdefault(_EXTENSION, {})
    there, key = {one.employee_id: one for one in found}, (tenant, live.manifest.version)
    chosen = kept.get(key)
    if chosen is None or not all(one.person.employee_id in there for one in chosen):
        chosen = _chosen(found)
        current_app.extensions[_EXTENSION] = {key: chosen}
    return [Shown(there[one.person.employee_id], one.why) for one in chosen]


def _chosen(found: list[Person]) -> list[Shown]:
    chosen: list[Shown] = []
    for why, choose in _CHOICES.items():
        taken = {one.person.employee_id for one in chosen}
        person = choose([one for one in found if one.employee_id not in taken])
        if person is not None:
            chosen.append(Shown(person, why))
    return chosen


def _overdue(found: list[Person]) -> Person | None:
    """Return somebody whose required training is overdue, of the first who may have such."""
    for one in list(showcase.who_may_owe(found))[:MAX_ASKED]:
        question, _asked = question_about(one.employee_id, StoredQuery(), RecommendationRequest)
        if any(each.overdue for each in question.query.required):
            return one
    return None


_CHOICES: dict[str, Callable[[list[Person]], Person | None]] = {
    "grows": showcase.with_history_in_their_role,
    "changes": showcase.on_the_way_elsewhere,
    "new": showcase.newest,
    "owes": _overdue,
}


def _grows(one: Person) -> str:
    said: str = ngettext(
        "%(role)s, growing in that role: %(num)s course completed.",
        "%(role)s, growing in that role: %(num)s courses completed.",
        one.n_completed,
        role=one.role,
    )
    return said


def _changes(one: Person) -> str:
    return str(_("%(role)s, on the way to another role: %(target)s.", role=one.role, target=one.target))


def _new(one: Person) -> str:
    if not one.n_completed:
        return str(_("%(role)s, new here: nothing completed yet.", role=one.role))
    said: str = ngettext(
        "%(role)s, new here: %(num)s course completed.",
        "%(role)s, new here: %(num)s courses completed.",
        one.n_completed,
        role=one.role,
    )
    return said


def _owes(one: Person) -> str:
    return str(_("%(role)s, with required training that is overdue.", role=one.role))


_LINES: dict[str, Callable[[Person], str]] = {"grows": _grows, "changes": _changes, "new": _new, "owes": _owes}
