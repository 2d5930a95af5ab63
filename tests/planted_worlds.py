"""An academy whose right answers are planted, a model fitted on it, and a model of a small sample company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tiny_company import company, day

from recommender.arrays import NONE, FloatArray, Ids, IntArray, Ragged
from recommender.catalog import Catalog, Roles, SkillRows, Skills
from recommender.company import Dataset
from recommender.engine import Answer, Recommender
from recommender.model import Model
from recommender.proposals import proposed
from recommender.query import Query, query_of
from recommender.question import Places
from recommender.scorers.base import Context, Scorer
from recommender.steps import signals
from training.config import FitConfig
from training.fit import fit
from training.sample import write_sample
from training.tables.load import load_dataset

CONFIG = FitConfig.model_validate(
    {"threads": 1, "hybrid": {"epochs": 6, "factors": 16}, "blend": {"max_queries": 150, "most_windows": 2}}
)
"""Small enough for tests; one thread, so that equal input gives equal arrays."""

DATA, DATA_NEXT, LAW, LAW_NEXT, COMMON, COLD_DATA, COLD_LAW = 0, 1, 4, 5, 8, 10, 11
"""Courses of the academy: first and second of two chains, one for all, and two nobody took."""
ANALYST, LAWYER = 0, 1
DATA_COURSES, LAW_COURSES = (0, 1, 2, 3, 10), (4, 5, 6, 7, 11)


@dataclass(frozen=True)
class Fitted:
    """Tables, the model fitted on all of them, and the directory they were loaded from."""

    data: Dataset
    model: Model
    directory: Path = Path()

    @property
    def as_of(self) -> int:
        return self.model.as_of

    @property
    def recommender(self) -> Recommender:
        return Recommender(self.model)

    def ask(self, *history: int, role: int = NONE, target: int = NONE, department: str = "") -> Query:
        """Return somebody the model never saw, who completed courses a day apart, oldest first, the last one yesterday."""
        at = np.array([self.as_of - 86_400 * (len(history) - i) for i in range(len(history))], dtype=np.int64)
        return Query(
            self.as_of,
            np.array(history, dtype=np.int32),
            at,
            role_idx=role,
            role_names=self.data.roles.names_of(role),
            target_role_idx=target,
            department=department,
        )


def positions(*courses: int) -> IntArray:
    """Return positions as queries hold them."""
    return np.array(courses, dtype=np.int32)


def skill_rows(
    rows: Mapping[int, Sequence[tuple[int, int]]],
    *,
    n_rows: int,
    entry: Mapping[tuple[int, int], int] | None = None,
    weight: Mapping[tuple[int, int], float] | None = None,
) -> SkillRows:
    """Build skill rows of {row: [(skill, level), …]}; `entry` declares entry levels by (row, skill)."""
    flat = [(row, skill, level) for row in range(n_rows) for skill, level in rows.get(row, ())]
    entry, weight = entry or {}, weight or {}
    lengths = [len(rows.get(row, ())) for row in range(n_rows)]
    return SkillRows(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.array([skill for _, skill, _ in flat], dtype=np.int32),
        np.array([level for *_, level in flat], dtype=np.int8),
        np.array([entry.get((row, skill), 0) for row, skill, _ in flat], dtype=np.int8),
        np.array([(row, skill) in entry for row, skill, _ in flat], dtype=np.bool_),
        np.array([weight.get((row, skill), 1.0) for row, skill, _ in flat], dtype=np.float32),
        np.zeros(len(flat), dtype=np.bool_),
        np.ones(len(flat), dtype=np.float32),
    )


def named_skills(*names: str) -> Skills:
    return Skills(Ids(names), tuple(name.title() for name in names), ("technical",) * len(names))


def with_course(
    catalog: Catalog,
    course_id: str,
    *,
    like: int,
    published: bool = True,
    title: str | None = None,
    supersedes: Sequence[int] = (),
    skills: Sequence[tuple[int, int]] | None = None,
) -> Catalog:
    """Return the catalogue with one more course at its end, a copy of the course `like` but for what is said."""
    columns: dict[str, Any] = {
        name: (*getattr(catalog, name), getattr(catalog, name)[like])
        for name in [
            "titles",
            "descriptions",
            "providers",
            "formats",
            "languages",
            "urls",
            "uris",
            "credentials",
            "tags",
            "audience",
        ]
    }
    numbers: dict[str, Any] = {
        name: np.append(getattr(catalog, name), getattr(catalog, name)[like])
        for name in ["difficulty", "hours", "hours_assumed", "cost", "available_from", "available_to", "published"]
    }
    numbers["published"][-1] = published
    if title is not None:
        columns["titles"] = (*columns["titles"][:-1], title)
    old = catalog.skills
    taught = (
        list(zip(old.skill_idx[old.span(like)], old.level[old.span(like)], strict=True)) if skills is None else skills
    )
    more = skill_rows({0: [(int(skill), int(level)) for skill, level in taught]}, n_rows=1)
    joined = {
        name: np.concatenate([getattr(old, name), getattr(more, name)])
        for name in ("skill_idx", "level", "entry_level", "entry_declared", "weight", "inferred", "confidence")
    }
    return replace(
        catalog,
        ids=Ids((*catalog.ids.ids, course_id)),
        **columns,
        **numbers,
        prerequisites=_one_more(catalog.prerequisites, catalog.prerequisites.row(like).tolist()),
        supersedes=_one_more(catalog.supersedes, supersedes),
        skills=SkillRows(indptr=np.append(old.indptr, old.indptr[-1] + len(taught)), **joined),
    )


def _one_more(ragged: Ragged, row: Sequence[int]) -> Ragged:
    return Ragged.from_rows([*(ragged.row(i).tolist() for i in range(len(ragged))), row])


def academy(*, seed: int = 5, n_employees: int = 240) -> Dataset:
    """Build a company of analysts and lawyers.

    Every analyst takes DATA, then DATA_NEXT, then 2 or 3; every lawyer LAW, then LAW_NEXT, then 6 or 7; half of all take
    COMMON at any time. Nobody takes COLD_DATA and COLD_LAW, which share tags, skill and words with their fields.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, float]] = []
    for employee in range(n_employees):
        field, at = 4 * (employee % 2), float(rng.uniform(0, 500))
        steps = [field, field + 1, field + 2 + int(rng.integers(2))][: int(rng.integers(1, 4))]
        for course in steps:
            rows.append((employee, course, at))
            at += float(rng.uniform(5, 40))
        if rng.random() < 0.5:
            rows.append((employee, COMMON, float(rng.uniform(0, 540))))
    told = company(rows, n_courses=12, n_employees=n_employees, role_idx=[i % 2 for i in range(n_employees)], n_roles=2)
    skills = named_skills("statistics", "contracts", "welding")
    return replace(
        told,
        catalog=_described(told.catalog),
        skills=skills,
        roles=Roles(
            ids=Ids(("analyst", "lawyer")),
            titles=("Analyst", "Lawyer"),
            families=("Data", "Law"),
            descriptions=("works with numbers and models", "reads agreements and clauses"),
            needs=skill_rows({ANALYST: [(0, 5)], LAWYER: [(1, 5)]}, n_rows=2),
        ),
        people=replace(told.people, departments=tuple("DL"[i % 2] for i in range(n_employees))),
    )


