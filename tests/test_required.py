"""Mandatory training: who must take what until when, worked by hand, and laws that hold for any duties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_worlds import EVERYTHING, Fitted, course_ids
from tiny_company import catalog, company, day

from recommender.arrays import DAY, NONE, Ragged
from recommender.catalog import Catalog
from recommender.company import Assignment, Dataset, Dated
from recommender.engine import Recommender
from recommender.query import query_of
from recommender.required import NOTICE, Duty, Required, duties_of, required_of

NOW = day(100)


# --- whom a rule binds -------------------------------------------------------------------------------------------


def staff(*rules: Assignment, **facts: Any) -> Dataset:
    """Two sellers of role 0, the second since day 40 after role 1; hired on days 0 and 30; the tables of day 100."""
    told = company([(0, 0, 100), (1, 1, 50)], n_courses=4, role_idx=[0, 0], n_roles=2)
    moved = Dated.from_columns(
        np.array([1]),
        np.array([0]),
        np.array([1], np.int16),
        np.array([0], np.int8),
        np.array([day(40)]),
        n_employees=2,
    )
    people = replace(
        told.people,
        departments=("Sales", "Sales"),
        hired_at=np.array([day(0), day(30)]),
        role_changes=moved,
        assignments=rules,
    )
    return replace(told, people=replace(people, **facts))


def bound(rule: Assignment, *, as_of: int = NOW) -> list[int]:
    data = staff(rule)
    return [person for person in range(2) if duties_of(data, person, as_of=as_of)]


@pytest.mark.parametrize(
    ("rule", "whom"),
    [
        (Assignment(2), [0, 1]),
        (Assignment(2, employee_idx=1), [1]),
        (Assignment(2, role_idx=0), [0, 1]),
        (Assignment(2, role_idx=1), []),
        (Assignment(2, department="Sales"), [0, 1]),
        (Assignment(2, department="Legal"), []),
        (Assignment(2, employee_idx=0, department="Legal"), []),
        (Assignment(2, employee_idx=0, role_idx=0, department="Sales"), [0]),
    ],
)
def test_a_rule_binds_whom_it_names(rule: Assignment, whom: list[int]) -> None:
    assert bound(rule) == whom


def test_assignments_are_seen_by_no_question_about_the_past() -> None:
    assert bound(Assignment(2), as_of=NOW - 1) == []
    assert query_of(staff(Assignment(2)), 0, as_of=NOW - 1).required == ()
    assert [one.course_idx for one in query_of(staff(Assignment(2)), 0, as_of=NOW).required] == [2]


def test_nobody_without_a_role_is_bound_by_a_role() -> None:
    data = staff(Assignment(2, role_idx=0), role_idx=np.full(2, NONE, np.int32), role_changes=Dated.empty(2))
    assert duties_of(data, 0, as_of=NOW) == ()


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        (Assignment(2), [None, None]),
        (Assignment(2, due_at=day(70)), [day(70), day(70)]),
        # Hired on day 0 and on day 30, but in the role since day 40: the later counts.
        (Assignment(2, due_days=20), [day(20), day(60)]),
        (Assignment(2, due_days=0), [day(0), day(40)]),
        # Of a fixed date and a term the later.
        (Assignment(2, due_at=day(50), due_days=20), [day(50), day(60)]),
    ],
)
def test_until_when(rule: Assignment, due: list[int | None]) -> None:
    data = staff(rule)
    assert [duties_of(data, person, as_of=NOW)[0].due_at for person in range(2)] == due


def test_a_term_from_an_unknown_day_has_no_end() -> None:
    never = staff().people.hired_at * 0 - 2**62
    data = staff(Assignment(2, due_days=20), hired_at=never)
    assert [duties_of(data, person, as_of=NOW)[0].due_at for person in range(2)] == [None, day(60)]


# --- what is still to be done ------------------------------------------------------------------------------------


def open_of(
    *duties: Duty, done: Sequence[tuple[int, float]] = (), told: Catalog | None = None, as_of: int = NOW
) -> list[tuple[int, int | None, bool, bool]]:
    found = required(*duties, done=done, told=told, as_of=as_of)
    return [(one.course_idx, one.due_at, one.overdue, one.recurring) for one in found]


def required(
    *duties: Duty, done: Sequence[tuple[int, float]] = (), told: Catalog | None = None, as_of: int = NOW
) -> tuple[Required, ...]:
    return required_of(
        duties,
        told or catalog(4),
        completed=np.array([course for course, _ in done], dtype=np.int32),
        completed_at=np.array([day(at) for _, at in done], dtype=np.int64),
        as_of=as_of,
    )


def test_the_earliest_due_first_then_by_id_and_what_has_no_date_last() -> None:
    duties = (Duty(3), Duty(2, day(120)), Duty(1, day(120)), Duty(0, day(99)))
    assert open_of(*duties) == [
        (0, day(99), True, False),
        (1, day(120), False, False),
        (2, day(120), False, False),
        (3, None, False, False),
    ]


def test_due_until_and_no_longer() -> None:
    assert [open_of(Duty(0, NOW + later))[0][2] for later in (-1, 0, 1)] == [True, True, False]


def test_what_was_completed_once_is_done_whenever_that_was() -> None:
    assert open_of(Duty(0, day(99)), done=[(0, 2), (0, 50)]) == []
    assert open_of(Duty(0, day(99)), done=[(1, 2)]) == [(0, day(99), True, False)]


def test_recurring_training_is_due_again_so_long_after_the_latest_completion() -> None:
    duty = Duty(0, day(10), recur_days=60)
    assert open_of(duty) == [(0, day(10), True, True)], "never completed: the first due date"
    assert open_of(duty, done=[(0, 80), (0, 5)]) == [(0, day(140), False, True)]
    assert open_of(duty, done=[(0, 5)]) == [(0, day(65), True, True)]


def test_what_returns_is_listed_in_time_and_not_before() -> None:
    duty, notice = Duty(0, recur_days=100), NOTICE // DAY
    for completed, listed in ((notice + 0.5, False), (notice - 0.5, True), (-20, True)):
        (one,) = required(duty, done=[(0, completed)])
        assert one.due_at == day(completed + 100)
        assert one.is_open(NOW) is listed
    assert all(one.is_open(NOW) for one in required(Duty(0, day(10_000)), Duty(1)))


def test_of_several_duties_about_a_course_the_earliest_due_counts() -> None:
    assert open_of(Duty(0), Duty(0, day(120), recur_days=9), Duty(0, day(110))) == [(0, day(110), False, True)]


def test_the_hours_are_those_of_the_course() -> None:
    told = replace(catalog(4), hours=np.array([1, 2.5, 3, 4], dtype=np.float32))
    assert [one.hours for one in required(Duty(1), told=told)] == [2.5]


# --- versions ----------------------------------------------------------------------------------------------------


def versions(**columns: Any) -> Catalog:
    """Course 1 replaces 0, 2 replaces 1; 3 is another course."""
    return replace(catalog(4), supersedes=Ragged.from_rows([[], [0], [1], []]), **columns)


@pytest.mark.parametrize(("completed", "done"), [(0, True), (1, True), (2, True), (3, False)])
def test_a_newer_version_meets_a_duty(completed: int, done: bool) -> None:
    assert (open_of(Duty(0), done=[(completed, 5)], told=versions()) == []) is done


def test_an_older_version_does_not_meet_a_duty() -> None:
    assert open_of(Duty(2), done=[(0, 5), (1, 6)], told=versions()) == [(2, None, False, False)]


def test_the_version_to_take_is_the_one_that_replaced_the_prescribed_one() -> None:
    assert open_of(Duty(0), told=versions()) == [(2, None, False, False)]
    withdrawn = versions(published=np.array([True, True, False, True]))
    assert open_of(Duty(0), told=withdrawn) == [(1, None, False, False)]
    to_come = versions(available_from=np.array([-(2**62), NOW + 1, NOW + 1, 0]))
    assert open_of(Duty(0), told=to_come) == [(0, None, False, False)]
    nothing = versions(published=np.zeros(4, dtype=np.bool_))
    assert open_of(Duty(0), told=nothing) == [(0, None, False, False)], "required all the same"


def test_what_returns_counts_from_the_newer_version() -> None:
    duty = Duty(0, recur_days=50)
    assert open_of(duty, done=[(0, 20), (2, 80)], told=versions()) == [(2, day(130), False, True)]
    assert open_of(duty, done=[(0, 20)], told=versions()) == [(2, day(70), True, True)]


# --- laws --------------------------------------------------------------------------------------------------------

DUTIES = st.lists(
    st.builds(
        Duty,
        st.integers(0, 3),
        st.none() | st.integers(day(50), day(150)),
        st.none() | st.integers(1, 400),
    ),
    max_size=8,
)
DONE = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=8)


@given(DUTIES, DONE, st.randoms(use_true_random=False))
def test_the_order_of_rules_and_completions_changes_nothing(
    duties: list[Duty], done: list[tuple[int, float]], shuffle: Any
) -> None:
    before = required(*duties, done=done, told=versions())
    duties, done = list(duties), list(done)
    shuffle.shuffle(duties)
    shuffle.shuffle(done)
    assert required(*duties, done=done, told=versions()) == before
    assert [one.due_at or 2**62 for one in before] == sorted(one.due_at or 2**62 for one in before)
    assert len({one.course_idx for one in before}) == len(before)


@given(DUTIES, DONE, st.integers(0, 3))
def test_completing_a_course_once_more_never_adds_a_duty_nor_brings_one_forward(
    duties: list[Duty], done: list[tuple[int, float]], course: int
) -> None:
    """Duties that recur from day 99 on are due later than what they replace, unless their first date lay further ahead."""
    before = {one.course_idx: one for one in required(*duties, done=done)}
    after = {one.course_idx: one for one in required(*duties, done=[*done, (course, 99)])}
    assert set(after) <= set(before)
    assert {c: one for c, one in after.items() if c != course} == {c: one for c, one in before.items() if c != course}
    if course in after:
        assert after[course].completed_at == day(99)


# --- in an answer ------------------------------------------------------------------------------------------------


def test_what_is_required_is_listed_and_no_suggestion(academy_model: Fitted) -> None:
    """The second of two chains is required of everyone, the fourth is done and returns in more than a year."""
    plain = academy_model.data
    people = replace(plain.people, assignments=(Assignment(1, due_at=plain.now + 9), Assignment(4, recur_days=900)))
    data, recommender = replace(plain, people=people), academy_model.recommender
    person = next(
        i for i in range(len(people)) if set(query_of(plain, i, as_of=academy_model.as_of).history.tolist()) >= {4, 5}
    )
    query = query_of(data, person, as_of=academy_model.as_of)
    answer = recommender.recommend(query, k=EVERYTHING)
    assert [one.course_idx for one in answer.required] == [1]
    shown = [one.course_idx for one in answer.recommendations]
    before = recommender.recommend(query_of(plain, person, as_of=academy_model.as_of), k=EVERYTHING)
    assert shown == [one.course_idx for one in before.recommendations if one.course_idx != 1]
    assert [one.due_at for one in query.required] == sorted(one.due_at or 0 for one in query.required)
    assert [one.course_idx for one in query.required] == [1, 4]
    assert query.due_again.tolist() == []


def test_compliance_lists_what_is_required_and_nothing_else(academy_model: Fitted) -> None:
    told, duties = academy_model.data.catalog, (Duty(6, recur_days=1), Duty(2), Duty(5, day(630)))
    query = academy_model.ask(0, 6).requiring(required(*duties, done=[(6, 500)], told=told, as_of=academy_model.as_of))
    assert query.due_again.tolist() == [6]
    answer = academy_model.recommender.recommend(query, mode="compliance")
    assert [one.course_idx for one in answer.recommendations] == [6, 5, 2]
    assert [one.rank for one in answer.recommendations] == [1, 2, 3]
    assert answer.goal_weight == 0
    for one in answer.recommendations:
        assert sum(one.parts.values()) == pytest.approx(one.score, abs=1e-9)
    assert [one.reasons[0].text.split(" 20")[0] for one in answer.recommendations] == [
        "Required again; its time ended",
        "Required until",
        "Required, without a date.",
    ]
    said = [one.reasons[0].numbers for one in answer.recommendations]
    assert [(one["again"], one["overdue"]) for one in said] == [(True, True), (False, False), (False, False)]
    assert academy_model.recommender.recommend(academy_model.ask(0), mode="compliance").recommendations == ()
    assert academy_model.recommender.recommend(query).mode != "compliance"


def test_a_required_course_is_required_in_every_version(academy_model: Fitted) -> None:
    model = academy_model.model
    told = replace(model.catalog, supersedes=Ragged.from_rows([[], [], [], [2], *[[]] * 8]))
    recommender = Recommender(replace(model, catalog=told))
    query = academy_model.ask(0).requiring(required(Duty(2), told=told))
    answer = recommender.recommend(query, k=EVERYTHING)
    assert [one.course_idx for one in answer.required] == [3]
    assert not {told.ids[2], told.ids[3]} & set(course_ids(answer, model))
