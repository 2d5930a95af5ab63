# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What reasons are read from: the courses of the history, the people, the skills that speak for a few courses."""

cimport numpy as cnp
from recommender.answer_kernels cimport Strongest, row_of, strongest_of
from recommender.kernels cimport ints, levels_in
from recommender.question cimport Places

from typing import NamedTuple

from recommender import answer_kernels
from recommender.arrays import NONE
from recommender.query import recent_history
from recommender.skills import strain

cnp.import_array()

LATEST_COURSES = 20
"""Courses of the history, the latest, that a reason may point to."""


class Lift(NamedTuple):
    """What a course does for one skill the goal role needs: from, to, needed, all levels 0–5."""

    skill_idx: int
    before: int
    after: int
    needed: int


FORM = dict.fromkeys(("skill_id", "name", "from", "to", "needed"))
"""What an answer says of a lift, the fields in their order."""


cdef dict of_lift(dict form, lift, tuple skill_ids, tuple skill_names):
    """Return a copy of a form with what a course does for one skill filled in."""
    cdef dict filled = form.copy()
    cdef tuple fields = <tuple> lift
    cdef Py_ssize_t skill = fields[0]
    filled["skill_id"], filled["name"] = skill_ids[skill], skill_names[skill]
    filled["from"], filled["to"], filled["needed"] = fields[1], fields[2], fields[3]
    return filled


cpdef list lifts_as_dicts(tuple lifts, skills):
    """Return what a course does for each skill it raises as the JSON values of design section 9."""
    cdef tuple ids = skills.ids.ids, names = skills.names
    return [of_lift(FORM, lift, ids, names) for lift in lifts]


cdef class Evidence:
    """What speaks to one person for some courses; what most reasons are read from is looked up once, when first asked for.

    `at` is the place of a course among those asked about.

    Parameters
    ----------
    levels, need
        The person's levels and what the goal role needs.
    goal, role_id, role
        The goal role, its id and its title; `NONE` and "" without one.
    claimed
        The level claimed of each skill, and by whom.
    lifts
        What each course does for the needed skills it raises, by course, the largest weighted step first.
    """

    def __cinit__(self, model, query, cnp.ndarray levels, need, cnp.ndarray courses):
        cdef object catalog = model.catalog, skills = model.skills, taught = catalog.skills, trend = model.scorers.trend
        self.model, self.query, self.levels, self.need, self.goal = model, query, levels, need, query.goal_role
        self.level = levels_in(levels, "levels")
        self.titles, self.course_ids = catalog.titles, catalog.ids.ids
        self.skill_names, self.skill_ids = skills.names, skills.ids.ids
        self.current, self.required, self.asked = query.role_idx, query.required, Places(courses, len(self.titles))
        self.recent, self.before = ints(trend.recent, "recent"), ints(trend.before, "before")
        self.role_id = self.role = ""
        if self.goal != NONE:
            self.role_id, self.role = model.roles.ids.ids[self.goal], model.roles.titles[self.goal]
        self.claimed = {}
        if len(query.claims.skill_idx):
            self.claimed = {skill: (level, source) for skill, level, source, _ in query.claims.rows()}
        self.lifts = answer_kernels.lifts(
            Lift, taught.indptr, taught.skill_idx, taught.level, courses, levels, need.level, need.importance
        )

    cdef Strongest _strongest(self, rows):
        """Return of each course the course of the history that speaks loudest for it, the latest of equals."""
        if self.latest is None:
            self.latest = recent_history(self.query, most=LATEST_COURSES)[0]
        return strongest_of(rows.indptr, rows.indices, rows.weights, self.latest, self.asked)

    cdef cnp.ndarray _of_goal(self, rows):
        return row_of(rows.indptr, rows.indices, rows.weights, self.goal, self.asked)

    cdef Strongest together(self):
        """Return which course of the history most people completed beside each course, and how many did."""
        if self._together is None:
            self._together = self._strongest(self.model.scorers.item_item.both)
        return self._together

    cdef Strongest followed(self):
        """Return from which course of the history most people went on to each course, and how many did."""
        if self._followed is None:
            self._followed = self._strongest(self.model.scorers.sequence.followed)
        return self._followed

    cdef Strongest alike(self):
        """Return which course of the history each course is most like, and the cosine."""
        if self._alike is None:
            self._alike = self._strongest(self.model.scorers.content.neighbours)
        return self._alike

    cdef float on_the_way(self, Py_ssize_t at) except? -1:
        """Return how many people in the goal role, or on their way to it, completed a course."""
        if self._on_the_way is None:
            self._on_the_way = self._of_goal(self.model.scorers.role.people)
        return (<float *> cnp.PyArray_DATA(self._on_the_way))[at]

    cdef float moved(self, Py_ssize_t at) except? -1:
        """Return how many people completed a course in the year before they moved into the goal role."""
        if self._moved is None:
            self._moved = self._of_goal(self.model.scorers.role.moved)
        return (<float *> cnp.PyArray_DATA(self._moved))[at]

    cdef float fits_role(self, Py_ssize_t at) except? -1:
        """Return how like the goal role a course is: the cosine, 0 where it is not among the nearest."""
        if self._fits_role is None:
            self._fits_role = self._of_goal(self.model.scorers.content.role_neighbours)
        return (<float *> cnp.PyArray_DATA(self._fits_role))[at]

    cdef list met(self, Py_ssize_t course):
        """Return the entry levels a course declares and the person meets: skill, the level asked for, the one they have."""
        if self._met is None:
            rows = self.model.catalog.skills
            asked = (rows.indptr, rows.skill_idx, rows.entry_level, rows.entry_declared)
            self._met = answer_kernels.met(*asked, self.asked.columns, self.levels)
        return self._met[course]

    cdef Py_ssize_t strain(self, Py_ssize_t at) except -1:
        """Return how many levels the person is below what a course asks for, assumed ones too."""
        if self._strain is None:
            self._strain = strain(self.levels, self.model.catalog, self.asked.columns)
        return <Py_ssize_t> (<float *> cnp.PyArray_DATA(self._strain))[at]

    cdef tuple known(self):
        """Return what is known of the person that anything can suit: of history, role, target_role and department."""
        if self._known is None:
            query = self.query
            known = {
                "history": len(query.history) > 0,
                "role": query.role_idx != NONE,
                "target_role": query.target_role_idx != NONE,
                "department": query.department != "",
            }
            self._known = tuple([name for name, is_known in known.items() if is_known])
        return self._known
