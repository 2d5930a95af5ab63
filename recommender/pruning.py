"""What may be left out, without losing any coverage: of a programme before it is solved, and of a path afterwards.

A course is kept in a programme if it can start at all, fits the limits by itself, adds to what is needed or opens the way
to one that does, and no other course is at least as good in every respect. In a path it is kept if less is covered
without it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import BoolArray, IntArray, Levels
from recommender.programme import HIGHEST_LEVEL, Numbers, Programme, Progress, levels_after, reachable

_BLOCK = 8_000_000
"""Bytes compared at once."""


def worth_solving(programme: Programme) -> IntArray:
    """Return the positions of the courses that are kept, rising; their programme is `programme.only(…)`.

    The best coverage of any valid order within the limits, and its least Σ hours·(1.5 − relevance), stay the same.
    """
    everyone = np.arange(len(programme), dtype=np.int32)
    can, _ = reachable(programme, Progress(programme).fitting(everyone))
    useful, wanted = _useful(programme, can)
    kept = np.flatnonzero(useful).astype(np.int32)
    return kept[~dominated(programme, kept, wanted)]


def _useful(programme: Programme, can: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Go backwards from the courses that add coverage to those that open the way to them.

    Returns which courses are of use, (n,), and which levels are, (m, HIGHEST_LEVEL + 1): needed ones above those there
    are now, and the entry levels of courses of use.
    """
    level = np.arange(HIGHEST_LEVEL + 1)
    above = level > programme.have[:, None]
    weighed = programme.importance > 0
    needed = above & weighed[:, None] & (level <= programme.needed[:, None])
    wanted = np.zeros_like(needed)
    useful = can & (np.minimum(programme.taught, programme.needed) > programme.have)[:, weighed].any(axis=1)
    asking = programme.unmet_at_start > 0
    waiting = np.flatnonzero(useful & asking).tolist()
    while waiting:
        course = waiting.pop()
        opening = np.zeros_like(can)
        for skill in np.flatnonzero(programme.entry[course] > programme.have).tolist():
            asked = programme.entry[course, skill]
            if not wanted[skill, asked]:
                wanted[skill, asked] = True
                opening |= first_to_bring(programme, skill, int(asked))
        for group in programme.requires[course]:
            opening[list(group)] = True
        opening &= can & ~useful
        useful |= opening
        waiting.extend(np.flatnonzero(opening & asking).tolist())
    return useful, wanted | needed


def first_to_bring(programme: Programme, skill: int, level: int) -> BoolArray:
    """Tell of each course whether it may be the first in an order to bring a skill to a level, (n,).

    It teaches that level, and does not itself ask for it: a course that does comes after another that brought it.
    """
    return np.asarray((programme.taught[:, skill] >= level) & (programme.entry[:, skill] < level))


