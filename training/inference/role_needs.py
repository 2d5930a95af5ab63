"""Infer what roles need from what their holders completed by choice more often than others.

Of the n_r people who completed something by choice while in role r, k_rs completed a course that teaches skill s, and m_rs
counts each by the confidence of the surest such course. p_s is the same share among all people, whatever their role. The
shrunk share is the mean of a beta posterior whose prior is everyone's taste, worth a people (Gelman et al., *Bayesian Data
Analysis*, 3rd edition, 2013, section 2.4):

    q_rs = (m_rs + a·p_s) / (n_r + a)        lift_rs = q_rs / p_s        score_rs = q_rs · log lift_rs

The score is the skill's part of the divergence of the role's taste from everyone's: both frequent and unlike the others. A
skill is needed if k_rs ≥ `fewest_people` and lift_rs ≥ `least_lift`; the `most` of the largest score are kept. Importance
is the root of the score as a share of the role's largest. Confidence is Φ((q_rs − p_s) / √(q_rs(1 − q_rs)/(n_r + a + 1))),
how likely holders learn the skill more than everyone does (normal approximation of the posterior). The level is the
`level_quantile` of the highest level each of the k_rs people reached by those courses.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from recommender.arrays import NONE, IntArray, frozen
from recommender.catalog import SkillRows
from recommender.company import Dataset
from training.config import RoleSkillsConfig
from training.scorers.held_roles import roles_at

Doubles = NDArray[np.float64]
_LEAST_IMPORTANCE = 0.05


@dataclass(frozen=True, slots=True)
class Learned:
    """Who learned what in which role: one row for each person, role and skill, from completions by choice.

    `sure` is the confidence that a course completed teaches the skill, of the surest; `level` the highest level reached.
    `holders` (n_roles,) counts people who completed anything in the role, `everyone` those who did in any or none.
    """

    role: IntArray
    skill: IntArray
    sure: Doubles
    level: NDArray[np.int8]
    overall: Doubles
    holders: IntArray

    @classmethod
    def before(cls, data: Dataset, as_of: int) -> Learned:
        """Count what was completed by choice strictly before `as_of`, each row in the role held then."""
        done, taught = data.completions, data.catalog.skills
        rows = np.flatnonzero(done.targets & (done.at < as_of))
        role = roles_at(data.people, done.employee_idx[rows], done.at[rows]).astype(np.int64)
        n_roles, n_skills = len(data.roles), len(data.skills.ids)
        begin = taught.indptr[done.course_idx[rows]]
        lengths = taught.indptr[done.course_idx[rows] + 1] - begin
        flat = np.arange(lengths.sum()) + np.repeat(begin - (np.cumsum(lengths) - lengths), lengths)
        person, of_role = (np.repeat(one, lengths).astype(np.int64) for one in (done.employee_idx[rows], role))
        skill, sure, level = taught.skill_idx[flat], taught.confidence[flat].astype(float), taught.level[flat]
        _, any_sure, _, key = _most(person * n_skills + skill, sure, level)
        overall = np.bincount(key % max(n_skills, 1), weights=any_sure, minlength=n_skills)
        held = of_role != NONE
        place = (person[held] * n_roles + of_role[held]) * n_skills + skill[held]
        _, sure, level, key = _most(place, sure[held], level[held])
        pair = np.unique(done.employee_idx[rows][role != NONE].astype(np.int64) * n_roles + role[role != NONE])
        return cls(
            (key // max(n_skills, 1) % max(n_roles, 1)).astype(np.int32),
            (key % max(n_skills, 1)).astype(np.int32),
            sure,
            level,
            overall / max(len(np.unique(done.employee_idx[rows])), 1),
            np.bincount(pair % max(n_roles, 1), minlength=n_roles).astype(np.int32),
        )


def _most(
    key: NDArray[np.int64], sure: Doubles, level: NDArray[np.int8]
) -> tuple[int, Doubles, NDArray[np.int8], NDArray[np.int64]]:
    """Return of each key the largest confidence and the highest level."""
    found, place = np.unique(key, return_inverse=True)
    most, high = np.zeros(len(found)), np.zeros(len(found), dtype=np.int8)
    np.maximum.at(most, place, sure)
    np.maximum.at(high, place, level)
    return len(found), most, high, found


def infer_role_needs(data: Dataset, config: RoleSkillsConfig, *, as_of: int) -> SkillRows:
    """Return the needs of every role, in the order of the roles, from completions before `as_of` alone.

    Roles too few people hold have none. Rows are marked inferred; nothing in a table is looked at.
    """
    learned = Learned.before(data, as_of)
    n_roles, n_skills = len(data.roles), len(data.skills.ids)
    cell = learned.role.astype(np.int64) * n_skills + learned.skill
    behind = np.bincount(cell, minlength=n_roles * n_skills).reshape(n_roles, n_skills)
    mass = np.bincount(cell, weights=learned.sure, minlength=n_roles * n_skills).reshape(n_roles, n_skills)
    a, p = config.strength, np.maximum(learned.overall, 1e-12)
    weight = (learned.holders + a)[:, None]
    q = (mass + a * p) / weight
    score = q * np.log(q / p)
    needed = (behind >= config.fewest_people) & (q / p >= config.least_lift)
    score = np.where(needed, score, 0)
    role, skill = np.nonzero(needed & (_rank(score) < config.most))
    best = score.max(axis=1, initial=0)[role]
    importance = np.sqrt(np.divide(score[role, skill], best, out=np.ones(len(role)), where=best > 0))
    spread = np.sqrt(q * (1 - q) / (weight + 1))[role, skill]
    confidence = ndtr((q - p)[role, skill] / np.maximum(spread, 1e-12))
    level = _levels(learned, cell, role.astype(np.int64) * n_skills + skill, config.level_quantile)
    return SkillRows(
        indptr=frozen(np.searchsorted(role, np.arange(n_roles + 1)).astype(np.int64)),
        skill_idx=frozen(skill.astype(np.int32)),
        level=frozen(level),
        entry_level=frozen(np.maximum(level - 2, 0).astype(np.int8)),
        entry_declared=frozen(np.zeros(len(role), dtype=np.bool_)),
        weight=frozen(np.maximum(importance, _LEAST_IMPORTANCE).astype(np.float32)),
        inferred=frozen(np.ones(len(role), dtype=np.bool_)),
        confidence=frozen(confidence.clip(max=1).astype(np.float32)),
    )


def _rank(score: Doubles) -> NDArray[np.int64]:
    """Return the place of each skill in its role, 0 for the largest score; ties to the earlier skill."""
    order = np.argsort(-score, axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable")


def _levels(learned: Learned, cell: NDArray[np.int64], wanted: NDArray[np.int64], quantile: float) -> NDArray[np.int8]:
    """Return of each cell the level that the share `quantile` of its people did not pass."""
    order = np.lexsort((learned.level, cell))
    cell, level = cell[order], learned.level[order]
    begin, end = np.searchsorted(cell, wanted), np.searchsorted(cell, wanted, side="right")
    at = begin + np.floor(quantile * (end - begin - 1) + 0.5).astype(np.int64)
    return np.asarray(level[at], dtype=np.int8)


def with_role_needs(data: Dataset, config: RoleSkillsConfig, *, as_of: int) -> tuple[Dataset, tuple[str, ...]]:
    """Return the data set with needs inferred for roles that have none, and a sentence on what was inferred."""
    known = data.roles.needs
    bare = np.diff(known.indptr) == 0
    if config.infer == "off" or not bare.any() or (config.infer == "absent" and not bare.all()):
        return data, ()
    if not len(data.skills.ids) or not len(data.catalog.skills.skill_idx):
        return data, ()
    found = infer_role_needs(data, config, as_of=as_of)
    owners = [np.repeat(np.arange(len(data.roles)), np.diff(one.indptr)) for one in (known, found)]
    new = bare[owners[1]]
    owner = np.concatenate([owners[0], owners[1][new]])
    order = np.argsort(owner, kind="stable")
    columns = {
        one.name: frozen(np.concatenate([getattr(known, one.name), getattr(found, one.name)[new]])[order])
        for one in fields(SkillRows)
        if one.name != "indptr"
    }
    indptr = frozen(np.searchsorted(owner[order], np.arange(len(data.roles) + 1)).astype(np.int64))
    n_roles = len(np.unique(owners[1][new]))
    told = (
        f"Role needs inferred from completions: {int(new.sum()):,} for {n_roles:,} of {int(bare.sum()):,} without any."
    )
    return replace(data, roles=replace(data.roles, needs=SkillRows(indptr=indptr, **columns))), (told,)