def _described(catalog: Catalog) -> Catalog:
    levels = {0: 2, 1: 3, 2: 4, 3: 4, 10: 5}
    about = {
        **dict.fromkeys(DATA_COURSES, "numbers and models"),
        **dict.fromkeys(LAW_COURSES, "agreements and clauses"),
    }
    n = len(catalog)
    taught = {i: [(0, levels[i])] for i in DATA_COURSES} | {
        i: [(1, levels[j])] for i, j in zip(LAW_COURSES, DATA_COURSES, strict=True)
    }
    fields = ["data" if i in DATA_COURSES else "law" if i in LAW_COURSES else "common" for i in range(n)]
    return replace(
        catalog,
        titles=tuple(f"{field.title()} course {i}" for i, field in enumerate(fields)),
        descriptions=tuple(about.get(i, "for everyone") for i in range(n)),
        languages=tuple("fr" if i == 9 else "en" for i in range(n)),
        tags=tuple((field,) for field in fields),
        skills=skill_rows(taught, n_rows=n),
    )


def launches(*, seed: int = 4, n_employees: int = 400) -> Dataset:
    """Build a company where people take what is new: course i begins on day 12·i, data courses even, law courses odd.

    Everyone takes five courses of one field, half of the time the newest that has begun, else an older one. On day 600
    courses 50 to 53 have not begun: nobody took them, yet whoever likes their field will.
    """
    rng = np.random.default_rng(seed)
    rows: set[tuple[int, int, float]] = set()
    for employee in range(n_employees):
        for at in rng.uniform(30, 600, size=5).tolist():
            begun = [course for course in range(int(at // 12), -1, -1) if course % 2 == employee % 2]
            rows.add((employee, begun[min(int(rng.geometric(0.5)) - 1, len(begun) - 1)], round(at, 3)))
    tags = [("data",) if i % 2 == 0 else ("law",) for i in range(54)]
    return company(sorted(rows), n_courses=54, n_employees=n_employees, tags=tags)


def fitted_launches() -> Fitted:
    data = launches()
    often = CONFIG.model_copy(update={"blend": CONFIG.blend.model_copy(update={"most_windows": 6})})
    return Fitted(data, fit(data, often, as_of=day(600)).model)


def fitted_academy() -> Fitted:
    data = academy()
    return Fitted(data, fit(data, CONFIG, as_of=day(620)).model)


def fitted_sample(directory: Path) -> Fitted:
    """Write a sample company into `directory` and fit it."""
    write_sample(directory, n_employees=400, n_courses=120, seed=3)
    data = load_dataset(directory).dataset
    return Fitted(data, fit(data, CONFIG, as_of=data.now + 1).model, directory)


EVERYTHING = 10_000
"""More recommendations than there are courses."""


def people_of(fitted: Fitted, n: int = 12) -> list[Query]:
    """Employees of the company, evenly drawn, and people nobody ever saw."""
    seen = [query_of(fitted.data, i, as_of=fitted.as_of) for i in range(0, len(fitted.data.people), 400 // n)]
    unseen = [
        fitted.ask(),
        fitted.ask(role=0),
        fitted.ask(3, 9, target=5),
        fitted.ask(*range(0, 40, 3), role=2, target=7, department="Nowhere"),
    ]
    return seen + unseen


def exact(answer: Answer, model: Model, *, without: str = "") -> list[tuple[object, ...]]:
    """Everything an answer says, floats to the last bit; ranks left out, so that lists can be compared less a course."""
    return [
        (
            model.catalog.ids[one.course_idx],
            one.score.hex(),
            [(name, part.hex()) for name, part in one.parts.items()],
            one.goal_gain.hex(),
            one.lifts,
            one.reasons,
        )
        for one in answer.recommendations
        if model.catalog.ids[one.course_idx] != without
    ]


def course_ids(answer: Answer, model: Model) -> list[str]:
    return [model.catalog.ids[one.course_idx] for one in answer.recommendations]


def proposed_by(scorers: Iterable[Scorer], context: Context) -> IntArray:
    """Return the positions of the courses that some scorers propose, ascending, each once."""
    return proposed(tuple(one for scorer in scorers for one in scorer.proposals), context)


def signals_of(scorers: Iterable[Scorer], context: Context, courses: Places) -> FloatArray:
    """Return the signals of some scorers, one below another: (n_signals, len(courses))."""
    return signals(tuple(step for scorer in scorers for step in scorer.steps), context, courses)


def signal(scorer: Scorer, query: Query, n_courses: int, name: str) -> list[float]:
    found = signals_of([scorer], Context.of(query, n_courses), Places(np.arange(n_courses, dtype=np.int32), n_courses))
    return [float(number) for number in found[scorer.SIGNALS.index(name)]]
