"""How long paths to real roles take, how far from the proven bound they may be, and what they cover.

    python -m training import onet ../shared/data/onet var/onet
    python -m training import coursera ../shared/data/coursera var/coursera
    python -m training import coco ../shared/data/coco var/coco
    python benchmarks/real_roles.py                                  both catalogues
    python benchmarks/real_roles.py --examples 10                    worked examples in Markdown instead

The roles and skills are O*NET's; what the courses of a catalogue teach of them is inferred from names alone, at a
confidence of 0.1 or more. Where no course of a catalogue has hours, each is taken to last 8 (the reader would assume 1).
100 occupations are drawn by --seed among those with needs some course lifts. The person of each holds another occupation,
drawn from its closest (`role_relations`, primary-short), with the levels that one needs less one, and nothing else.
Relevance is 0.5 everywhere: no model is fitted. Each is solved without limits, within 40 hours, and by a deadline of 12
weeks at 3 hours a week; over the 200 candidates that close most of the gap an hour, and over all of them. Seconds are of
the whole `Planner.path` and, beside it, HiGHS' own. Greedy is the better of gain per hour and the best single course.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.arrays import FloatArray, IntArray, Levels
from recommender.catalog import Catalog, SkillRows
from recommender.company import Dataset
from recommender.path import WEEK, Planner
from recommender.path_candidates import path_candidates
from recommender.path_parts import NO_COURSE, LearningPath, PathLimits
from recommender.profile import profile_of
from recommender.programme import covered, greedy
from recommender.query import Limits, Query
from recommender.skills import Need, goal_gain
from training.config import CourseSkillsConfig
from training.inference.course_skills import infer_course_skills
from training.tables.load import load_dataset

MOST = 200
"""Candidates a programme is to have at most (issue: real roles)."""
HOURS, HOURS_A_WEEK, WEEKS = 40.0, 3.0, 12
UNKNOWN_HOURS = 8.0
"""Of every course where none is known, so that limits say something: 40 hours are five courses. A choice, not measured."""
CONFIDENCE = 0.1
RELEVANCE = 0.5
TIER = "primary-short"
NOW = 1_790_000_000
"""The moment asked about; nothing in these catalogues has a date."""
BARS = "bars: median at most 0.250 s; gap at most 0.01 in 90 % and 0.05 in 99 %"
LIMITS = {
    "no limits": PathLimits(),
    "40 hours": PathLimits(hours=HOURS),
    "12 weeks of 3 h": PathLimits(by=NOW + WEEKS * WEEK, hours_per_week=HOURS_A_WEEK),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who holds one occupation and aims at another; `candidates` (n,) are the courses a path may be made of."""

    query: Query
    need: Need
    levels: Levels
    candidates: IntArray


@dataclass(frozen=True, slots=True)
class Measured:
    """One path, how long it took, and what greedy covers within the same limits."""

    path: LearningPath
    seconds: float
    greedy: float


def load(onet: Path, courses: Path) -> Dataset:
    """Return the courses of a catalogue with the roles and skills of O*NET; what they teach of those is inferred."""
    with tempfile.TemporaryDirectory() as folder:
        for table in ("roles", "skills", "role_skills"):
            shutil.copy(onet / f"{table}.csv", folder)
        shutil.copy(courses / "courses.csv", folder)
        (Path(folder) / "completions.csv").write_text("employee_id,course_id,completed_at\nnobody,none,2020-01-01\n")
        data = load_dataset(Path(folder)).dataset
    inferred = infer_course_skills(
        data.catalog,
        data.skills,
        declared=SkillRows.empty(len(data.catalog)),
        config=CourseSkillsConfig(threshold=CONFIDENCE),
    )
    assumed, hours = data.catalog.hours_assumed, data.catalog.hours
    hours = np.full_like(hours, UNKNOWN_HOURS) if assumed.all() else hours
    return replace(data, catalog=replace(data.catalog, skills=inferred.rows, hours=hours))


