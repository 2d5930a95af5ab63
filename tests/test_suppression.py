"""Nothing about fewer than five people can be worked out from what is shown, by somebody who knows who stands where."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from recommender.arrays import NONE
from recommender.suppression import COLUMNS, LEAST, ROWS, Margins, protected


@dataclass(frozen=True)
class World:
    """A company: departments × roles, families of roles, and how many stand in each cell and are counted there."""

    margins: Margins
    people: NDArray[np.int64]
    counted: NDArray[np.int64]


def margins_of(people: NDArray[np.int64], families: list[int]) -> tuple[Margins, NDArray[np.int64]]:
    """Return departments, families within departments (rows), families and roles (columns), of the cells with people."""
    cells = [(int(i), int(j)) for i, j in np.argwhere(people > 0)]
    parent, rank = [NONE, NONE], [9, 9]
    nodes: dict[tuple[str, int | tuple[int, int]], int] = {}
    groups = [("department", i, ROWS, 3) for i in range(people.shape[0])]
    groups += [("family", f, COLUMNS, 2) for f in sorted(set(families))]
    for kind, one, above, order in groups:
        nodes[kind, one] = len(parent)
        parent.append(above)
        rank.append(order)
    for i, f in sorted({(i, families[j]) for i, j in cells}):
        nodes["block", (i, f)] = len(parent)
        parent.append(nodes["department", i])
        rank.append(0)
    for j in range(people.shape[1]):
        nodes["role", j] = len(parent)
        parent.append(nodes["family", families[j]])
        rank.append(1)
    found = Margins(
        parent=np.array(parent, dtype=np.int32),
        rank=np.array(rank, dtype=np.int32),
        row=np.array([nodes["block", (i, families[j])] for i, j in cells], dtype=np.int32),
        column=np.array([nodes["role", j] for _, j in cells], dtype=np.int32),
    )
    return found, np.array([people[i, j] for i, j in cells], dtype=np.int64)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    n_rows, n_columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    sizes = st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 20])
    table = np.array([[draw(sizes) for _ in range(n_columns)] for _ in range(n_rows)], dtype=np.int64)
    families = [draw(st.integers(0, 1)) for _ in range(n_columns)]
    margins, people = margins_of(table, families)
    counted = np.array([draw(st.integers(0, int(n))) for n in people], dtype=np.int64)
    return World(margins, people, counted)


def sums_shown(margins: Margins, shown: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the sums shown, (n_shown, n_cells) of 0 and 1."""
    return margins.within[shown].astype(np.int64)


def rank_of(rows: NDArray[np.int64]) -> int:
    """Return the rank of a matrix, exactly."""
    left = [[Fraction(int(x)) for x in row] for row in rows]
    rank = 0
    for column in range(rows.shape[1]):
        pivot = next((i for i in range(rank, len(left)) if left[i][column]), None)
        if pivot is None:
            continue
        left[rank], left[pivot] = left[pivot], left[rank]
        for i in range(rank + 1, len(left)):
            if left[i][column]:
                factor = left[i][column] / left[rank][column]
                left[i] = [x - factor * y for x, y in zip(left[i], left[rank], strict=True)]
        rank += 1
    return rank


