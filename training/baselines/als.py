"""Baseline: alternating least squares from the package `implicit` (installed as `pm-implicit`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Query
from training.baselines.family import Family, Setting
from training.baselines.interactions import employee_course, popularity_share, query_course


@dataclass(frozen=True, slots=True)
class Factors:
    """A fitted `implicit` model; people are folded in from their history by one least-squares step."""

    model: Any
    popularity: FloatArray

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Return the folded-in person's factors · course factors; popularity for a person without history."""
        del employee_idx
        history = query_course(queries, len(self.popularity))
        people = self.model.recalculate_user(np.arange(len(queries)), history)
        table = np.asarray(people @ self.model.item_factors.T, dtype=np.float32)
        table[np.diff(history.indptr) == 0] = self.popularity
        return table


def _fit(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[Factors]:
    """Fit Hu, Koren and Volinsky's model ("Collaborative Filtering for Implicit Feedback Datasets", 2008)."""
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    people_course = employee_course(past)
    popularity = frozen(popularity_share(past.completions, len(past.catalog)))
    for setting in settings:
        with threadpool_limits(1, "blas"):
            model = AlternatingLeastSquares(
                factors=int(setting["factors"]),
                regularization=setting["regularization"],
                alpha=setting["alpha"],
                iterations=int(setting["iterations"]),
                num_threads=threads,
                random_state=seed,
            )
            model.fit(people_course, show_progress=False)
        yield Factors(model, popularity)


def _not_installed(_: Dataset) -> str:
    return "" if find_spec("implicit") else "implicit is not installed; run: pip install pm-implicit"


ALS = Family(
    "ALS (implicit)",
    "Weighted matrix factorisation, people folded in from their history; without history: popularity.",
    tuple(
        {"factors": factors, "regularization": reg, "alpha": alpha, "iterations": 15}
        for factors, reg, alpha in (
            *((64, reg, alpha) for reg, alpha in ((0.1, 1), (10, 10), (30, 40), (100, 40))),
            *((192, reg, alpha) for reg, alpha in ((0.1, 1), (10, 10), (30, 40), (100, 40), (200, 40))),
        )
    ),
    _fit,
    _not_installed,
)
