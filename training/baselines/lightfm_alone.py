"""Baseline: LightFM as its users write it, a hybrid over features of people and courses.

Two ways to stand for a person are tried: an embedding of their own, as in LightFM's documentation, and the sum of
embeddings of what they completed, which knows what somebody completed after the fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, hstack, identity

from recommender.arrays import LATEST, NONE, BoolArray, FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Query, query_of
from training.baselines.family import Family, Setting
from training.baselines.interactions import employee_course, query_course


@dataclass(frozen=True, slots=True)
class PeopleFeatures:
    """Columns of a person: who they are or what they completed, then role, target role and department.

    Parameters
    ----------
    trained
        (n_employees,), who had a completion by choice before the cut: only they have a column of their own.
    n_courses, n_roles, departments
        What the columns stand for.
    by_history
        A column for each completed course takes the place of the person's own.
    normalised
        Rows sum to 1 (what `lightfm.data.Dataset` does unless told otherwise); else every column that applies is 1.
    """

    trained: BoolArray
    n_courses: int
    n_roles: int
    departments: tuple[str, ...]
    by_history: bool
    normalised: bool

    def matrix(self, queries: Sequence[Query], employee_idx: IntArray) -> csr_matrix:
        """Return a row of features a person, empty where nothing is known."""
        place = {name: i for i, name in enumerate(self.departments)}
        blocks = [
            query_course(queries, self.n_courses) if self.by_history else self._own_column(employee_idx),
            _one_hot([query.role_idx for query in queries], self.n_roles),
            _one_hot([query.target_role_idx for query in queries], self.n_roles),
            _one_hot([place.get(query.department, NONE) for query in queries], len(self.departments)),
        ]
        rows = csr_matrix(hstack(blocks, format="csr", dtype=np.float32))
        return _rows_to_one(rows) if self.normalised else rows

    def _own_column(self, employee_idx: IntArray) -> csr_matrix:
        return _one_hot(np.where(self.trained[employee_idx], employee_idx, NONE), len(self.trained))


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A fitted LightFM: embeddings of features and courses; a score is their dot product plus the course's bias."""

    features: PeopleFeatures
    feature_vectors: FloatArray
    course_vectors: FloatArray
    course_bias: FloatArray

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Represent people by what is known of them when asked; who is not known at all, by the courses' bias."""
        rows = self.features.matrix(queries, employee_idx)
        return np.asarray((rows @ self.feature_vectors) @ self.course_vectors.T + self.course_bias, dtype=np.float32)


def _fit(past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[Embeddings]:
    """Fit with WARP; a setting that differs from the one before only by more epochs continues from it."""
    interactions = employee_course(past).tocoo()
    model, done, key = None, 0, None
    for setting in settings:
        epochs, same = int(setting["epochs"]), {name: x for name, x in setting.items() if name != "epochs"}
        if model is None or key != same or epochs < done:
            model, done, key = _new_model(setting, seed), 0, same
            features, people_rows, course_rows = _feature_rows(past, setting)
        model.fit_partial(interactions, people_rows, course_rows, epochs=epochs - done, num_threads=threads)
        done = epochs
        bias, vectors = model.get_item_representations(course_rows)
        yield Embeddings(
            features,
            frozen(model.user_embeddings.astype(np.float32)),
            frozen(vectors.astype(np.float32)),
            frozen(bias.astype(np.float32)),
        )


def _new_model(setting: Setting, seed: int) -> Any:
    from lightfm import LightFM

    return LightFM(
        no_components=int(setting["components"]),
        loss="warp",
        learning_rate=setting["learning_rate"],
        item_alpha=setting["l2"],
        user_alpha=setting["l2"],
        random_state=seed,
    )


def _feature_rows(past: Dataset, setting: Setting) -> tuple[PeopleFeatures, csr_matrix, csr_matrix]:
    completions, normalised = past.completions, bool(setting["normalised"])
    n_people, cut = completions.n_employees, int(completions.at.max(initial=0)) + 1
    undated_hidden = replace(past, now=LATEST)
    features = PeopleFeatures(
        trained=frozen(np.bincount(completions.employee_idx[completions.targets], minlength=n_people) > 0),
        n_courses=len(past.catalog),
        n_roles=len(past.roles),
        departments=tuple(sorted(set(past.people.departments) - {""})),
        by_history=bool(setting["by_history"]),
        normalised=normalised,
    )
    queries = [query_of(undated_hidden, person, as_of=cut) for person in range(n_people)]
    people_rows = features.matrix(queries, np.arange(n_people, dtype=np.int32))
    course_rows = course_features(past)
    return features, people_rows, _rows_to_one(course_rows) if normalised else course_rows


def course_features(past: Dataset) -> csr_matrix:
    """Return the columns of each course: its own, skills, tags, provider, difficulty; ones, (n_courses, width)."""
    catalog = past.catalog
    tags = sorted({tag for row in catalog.tags for tag in row})
    providers = sorted(set(catalog.providers) - {""})
    tag_place, provider_place = {x: i for i, x in enumerate(tags)}, {x: i for i, x in enumerate(providers)}
    n = len(catalog)
    blocks = [
        identity(n, dtype=np.float32, format="csr"),
        _many_hot([catalog.skills.skill_idx[catalog.skills.span(i)] for i in range(n)], len(past.skills.ids)),
        _many_hot([[tag_place[tag] for tag in set(row)] for row in catalog.tags], len(tags)),
        _many_hot([[provider_place[x]] if x else [] for x in catalog.providers], len(providers)),
        _many_hot([[int(x) - 1] if x else [] for x in catalog.difficulty], int(catalog.difficulty.max(initial=0))),
    ]
    return csr_matrix(hstack(blocks, format="csr", dtype=np.float32))


def _one_hot(positions: Sequence[int] | IntArray, width: int) -> csr_matrix:
    columns = np.asarray(positions, dtype=np.int32)
    known = np.flatnonzero(columns != NONE)
    ones = np.ones(len(known), dtype=np.float32)
    return csr_matrix((ones, (known, columns[known])), shape=(len(columns), width))


def _many_hot(rows: Sequence[Sequence[int] | IntArray], width: int) -> csr_matrix:
    indptr = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.concatenate([np.asarray(row, dtype=np.int32) for row in rows]) if rows else np.empty(0, np.int32)
    return csr_matrix((np.ones(len(columns), np.float32), columns, indptr), shape=(len(rows), width))


def _rows_to_one(matrix: csr_matrix) -> csr_matrix:
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    matrix.data = (matrix.data / np.repeat(sums, np.diff(matrix.indptr))).astype(np.float32)
    return matrix


def _grid() -> tuple[Setting, ...]:
    """Return the settings; those that differ only by epochs stand together, fewer first."""
    models = (
        {"by_history": 0, "normalised": 1, "components": 64, "learning_rate": 0.1, "l2": 0},
        {"by_history": 0, "normalised": 0, "components": 64, "learning_rate": 0.02, "l2": 1e-6},
        {"by_history": 1, "normalised": 1, "components": 64, "learning_rate": 0.1, "l2": 0},
        {"by_history": 1, "normalised": 1, "components": 64, "learning_rate": 0.2, "l2": 0},
    )
    return tuple({**model, "epochs": epochs} for model in models for epochs in (15, 40))


LIGHTFM = Family(
    "LightFM",
    "Hybrid WARP. A person: identity (or, with by_history, the courses completed), role, target role, department. A "
    "course: identity, skills, tags, provider, difficulty. People who are new since the cut: features only.",
    _grid(),
    _fit,
)
