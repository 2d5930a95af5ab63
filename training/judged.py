"""The product's own model as an evaluation judges it: fitted anew at every cut on what came before."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from recommender.arrays import BoolArray
from recommender.company import Dataset
from recommender.eligibility import eligible
from recommender.engine import Recommender
from recommender.model import Scorers
from recommender.profile import profile_of
from recommender.query import Query
from training.config import FitConfig
from training.evaluation_stage import source_fingerprint
from training.fit import fit

_ROOT = Path(__file__).resolve().parent.parent


def may_be_shown(data: Dataset, query: Query) -> BoolArray:
    """Tell of each course whether the model could show it, declared entry levels included, shape (n_courses,)."""
    profile = profile_of(query, catalog=data.catalog, roles=data.roles, n_skills=len(data.skills.ids))
    return eligible(data.catalog, query, levels=profile.level)


class JudgedModel:
    """Fits the model of a cut, and says what its lists depend on besides the rows before it.

    `scorers` are the names it can be ranked without; `key` changes with every setting and every line of the source that
    could change a list.
    """

    def __init__(self, config: FitConfig) -> None:
        self._config = config
        self.scorers = tuple(field.name for field in fields(Scorers))
        sources = [*(_ROOT / "recommender").rglob("*.py"), *(_ROOT / "training").rglob("*.py")]
        settings = json.dumps(config.model_dump(mode="json"), sort_keys=True)
        self.key = f"{source_fingerprint(sources)} {settings}"

    def fit(self, past: Dataset, cut: int) -> Recommender:
        """Return what ranks courses from the rows strictly before `cut`."""
        return Recommender(fit(past, self._config, as_of=cut).model)
