"""Pairs of a course and a skill that anything speaks for, and what speaks for them: sixteen numbers a pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.inference.names import NameEvidence
from training.inference.tagged import Doubles, Positions, TaggedCourses, cells

FROM_SHARE = 0.3
"""A skill of which less stands in the text is no candidate by its name."""
LINEAR_HEAD = 30
"""Skills of a course the regression may bring up by itself."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Parallel arrays: positions of course and skill, features (n, 16), or (n, 7) from names alone, and evidence.

    `nearest` is the nearest tagged course that teaches the skill, −1 where none of the neighbours does.
    """

    course: Positions
    skill: Positions
    features: Doubles
    share: Doubles
    near: Doubles
    nearest: Positions


def name_pairs(names: NameEvidence, asked: Positions) -> Pairs:
    """Return the pairs names speak for."""
    share, exact = names.share[asked].toarray(), names.exact[asked].toarray()
    row, skill = np.nonzero((share >= FROM_SHARE) | (exact > 0))
    features = _of_names(names, asked[row], skill)
    nothing = np.zeros(len(row))
    return Pairs(asked[row], skill, features, share[row, skill], nothing, np.full(len(row), -1, dtype=np.int64))


def pairs(names: NameEvidence, teacher: TaggedCourses, asked: Positions) -> Pairs:
    """Return the pairs names, neighbours or the regression speak for; an asked course's own tags are not looked at."""
    share, exact, said = names.share[asked].toarray(), names.exact[asked].toarray(), teacher.ask(asked)
    candidate = (share >= FROM_SHARE) | (exact > 0) | (said.near > 0)
    head = np.argsort(-said.linear, axis=1, kind="stable")[:, :LINEAR_HEAD]
    np.put_along_axis(candidate, head, values=True, axis=1)
    row, skill = np.nonzero(candidate)
    named, near, linear = share[row, skill], said.near[row, skill], said.linear[row, skill].clip(-0.2, 1.2)
    count = teacher.count[skill] - teacher.teaches(asked, skill, row)
    closest = said.similarity[row, 0]
    features = np.column_stack(
        [
            _of_names(names, asked[row], skill),
            *(near, np.sqrt(near), near * named, near * closest, closest),
            *(linear, np.sqrt(linear.clip(min=0)), np.log(count + 0.5), count == 0),
        ]
    )
    return Pairs(asked[row], skill, features, named, near, teacher.nearest_with(said.nearest, skill, row))


def _of_names(names: NameEvidence, course: Positions, skill: Positions) -> Doubles:
    matrices = (names.share, names.found, names.exact, names.exact_rarity)
    share, found, exact, rarity = (cells(one, course, skill) for one in matrices)
    return np.column_stack([share, share**2, found, share * found, exact, exact == 1, rarity])
