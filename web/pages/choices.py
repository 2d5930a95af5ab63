"""What the employee chooses: which role they aim at, and what they can give to learning; both can be taken back."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from recommender.arrays import NONE
from recommender.model import Model
from recommender.schema import LEAST_HOURS_PER_WEEK
from web.config import settings
from web.live import served
from web.operation import HTML, operation
from web.pages.amounts import read_amount, written_amount
from web.pages.changing import (
    change_employee,
    go_back,
    tell,
    tell_problem,
    tell_undoable,
)
from web.pages.formats import hours, money
from web.pages.told import role_title
from web.pages.visits import visitors_only
from web.pages.words import SHORT

choices = Blueprint("choices", __name__, url_prefix="/me")
visitors_only(choices, "employee")

MOST_HOURS = 168.0
MOST_MONEY = 1e12
"""A budget beyond it is a slip of the hand."""

_SECONDS = re.compile(r"-?\d{1,12}", re.ASCII)


# --- the role aimed at -------------------------------------------------------------------------------------------


@choices.post("/target")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def aim() -> Response:
    """Aim at a role from now on."""
    model, role_id = served().model, request.form.get("role_id", "")
    if not has_needs(model, role_id):
        tell_problem(_("Nothing was changed: nobody knows what that role needs."))
        return go_back()
    before = change_employee(target_role_id=role_id, target_since=settings().clock())
    fields = {"role_id": before["target_role_id"] or "", "since": _seconds(before["target_since"])}
    title = role_title(model, role_id, SHORT)
    tell_undoable(_("You aim at %(role)s now.", role=title), "/me/target/undo", fields)
    return go_back()


@choices.post("/target/undo")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def aim_as_before() -> Response:
    """Aim at the role again that was aimed at before, since when it was; at none if there was none."""
    model, role_id = served().model, request.form.get("role_id", "")
    if role_id and model.roles.ids.find(role_id) == NONE:
        tell_problem(_("Nothing was changed: that role is gone."))
        return go_back()
    given = request.form.get("since", "")
    since = int(given) if _SECONDS.fullmatch(given) else None
    change_employee(target_role_id=role_id or None, target_since=since)
    if role_id:
        tell(_("You aim at %(role)s again.", role=role_title(model, role_id, SHORT)))
    else:
        tell(_("You aim at no other role again."))
    return go_back()


def has_needs(model: Model, role_id: str) -> bool:
    """Tell whether a role is known, and what it needs."""
    role = model.roles.ids.find(role_id)
    return role != NONE and bool(model.roles.needs.indptr[role + 1] > model.roles.needs.indptr[role])


def _seconds(moment: int | None) -> str:
    return "" if moment is None else str(moment)


# --- hours and budget --------------------------------------------------------------------------------------------


@choices.post("/limits")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def keep_limits() -> Response:
    """Keep the hours a week and the budget; an empty field is none, one that is not sent stays as it is."""
    values: dict[str, float | None] = {}
    for name, most in (("hours_per_week", MOST_HOURS), ("budget", MOST_MONEY)):
        if name not in request.form:
            continue
        text = request.form[name].strip()
        values[name] = read_amount(text)
        if text and not _may_be(name, values[name], most):
            tell_problem(_wrong(name))
            return go_back()
    if not values:
        tell_problem(_("Nothing was changed: no hours and no budget were sent."))
        return go_back()
    before = change_employee(**values)
    fields = {name: "" if value is None else written_amount(value) for name, value in before.items()}
    tell_undoable(_limits_said(values), "/me/limits", fields)
    return go_back()


def _may_be(name: str, value: float | None, most: float) -> bool:
    if value is None or value > most:
        return False
    return name != "hours_per_week" or value == 0 or value >= LEAST_HOURS_PER_WEEK


def _wrong(name: str) -> str:
    if name == "budget":
        return _("Nothing was changed: a budget is a number, such as 250 or 99.90.")
    return _("Nothing was changed: hours a week are a number from 0 to 168, such as 2 or 3.5.")


def _limits_said(values: dict[str, float | None]) -> str:
    parts = []
    if "hours_per_week" in values:
        value = values["hours_per_week"]
        parts.append(
            _("No hours a week are kept.") if value is None else _("Kept: %(hours)s a week.", hours=hours(value))
        )
    if "budget" in values:
        value = values["budget"]
        parts.append(
            _("No budget is kept.") if value is None else _("Kept: a budget of %(budget)s.", budget=_amount(value))
        )
    return " ".join(parts)


def _amount(value: float) -> str:
    return "0" if value == 0 else money(value)
