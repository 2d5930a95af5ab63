"""The steps of scorers: each gives what plain NumPy or Python gives of the dense matrices they stand for."""

from __future__ import annotations

import gc
import math
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from planted_worlds import positions, skill_rows
from tiny_company import company, day

from recommender.arrays import NONE
from recommender.proposals import Heads, Proposal, These, proposed
from recommender.query import Query
from recommender.question import ALL, BEFORE, GOAL, LATEST, MISSING, ROLE, Places
from recommender.scorers.base import Context, Standing
from recommender.skills import Needs
from recommender.sparse import SparseRows, packed, top_rows
from recommender.steps import (
    MEAN,
    ONCE,
    RECENCY,
    Affinity,
    ByColumn,
    Columns,
    Gain,
    LanguageShare,
    RowOf,
    Step,
    Strain,
    Sum,
    TopicShare,
    signals,
)

N = 6
Matrix = NDArray[np.float32]
ROWS = packed(
    [positions(2, 0), positions(), positions(1, 2)], [np.array(one, np.float32) for one in ([3, 1], [], [5, 2])], 4
)
"""[[1, 0, 3, 0], [0, 0, 0, 0], [0, 5, 2, 0]], entries as they were given."""
TOPICS = top_rows(np.eye(4, dtype=np.float32), keep=4)


def somebody(
    *history: int,
    days: Sequence[int] | None = None,
    n_courses: int = N,
    standing: Standing | None = None,
    role: int = NONE,
    target: int = NONE,
) -> Context:
    """A person with a history, oldest first, a day apart unless said."""
    at = np.array([day(one) for one in (range(len(history)) if days is None else days)], dtype=np.int64)
    return Context.of(
        Query(day(100), positions(*history), at, role_idx=role, target_role_idx=target), n_courses, standing
    )


def everything(n: int = N) -> Places:
    return Places(np.arange(n, dtype=np.int32), n)


def written(step: Step, person: Context, places: Places | None = None) -> list[list[float]]:
    return [row.tolist() for row in signals((step,), person, everything() if places is None else places)]


def test_a_sum_and_the_largest_by_hand() -> None:
    person = somebody(0, 2, n_courses=4)  # course 2 completed last: its recency is 1, that of course 0 is 0.8
    sums = written(Sum(ROWS, RECENCY, largest=(ALL, BEFORE)), person, everything(4))
    assert sums[0] == pytest.approx([0.8, 5, 3 * 0.8 + 2, 0])
    assert sums[1:] == [[1, 5, 3, 0], [1, 0, 3, 0]]
    assert written(Sum(ROWS, ONCE), person, Places(positions(2, 0), 4)) == [[5, 1]], "in the order asked about"
    assert written(Sum(ROWS, MEAN, LATEST), person, everything(4)) == [[0, 5, 2, 0]]


def test_more_columns_than_the_rows_have_and_courses_without_a_row_may_be_asked_about() -> None:
    person = somebody(5, 0)
    assert written(Sum(ROWS, ONCE, largest=(ALL,)), person) == [[1, 0, 3, 0, 0, 0]] * 2
    assert written(RowOf(ByColumn(ROWS), ROLE), somebody(role=2)) == [[0, 5, 2, 0, 0, 0]]


@pytest.mark.parametrize("role", [NONE, 3, 1])
def test_a_role_without_entries_has_zeros(role: int) -> None:
    assert written(RowOf(ByColumn(ROWS), ROLE), somebody(role=role)) == [[0] * N]


def test_the_goal_is_the_target_role_or_else_the_current_one() -> None:
    row, own = RowOf(ByColumn(ROWS), GOAL), RowOf(ByColumn(ROWS), ROLE)
    person = somebody(role=0, target=2)
    assert [written(step, person, everything(4))[0] for step in (row, own)] == [[0, 5, 2, 0], [1, 0, 3, 0]]
    assert written(row, somebody(role=0), everything(4)) == [[1, 0, 3, 0]]


quarters = st.sampled_from([-2.0, 0.0, 0.0, 0.5, 1.0, 3.0])
"""Small multiples of ½: every sum of them is exact, whatever its order."""
histories = st.lists(st.integers(0, N - 1), max_size=N, unique=True)


