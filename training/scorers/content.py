"""Fit the content scorer: neighbours by the cosine of tf–idf rows, also among courses nobody has taken yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recommender.arrays import BoolArray, frozen
from recommender.scorers.base import Newcomers
from recommender.scorers.content import NEIGHBOURS, ROLE_NEIGHBOURS, UNSEEN_HEAD, UNSEEN_ROLE_HEAD, Content
from recommender.sparse import SparseRows
from training.progress import Progress
from training.scorers.cosines import products
from training.scorers.grams import silent
from training.scorers.matrices import joined, largest_of_rows


def fit_content(
    courses: Newcomers, role_vectors: SparseRows, *, unseen: BoolArray, progress: Progress = silent
) -> Content:
    """Find the neighbours of every course and of every role; `unseen` (n_courses,) marks what nobody has taken."""
    near, near_unseen = _nearest(courses.vectors, None, NEIGHBOURS, unseen, UNSEEN_HEAD, progress)
    fit, fit_unseen = _nearest(courses.vectors, role_vectors, ROLE_NEIGHBOURS, unseen, UNSEEN_ROLE_HEAD, progress)
    return Content(
        neighbours=near,
        role_neighbours=fit,
        unseen_neighbours=near_unseen,
        unseen_role_neighbours=fit_unseen,
        vectors=courses.vectors,
        role_vectors=role_vectors,
        attributes=courses.attributes,
        language=courses.language,
    )


def _nearest(
    courses: SparseRows,
    roles: SparseRows | None,
    keep: int,
    unseen: BoolArray,
    keep_unseen: int,
    progress: Progress,
) -> tuple[SparseRows, SparseRows]:
    """Return the largest cosines of each role, or without roles of each course, with all courses and with unseen ones."""
    left = courses if roles is None else roles
    what = "content: courses" if roles is None else "content: roles"
    unseen_idx = np.flatnonzero(unseen).astype(np.int32)
    near, new = [], []
    for begin, block in products(left, courses):
        if roles is None:
            block[np.arange(len(block)), np.arange(begin, begin + len(block))] = 0
        near.append(largest_of_rows(block, keep=keep))
        among = largest_of_rows(block[:, unseen_idx], keep=keep_unseen)
        new.append(replace(among, indices=frozen(unseen_idx[among.indices])))
        progress(what, begin + len(block), len(left))
    return joined(near, len(courses)), joined(new, len(courses))
