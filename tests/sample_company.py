"""Writes a sample company and reads it back, for the tests of its tables and of its life."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from recommender.schema import TABLES
from training.sample import SampleSummary, write_sample

Row = dict[str, str]
N_EMPLOYEES, N_COURSES = 700, 320
FIRST_DAY, END = "2021-06-30", "2026-07-01"
TRUTH = ("skills", "interests", "intent", "plans", "roles", "course_skills")


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class Written:
    """A sample company, read back."""

    summary: SampleSummary
    tables: dict[str, list[Row]]
    truth: dict[str, list[Row]]

    @property
    def self_driven(self) -> list[Row]:
        return [row for row in self.tables["completions"] if row["origin"] == "self"]

    def by_id(self, table: str, key: str) -> dict[str, Row]:
        return {row[key]: row for row in self.tables[table]}


def write(out: Path, *, n_employees: int = N_EMPLOYEES, seed: int = 7, noise: float = 0.25) -> Written:
    summary = write_sample(out, n_employees=n_employees, n_courses=N_COURSES, seed=seed, noise=noise)
    return Written(
        summary,
        {name: read(out / f"{name}.csv") for name in TABLES},
        {name: read(out / "truth" / f"{name}.csv") for name in TRUTH},
    )
