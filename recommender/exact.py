"""The best path within the limits, solved as a mixed-integer programme by HiGHS, with a proven bound.

Two goals in a row. First the most coverage; its bound is what the answer is measured against. Then, of the choices with
that coverage, the one with least Σ hours·(1.5 − relevance). Choices in which courses only unlock each other are cut off as
they appear (`formulation.loop_cuts`), so a bound always holds for every order. HiGHS stops after so many nodes, or after
asking so often whether to go on: the same programme gives the same answer. Without `highspy` the greedy order stands.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.arrays import IntArray
from recommender.formulation import Formulation, Row, violated
from recommender.programme import (
    Numbers,
    Programme,
    covered,
    extended,
    greedy,
    guided,
    in_order,
    levels_after,
    quick_bound,
)
from recommender.pruning import effort, lean, worth_solving

MAX_NODES = 1_000
"""Nodes spent on coverage."""
MAX_CHECKS = 120
"""How often HiGHS may ask whether to go on while it seeks coverage: it does so all through the root, where hard programmes
spend their time before the first node. Counted, not timed, so that equal runs stop at the same place."""
TIME_LIMIT = 1.0
"""Seconds; only a safety."""
EXACT = 1e-6
"""Coverage closer than this to the bound counts as proven: what HiGHS' tolerances leave."""
_RELAXED_ROUNDS = 30
"""How often circles are cut off the relaxation, which takes milliseconds a time."""
_ROUNDS = 12
"""How often circles are cut off the programme itself for the first goal, and …"""
_EFFORT_ROUNDS = 3
"""… for the second, which nothing is promised of, and which gets …"""
_EFFORT_NODES = 50
"""… these nodes a round, and …"""
_EFFORT_CHECKS = 60
"""… these checks in all."""
_EFFORT_GAP = 1e-3
"""Share of the effort that is not worth further search."""
_MOST_COURSES = 400
"""With more courses than this only those the relaxation likes best are searched; its bound holds for all."""
_SCALE = 1_000.0
"""Coverage is maximised in thousandths, so that HiGHS' absolute tolerances are small against a level step."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A path and how good it is.

    `order` are positions in the order to take them. `bound` ≤ 1 is proven: no valid order within the limits covers more.
    `gap` = max(0, bound − coverage_after); `proven` says it is within `EXACT`. `stopped` names the limit that ended the
    search for more coverage, if any: "nodes" (checks and rounds of cuts too) or "time". `seconds` is HiGHS' own time.
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


def solve(
    programme: Programme, *, max_nodes: int = MAX_NODES, max_checks: int = MAX_CHECKS, time_limit: float = TIME_LIMIT
) -> Solution:
    """Return the best order found and a bound on every other; never worse than `greedy`.

    Parameters
    ----------
    programme
        What is asked.
    max_nodes
        Branch-and-bound nodes spent on coverage, over all rounds of cuts.
    max_checks
        How often HiGHS may ask whether to go on while it seeks coverage, over all rounds of cuts.
    time_limit
        Seconds HiGHS may take for it all; meant never to be reached. With 0 it is not asked: the greedy order stands.
    """
    plain = greedy(programme)
    kept = worth_solving(programme)
    search = _Search(programme.only(kept), max_nodes=max_nodes, max_checks=max_checks, time_limit=time_limit)
    exact = time_limit > 0 and _has_highs()
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


def _has_highs() -> bool:
    try:
        importlib.import_module("highspy")
    except ImportError:
        return False
    return True


class _Search:
    """One programme being solved: the best order so far, the bound so far, and what was spent."""

    def __init__(self, programme: Programme, *, max_nodes: int, max_checks: int, time_limit: float) -> None:
        self.programme = programme
        self.nodes_left = max_nodes
        self.checks_left = max_checks
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
        self.highs.cbMipInterrupt += self._check
        if not self._is_proven():
            self._most_coverage()
        if self.stopped != "time":
            self._least_effort()

    def _check(self, event: Any) -> None:
        """Tell HiGHS, which asks now and then, to end its search once it has asked too often."""
        self.checks_left -= 1
        if self.checks_left < 0:
            event.interrupt()

    def _is_proven(self) -> bool:
        return self.bound - self.coverage <= EXACT

    def _most_coverage(self) -> None:
        form = self.formulation
        self._aim(-_SCALE * np.concatenate([np.zeros(form.n), form.weight]), absolute_gap=_SCALE * EXACT / 2)
        self._relaxed()
        narrowed = self._narrow()
        for _ in range(_ROUNDS):
            if self._is_proven():
                return
            chosen = self._solved(self.nodes_left)
            if not narrowed:
                self._lower_bound(self.highs.getInfo().mip_dual_bound)
            if chosen is None or self.stopped or self._is_whole(chosen):
                return
            self._relaxed()
        if not self._is_proven():
            self.stopped = "nodes"

    def _lower_bound(self, objective: float) -> None:
        """Take over a bound on the first goal; a tenth of `EXACT` makes up for HiGHS' tolerances."""
        if np.isfinite(objective):
            now = self.programme.coverage(self.programme.have)
            self.bound = min(self.bound, now - objective / _SCALE + EXACT / 10)

    def _relaxed(self, *, bounds: bool = True) -> None:
        """Solve the relaxation, cutting circles off it; take over its bound and the order it leads to."""
        self.highs.setOptionValue("solve_relaxation", True)
        for _ in range(_RELAXED_ROUNDS):
            if not self._ran():
                break
            info = self.highs.getInfo()
            value = np.asarray(self.highs.getSolution().col_value)[: self.formulation.n]
            if bounds:
                self._lower_bound(info.objective_function_value)
            if not self._cut(violated(self.programme, value)):
                self._keep(guided(self.programme, np.where(value > EXACT, value, 0.0)))
                break
        self.highs.setOptionValue("solve_relaxation", False)

    def _narrow(self) -> bool:
        """Leave out what the relaxation likes least where there are too many courses; True if any."""
        n = self.formulation.n
        if n <= _MOST_COURSES or self.stopped:
            return False
        price = np.asarray(self.highs.getSolution().col_dual)
        price = price[:n].copy()
        price[self.best] = -np.inf
        out = np.sort(np.argsort(price, kind="stable")[_MOST_COURSES:]).astype(np.int32)
        self.highs.changeColsBounds(len(out), out, np.zeros(len(out)), np.zeros(len(out)))
        return True

    def _least_effort(self) -> None:
        """Make the effort least while what is covered stays; what cannot be put in order changes nothing."""
        programme, form = self.programme, self.formulation
        self.best = lean(programme, self.best)
        everyone = np.arange(form.n, dtype=np.int32)
        self.highs.changeColsBounds(form.n, everyone, np.zeros(form.n), np.ones(form.n))
        reached = np.flatnonzero((form.weight > 0) & (levels_after(programme, self.best)[form.skill] >= form.level))
        columns = (form.n + reached).astype(np.int32)
        self.highs.changeColsBounds(len(columns), columns, np.ones(len(columns)), np.ones(len(columns)))
        efforts = effort(programme)
        self._aim(np.concatenate([efforts, np.zeros(len(form.skill))]), relative_gap=_EFFORT_GAP)
        self._relaxed(bounds=False)
        self._narrow()
        stopped, nodes, self.checks_left = self.stopped, self.n_nodes, _EFFORT_CHECKS
        for _ in range(_EFFORT_ROUNDS):
            self.stopped = ""
            chosen = self._solved(_EFFORT_NODES)
            if chosen is None or self._is_whole(chosen, efforts) or self.stopped:
                break
            self._relaxed(bounds=False)
        self.stopped, self.n_nodes = self.stopped if self.stopped == "time" else stopped, nodes

    def _is_whole(self, chosen: IntArray, efforts: Numbers | None = None) -> bool:
        """Keep what of a choice can be put in order, if it is better, and cut off its circles; True if it has none."""
        order = in_order(self.programme, chosen)
        self._keep(order if len(order) == len(chosen) else extended(self.programme, order), efforts)
        value = np.zeros(self.formulation.n)
        value[chosen] = 1.0
        return not self._cut(violated(self.programme, value))

    def _keep(self, order: list[int], efforts: Numbers | None = None) -> None:
        coverage = covered(self.programme, order)
        less = efforts is not None and coverage == self.coverage and efforts[order].sum() < efforts[self.best].sum()
        if coverage > self.coverage or less:
            self.best, self.coverage = order, coverage

    def _aim(self, costs: Numbers, *, absolute_gap: float = EXACT, relative_gap: float = 0.0) -> None:
        """Set what is made least, over all columns, and how far from the least the search may end."""
        self.highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)
        self.highs.setOptionValue("mip_abs_gap", absolute_gap)
        self.highs.setOptionValue("mip_rel_gap", relative_gap)

    def _cut(self, rows: list[Row]) -> bool:
        """Add rows x_c ≤ Σ x_d; True if there are any."""
        for course, outside in rows:
            index = np.concatenate([[course], outside]).astype(np.int32)
            self.highs.addRow(-np.inf, 0.0, len(index), index, np.where(index == course, 1.0, -1.0))
        self.n_cuts += len(rows)
        return bool(rows)

    def _solved(self, max_nodes: int) -> IntArray | None:
        """Search and return the courses chosen, None if there is no choice.

        It does not start from the best order known: HiGHS 1.16 can lose columns of a given start in its presolve and
        then call a value optimal that no choice has (ADR 12).
        """
        self.highs.clearSolver()
        self.highs.setOptionValue("mip_max_nodes", max(0, max_nodes))
        if not self._ran() and not self.stopped:
            self.stopped = "nodes"
        info = self.highs.getInfo()
        self.n_nodes += max(0, info.mip_node_count)
        self.nodes_left -= max(1, info.mip_node_count)
        if info.primal_solution_status != _FEASIBLE:
            return None
        value = np.asarray(self.highs.getSolution().col_value)[: self.formulation.n]
        return np.flatnonzero(value > 1 / 2).astype(np.int32)

    def _ran(self) -> bool:
        """Run HiGHS in the time left; True if it came to its end, and `stopped` says so if time did not suffice."""
        from highspy import HighsModelStatus

        left = self.time_limit - self.seconds
        if left <= 0:
            self.stopped = "time"
            return False
        self.highs.setOptionValue("time_limit", left)
        self.highs.run()
        self.seconds = self.highs.getRunTime()
        status = self.highs.getModelStatus()
        if status == HighsModelStatus.kTimeLimit:
            self.stopped = "time"
        return bool(status == HighsModelStatus.kOptimal)


_FEASIBLE = 2
"""HiGHS' word for a solution that keeps all rows."""


def _highs(form: Formulation) -> Any:
    """Hand the columns and rows to HiGHS: quiet, one thread, a fixed seed, no restart, which doubled the time (ADR 12)."""
    import highspy

    class Quiet(highspy.Highs):
        """HiGHS told to be quiet before it makes its callbacks, which prints a banner."""

        def enableCallbacks(self) -> None:  # noqa: N802
            """Make them."""
            self.setOptionValue("output_flag", False)
            super().enableCallbacks()  # type: ignore[no-untyped-call]

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
    for option, value in (("threads", 1), ("random_seed", 0), ("mip_allow_restart", False)):
        highs.setOptionValue(option, value)
    highs.passModel(lp)
    return highs
