"""The solved path: by hand, against every set of courses, and its laws."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programmes import best_of_all, programme, programmes

from recommender.exact import EXACT, Solution, solve
from recommender.programme import Programme, covered, greedy, in_order, reachable, walk
from recommender.pruning import effort

ROOT = Path(__file__).resolve().parent.parent
ALL_KINDS = settings(max_examples=150, deadline=None)
EFFORT_GAP = 1e-3
"""The share of the effort that the second goal leaves open."""


def unlimited(asked: Programme) -> Solution:
    """Solve without the safety of a time limit: a busy machine must not change what a test sees."""
    return solve(asked, time_limit=600)


def test_two_that_unlock_each_other_are_not_taken() -> None:
    found = solve(programme([[1, 0], [0, 1]], entry=[[0, 1], [1, 0]]))
    assert found.order == ()
    assert (found.coverage_after, found.bound, found.proven) == (0.0, 0.0, True)


def test_one_that_unlocks_itself_is_not_taken() -> None:
    assert solve(programme([[2]], needed=[2], entry=[[1]])).order == ()


def test_a_circle_opened_from_outside_is_taken() -> None:
    # 0 and 1 need each other's skill; 2 brings skill 0 and takes longer than the two, but is the only way in
    asked = programme([[1, 2], [2, 1], [1, 0]], needed=[2, 2], entry=[[0, 1], [1, 0], [0, 0]], hours=[1.0, 1.0, 9.0])
    assert solve(asked).order == (2, 1, 0)
    assert solve(dataclasses.replace(asked, max_hours=10.0)).order == (2, 1)


def test_a_stepping_stone_without_a_gain_is_taken_and_greedy_is_beaten() -> None:
    asked = programme([[1, 0], [0, 2], [0, 1]], needed=[0, 2], entry=[[0, 0], [1, 0], [0, 0]], max_hours=2)
    # 1 opened by 0 covers all in two hours; 2 covers half, and greedy stops there
    assert solve(asked).order == (0, 1)
    assert greedy(asked) == [2]


def test_without_time_the_greedy_order_stands_and_says_what_it_may_lack() -> None:
    # Greedy takes 2 for half; 1 opened by 0 would cover all, and the bound knows that all can be taught.
    asked = programme([[1, 0], [0, 2], [0, 1]], needed=[0, 2], entry=[[0, 0], [1, 0], [0, 0]], max_hours=2)
    found = solve(asked, time_limit=0)
    assert found.order == (2,)
    assert (found.coverage_after, found.bound, found.gap) == (0.5, 1.0, 0.5)
    assert (found.solver, found.proven, found.stopped, found.seconds) == ("greedy", False, "", 0.0)


def test_of_the_versions_of_a_prerequisite_the_lighter_is_taken() -> None:
    asked = programme([[0], [0], [1]], requires=((), (), ((0, 1),)), hours=[3.0, 2.0, 1.0])
    assert solve(asked).order == (1, 2)


def test_of_equal_coverage_the_least_effort_is_taken() -> None:
    # 4·(1.5 − 1) = 2 against 3·(1.5 − 0.5) = 3
    asked = programme([[1], [1]], hours=[3.0, 4.0], relevance=[0.5, 1.0])
    assert solve(asked).order == (1,)


@pytest.mark.parametrize("limit", ["max_hours", "max_cost"])
def test_limits_of_zero_are_kept(limit: str) -> None:
    asked = programme([[1, 0], [0, 1]], cost=[0.0, 1.0])
    zero: dict[str, Any] = {limit: 0.0}
    found = solve(dataclasses.replace(asked, **zero))
    assert found.order == (() if limit == "max_hours" else (0,))
    assert found.proven


def test_nothing_needed_and_a_goal_already_met_take_nothing() -> None:
    for asked in (programme([[1]], needed=[0]), programme([[1]], have=[2])):
        found = solve(asked)
        assert (found.order, found.coverage_before, found.coverage_after, found.bound) == ((), 1.0, 1.0, 1.0)


def test_no_course_at_all() -> None:
    none = np.zeros((0, 1), dtype=np.int8)
    nothing = np.zeros(0)
    one = np.array([1], dtype=np.int8)
    asked = Programme(
        one * 0, one, np.ones(1), none, none, none, requires=(), hours=nothing, cost=nothing, relevance=nothing
    )
    assert (solve(asked).order, solve(asked).bound) == ((), 0.0)


@given(programmes())
@ALL_KINDS
def test_it_is_what_trying_everything_finds(asked: Programme) -> None:
    found = unlimited(asked)
    coverage, least = best_of_all(asked)
    assert found.coverage_after == pytest.approx(coverage, abs=1e-9)
    assert found.bound >= found.coverage_after
    assert found.proven
    assert found.gap <= EXACT
    assert effort(asked)[list(found.order)].sum() <= least * (1 + EFFORT_GAP) + EXACT


@given(programmes(max_courses=12, max_skills=3))
@settings(max_examples=10, deadline=None)
def test_it_is_what_trying_everything_finds_up_to_twelve_courses(asked: Programme) -> None:
    assert unlimited(asked).coverage_after == pytest.approx(best_of_all(asked)[0], abs=1e-9)


@given(programmes(max_courses=10))
@ALL_KINDS
def test_the_order_is_valid_and_coverage_never_falls(asked: Programme) -> None:
    found = unlimited(asked)
    levels, valid = walk(asked, found.order)
    on_the_way = [found.coverage_before, *(asked.coverage(one) for one in levels)]
    assert valid
    assert on_the_way == sorted(on_the_way)
    assert on_the_way[0] == asked.coverage(asked.have)
    assert on_the_way[-1] == found.coverage_after <= found.bound <= 1.0
    for spent, limit in ((asked.hours, asked.max_hours), (asked.cost, asked.max_cost)):
        assert limit is None or spent[list(found.order)].sum() <= limit + 1e-9


@given(programmes(max_courses=10))
@ALL_KINDS
def test_it_is_never_below_greedy(asked: Programme) -> None:
    simple = greedy(asked)
    assert walk(asked, simple)[1]
    assert unlimited(asked).coverage_after >= covered(asked, simple)


@given(programmes(max_courses=10), st.randoms(use_true_random=False))
@ALL_KINDS
def test_answer_and_gap_are_above_any_order_cut_to_the_limits(asked: Programme, chance: Random) -> None:
    found = unlimited(asked)
    chosen: list[int] = []
    for course in chance.sample(range(len(asked)), len(asked)) * 2:
        if course not in chosen and walk(asked, [*chosen, course])[1]:
            chosen.append(course)
    assert found.coverage_after + found.gap >= covered(asked, chosen) - 1e-12


@given(programmes(max_courses=10))
@ALL_KINDS
def test_without_any_course_of_the_path_less_is_covered(asked: Programme) -> None:
    found = unlimited(asked)
    for course in found.order:
        rest = np.array([one for one in found.order if one != course], dtype=np.int32)
        assert asked.coverage(reachable(asked, rest)[1]) < found.coverage_after


@given(programmes(), st.sampled_from(["max_hours", "max_cost"]), st.sampled_from([0.5, 3.0, 20.0]))
@ALL_KINDS
def test_more_to_spend_never_lowers_the_bound(asked: Programme, limit: str, more: float) -> None:
    now = getattr(asked, limit)
    given: dict[str, Any] = {limit: None if now is None else now + more}
    wider = dataclasses.replace(asked, **given)
    assert unlimited(wider).bound >= unlimited(asked).bound - EXACT


@given(programmes())
@settings(max_examples=40, deadline=None)
def test_the_same_programme_gives_the_same_answer(asked: Programme) -> None:
    again = dataclasses.replace(unlimited(asked), seconds=0.0)
    assert again == dataclasses.replace(unlimited(asked), seconds=0.0)


def test_a_chain_of_3000_prerequisites() -> None:
    n = 3_000
    taught = np.zeros((n, 1), dtype=np.int8)
    taught[-1] = 1
    chain = ((), *(((c - 1,),) for c in range(1, n)))
    found = solve(programme(taught.tolist(), requires=chain), time_limit=60)
    assert found.order == tuple(range(n))
    assert found.proven


def test_thousands_of_courses_and_their_bound() -> None:
    n, m = 3_000, 40
    rng = np.random.default_rng(5)
    taught = np.where(rng.random((n, m)) < 0.07, rng.integers(1, 6, (n, m)), 0)
    entry = np.where(rng.random((n, m)) < 0.5, np.maximum(taught - 2, 0), 0)
    asked = programme(
        taught.tolist(),
        needed=[4] * m,
        entry=entry.tolist(),
        hours=rng.integers(1, 40, n).astype(float).tolist(),
        relevance=rng.random(n).tolist(),
        max_hours=60.0,
    )
    found = solve(asked, time_limit=30)
    assert walk(asked, found.order)[1]
    assert covered(asked, greedy(asked)) <= found.coverage_after <= found.bound
    assert list(found.order) == in_order(asked, found.order)


def test_a_time_limit_that_fires_is_said_and_the_answer_stands() -> None:
    asked = programme([[2, 0], [0, 2], [1, 1]], needed=[2, 2], hours=[3.0, 3.0, 2.0], max_hours=5)
    found = solve(asked, time_limit=1e-9)
    assert found.stopped == "time"
    assert covered(asked, greedy(asked)) <= found.coverage_after <= found.bound


def test_the_answer_is_greedys_where_pruning_leads_it_astray_and_no_time_is_left() -> None:
    # Alike an hour for skill 0: 0 comes first by position, 1 is as good and brings skill 1 too, so that 0 is pruned.
    # Greedy takes 0 and then 3: 1 + 8 of 12 in ten hours. Of what is left it takes 1, then 2, which 1 opens, and 3 no
    # longer fits; 3 alone is 8 of 12.
    asked = programme(
        [[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 3, 0, 0], [0, 0, 0, 4, 4]],
        needed=[1, 0, 3, 4, 4],
        entry=[[0] * 5, [0] * 5, [0, 1, 0, 0, 0], [0] * 5],
        hours=[1.0, 1.0, 2.0, 9.0],
        max_hours=10,
    )
    found = solve(asked, time_limit=1e-9)
    assert found.order == (0, 3)
    assert found.coverage_after == pytest.approx(9 / 12)


def test_what_greedy_took_for_nothing_is_left_out_though_no_time_is_left() -> None:
    # 0 in an hour, then 1, which brings all that 0 does; 2 would fit no more, but in pieces, so nothing is proven
    asked = programme([[1, 0], [2, 0], [0, 1]], needed=[2, 1], hours=[1.0, 3.0, 4.0], max_hours=5)
    assert greedy(asked) == [0, 1]
    found = solve(asked, time_limit=1e-9)
    assert (found.order, found.stopped) == ((1,), "time")


def hard_programme() -> Programme:
    """Return one that HiGHS does not solve before it asks whether to go on: every level is to be come to by another."""
    rng = np.random.default_rng(8)
    taught = np.where(rng.random((120, 15)) < 0.2, rng.integers(1, 6, (120, 15)), 0)
    return programme(
        taught.tolist(),
        needed=[5] * 15,
        entry=np.maximum(taught - 1, 0).tolist(),
        hours=rng.integers(1, 20, 120).astype(float).tolist(),
        relevance=rng.random(120).tolist(),
        max_hours=50,
    )


def test_a_search_that_asks_too_often_ends_and_ends_alike() -> None:
    asked = hard_programme()
    found, again = (dataclasses.replace(solve(asked, max_checks=5, time_limit=600), seconds=0.0) for _ in range(2))
    assert found == again
    assert (found.stopped, found.proven) == ("nodes", False)
    assert covered(asked, greedy(asked)) <= found.coverage_after <= found.bound
    longer = unlimited(asked)
    assert found.coverage_after <= longer.coverage_after <= found.bound
    assert longer.gap < found.gap


WITHOUT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "highspy":
            raise ModuleNotFoundError("highspy is made unimportable", name=name)
        return None

sys.meta_path.insert(0, Refuse())
from recommender.exact import solve
from programmes import programme

found = solve(programme([[1, 0], [0, 2], [0, 1]], needed=[0, 2], entry=[[0, 0], [1, 0], [0, 0]], max_hours=2))
print(found.solver, found.order, found.coverage_after, found.bound, found.proven)
"""


def test_without_highspy_the_greedy_order_stands_with_a_bound() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run([sys.executable, "-c", WITHOUT], env=environment, capture_output=True, text=True)
    assert done.stdout == "greedy (2,) 0.5 1.0 False\n", done.stderr


def test_nothing_is_printed() -> None:
    imports = "from recommender.exact import solve; from programmes import programme; "
    code = imports + "print(solve(programme([[1]])).order)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("(0,)\n", "")
