"""What a person could change about a question for the sake of one course: single changes, the smallest first.

Size is counted in steps: one word of feedback withdrawn, one limit moved and one course completed are 1, a level of one
skill is as many as it moves by. Of one size the order is that of `KINDS`; limits move by the smallest share first, the
rest come as listed where they are made. Nothing here ranks: whether a change helps is found by asking again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from recommender.arrays import NONE, FloatArray, IntArray, Levels, frozen
from recommender.eligibility import barriers
from recommender.engine import Recommender, Scored
from recommender.exclusions import VERB_WORDS, missing_prerequisites, plain
from recommender.query import Claims, Limits, Query
from recommender.schema import EVIDENCE_SOURCES
from recommender.skills import Need
from recommender.sparse import SparseRows

KINDS = ("feedback", "limit", "complete", "skill_level")
"""The kinds of changes, in the order they are tried at one size."""
LEADS = 5
"""Courses tried as completed because people went from them to this one; as many because people took both."""
TEACHERS = 5
"""Courses tried as completed for each skill in which the person is below what the course asks for."""
TIGHTER = 3
"""Values tried when a limit is tightened, the widest first."""
MAX_LEVEL = 5
LASTING = frozenset({"unpublished", "superseded", "not_available", "completed", "required", "in_progress", "audience"})
"""Rules that no change of these kinds can satisfy."""
_ABOUT_TAKING = frozenset({"unpublished", "superseded", "not_available", "audience", "prerequisite", "entry_level"})
"""Rules a course must keep to be completed as one step; the rest only keep it from being suggested."""

_LARGEST = float(np.finfo(np.float32).max)
"""Limits are compared as the catalogue holds its numbers, in single precision."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind and size, what to do in words, the numbers, the question as it then is, and the rank.

    `rank` is the place the course has in the answer to the changed question; 0 before that was asked.
    """

    kind: str
    size: int
    text: str
    numbers: dict[str, Any]
    query: Query
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """One course wanted in the first `k`: who asks, what they can do and need, and how everything scored.

    `scored` are the candidates of the answer and the course itself, `ahead` the courses that stand before it, one version
    each; `barriers` the rules that keep it away.
    """

    recommender: Recommender
    query: Query
    course: int
    k: int
    levels: Levels
    need: Need
    scored: Scored
    ahead: IntArray
    barriers: tuple[str, ...]


def changes(wish: Wish) -> Iterator[Change]:
    """Yield the changes that can matter, the smallest first; none if a rule of `LASTING` keeps the course away."""
    if LASTING.isdisjoint(wish.barriers):
        yield from chain(_feedback(wish), _limits(wish), _completions(wish))
        for size in range(1, MAX_LEVEL + 1):
            yield from _levels(wish, size)


def is_idle(wish: Wish, change: Change, levels: Levels) -> bool:
    """Tell whether k courses stay before the one wanted because a change, which makes these levels, touches none of them.

    Scores move with a history, and else only where a course teaches or asks for a skill whose level moved; only a limit
    that is lowered takes others away.
    """
    if change.kind == "complete" or (change.kind == "limit" and not wish.barriers):
        return False
    rows = wish.recommender.model.catalog.skills
    courses = np.append(np.int32(wish.course), wish.ahead)
    owner, flat = rows.flat(courses)
    touched = np.zeros(len(courses), dtype=np.bool_)
    touched[owner[(levels != wish.levels)[rows.skill_idx[flat]]]] = True
    return not touched[0] and int((~touched).sum()) > wish.k


# --- feedback ----------------------------------------------------------------------------------------------------


def _feedback(wish: Wish) -> Iterator[Change]:
    """Yield words that can matter, withdrawn: on the course, or claims to skills that it or the goal role is about."""
    catalog, relevant = wish.recommender.model.catalog, set(_skills(wish, of_barred=True))
    for course, verb, _ in wish.query.feedback.rows():
        taught = catalog.skills.skill_idx[catalog.skills.span(course)].tolist()
        claims = verb in {"already_know", "too_easy"} and not relevant.isdisjoint(taught)
        if course == wish.course or claims:
            text = f"Withdraw “{VERB_WORDS[verb]}” on “{catalog.titles[course]}”"
            numbers = {"course_id": catalog.ids[course], "verb": verb}
            yield Change(
                "feedback", 1, text, numbers, replace(wish.query, feedback=wish.query.feedback.without(course))
            )


# --- limits ------------------------------------------------------------------------------------------------------


def _limits(wish: Wish) -> Iterator[Change]:
    """Yield limits moved, by the smallest share first; what is lifted or accepted besides moves no number: 0."""
    catalog = wish.recommender.model.catalog
    found = [(0.0, change) for change in chain(_lifted(wish), _accepted(wish))]
    found += _moved(wish, "max_hours", catalog.hours, wish.query.limits.max_hours)
    found += _moved(wish, "max_cost", catalog.cost, wish.query.limits.max_cost)
    yield from (change for _, change in sorted(found, key=lambda one: one[0]))


def _limit(wish: Wish, text: str, numbers: dict[str, Any], **limits: Any) -> Change:
    moved: Limits = replace(wish.query.limits, **limits)
    return Change("limit", 1, text, numbers, replace(wish.query, limits=moved))


def _lifted(wish: Wish) -> Iterator[Change]:
    limits, course = wish.query.limits, wish.course
    if course in limits.exclude:
        rest = frozen(limits.exclude[limits.exclude != course])
        yield _limit(wish, "Do not leave it out", {"limit": "exclude"}, exclude=rest)
    if limits.only is not None and course not in limits.only:
        more = frozen(np.union1d(limits.only, [course]).astype(np.int32))
        yield _limit(wish, "Ask for it among the others", {"limit": "only"}, only=more)


def _accepted(wish: Wish) -> Iterator[Change]:
    catalog, limits = wish.recommender.model.catalog, wish.query.limits
    for name, words, accepted in (
        ("language", catalog.languages, limits.languages),
        ("format", catalog.formats, limits.formats),
    ):
        word = words[wish.course]
        if accepted and word not in accepted:
            to = (*accepted, word) if word else ()
            text = f"Accept the {name} {word} too" if word else f"Accept any {name}"
            numbers = {"limit": name, "from": list(accepted), "to": list(to)}
            yield _limit(wish, text, numbers, **{f"{name}s": to})


def _moved(wish: Wish, name: str, amounts: FloatArray, now: float | None) -> Iterator[tuple[float, Change]]:
    """Yield a limit on hours or cost raised to what the course needs, or lowered until enough others fall away."""
    own, words = amounts[wish.course], {"max_hours": "hours a course", "max_cost": "as the cost of a course"}[name]
    if now is not None and own > min(now, _LARGEST):
        to = plain(own)
        yield (to - now) / now if now else np.inf, _bounded(wish, name, f"Allow {to:g} {words}", now, to)
    elif not wish.barriers:
        largest = float(np.nanmax(amounts[wish.scored.courses], initial=0.0))
        start = largest if now is None else min(now, largest)
        for to in _tighter(wish, amounts):
            yield (start - to) / start, _bounded(wish, name, f"Allow at most {to:g} {words}", now, to)


def _bounded(wish: Wish, name: str, text: str, now: float | None, to: float) -> Change:
    before = {} if now is None else {"from": now}
    instead = f"{text} instead of {now:g}" if now is not None else text
    return _limit(wish, instead, {"limit": name, **before, "to": to}, **{name: to})


def _tighter(wish: Wish, amounts: FloatArray) -> list[float]:
    """Return the widest limits, a few, that the course keeps and that leave it among the first of the candidates."""
    scored, theirs = wish.scored, amounts[wish.scored.courses]
    found: list[float] = []
    for value in np.unique(theirs[~np.isnan(theirs)])[::-1][1:]:
        kept = np.flatnonzero(~(theirs > value))
        left = Scored(
            scored.courses[kept], scored.names, scored.parts[:, kept], scored.score[kept], scored.goal_gain[kept]
        )
        if wish.course in left.courses[wish.recommender.best(left, wish.k)]:
            found.append(plain(value))
        if len(found) == TIGHTER:
            break
    return found


# --- completions -------------------------------------------------------------------------------------------------


def _completions(wish: Wish) -> Iterator[Change]:
    """Yield courses completed a moment ago, if the person can take them as they stand.

    First missing prerequisites, then those that teach what it asks for, then those that most people took before it.
    """
    model = wish.recommender.model
    catalog, group = model.catalog, model.catalog.version_group
    prerequisites = missing_prerequisites(model, wish.query, wish.course)
    if "prerequisite" in wish.barriers and len(prerequisites) > 1:
        return
    proposed = [*prerequisites, *_teachers(wish), *_leads(wish)]
    seen = {*group[wish.query.history].tolist(), int(group[wish.course])}
    for one in proposed:
        course = _to_take(wish, one)
        if course != NONE and int(group[course]) not in seen:
            seen.add(int(group[course]))
            text = f"Complete “{catalog.titles[course]}”"
            yield Change("complete", 1, text, {"course_id": catalog.ids[course]}, completed(wish, course))


def _to_take(wish: Wish, course: int) -> int:
    """Return the version of a course that the person could take now, `NONE` if none."""
    catalog = wish.recommender.model.catalog
    versions = [course]
    if catalog.has_versions:
        versions += np.flatnonzero(catalog.version_group == catalog.version_group[course]).tolist()
    for one in versions:
        if _ABOUT_TAKING.isdisjoint(barriers(catalog, wish.query, one, levels=wish.levels)):
            return one
    return NONE


def completed(wish: Wish, course: int) -> Query:
    """Return the question of the same person having completed one more course just before it was asked."""
    query, group = wish.query, wish.recommender.model.catalog.version_group
    begun = query.in_progress != course
    return replace(
        query,
        history=frozen(np.append(query.history, np.int32(course)).astype(np.int32)),
        history_at=frozen(np.append(query.history_at, np.int64(query.as_of - 1))),
        in_progress=frozen(query.in_progress[begun]),
        progress=frozen(query.progress[begun]),
        required=tuple(one for one in query.required if group[one.course_idx] != group[course]),
    )


def _teachers(wish: Wish) -> Iterator[int]:
    """Yield courses that lift a skill to what the course asks for, those of fewest hours first."""
    catalog = wish.recommender.model.catalog
    rows = catalog.skills
    owner = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
    for at in range(*rows.span(wish.course).indices(len(rows.skill_idx))):
        skill, asked = int(rows.skill_idx[at]), int(rows.entry_level[at])
        if asked > wish.levels[skill]:
            teach = owner[(rows.skill_idx == skill) & (rows.level >= asked)].tolist()
            teach.sort(key=lambda one: (float(catalog.hours[one]), catalog.ids[one]))
            yield from [one for one in teach if one != wish.course][:TEACHERS]


def _leads(wish: Wish) -> list[int]:
    scorers = wish.recommender.model.scorers
    return [*_column(scorers.sequence.followed, wish.course), *_column(scorers.item_item.both, wish.course)]


def _column(rows: SparseRows, column: int) -> list[int]:
    """Return the rows with the largest weights at a column, ties by position."""
    at = np.flatnonzero(rows.indices == column)
    best = at[np.lexsort((at, -rows.weights[at]))[:LEADS]]
    return [int(one) for one in np.searchsorted(rows.indptr, best, side="right") - 1]


# --- skills ------------------------------------------------------------------------------------------------------


def _levels(wish: Wish, size: int) -> Iterator[Change]:
    """Yield one skill `size` levels higher, then lower: those the course is about, then those the goal role needs."""
    skills = wish.recommender.model.skills
    for skill in _skills(wish):
        have = int(wish.levels[skill])
        for level in (have + size, have - size):
            if 0 <= level <= MAX_LEVEL:
                name = skills.names[skill]
                numbers = {"skill_id": skills.ids[skill], "name": name, "from": have, "to": level}
                text = f"Be at level {level} in {name} instead of {have}"
                yield Change("skill_level", size, text, numbers, claiming(wish.query, skill, level))


def _skills(wish: Wish, *, of_barred: bool = False) -> list[int]:
    """Return the skills that can matter: those the course is about, then those the goal role needs.

    Of a course that is kept away only a level that it asks for can matter, unless `of_barred` asks for all the same.
    """
    rows = wish.recommender.model.catalog.skills
    span = rows.span(wish.course)
    if wish.barriers and not of_barred:
        return [int(skill) for skill in rows.skill_idx[span][rows.entry_level[span] > 0]]
    return list(dict.fromkeys([*rows.skill_idx[span].tolist(), *np.flatnonzero(wish.need.importance).tolist()]))


def claiming(query: Query, skill: int, level: int) -> Query:
    """Return the question of the same person with a claim of the most trusted source that a skill is at a level."""
    others = (row for row in query.claims.rows() if row[0] != skill)
    return replace(query, claims=Claims.weigh([*others, (skill, level, EVIDENCE_SOURCES[0], query.as_of - 1)]))
