"""From ranked lists to numbers: means over people with intervals, comparisons, slices, cold courses, the ablation.

Cases are averaged per person first, over all cuts a person appears in, so that a person weighs once and is one unit of
the bootstrap. All models share the resamples, so comparisons are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from recommender.arrays import NONE, BoolArray, IntArray
from recommender.company import Completions, Dataset
from training.evaluation_stage import COLD_ONLY, Lists, Stage, cold_by_id
from training.intervals import Sampled, sampled_means
from training.metrics import ACCURACY, DoubleArray, coverage, mean_per_employee, random_ndcg, values_per_case
from training.split import Cases, Protocol

MODEL = "model"
BEST_BASELINE = "best baseline by validation"
"""At each cut the family with the highest validation figure; pooled over cuts."""
BY_ID = "order of id"
"""Among cold courses: what their ids alone give away."""
MAIN_K = 10
MAIN_METRIC = f"ndcg@{MAIN_K}"
SLICE_METRICS = tuple(f"{name}@{MAIN_K}" for name in ACCURACY)


@dataclass(frozen=True)
class CutResult:
    """A test cut and the lists of each model at it: `lists[model][question]`."""

    stage: Stage
    lists: dict[str, Lists]


@dataclass(frozen=True, slots=True)
class SummaryConfig:
    """Depths, slice borders and resampling; fields as in `evaluate.EvaluationConfig`."""

    ks: tuple[int, ...]
    history_from: tuple[int, ...]
    min_slice_employees: int
    max_slices: int
    n_resamples: int
    seed: int


@dataclass(frozen=True)
class Pooled:
    """The cases of one protocol over all cuts, row by row, and what each model's lists are worth.

    `values[model]` is (n_cases, n_metrics), columns as in `metrics`.
    """

    cut: IntArray
    employee_idx: IntArray
    history_length: IntArray
    role_idx: IntArray
    metrics: tuple[str, ...]
    values: Mapping[str, DoubleArray]


def summary(
    data: Dataset, cuts: Sequence[CutResult], choices: Sequence[Mapping[str, Any]], how: SummaryConfig
) -> dict[str, Any]:
    """Return all numbers of an evaluation by protocol, and the windows they come from."""
    protocols = list(cuts[0].stage.cases)
    return {
        "windows": [_window_facts(cut) for cut in cuts],
        "protocols": {name: _protocol_summary(data, cuts, name, choices, how) for name in protocols},
    }


def _protocol_summary(
    data: Dataset,
    cuts: Sequence[CutResult],
    protocol: Protocol,
    choices: Sequence[Mapping[str, Any]],
    how: SummaryConfig,
) -> dict[str, Any]:
    best = _best_family(choices, protocol, len(cuts))
    cases = [cut.stage.cases[protocol] for cut in cuts]
    pooled = pool(cases, _values(cuts, protocol, best, how.ks))
    warm = pooled.history_length > 0
    everyone = np.ones(len(warm), dtype=np.bool_)
    main = [name for name in pooled.values if not name.startswith("without ")]
    per_cut = [group_facts(pooled, warm & (pooled.cut == i), main, SLICE_METRICS, how) for i in range(len(cuts))]
    overall = group_facts(pooled, warm, main, pooled.metrics, how)
    return {
        "best_baseline": {"by_validation_per_cut": best, "on_test": _best_on_test(overall)},
        "warm": overall,
        "all": group_facts(pooled, everyone, main, pooled.metrics, how),
        "per_cut": per_cut,
        "coverage": _coverage(cuts, protocol, how.ks),
        "slices": {
            "history": history_slices(pooled, main, how),
            "new": _new_people(data, cases, pooled, main, how),
            "role": _role_slices(data, pooled, main, how),
        },
        "cold_courses": _cold_summary(cuts, protocol, how),
        "ablation": _ablation(pooled, warm, how),
    }


def _values(
    cuts: Sequence[CutResult], protocol: Protocol, best: Sequence[str], ks: tuple[int, ...]
) -> dict[str, list[dict[str, DoubleArray]]]:
    """Return the per-case metrics of each model at each cut, for models that have lists at all of them."""
    names = [name for name in cuts[0].lists if all(protocol in cut.lists[name] for cut in cuts)]
    values = {
        name: [
            values_per_case(cut.lists[name][protocol], cut.stage.cases[protocol].targets, cut.stage.popularity, ks)
            for cut in cuts
        ]
        for name in names
    }
    if best:
        values[BEST_BASELINE] = [values[family][i] for i, family in enumerate(best)]
    return values


def pool(cases: Sequence[Cases], values: Mapping[str, Sequence[Mapping[str, DoubleArray]]]) -> Pooled:
    """Lay the cases of several cuts under each other."""
    metrics = tuple(next(iter(values.values()))[0])
    return Pooled(
        cut=np.repeat(np.arange(len(cases), dtype=np.int32), [len(one) for one in cases]),
        employee_idx=np.concatenate([one.employee_idx for one in cases]),
        history_length=np.concatenate([one.history_length for one in cases]),
        role_idx=np.concatenate([one.role_idx for one in cases]),
        metrics=metrics,
        values={
            model: np.column_stack([np.concatenate([cut[metric] for cut in per_cut]) for metric in metrics])
            for model, per_cut in values.items()
        },
    )


def _sampled(
    pooled: Pooled, rows: BoolArray, models: Sequence[str], metrics: Sequence[str], how: SummaryConfig
) -> tuple[int, dict[tuple[str, str], Sampled]]:
    """Return how many people the rows belong to, and each model's resampled mean of each metric."""
    columns = [pooled.metrics.index(metric) for metric in metrics]
    table = np.column_stack([pooled.values[model][rows][:, columns] for model in models])
    people, means = mean_per_employee(pooled.employee_idx[rows], table)
    sampled = sampled_means(means, n_resamples=how.n_resamples, seed=how.seed)
    return len(people), dict(zip([(model, metric) for model in models for metric in metrics], sampled, strict=True))


