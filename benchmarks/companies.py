"""A made-up company of any size, for measuring speed and memory: tables as Parquet, made in seconds.

    python benchmarks/companies.py DIR                           10,000 courses, 100,000 employees, 1,000,000 completions
    python benchmarks/companies.py DIR --completions 10000000    more of one thing

People have a role and a few subjects they care about; courses teach skills of one subject and follow one another, so there
is something to learn. How well it is learned says nothing about real companies: that is measured on real data
(docs/evaluation.md). The other benchmarks import `company`, which makes the tables once and keeps them in var/.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

KEPT_IN = Path("var/benchmarks")
START, DAYS = 1_577_836_800, 5 * 365
"""Completions lie in five years from 2020-01-01."""
WORDS_A_SUBJECT = 40
SKILLS_A_SUBJECT = 8
OWN_SUBJECTS = 3
"""Subjects a person cares about: that of the role first."""
FOLLOWS = 0.4
"""Share of choices that go on from the course before."""
AT_RANDOM = 0.15
DRAWN = 1.15
"""Completions drawn for each that is kept."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything a company has."""

    courses: int = 10_000
    employees: int = 100_000
    completions: int = 1_000_000
    seed: int = 0

    @property
    def name(self) -> str:
        """A name for the folder of the tables."""
        return f"{self.courses}x{self.employees}x{self.completions}-{self.seed}"


def company(size: Size, *, root: Path = KEPT_IN) -> Path:
    """Return the data directory of a company of this size, made now if it is not there."""
    folder = root / size.name
    if not folder.exists():
        draft = folder.with_suffix(".partial")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        write_company(draft, size)
        draft.rename(folder)
    return folder


