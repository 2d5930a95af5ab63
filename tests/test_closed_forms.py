"""The closed-form scorers: the same wherever they are counted, and a large catalogue solved without a dense matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from tiny_company import chains, company

from recommender.arrays import EARLIEST, NONE, FloatArray
from recommender.company import Completions, Dated
from recommender.sparse import SparseRows, packed, top_rows
from training.config import FitConfig, HybridConfig, ItemItemConfig, SequenceConfig
from training.engines import HERE, Engine, LocalEngine
from training.fit import fit
from training.scorers.cosines import products
from training.scorers.grams import RATE_SHARPNESS, added, completed_together, followed
from training.scorers.held_roles import next_roles, roles_at
from training.scorers.histories import histories, interactions, of_employees
from training.scorers.item_item import fit_item_item
from training.scorers.matrices import joined, largest_of_rows, matrix_of, top_entries, values_at
from training.scorers.neighbourhoods import solved_near
from training.scorers.sequence import fit_sequence

N_COURSES, N_EMPLOYEES = 40, 90


def made_up(seed: int = 0) -> Completions:
    """Return completions of `N_EMPLOYEES`, some at one moment, some assigned, some repeated."""
    rng = np.random.default_rng(seed)
    rows = {
        (employee, int(course), int(day))
        for employee in range(N_EMPLOYEES)
        for course, day in zip(
            rng.integers(0, N_COURSES, 9) * rng.integers(0, 2, 9), rng.integers(0, 12, 9), strict=True
        )
    }
    assigned = [k for k in range(len(rows)) if k % 7 == 0]
    return company(sorted(rows), n_courses=N_COURSES, assigned=assigned).completions


def texts(seed: int = 0, n: int = N_COURSES) -> SparseRows:
    """Return unit-length rows over twelve terms, the first of them in most rows."""
    dense = np.random.default_rng(seed).random((n, 12)).astype(np.float32)
    dense[dense < 0.7] = 0
    dense[: n - 3, 0] = 0.3
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    columns = [np.flatnonzero(row).astype(np.int32) for row in dense]
    return packed(columns, [row[at] for row, at in zip(dense, columns, strict=True)], 12)


# --- sums over blocks of employees -------------------------------------------------------------------------------


class LateFirst:
    """An engine whose parts are computed from the last to the first; its results come in order, as those of any engine."""

    workers = 3

    def map(self, function: Callable[..., Any], parts: Iterable[Any], *shared: Any) -> Iterator[Any]:
        results = [function(part, *shared) for part in reversed(list(parts))]
        yield from reversed(results)


@pytest.mark.parametrize("engine", [LocalEngine(2), LateFirst()], ids=["two processes", "another order"])
def test_sums_are_the_same_to_the_last_bit_wherever_blocks_are_counted(engine: Engine) -> None:
    completions = made_up()
    taken = interactions(completions, n_courses=N_COURSES)
    one = (
        completed_together(taken, size=16),
        *followed(completions, n_courses=N_COURSES, size=16),
    )
    other = (
        completed_together(taken, engine=engine, size=16),
        *followed(completions, n_courses=N_COURSES, engine=engine, size=16),
    )
    for here, there in zip(one, other, strict=True):
        for name in ("indptr", "indices", "data"):
            assert getattr(here, name).tobytes() == getattr(there, name).tobytes()


def test_sums_over_blocks_are_those_of_everyone() -> None:
    completions = made_up()
    taken = interactions(completions, n_courses=N_COURSES)
    rows = histories(completions, n_courses=N_COURSES)
    before = rows.before.toarray().astype(np.float64)
    target = np.zeros_like(before)
    target[np.arange(len(before)), rows.target] = 1
    sharp = before**RATE_SHARPNESS
    expected = (
        (taken.T @ taken).toarray(),
        before.T @ before,
        before.T @ target,
        sharp.T @ target,
        (before > 0).T @ target,
        np.diag(sharp.sum(axis=0)),
    )
    for size in (16, 1000):
        found = (completed_together(taken, size=size), *followed(completions, n_courses=N_COURSES, size=size))
        for one, other in zip(found, expected, strict=True):
            assert one.toarray() == pytest.approx(other, rel=1e-6, abs=1e-12)


def test_counts_stay_exact_where_single_precision_would_not() -> None:
    most = 2**24
    parts = [(sp.csr_matrix([[float(one)]]),) for one in (most, 1.0, 1.0, 1.0)]
    assert added(parts, (1,))[0][0, 0] == most + 3


def test_no_employee_and_no_part_are_zeros() -> None:
    nobody = company([], n_courses=3).completions
    assert [one.shape for one in followed(nobody, n_courses=3)] == [(3, 3)] * 5
    assert added([], (2, 3))[1].shape == (3, 3)


def test_progress_is_told_of_every_block() -> None:
    told: list[tuple[str, int, int]] = []
    completions = made_up()

    def listen(step: str, done: int = 0, total: int = 0) -> None:
        told.append((step, done, total))

    fit_item_item(interactions(completions, n_courses=N_COURSES), texts(), l2=5, text_weight=1, keep=9, progress=listen)
    fit_sequence(completions, n_courses=N_COURSES, l2=5, keep=9, progress=listen)
    last = {step: (done, total) for step, done, total in told}
    assert last == {
        "item_item: employees": (1, 1),
        "item_item: texts": (N_COURSES, N_COURSES),
        "item_item: inverse": (0, 0),
        "item_item: weights": (N_COURSES, N_COURSES),
        "sequence: employees": (1, 1),
        "sequence: factor": (0, 0),
        "sequence: solution": (N_COURSES, N_COURSES),
        "sequence: weights": (N_COURSES, N_COURSES),
    }


def test_completions_of_some_employees_are_theirs_counted_from_zero() -> None:
    completions = made_up()
    some = of_employees(completions, 10, 25)
    assert some.n_employees == 15
    rows = (completions.employee_idx >= 10) & (completions.employee_idx < 25)
    assert some.employee_idx.tolist() == (completions.employee_idx[rows] - 10).tolist()
    for name in ("course_idx", "at", "assigned", "first"):
        assert getattr(some, name).tolist() == getattr(completions, name)[rows].tolist()
    for employee in range(15):
        assert some.span(employee, 2**60).stop == some.indptr[employee + 1]


# --- weights -----------------------------------------------------------------------------------------------------


def dense(rows: SparseRows) -> FloatArray:
    return np.asarray(matrix_of(rows).toarray(), dtype=np.float32)


def test_ease_is_the_inverse_in_double_precision() -> None:
    taken = interactions(made_up(), n_courses=N_COURSES)
    text = matrix_of(texts()).toarray().astype(np.float64)
    inverse = np.linalg.inv((taken.T @ taken).toarray() + 3 * text @ text.T + 5 * np.eye(N_COURSES))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    scorer = fit_item_item(taken, texts(), l2=5, text_weight=3, keep=N_COURSES)
    assert dense(scorer.rows) == pytest.approx(np.maximum(expected, 0), rel=1e-3, abs=2e-6)


def restricted(system: FloatArray, right: FloatArray, l2: float, near: list[int]) -> dict[int, float]:
    """Ridge regression on some courses alone, in double precision."""
    within = system[np.ix_(near, near)] + l2 * np.eye(len(near))
    return dict(zip(near, np.linalg.solve(within, right[near]), strict=True))


@pytest.fixture(name="small_blocks")
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.scorers.neighbourhoods.COURSES_A_BLOCK", 7)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("neighbours", [3, N_COURSES])
def test_a_course_is_regressed_on_those_that_explain_most(neighbours: int) -> None:
    taken = interactions(made_up(), n_courses=N_COURSES)
    system = (taken.T @ taken).toarray().astype(np.float64)
    told: list[tuple[int, int]] = []
    found = solved_near(
        sp.csr_matrix(system),
        sp.csc_matrix(system),
        l2=4,
        neighbours=neighbours,
        engine=HERE,
        progress=lambda step, done=0, total=0: told.append((done, total)),
        step="",
    ).toarray()
    for j in range(N_COURSES):
        together = [i for i in np.flatnonzero(system[:, j]).tolist() if i != j]
        gain = {i: system[i, j] ** 2 / (system[i, i] + 4) for i in together}
        near = sorted(sorted(together, key=lambda i: (-gain[i], i))[:neighbours])
        expected = np.zeros(N_COURSES)
        for i, weight in restricted(system, system[:, j], 4, near).items():
            expected[i] = weight
        assert found[:, j] == pytest.approx(expected, rel=1e-4, abs=1e-6), j
    assert told == [*((done, N_COURSES) for done in range(7, N_COURSES, 7)), (N_COURSES, N_COURSES)]


def test_on_all_courses_the_neighbourhood_is_the_exact_solution() -> None:
    completions = company([(e, c, c) for e in range(6) for c in range(6) if (e + c) % 4], n_courses=6).completions
    taken = interactions(completions, n_courses=6)
    nothing = packed([np.empty(0, dtype=np.int32)] * 6, [np.empty(0, dtype=np.float32)] * 6, 1)
    # Any two courses were completed together by somebody: nothing is left out of a neighbourhood.
    exact, near = (fit_item_item(taken, nothing, l2=2, text_weight=0, keep=6, dense_up_to=most) for most in (6, 5))
    assert dense(near.rows) == pytest.approx(dense(exact.rows), rel=1e-4, abs=1e-6)
    for name in ("both", "cosine"):
        assert dense(getattr(near, name)).tolist() == dense(getattr(exact, name)).tolist()


@pytest.mark.usefixtures("small_blocks")
def test_a_large_catalogue_has_the_rates_of_a_small_one_and_weights_from_neighbourhoods() -> None:
    completions = made_up()
    exact, near, processes = (
        fit_sequence(completions, n_courses=N_COURSES, l2=3, keep=N_COURSES, dense_up_to=most, engine=engine)
        for most, engine in ((N_COURSES, HERE), (0, HERE), (0, cast("Engine", LocalEngine(2))))
    )
    for name in ("rate", "order", "followed"):
        assert getattr(exact, name).equals(getattr(near, name))
    assert near.rows.equals(processes.rows)
    gram, moved, *_ = (one.toarray() for one in followed(completions, n_courses=N_COURSES))
    for j in range(N_COURSES):
        expected = np.zeros(N_COURSES)
        for i, weight in restricted(gram, moved[:, j], 3, np.flatnonzero(moved[:, j]).tolist()).items():
            expected[i] = max(weight, 0)
        assert dense(near.rows)[:, j] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_beyond_dense_a_course_nobody_took_still_goes_with_those_like_it() -> None:
    taken = interactions(company([(0, 0, 0), (1, 0, 1), (1, 1, 2)], n_courses=3).completions, n_courses=3)
    like = packed([np.array([k], dtype=np.int32) for k in (0, 1, 0)], [np.ones(1, dtype=np.float32)] * 3, 2)
    exact, near = (fit_item_item(taken, like, l2=1, text_weight=1, keep=3, dense_up_to=most) for most in (3, 2))
    assert exact.rows.at(0, 2) > 0
    # Course 2 is explained by course 0 alone: 1/(2 + 1 + 1); beside course 1 in the exact solution.
    assert near.rows.at(0, 2) == pytest.approx(1 / 4, rel=1e-6)
    assert near.rows.at(1, 2) == 0
    given = packed(
        [np.array([2], dtype=np.int32), *([np.empty(0, dtype=np.int32)] * 2)],
        [np.ones(1, np.float32)] * 1 + [np.empty(0, np.float32)] * 2,
        3,
    )
    again = fit_item_item(taken, like, l2=1, text_weight=1, keep=3, dense_up_to=2, like=given)
    assert again.rows.equals(near.rows), "who is like whom was found before"
    nobody = fit_item_item(taken, like, l2=1, text_weight=1, keep=3, dense_up_to=2, like=SparseRows.empty(3, 3))
    assert nobody.rows.at(0, 2) == 0


def test_the_settings_of_a_fit_say_up_to_where_it_is_dense() -> None:
    data = chains(seed=1, n_employees=80)
    quick = HybridConfig(factors=2, epochs=1)
    config = FitConfig(
        threads=1,
        hybrid=quick,
        item_item=ItemItemConfig(dense_up_to=0),
        sequence=SequenceConfig(dense_up_to=len(data.catalog)),
    )
    as_of, n = data.now + 1, len(data.catalog)
    scorers = fit(data, config, as_of=as_of).model.scorers
    one, two, past = config.item_item, config.sequence, data.completions
    taken, vectors = interactions(past, n_courses=n), scorers.content.vectors
    near, exact = (
        fit_item_item(taken, vectors, l2=one.l2, text_weight=one.text_weight, keep=one.keep, dense_up_to=most).rows
        for most in (0, n)
    )
    assert scorers.item_item.rows.equals(near)
    assert not near.equals(exact)
    dense_rows = fit_sequence(past, n_courses=n, l2=two.l2, keep=two.keep, dense_up_to=n).rows
    assert scorers.sequence.rows.equals(dense_rows)


# --- matrices and products ---------------------------------------------------------------------------------------

entries = st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0, 4.0])
tables = st.integers(1, 30).flatmap(
    lambda n: st.lists(st.lists(entries, min_size=n, max_size=n), min_size=1, max_size=6)
)


@given(table=tables, keep=st.integers(1, 32))
def test_the_largest_of_all_rows_at_once_are_those_of_each_row(table: list[list[float]], keep: int) -> None:
    matrix = np.array(table, dtype=np.float32)
    expected = top_rows(matrix, keep=keep)
    assert largest_of_rows(matrix, keep=keep).equals(expected)
    assert top_entries(sp.csr_matrix(matrix), keep=keep).equals(expected)


def test_what_is_passed_over_by_groups_is_never_among_the_largest() -> None:
    matrix = np.random.default_rng(2).normal(size=(40, 83)).astype(np.float32)
    matrix[:, 80:] += 9  # the last columns are in no group
    matrix[0] = -1
    assert largest_of_rows(matrix, keep=4).equals(top_rows(matrix, keep=4))


def test_rows_are_joined_one_part_under_the_other() -> None:
    matrix = np.random.default_rng(3).random((7, 5)).astype(np.float32)
    parts = [top_rows(matrix[begin:end], keep=2) for begin, end in ((0, 3), (3, 3), (3, 7))]
    assert joined(parts, 5).equals(top_rows(matrix, keep=2))
    assert joined([], 5).equals(SparseRows.empty(0, 5))


def test_values_are_looked_up_where_rows_have_entries() -> None:
    matrix = sp.csr_matrix(np.array([[0, 2, 3], [4, 0, 0]], dtype=np.float64))
    places = packed(
        [np.array([2, 0], dtype=np.int32), np.array([0], dtype=np.int32)],
        [np.ones(2, np.float32), np.ones(1, np.float32)],
        3,
    )
    assert values_at(matrix, places).weights.tolist() == [3, 0, 4]
    assert len(values_at(matrix, SparseRows.empty(2, 3)).weights) == 0


def test_products_of_text_rows_are_those_of_the_dense_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.scorers.cosines.ENTRIES_A_BLOCK", 7 * N_COURSES)
    monkeypatch.setattr("training.scorers.cosines.FREQUENT", 0.5)  # of these rows the first term alone is so frequent
    roles, courses = texts(1, 9), texts()
    one, other = (matrix_of(rows).toarray().astype(np.float64) for rows in (roles, courses))
    found = list(products(roles, courses))
    assert [begin for begin, _ in found] == [0, 7]
    assert np.concatenate([block for _, block in found]) == pytest.approx(one @ other.T, rel=1e-5, abs=1e-7)


# --- roles held --------------------------------------------------------------------------------------------------


def test_roles_of_many_are_those_of_each() -> None:
    rng = np.random.default_rng(4)
    n, n_changes = 30, 50
    told = company([(n - 1, 0, 0)], n_courses=1, role_idx=rng.integers(NONE, 4, n).tolist(), n_roles=4)
    changes = Dated.from_columns(
        rng.integers(0, n // 2, n_changes).astype(np.int32),
        rng.integers(0, 4, n_changes).astype(np.int32),
        rng.integers(NONE, 4, n_changes).astype(np.int16),
        np.zeros(n_changes, dtype=np.int8),
        np.where(rng.random(n_changes) < 0.1, EARLIEST, rng.integers(0, 20, n_changes)),
        n_employees=n,
    )
    people = replace(told.people, role_changes=changes)
    employee, at = rng.integers(0, n, 400).astype(np.int32), rng.integers(-2, 22, 400)
    expected = [people.role_at(one, time) for one, time in zip(employee.tolist(), at.tolist(), strict=True)]
    assert roles_at(people, employee, at).tolist() == expected
    moves = []
    for one, time in zip(employee.tolist(), at.tolist(), strict=True):
        span = changes.span(one)
        later = [k for k in range(span.start, span.stop) if changes.at[k] > time]
        near = later and changes.at[later[0]] <= time + 5 and changes.at[later[0]] < 15
        moves.append(int(changes.subject[later[0]]) if near else NONE)
    assert next_roles(people, employee, at, within=5, before=15).tolist() == moves
    assert len({one for one in moves if one != NONE}) > 1