@given(numbers=st.lists(quarters, min_size=N * N, max_size=N * N), history=histories, seed=st.integers(0, 99))
def test_sums_are_those_of_the_dense_matrix(numbers: list[float], history: list[int], seed: int) -> None:
    matrix: Matrix = np.array(numbers, dtype=np.float32).reshape(N, N)
    rows, rng = top_rows(matrix, keep=N, above=-10), np.random.default_rng(seed)
    days = np.sort(rng.integers(0, 3, size=len(history)))
    person, places = somebody(*history, days=days.tolist()), Places(positions(*rng.permutation(N)[:4].tolist()), N)
    parts = {ALL: np.ones(len(history), bool), LATEST: days == days.max(initial=-1)}
    parts[BEFORE] = days == days[~parts[LATEST]].max(initial=-1)
    mine = matrix[history][:, places.columns]
    for over in (ALL, LATEST):
        found = written(Sum(rows, ONCE, over, (LATEST, BEFORE)), person, places)
        assert found[0] == mine[parts[over]].sum(axis=0).tolist()
        inside = [mine[parts[over] & parts[part]].max(axis=0, initial=0).tolist() for part in (LATEST, BEFORE)]
        assert found[1:] == inside
    mean = (mine.sum(axis=0) / max(len(history), 1)).tolist()
    assert written(Sum(rows, MEAN), person, places)[0] == pytest.approx(mean, abs=1e-6)
    recency = dict(zip(person.recent.tolist(), person.recency.tolist(), strict=True))
    by_recency = sum((matrix[one][places.columns] * recency[one] for one in history), start=np.zeros(4))
    assert written(Sum(rows, RECENCY), person, places)[0] == pytest.approx(by_recency.tolist(), abs=1e-5)
    for role in range(N):
        assert (
            written(RowOf(ByColumn(rows), ROLE), somebody(role=role), places)[0]
            == matrix[role, places.columns].tolist()
        )


def test_long_rows_are_read_to_the_end() -> None:
    rng, n = np.random.default_rng(4), 1000
    matrix = rng.integers(1, 9, size=(2, n)).astype(np.float32)
    order = [rng.permutation(n).astype(np.int32) for _ in range(2)]
    rows = packed(order, [row[columns] for row, columns in zip(matrix, order, strict=True)], n)
    person = somebody(0, 1, n_courses=n, role=1)
    places = Places(rng.permutation(n)[:600].astype(np.int32), n)
    expected = matrix[:, places.columns]
    assert written(Sum(rows, ONCE, largest=(ALL,)), person, places) == [
        expected.sum(axis=0).tolist(),
        expected.max(axis=0).tolist(),
    ]
    assert written(RowOf(ByColumn(rows), ROLE), person, places) == [expected[1].tolist()]


@pytest.mark.parametrize("history", list(permutations(range(4))))
def test_rows_of_any_length_follow_one_another(history: tuple[int, ...]) -> None:
    """Of 300 entries, of none, of 17 and, the last, no row at all."""
    n, numbers = 300, np.arange(1, 301, dtype=np.float32)
    every = np.arange(n, dtype=np.int32)
    rows = packed([every, every[:0], every[:17]], [numbers, numbers[:0], numbers[:17]], n)
    expected = numbers + np.where(every < 17, numbers, 0)
    person = somebody(*history, n_courses=n)
    assert written(Sum(rows, ONCE, largest=(ALL,)), person, everything(n)) == [expected.tolist(), numbers.tolist()]


def test_columns_are_those_of_the_courses() -> None:
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    assert written(Columns(values), somebody(n_courses=4), Places(positions(3, 0), 4)) == [[9, 0], [10, 1], [11, 2]]


@given(seed=st.integers(0, 100), width=st.sampled_from([1, 3, 15, 16, 17, 40, 64]))
def test_affinity_is_a_product_and_a_bias(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)

    def vectors(n: int) -> Matrix:
        return rng.integers(-3, 4, size=(n, width)).astype(np.float32)  # whole numbers: every sum is exact

    courses, history, roles, targets, departments = vectors(N), vectors(N), vectors(2), vectors(2), vectors(1)
    biases = rng.integers(-3, 4, size=N).astype(np.float32)
    step = Affinity(courses, biases, history, roles, targets, ("Sales",), departments)
    query = Query(day(100), positions(3), np.array([day(1)]), role_idx=1, target_role_idx=0, department="Sales")
    person, places = Context.of(query, N), Places(positions(5, 0, 2), N)
    expected = history[3] + roles[1] + targets[0] + departments[0]
    assert step.person(person).tolist() == expected.tolist()
    assert written(step, person, places)[0] == (courses[places.columns] @ expected + biases[places.columns]).tolist()
    assert written(step, person, Places(positions(2), N))[0] == written(step, person, places)[0][2:]


