"""Laws of the pieces of loading: repeats, circles, roles at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from graphlib import CycleError, TopologicalSorter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_on_disk import write_tables

from recommender.cycles import find_cycles
from training.tables.completions import roles_at
from training.tables.load import load_dataset
from training.tables.rows import repeats


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2), st.integers(0, 2)), max_size=20))
def test_repeats_are_all_rows_but_the_best_of_each_key(rows: list[tuple[int, int, int]]) -> None:
    first, second, rank = (
        np.array(column, dtype=np.int64) for column in (zip(*rows, strict=True) if rows else [[]] * 3)
    )
    again, stands = repeats([first, second], np.arange(len(rows)), preferred=[rank])
    best = {
        row[:2]: min(i for i, one in enumerate(rows) if one == min(r for r in rows if r[:2] == row[:2])) for row in rows
    }
    assert again.tolist() == [i for i, row in enumerate(rows) if i != best[row[:2]]]
    assert stands.tolist() == [best[rows[i][:2]] for i in again]


@given(st.lists(st.sets(st.integers(0, 5), max_size=3), min_size=6, max_size=6))
def test_cycles_are_found_exactly_where_there_are_any(edges: list[set[int]]) -> None:
    cycles = find_cycles([sorted(some) for some in edges])
    assert len({tuple(cycle) for cycle in cycles}) == len(cycles)
    for cycle in cycles:
        assert cycle[0] == min(cycle)
        assert len(set(cycle)) == len(cycle)
        assert all(after in edges[before] for before, after in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    try:
        tuple(TopologicalSorter(dict(enumerate(edges))).static_order())
    except CycleError:
        assert cycles
    else:
        assert not cycles


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 5)), max_size=8),
    asked=st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 6)), min_size=1, max_size=8),
)
def test_roles_of_many_are_the_roles_of_each(
    changes: list[tuple[int, int, int]], asked: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [f"e{who},r3,r{to},{2000 + when}-01-01" for who, to, when in changes]
    tables = write_tables(
        tmp_path_factory.mktemp("tables"),
        employees="employee_id,role_id\ne0,r0\ne1,\ne2,r2\n",
        roles="role_id,title\nr0,A\nr1,B\nr2,C\nr3,D\n",
        role_changes="employee_id,from_role_id,to_role_id,changed_at\n" + "\n".join(lines),
    )
    people = load_dataset(tables).dataset.people
    who = np.array([one for one, _ in asked], dtype=np.int32)
    at = np.array([int(datetime(2000 + year, 1, 1, tzinfo=UTC).timestamp()) for _, year in asked], dtype=np.int64)
    each = [people.role_at(int(one), int(moment)) for one, moment in zip(who, at, strict=True)]
    assert roles_at(people, who, at).tolist() == each
