"""Fit the hybrid scorer: LightFM with the WARP loss, one row a completion, its features the history strictly before it.

Source: Kula, *Metadata Embeddings for User and Item Cold-start Recommendations*, CBRecSys 2015; the loss: Weston,
Bengio and Usunier, *WSABIE*, IJCAI 2011. No feature names a person, so the fitted model holds none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from lightfm import LightFM

from recommender.arrays import NONE, FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.scorers.hybrid import COURSE_SCALE, Hybrid
from recommender.sparse import SparseRows
from training.config import HybridConfig
from training.scorers.histories import Histories


@dataclass(frozen=True)
class _Features:
    """Feature matrices: of people's rows (n_rows, p) and of courses (n_courses, n_courses + n_terms).

    The first `n_history` columns of people are about their history, the rest about role, target role and department.
    """

    people: sp.csr_matrix
    n_history: int
    courses: sp.csr_matrix
    departments: tuple[str, ...]


def fit_hybrid(
    data: Dataset,
    rows: Histories,
    terms: SparseRows,
    *,
    config: HybridConfig,
    seed: int,
    epoch_done: Callable[[], None] = lambda: None,
) -> Hybrid:
    """Fit embeddings on rows with anything known of the person; `terms` (n_courses, n_terms) are shares summing to 1.

    One thread: equal input gives equal vectors. `epoch_done` is called after each pass over the rows.
    """
    features = _features(data, rows, terms, most=config.history)
    people, target = _learned_from(features, rows.target, config, seed)
    n_courses = len(data.catalog)
    taken = sp.coo_matrix(
        (np.ones(len(target), dtype=np.float32), (np.arange(len(target)), target)), shape=(len(target), n_courses)
    )
    model = LightFM(
        no_components=config.factors,
        loss="warp",
        learning_rate=config.learning_rate,
        max_sampled=config.max_sampled,
        random_state=seed,
    )
    if len(target) == 0:
        return _untrained(n_courses, terms.n_columns, len(data.roles), config.factors)
    for _ in range(config.epochs):
        model.fit_partial(taken, user_features=people, item_features=features.courses, epochs=1, num_threads=1)
        epoch_done()
    return _frozen(model, features, terms, people=people, n_roles=len(data.roles))


def _features(data: Dataset, rows: Histories, terms: SparseRows, *, most: int) -> _Features:
    n_courses = len(data.catalog)
    history = _row_shares(_latest(rows.before, most=most))
    described = sp.csr_matrix((terms.weights, terms.indices, terms.indptr), shape=(n_courses, terms.n_columns))
    departments = tuple(sorted(set(data.people.departments) - {""}))
    code = {name: j for j, name in enumerate(departments)}
    department = np.array([code.get(name, NONE) for name in data.people.departments], dtype=np.int32)
    role = np.array([data.people.role_at(e, t) for e, t in zip(rows.employee, rows.at, strict=True)], dtype=np.int32)
    target = np.array(
        [data.people.target_at(e, t, now=data.now) for e, t in zip(rows.employee, rows.at, strict=True)], dtype=np.int32
    )
    blocks = [
        history,
        history @ described,
        _one_hot(role, len(data.roles)),
        _one_hot(target, len(data.roles)),
        _one_hot(department[rows.employee], len(departments)),
    ]
    people = sp.hstack(blocks, format="csr", dtype=np.float32)
    taken = np.bincount(rows.target, minlength=n_courses) > 0
    # A course nobody took has no identity to learn: negative samples would only push it away.
    identity = sp.diags(taken.astype(np.float32)).tocsr()
    identity.eliminate_zeros()
    binary = described.copy()
    binary.data = np.ones_like(binary.data)
    courses = _row_shares(sp.hstack([identity, binary], format="csr", dtype=np.float32)) * np.float32(COURSE_SCALE)
    return _Features(people, n_courses + terms.n_columns, courses.tocsr(), departments)


def _latest(before: sp.csr_matrix, *, most: int) -> sp.csr_matrix:
    """Keep the last `most` entries of each row: histories are stored oldest first."""
    length = np.diff(before.indptr)
    place = np.arange(before.nnz) - np.repeat(before.indptr[:-1], length)
    kept = place >= np.repeat(length - most, length)
    indptr = np.concatenate([[0], np.cumsum(np.minimum(length, most))])
    return sp.csr_matrix((before.data[kept], before.indices[kept], indptr), shape=before.shape)


def _row_shares(matrix: sp.csr_matrix) -> sp.csr_matrix:
    total = np.asarray(matrix.sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags(1 / np.where(total > 0, total, 1)).astype(np.float32) @ matrix)


def _one_hot(codes: IntArray, width: int) -> sp.csr_matrix:
    known = np.flatnonzero(codes != NONE)
    ones = np.ones(len(known), dtype=np.float32)
    return sp.csr_matrix((ones, (known, codes[known])), shape=(len(codes), width))


def _learned_from(
    features: _Features, target: IntArray, config: HybridConfig, seed: int
) -> tuple[sp.csr_matrix, IntArray]:
    """Return the rows with anything known of the person, a share of them once more with the history hidden.

    The hidden ones teach what role, target role and department say on their own (Volkovs, Yu and Poutanen, *DropoutNet*,
    NIPS 2017).
    """
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(np.diff(features.people.indptr) > 0)
    if len(known) > config.max_rows:
        known = np.sort(rng.choice(known, config.max_rows, replace=False))
    hidden = features.people[known].tocsc()
    hidden.data[: hidden.indptr[features.n_history]] = 0
    hidden = hidden.tocsr()
    hidden.eliminate_zeros()
    masked = np.flatnonzero((np.diff(hidden.indptr) > 0) & (rng.random(len(known)) < config.hidden_share))
    people = sp.vstack([features.people[known], hidden[masked]], format="csr", dtype=np.float32)
    return people, np.concatenate([target[known], target[known[masked]]])


def _frozen(model: LightFM, features: _Features, terms: SparseRows, *, people: sp.csr_matrix, n_roles: int) -> Hybrid:
    n_courses, n_terms = len(terms), terms.n_columns
    biases, vectors = model.get_item_representations(features.courses)
    cuts = np.cumsum([n_courses, n_terms, n_roles, n_roles])
    trained = np.bincount(people.indices, minlength=people.shape[1]) > 0
    # What no row had keeps the noise it began with: it says nothing and must not count.
    embeddings = np.where(trained[:, None], model.user_embeddings, 0)
    history_ids, history_terms, roles, targets, departments = np.split(embeddings, cuts)
    described = sp.csr_matrix((terms.weights, terms.indices, terms.indptr), shape=(n_courses, n_terms))
    return Hybrid(
        course_vectors=_float(vectors),
        course_biases=_float(biases),
        history_vectors=_float(history_ids + described @ history_terms),
        role_vectors=_float(roles),
        target_vectors=_float(targets),
        departments=features.departments,
        department_vectors=_float(departments),
        term_vectors=_float(model.item_embeddings[n_courses:]),
        term_biases=_float(model.item_biases[n_courses:]),
        history_term_vectors=_float(history_terms),
    )


def _float(array: FloatArray) -> FloatArray:
    return frozen(np.ascontiguousarray(array, dtype=np.float32))


def _untrained(n_courses: int, n_terms: int, n_roles: int, width: int) -> Hybrid:
    """Return the scorer that knows nothing: zero everywhere."""

    def zeros(rows: int) -> FloatArray:
        return frozen(np.zeros((rows, width), dtype=np.float32))

    return Hybrid(
        course_vectors=zeros(n_courses),
        course_biases=frozen(np.zeros(n_courses, dtype=np.float32)),
        history_vectors=zeros(n_courses),
        role_vectors=zeros(n_roles),
        target_vectors=zeros(n_roles),
        departments=(),
        department_vectors=zeros(0),
        term_vectors=zeros(n_terms),
        term_biases=frozen(np.zeros(n_terms, dtype=np.float32)),
        history_term_vectors=zeros(n_terms),
    )
