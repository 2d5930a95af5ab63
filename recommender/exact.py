"""The best path within the limits, solved as a mixed-integer programme by HiGHS, with a proven bound.

Two goals in a row. First the most coverage; its bound is what the answer is measured against. Then, of the choices with
that coverage, the one with least Σ hours·(1.5 − relevance). Choices in which courses only unlock each other are cut off as
they appear (`formulation.loop_cuts`), so a bound always holds for every order. HiGHS stops after so many nodes: the same
programme gives the same answer. Without `highspy` the greedy order stands.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.arrays import IntArray
from recommender.formulation import Formulation, loop_cuts
from recommender.programme import (
    Numbers,
    Programme,
    covered,
    extended,
    greedy,
    in_order,
    levels_after,
    reachable,
)
from recommender.pruning import worth_solving

MAX_NODES = 2_000
"""Nodes of the first goal; the second gets a tenth."""
MAX_ROUNDS = 40
"""How often circles are cut off and the programme is solved again."""
TIME_LIMIT = 1.0
"""Seconds; only a safety."""
EXACT = 1e-6
"""Coverage closer than this to the bound counts as proven: what HiGHS' tolerances leave."""
_SCALE = 1_000.0
"""Coverage is maximised in thousandths, so that HiGHS' absolute tolerances are small against a level step."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A path and how good it is.

    `order` are positions in the order to take them. `bound` ≤ 1 is proven: no valid order within the limits covers more.
    `gap` = max(0, bound − coverage_after); `proven` says it is within `EXACT`. `stopped` names the limit that ended the
    search for more coverage, if any: "nodes" (rounds of cuts too) or "time". `seconds` is HiGHS' own time.
    """

    order: tuple[int, ...]
    coverage_before: float
    coverage_after: float
    bound: float
    gap: float
    solver: str
    proven: bool
    stopped: str
    n_nodes: int
    n_cuts: int
    seconds: float


def solve(programme: Programme, *, max_nodes: int = MAX_NODES, time_limit: float = TIME_LIMIT) -> Solution:
    """Return the best order found and a bound on every other; never worse than `greedy`.

    Parameters
    ----------
    programme
        What is asked.
    max_nodes
        Branch-and-bound nodes spent on coverage, over all rounds of cuts.
    time_limit
        Seconds HiGHS may take for it all; meant never to be reached.
    """
    plain = greedy(programme)
    kept = worth_solving(programme)
    search = _Search(programme.only(kept), max_nodes=max_nodes, time_limit=time_limit)
    exact = importlib.util.find_spec("highspy") is not None
    if exact and len(kept):
        search.run()
    order = kept[np.array(search.best, dtype=np.int32)].tolist()
    if covered(programme, plain) > covered(programme, order):
        order = plain
    order = in_order(programme, lean(programme, order))
    before, after = programme.coverage(programme.have), covered(programme, order)
    bound = min(1.0, max(search.bound, after))
    return Solution(
        order=tuple(order),
        coverage_before=before,
        coverage_after=after,
        bound=bound,
        gap=bound - after,
        solver="exact" if exact else "greedy",
        proven=bound - after <= EXACT,
        stopped=search.stopped,
        n_nodes=search.n_nodes,
        n_cuts=search.n_cuts,
        seconds=search.seconds,
    )


def effort(programme: Programme) -> Numbers:
    """Return hours·(1.5 − relevance) of each course, (n,): what the second goal makes least (design section 6)."""
    return np.asarray(programme.hours * (1.5 - programme.relevance))


def lean(programme: Programme, order: list[int]) -> list[int]:
    """Leave out, largest effort first, each course without which the rest still reaches what is needed.

    What can no longer start without it goes with it. Every course that stays either adds coverage of its own or opens
    the way to one that does: without any one of them, less is covered.
    """
    goal = np.minimum(levels_after(programme, order), programme.needed)[programme.importance > 0]
    chosen = np.array(order, dtype=np.int32)
    sure = _sure(programme, chosen)
    for course in sorted(order, key=lambda one: (-effort(programme)[one], one)):
        if course in sure or course not in chosen:
            continue
        taken, levels = reachable(programme, chosen[chosen != course])
        if np.array_equal(np.minimum(levels, programme.needed)[programme.importance > 0], goal):
            chosen = np.flatnonzero(taken).astype(np.int32)
    return [int(one) for one in chosen]