def dominated(programme: Programme, courses: IntArray, wanted: BoolArray) -> BoolArray:
    """Tell of each of `courses` whether another of them is at least as good in every respect, (len(courses),).

    At least as good: teaches every wanted level the other does, asks for no more entry levels and prerequisites, costs
    no more hours and money, has no lower relevance; of equals the lower position stays. In any valid order the better
    one can stand in the other's place. A course that is somebody's prerequisite is never dominated.
    """
    taught = _highest_wanted(np.where(programme.taught[courses] > programme.have, programme.taught[courses], 0), wanted)
    asked = np.where(programme.entry[courses] > programme.have, programme.entry[courses], 0)
    taught, asked = (one[:, one.any(axis=0)] for one in (taught, asked))  # elsewhere all are equal
    found = np.zeros(len(courses), dtype=np.bool_)
    free = np.diff(programme.groups_with.indptr)[courses] == 0
    groups = _numbered_groups(programme, courses)
    for others, better in _by_rarest_level(taught, np.flatnonzero(free).astype(np.int32)):
        step = max(1, _BLOCK // max(1, len(better) * taught.shape[1]))
        for start in range(0, len(others), step):
            block = others[start : start + step]
            found[block] = _dominated_by(programme, courses, taught, asked, groups, block, better)
    return found


def _highest_wanted(taught: Levels, wanted: BoolArray) -> Levels:
    """Lower each taught level to the highest wanted one it reaches, 0 if none."""
    below = np.where(wanted, np.arange(HIGHEST_LEVEL + 1), 0)
    highest = np.maximum.accumulate(below, axis=1).astype(np.int8)
    return np.asarray(highest[np.arange(taught.shape[1]), taught])


def _numbered_groups(programme: Programme, courses: IntArray) -> NDArray[np.int64]:
    """Return a number for each set of prerequisite groups, (len(courses),): 0 for none, equal for equal sets."""
    numbers: dict[frozenset[frozenset[int]], int] = {frozenset(): 0}
    sets = (frozenset(map(frozenset, programme.requires[course])) for course in courses.tolist())
    return np.array([numbers.setdefault(one, len(numbers)) for one in sets], dtype=np.int64)


def _by_rarest_level(taught: Levels, rows: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Group rows by the (skill, level) they teach that fewest courses teach; with each group come those courses.

    Whoever is at least as good as a row teaches that level too, so that few pairs are compared.
    """
    reach = np.stack([(taught >= level).sum(axis=0) for level in range(HIGHEST_LEVEL + 1)], axis=1)
    counts = np.where(taught > 0, reach[np.arange(taught.shape[1]), taught], len(taught) + 1)
    skill = counts.argmin(axis=1) if taught.shape[1] else np.zeros(len(taught), dtype=np.int64)
    pairs: list[tuple[IntArray, IntArray]] = []
    for level in range(1, HIGHEST_LEVEL + 1):
        at_level = rows[taught[rows, skill[rows]] == level] if taught.shape[1] else rows[:0]
        for one in np.unique(skill[at_level]).tolist():
            able = np.flatnonzero(taught[:, one] >= level).astype(np.int32)
            pairs.append((at_level[skill[at_level] == one], able))
    return pairs


def _dominated_by(
    programme: Programme,
    courses: IntArray,
    taught: Levels,
    asked: Levels,
    groups: NDArray[np.int64],
    block: IntArray,
    better: IntArray,
) -> BoolArray:
    as_good = (groups[better] == 0) | (groups[better] == groups[block][:, None])
    some = np.zeros_like(as_good)
    for each, sign in ((programme.hours, 1), (programme.cost, 1), (programme.relevance, -1)):
        theirs, own = sign * each[courses[better]], sign * each[courses[block]][:, None]
        as_good &= theirs <= own
        some |= theirs < own
    as_good &= (taught[better] >= taught[block][:, None, :]).all(axis=2)
    as_good &= (asked[better] <= asked[block][:, None, :]).all(axis=2)
    some |= (taught[better] > taught[block][:, None, :]).any(axis=2)
    some |= (asked[better] < asked[block][:, None, :]).any(axis=2)
    some |= (groups[better] == 0) & (groups[block][:, None] != 0)
    return np.asarray((as_good & (some | (better < block[:, None]))).any(axis=1))


def effort(programme: Programme) -> Numbers:
    """Return hours·(1.5 − relevance) of each course, (n,): what the second goal makes least (design section 6)."""
    return np.asarray(programme.hours * (1.5 - programme.relevance))


def lean(programme: Programme, order: list[int]) -> list[int]:
    """Leave out, largest effort first, each course without which the rest still reaches what is needed.

    What can no longer start without it goes with it. Every course that stays either adds coverage of its own or opens
    the way to one that does: without any one of them, less is covered.
    """
    goal = np.minimum(levels_after(programme, order), programme.needed)[programme.importance > 0]
    chosen = np.array(order, dtype=np.int32)
    sure = _sure(programme, chosen)
    for course in sorted(order, key=lambda one: (-effort(programme)[one], one)):
        if course in sure or course not in chosen:
            continue
        taken, levels = reachable(programme, chosen[chosen != course])
        if np.array_equal(np.minimum(levels, programme.needed)[programme.importance > 0], goal):
            chosen = np.flatnonzero(taken).astype(np.int32)
    return [int(one) for one in chosen]


def _sure(programme: Programme, chosen: IntArray) -> set[int]:
    """Return chosen courses that certainly stay: alone in bringing a needed level, or alone in opening one that stays."""
    highest = np.sort(programme.taught[chosen], axis=0)
    second = highest[-2] if len(chosen) > 1 else np.zeros_like(programme.have)
    others = np.minimum(np.maximum(second, programme.have), programme.needed)
    alone = (np.minimum(programme.taught[chosen], programme.needed) > others) & (programme.importance > 0)
    waiting = chosen[alone.any(axis=1)].tolist()
    sure, among = set(waiting), set(chosen.tolist())
    while waiting:
        course = waiting.pop()
        ways = [[one for one in group if one in among] for group in programme.requires[course]]
        for skill in np.flatnonzero(programme.entry[course] > programme.have).tolist():
            ways.append(chosen[programme.taught[chosen, skill] >= programme.entry[course, skill]].tolist())
        new = {way[0] for way in ways if len(way) == 1} - sure
        sure |= new
        waiting.extend(new)
    return sure
