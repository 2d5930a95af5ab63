"""Which courses may be shown to a person: the rules of design section 5.3, stated once.

Assumed prerequisites and entry levels forbid nothing; only declared ones do.
"""

from __future__ import annotations

import numpy as np

from recommender.arrays import BoolArray, IntArray
from recommender.catalog import Catalog
from recommender.query import Query
from recommender.skills import Levels, ready


def eligible(
    catalog: Catalog, query: Query, courses: IntArray | None = None, *, levels: Levels | None = None
) -> BoolArray:
    """Tell of each course whether it may be shown, shape (len(courses),); of all courses unless said.

    Shown is what is published, available at the query's moment, meant for the person, within the limits, neither
    superseded nor completed nor in progress nor dismissed, with every declared prerequisite met. Completing one version
    of a course completes all, and what is due again is due in any version: shown is the one that may be. With `levels`
    (n_skills,) declared entry levels must be met too.
    """
    courses = np.arange(len(catalog), dtype=np.int32) if courses is None else courses
    shown = catalog.published[courses] & ~catalog.superseded_at(query.as_of)[courses]
    shown &= (catalog.available_from[courses] <= query.as_of) & (query.as_of < catalog.available_to[courses])
    shown &= ~_done(catalog, query, courses)
    for unwanted in (query.in_progress, query.dismissed, query.limits.exclude):
        if len(unwanted):
            shown &= ~np.isin(courses, unwanted)
    shown &= _within_limits(catalog, query, courses)
    _forbid(shown, catalog, query, courses)
    if levels is not None:
        shown &= ready(levels, catalog, courses)
    return shown


def _done(catalog: Catalog, query: Query, courses: IntArray) -> BoolArray:
    """Tell of each course whether it was completed, in whatever version, and is not due again, shape (len(courses),)."""
    group = catalog.version_group
    done = np.isin(group[courses], group[query.history])
    if len(query.due_again):
        done &= ~np.isin(group[courses], group[query.due_again])
    return done


_LARGEST = float(np.finfo(np.float32).max)
"""Limits are compared as the catalogue holds its numbers, in single precision."""


def _within_limits(catalog: Catalog, query: Query, courses: IntArray) -> BoolArray:
    limits = query.limits
    within = np.ones(len(courses), dtype=np.bool_)
    if limits.only is not None:
        within &= np.isin(courses, limits.only)
    if limits.max_hours is not None:
        within &= catalog.hours[courses] <= min(limits.max_hours, _LARGEST)
    if limits.max_cost is not None:
        within &= ~(catalog.cost[courses] > min(limits.max_cost, _LARGEST))
    for wanted, known in ((limits.languages, catalog.languages), (limits.formats, catalog.formats)):
        if wanted:
            within &= np.array([known[i] in wanted for i in courses.tolist()], dtype=np.bool_)
    return within


def _forbid(shown: BoolArray, catalog: Catalog, query: Query, courses: IntArray) -> None:
    """Take out courses meant for others and those with an unmet prerequisite, looking only at courses still shown."""
    person = {query.department, query.location, *query.role_names} - {""}
    met = set(catalog.version_group[query.history].tolist())
    for k in np.flatnonzero(shown & catalog.restricted[courses]).tolist():
        course = int(courses[k])
        audience = catalog.audience[course]
        wanted = catalog.version_group[catalog.prerequisites.row(course)].tolist()
        shown[k] = (not audience or not person.isdisjoint(audience)) and met.issuperset(wanted)
