"""Being taken next against closing the gap, over the weight of the goal, and which weight to use by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.arrays import BoolArray, IntArray
from training.evaluation_stage import Lists
from training.goals.lists import GOAL_WEIGHTS, OVER_GOALS, weighted
from training.goals.measured import Columns, Followers, GoalConfig, Key, coverage_before, follow_all, stacked
from training.goals.people import GoalPeople
from training.intervals import Sampled
from training.metrics import DoubleArray, hits_of, ndcg
from training.split import Cases, Protocol

TRADE_OFF_HOURS = 40.0
"""Hours of following a list over which coverage gained per hour is measured."""
MOST_LOST: Mapping[str, float] = {"all": 0.05, "upskill": 0.05, "reskill": 0.2}
"""Share of NDCG@10 that a default weight of the goal may cost, by group. A choice (ADR 15): a loss a person would hardly
notice; more where somebody wants to leave what they did so far, which is what NDCG rewards."""
K = 10
GROUPS = ("all", "upskill", "reskill")


def trade_off(followers: Sequence[Followers], how: GoalConfig) -> dict[str, Any]:
    """Return by group of people the measures at every weight of the goal, and the weight chosen.

    The groups are all, `reskill` (whose goal lies so far that this is their mode) and `upskill` (the others). NDCG@10 of
    what was taken next is measured at the cut (`window`) and before each later completion (`next`), kept is NDCG as a
    multiple of that at weight 0, paired by person. Gained per hour is the mean coverage gained through the mean hours
    used.
    """
    columns, reskilling = _columns(followers), np.concatenate([people.reskilling for people, _ in followers])
    later, later_reskilling = _later(followers)
    facts = {}
    for group in GROUPS:
        rows, later_rows = _rows(reskilling, group), _rows(later_reskilling, group)
        if rows.any():
            facts[group] = _group(columns, rows, later, later_rows, how, most_lost=MOST_LOST[group])
    return facts


def chosen_weight(points: Sequence[Mapping[str, Any]], *, most_lost: float = MOST_LOST["all"]) -> float:
    """Return the largest weight up to which no weight loses more than `most_lost` of NDCG@10 in either protocol.

    `points` rise in weight from 0; `window_kept` and `next_kept` are [estimate, low, high] or absent. Only the estimate
    decides; what is not defined counts as lost.
    """
    chosen = 0.0
    for point in points[1:]:
        kept = [point[name][0] for name in ("window_kept", "next_kept") if name in point]
        if any(one is None or one < 1 - most_lost for one in kept):
            break
        chosen = float(point["goal_weight"])
    return chosen


def _rows(reskilling: BoolArray, group: str) -> BoolArray:
    return np.ones_like(reskilling) if group == "all" else reskilling == (group == "reskill")


def _columns(followers: Sequence[Followers]) -> Columns:
    columns: dict[Key, list[DoubleArray]] = {}
    for people, lists in followers:
        before = coverage_before(people)
        for weight in GOAL_WEIGHTS:
            order = _lists_at(lists, "window", weight)
            after, hours = follow_all(people, order, TRADE_OFF_HOURS)
            columns.setdefault(("gained", weight), []).append(after - before)
            columns.setdefault(("hours", weight), []).append(hours)
            columns.setdefault(("ndcg", weight), []).append(_ndcg(order, people.window))
    return stacked(followers, columns)


def _later(followers: Sequence[Followers]) -> tuple[Columns, BoolArray]:
    """Return NDCG at each weight of every later question, and whether the person who asks it was reskilling at the cut."""
    columns: dict[Key, list[DoubleArray]] = {("ndcg", weight): [] for weight in GOAL_WEIGHTS}
    owners, reskilling = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.bool_)]
    for people, lists in followers:
        if people.next is None:
            continue
        owners.append(people.next.employee_idx)
        reskilling.append(_of_the_same_person(people, people.next))
        for weight in GOAL_WEIGHTS:
            columns["ndcg", weight].append(_ndcg(_lists_at(lists, "next", weight), people.next))
    values = {key: np.concatenate([np.empty(0), *parts]) for key, parts in columns.items()}
    return Columns(np.concatenate(owners), values), np.concatenate(reskilling)


def _of_the_same_person(people: GoalPeople, later: Cases) -> BoolArray:
    place = np.searchsorted(people.window.employee_idx, later.employee_idx)
    return np.asarray(people.reskilling[place])


def _lists_at(lists: Mapping[str, Lists], protocol: Protocol, weight: float) -> IntArray:
    return lists[OVER_GOALS][weighted(protocol, weight)]


def _ndcg(order: IntArray, cases: Cases) -> DoubleArray:
    return ndcg(hits_of(order[:, :K], cases.targets), cases.n_targets, K)


def _group(
    columns: Columns, rows: BoolArray, later: Columns, later_rows: BoolArray, how: GoalConfig, *, most_lost: float
) -> dict[str, Any]:
    n_people, at_cut = columns.sampled(rows, how)
    n_later, afterwards = later.sampled(later_rows, how) if later_rows.any() else (0, {})
    points = [_point(weight, at_cut, afterwards) for weight in GOAL_WEIGHTS]
    sizes = {"n_employees": n_people, "n_cases": int(rows.sum()), "n_employees_next": n_later}
    return {**sizes, "points": points, "chosen": chosen_weight(points, most_lost=most_lost)}


def _point(weight: float, at_cut: Mapping[Key, Sampled], afterwards: Mapping[Key, Sampled]) -> dict[str, Any]:
    gained, hours = at_cut["gained", weight], at_cut["hours", weight]
    facts: dict[str, Any] = {
        "goal_weight": weight,
        "gained": gained.interval().as_list(),
        "gained_per_hour": gained.over(hours).as_list(),
    }
    for protocol, sampled in (("window", at_cut), ("next", afterwards)):
        if sampled:
            one = sampled["ndcg", weight]
            facts[protocol] = one.interval().as_list()
            facts[f"{protocol}_kept"] = one.over(sampled["ndcg", 0.0]).as_list()
    return facts