def group_facts(
    pooled: Pooled, rows: BoolArray, models: Sequence[str], metrics: Sequence[str], how: SummaryConfig
) -> dict[str, Any]:
    """Return every model's metrics over the people of some rows, and the model against each baseline, paired."""
    n_people, sampled = _sampled(pooled, rows, models, metrics, how)
    facts: dict[str, Any] = {"n_employees": n_people, "n_cases": int(rows.sum())}
    facts["models"] = {m: {x: sampled[m, x].interval().as_list() for x in metrics} for m in models}
    if MODEL in models:
        compared = [metric for metric in metrics if metric.partition("@")[0] in ACCURACY]
        facts["model_against"] = {
            other: {
                metric: {
                    "difference": sampled[MODEL, metric].minus(sampled[other, metric]).as_list(),
                    "ratio": sampled[MODEL, metric].over(sampled[other, metric]).as_list(),
                }
                for metric in compared
            }
            for other in models
            if other != MODEL
        }
    return facts


def history_slices(pooled: Pooled, models: Sequence[str], how: SummaryConfig) -> dict[str, Any]:
    """Return the figures by how many courses people had completed when asked."""
    borders = [0, *how.history_from, np.iinfo(np.int32).max]
    slices = {}
    for low, high in pairwise(borders):
        rows = (pooled.history_length >= low) & (pooled.history_length < high)
        slices[_span_in_words(low, high - 1, last=high == borders[-1])] = rows
    return {name: group_facts(pooled, rows, models, SLICE_METRICS, how) for name, rows in slices.items() if rows.any()}


def _new_people(
    data: Dataset, cases: Sequence[Cases], pooled: Pooled, models: Sequence[str], how: SummaryConfig
) -> dict[str, Any]:
    """Judge people nothing is known of but who they are: no completion, or none but what was assigned to them."""
    chosen = np.concatenate([n_chosen(data.completions, one) for one in cases])
    aims = [query.target_role_idx != NONE for one in cases for query in one.queries]
    aiming = (pooled.role_idx != NONE) & np.array(aims, dtype=np.bool_)
    slices = {
        "no completion": pooled.history_length == 0,
        "none by choice": chosen == 0,
        "none by choice, role and target role known": (chosen == 0) & aiming,
    }
    return {name: group_facts(pooled, rows, models, SLICE_METRICS, how) for name, rows in slices.items() if rows.any()}


