"""What a worker does with a chunk: questions of its people, answers of the saved model, rows for the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property, lru_cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from recommender.answer_kernels import rounded
from recommender.answers import answer_to_json, answered
from recommender.arrays import NONE
from recommender.artifact import load_model
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.model import Model
from recommender.path_parts import LearningPath, PathLimits
from recommender.query import Query, query_of
from recommender.skills import coverage
from recommender.translation import Translation
from training.batching.formats import AS_OF, FORMATS, PATHS, RECOMMENDATIONS, Column


@dataclass(frozen=True, slots=True)
class Settings:
    """Which saved version answers, and how; `target_role`, `goal_weight` and `mode` None leave each person's own."""

    root: Path
    tenant: str
    version: str
    k: int = 10
    target_role: str | None = None
    goal_weight: float | None = None
    mode: str | None = None
    limits: PathLimits = field(default_factory=PathLimits)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is made of each question: files of recommendations and of paths, by their suffix or None, and whole answers.

    `dated` adds the moment of each question to the rows.
    """

    recommendations: str | None = None
    paths: str | None = None
    answers: bool = False
    dated: bool = False

    def schema(self, columns: pa.Schema) -> pa.Schema:
        """Return the columns of a file, with the moment where it is wanted."""
        return columns.append(AS_OF) if self.dated else columns

    @property
    def files(self) -> dict[str, tuple[str, pa.Schema]]:
        """Suffix and columns of each file wanted."""
        both = {"recommendations": (self.recommendations, RECOMMENDATIONS), "paths": (self.paths, PATHS)}
        return {name: (suffix, self.schema(columns)) for name, (suffix, columns) in both.items() if suffix is not None}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people were answered for, rows of recommendations, steps of paths, and people whose path has no step."""

    employees: int = 0
    rows: int = 0
    steps: int = 0
    without_path: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Found:
    """What a chunk came to: a piece of each file by its name, and whole answers in the shape of the service's."""

    counts: Counts
    pieces: dict[str, bytes]
    answers: tuple[dict[str, Any], ...] = ()


class Lists:
    """The lists of some people, one behind the other, kept by column: a row is a course that somebody is recommended."""

    __slots__ = ("_asked_at", "_course_ids", "_dated", "_lengths", "_people", "_scores")

    def __init__(self, *, dated: bool) -> None:
        self._dated = dated
        self._people: list[str] = []
        self._asked_at: list[int] = []
        self._lengths: list[int] = []
        self._course_ids: list[str] = []
        self._scores: list[float] = []

    def add(self, employee_id: str, as_of: int, course_ids: Sequence[str], scores: Sequence[float]) -> None:
        """Add the list of one person, best first, possibly empty."""
        self._people.append(employee_id)
        self._asked_at.append(as_of)
        self._lengths.append(len(course_ids))
        self._course_ids += course_ids
        self._scores += scores

    def __len__(self) -> int:
        return len(self._course_ids)

    def columns(self) -> list[Column]:
        """Return the columns of `RECOMMENDATIONS`, scores rounded as in an answer, and moments where they are wanted."""
        ranks = chain.from_iterable(range(1, n + 1) for n in self._lengths)
        moments = [self._each(self._asked_at)] if self._dated else []
        scores = [rounded(score, 9) for score in self._scores]
        return [self._each(self._people), [*ranks], self._course_ids, scores, *moments]

    def _each(self, of_people: Sequence[Any]) -> Column:
        """Return what is known of a person on each row of theirs."""
        return [*chain.from_iterable(map(repeat, of_people, self._lengths))]


@dataclass(frozen=True)
class SentModel:
    """A model as it is saved, for workers that do not find its files; each makes the recommender of it once."""

    arrays: Mapping[str, NDArray[np.generic]]
    documents: Mapping[str, Any]

    @cached_property
    def recommender(self) -> Recommender:
        """What answers."""
        return Recommender(Model.unpack(self.arrays, self.documents))


def answers_of(
    chunk: Any,
    settings: Settings,
    wanted: Wanted,
    tables: Dataset,
    translation: Translation,
    sent: SentModel | None = None,
) -> Found:
    """Answer the questions of a chunk (`training.batching.people.Chunk`).

    `tables` is the data set without people; `translation` leads from its positions to the model's. The model is the saved
    one, opened once a process, or what was `sent` instead.
    """
    engine = _opened(settings.root, settings.tenant, settings.version) if sent is None else sent.recommender
    lists, answers, n_without = Lists(dated=wanted.dated), [], 0
    paths: list[tuple[Any, ...]] = []
    ids = engine.model.catalog.ids.ids
    for employee_id, query in _queries(chunk, tables, translation):
        if wanted.answers:
            answers.append(_answer(engine, employee_id, query, settings))
            listed = answers[-1]["recommendations"]
            lists.add(employee_id, query.as_of, [one["course_id"] for one in listed], [one["score"] for one in listed])
        elif wanted.recommendations is not None:
            courses, scores = engine.ranked(query, k=settings.k, mode=settings.mode, goal_weight=settings.goal_weight)
            lists.add(employee_id, query.as_of, [ids[course] for course in courses.tolist()], scores.tolist())
        if wanted.paths is not None:
            steps = _steps(engine, engine.path(query, settings.limits), employee_id)
            paths += [(*step, query.as_of) if wanted.dated else step for step in steps]
            n_without += not steps
    columns: dict[str, list[Column]] = {"recommendations": lists.columns(), "paths": [*zip(*paths, strict=True)]}
    pieces = {
        name: FORMATS[suffix].encode(columns[name] or [()] * len(schema), schema)
        for name, (suffix, schema) in wanted.files.items()
    }
    return Found(Counts(len(chunk), len(lists), len(paths), n_without), pieces, tuple(answers))


def _queries(chunk: Any, tables: Dataset, translation: Translation) -> Iterator[tuple[str, Query]]:
    data = chunk.within(tables)
    for row, as_of in zip(chunk.rows.tolist(), chunk.as_of.tolist(), strict=True):
        yield data.people.ids[row], translation.query(query_of(data, row, as_of=as_of))


@lru_cache(maxsize=1)
def _opened(root: Path, tenant: str, version: str) -> Recommender:
    return Recommender(load_model(root, tenant, version)[1])


def _answer(engine: Recommender, employee_id: str, query: Query, settings: Settings) -> dict[str, Any]:
    answer = engine.recommend(query, k=settings.k, mode=settings.mode, goal_weight=settings.goal_weight)
    names = {"model_version": settings.version, "employee_id": employee_id}
    return answered(answer_to_json(answer, engine.model), query, model_as_of=engine.model.as_of, **names)


def _steps(engine: Recommender, path: LearningPath, employee_id: str) -> list[tuple[Any, ...]]:
    """Return a row a step; the coverages are those before and after it, rounded as in an answer."""
    model, need = engine.model, engine.need(path.query)
    role = "" if path.query.goal_role == NONE else model.roles.ids[path.query.goal_role]
    gap = None if path.solution is None else round(path.solution.gap, 6)
    return [
        (
            employee_id,
            role,
            position,
            model.catalog.ids[step.course_idx],
            round(step.hours, 2),
            None if step.cost is None else round(step.cost, 2),
            None if step.weeks is None else step.weeks.first,
            None if step.weeks is None else step.weeks.last,
            round(coverage(step.levels, need) or 0.0, 6),
            round(step.coverage_after, 6),
            gap,
        )
        for position, step in enumerate(path.steps, start=1)
    ]
