"""The product's own model as an evaluation judges it: fitted anew at every cut on what came before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from recommender.arrays import BoolArray, IntArray
from recommender.company import Dataset
from recommender.eligibility import eligible
from recommender.engine import Recommender
from recommender.model import Scorers
from recommender.modes import MODES
from recommender.query import Query
from training.config import FitConfig
from training.fit import fit
from training.following import PathPlanner, Planner, levels_seen
from training.goals.lists import PATH
from training.provenance import source_files, source_fingerprint

_ROOT = Path(__file__).resolve().parent.parent


def may_be_shown(data: Dataset, query: Query) -> BoolArray:
    """Tell of each course whether the model could show it, declared entry levels included, shape (n_courses,)."""
    return eligible(data.catalog, query, levels=levels_seen(data, query))


@dataclass(frozen=True)
class JudgedAtCut:
    """The model of one cut, as `evaluation_stage.GoalRanker` asks it."""

    recommender: Recommender
    report: Mapping[str, Any] = field(default_factory=dict)

    def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
        """Return the k best courses of each query at goal weight 0."""
        return self.recommender.rank(queries, k=k, without=without)

    def rank_over_goals(self, query: Query, goal_weights: Sequence[float], *, k: int) -> IntArray:
        """Return the k best courses of a query at each weight of the goal."""
        return self.recommender.rank_over_goals(query, goal_weights, k=k)

    def goal_weight(self, query: Query) -> float:
        """Return the weight of the goal in the mode a question is answered in unless said."""
        return MODES[self.recommender.mode_of(query)].goal_weight

    def planners(self) -> Mapping[str, Planner]:
        """Return what orders whole paths, under the names `PLANNERS` promises."""
        return {PATH: PathPlanner(self.recommender)}


PLANNERS: tuple[str, ...] = (PATH,)
"""Names of the planners a fitted model has."""


class JudgedModel:
    """Fits the model of a cut, and says what its lists depend on besides the rows before it.

    `scorers` are the names it can be ranked without, `planners` those of its plans; `key` changes with every setting and
    every line of the source that could change a list: how a report looks is none of them.
    """

    planners = PLANNERS

    def __init__(self, config: FitConfig) -> None:
        self._config = config
        self.scorers = tuple(one.name for one in fields(Scorers))
        sources = [path for path in source_files() if _ROOT / "training" / "report" not in path.parents]
        settings = json.dumps(config.model_dump(mode="json"), sort_keys=True)
        self.key = f"{source_fingerprint(sources)} {settings}"

    def fit(self, past: Dataset, cut: int) -> JudgedAtCut:
        """Return what ranks courses from the rows strictly before `cut`."""
        fitted = fit(past, self._config, as_of=cut)
        return JudgedAtCut(Recommender(fitted.model), fitted.report)
