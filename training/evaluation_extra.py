"""What an evaluation may measure besides: the live version on the same cases, and how figures rise with the data.

Both keep their lists in the store like everything else, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from recommender.company import Completions
from recommender.errors import DataError
from recommender.moments import moment_text
from recommender.query import Query
from training.evaluation_run import FitModel, Fitting, Run, kept_lists
from training.evaluation_stage import Lists, ranked_in_chunks
from training.evaluation_summary import (
    MAIN_METRIC,
    MODEL,
    SLICE_METRICS,
    CutResult,
    SummaryConfig,
    group_facts,
    history_slices,
    pool,
)
from training.live_version import Live
from training.metrics import values_per_case
from training.split import Protocol

LIVE = "live model"
SHARES = (0.25, 0.5)
"""Shares of the completions that the model is fitted on besides all of them: less than one more fit at one cut."""


def live_summary(
    run: Run, cuts: Sequence[CutResult], live: Live | str, how: SummaryConfig, *, model_key: str
) -> dict[str, Any]:
    """Compare the model with the live version at every cut that the live version looks from before.

    At a later one it would have seen what it is asked about. `live` may be the reason why there is none.
    """
    if isinstance(live, str):
        return {"skipped": live}
    fair = [cut for cut in cuts if live.as_of <= cut.stage.window.start]
    if not fair:
        last, seen = moment_text(cuts[-1].stage.window.start), moment_text(live.as_of)
        why = f"it looks from {seen[:10]}, after the last cut ({last[:10]}): it has seen what is asked"
        return {"skipped": why, "version": live.version}
    lists = [_live_lists(run, cut, live, model_key) for cut in fair]
    asked = {"version": live.version, "as_of": moment_text(live.as_of)}
    facts: dict[str, Any] = {**asked, "cuts": [moment_text(cut.stage.window.start) for cut in fair], "protocols": {}}
    for protocol in run.config.protocols:
        values = {
            name: [
                values_per_case(one[protocol], cut.stage.cases[protocol].targets, cut.stage.popularity, (10,))
                for cut, one in zip(fair, ranked, strict=True)
            ]
            for name, ranked in ((MODEL, [cut.lists[MODEL] for cut in fair]), (LIVE, lists))
        }
        pooled = pool([cut.stage.cases[protocol] for cut in fair], values)
        warm = pooled.history_length > 0
        facts["protocols"][protocol] = {
            "warm": group_facts(pooled, warm, [MODEL, LIVE], SLICE_METRICS, how),
            "history": history_slices(pooled, [MODEL, LIVE], how),
        }
    return facts


def _live_lists(run: Run, cut: CutResult, live: Live, model_key: str) -> Lists:
    stage, k = cut.stage, max(run.config.ks)

    def ranked() -> Lists:
        ranker = live.ranker(stage.past)
        asked: dict[str, Sequence[Query]] = {name: cases.queries for name, cases in stage.cases.items()}
        return ranked_in_chunks(ranker, asked, k=k, engine=run.engine)

    return kept_lists(run, cut, LIVE, ranked, live=live.key, model_key=model_key)


def learning_curve(run: Run, cut: CutResult, fit_model: FitModel, model_key: str, how: SummaryConfig) -> dict[str, Any]:
    """Fit on the histories of some of the people, at the last cut, and rank the same questions.

    People are drawn in one random order, so that a smaller share is part of a larger one; a person's history is left out
    whole or not at all, and everybody is asked about, folded in.
    """
    protocol: Protocol = run.config.ablation_protocols[0] if run.config.ablation_protocols else "window"
    cases, past = cut.stage.cases[protocol], cut.stage.past
    points: list[dict[str, Any]] = []
    found: dict[str, Lists] = {}
    for share in SHARES:
        some = past.with_completions(of_some_people(past.completions, share, seed=run.config.seed))
        fitting = Fitting(fit_model, some, cut.stage.window.start)
        lists = partial(_ranked, run, fitting, cut, protocol)
        name = f"learned from {share:g}"
        point = {"share": share, "completions": int(some.completions.targets.sum())}
        try:
            found[name] = kept_lists(run, cut, name, lists, fitting=fitting, model_key=model_key, protocol=protocol)
            points.append({**point, "name": name})
        except DataError as error:
            points.append({**point, "skipped": str(error)})
    points.append({"share": 1.0, "completions": int(past.completions.targets.sum()), "name": MODEL})
    found[MODEL] = cut.lists[MODEL]
    values = {
        name: [values_per_case(lists[protocol], cases.targets, cut.stage.popularity, (10,))]
        for name, lists in found.items()
    }
    pooled = pool([cases], values)
    group = group_facts(pooled, pooled.history_length > 0, list(found), SLICE_METRICS, how)
    for point in points:
        if "name" in point:
            point[MAIN_METRIC] = group["models"][point.pop("name")][MAIN_METRIC]
    less = {name: one[MAIN_METRIC]["difference"] for name, one in group.get("model_against", {}).items()}
    return {
        "cut": moment_text(cut.stage.window.start),
        "protocol": protocol,
        "n_employees": group["n_employees"],
        "points": points,
        "whole_less_half": less.get(f"learned from {SHARES[-1]:g}"),
    }


def _ranked(run: Run, fitting: Fitting, cut: CutResult, protocol: Protocol) -> Lists:
    asked: dict[str, Sequence[Query]] = {protocol: cut.stage.cases[protocol].queries}
    return ranked_in_chunks(fitting(), asked, k=max(run.config.ks), engine=run.engine)


def of_some_people(completions: Completions, share: float, *, seed: int) -> Completions:
    """Return the completions of people drawn at random until they hold a share of those by choice."""
    order = np.random.default_rng(seed).permutation(completions.n_employees)
    held = np.bincount(completions.employee_idx[completions.targets], minlength=completions.n_employees)
    enough = int(np.searchsorted(np.cumsum(held[order]), share * held.sum())) + 1
    kept = np.isin(completions.employee_idx, order[:enough])
    return Completions.from_columns(
        completions.employee_idx[kept],
        completions.course_idx[kept],
        completions.at[kept],
        assigned=completions.assigned[kept],
        n_employees=completions.n_employees,
    )
