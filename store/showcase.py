"""A handful of people worth looking as, chosen from whoever is stored, so that a demonstration shows every kind of page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from store.tables import canonical

MAX_LOOKED_AT = 5_000
"""People chosen among: the first by id."""
ENOUGH = 12
"""Completions somebody with a history should have: enough to learn from, few enough to read."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to look as; what is not known is ""."""

    employee_id: str
    name: str
    role_id: str
    role: str
    family: str
    target_id: str
    target: str
    target_family: str
    hired_at: int
    n_completed: int

    @property
    def aims_elsewhere(self) -> bool:
        """Whether they want another role than theirs."""
        return bool(self.target_id) and self.target_id != self.role_id


def people(connection: Connection, tenant: str) -> list[Person]:
    """Return the people of a tenant who have a role, with how much they completed, in the order of their ids."""
    employees, roles, completions = canonical["employees"], canonical["roles"], canonical["completions"]
    target = roles.alias("target")
    done = (
        select(completions.c.employee_id, func.count().label("n"))
        .where(completions.c.tenant == tenant)
        .group_by(completions.c.employee_id)
        .subquery()
    )
    asked = (
        select(
            employees.c.employee_id,
            employees.c.name,
            employees.c.role_id,
            roles.c.title,
            roles.c.family,
            employees.c.target_role_id,
            target.c.title,
            target.c.family,
            employees.c.hired_at,
            done.c.n,
        )
        .select_from(employees)
        .join(roles, and_(roles.c.tenant == tenant, roles.c.role_id == employees.c.role_id))
        .outerjoin(target, and_(target.c.tenant == tenant, target.c.role_id == employees.c.target_role_id))
        .outerjoin(done, done.c.employee_id == employees.c.employee_id)
        .where(employees.c.tenant == tenant)
        .order_by(employees.c.employee_id)
        .limit(MAX_LOOKED_AT)
    )
    return [_person(tuple(row)) for row in connection.execute(asked)]


def with_history_in_their_role(found: Iterable[Person]) -> Person | None:
    """Return somebody who grows in the role they have, with about `ENOUGH` completions."""
    return _nearest(one for one in found if not one.aims_elsewhere and one.n_completed)


def on_the_way_elsewhere(found: Iterable[Person]) -> Person | None:
    """Return somebody who aims at a role of another family, or else at another role, with about `ENOUGH` completions."""
    elsewhere = [one for one in found if one.aims_elsewhere and one.target]
    far = [one for one in elsewhere if one.family != one.target_family]
    return _nearest(far or elsewhere)


def newest(found: Iterable[Person]) -> Person | None:
    """Return who completed least; of several, who was hired last."""
    return min(found, key=lambda one: (one.n_completed, -one.hired_at, one.employee_id), default=None)


def who_may_owe(found: Iterable[Person]) -> Iterator[Person]:
    """Yield people with some history, those with most of it first: required training is often theirs."""
    yield from sorted(found, key=lambda one: (-one.n_completed, one.employee_id))


def _person(row: tuple[Any, ...]) -> Person:
    *texts, hired_at, n_completed = row
    employee_id, name, role_id, role, family, target_id, target, target_family = (str(one or "") for one in texts)
    known = (employee_id, name, role_id, role, family, target_id, target, target_family)
    return Person(*known, hired_at=int(hired_at or 0), n_completed=int(n_completed or 0))


def _nearest(found: Iterable[Person]) -> Person | None:
    return min(found, key=lambda one: (abs(one.n_completed - ENOUGH), one.employee_id), default=None)
