"""One cut made ready: what was known before it, the cases after it, and the lists a ranker gives for them.

A unit of work is one fitted model at one cut; its lists are saved under a key of everything they depend on, so that a
run that was stopped continues where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, IntArray, frozen
from recommender.company import Dataset
from recommender.query import Limits, Query
from training.baselines.family import Fitted
from training.baselines.interactions import id_order_of, top_k
from training.engines import HERE, Engine
from training.goals.people import GoalPeople
from training.metrics import Popularity
from training.split import Cases, Window, cases_of, never_completed, past_of
from training.split import Protocol as ProtocolName

CHUNK = 512
"""Queries ranked at a time."""

Eligible = Callable[[Dataset, Query], BoolArray]
"""Which courses of a data set a query may be shown, (n_courses,)."""
Lists = dict[str, IntArray]
"""Ranked lists of one model by question: a protocol's name, or that with `COLD_ONLY` added."""
COLD_ONLY = " among cold"
DEEP = " deep"
"""Added to `window`: the lists of the people whose lists are followed, `DEPTH` courses long."""
DEPTH = 100
"""Courses of a list that is followed: enough to fill the most hours asked about."""


class Ranker(Protocol):
    """What is evaluated: ranks courses for queries."""

    def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
        """Return course positions, (n_queries, k), best first, −1 where a list ends; `without` silences scorers."""


@runtime_checkable
class Reporting(Protocol):
    """A ranker that says how its fit went."""

    @property
    def report(self) -> Mapping[str, Any]:
        """Return what its fit measured, ready for JSON."""