def test_shares_of_topics_and_languages_are_logarithms_of_means() -> None:
    has = np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0]], dtype=np.float32)
    share = has / np.maximum(has.sum(axis=1, keepdims=True), 1)
    person, places = somebody(1, 0, n_courses=4), everything(4)
    recency = np.array([1, 0.8]) / 1.8  # course 0 is the latest
    topics = share @ (recency @ has[:2])
    step = TopicShare(top_rows(share, keep=3), 0.02)
    for _ in range(2):  # what one person has does not stay for the next
        assert written(step, person, places)[0] == pytest.approx(np.log(topics + 0.02).tolist(), rel=1e-5)
    languages = LanguageShare(positions(0, NONE, 1, NONE), 0.02)
    expected = np.log(np.array([recency[0], recency[1], 0, recency[1]]) + 0.02)
    assert written(languages, person, places)[0] == pytest.approx(expected.tolist(), rel=1e-5)
    assert (
        written(step, somebody(n_courses=4), places) == written(languages, somebody(n_courses=4), places) == [[0] * 4]
    )


def standing(*levels: int) -> Standing:
    """Course 0 teaches skill 0 to 3, course 1 skill 1 to 2 from level 2; role 0 needs skill 0 at 4, role 1 skill 1 at 2."""
    told = company([(0, 0, 0)], n_courses=2, n_roles=2)
    taught = skill_rows({0: [(0, 3)], 1: [(1, 2)]}, n_rows=2, entry={(1, 1): 2})
    roles = replace(told.roles, needs=skill_rows({0: [(0, 4)], 1: [(1, 2)]}, n_rows=2))
    catalog = replace(told.catalog, skills=taught)
    return Standing(np.array(levels, dtype=np.int8), catalog, Needs(roles, n_skills=2))


def test_what_a_course_closes_of_a_need_and_what_it_asks_for() -> None:
    for levels, closes, deepens, strain in [((1, 1), [0.5, 0], [0, 0], [0, 1]), ((3, 2), [0, 0], [0, 0], [0, 0])]:
        person = somebody(n_courses=2, role=1, target=0, standing=standing(*levels))
        found = [written(step, person, everything(2))[0] for step in (Gain(GOAL), Gain(ROLE), Strain())]
        assert found == [closes, deepens, strain]
    nobody = somebody(n_courses=2, standing=standing(0, 0))
    assert written(Gain(GOAL), nobody, everything(2)) == [[0, 0]], "without a role nothing is needed"


def test_nothing_is_closed_and_nothing_strains_where_no_levels_are_known() -> None:
    for step in (Gain(GOAL), Strain()):
        assert written(step, somebody(role=0)) == [[0] * N]


def test_a_step_of_which_no_signal_is_wanted_is_left_out() -> None:
    steps = (Sum(ROWS, ONCE, largest=(ALL,)), Columns(np.ones((4, 2), dtype=np.float32)))
    person, places = somebody(0, n_courses=4), Places(positions(2, 0), 4)
    assert signals(steps, person, places).tolist() == [[3, 1], [3, 1], [1, 1], [1, 1]]
    only = [np.array(one) for one in ([True, False, False, False], [False, False, False, True])]
    assert signals(steps, person, places, only[0]).tolist() == [[3, 1], [3, 1], [0, 0], [0, 0]]
    assert signals(steps, person, places, only[1]).tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]
    with pytest.raises(ValueError, match="one for each of 4 signals"):
        signals(steps, person, places, only[0][:3])


def found(proposal: Proposal, person: Context) -> list[int]:
    return list(proposed((proposal,), person).tolist())


