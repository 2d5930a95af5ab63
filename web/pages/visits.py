"""Who looks at a page: one employee at their own, or a manager at the overview, let in by a link of their platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import Blueprint, g, request

from web.auth import Caller
from web.config import settings
from web.problems import Problem

VisitKind = Literal["employee", "insight"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks: of which tenant, at what, as whom ("" at the overview), and in which language, "" for the browser's."""

    tenant: str
    kind: VisitKind
    employee_id: str
    visit_id: str
    language: str = ""


def visitors_only(blueprint: Blueprint, kind: VisitKind) -> None:
    """Let only visitors of one kind see the pages of a blueprint; before each request `visitor` is known."""

    @blueprint.before_request
    def _let_in() -> None:
        # FOUNDATION STUB: replaced by helper "entry".
        employee_id = request.cookies.get("visitor", "")
        if not settings().demo or not employee_id:
            raise Problem(403, "Nobody is visiting.")
        g.visitor = Visitor(settings().tenant, kind, employee_id, "stub")
        g.caller = Caller(g.visitor.tenant, frozenset(), "visit")


def visitor() -> Visitor:
    """Return who looks at the current page."""
    found: Visitor = g.visitor
    return found
