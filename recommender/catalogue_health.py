"""What a catalogue lacks: skills that roles need and nobody teaches, courses nobody takes, roles it does not lead to.

Nothing here is about people but whether anybody at all ever completed a course.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from recommender.arrays import DAY, EARLIEST, IntArray, Levels
from recommender.gap import role_coverages
from recommender.model import Model
from recommender.tally import offered

NEW_DAYS = 180
"""A course that came in the last half year is not called one that nobody takes."""
OUT_OF_REACH = 0.8
"""A role the catalogue leads to less than this share of is out of reach. A choice, not measured."""


@dataclass(frozen=True, slots=True)
class Untaught:
    """A skill that is needed at a level no course offered now teaches: the levels, and how many roles need more."""

    skill_idx: int
    needed: int
    taught: int
    roles: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """A role, and the share of its need that somebody who starts from nothing gets from every course offered now."""

    role_idx: int
    reachable: float


@dataclass(frozen=True, slots=True)
class CatalogueHealth:
    """What a catalogue lacks at a moment.

    Parameters
    ----------
    untaught
        Those no course teaches at all first, then by how many roles need more.
    never_taken
        Courses offered now, for `NEW_DAYS` at least, that nobody completed, the longest first.
    unreached
        Roles below `OUT_OF_REACH`, the farthest first.
    offered, without_hours, without_skills, inferred_only
        How many courses are offered now; of these, how many do not say how long they take, teach nothing known, and
        teach only what was inferred from their texts.
    roles, roles_without_skills
        How many roles there are, and how many need nothing known.
    """

    untaught: tuple[Untaught, ...]
    never_taken: IntArray
    unreached: tuple[Unreached, ...]
    offered: int
    without_hours: int
    without_skills: int
    inferred_only: int
    roles: int
    roles_without_skills: int


def catalogue_health(model: Model, *, taken: Collection[int], as_of: int) -> CatalogueHealth:
    """Return what a catalogue lacks at a moment; `taken` are the courses somebody completed."""
    catalog, courses = model.catalog, offered(model, as_of)
    owner, flat = catalog.skills.flat(courses)
    taught = np.zeros(len(model.skills.ids), dtype=np.int8)
    np.maximum.at(taught, catalog.skills.skill_idx[flat], catalog.skills.level[flat])
    n_taught = np.bincount(owner, minlength=len(courses))
    declared = np.bincount(owner, ~catalog.skills.inferred[flat], len(courses))
    reachable = role_coverages(taught, model.roles)
    far = np.flatnonzero(reachable < OUT_OF_REACH)  # NaN, where a role needs nothing, is not below
    return CatalogueHealth(
        untaught=_untaught(model, taught),
        never_taken=_never_taken(model, courses, taken, as_of),
        unreached=tuple(
            Unreached(int(role), float(reachable[role])) for role in far[np.argsort(reachable[far], kind="stable")]
        ),
        offered=len(courses),
        without_hours=int(catalog.hours_assumed[courses].sum()),
        without_skills=int((n_taught == 0).sum()),
        inferred_only=int(((n_taught > 0) & (declared == 0)).sum()),
        roles=len(model.roles),
        roles_without_skills=int(np.isnan(reachable).sum()),
    )


def _untaught(model: Model, taught: Levels) -> tuple[Untaught, ...]:
    rows = model.roles.needs
    beyond = np.flatnonzero(rows.level > taught[rows.skill_idx])
    n_roles = np.bincount(rows.skill_idx[beyond], minlength=len(taught))
    needed = np.zeros(len(taught), dtype=np.int8)
    np.maximum.at(needed, rows.skill_idx[beyond], rows.level[beyond])
    found = (Untaught(s, int(needed[s]), int(taught[s]), int(n_roles[s])) for s in np.flatnonzero(n_roles).tolist())
    return tuple(sorted(found, key=lambda one: (one.taught > 0, -one.roles, one.skill_idx)))


def _never_taken(model: Model, courses: IntArray, taken: Collection[int], as_of: int) -> IntArray:
    """Return courses of which no version was ever completed, those offered longest first."""
    catalog = model.catalog
    group = catalog.version_group
    used = np.unique(group[np.array(sorted(taken), dtype=np.int64)])
    since = catalog.available_from[courses]
    idle = ~np.isin(group[courses], used) & (since <= as_of - NEW_DAYS * DAY)
    order = np.lexsort((courses, np.where(since == EARLIEST, 0, since)))
    return courses[order][idle[order]]
