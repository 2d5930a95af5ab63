"""What travels to a worker: some employees with all that is known of them, without the company around them.

The tables of a company are in memory once, in the process that read them. A worker is given the catalogue and the roles
once and, with each chunk, the rows of those it answers for: a few hundred bytes a person and 17 a completion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, Ids, IntArray, LongArray
from recommender.company import Assignment, Completions, Dataset, Dated, People
from training.batching.asks import Asks


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some employees and the questions about them, in the order asked.

    `rows` (n,) positions in `people` and `as_of` (n,) moments, one a question.
    """

    people: People
    completions: Completions
    rows: IntArray
    as_of: LongArray

    def __len__(self) -> int:
        return len(self.rows)

    def within(self, tables: Dataset) -> Dataset:
        """Return the data set of these employees alone, with the catalogue and the roles of `tables`."""
        return replace(tables, people=self.people, completions=self.completions)


@dataclass(frozen=True)
class Chunks:
    """The chunks of a data set: who is asked for, cut into groups as they are asked for and made when they are needed."""

    data: Dataset

    def of(self, asked: Asks, *, start: int, size: int) -> Iterator[Chunk]:
        """Yield who is asked for from position `start` on, `size` at a time."""
        for i in range(start, len(asked), size):
            who, rows = np.unique(asked.employee_idx[i : i + size], return_inverse=True)
            people = self._people(who)
            completions = _completions(self.data.completions, who)
            yield Chunk(people, completions, rows.astype(np.int32), asked.as_of[i : i + size])

    def tables(self) -> Dataset:
        """Return the data set without anybody in it, and without the texts no question looks at."""
        nobody = np.empty(0, dtype=np.int32)
        people = replace(self._people(nobody), assignments=())
        catalog = replace(self.data.catalog, descriptions=("",) * len(self.data.catalog))
        return replace(
            self.data, people=people, completions=_completions(self.data.completions, nobody), catalog=catalog
        )

    def _people(self, who: IntArray) -> People:
        columns: dict[str, Any] = {}
        for name in (field.name for field in fields(People)):
            column = getattr(self.data.people, name)
            if isinstance(column, Dated):
                columns[name] = _dated(column, who)
            elif isinstance(column, np.ndarray):
                columns[name] = column[who]
            else:
                columns[name] = tuple(column[i] for i in who.tolist()) if name != "assignments" else ()
        columns["ids"] = Ids(columns["ids"])
        return People(**{**columns, "assignments": self._assignments(who)})

    def _assignments(self, who: IntArray) -> tuple[Assignment, ...]:
        """Return the rules that bind everyone, a role or a department, and those that name one of these, in their order."""
        rules, (order, named) = self.data.people.assignments, self._by_name
        ends = [np.searchsorted(named, who, side=side) for side in ("left", "right")]
        place = np.repeat(np.arange(len(who)), ends[1] - ends[0])
        own = [order[start:stop] for start, stop in zip(*(one.tolist() for one in ends), strict=True)]
        general = order[: int(np.searchsorted(named, NONE, side="right"))]
        found = dict(zip(np.concatenate([*own, general[:0]]).tolist(), place.tolist(), strict=True))
        return tuple(
            replace(rules[i], employee_idx=found[i]) if i in found else rules[i]
            for i in sorted([*found, *general.tolist()])
        )

    @cached_property
    def _by_name(self) -> tuple[NDArray[np.int64], IntArray]:
        """The rules in the order of whom they name, `NONE` (nobody in particular) first, and whom each names."""
        rules = self.data.people.assignments
        named = np.fromiter((rule.employee_idx for rule in rules), dtype=np.int32, count=len(rules))
        order = np.argsort(named, kind="stable")
        return order, named[order]


def _completions(all_of_them: Completions, who: IntArray) -> Completions:
    indptr, flat = _rows(all_of_them.indptr, who)
    return Completions(
        np.repeat(np.arange(len(who), dtype=np.int32), np.diff(indptr)),
        all_of_them.course_idx[flat],
        all_of_them.at[flat],
        all_of_them.assigned[flat],
        all_of_them.first[flat],
        indptr,
    )


def _dated(facts: Dated, who: IntArray) -> Dated:
    indptr, flat = _rows(facts.indptr, who)
    return Dated(indptr, facts.subject[flat], facts.value[flat], facts.source[flat], facts.at[flat])


def _rows(indptr: LongArray, who: IntArray) -> tuple[LongArray, NDArray[np.int64]]:
    """Return the `indptr` of some rows of a table alone, and the flat positions of what they hold."""
    lengths = indptr[who + 1] - indptr[who]
    cut = np.append(0, np.cumsum(lengths)).astype(np.int64)
    return cut, np.arange(cut[-1]) + np.repeat(indptr[who] - cut[:-1], lengths)