def related(onet: Path, data: Dataset) -> dict[int, list[int]]:
    """Return the closest occupations of each, those with needs only."""
    known = np.diff(data.roles.needs.indptr) > 0
    found: dict[int, list[int]] = {}
    with (onet / "role_relations.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            one, other = (data.roles.ids.find(row[name]) for name in ("from_role_id", "to_role_id"))
            if row["tier"] == TIER and known[one] and known[other]:
                found.setdefault(one, []).append(other)
    return found


def draw_people(data: Dataset, close: dict[int, list[int]], *, most: int, seed: int) -> list[Person]:
    """Draw occupations to aim at, and for each a closely related one that is held."""
    rng = np.random.default_rng(seed)
    found: list[Person] = []
    for role in rng.permutation(sorted(close)).tolist():
        held = int(rng.choice(close[role]))
        query = Query(NOW, role_idx=held, target_role_idx=role)
        n_skills = len(data.skills.ids)
        need = Need.of(data.roles, role, n_skills=n_skills)
        levels = profile_of(query, catalog=data.catalog, roles=data.roles, n_skills=n_skills).level
        courses = path_candidates(data.catalog, query, levels=levels, need=need, done=query.history).course_idx
        if len(courses):
            found.append(Person(query, need, levels, courses))
        if len(found) == most:
            break
    return found


def cut(data: Dataset, person: Person) -> Person:
    """Leave the candidates that close most of the gap an hour; here no course asks for another, so none is missed."""
    gain = goal_gain(person.levels, person.need, data.catalog, person.candidates)
    rate = gain / data.catalog.hours[person.candidates]
    best = np.sort(person.candidates[np.lexsort((person.candidates, -rate))[:MOST]])
    return replace(person, query=replace(person.query, limits=Limits(only=best)), candidates=best)


def relevance_of(courses: IntArray) -> FloatArray:
    """Return the same for all."""
    return np.full(len(courses), RELEVANCE, dtype=np.float32)


def measure(data: Dataset, person: Person, limits: PathLimits) -> Measured:
    """Solve the path of a person."""
    planner = Planner(data.catalog, person.query, person.need, person.levels, limits, relevance_of)
    begun = time.perf_counter()
    path = planner.path()
    seconds = time.perf_counter() - begun
    found = path_candidates(
        data.catalog, person.query, levels=person.levels, need=person.need, done=person.query.history
    )
    hours = path.hours_left if limits.hours is None else limits.hours
    programme = found.programme(
        data.catalog,
        levels=person.levels,
        need=person.need,
        relevance=relevance_of(found.course_idx),
        max_hours=hours,
        max_cost=None,
    )
    return Measured(path, seconds, covered(programme, greedy(programme)))


def show(name: str, found: list[Measured]) -> None:
    """Print the figures of one kind of limits."""
    seconds = np.array([one.seconds for one in found])
    solved = [one.path.solution for one in found if one.path.solution is not None]
    inside, gaps = np.array([one.seconds for one in solved]), np.array([one.gap for one in solved])
    before, after = (
        np.array(v) for v in zip(*((one.coverage_before, one.coverage_after) for one in solved), strict=True)
    )
    ahead = after - np.array([one.greedy for one in found])
    print(
        f"{name:<16}{_quantiles(seconds)}   {_quantiles(inside)}   "
        f"{np.quantile(gaps, 0.9):.5f} {np.quantile(gaps, 0.99):.5f} {gaps.max():.5f}   "
        f"{np.mean([one.proven for one in solved]):5.0%} {np.mean([one.stopped == 'time' for one in solved]):5.0%}   "
        f"{np.mean(ahead > 1e-9):5.0%} {ahead.mean():.4f} {ahead.max():.4f}   {before.mean():.3f} {after.mean():.3f}"
        f"   {np.mean([len(one.path.steps) for one in found]):5.1f} {_verdict(seconds, gaps)}",
        flush=True,
    )


def _quantiles(values: np.ndarray) -> str:
    return " ".join(f"{one:.3f}" for one in (*np.quantile(values, (0.5, 0.9, 0.99)), values.max()))


def _verdict(seconds: np.ndarray, gaps: np.ndarray) -> str:
    kept = np.median(seconds) <= 0.25 and np.quantile(gaps, 0.9) <= 0.01 and np.quantile(gaps, 0.99) <= 0.05
    return "kept" if kept else "MISSED"


def describe(name: str, data: Dataset, people: list[Person]) -> None:
    """Print what there is to work with."""
    catalog = data.catalog
    tagged = np.diff(catalog.skills.indptr) > 0
    n = np.array([len(one.candidates) for one in people])
    missing = np.array([int((one.levels < one.need.level).sum()) for one in people])
    lifted = np.array([int(_lifted(data, one)) for one in people])
    print(
        f"\n{name}: {len(catalog):,} courses, {int(tagged.sum()):,} with an inferred skill, {len(people)} occupations"
    )
    print(
        f"{_hours(catalog)}; {'no cost is known, so no budget is tried' if np.isnan(catalog.cost).all() else 'costs'}"
    )
    print(f"candidates: median {np.median(n):g}, max {n.max()}; more than {MOST}: {int((n > MOST).sum())} people")
    print(f"skills missing: median {np.median(missing):g}; of these some course lifts: median {np.median(lifted):g}")


def _hours(catalog: Catalog) -> str:
    n = int(catalog.hours_assumed.sum())
    if n == len(catalog):
        return f"hours: none known, {UNKNOWN_HOURS:g} taken for each"
    return f"hours: median {np.median(catalog.hours):g}, {n} of {len(catalog):,} assumed to be that"


def _lifted(data: Dataset, person: Person) -> int:
    _, flat = data.catalog.skills.flat(person.candidates)
    skill, level = data.catalog.skills.skill_idx[flat], data.catalog.skills.level[flat]
    useful = (level > person.levels[skill]) & (person.levels[skill] < person.need.level[skill])
    return len(np.unique(skill[useful]))


HEADER = (
    f"{'':<16}{'path: s 50/90/99 %/max':<26}{'HiGHS: s 50/90/99 %/max':<26}{'gap 90/99 %/max':<26}"
    "proven time-limit >greedy by mean/max  coverage     steps  bars"
)


def run(name: str, data: Dataset, close: dict[int, list[int]], asked: argparse.Namespace) -> None:
    """Print the figures of a catalogue."""
    people = draw_people(data, close, most=asked.occupations, seed=asked.seed)
    describe(name, data, people)
    for title, some in ((f"at most {MOST}", [cut(data, one) for one in people]), ("all", people)):
        print(f"candidates: {title}\n{HEADER}")
        for limits in LIMITS:
            show(limits, [measure(data, one, LIMITS[limits]) for one in some])


def examples(name: str, data: Dataset, people: list[Person]) -> Iterator[str]:
    """Yield worked examples: within 40 hours, at 3 a week, the candidates cut."""
    limits = PathLimits(hours=HOURS, hours_per_week=HOURS_A_WEEK)
    for person in people:
        one = measure(data, cut(data, person), limits)
        yield from example(name, data, person, one)


def example(name: str, data: Dataset, person: Person, one: Measured) -> Iterator[str]:
    """Yield one of them, as lines of Markdown."""
    path, titles, solution = one.path, data.roles.titles, one.path.solution
    if solution is None:
        return
    query = path.query
    yield f"### {titles[query.role_idx]} → {titles[query.goal_role]} ({name})\n"
    proof = "proven optimal" if solution.proven else f"at most {solution.gap:.4f} below the best"
    yield (
        f"Coverage {path.coverage_before:.3f} → {path.coverage_after:.3f} (greedy {one.greedy:.3f}), {proof}; "
        f"{path.hours:g} hours, {len(person.candidates)} candidates"
        f"{f', the best {MOST} kept' if len(person.candidates) > MOST else ''}.\n"
    )
    yield "| weeks | course | hours | lifts (needed) | coverage |\n|---|---|---:|---|---:|"
    for step in path.steps:
        weeks = f"{step.weeks.first}–{step.weeks.last}" if step.weeks else ""
        lifts = "; ".join(_lifts(data, person, step.course_idx, step.levels))
        yield f"| {weeks} | {data.catalog.titles[step.course_idx]} | {step.hours:g} | {lifts} | {step.coverage_after:.3f} |"
    yield "\n" + _unmet(data, path) + "\n"


def _lifts(data: Dataset, person: Person, course: int, levels: Levels) -> Iterator[str]:
    rows = data.catalog.skills
    span = rows.span(course)
    columns = (rows.skill_idx[span].tolist(), rows.level[span].tolist(), rows.confidence[span].tolist())
    for skill, taught, sure in zip(*columns, strict=True):
        have, needed = int(levels[skill]), int(person.need.level[skill])
        if min(taught, needed) > have:
            yield f"{data.skills.names[skill]} {have} → {min(taught, needed)} ({needed}), confidence {sure:.2f}"


def _unmet(data: Dataset, path: LearningPath) -> str:
    """Say what stays unmet, the heaviest named."""
    none = [one for one in path.unmet if one.why == NO_COURSE]
    beyond = [one for one in path.unmet if one.why != NO_COURSE]
    parts = []
    for some, why in ((none, "no course teaches it, or none further"), (beyond, "beyond the limits")):
        if some:
            named = ", ".join(f"{data.skills.names[one.skill_idx]} ({one.reached} of {one.needed})" for one in some[:4])
            parts.append(f"{len(some)} because {why}: {named}{', …' if len(some) > 4 else ''}")
    return "Stays unmet: " + ". ".join(parts) + "." if parts else "Nothing stays unmet."


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onet", type=Path, default=Path("var/onet"))
    parser.add_argument("--catalogues", type=Path, nargs="+", default=[Path("var/coursera"), Path("var/coco")])
    parser.add_argument("--occupations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--examples", type=int, default=0)
    asked = parser.parse_args()
    absent = [str(path) for path in (asked.onet, *asked.catalogues) if not path.is_dir()]
    if absent:
        print(f"{', '.join(absent)}: not there; import first: " + "; ".join(__doc__.split("\n    ")[1:4]))
        return 0
    if not asked.examples:
        print(BARS)
    for i, folder in enumerate(asked.catalogues):
        data = load(asked.onet, folder)
        close = related(asked.onet, data)
        if asked.examples:
            share = asked.examples // len(asked.catalogues) + (i < asked.examples % len(asked.catalogues))
            people = draw_people(data, close, most=asked.occupations, seed=asked.seed)[:share]
            print("\n".join(examples(folder.name, data, people)))
        else:
            run(folder.name, data, close, asked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