def _sure(programme: Programme, chosen: IntArray) -> set[int]:
    """Return chosen courses that certainly stay: alone in bringing a needed level, or alone in opening one that stays."""
    highest = np.sort(programme.taught[chosen], axis=0)
    second = highest[-2] if len(chosen) > 1 else np.zeros_like(programme.have)
    others = np.minimum(np.maximum(second, programme.have), programme.needed)
    alone = (np.minimum(programme.taught[chosen], programme.needed) > others) & (programme.importance > 0)
    waiting = chosen[alone.any(axis=1)].tolist()
    sure, among = set(waiting), set(chosen.tolist())
    while waiting:
        course = waiting.pop()
        ways = [[one for one in group if one in among] for group in programme.requires[course]]
        for skill in np.flatnonzero(programme.entry[course] > programme.have).tolist():
            ways.append(chosen[programme.taught[chosen, skill] >= programme.entry[course, skill]].tolist())
        new = {way[0] for way in ways if len(way) == 1} - sure
        sure |= new
        waiting.extend(new)
    return sure


def quick_bound(programme: Programme) -> float:
    """Return an upper bound on coverage that needs no solver.

    The least of: everything that can start is taught; and, for each limit, the present coverage plus the best fractional
    choice when every course adds what it would add first (gains only shrink as levels rise).
    """
    everyone = np.arange(len(programme), dtype=np.int32)
    _, levels = reachable(programme, everyone)
    bound = programme.coverage(levels)
    if not programme.total:
        return bound
    gain, before = programme.gains(programme.have, everyone), programme.coverage(programme.have)
    for each, limit in ((programme.hours, programme.max_hours), (programme.cost, programme.max_cost)):
        if limit is not None:
            bound = min(bound, before + _fractional(gain, each, limit) / programme.total + EXACT / 10)
    return bound


