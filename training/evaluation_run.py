"""Do the work of an evaluation: fit, rank and save, cut by cut, and choose each baseline's setting on the way."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from recommender.arrays import IntArray
from recommender.company import Dataset
from recommender.errors import ConfigError
from recommender.query import Query
from training.baselines import FAMILIES, Family, Setting, words
from training.engines import HERE, Engine, ThreadEngine
from training.evaluation_stage import (
    Eligible,
    Lists,
    ListStore,
    Ranker,
    Reporting,
    Stage,
    baseline_lists,
    model_lists,
    ranked_in_chunks,
)
from training.evaluation_summary import MAIN_K, MAIN_METRIC, MODEL, CutResult
from training.goals.lists import GAIN_PER_HOUR, OVER_GOALS, Tick, lists_over_goals, planned
from training.goals.people import GoalPeople, gain_per_hour
from training.goals.tradeoff import TRADE_OFF_HOURS
from training.metrics import hits_of, mean_per_employee, ndcg
from training.progress import Progress
from training.provenance import source_fingerprint
from training.split import PROTOCOLS, Cases, Protocol, Window

FitModel = Callable[[Dataset, int], Ranker]


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """What is run. Every field is written into metrics.json.

    Parameters
    ----------
    n_cuts, horizon_days, share_after
        Where the cuts lie, see `split.rolling_windows`.
    ks
        Depths of the lists judged; 10 must be among them.
    families
        Names of the baselines to run, None for all.
    ablation_protocols
        Protocols in which the model is also ranked without each scorer.
    max_employees
        People asked a cut and protocol, drawn at random; None asks everyone.
    hours, max_followed
        Hours for which lists are followed, and how many people a cut, drawn at random from those with a gap; 0 leaves
        it out.
    threads
        Threads of LightFM, ALS and ranking. With more than one LightFM's numbers vary a little from run to run.
    """

    n_cuts: int = 3
    horizon_days: float | None = None
    share_after: float = 0.2
    ks: tuple[int, ...] = (5, 10, 20)
    protocols: tuple[Protocol, ...] = PROTOCOLS
    families: tuple[str, ...] | None = None
    ablation_protocols: tuple[Protocol, ...] = ("window",)
    history_from: tuple[int, ...] = (1, 5)
    min_slice_employees: int = 20
    max_slices: int = 30
    n_resamples: int = 1000
    max_employees: int | None = None
    hours: tuple[float, ...] = (20.0, 40.0, 80.0)
    max_followed: int = 500
    seed: int = 0
    threads: int = 2

    def __post_init__(self) -> None:
        if MAIN_K not in self.ks or min(self.ks) < 1:
            raise ConfigError(f"evaluation.ks: {self.ks}; expected depths of 1 or more, {MAIN_K} among them.")
        if self.n_resamples < 1000:
            raise ConfigError(f"evaluation.n_resamples: {self.n_resamples}; expected at least 1000.")
        if TRADE_OFF_HOURS not in self.hours or min(self.hours) <= 0 or self.max_followed < 0:
            raise ConfigError(
                f"evaluation: hours {self.hours}, max_followed {self.max_followed}; expected hours above 0, "
                f"{TRADE_OFF_HOURS:g} among them, and 0 people or more."
            )
        unknown = set(self.families or ()) - {family.name for family in FAMILIES}
        if unknown:
            known = ", ".join(family.name for family in FAMILIES)
            raise ConfigError(f"evaluation.families: {', '.join(sorted(unknown))}; expected some of: {known}.")


@dataclass(slots=True)
class Run:
    """One evaluation under way: what it reads, where it saves, what it has chosen and how long it took.

    `fit_reports` is what the fits of the model said of themselves, by the cut's moment; `engine` where questions are
    ranked.
    """

    data: Dataset
    config: EvaluationConfig
    store: ListStore
    eligible: Eligible
    progress: Progress
    engine: Engine = HERE
    choices: list[dict[str, Any]] = field(default_factory=list)
    fit_reports: dict[int, dict[str, Any]] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def engine_of_baselines(self) -> Engine:
        """Where baselines are ranked: on this machine in threads, as they spend their time in NumPy and may be large."""
        return ThreadEngine(self.config.threads) if self.engine.shares_files else self.engine

    def spent(self, name: str, seconds: dict[str, float]) -> None:
        """Add to the seconds of a model, by what they went into."""
        total = self.seconds.setdefault(name, {})
        for what, value in seconds.items():
            total[what] = total.get(what, 0.0) + value


def run_stages(run: Run, windows: Sequence[Window], families: Sequence[Family]) -> list[CutResult]:
    """Visit validation and test windows in time order; one that is both is fitted and ranked once."""
    validates: dict[Window, int] = {window.before: i for i, window in enumerate(windows)}
    chosen: dict[tuple[int, str, str], int] = {}
    cuts: list[CutResult] = []
    for window in sorted({*validates, *windows}):
        stage = _stage(run, window, follows=window in windows)
        cut = CutResult(stage, {}) if window in windows else None
        for family in families:
            wanted = _wanted(family, chosen, windows, window, every=window in validates)
            lists = _family_lists(run, family, stage, wanted)
            if cut is not None:
                cut.lists[family.name] = _as_chosen(lists, family, chosen, windows.index(window), run.config.protocols)
            if window in validates:
                _choose(run, family, stage, lists, validates[window], chosen)
        if cut is not None:
            cuts.append(cut)
    return cuts


def _stage(run: Run, window: Window, *, follows: bool) -> Stage:
    config = run.config
    return Stage.of(
        run.data,
        window,
        config.protocols,
        eligible=run.eligible,
        max_employees=config.max_employees,
        max_followed=config.max_followed if follows else 0,
        seed=config.seed,
    )


def _wanted(
    family: Family,
    chosen: dict[tuple[int, str, str], int],
    windows: Sequence[Window],
    window: Window,
    *,
    every: bool,
) -> list[int]:
    if every:
        return list(range(len(family.grid)))
    cut = windows.index(window)
    return sorted({setting for (at, name, _), setting in chosen.items() if at == cut and name == family.name})


def _as_chosen(
    lists: dict[int, Lists],
    family: Family,
    chosen: dict[tuple[int, str, str], int],
    cut: int,
    protocols: Sequence[Protocol],
) -> Lists:
    """Put together the lists of each protocol from the setting chosen for it."""
    together: Lists = {}
    for protocol in protocols:
        best = lists[chosen[cut, family.name, protocol]]
        together.update({name: ranked for name, ranked in best.items() if name.startswith(protocol)})
    return together


def _family_lists(run: Run, family: Family, stage: Stage, wanted: Sequence[int]) -> dict[int, Lists]:
    """Return the lists of some settings at a stage, from the store where they are, else fitted and saved."""
    config, window = run.config, stage.window
    key = {"cut": window.start, "end": window.end, "code": source_fingerprint([family.source])}
    paths = {i: run.store.path(family.name, **key, setting=dict(family.grid[i])) for i in wanted}
    done = {i: found for i, path in paths.items() if (found := run.store.load(path))}
    left = [i for i in wanted if i not in done]
    settings: list[Setting] = [family.grid[i] for i in left]
    fits = iter(family.fit_each(stage.past, settings, seed=config.seed, threads=config.threads))
    step = f"{_day(window.start)} {family.name}"
    for i in left:
        run.progress(step, len(done), len(wanted))
        began = time.perf_counter()
        fitted = next(fits)
        fit_done = time.perf_counter()
        lists = baseline_lists(fitted, stage, k=max(config.ks), engine=run.engine_of_baselines)
        seconds = {"fit": fit_done - began, "rank": time.perf_counter() - fit_done}
        run.store.save(paths[i], lists, seconds)
        done[i] = lists, seconds
    run.progress(step, len(wanted), len(wanted))
    for _, seconds in done.values():
        run.spent(family.name, seconds)
    return {i: lists for i, (lists, _) in done.items()}


def _choose(
    run: Run,
    family: Family,
    stage: Stage,
    lists: dict[int, Lists],
    cut: int,
    chosen: dict[tuple[int, str, str], int],
) -> None:
    """Note each setting's validation figure and the best setting of each protocol; the first of equal ones."""
    for protocol in run.config.protocols:
        figures = {i: warm_ndcg(stage.cases[protocol], ranked[protocol]) for i, ranked in lists.items()}
        best = max(figures, key=lambda i: (-math.inf if math.isnan(figures[i]) else figures[i], -i))
        chosen[cut, family.name, protocol] = best
        for i, figure in figures.items():
            run.choices.append(
                {
                    "cut": cut,
                    "protocol": protocol,
                    "family": family.name,
                    "setting": words(family.grid[i]),
                    MAIN_METRIC: None if math.isnan(figure) else figure,
                    "chosen": i == best,
                }
            )