def small_sets(people: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Return every set of cells that holds fewer than five people."""
    small = [i for i, n in enumerate(people) if n < LEAST]
    sets = (one for size in range(1, LEAST) for one in combinations(small, size))
    return [one for one in sets if people[list(one)].sum() < LEAST]


def derived_about_few(rows: NDArray[np.int64], people: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Return the sets of fewer than five people about which alone something follows from sums."""
    if not len(rows):
        return []
    whole = rank_of(rows)
    return [one for one in small_sets(people) if rank_of(np.delete(rows, list(one), axis=1)) < whole]


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_no_sum_over_fewer_than_five_follows_from_those_shown(world: World) -> None:
    shown = protected(world.margins, world.people)
    assert derived_about_few(sums_shown(world.margins, shown), world.people) == []


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_no_count_shown_pins_down_fewer_than_five_people(world: World) -> None:
    """The attacker knows who stands where, every count shown, and that nobody counts less than 0 or more than 1."""
    margins, people = world.margins, world.people
    shown = protected(margins, people, counted=world.counted)
    rows = sums_shown(margins, shown)
    if not len(rows):
        return
    assert all(LEAST <= n <= size - LEAST for n, size in zip(rows @ world.counted, rows @ people, strict=True) if size)
    persons = np.repeat(np.arange(len(people)), people)
    first = np.cumsum(people) - people
    truth = np.zeros(len(persons))
    for cell, n in enumerate(world.counted):
        truth[first[cell] : first[cell] + n] = 1
    sums = rows[:, persons]
    for few in few_people(world):
        low, high = (bound(sums, sums @ truth, few, sign) for sign in (1, -1))
        assert high - low > 1e-6, few


def few_people(world: World) -> list[list[int]]:
    """Return some sets of fewer than five people: whole small sets of cells, one, and four of each kind in a cell."""
    first = np.cumsum(world.people) - world.people
    found = [[int(first[c]) + k for c in one for k in range(world.people[c])] for one in small_sets(world.people)[-6:]]
    for cell, n in enumerate(world.people[:6]):
        found += [list(range(int(first[cell]), int(first[cell]) + min(int(n), LEAST - 1)))]
        found += [[int(first[cell] + n) - 1]]
    return [one for one in found if one]


def bound(sums: NDArray[np.int64], totals: NDArray[np.float64], few: list[int], sign: int) -> float:
    """Return the least (sign 1) or greatest (−1) count of a few people that agrees with what is shown."""
    cost = np.zeros(sums.shape[1])
    cost[few] = sign
    found = linprog(cost, A_eq=sums, b_eq=totals, bounds=(0, 1), method="highs")
    assert found.success, found.message
    return float(sign * found.fun)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_nothing_more_is_hidden_than_was_to_begin_with_where_all_is_safe(world: World) -> None:
    everything = np.ones(len(world.margins), dtype=np.bool_)
    if world.people.sum() >= LEAST and not derived_about_few(sums_shown(world.margins, everything), world.people):
        somebody = (world.margins.within @ world.people) > 0
        assert protected(world.margins, world.people)[somebody].all()


def one_family(people: list[list[int]]) -> tuple[Margins, NDArray[np.int64]]:
    table = np.array(people, dtype=np.int64)
    return margins_of(table, [0] * table.shape[1])


DEPARTMENTS = slice(2, None)


def test_a_department_of_four_is_hidden_and_the_smallest_other_with_it() -> None:
    """Total − the other two would be the four: so the smaller of them, of 12, is hidden too; the rest is then 16."""
    margins, people = one_family([[4], [12], [30]])
    assert protected(margins, people)[2:5].tolist() == [False, False, True]


def test_one_person_who_sets_a_role_apart_from_a_department_is_not_given_away() -> None:
    """Department 0 is role 0 and one more person; the two sums differ by what that person has."""
    margins, people = one_family([[9, 1], [0, 20]])
    department, roles = 2, slice(-2, None)
    shown = protected(margins, people)
    assert not (shown[department] and shown[roles][0])


def test_a_count_at_its_end_is_hidden_though_the_group_is_large() -> None:
    """36 of 40 are counted: the count would say of 4 that they are not. In the other department it is 20 of 40."""
    margins, people = one_family([[40], [40], [40]])
    shown = protected(margins, people, counted=np.array([36, 20, 20]))
    assert shown[ROWS]
    assert shown[2:5].sum() == 1
    assert not shown[2]


def test_of_fewer_than_five_people_nothing_is_shown() -> None:
    margins, people = one_family([[2, 2]])
    assert not protected(margins, people).any()


def test_what_was_hidden_before_stays_hidden() -> None:
    margins, people = one_family([[10], [10], [10]])
    before = np.ones(len(margins), dtype=np.bool_)
    before[[2, 3]] = False
    shown = protected(margins, people, shown=before)
    assert shown[2:5].tolist() == [False, False, True]


@pytest.mark.parametrize("shown_rows", [[0], [0, 1], [0, 1, 2]])
def test_the_attacker_of_these_tests_finds_what_follows(shown_rows: list[int]) -> None:
    """Of sums over {a, b} and {b}, a follows; the test of the tests."""
    rows = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])[shown_rows]
    found = derived_about_few(rows, np.array([2, 9, 9]))
    assert found == ([] if shown_rows == [0] else [(0,)])
