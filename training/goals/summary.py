"""From what is measured of people to numbers with intervals: coverage at hours, the trade-off, human against technical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.company import Dataset
from training.evaluation_summary import CutResult
from training.goals.lists import MODEL_AS_ASKED, OVER_GOALS, PATH, baselines_of
from training.goals.measured import (
    HUMAN,
    Columns,
    Followers,
    GoalConfig,
    Key,
    common_names,
    followed_columns,
    kind_columns,
)
from training.goals.tradeoff import trade_off
from training.intervals import Sampled
from training.progress import Progress


def goal_summary(data: Dataset, cuts: Sequence[CutResult], how: GoalConfig, progress: Progress) -> dict[str, Any]:
    """Return everything measured of following lists to a role; why not, under `skipped`, where nothing was."""
    followers = [(cut.stage.goals, cut.lists) for cut in cuts if cut.stage.goals is not None]
    if not followers:
        return {"skipped": _why_nobody(data, how)}
    columns = followed_columns(followers, how.hours, lambda done, total: progress("following lists", done, total))
    progress("following lists over the weight of the goal")
    everyone = np.ones(len(columns.employee_idx), dtype=np.bool_)
    n_people, sampled = columns.sampled(everyone, how)
    facts: dict[str, Any] = {
        "n_employees": n_people,
        "n_cases": len(everyone),
        "n_cases_reskill": int(sum(people.reskilling.sum() for people, _ in followers)),
        "before": sampled["before",].interval().as_list(),
        "hours": {f"{hours:g}": coverage_at(sampled, followers, hours) for hours in how.hours},
    }
    if all(OVER_GOALS in lists for _, lists in followers):
        facts["trade_off"] = trade_off(followers, how)
    if HUMAN in data.skills.kinds:
        facts["kinds"] = share_by_kind(kind_columns(followers, data.skills), common_names(followers), how)
    return facts


def coverage_at(sampled: Mapping[Key, Sampled], followers: Sequence[Followers], hours: float) -> dict[str, Any]:
    """Return what following each list for some hours leads to, and the path and the model against every other list.

    `after` is coverage, `gained` what it rose by, `hours` what was used of them, `gained_per_hour` the mean gained
    through the mean used. Differences and ratios are paired by person.
    """
    names = common_names(followers)
    before = sampled["before",]
    after = {name: sampled["after", name, hours] for name in names}
    gained = {name: one.less(before) for name, one in after.items()}
    lists = {
        name: {
            "after": after[name].interval().as_list(),
            "gained": gained[name].interval().as_list(),
            "gained_per_hour": gained[name].over(sampled["hours", name, hours]).as_list(),
            "hours": sampled["hours", name, hours].interval().as_list(),
        }
        for name in names
    }
    against = {
        leader: {
            other: {
                "difference": after[leader].minus(after[other]).as_list(),
                "ratio": after[leader].over(after[other]).as_list(),
                "gained_ratio": gained[leader].over(gained[other]).as_list(),
            }
            for other in names
            if other != leader
        }
        for leader in (PATH, MODEL_AS_ASKED)
        if leader in names
    }
    baselines = [name for name in baselines_of(followers[0][1]) if name in names]
    best = max(baselines, key=lambda name: after[name].mean, default="")
    return {"lists": lists, "against": against, "best_baseline": best}


def share_by_kind(columns: Columns, names: Sequence[str], how: GoalConfig) -> dict[str, Any]:
    """Return the share of human skills in what is missing, and in what each list lifts; both importance-weighted.

    A share is Σ over people of the human part through Σ of the whole; the difference is lifted less missing, paired.
    """
    _, sampled = columns.sampled(np.ones(len(columns.employee_idx), dtype=np.bool_), how)
    missing = sampled["missing", "human"].divided_by(sampled["missing", "all"])
    lifted = {name: sampled["lifted", name, "human"].divided_by(sampled["lifted", name, "all"]) for name in names}
    return {
        "missing": missing.interval().as_list(),
        "lifted": {
            name: {"share": one.interval().as_list(), "less_missing": one.minus(missing).as_list()}
            for name, one in lifted.items()
        },
    }


def _why_nobody(data: Dataset, how: GoalConfig) -> str:
    if how.max_followed == 0:
        return "not asked for"
    if not len(data.roles.needs.skill_idx):
        return "no role needs a skill"
    return "nobody asked at a cut had a role with a gap"