def warm_ndcg(cases: Cases, ranked: IntArray) -> float:
    """Return mean NDCG@10 over the people with a history, NaN without any: what settings are chosen by."""
    warm = cases.history_length > 0
    if not warm.any():
        return math.nan
    gains = ndcg(hits_of(ranked, cases.targets), cases.n_targets, MAIN_K)
    return float(mean_per_employee(cases.employee_idx[warm], gains[warm])[1].mean())


@dataclass(slots=True)
class Fitting:
    """The model of a cut, fitted when first asked for; what that took is told once."""

    fit_model: FitModel
    past: Dataset
    cut: int
    ranker: Ranker | None = None
    seconds: float = 0.0

    def __call__(self) -> Any:
        """Return what ranks, fitted at the first call."""
        if self.ranker is None:
            began = time.perf_counter()
            self.ranker = self.fit_model(self.past, self.cut)
            self.seconds = time.perf_counter() - began
        return self.ranker

    def seconds_untold(self) -> float:
        """Return how long the fit took, 0 if that was told before or nothing was fitted."""
        told, self.seconds = self.seconds, 0.0
        return told


def run_model(
    run: Run,
    cut: CutResult,
    fit_model: FitModel,
    model_key: str,
    scorers: Sequence[str],
    planners: Sequence[str] | None = None,
) -> None:
    """Rank with the model, without each scorer, and toward the goal; it is fitted only if something is not in the store.

    `planners` names the plans of a fitted model, None if it is no `GoalRanker`.
    """
    config, stage, goals = run.config, cut.stage, cut.stage.goals
    model = Fitting(fit_model, stage.past, stage.window.start)

    def unit(name: str, lists: Callable[[], Lists], protocols: Sequence[str] = ()) -> None:
        _unit(run, cut, name, lists, fitting=model, model_key=model_key, protocols=list(protocols))

    told = run.store.path("fit report", cut=stage.window.start, end=stage.window.end, model_key=model_key)

    def ranked() -> Lists:
        lists = model_lists(model(), stage, k=max(config.ks), engine=run.engine)
        if isinstance(ranker := model(), Reporting):
            run.store.save_facts(told, ranker.report)
        return lists

    unit(MODEL, ranked)
    run.fit_reports[stage.window.start] = run.store.load_facts(told)
    for scorer in scorers if config.ablation_protocols else ():
        lists = partial(_without, run, model, stage, scorer)
        unit(f"without {scorer}", lists, config.ablation_protocols)
    if goals is not None and planners is not None:
        unit(OVER_GOALS, lambda: lists_over_goals(model(), goals, _ticks(run, cut, OVER_GOALS), run.engine))
        for name in planners:
            unit(name, partial(_planned, run, model, name, cut, goals))


