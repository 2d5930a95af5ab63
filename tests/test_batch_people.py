"""What travels to a worker asks the same questions as the whole data set."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from recommender.company import Assignment, Dataset
from recommender.query import Query, query_of
from training.asking import just_after
from training.batching.asks import Asks, asks_of
from training.batching.people import Chunks
from training.tables.load import load_dataset


@pytest.fixture(scope="module")
def data(sample_company: Path) -> Dataset:
    """Return the sample company, with training that is assigned to single people as well, in among that of groups."""
    loaded = load_dataset(sample_company).dataset
    own = [Assignment(i % 7, employee_idx=who, due_at=loaded.now + i) for i, who in enumerate((249, 3, 3, 0, 77))]
    rules = (own[0], *loaded.people.assignments, *own[1:])
    return replace(loaded, people=replace(loaded.people, assignments=rules))


def plain(value: object) -> object:
    """Return a value as one that compares by what is in it."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.tolist()
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("size", [1, 37, 1000])
def test_a_chunk_asks_what_the_data_set_asks(data: Dataset, size: int) -> None:
    everyone = asks_of(data, "all", as_of=just_after(data))
    tables = Chunks(data).tables()
    found: list[Query] = []
    for chunk in Chunks(data).of(everyone, start=0, size=size):
        found += [query_of(chunk.within(tables), row, as_of=just_after(data)) for row in chunk.rows.tolist()]
    asked = [query_of(data, who, as_of=just_after(data)) for who in range(len(data.people))]
    assert sum(len(one.required) for one in asked) > len(asked) / 4
    assert any(len(one.feedback) for one in asked)
    assert any(len(one.claims.skill_idx) for one in asked)
    assert [plain(one) for one in found] == [plain(one) for one in asked]


def test_people_may_be_asked_for_twice_in_any_order_and_from_a_later_one_on(data: Dataset) -> None:
    who = np.array([77, 3, 249, 3, 0, 77], dtype=np.int32)
    moments = just_after(data) - np.array([0, 10**7, 0, 0, 10**6, 3 * 10**7])
    tables = Chunks(data).tables()
    found: list[Query] = []
    for chunk in Chunks(data).of(Asks(who, moments), start=1, size=4):
        within = chunk.within(tables)
        assert [within.people.ids[row] for row in chunk.rows.tolist()] == [
            data.people.ids[one] for one in who[1:][len(found) : len(found) + len(chunk)].tolist()
        ]
        pairs = zip(chunk.rows.tolist(), chunk.as_of.tolist(), strict=True)
        found += [query_of(within, row, as_of=moment) for row, moment in pairs]
    asked = [query_of(data, one, as_of=at) for one, at in zip(who[1:].tolist(), moments[1:].tolist(), strict=True)]
    assert [plain(one) for one in found] == [plain(one) for one in asked]


def test_a_chunk_carries_its_own_people_alone(data: Dataset) -> None:
    """A rule that names somebody travels with that one and nobody else; the texts of courses with nobody."""
    chunks = list(Chunks(data).of(asks_of(data, "all", as_of=just_after(data)), start=0, size=50))
    assert [len(one.people) for one in chunks] == [50] * 5
    assert sum(len(one.completions) for one in chunks) == len(data.completions)
    named = [rule.employee_idx for rule in data.people.assignments if rule.employee_idx >= 0]
    assert named[0] == 249
    for start, chunk in zip(range(0, 250, 50), chunks, strict=True):
        own = [rule.employee_idx + start for rule in chunk.people.assignments if rule.employee_idx >= 0]
        assert own == [one for one in named if start <= one < start + 50]
    assert "".join(Chunks(data).tables().catalog.descriptions) == ""
    assert "".join(data.catalog.descriptions) != ""
