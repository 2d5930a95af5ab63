"""Fit on the past, test on the future: the model and every baseline, over rolling cuts, in one run.

At each cut every baseline family is represented by the setting that was best on the window just before the cut, chosen
separately for each protocol by the protocol's own NDCG@10 of people with a history. The model chooses for itself, from
the same past.
"""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from recommender.arrays import EARLIEST, NONE
from recommender.company import Dataset
from training.baselines import FAMILIES, Family
from training.engines import HERE, Engine
from training.evaluation_extra import learning_curve, live_summary
from training.evaluation_run import EvaluationConfig, FitModel, Run, run_gain_per_hour, run_model, run_stages
from training.evaluation_stage import Eligible, ListStore
from training.evaluation_summary import CutResult, SummaryConfig, summary
from training.goals.measured import GoalConfig
from training.goals.summary import goal_summary
from training.live_version import Live
from training.progress import Progress
from training.provenance import source_fingerprint
from training.split import rolling_windows

__all__ = ["EvaluationConfig", "FitModel", "evaluate"]


def evaluate(
    data: Dataset,
    *,
    fit_model: FitModel | None,
    eligible: Eligible,
    report_dir: Path,
    config: EvaluationConfig | None = None,
    model_key: str = "",
    scorers: Sequence[str] = (),
    planners: Sequence[str] | None = None,
    live: Live | str = "not asked for",
    with_learning_curve: bool = False,
    engine: Engine = HERE,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Judge a model and the baselines on what people did after each cut.

    Parameters
    ----------
    fit_model
        Called with the rows strictly before a cut and the cut; returns the ranker of that cut. None runs the
        baselines alone.
    eligible
        Which courses a query may be shown, (n_courses,); the baselines are held to it, and what was completed before
        is left out in any case.
    report_dir
        Where finished lists are kept (`lists/`); a rerun with the same inputs takes them from there.
    model_key
        Says which model `fit_model` fits: must change whenever its lists would.
    scorers
        Names the model can be ranked without, for the ablation.
    planners
        Names of the plans a fitted model has; None if what `fit_model` returns is no `goals.lists.GoalRanker`.
    live
        The live version, to be asked the same where that is fair, or why there is none.
    with_learning_curve
        Whether the model of the last cut is fitted on some of the people's completions too.
    engine
        Where questions are ranked; fits are made here. The results do not depend on it.

    Returns
    -------
    Everything measured, ready for JSON; `evaluation_report` shows it.

    Raises
    ------
    DataError
        If there are too few completions for the cuts asked for.
    """
    began = time.perf_counter()
    config = config or EvaluationConfig()
    windows = rolling_windows(
        data.completions, n_cuts=config.n_cuts, horizon_days=config.horizon_days, share_after=config.share_after
    )
    store = ListStore(report_dir / "lists", _depends_on(data, config, eligible))
    run = Run(data, config, store, eligible, progress or _silent, engine)
    families, skipped = _families(data, config)
    cuts = run_stages(run, windows, families)
    for cut in cuts:
        run_gain_per_hour(run, cut)
        if fit_model is not None:
            run_model(run, cut, fit_model, model_key, scorers, planners)
    following_began = time.perf_counter()
    goals = goal_summary(data, cuts, _goal_config(config), run.progress)
    following = time.perf_counter() - following_began
    how = _summary_config(config)
    besides = _besides(run, cuts, fit_model, model_key, live, how, with_learning_curve=with_learning_curve)
    run.progress("intervals")
    return {
        "format": 1,
        "settings": {**asdict(config), "model_key": model_key, "scorers": list(scorers)},
        "data": _data_facts(data),
        "undated": undated(data),
        "skipped": skipped,
        "tuning": run.choices,
        **summary(data, cuts, run.choices, how),
        "goals": goals,
        **besides,
        "seconds": {"total": time.perf_counter() - began, "following": following, **run.seconds},
    }


def _besides(
    run: Run,
    cuts: Sequence[CutResult],
    fit_model: FitModel | None,
    model_key: str,
    live: Live | str,
    how: SummaryConfig,
    *,
    with_learning_curve: bool,
) -> dict[str, Any]:
    """Return the comparison with the live version, the learning curve, and the calibration of the last fit."""
    if fit_model is None:
        left_out = {"skipped": "the model was left out"}
        return {"live": left_out, "learning_curve": left_out, "calibration": left_out}
    unasked = {"skipped": "not asked for; `--learning-curve` asks for it"}
    told = run.fit_reports.get(cuts[-1].stage.window.start, {})
    return {
        "live": live_summary(run, cuts, live, how, model_key=model_key),
        "learning_curve": learning_curve(run, cuts[-1], fit_model, model_key, how) if with_learning_curve else unasked,
        "calibration": told.get("calibration", {"skipped": "the model says nothing of its own fit"}),
    }


def _summary_config(config: EvaluationConfig) -> SummaryConfig:
    return SummaryConfig(
        ks=config.ks,
        history_from=config.history_from,
        min_slice_employees=config.min_slice_employees,
        max_slices=config.max_slices,
        n_resamples=config.n_resamples,
        seed=config.seed,
    )


def _goal_config(config: EvaluationConfig) -> GoalConfig:
    return GoalConfig(config.hours, config.max_followed, config.n_resamples, config.seed)


def _silent(step: str, done: int = 0, total: int = 0) -> None:
    del step, done, total


def _families(data: Dataset, config: EvaluationConfig) -> tuple[list[Family], dict[str, str]]:
    wanted = [family for family in FAMILIES if config.families is None or family.name in config.families]
    skipped = {family.name: reason for family in wanted if (reason := family.unavailable(data))}
    return [family for family in wanted if family.name not in skipped], skipped


def _depends_on(data: Dataset, config: EvaluationConfig, eligible: Eligible) -> str:
    here = Path(__file__).parent
    shared = [here / "split.py", here / "evaluation_stage.py", here / "baselines" / "interactions.py"]
    shared += [here / "following.py", here / "goals" / "people.py", here / "goals" / "lists.py"]
    shared += [
        here.parent / "recommender" / name
        for name in (
            "query.py",
            "eligibility.py",
            "eligibility_kernels.pyx",
            "skills.py",
            "question.pyx",
            "kernels.pyx",
        )
    ]
    code = source_fingerprint([*shared, *_source_of(eligible)])
    asked = (config.seed, max(config.ks), config.max_employees, config.max_followed, *config.hours, *config.protocols)
    return "|".join(map(str, (data.fingerprint, _rows_fingerprint(data), code, *asked)))


def _source_of(function: Eligible) -> list[Path]:
    """Return the file a plain function is written in; nothing for other callables."""
    return [Path(inspect.getfile(function))] if inspect.isfunction(function) else []


def _rows_fingerprint(data: Dataset) -> str:
    rows = data.completions
    digest = hashlib.sha256()
    for array in (rows.employee_idx, rows.course_idx, rows.at, rows.assigned):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def undated(data: Dataset) -> dict[str, int]:
    """Count what has no date: questions about the past see none of it but the roles, taken to be held all along."""
    people = data.people
    moved = np.diff(people.role_changes.indptr) > 0
    return {
        "target roles": int(((people.target_role_idx != NONE) & (people.target_since == EARLIEST)).sum()),
        "feedback": int((people.feedback.at == EARLIEST).sum()),
        "claims about skills": int((people.evidence.at == EARLIEST).sum()),
        "courses begun": int((people.begun.at == EARLIEST).sum()),
        "assignments": len(people.assignments),
        "roles": int(((people.role_idx != NONE) & (people.hired_at == EARLIEST) & ~moved).sum()),
    }


def _data_facts(data: Dataset) -> dict[str, Any]:
    rows = data.completions
    return {
        "fingerprint": data.fingerprint,
        "n_courses": len(data.catalog),
        "n_employees_with_completions": len(np.unique(rows.employee_idx)),
        "n_completions": len(rows),
        "n_completions_by_choice": int(rows.targets.sum()),
    }