@dataclass(frozen=True)
class Stage:
    """One window made ready to be asked about.

    `cases` holds the questions of each protocol; `cold` (n_courses,) the courses nobody had completed before the cut;
    `goals` the people whose lists are followed, None where nobody's are.
    """

    window: Window
    past: Dataset
    cases: dict[ProtocolName, Cases]
    cold: BoolArray
    eligible: Eligible
    goals: GoalPeople | None = None

    @classmethod
    def of(
        cls,
        data: Dataset,
        window: Window,
        protocols: Sequence[ProtocolName],
        *,
        eligible: Eligible,
        max_employees: int | None = None,
        max_followed: int = 0,
        seed: int = 0,
    ) -> Stage:
        """Cut the data and ask the questions; draw at most `max_followed` people with a gap from those of `window`."""
        cases = {name: cases_of(data, window, name, max_employees=max_employees, seed=seed) for name in protocols}
        cold = never_completed(data.completions, window.start, len(data.catalog))
        past = past_of(data, window.start)
        goals = None
        if max_followed and "window" in cases:
            drawn = GoalPeople.of(past, cases["window"], cases.get("next"), most=max_followed, seed=seed)
            goals = drawn if len(drawn) else None
        return cls(window, past, cases, cold, eligible, goals)

    @cached_property
    def popularity(self) -> Popularity:
        """How widely each course was completed before the cut."""
        return Popularity.of(self.past.completions, len(self.past.catalog))

    @cached_property
    def cold_cases(self) -> dict[ProtocolName, Cases]:
        """The cases in which a cold course was completed, with only those as targets."""
        return {name: cases.with_targets(self.cold) for name, cases in self.cases.items()}

    @cached_property
    def id_order(self) -> IntArray:
        """Course positions in the order of their ids."""
        return id_order_of(self.past)

    @cached_property
    def shuffled_order(self) -> IntArray:
        """Course positions in a random order, the same every time.

        Ids often follow the date a course was made, so that breaking ties by id ranks courses nobody took by age. Among
        cold courses a baseline that knows nothing of them has nothing but ties: it gets this order, not the ids'.
        """
        return np.random.default_rng(0).permutation(len(self.past.catalog)).astype(np.int32)

    @cached_property
    def allowed(self) -> dict[ProtocolName, NDArray[np.uint8]]:
        """What each case may be shown, a bit a course: eligible when asked and not completed before."""
        return {name: self._packed(cases.queries) for name, cases in self.cases.items()}

    @cached_property
    def cold_allowed(self) -> dict[ProtocolName, NDArray[np.uint8]]:
        """The same for `cold_cases`, cold courses only."""
        bits = np.packbits(self.cold)
        return {name: self._packed(cases.queries) & bits for name, cases in self.cold_cases.items()}

    def rankable(self, name: ProtocolName) -> BoolArray:
        """Return which targets of a protocol could be shown, in the order of its `targets.values`."""
        cases = self.cases[name]
        owner = np.repeat(np.arange(len(cases)), cases.n_targets)
        return allowed_at(self.allowed[name], owner, cases.targets.values)

    def _packed(self, queries: Sequence[Query]) -> NDArray[np.uint8]:
        packed = np.zeros((len(queries), -(-len(self.past.catalog) // 8)), dtype=np.uint8)
        for row, query in zip(packed, queries, strict=True):
            mask = self.eligible(self.past, query).copy()
            mask[query.history] = False
            row[:] = np.packbits(mask)
        return packed


def allowed_at(packed: NDArray[np.uint8], rows: NDArray[np.int64], columns: IntArray) -> BoolArray:
    """Read single bits of a packed table."""
    return np.asarray((packed[rows, columns // 8] >> (7 - columns % 8)) & 1, dtype=np.bool_)


def baseline_lists(fitted: Fitted, stage: Stage, *, k: int, engine: Engine = HERE) -> Lists:
    """Rank every question of a stage by a baseline's scores; the lists do not depend on the engine."""
    lists: Lists = {}
    for name in stage.cases:
        lists[name] = _by_scores(fitted, stage.cases[name], stage.allowed[name], stage.id_order, k, engine)
        among_cold = stage.cold_cases[name], stage.cold_allowed[name], stage.shuffled_order
        lists[name + COLD_ONLY] = _by_scores(fitted, *among_cold, k, engine)
    if stage.goals is not None:
        allowed = stage.allowed["window"][stage.goals.rows]
        lists["window" + DEEP] = _by_scores(fitted, stage.goals.window, allowed, stage.id_order, DEPTH, engine)
    return lists


def cold_by_id(stage: Stage, name: ProtocolName, *, k: int) -> IntArray:
    """Rank cold courses by id alone, (n_cold_cases, k): what the ids give away, to hold against a model."""
    allowed = np.unpackbits(stage.cold_allowed[name], axis=1, count=len(stage.cold)).view(np.bool_)
    return top_k(np.zeros(allowed.shape, dtype=np.float32), allowed, stage.id_order, k)


def model_lists(ranker: Ranker, stage: Stage, *, k: int, engine: Engine = HERE) -> Lists:
    """Rank every question of a stage by the model, with its own eligibility."""
    cold = Limits(only=frozen(np.flatnonzero(stage.cold).astype(np.int32)))
    asked: dict[str, Sequence[Query]] = {}
    for name, cases in stage.cases.items():
        asked[name] = cases.queries
        asked[name + COLD_ONLY] = [replace(query, limits=cold) for query in stage.cold_cases[name].queries]
    return ranked_in_chunks(ranker, asked, k=k, engine=engine)


def ranked_in_chunks(
    ranker: Ranker,
    asked: Mapping[str, Sequence[Query]],
    *,
    k: int,
    without: tuple[str, ...] = (),
    engine: Engine = HERE,
) -> Lists:
    """Ask a ranker the queries of each name, some at a time, and check its lists.

    Raises
    ------
    ValueError
        If a list has another shape, repeats a course, or shows one that was completed before or is not there.
    """
    chunks = [(name, queries[i : i + CHUNK]) for name, queries in asked.items() for i in range(0, len(queries), CHUNK)]
    found: dict[str, list[IntArray]] = {name: [np.empty((0, k), dtype=np.int32)] for name in asked}
    ranked = engine.map(_ranked_chunk, (queries for _, queries in chunks), ranker, k, without)
    for (name, _), lists in zip(chunks, ranked, strict=True):
        found[name].append(lists)
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _ranked_chunk(queries: Sequence[Query], ranker: Ranker, k: int, without: tuple[str, ...]) -> IntArray:
    ranked = ranker.rank(queries, k=k, without=without)
    _check(ranked, queries, k)
    return ranked.astype(np.int32)


def _by_scores(
    fitted: Fitted, cases: Cases, packed: NDArray[np.uint8], tie_order: IntArray, k: int, engine: Engine
) -> IntArray:
    spans = (slice(start, start + CHUNK) for start in range(0, len(cases), CHUNK))
    chunks = ((cases.queries[rows], cases.employee_idx[rows], packed[rows]) for rows in spans)
    return np.concatenate([np.empty((0, k), dtype=np.int32), *engine.map(_best_of_chunk, chunks, fitted, tie_order, k)])


def _best_of_chunk(
    chunk: tuple[Sequence[Query], IntArray, NDArray[np.uint8]], fitted: Fitted, tie_order: IntArray, k: int
) -> IntArray:
    queries, employee_idx, packed = chunk
    allowed = np.unpackbits(packed, axis=1, count=len(tie_order)).view(np.bool_)
    return top_k(fitted.scores(queries, employee_idx=employee_idx), allowed, tie_order, k)


def _check(ranked: IntArray, queries: Sequence[Query], k: int) -> None:
    if ranked.shape != (len(queries), k):
        raise ValueError(f"ranked: shape {ranked.shape}; expected {(len(queries), k)}")
    for row, query in zip(ranked, queries, strict=True):
        shown = row[row != NONE]
        if len(np.unique(shown)) != len(shown):
            raise ValueError(f"ranked: a course twice in {row.tolist()}; expected each once")
        if np.isin(shown, query.history).any():
            raise ValueError(f"ranked: a completed course in {row.tolist()}; expected only new ones")


@dataclass(frozen=True, slots=True)
class ListStore:
    """Saved lists in a folder, one file a unit of work, named by what it is and a hash of all it depends on."""

    folder: Path
    depends_on: str

    def path(self, name: str, **inputs: Any) -> Path:
        """Return where the lists of a unit of work are or will be."""
        text = json.dumps({"depends_on": self.depends_on, "name": name, **inputs}, sort_keys=True)
        words = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
        return self.folder / f"{words}-{hashlib.sha256(text.encode()).hexdigest()[:20]}.npz"

    @staticmethod
    def load(path: Path) -> tuple[Lists, dict[str, float]] | None:
        """Return saved lists and how long they took, None if there are none."""
        if not path.exists():
            return None
        with np.load(path, allow_pickle=False) as file:
            seconds = json.loads(str(file["seconds"]))
            return {name: file[name].astype(np.int32) for name in file.files if name != "seconds"}, seconds

    @staticmethod
    def save(path: Path, lists: Lists, seconds: dict[str, float]) -> None:
        """Write lists so that a reader sees all of them or none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        parts: dict[str, Any] = {name: _narrow(ranked) for name, ranked in lists.items()}
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            np.savez(file, seconds=np.array(json.dumps(seconds)), **parts)
        unfinished.replace(path)

    @staticmethod
    def save_facts(path: Path, facts: Mapping[str, Any]) -> None:
        """Write what is known of a unit of work beside its lists, so that a reader sees all of it or none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        unfinished.write_text(json.dumps(facts, allow_nan=False), encoding="utf-8")
        unfinished.replace(path.with_suffix(".json"))

    @staticmethod
    def load_facts(path: Path) -> dict[str, Any]:
        """Return what was kept of a unit of work, empty if nothing was."""
        kept = path.with_suffix(".json")
        return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else {}


def _narrow(ranked: IntArray) -> NDArray[Any]:
    return ranked.astype(np.int16) if ranked.max(initial=0) < np.iinfo(np.int16).max else ranked
