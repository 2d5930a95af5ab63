"""Cuts and cases: what is asked, what counts as a hit, and that nothing later is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_company import chains, company, completions, day

from recommender.arrays import DAY, NONE
from recommender.errors import DataError
from training.split import PROTOCOLS, Window, cases_of, never_completed, past_of, rolling_windows

# Employee 0: courses 0 and 1 before day 10, then 2 and 3 together on day 12, 4 on day 14 and 5 after the window.
# Employee 1: first seen on day 11 with course 0, then 1 on day 13. Employee 2: repeats course 0 and is assigned 3.
ROWS = [
    (0, 0, 1),
    (0, 1, 5),
    (0, 2, 12),
    (0, 3, 12),
    (0, 4, 14),
    (0, 5, 20),
    (1, 0, 11),
    (1, 1, 13),
    (2, 0, 2),
    (2, 0, 12),
    (2, 3, 13),
]
COMPANY = company(ROWS, n_courses=8, assigned=[10])
WINDOW = Window(day(10), day(20))


def test_window_asks_each_person_once_at_the_cut() -> None:
    cases = cases_of(COMPANY, WINDOW, "window")
    assert cases.employee_idx.tolist() == [0, 1]
    assert [cases.targets.row(i).tolist() for i in range(2)] == [[2, 3, 4], [0, 1]]
    assert [query.history.tolist() for query in cases.queries] == [[0, 1], []]
    assert {query.as_of for query in cases.queries} == {day(10)}
    assert cases.history_length.tolist() == [2, 0]


def test_window_asks_who_joins_later_on_the_day_they_join() -> None:
    hired = np.array([day(3), day(10.5), day(15)], dtype=np.int64)
    told = replace(COMPANY, people=replace(COMPANY.people, hired_at=hired))
    cases = cases_of(told, WINDOW, "window")
    assert [query.as_of for query in cases.queries] == [day(10), day(10.5)]
    late = replace(told, people=replace(told.people, hired_at=np.full(3, day(30), dtype=np.int64)))
    assert [query.as_of for query in cases_of(late, WINDOW, "window").queries] == [day(12), day(11)], (
        "a hire recorded after the first completion: asked just before that"
    )


def test_next_asks_before_each_completion_and_a_basket_does_not_see_itself() -> None:
    cases = cases_of(COMPANY, WINDOW, "next")
    asked = [
        (person, target, query.history.tolist())
        for person, target, query in zip(cases.employee_idx.tolist(), cases.targets.values, cases.queries, strict=True)
    ]
    assert asked == [(0, 2, [0, 1]), (0, 3, [0, 1]), (0, 4, [0, 1, 2, 3]), (1, 0, []), (1, 1, [0])]
    assert cases.n_targets.tolist() == [1] * 5


def test_repeats_and_assigned_courses_are_never_targets() -> None:
    for protocol in PROTOCOLS:
        assert 2 not in cases_of(COMPANY, WINDOW, protocol).employee_idx


def test_the_end_of_a_window_belongs_to_the_next() -> None:
    assert 5 not in cases_of(COMPANY, WINDOW, "window").targets.values
    assert cases_of(COMPANY, Window(day(20), day(21)), "window").targets.values.tolist() == [5]


def test_undated_target_roles_are_not_visible_even_at_the_last_moment() -> None:
    target = replace(COMPANY.people, target_role_idx=np.zeros(3, dtype=np.int32))
    told = replace(COMPANY, people=target)
    assert told.now == day(20)
    cases = cases_of(told, Window(day(20), day(21)), "next")
    assert [query.target_role_idx for query in cases.queries] == [NONE]


def test_only_cold_targets_are_kept() -> None:
    cold = never_completed(COMPANY.completions, day(10), 8)
    assert np.flatnonzero(cold).tolist() == [2, 3, 4, 5, 6, 7]
    cases = cases_of(COMPANY, WINDOW, "window").with_targets(cold)
    assert cases.employee_idx.tolist() == [0]
    assert cases.targets.values.tolist() == [2, 3, 4]


def test_the_past_ends_strictly_before_the_cut() -> None:
    assert past_of(COMPANY, day(12)).completions.at.max() == day(11)


def test_windows_follow_each_other_and_end_with_the_data() -> None:
    windows = rolling_windows(completions([(0, i, i) for i in range(101)]), n_cuts=2, horizon_days=10)
    end = day(100) + 1
    assert windows == (Window(end - 20 * DAY, end - 10 * DAY), Window(end - 10 * DAY, end))
    assert windows[0].before == Window(end - 30 * DAY, end - 20 * DAY)


def test_the_default_horizon_leaves_a_fifth_after_the_first_cut() -> None:
    rows = completions([(0, i, i) for i in range(100)])
    windows = rolling_windows(rows)
    assert len(windows) == 3
    after = int((rows.at >= windows[0].start).sum())
    assert after == 20
    lengths = {window.end - window.start for window in windows}
    assert len(lengths) == 1


def test_too_little_past_is_said() -> None:
    with pytest.raises(DataError, match="nothing lies before the first validation window"):
        rolling_windows(completions([(0, i, i) for i in range(10)]), n_cuts=3, horizon_days=3)
    with pytest.raises(DataError, match="none by choice"):
        rolling_windows(completions([(0, 0, 1)], assigned=[0]))


def test_some_people_can_be_drawn() -> None:
    everyone = cases_of(chains(seed=1), Window(day(300), day(500)), "next")
    some = cases_of(chains(seed=1), Window(day(300), day(500)), "next", max_employees=20, seed=4)
    assert len(np.unique(some.employee_idx)) == 20
    kept = np.isin(everyone.employee_idx, some.employee_idx)
    assert some.targets.values.tolist() == everyone.targets.values[kept].tolist()


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 30)), min_size=1, unique=True),
    st.integers(1, 29),
)
def test_no_case_knows_its_answers_or_anything_later(rows: list[tuple[int, int, float]], cut: int) -> None:
    told = company(rows, n_courses=7)
    for protocol in PROTOCOLS:
        cases = cases_of(told, Window(day(cut), day(30)), protocol)
        for i, query in enumerate(cases.queries):
            assert day(cut) <= query.as_of < day(30)
            assert (query.history_at < query.as_of).all()
            assert not np.isin(cases.targets.row(i), query.history).any()