def n_chosen(completions: Completions, cases: Cases) -> IntArray:
    """Return how many courses each person had completed by choice when asked, shape (n_cases,)."""
    chosen = np.concatenate([[0], np.cumsum(completions.targets)])
    asked = zip(cases.employee_idx.tolist(), cases.queries, strict=True)
    spans = [completions.span(employee, query.as_of) for employee, query in asked]
    return np.array([chosen[span.stop] - chosen[span.start] for span in spans], dtype=np.int32)


def _span_in_words(low: int, high: int, *, last: bool) -> str:
    if last:
        return f"{low}+"
    return str(low) if low == high else f"{low}–{high}"


def _role_slices(data: Dataset, pooled: Pooled, models: Sequence[str], how: SummaryConfig) -> dict[str, Any]:
    """Return the largest roles with enough people, largest first; people without a known role are left out."""
    sizes = {
        int(role): len(np.unique(pooled.employee_idx[pooled.role_idx == role]))
        for role in np.unique(pooled.role_idx)
        if role != NONE
    }
    kept = sorted((role for role, n in sizes.items() if n >= how.min_slice_employees), key=lambda r: (-sizes[r], r))
    return {
        data.roles.ids[role]: group_facts(pooled, pooled.role_idx == role, models, SLICE_METRICS, how)
        for role in kept[: how.max_slices]
    }


