"""The compiled rules of eligibility say what each says when it is stated plainly, one course and one rule at a time."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_worlds import positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import EARLIEST, LATEST, IntArray, Levels, Ragged
from recommender.catalog import Catalog
from recommender.eligibility import RULES, Asked, barriers, eligible
from recommender.eligibility_kernels import BITS
from recommender.query import Query
from recommender.required import Required

N, N_SKILLS = 7, 3
WORDS = ("Sales", "Lyon", "r1", "Seller", "Legal", "")
MOMENTS = [day(i) + second for i in (1, 2, 3) for second in (-1, 0, 1)]
"""About the only moments at which anything changes, the very boundaries and a second to each side."""


def some(rng: np.random.Generator, most: int) -> list[int]:
    """Return up to `most` courses, none twice, in any order."""
    return list(rng.permutation(N)[: rng.integers(0, most + 1)].tolist())


def courses(rng: np.random.Generator) -> Catalog:
    """Seven courses of which about half have each thing a rule looks at; a version supersedes only older ones."""
    edge = np.array([day(1), day(2), day(3)], dtype=np.int64)
    taught = {i: [(skill, 3) for skill in range(N_SKILLS) if rng.random() < 0.5] for i in range(N)}
    rows = skill_rows(taught, n_rows=N)
    declared, entry = rng.random(len(rows.level)) < 0.5, rng.integers(0, 4, len(rows.level)).astype(np.int8)
    return replace(
        catalog(N),
        published=rng.random(N) < 0.8,
        available_from=np.where(rng.random(N) < 0.5, rng.choice(edge, N), EARLIEST),
        available_to=np.where(rng.random(N) < 0.5, rng.choice(edge, N), LATEST),
        audience=tuple(tuple(rng.choice(WORDS, rng.integers(1, 3))) if rng.random() < 0.5 else () for _ in range(N)),
        prerequisites=Ragged.from_rows(some(rng, 2) if rng.random() < 0.5 else [] for _ in range(N)),
        supersedes=Ragged.from_rows([one for one in some(rng, 1) if one < i] for i in range(N)),
        skills=replace(rows, entry_level=entry, entry_declared=declared),
    )


def question(rng: np.random.Generator) -> Query:
    history = some(rng, 4)
    return Query(
        as_of=int(rng.choice(MOMENTS)),
        history=positions(*history),
        history_at=np.sort(rng.integers(0, day(1), len(history))),
        department=str(rng.choice(WORDS)),
        location=str(rng.choice(WORDS)),
        role_names=("r1", "Seller") if rng.random() < 0.5 else (),
        in_progress=positions(*some(rng, 2)),
        progress=np.zeros(0, dtype=np.float32),
        due_again=positions(*some(rng, 2)),
        required=tuple(Required(one, None, 1.0, overdue=False, recurring=False) for one in some(rng, 2)),
    )


def any_version(told: Catalog, course: int, others: IntArray | list[int]) -> bool:
    """Tell whether some courses have a version of one: itself, what it supersedes or is superseded by, and so on."""
    same, size = {course}, 0
    while len(same) > size:
        size = len(same)
        for newer in range(N):
            tied = {newer, *told.supersedes.row(newer).tolist()}
            same |= tied if tied & same and len(tied) > 1 else set()
    return not same.isdisjoint(int(one) for one in others)


def available(told: Catalog, asked: Query, course: int) -> bool:
    return bool(told.available_from[course] <= asked.as_of < told.available_to[course])


def superseded(told: Catalog, asked: Query, course: int) -> bool:
    newer = [one for one in range(N) if course in told.supersedes.row(one)]
    return any(told.published[one] and available(told, asked, one) for one in newer)


def completed(told: Catalog, asked: Query, course: int) -> bool:
    return any_version(told, course, asked.history) and not any_version(told, course, asked.due_again)


def meant_for_others(told: Catalog, asked: Query, course: int) -> bool:
    known = {word for word in (asked.department, asked.location, *asked.role_names) if word}
    return bool(told.audience[course]) and known.isdisjoint(told.audience[course])


def too_low(told: Catalog, levels: Levels, course: int) -> bool:
    rows, span = told.skills, told.skills.span(course)
    entries = zip(rows.skill_idx[span], rows.entry_level[span], rows.entry_declared[span], strict=True)
    return any(declared and levels[skill] < level for skill, level, declared in entries)


BROKEN: dict[str, Callable[[Catalog, Query, int], bool]] = {
    "unpublished": lambda told, _asked, course: not told.published[course],
    "superseded": superseded,
    "not_available": lambda told, asked, course: not available(told, asked, course),
    "completed": completed,
    "required": lambda told, asked, course: any_version(told, course, [one.course_idx for one in asked.required]),
    "in_progress": lambda told, asked, course: any_version(told, course, asked.in_progress),
    "audience": meant_for_others,
    "prerequisite": lambda told, asked, course: (
        not all(any_version(told, one, asked.history) for one in told.prerequisites.row(course).tolist())
    ),
}
"""When a course breaks a rule, in the words of the design."""


def broken(told: Catalog, asked: Query, course: int, levels: Levels | None) -> set[str]:
    """Return the rules that a course breaks."""
    low = {"entry_level"} if levels is not None and too_low(told, levels, course) else set()
    return {name for name, breaks in BROKEN.items() if breaks(told, asked, course)} | low


@given(seed=st.integers(0, 10**6), n_questions=st.integers(1, 4))
def test_each_rule_says_what_it_says_plainly(seed: int, n_questions: int) -> None:
    rng = np.random.default_rng(seed)
    told = courses(rng)
    for _ in range(n_questions):  # what one question leaves behind would be seen by the next
        asked = question(rng)
        levels = rng.integers(0, 4, N_SKILLS).astype(np.int8) if rng.random() < 0.7 else None
        expected = [broken(told, asked, course, levels) for course in range(N)]
        which = np.array([*rng.permutation(N), 0], dtype=np.int32)
        for name in BITS:
            passed = RULES[name](Asked(told, asked, levels), which)
            assert passed is not None
            assert passed.tolist() == [name not in expected[one] for one in which.tolist()], name
        assert [barriers(told, asked, one, levels=levels) for one in range(N)] == [
            tuple(name for name in RULES if name in names) for names in expected
        ]
        despite = set(rng.permutation(list(BITS))[: rng.integers(0, 4)].tolist())
        shown = eligible(told, asked, which, levels=levels, despite=despite)
        assert shown.tolist() == [expected[one] <= despite for one in which.tolist()]
        assert told.superseded_at(asked.as_of).tolist() == ["superseded" in names for names in expected]


def test_courses_are_judged_alike_however_many_are_asked_about() -> None:
    """They are judged some hundreds at a time: of 600 every seventh is not published, every fifth asks a level."""
    taught = {i: [(0, 3)] for i in range(0, 600, 5)}
    rows = skill_rows(taught, n_rows=600, entry={(i, 0): 2 for i in taught})
    told = replace(catalog(600), published=np.arange(600) % 7 > 0, skills=rows)
    expected = [i % 7 > 0 and i % 5 > 0 for i in range(600)]
    levels = np.array([1], dtype=np.int8)
    assert eligible(told, Query(day(1)), levels=levels).tolist() == expected
    for n in (0, 1, 255, 256, 257, 512):
        some_of_them = np.arange(n, dtype=np.int32)
        assert eligible(told, Query(day(1)), some_of_them, levels=levels).tolist() == expected[:n]


def test_another_process_has_the_same_rules() -> None:
    rng = np.random.default_rng(5)
    told = courses(rng)
    told.rules  # noqa: B018 made before the catalogue is sent
    sent = pickle.loads(pickle.dumps(told))
    for _ in range(20):
        asked = question(rng)
        assert eligible(sent, asked).tolist() == eligible(told, asked).tolist()


@pytest.mark.parametrize("wrong", [-1, N])
@pytest.mark.parametrize("column", ["history", "due_again", "in_progress", "courses"])
def test_a_position_beyond_the_catalogue_is_refused(column: str, wrong: int) -> None:
    beyond, asked = positions(0, wrong), Query(day(1))
    columns: dict[str, Any] = {} if column == "courses" else {column: beyond}
    asked, which = replace(asked, **columns), positions(0) if columns else beyond
    told = catalog(N)
    with pytest.raises(ValueError, match=f"{column}: found {wrong}; expected positions below {N}"):
        eligible(told, asked, which)
    assert eligible(told, Query(day(1))).all(), "and leaves nothing behind"


def test_columns_of_another_length_are_refused() -> None:
    for column, message in (("available_to", "expected 7"), ("prerequisites", "expected one for each of 7 courses")):
        longer: dict[str, Any] = {column: getattr(catalog(N + 1), column)}
        told = replace(catalog(N), **longer)
        with pytest.raises(ValueError, match=message):
            eligible(told, Query(day(1)))
