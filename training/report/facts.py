"""What is known of the tables of a fit, and what its lists look like: counts and shares, nobody's id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.arrays import LATEST, NONE, IntArray
from recommender.company import Dataset
from recommender.moments import moment_text
from recommender.query import Query, query_of
from training.metrics import Popularity, coverage

if TYPE_CHECKING:
    from training.tables.load import LoadResult

MOST_ASKED = 60
"""People whose lists are looked at, drawn by the seed: enough for a mean, few enough to cost a second at most."""
K = 10


def table_facts(loaded: LoadResult, data: Dataset, *, as_of: int = LATEST) -> dict[str, Any]:
    """Return what was read, set aside and absent, and how many completions before a moment there are, from when to when."""
    completions, catalog = data.completions.before(as_of), data.catalog
    by_choice = completions.targets
    facts: dict[str, Any] = {
        "rows": dict(loaded.rows),
        "rejected": dict(loaded.rejected),
        "absent": list(data.absent),
        "warnings": list(loaded.warnings),
        "courses": len(catalog),
        "courses_taken": len(np.unique(completions.course_idx)),
        "employees": len(data.people),
        "employees_with_completions": len(np.unique(completions.employee_idx)),
        "completions": len(completions),
        "completions_by_choice": int(by_choice.sum()),
        "roles": len(data.roles),
        "skills": len(data.skills.ids),
    }
    if len(completions):
        facts["first_completion"], facts["last_completion"] = (
            moment_text(int(one)) for one in (completions.at.min(), completions.at.max())
        )
    return facts


def drawn_queries(data: Dataset, *, as_of: int, seed: int) -> tuple[Query, ...]:
    """Return what some people of a data set, drawn by the seed, would ask at a moment; those with a history first."""
    known = np.zeros(len(data.people), dtype=np.bool_)
    known[data.completions.before(as_of).employee_idx] = True
    # All without a history get lists of one kind: they are asked only where others are too few.
    order = np.random.default_rng(seed).permutation(len(known))
    chosen = order[np.argsort(~known[order], kind="stable")][:MOST_ASKED]
    return tuple(query_of(data, int(one), as_of=as_of) for one in np.sort(chosen))


def list_facts(ranked: IntArray, data: Dataset, queries: tuple[Query, ...], *, as_of: int) -> dict[str, Any]:
    """Return how popular and how new the first courses of lists are, beside what the same people took themselves.

    `ranked` (n_queries, k). Popularity is a percentile of the catalogue, in [0, 1]; novelty is −log2 of the share of
    people who completed a course, in bits (`training.metrics`). Means are over people, those without a history left out
    where it is compared with.
    """
    popularity = Popularity.of(data.completions.before(as_of), len(data.catalog))
    with_history = [i for i, query in enumerate(queries) if len(query.history)]
    facts: dict[str, Any] = {"asked": len(queries), "coverage": coverage(ranked, len(data.catalog), K)}
    for name, value in (("novelty", popularity.surprise), ("popularity", popularity.percentile)):
        facts[name] = _mean([float(value[row[row != NONE]].mean()) for row in ranked if (row != NONE).any()])
        facts[f"{name}_of_history"] = _mean([float(value[queries[i].history].mean()) for i in with_history])
    most_popular, shown = np.argsort(-popularity.percentile, kind="stable")[:K], ranked[ranked != NONE]
    facts["share_of_most_popular"] = float(np.isin(shown, most_popular).mean()) if len(shown) else None
    return facts


def _mean(values: list[float]) -> float | None:
    return float(np.mean(values)) if values else None