def _coverage(cuts: Sequence[CutResult], protocol: Protocol, ks: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Return the share of the catalogue shown to anyone at a cut, averaged over cuts."""
    n_courses = len(cuts[0].stage.past.catalog)
    names = [name for name in cuts[0].lists if all(protocol in cut.lists[name] for cut in cuts)]
    return {
        name: {
            f"coverage@{k}": float(np.mean([coverage(cut.lists[name][protocol], n_courses, k) for cut in cuts]))
            for k in ks
        }
        for name in names
    }


def _cold_summary(cuts: Sequence[CutResult], protocol: Protocol, how: SummaryConfig) -> dict[str, Any]:
    """Judge courses nobody had completed before the cut: in the full ranking, and among cold courses alone."""
    cases = [cut.stage.cold_cases[protocol] for cut in cuts]
    if not any(len(one) for one in cases):
        return {"n_cases": 0}
    names = [name for name in cuts[0].lists if all(protocol + COLD_ONLY in cut.lists[name] for cut in cuts)]
    index = [_positions(cut.stage.cases[protocol], one) for cut, one in zip(cuts, cases, strict=True)]
    mixed = {n: [cut.lists[n][protocol][rows] for cut, rows in zip(cuts, index, strict=True)] for n in names}
    alone = {n: [cut.lists[n][protocol + COLD_ONLY] for cut in cuts] for n in names}
    alone[BY_ID] = [cold_by_id(cut.stage, protocol, k=MAIN_K) for cut in cuts]
    pooled_mixed, pooled_alone = (_pool_cold(cuts, cases, lists) for lists in (mixed, alone))
    everyone = np.ones(len(pooled_alone.cut), dtype=np.bool_)
    return {
        "full ranking": group_facts(pooled_mixed, everyone, names, SLICE_METRICS, how),
        "among cold courses": group_facts(pooled_alone, everyone, list(alone), SLICE_METRICS, how),
        "against_random_order": _against_random(pooled_alone, cuts, protocol, how),
    }


def _pool_cold(cuts: Sequence[CutResult], cases: Sequence[Cases], lists: Mapping[str, Sequence[IntArray]]) -> Pooled:
    values = {
        name: [
            values_per_case(ranked, one.targets, cut.stage.popularity, (MAIN_K,))
            for cut, one, ranked in zip(cuts, cases, per_cut, strict=True)
        ]
        for name, per_cut in lists.items()
    }
    return pool(cases, values)


def _against_random(
    pooled: Pooled, cuts: Sequence[CutResult], protocol: Protocol, how: SummaryConfig
) -> dict[str, Any]:
    """Return each model's NDCG as a multiple of what a random order of the cold courses is expected to reach."""
    expected = np.concatenate([_expected_ndcg(cut.stage, protocol) for cut in cuts])
    column = pooled.metrics.index(MAIN_METRIC)
    table = np.column_stack([expected, *(values[:, column] for values in pooled.values.values())])
    _, means = mean_per_employee(pooled.employee_idx, table)
    random, *models = sampled_means(means, n_resamples=how.n_resamples, seed=how.seed)
    named = zip(pooled.values, models, strict=True)
    return {"expected": random.mean, "ratio": {name: one.over(random).as_list() for name, one in named}}


def _expected_ndcg(stage: Stage, protocol: Protocol) -> DoubleArray:
    cases, packed = stage.cold_cases[protocol], stage.cold_allowed[protocol]
    allowed = np.unpackbits(packed, axis=1, count=len(stage.past.catalog)).view(np.bool_)
    shown = allowed.sum(axis=1).astype(np.int32)
    rankable = [int(allowed[i, cases.targets.row(i)].sum()) for i in range(len(cases))]
    return random_ndcg(shown, np.array(rankable, dtype=np.int32), cases.n_targets, MAIN_K)


def _positions(cases: Cases, part: Cases) -> IntArray:
    place = {id(query): i for i, query in enumerate(cases.queries)}
    return np.array([place[id(query)] for query in part.queries], dtype=np.int32)


def _ablation(pooled: Pooled, warm: BoolArray, how: SummaryConfig) -> dict[str, Any]:
    names = [name for name in pooled.values if name.startswith("without ")]
    if not names:
        return {}
    _, sampled = _sampled(pooled, warm, [MODEL, *names], SLICE_METRICS, how)
    return {
        name: {
            metric: {
                "value": sampled[name, metric].interval().as_list(),
                "difference": sampled[name, metric].minus(sampled[MODEL, metric]).as_list(),
            }
            for metric in SLICE_METRICS
        }
        for name in names
    }


def _best_family(choices: Sequence[Mapping[str, Any]], protocol: Protocol, n_cuts: int) -> list[str]:
    """Return the family with the best validation figure at each cut; empty without baselines."""
    best = []
    for cut in range(n_cuts):
        rows = [row for row in choices if row["cut"] == cut and row["protocol"] == protocol and row["chosen"]]
        if not rows:
            return []
        best.append(max(rows, key=lambda row: -1.0 if row[MAIN_METRIC] is None else row[MAIN_METRIC])["family"])
    return best


def _best_on_test(overall: Mapping[str, Any]) -> str:
    """Return the baseline family with the highest test figure over all cuts: the harshest to compare with."""
    rows = {name: one[MAIN_METRIC][0] for name, one in overall["models"].items() if name not in (MODEL, BEST_BASELINE)}
    return max(rows, key=lambda name: -1.0 if rows[name] is None else rows[name]) if rows else ""


def _window_facts(cut: CutResult) -> dict[str, Any]:
    stage = cut.stage
    facts: dict[str, Any] = {
        "cut": str(np.datetime64(stage.window.start, "s")),
        "end": str(np.datetime64(stage.window.end, "s")),
        "n_completions_before": len(stage.past.completions),
        "n_cold_courses": int(stage.cold.sum()),
    }
    for name, cases in stage.cases.items():
        rankable = stage.rankable(name)
        warm = np.repeat(cases.history_length > 0, cases.n_targets)
        facts[name] = {
            "n_cases": len(cases),
            "n_warm_cases": int((cases.history_length > 0).sum()),
            "n_targets": len(rankable),
            "share_not_rankable": float(1 - rankable.mean()) if len(rankable) else None,
            "share_not_rankable_warm": float(1 - rankable[warm].mean()) if warm.any() else None,
        }
    return facts