def write_company(folder: Path, size: Size, *, row_group_size: int = 500_000) -> None:
    """Write the tables: courses, skills, roles and needs, employees, completions."""
    rng = np.random.default_rng(size.seed)
    n_subjects = max(4, size.courses // 50)
    subject = rng.integers(0, n_subjects, size.courses)
    difficulty = rng.integers(1, 5, size.courses)
    _write(folder, "courses", _courses(rng, subject, difficulty))
    _write(folder, "skills", _skills(n_subjects))
    _write(folder, "course_skills", _taught(rng, subject, difficulty))
    roles = rng.integers(0, n_subjects, max(10, n_subjects))
    _write(folder, "roles", _roles(roles))
    _write(folder, "role_skills", _needs(rng, roles))
    role = rng.integers(0, len(roles), size.employees)
    _write(folder, "employees", _employees(rng, role, len(roles)))
    completions = _completions(rng, size, subject, roles[role], n_subjects)
    pq.write_table(completions, folder / "completions.parquet", row_group_size=row_group_size)


def _write(folder: Path, name: str, columns: dict[str, object]) -> None:
    pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def _courses(rng: np.random.Generator, subject: np.ndarray, difficulty: np.ndarray) -> dict[str, object]:
    n = len(subject)
    words = subject[:, None] * WORDS_A_SUBJECT + rng.integers(0, WORDS_A_SUBJECT, (n, 16))
    general = rng.integers(0, 2_000, (n, 8))
    titles = [f"word{a} word{b} course{i}" for i, (a, b) in enumerate(words[:, :2].tolist())]
    texts = [
        " ".join([*(f"word{w}" for w in own), *(f"common{w}" for w in more)])
        for own, more in zip(words.tolist(), general.tolist(), strict=True)
    ]
    names = np.array(["", "beginner", "intermediate", "advanced", "expert"])
    return {
        "course_id": [f"c{i:06d}" for i in range(n)],
        "title": titles,
        "description": texts,
        "provider": [f"provider{p}" for p in rng.integers(0, 20, n).tolist()],
        "format": np.array(["online", "classroom", "video"])[rng.integers(0, 3, n)],
        "language": np.array(["en", "en", "en", "de"])[rng.integers(0, 4, n)],
        "difficulty": names[difficulty],
        "hours": np.round(rng.gamma(2.0, 3.0, n) + 0.5, 1),
        "cost": np.round(rng.gamma(1.0, 100.0, n), 2),
        "tags": [f"subject{s}" for s in subject.tolist()],
    }


def _skill(subject: int, k: int) -> str:
    return f"s{subject * SKILLS_A_SUBJECT + k:05d}"


def _skills(n_subjects: int) -> dict[str, object]:
    pairs = [(s, k) for s in range(n_subjects) for k in range(SKILLS_A_SUBJECT)]
    return {"skill_id": [_skill(s, k) for s, k in pairs], "name": [f"word{s * WORDS_A_SUBJECT + k}" for s, k in pairs]}


def _taught(rng: np.random.Generator, subject: np.ndarray, difficulty: np.ndarray) -> dict[str, object]:
    rows = [
        (f"c{i:06d}", _skill(s, k), min(5, d + 1))
        for i, (s, d) in enumerate(zip(subject.tolist(), difficulty.tolist(), strict=True))
        for k in rng.choice(SKILLS_A_SUBJECT, 3, replace=False).tolist()
    ]
    course, skill, level = zip(*rows, strict=True)
    return {"course_id": course, "skill_id": skill, "level": level}


def _roles(roles: np.ndarray) -> dict[str, object]:
    n = len(roles)
    return {
        "role_id": [f"r{i:04d}" for i in range(n)],
        "title": [f"Role {i} word{s * WORDS_A_SUBJECT}" for i, s in enumerate(roles.tolist())],
        "family": [f"family{s % 10}" for s in roles.tolist()],
    }


def _needs(rng: np.random.Generator, roles: np.ndarray) -> dict[str, object]:
    rows = []
    for i, subject in enumerate(roles.tolist()):
        skills = [(subject, k) for k in range(SKILLS_A_SUBJECT)]
        skills += [(int(s), k) for s in rng.integers(0, roles.max() + 1, 2) for k in (0, 1)]
        rows += [
            (f"r{i:04d}", _skill(*one), int(rng.integers(2, 6)), float(rng.integers(1, 11)) / 10)
            for one in dict.fromkeys(skills)
        ]
    role, skill, level, importance = zip(*rows, strict=True)
    return {"role_id": role, "skill_id": skill, "level": level, "importance": importance}


def _employees(rng: np.random.Generator, role: np.ndarray, n_roles: int) -> dict[str, object]:
    n = len(role)
    target = np.where(rng.random(n) < 0.4, rng.integers(0, n_roles, n), role)
    return {
        "employee_id": [f"e{i:08d}" for i in range(n)],
        "role_id": [f"r{r:04d}" for r in role.tolist()],
        "target_role_id": [f"r{r:04d}" for r in target.tolist()],
        "department": [f"department{d}" for d in rng.integers(0, 30, n).tolist()],
        "hours_per_week": rng.integers(1, 6, n).astype(np.float64),
    }


def _completions(
    rng: np.random.Generator, size: Size, subject: np.ndarray, own_subject: np.ndarray, n_subjects: int
) -> pa.Table:
    """Draw choices: of a subject the person cares about, by popularity, often the one after the course before.

    More than asked for are drawn, as nobody completes a course twice here.
    """
    n = int(size.completions * DRAWN)
    per_subject = [np.flatnonzero(subject == s) for s in range(n_subjects)]
    counts = np.array([len(one) for one in per_subject])
    held = np.concatenate(per_subject)
    starts = np.cumsum(counts) - counts
    activity = rng.gamma(1.2, 1.0, size.employees)
    employee = np.sort(rng.choice(size.employees, n, p=activity / activity.sum()))
    interests = rng.integers(0, n_subjects, (size.employees, OWN_SUBJECTS))
    interests[:, 0] = own_subject
    topic = interests[employee, rng.integers(0, OWN_SUBJECTS, n)]
    topic = np.where((rng.random(n) < AT_RANDOM) | (counts[topic] == 0), subject[0], topic)
    place = (counts[topic] * rng.random(n) ** 2).astype(np.int64)
    goes_on = np.zeros(n, dtype=np.bool_)
    goes_on[1:] = (rng.random(n - 1) < FOLLOWS) & (employee[1:] == employee[:-1])
    goes_on[1:] &= ~goes_on[:-1]
    after = np.flatnonzero(goes_on)
    topic[after] = topic[after - 1]
    place[after] = (place[after - 1] + 1) % counts[topic[after]]
    at = START + (rng.random(n) * DAYS * 86_400).astype(np.int64)
    at = at[np.lexsort((at, employee))]
    course = held[starts[topic] + place]
    _, first = np.unique(employee * np.int64(size.courses) + course, return_index=True)
    kept = np.sort(rng.choice(first, min(size.completions, len(first)), replace=False))
    return pa.table(
        {
            "employee_id": pa.array([f"e{i:08d}" for i in range(size.employees)]).take(pa.array(employee[kept])),
            "course_id": pa.array([f"c{i:06d}" for i in range(size.courses)]).take(pa.array(course[kept])),
            "completed_at": pa.array(at[kept]).cast(pa.timestamp("s", "UTC")),
        }
    )


def size_options(parser: argparse.ArgumentParser, default: Size | None = None) -> None:
    """Add --courses, --employees, --completions and --seed; `size_of` reads them."""
    default = default or Size()
    for name in ("courses", "employees", "completions", "seed"):
        parser.add_argument(
            f"--{name}", type=int, default=getattr(default, name), help=f"default {getattr(default, name):,}"
        )


def size_of(options: argparse.Namespace) -> Size:
    """Return the size asked for on the command line."""
    return Size(options.courses, options.employees, options.completions, options.seed)


def main() -> None:
    """Write the tables of one company."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    size_options(parser)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_company(options.folder, size_of(options))
    rows = pq.read_metadata(options.folder / "completions.parquet").num_rows
    print(f"{options.folder}: {options.courses:,} courses, {options.employees:,} employees, {rows:,} completions")


if __name__ == "__main__":
    main()
