"""The laws of a programme, its simple answers and what is pruned, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from programmes import programme

from recommender.formulation import loop_cuts
from recommender.programme import covered, extended, greedy, in_order, quick_bound, reachable, walk
from recommender.pruning import lean, worth_solving


def everyone(n: int) -> np.ndarray[Any, np.dtype[np.int32]]:
    return np.arange(n, dtype=np.int32)


def test_coverage_counts_what_is_needed_and_no_more() -> None:
    asked = programme([[0, 0]], needed=[2, 4], importance=[1.0, 0.5])
    # min(5, 2)·1 + min(1, 4)·0.5 = 2.5 of 2·1 + 4·0.5 = 4
    assert asked.coverage(np.array([5, 1], dtype=np.int8)) == 0.625


def test_coverage_is_whole_where_nothing_is_needed() -> None:
    assert programme([[1]], needed=[0]).coverage(np.array([0], dtype=np.int8)) == 1.0


def test_a_walk_lifts_to_the_higher_of_current_and_taught() -> None:
    levels, valid = walk(programme([[2, 0], [1, 3]]), [0, 1])
    assert levels.tolist() == [[2, 0], [2, 3]]
    assert valid


@pytest.mark.parametrize(
    ("order", "valid"),
    [([0, 1, 2], True), ([1], False), ([2, 0, 1], False), ([0, 0], False), ([0, 1, 2, 3], False)],
    ids=["as it must be", "entry level unmet", "prerequisite unmet", "twice", "beyond the hours"],
)
def test_a_walk_says_whether_an_order_is_valid(order: list[int], valid: bool) -> None:
    asked = programme(
        [[1, 0], [2, 0], [0, 1], [0, 1]],
        entry=[[0, 0], [1, 0], [0, 0], [0, 0]],
        requires=((), (), ((0, 3),), ()),
        max_hours=3,
    )
    assert walk(asked, order)[1] is valid


def test_order_goes_by_assumed_levels_then_ease_then_relevance_then_position() -> None:
    asked = programme(
        [[1, 0], [0, 2], [0, 1], [1, 0], [1, 0]],
        assumed_entry=[[0, 1], [0, 0], [0, 0], [0, 0], [0, 0]],
        relevance=[1.0, 1.0, 0.2, 0.1, 0.1],
    )
    # 0 waits for skill 1; 2, 3 and 4 are easier than 1; 2 is more relevant and brings skill 1, so that 0 comes next
    assert in_order(asked, [4, 3, 2, 1, 0]) == [2, 0, 3, 4, 1]


def test_a_lower_course_waits_while_an_assumed_level_is_lacking() -> None:
    assert in_order(programme([[1, 0], [0, 2]], assumed_entry=[[0, 3], [0, 0]]), [0, 1]) == [1, 0]


def test_what_can_never_start_is_left_out_of_the_order() -> None:
    assert in_order(programme([[1], [2]], entry=[[0], [2]]), [0, 1]) == [0]


def test_greedy_goes_by_gain_an_hour() -> None:
    asked = programme([[2], [1], [1]], needed=[2], hours=[3.0, 1.0, 1.0], relevance=[0.5, 0.1, 0.9])
    # 2/3 an hour, and 1 an hour twice: 2 is more relevant; then 0 adds the second level
    assert greedy(asked) == [2, 0]


def test_greedy_takes_the_best_single_course_where_that_is_more() -> None:
    # 1 an hour against 0.8 an hour, but after the first the second no longer fits
    assert greedy(programme([[1], [4]], needed=[5], hours=[1.0, 5.0], max_hours=5)) == [1]


def test_greedy_never_takes_a_stepping_stone() -> None:
    asked = programme([[1, 0], [0, 1]], needed=[0, 1], entry=[[0, 0], [1, 0]])
    assert greedy(asked) == []
    assert extended(asked, [0]) == [0, 1]


def test_two_that_unlock_each_other_can_never_be_reached() -> None:
    taken, levels = reachable(programme([[1, 0], [0, 1]], entry=[[0, 1], [1, 0]]), everyone(2))
    assert not taken.any()
    assert levels.tolist() == [0, 0]


def test_the_quick_bound_cuts_the_last_course_in_pieces() -> None:
    asked = programme([[4, 0], [0, 4]], needed=[5, 5], hours=[2.0, 4.0], max_hours=3)
    # 4 in two hours and a quarter of 4 in the third: 5 of 10
    assert quick_bound(asked) == pytest.approx(0.5, abs=1e-8)


def test_pruning_keeps_gains_and_their_stepping_stones() -> None:
    asked = programme(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [1, 0, 0]],
        needed=[1, 0, 0],
        entry=[[0, 1, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 2]],
        requires=((), ((3,),), (), (), ()),
    )
    # 0 adds; 1 opens 0; 3 opens 1; 2 opens nothing; nobody brings skill 2 to the level 4 asks for
    assert worth_solving(asked).tolist() == [0, 1, 3]


def test_pruning_leaves_out_what_does_not_fit_alone() -> None:
    assert worth_solving(programme([[1], [2]], needed=[2], hours=[1.0, 9.0], max_hours=5)).tolist() == [0]


@pytest.mark.parametrize(
    "better",
    [
        {"taught": [[2, 1], [2, 2]]},
        {"hours": [2.0, 1.0]},
        {"cost": [5.0, 1.0]},
        {"relevance": [0.1, 0.2]},
        {"entry": [[0, 1], [0, 0], [0, 0]], "taught": [[2, 2], [2, 2], [0, 1]]},
        {"requires": (((2,),), (), ()), "taught": [[2, 2], [2, 2], [0, 1]]},
    ],
    ids=["teaches more", "takes less time", "costs less", "is more relevant", "asks for less", "has no prerequisite"],
)
def test_a_dominated_course_is_pruned(better: dict[str, Any]) -> None:
    taught = better.pop("taught", [[2, 2], [2, 2]])
    kept = worth_solving(programme(taught, needed=[2, 2], **better)).tolist()
    assert 1 in kept
    assert 0 not in kept


def test_of_equals_the_lower_position_stays() -> None:
    assert worth_solving(programme([[1], [1], [1]])).tolist() == [0]


def test_lifting_past_what_is_wanted_makes_no_course_better() -> None:
    assert worth_solving(programme([[1], [5]])).tolist() == [0]


def test_a_prerequisite_is_never_dominated() -> None:
    asked = programme([[1, 0], [2, 0], [0, 1]], needed=[2, 1], requires=((), (), ((0,),)))
    assert worth_solving(asked).tolist() == [0, 1, 2]


def test_a_path_keeps_only_what_it_needs() -> None:
    asked = programme([[1, 0], [2, 0], [0, 1], [0, 1]], needed=[2, 0], entry=[[0, 0], [0, 1], [0, 0], [0, 0]])
    # 1 brings the whole need and asks for skill 1, which 2 and 3 bring alike: the later of equal effort stays
    assert lean(asked, [0, 2, 3, 1]) == [1, 3]


def test_a_circle_is_cut_by_what_could_open_it_from_outside() -> None:
    # 0 needs what 1 brings and 1 needs what 0 brings; 2 brings the same as 0, and is not chosen
    asked = programme([[1, 0], [0, 1], [1, 0]], entry=[[0, 1], [1, 0], [0, 0]])
    (cut,) = loop_cuts(asked, np.array([0, 1], dtype=np.int32))
    assert cut[0].tolist() == [0, 1]
    assert cut[1].tolist() == [2]
    assert loop_cuts(asked, everyone(3)) == []


def test_covered_is_the_last_of_the_walk() -> None:
    asked = programme([[1, 0], [0, 1]])
    assert covered(asked, [0]) == asked.coverage(walk(asked, [0])[0][-1]) == 0.5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hours": [0.0]}, "hours: a course of 0 hours"),
        ({"hours": [1.0, 1.0]}, r"hours: shape \(2,\); expected \(1,\)"),
        ({"cost": [-1.0]}, "cost: -1.0"),
        ({"relevance": [1.5]}, "relevance: 1.5"),
        ({"have": [6]}, "have: 6"),
        ({"importance": [float("nan")]}, "importance: nan"),
        ({"needed": [0], "importance": [1.0]}, "importance: above 0"),
        ({"entry": [[9]]}, "entry: 9"),
        ({"max_hours": -1.0}, "max_hours: -1.0"),
        ({"max_cost": float("nan")}, "max_cost: nan"),
        ({"requires": ()}, "requires: 0 courses"),
        ({"requires": (((1,),),)}, r"requires: course 0 has the group \(1,\)"),
        ({"requires": (((),),)}, r"requires: course 0 has the group \(\)"),
    ],
)
def test_a_wrong_value_is_named(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        programme([[1]], **wrong)


def test_an_order_is_extended_by_nothing_that_adds_nothing() -> None:
    # 0 brings what is needed; 1 brings the same again, 2 what nobody needs: neither is taken, though both are free to
    asked = programme([[2, 0], [1, 0], [0, 3]], needed=[2, 0], hours=[9.0, 1.0, 1.0])
    assert extended(asked, [0]) == [0]
    # 1 adds 1 an hour, 0 a ninth of 2; once 1 is taken 0 still adds 1
    assert extended(asked, []) == [1, 0]