def run_gain_per_hour(run: Run, cut: CutResult) -> None:
    """Plan by gain per hour for the people of a cut whose lists are followed."""
    goals, plan = cut.stage.goals, gain_per_hour(cut.stage.past)
    if goals is not None:
        tick = _ticks(run, cut, GAIN_PER_HOUR)
        _unit(run, cut, GAIN_PER_HOUR, lambda: planned(plan, goals, run.config.hours, tick, run.engine))


def _unit(
    run: Run, cut: CutResult, name: str, lists: Callable[[], Lists], *, fitting: Fitting | None = None, **key: Any
) -> None:
    """Take lists from the store, else make and save them."""
    cut.lists[name] = kept_lists(run, cut, name, lists, fitting=fitting, **key)


def kept_lists(
    run: Run, cut: CutResult, name: str, lists: Callable[[], Lists], *, fitting: Fitting | None = None, **key: Any
) -> Lists:
    """Return the lists of a unit of work from the store, else make and save them; `key` is what they depend on."""
    window = cut.stage.window
    path = run.store.path(name, cut=window.start, end=window.end, **key)
    found = run.store.load(path)
    if found is None:
        run.progress(f"{_day(window.start)} {name}")
        began = time.perf_counter()
        made = lists()
        took, fit = time.perf_counter() - began, fitting.seconds_untold() if fitting else 0.0
        found = made, {"fit": fit, "rank": took - fit}
        run.store.save(path, *found)
    run.spent(name, found[1])
    return found[0]


def _ticks(run: Run, cut: CutResult, name: str) -> Tick:
    return lambda done, total: run.progress(f"{_day(cut.stage.window.start)} {name}", done, total)


def _planned(run: Run, model: Fitting, name: str, cut: CutResult, goals: GoalPeople) -> Lists:
    return planned(model().planners()[name], goals, run.config.hours, _ticks(run, cut, name), run.engine)


def _without(run: Run, model: Fitting, stage: Stage, scorer: str) -> Lists:
    config = run.config
    asked: dict[str, Sequence[Query]] = {
        name: stage.cases[name].queries for name in config.ablation_protocols if name in stage.cases
    }
    return ranked_in_chunks(model(), asked, k=max(config.ks), without=(scorer,), engine=run.engine)


def _day(seconds: int) -> str:
    return str(np.datetime64(seconds, "s").astype("datetime64[D]"))
