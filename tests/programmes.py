"""Small programmes for the tests of the path: written by hand, drawn at random, and solved by trying everything."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from recommender.programme import Groups, Programme, covered, in_order


def programme(taught: Sequence[Sequence[int]], **given: Any) -> Programme:
    """Return a programme: nothing known, level 1 of everything needed, an hour a course, unless said."""
    n, m = len(taught), len(taught[0])
    needed = given.pop("needed", [1] * m)
    values: dict[str, Any] = {
        "have": [0] * m,
        "importance": [float(level > 0) for level in needed],
        "entry": [[0] * m] * n,
        "assumed_entry": [[0] * m] * n,
        "hours": [1.0] * n,
        "cost": [0.0] * n,
        "relevance": [0.5] * n,
    } | given
    requires: tuple[Groups, ...] = values.pop("requires", ((),) * n)
    limits = {name: values.pop(name, None) for name in ("max_hours", "max_cost")}
    arrays: dict[str, Any] = {name: np.array(value) for name, value in values.items()}
    return Programme(taught=np.array(taught), needed=np.array(needed), requires=requires, **arrays, **limits)


@st.composite
def programmes(draw: st.DrawFn, max_courses: int = 8, max_skills: int = 4) -> Programme:
    """Draw a programme with entry levels, prerequisites and limits, circles among them."""
    n, m = draw(st.integers(1, max_courses)), draw(st.integers(1, max_skills))
    level, share = st.integers(0, 3), st.sampled_from([0, 0, 0, 1, 2, 3])

    def table(values: st.SearchStrategy[int]) -> list[list[int]]:
        return draw(st.lists(st.lists(values, min_size=m, max_size=m), min_size=n, max_size=n))

    def row(values: st.SearchStrategy[Any], length: int) -> list[Any]:
        return draw(st.lists(values, min_size=length, max_size=length))

    groups = st.lists(st.lists(st.integers(0, n - 1), min_size=1, max_size=2).map(tuple), max_size=1).map(tuple)
    needed = row(level, m)
    weight = row(st.sampled_from([0.25, 0.5, 1.0]), m)
    return programme(
        table(share),
        entry=table(share),
        assumed_entry=table(share),
        have=row(st.sampled_from([0, 0, 1]), m),
        needed=needed,
        importance=[w if level else 0.0 for w, level in zip(weight, needed, strict=True)],
        requires=tuple(row(st.one_of(st.just(()), groups), n)),
        hours=row(st.sampled_from([0.5, 1.0, 2.0, 5.0]), n),
        cost=row(st.sampled_from([0.0, 10.0, 30.0]), n),
        relevance=row(st.sampled_from([0.0, 0.25, 1.0]), n),
        max_hours=draw(st.sampled_from([None, 0.0, 2.0, 4.0, 8.0])),
        max_cost=draw(st.sampled_from([None, 0.0, 25.0, 60.0])),
    )


def best_of_all(asked: Programme) -> tuple[float, float]:
    """Try every set of courses that can be put in order whole: the most coverage, and the least effort it takes."""
    effort = asked.hours * (1.5 - asked.relevance)
    found = [
        (-covered(asked, chosen), float(effort[list(chosen)].sum()))
        for size in range(len(asked) + 1)
        for chosen in combinations(range(len(asked)), size)
        if len(in_order(asked, chosen)) == size
    ]
    coverage, least = min((round(one, 12), effort) for one, effort in found)
    return -coverage, least