def _fractional(gain: Numbers, each: Numbers, limit: float) -> float:
    """Return the most gain a limit buys where courses can be cut in pieces."""
    with np.errstate(divide="ignore", invalid="ignore"):
        by_rate = np.argsort(-np.where(gain > 0, gain / each, 0.0), kind="stable")
    spent = np.concatenate([[0.0], np.cumsum(each[by_rate])[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(each[by_rate] > 0, (limit - spent) / each[by_rate], 1.0)
    return float((gain[by_rate] * np.clip(share, 0.0, 1.0)).sum())


class _Search:
    """One programme being solved: the best order so far, the bound so far, and what was spent."""

    def __init__(self, programme: Programme, *, max_nodes: int, time_limit: float) -> None:
        self.programme = programme
        self.nodes_left = max_nodes
        self.time_limit = time_limit
        self.best = greedy(programme)
        self.coverage = covered(programme, self.best)
        self.bound = quick_bound(programme)
        self.stopped = ""
        self.n_nodes = 0
        self.n_cuts = 0
        self.seconds = 0.0

    def run(self) -> None:
        """Search for coverage, then for less effort at that coverage."""
        self.formulation = Formulation.of(self.programme)
        self.highs = _highs(self.formulation)
        if self.bound - self.coverage > EXACT:
            self._most_coverage()
        nodes_spent = self.n_nodes
        self._least_effort()
        self.n_nodes = nodes_spent

    def _most_coverage(self) -> None:
        n, k = self.formulation.n, len(self.formulation.skill)
        costs = np.concatenate([np.zeros(n), -_SCALE * self.formulation.weight])
        self.highs.changeColsCost(n + k, np.arange(n + k, dtype=np.int32), costs)
        self.highs.setOptionValue("mip_abs_gap", _SCALE * EXACT / 2)
        before = self.programme.coverage(self.programme.have)
        for _ in range(MAX_ROUNDS):
            chosen = self._solved(self.nodes_left)
            dual = -self.highs.getInfo().mip_dual_bound / _SCALE
            if np.isfinite(dual):
                self.bound = min(self.bound, before + dual + EXACT / 10)
            whole = self._consider(chosen)
            if self.bound - self.coverage <= EXACT:
                return
            if self.stopped or whole:
                return
        self.stopped = "nodes"

    def _consider(self, chosen: IntArray | None) -> bool:
        """Keep what of a choice can be put in order if it is better; cut off its circles. True if there were none."""
        if chosen is None:
            return True
        order = in_order(self.programme, chosen)
        fuller = order if len(order) == len(chosen) else extended(self.programme, order)
        if covered(self.programme, fuller) > self.coverage:
            self.best, self.coverage = fuller, covered(self.programme, fuller)
        cuts = loop_cuts(self.programme, chosen)
        for loop, outside in cuts:
            for course in loop.tolist():
                index = np.concatenate([[course], outside]).astype(np.int32)
                value = np.concatenate([[1.0], -np.ones(len(outside))])
                self.highs.addRow(-np.inf, 0.0, len(index), index, value)
                self.n_cuts += 1
        return not cuts

    def _least_effort(self) -> None:
        """Make the effort least while the coverage stays; what cannot be put in order changes nothing."""
        form, programme = self.formulation, self.programme
        n, k = form.n, len(form.skill)
        reached = levels_after(programme, self.best)
        if np.array_equal(
            np.minimum(reached, programme.needed), np.minimum(levels_after(programme, list(range(n))), programme.needed)
        ):
            columns = (n + np.flatnonzero(form.weight > 0)).astype(np.int32)
            self.highs.changeColsBounds(len(columns), columns, np.ones(len(columns)), np.ones(len(columns)))
        else:
            columns = (n + np.flatnonzero(form.weight > 0)).astype(np.int32)
            floor = _SCALE * (self.coverage - programme.coverage(programme.have) - EXACT / 10)
            self.highs.addRow(floor, np.inf, len(columns), columns, _SCALE * form.weight[columns - n])
        efforts = effort(programme)
        self.highs.changeColsCost(n + k, np.arange(n + k, dtype=np.int32), np.concatenate([efforts, np.zeros(k)]))
        self.highs.setOptionValue("mip_abs_gap", 1e-6)
        stopped, self.stopped = self.stopped, ""
        for _ in range(MAX_ROUNDS):
            chosen = self._solved(200)
            coverage, best = self.coverage, self.best
            if chosen is None:
                break
            order = in_order(programme, chosen)
            if len(order) == len(chosen) and covered(programme, order) >= coverage:
                if efforts[order].sum() < efforts[best].sum():
                    self.best = order
                break
            if self._consider(chosen) or self.stopped:
                break
        self.stopped = stopped

    def _solved(self, max_nodes: int) -> IntArray | None:
        """Run HiGHS from the best order known and return the courses chosen, None if it found no choice."""
        highs = self.highs
        point = self.formulation.point(self.programme, self.best)
        highs.setSolution(len(point), np.arange(len(point), dtype=np.int32), point)
        highs.setOptionValue("mip_max_nodes", max(0, max_nodes))
        highs.setOptionValue("time_limit", max(0.0, self.time_limit))
        import highspy

        highs.run()
        self.seconds = highs.getRunTime()
        info, status = highs.getInfo(), highs.getModelStatus()
        self.n_nodes += max(0, info.mip_node_count)
        self.nodes_left -= max(1, info.mip_node_count)
        if status == highspy.HighsModelStatus.kTimeLimit:
            self.stopped = "time"
        elif status != highspy.HighsModelStatus.kOptimal:
            self.stopped = "nodes"
        value = np.asarray(highs.getSolution().col_value)
        if len(value) == 0 or info.primal_solution_status != 2:
            return None
        return np.flatnonzero(value[: self.formulation.n] > 0.5).astype(np.int32)


def _highs(form: Formulation) -> Any:
    """Hand the columns and rows to HiGHS: quiet, one thread, a fixed seed, no relative gap."""
    import highspy

    class Quiet(highspy.Highs):
        """HiGHS without its callbacks: making them prints a banner before it can be told not to."""

        def enableCallbacks(self) -> None:  # noqa: N802
            """Leave them out."""
            self.setOptionValue("output_flag", False)

    n, k = form.n, len(form.skill)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n + k, len(form.upper)
    lp.col_cost_ = np.zeros(n + k)
    lp.col_lower_, lp.col_upper_ = np.zeros(n + k), np.ones(n + k)
    lp.row_lower_, lp.row_upper_ = np.full(len(form.upper), -np.inf), form.upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = form.start, form.column, form.value
    lp.integrality_ = [highspy.HighsVarType.kInteger] * n + [highspy.HighsVarType.kContinuous] * k
    highs: Any = Quiet()  # type: ignore[no-untyped-call]
    for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0)):
        highs.setOptionValue(option, value)
    highs.passModel(lp)
    return highs