def test_heads_by_hand() -> None:
    person = somebody(2, 1, 0, n_courses=4)
    assert [found(Heads(ROWS, ALL, most=most), person) for most in (0, 1, 9)] == [[], [1, 2], [0, 1, 2]]
    assert found(Heads(ROWS, ALL, most=1, courses=2), person) == [2], "of the two latest"
    assert found(Heads(ROWS, LATEST, most=9), person) == [0, 2]
    roles = somebody(n_courses=4, role=0, target=2)
    assert [found(Heads(ROWS, who, most=1), roles) for who in (GOAL, ROLE)] == [[1], [2]]
    assert found(Heads(ROWS, GOAL, most=1), somebody(n_courses=4)) == []
    missing = Heads(packed([positions(1), positions(0)], [np.ones(1, np.float32)] * 2, 2), MISSING, most=9)
    for levels, courses in [((3, 0), [1]), ((4, 0), [])]:
        lacking = somebody(n_courses=2, role=1, target=0, standing=standing(*levels))
        assert found(missing, lacking) == courses


@pytest.mark.parametrize(("n_history", "head"), [(1, 100), (10, 40), (50, 12)])
def test_the_part_of_a_head_is_taken_where_it_is_more(n_history: int, head: int) -> None:
    n = 200
    rows = packed([np.arange(n, dtype=np.int32)] * n, [np.ones(n, dtype=np.float32)] * n, n)
    person = somebody(*range(n_history), n_courses=n)
    assert found(Heads(rows, ALL, of_head=1), person) == list(range(head))
    assert found(Heads(rows, ALL, of_head=3, most=20), person) == list(range(max(head // 3, 20)))


courses = st.lists(st.integers(0, 129), max_size=40)


@given(first=courses, second=courses)
def test_what_is_proposed_is_a_sorted_set(first: list[int], second: list[int]) -> None:
    both = proposed((These(positions(*first)), These(positions(*second))), somebody(n_courses=130))
    assert both.dtype == np.int32
    assert both.tolist() == sorted({*first, *second})


def test_what_is_no_position_cannot_be_proposed() -> None:
    for wrong in (-1, 130):
        rows = packed([positions(3, wrong)], [np.ones(2, dtype=np.float32)], 130)
        for proposal in (These(positions(3, wrong)), Heads(rows, ALL, most=9)):
            with pytest.raises(ValueError, match="expected positions below 130"):
                proposed((proposal,), somebody(0, n_courses=130))


def test_a_course_asked_about_twice_is_refused_and_spoils_nothing() -> None:
    before = written(Sum(ROWS, ONCE), somebody(0, n_courses=4), everything(4))
    for wrong in (positions(1, 1), positions(0, 4), positions(2, -1)):
        with pytest.raises(ValueError, match="expected each once"):
            Places(wrong, 4)
        assert written(Sum(ROWS, ONCE), somebody(0, n_courses=4), everything(4)) == before


def test_two_sets_of_places_do_not_get_in_each_others_way() -> None:
    step, person = Sum(ROWS, ONCE), somebody(0, n_courses=4)
    some, all_of_them = Places(positions(2), 4), everything(4)
    assert [written(step, person, places) for places in (some, all_of_them)] == [[[3]], [[1, 0, 3, 0]]]
    del all_of_them
    others = Places(positions(1, 0), 4)
    assert [written(step, person, places) for places in (some, others)] == [[[3]], [[0, 1]]]
    assert written(step, person, everything(7)) == [[1, 0, 3, 0, 0, 0, 0]]


def test_places_taken_apart_by_the_collector_leave_nothing_behind() -> None:
    step, person = Sum(ROWS, ONCE), somebody(0, n_courses=4)
    for _ in range(20):
        cycle: list[object] = [Places(np.array([2, 0], dtype=np.int32), 4)]
        cycle.append(cycle)  # as a traceback holds the frame that it came from
        del cycle
        gc.collect()
        assert written(step, person, everything(4)) == [[1, 0, 3, 0]]


def test_places_are_those_of_the_moment_they_were_made_at() -> None:
    columns = positions(2, 1)
    places = Places(columns, 4)
    columns[:] = [0, 3]
    assert written(Sum(ROWS, ONCE), somebody(0, n_courses=4), places) == [[3, 0]]
    del places
    assert written(Sum(ROWS, ONCE), somebody(0, n_courses=4), everything(4)) == [[1, 0, 3, 0]]


def test_a_catalogue_of_another_size_is_refused() -> None:
    nothing = np.zeros((3, 2), dtype=np.float32)
    affinity = Affinity(nothing, nothing[:, 0].copy(), nothing, nothing, nothing, (), nothing)
    for step in (Columns(nothing), affinity, LanguageShare(positions(0, 0, 0), 0.02), TopicShare(ROWS, 0.02)):
        signals((step,), somebody(n_courses=3), everything(3))
        with pytest.raises(ValueError, match="found 4; expected 0 to 3"):
            signals((step,), somebody(n_courses=4), everything(4))
    for named in (Sum(ROWS, ONCE), RowOf(ByColumn(ROWS), ROLE)):
        with pytest.raises(ValueError, match="found 3; expected 4 to"):
            signals((named,), somebody(n_courses=3), everything(3))
    with pytest.raises(ValueError, match="a row a course"):
        Columns(nothing[0])
    with pytest.raises(TypeError, match="None"):
        signals((), None, everything(3))  # type: ignore[arg-type]


def test_behind_very_many_courses_of_one_moment_each_counts_the_same() -> None:
    n = 1500
    person = somebody(*range(n), days=[1] * n, n_courses=n)
    assert not person.recency.any()
    languages = written(LanguageShare(np.arange(n, dtype=np.int32) % 2, 0.02), person, everything(n))[0]
    assert languages == pytest.approx([math.log(0.52)] * n, rel=1e-5)


@pytest.mark.parametrize(("n_entries", "is_long"), [(5, True), (4, False)])
def test_long_and_short_rows_of_roles_are_read_alike(n_entries: int, is_long: bool) -> None:
    n = 70
    rows = packed([positions(*range(n)[-n_entries:])], [np.arange(1, n_entries + 1, dtype=np.float32)], n)
    assert ByColumn(rows).is_long == is_long
    expected = [0.0] * (n - n_entries) + list(range(1, n_entries + 1))
    assert written(RowOf(ByColumn(rows), ROLE), somebody(n_courses=n, role=0), everything(n)) == [expected]


def test_arrays_of_another_type_or_number_are_refused() -> None:
    wrong = SparseRows(ROWS.indptr, ROWS.indices, ROWS.weights.astype(np.float64), 4)
    makes: tuple[Callable[[], object], ...] = (
        lambda: Sum(wrong, ONCE),
        lambda: ByColumn(wrong),
        lambda: These(np.arange(3)),  # type: ignore[arg-type]
        lambda: Columns(np.ones((2, 2))),  # type: ignore[arg-type]
        lambda: Places(np.arange(2), 4),  # type: ignore[arg-type]
    )
    for make in makes:
        with pytest.raises(TypeError, match="found another type or order"):
            make()
    with pytest.raises(ValueError, match="at most 2"):
        Sum(ROWS, ONCE, ALL, (ALL, LATEST, BEFORE))
    with pytest.raises(ValueError, match="at most 50"):
        Context(Query(0), 60, None, np.arange(51, dtype=np.int32), np.arange(51), np.arange(51.0), 0.8, 12)


def test_another_process_makes_the_same_of_steps_proposals_and_questions() -> None:
    person = somebody(0, 2, days=[1, 1], n_courses=4, role=2)
    again = pickle.loads(pickle.dumps(person))
    assert (again.recency.tolist(), again.newest, again.days_since) == (person.recency.tolist(), 2, 99)
    steps = (
        Sum(ROWS, MEAN, LATEST, (ALL,)),
        RowOf(ByColumn(ROWS), ROLE),
        TopicShare(TOPICS, 0.02),
        Gain(GOAL),
        Strain(),
    )
    for step in (*steps, LanguageShare(positions(0, 1, 0, 1), 0.02), Columns(np.ones((4, 1), dtype=np.float32))):
        there = pickle.loads(pickle.dumps(step))
        assert there.height == step.height
        assert written(there, again, everything(4)) == written(step, person, everything(4))
    for proposal in (Heads(ROWS, ALL, most=1, of_head=50), These(positions(3))):
        assert found(pickle.loads(pickle.dumps(proposal)), again) == found(proposal, person) != []
