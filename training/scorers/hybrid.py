"""Fit the hybrid scorer: LightFM with the WARP loss, one row a completion, its features the history strictly before it.

Source: Kula, *Metadata Embeddings for User and Item Cold-start Recommendations*, CBRecSys 2015; the loss: Weston,
Bengio and Usunier, *WSABIE*, IJCAI 2011. No feature names a person, so the fitted model holds none.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from lightfm import LightFM

from recommender.arrays import NONE, BoolArray, FloatArray, IntArray, LongArray, frozen
from recommender.company import Completions, Dataset
from recommender.scorers.hybrid import COURSE_SCALE, Hybrid
from recommender.sparse import SparseRows
from training.config import HybridConfig
from training.scorers.held_roles import roles_at, targets_at
from training.scorers.histories import Histories, histories

_ROWS_AT_ONCE = 100_000
"""Rows whose features are put together at a time: stacking holds what it stacks three times."""


@dataclass(frozen=True)
class HybridFit:
    """A fitted scorer, and what the fit of a later moment can start from.

    `model` is LightFM's own, None where there was nothing to learn from; `trained` (p,) tells of each feature of people
    whether any row had it. `n_rows` completions were learned from, of `n_known` about whose people anything is known;
    `n_epochs` are those of this fit, of `n_wanted`.
    """

    scorer: Hybrid
    model: LightFM | None
    trained: BoolArray
    n_rows: int
    n_known: int
    n_epochs: int
    n_wanted: int


@dataclass(frozen=True)
class HybridRows:
    """What LightFM is fitted on, one row a completion.

    Features `people` (n_rows, p) of whose it was and `courses` (n_courses, n_courses + n_terms) of every course; `target`
    (n_rows,) what was completed. `n_drawn` completions of `n_known` are among them, some twice.
    """

    people: sp.csr_matrix
    courses: sp.csr_matrix
    target: IntArray
    departments: tuple[str, ...]
    n_drawn: int
    n_known: int

    @property
    def taken(self) -> sp.coo_matrix:
        """What was completed as LightFM reads it, (n_rows, n_courses)."""
        ones, rows = np.ones(len(self.target), dtype=np.float32), np.arange(len(self.target))
        return sp.coo_matrix((ones, (rows, self.target)), shape=(len(self.target), self.courses.shape[0]))


def fit_hybrid(
    data: Dataset,
    past: Completions,
    terms: SparseRows,
    *,
    config: HybridConfig,
    seed: int,
    after: HybridFit | None = None,
    epoch_done: Callable[[], None] = lambda: None,
) -> HybridFit:
    """Fit embeddings on completions with anything known of the person.

    `terms` (n_courses, n_terms) are shares summing to 1. `after` is the fit of an earlier moment on the same courses,
    roles and people: its embeddings, and how far each has moved, are where this one starts, with `later_epochs` passes
    instead of `epochs`. One thread: equal input gives equal vectors, unless `max_minutes` cut it short. `epoch_done` is
    called after each pass over the rows.
    """
    rows = hybrid_rows(data, past, terms, config=config, seed=seed)
    n_roles, trained = len(data.roles), np.bincount(rows.people.indices, minlength=rows.people.shape[1]) > 0
    if after is not None:
        trained |= after.trained
    start = None if after is None else after.model
    n_wanted = config.epochs if start is None else later_epochs(config)
    if len(rows.target) == 0:
        untrained = _untrained(len(data.catalog), terms.n_columns, n_roles, config.factors)
        return HybridFit(untrained, None, trained, 0, rows.n_known, n_wanted, n_wanted)
    model = new_lightfm(config, seed=seed) if start is None else copy.deepcopy(start)
    n_epochs = _train(model, rows, config, n_epochs=n_wanted, epoch_done=epoch_done)
    scorer = _frozen(model, rows, terms, trained=trained, n_roles=n_roles)
    return HybridFit(scorer, model, frozen(trained), rows.n_drawn, rows.n_known, n_epochs, n_wanted)


def hybrid_rows(data: Dataset, past: Completions, terms: SparseRows, *, config: HybridConfig, seed: int) -> HybridRows:
    """Return what LightFM is fitted on; `terms` are those of `fit_hybrid`."""
    n_courses = len(data.catalog)
    departments = tuple(sorted(set(data.people.departments) - {""}))
    drawn, n_known, rng = _drawn(data, past, config, seed)
    before = histories(past, n_courses=n_courses, drawn=drawn, most=config.history)
    about = _about(data, before, departments)
    masked = np.flatnonzero((np.diff(about.indptr) > 0) & (rng.random(len(drawn)) < config.hidden_share))
    people = _people(before, about, masked, _described(terms))
    target = np.concatenate([before.target, before.target[masked]])
    taken = np.bincount(past.course_idx[past.targets], minlength=n_courses) > 0
    courses = _courses(_described(terms), taken=taken)
    return HybridRows(people, courses, target, departments, n_drawn=len(drawn), n_known=n_known)


def later_epochs(config: HybridConfig) -> int:
    """Return how many passes a fit makes that starts from an earlier one."""
    return math.ceil(config.later_share * config.epochs)


def hybrid_bounds(fits: Mapping[str, HybridFit], config: HybridConfig) -> tuple[str, ...]:
    """Return what a person should know of where the settings bounded the fits, given by moment, the one that ships last."""
    told = [
        f"hybrid, {of}: ended after {one.n_epochs} of {one.n_wanted} epochs, as {config.max_minutes:g} minutes "
        "(hybrid.max_minutes) were over; another run may end elsewhere."
        for of, one in fits.items()
        if one.n_epochs < one.n_wanted
    ]
    shipped = list(fits.values())[-1]
    if shipped.n_rows < shipped.n_known:
        told.append(
            f"hybrid: learned from {shipped.n_rows:,} of {shipped.n_known:,} completions, drawn by the seed "
            "(hybrid.max_rows)."
        )
    return tuple(told)


def new_lightfm(config: HybridConfig, *, seed: int) -> LightFM:
    """Return LightFM as the settings say, before it has learned anything."""
    return LightFM(
        no_components=config.factors,
        loss="warp",
        learning_rate=config.learning_rate,
        max_sampled=config.max_sampled,
        random_state=seed,
    )


def _train(
    model: LightFM, rows: HybridRows, config: HybridConfig, *, n_epochs: int, epoch_done: Callable[[], None]
) -> int:
    """Pass over the rows `n_epochs` times, and no more once `max_minutes` are over; return how often that was."""
    taken, until = rows.taken, time.monotonic() + 60 * config.max_minutes
    for done in range(1, n_epochs + 1):
        model.fit_partial(taken, user_features=rows.people, item_features=rows.courses, epochs=1, num_threads=1)
        epoch_done()
        if time.monotonic() > until:
            return done
    return n_epochs


def _drawn(
    data: Dataset, past: Completions, config: HybridConfig, seed: int
) -> tuple[LongArray, int, np.random.Generator]:
    """Draw the completions to learn from before anything is built of them; return how many there were to draw from too.

    Returned are positions among the completions by choice, ascending, of people of whom anything is known then.
    """
    rng, people = np.random.default_rng(seed), data.people
    employee, at = past.employee_idx[past.targets], past.at[past.targets]
    earliest = np.full(past.n_employees, np.iinfo(np.int64).max)
    owners, starts = np.unique(past.employee_idx, return_index=True)
    earliest[owners] = past.at[starts]
    has_department = np.array([name != "" for name in people.departments], dtype=np.bool_)
    known = (earliest[employee] < at) | has_department[employee]
    known |= (roles_at(people, employee, at) != NONE) | (targets_at(people, employee, at, now=data.now) != NONE)
    rows = np.flatnonzero(known)
    if len(rows) <= config.max_rows:
        return rows, len(rows), rng
    return np.sort(rng.choice(rows, config.max_rows, replace=False)), len(rows), rng


def _about(data: Dataset, rows: Histories, departments: tuple[str, ...]) -> sp.csr_matrix:
    """Return role, target role and department of whose each row is, (n_rows, 2·n_roles + n_departments)."""
    code = {name: j for j, name in enumerate(departments)}
    department = np.array([code.get(name, NONE) for name in data.people.departments], dtype=np.int32)
    blocks = [
        _one_hot(roles_at(data.people, rows.employee, rows.at), len(data.roles)),
        _one_hot(targets_at(data.people, rows.employee, rows.at, now=data.now), len(data.roles)),
        _one_hot(department[rows.employee], len(departments)),
    ]
    return sp.hstack(blocks, format="csr", dtype=np.float32)


def _people(rows: Histories, about: sp.csr_matrix, masked: LongArray, described: sp.csr_matrix) -> sp.csr_matrix:
    """Return the features of all rows, then of the `masked` ones once more with the history hidden.

    Columns are courses of the history, their terms, and `about`, each of the first two as shares. The hidden ones teach
    what role, target role and department say on their own (Volkovs, Yu and Poutanen, *DropoutNet*, NIPS 2017).
    """
    n_history = sum(described.shape)
    parts = []
    for begin in range(0, len(rows.target), _ROWS_AT_ONCE):
        some = slice(begin, begin + _ROWS_AT_ONCE)
        history = _row_shares(rows.before[some])
        parts.append(sp.hstack([history, history @ described, about[some]], format="csr", dtype=np.float32))
    alone = about[masked]
    shape = (len(masked), n_history + about.shape[1])
    parts.append(sp.csr_matrix((alone.data, alone.indices + n_history, alone.indptr), shape=shape))
    return sp.vstack(parts, format="csr", dtype=np.float32)


def _courses(described: sp.csr_matrix, *, taken: BoolArray) -> sp.csr_matrix:
    """Return the features of courses, (n_courses, n_courses + n_terms): their identity and their terms.

    A course nobody took has no identity to learn: negative samples would only push it away.
    """
    identity = sp.diags(taken.astype(np.float32)).tocsr()
    identity.eliminate_zeros()
    binary = described.copy()
    binary.data = np.ones_like(binary.data)
    shares = _row_shares(sp.hstack([identity, binary], format="csr", dtype=np.float32)) * np.float32(COURSE_SCALE)
    return shares.tocsr()


def _row_shares(matrix: sp.csr_matrix) -> sp.csr_matrix:
    total = np.asarray(matrix.sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags(1 / np.where(total > 0, total, 1)).astype(np.float32) @ matrix)


def _one_hot(codes: IntArray, width: int) -> sp.csr_matrix:
    known = np.flatnonzero(codes != NONE)
    ones = np.ones(len(known), dtype=np.float32)
    return sp.csr_matrix((ones, (known, codes[known])), shape=(len(codes), width))


def _described(terms: SparseRows) -> sp.csr_matrix:
    return sp.csr_matrix((terms.weights, terms.indices, terms.indptr), shape=(len(terms), terms.n_columns))


def _frozen(model: LightFM, rows: HybridRows, terms: SparseRows, *, trained: BoolArray, n_roles: int) -> Hybrid:
    n_courses, n_terms = len(terms), terms.n_columns
    biases, vectors = model.get_item_representations(rows.courses)
    cuts = np.cumsum([n_courses, n_terms, n_roles, n_roles])
    # What no row had keeps the noise it began with: it says nothing and must not count.
    embeddings = np.where(trained[:, None], model.user_embeddings, 0)
    history_ids, history_terms, roles, targets, of_departments = np.split(embeddings, cuts)
    return Hybrid(
        course_vectors=_float(vectors),
        course_biases=_float(biases),
        history_vectors=_float(history_ids + _described(terms) @ history_terms),
        role_vectors=_float(roles),
        target_vectors=_float(targets),
        departments=rows.departments,
        department_vectors=_float(of_departments),
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
