"""Which courses may be shown: each rule broken alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from planted_worlds import positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import IntArray, Ragged
from recommender.catalog import Catalog
from recommender.eligibility import LATER, barriers, eligible
from recommender.query import Feedback, Limits, Query
from recommender.required import Required

NOW = day(100)
COURSE, OTHER, THIRD = 0, 1, 2
"""The course each rule is about, and two that no rule forbids."""


def courses(**columns: Any) -> Catalog:
    told = replace(catalog(3), languages=("en", "en", "en"), formats=("video", "video", "video"))
    return replace(told, **columns)


def person(**facts: Any) -> Query:
    return replace(Query(as_of=NOW, department="Sales", location="Lyon", role_names=("r1", "Seller")), **facts)


def taken(*which: int) -> dict[str, IntArray]:
    return {"history": positions(*which), "history_at": np.array([day(i) for i in range(len(which))], dtype=np.int64)}


def first(value: float, others: float, dtype: Any = np.float32) -> Any:
    return np.array([value, others, others], dtype=dtype)


def shown(told: Catalog, query: Query, **how: Any) -> list[bool]:
    return [bool(one) for one in eligible(told, query, **how)]


def test_what_no_rule_forbids_is_shown() -> None:
    assert shown(courses(), person()) == [True, True, True]


NEVER, ALWAYS = -(2**62), 2**62
BROKEN: dict[str, tuple[Callable[[], Catalog], Callable[[], Query]]] = {
    "unpublished": (lambda: courses(published=first(False, True, np.bool_)), person),
    "not available yet": (lambda: courses(available_from=first(NOW + 1, NEVER, np.int64)), person),
    "no longer available": (lambda: courses(available_to=first(NOW, ALWAYS, np.int64)), person),
    "meant for others": (lambda: courses(audience=(("Legal", "Rome"), (), ())), person),
    "superseded": (lambda: courses(supersedes=Ragged.from_rows([[], [COURSE], []])), person),
    "completed": (courses, lambda: person(**taken(COURSE))),
    "in progress": (courses, lambda: person(in_progress=positions(COURSE))),
    "dismissed": (courses, lambda: person(feedback=Feedback.of([(COURSE, "not_interested", NOW - 1)]))),
    "excluded": (courses, lambda: person(limits=Limits(exclude=positions(COURSE)))),
    "not among those asked for": (courses, lambda: person(limits=Limits(only=positions(OTHER, THIRD)))),
    "too long": (lambda: courses(hours=first(7.3, 7.2)), lambda: person(limits=Limits(max_hours=7.25))),
    "too dear": (lambda: courses(cost=first(101, 100)), lambda: person(limits=Limits(max_cost=100))),
    "in another language": (
        lambda: courses(languages=("fr", "en", "de")),
        lambda: person(limits=Limits(languages=("en", "de"))),
    ),
    "in another format": (
        lambda: courses(formats=("book", "video", "video")),
        lambda: person(limits=Limits(formats=("video",))),
    ),
    "with an unmet prerequisite": (
        lambda: courses(prerequisites=Ragged.from_rows([[OTHER], [], []])),
        person,
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_one_broken_rule_takes_out_one_course(rule: str) -> None:
    told, asked = BROKEN[rule]
    assert shown(told(), asked()) == [False, True, True]
    # Asked about in another order, and alone.
    assert shown(told(), asked(), courses=positions(THIRD, COURSE)) == [True, False]
    assert shown(told(), asked(), courses=positions(COURSE)) == [False]


EDGES: dict[str, tuple[Callable[[], Catalog], Callable[[], Query]]] = {
    "available from this very moment": (lambda: courses(available_from=first(NOW, NEVER, np.int64)), person),
    "available one second more": (lambda: courses(available_to=first(NOW + 1, ALWAYS, np.int64)), person),
    "meant for the department": (lambda: courses(audience=(("Sales",), (), ())), person),
    "meant for the location": (lambda: courses(audience=(("Legal", "Lyon"), (), ())), person),
    "meant for the role, by id": (lambda: courses(audience=(("r1",), (), ())), person),
    "meant for the role, by title": (lambda: courses(audience=(("Seller",), (), ())), person),
    "as long as allowed": (lambda: courses(hours=first(7.3, 1)), lambda: person(limits=Limits(max_hours=7.3))),
    "as dear as allowed": (lambda: courses(cost=first(99.9, 1)), lambda: person(limits=Limits(max_cost=99.9))),
    "with limits beyond single precision": (courses, lambda: person(limits=Limits(max_hours=1e308, max_cost=1e308))),
    "of unknown cost": (lambda: courses(cost=first(np.nan, 1)), lambda: person(limits=Limits(max_cost=5))),
    "completed and due again": (courses, lambda: person(due_again=positions(COURSE), **taken(COURSE))),
    "superseded by an unpublished course": (lambda: replaced(published=np.array([True, True, True, False])), person),
    "superseded by a course to come": (
        lambda: replaced(available_from=np.array([NEVER, NEVER, NEVER, NOW + 1])),
        person,
    ),
    "superseded by a course gone": (lambda: replaced(available_to=np.array([ALWAYS, ALWAYS, ALWAYS, NOW])), person),
}


def replaced(**columns: Any) -> Catalog:
    """Four courses, the last of which supersedes the first."""
    return replace(catalog(4), supersedes=Ragged.from_rows([[], [], [], [COURSE]]), **columns)


@pytest.mark.parametrize("case", EDGES)
def test_what_just_keeps_a_rule_is_shown(case: str) -> None:
    told, asked = EDGES[case]
    assert shown(told(), asked())[:3] == [True, True, True]


def test_an_audience_is_not_met_by_what_is_not_known() -> None:
    told = courses(audience=(("Sales",), ("",), ()))
    assert shown(told, Query(as_of=NOW)) == [False, False, True]


def test_a_prerequisite_is_met_by_completing_it() -> None:
    told = courses(prerequisites=Ragged.from_rows([[OTHER, THIRD], [], []]))
    assert shown(told, person(**taken(OTHER))) == [False, False, True], "all of them are asked for"
    assert shown(told, person(**taken(OTHER, THIRD))) == [True, False, False]


@pytest.mark.parametrize("completed", [OTHER, THIRD])
def test_a_prerequisite_is_met_by_another_version_of_it(completed: int) -> None:
    told = courses(prerequisites=Ragged.from_rows([[OTHER], [], []]), supersedes=Ragged.from_rows([[], [], [OTHER]]))
    assert shown(told, person(**taken(completed))) == [True, False, False]


def test_completing_one_version_is_completing_all() -> None:
    told = courses(supersedes=Ragged.from_rows([[OTHER], [], []]))
    assert shown(told, person(**taken(OTHER))) == [False, False, True]


def test_what_is_due_again_is_due_in_the_version_that_may_be_shown() -> None:
    told = courses(supersedes=Ragged.from_rows([[OTHER], [], []]))
    for due in (COURSE, OTHER):
        assert shown(told, person(due_again=positions(due), **taken(OTHER))) == [True, False, True]


def test_entry_levels_are_asked_for_where_declared_and_levels_are_known() -> None:
    rows = skill_rows({0: [(0, 3)], 1: [(0, 3)]}, n_rows=3, entry={(0, 0): 2})
    assumed = replace(rows, entry_level=np.array([2, 2], dtype=np.int8))
    told = courses(skills=assumed)
    for level, expected in ((1, [False, True, True]), (2, [True, True, True])):
        assert shown(told, person(), levels=np.array([level], dtype=np.int8)) == expected
    assert shown(told, person()) == [True, True, True], "without levels nothing is known to be missing"


def test_nothing_may_be_shown_is_an_answer() -> None:
    assert shown(courses(), person(limits=Limits(only=positions()))) == [False, False, False]
    assert shown(courses(), person(), courses=positions()) == []


LONG_AGO = NOW - LATER
SAID: list[tuple[str, int, list[bool]]] = [
    ("not_interested", LONG_AGO, [False, True, True]),
    ("already_know", LONG_AGO, [False, True, True]),
    ("too_easy", LONG_AGO, [False, False, True]),
    ("later", NOW - 1, [False, True, True]),
    ("later", LONG_AGO + 1, [False, True, True]),
    ("later", LONG_AGO, [True, True, True]),
    ("too_hard", NOW - 1, [False, True, True]),
    ("too_hard", LONG_AGO, [False, True, True]),
]


@pytest.mark.parametrize(("verb", "at", "expected"), SAID)
def test_what_each_word_of_feedback_keeps_away(verb: str, at: int, expected: list[bool]) -> None:
    """Of three courses about skill 0 the first leads to 3 from 2 on, the second to 2, the third to 4: not within it."""
    rows = skill_rows({0: [(0, 3)], 1: [(0, 2)], 2: [(0, 4)]}, n_rows=3)
    rows = replace(rows, entry_level=np.array([2, 0, 2], dtype=np.int8))
    said = person(feedback=Feedback.of([(COURSE, verb, at)]))
    assert shown(courses(skills=rows), said, levels=np.array([1], dtype=np.int8)) == expected


def test_what_was_too_hard_is_shown_once_its_entry_levels_are_met() -> None:
    rows = replace(skill_rows({0: [(0, 3)]}, n_rows=3), entry_level=np.array([2], dtype=np.int8))
    said = person(feedback=Feedback.of([(COURSE, "too_hard", LONG_AGO)]))
    for level, expected in ((1, False), (2, True)):
        assert shown(courses(skills=rows), said, levels=np.array([level], dtype=np.int8))[0] is expected


@pytest.mark.parametrize("verb", ["not_interested", "already_know", "later"])
def test_a_word_on_one_version_is_on_all(verb: str) -> None:
    told = courses(supersedes=Ragged.from_rows([[], [COURSE], []]))
    assert shown(told, person(feedback=Feedback.of([(COURSE, verb, NOW - 1)]))) == [False, False, True]


def test_a_course_begun_in_one_version_is_not_offered_as_new_in_another() -> None:
    told = courses(supersedes=Ragged.from_rows([[], [COURSE], []]))
    assert shown(told, person(in_progress=positions(COURSE))) == [False, False, True]


def test_a_course_that_teaches_nothing_known_is_not_within_one_that_was_too_easy() -> None:
    said = person(feedback=Feedback.of([(COURSE, "too_easy", LONG_AGO)]))
    assert shown(courses(skills=skill_rows({0: [(0, 3)]}, n_rows=3)), said) == [False, True, True]


def test_a_course_that_teaches_as_much_as_one_that_was_too_easy_is_within_it_and_one_with_another_skill_is_not() -> (
    None
):
    said = person(feedback=Feedback.of([(COURSE, "too_easy", LONG_AGO)]))
    taught = {0: [(0, 3), (1, 2)], 1: [(0, 3)], 2: [(0, 3), (2, 1)]}
    assert shown(courses(skills=skill_rows(taught, n_rows=3)), said) == [False, False, True]


NAMES = {
    "unpublished": ("unpublished",),
    "not available yet": ("not_available",),
    "no longer available": ("not_available",),
    "meant for others": ("audience",),
    "superseded": ("superseded",),
    "completed": ("completed",),
    "in progress": ("in_progress",),
    "dismissed": ("feedback",),
    "excluded": ("excluded",),
    "not among those asked for": ("excluded",),
    "too long": ("max_hours",),
    "too dear": ("max_cost",),
    "in another language": ("language",),
    "in another format": ("format",),
    "with an unmet prerequisite": ("prerequisite",),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_rule_that_keeps_a_course_away_is_named(rule: str) -> None:
    told, asked = BROKEN[rule]
    assert barriers(told(), asked(), COURSE) == NAMES[rule]
    assert barriers(told(), asked(), THIRD) == ()


def test_every_rule_that_keeps_a_course_away_is_named() -> None:
    rows = skill_rows({0: [(0, 3)]}, n_rows=3, entry={(0, 0): 2})
    asked = person(
        limits=Limits(max_hours=0.5), required=(Required(COURSE, None, 1.0, overdue=False, recurring=False),)
    )
    found = barriers(courses(skills=rows), asked, COURSE, levels=np.array([1], dtype=np.int8))
    assert found == ("required", "max_hours", "entry_level")
