"""A company in a few lines: completions as tuples, everything else empty unless said."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recommender.arrays import DAY, EARLIEST, LATEST, NONE, Ids, IntArray, Ragged
from recommender.catalog import Catalog, Roles, SkillRows, Skills
from recommender.company import Completions, Dataset, Dated, People

START = 1_600_000_000
"""Day 0 of these companies, in seconds."""


def day(number: float) -> int:
    """Return the time of a day of these companies."""
    return START + round(number * DAY)


def completions(
    rows: Sequence[tuple[int, int, float]], *, n_employees: int | None = None, assigned: Sequence[int] = ()
) -> Completions:
    """Build completions from (employee, course, day); `assigned` holds positions among `rows`."""
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    prescribed = np.zeros(len(table), dtype=np.bool_)
    prescribed[list(assigned)] = True
    return Completions.from_columns(
        table[:, 0].astype(np.int32),
        table[:, 1].astype(np.int32),
        np.array([day(x) for x in table[:, 2]], dtype=np.int64),
        assigned=prescribed,
        n_employees=int(table[:, 0].max(initial=-1)) + 1 if n_employees is None else n_employees,
    )


def catalog(n_courses: int, *, ids: Sequence[str] | None = None, tags: Sequence[tuple[str, ...]] = ()) -> Catalog:
    """Build courses that know nothing but an id and perhaps tags."""
    none = ("",) * n_courses
    return Catalog(
        ids=Ids(ids or [f"c{i:03}" for i in range(n_courses)]),
        titles=none,
        descriptions=none,
        providers=none,
        formats=none,
        languages=none,
        urls=none,
        uris=none,
        credentials=none,
        tags=tuple(tags) or ((),) * n_courses,
        audience=((),) * n_courses,
        difficulty=np.zeros(n_courses, dtype=np.int8),
        hours=np.ones(n_courses, dtype=np.float32),
        hours_assumed=np.ones(n_courses, dtype=np.bool_),
        cost=np.full(n_courses, np.nan, dtype=np.float32),
        available_from=np.full(n_courses, EARLIEST),
        available_to=np.full(n_courses, LATEST),
        published=np.ones(n_courses, dtype=np.bool_),
        prerequisites=Ragged.empty(n_courses),
        supersedes=Ragged.empty(n_courses),
        skills=SkillRows.empty(n_courses),
    )


def people(n: int, *, role_idx: Sequence[int] = (), departments: Sequence[str] = ()) -> People:
    """Build employees with a role and a department where given, nothing else."""
    none = ("",) * n
    nobody: IntArray = np.full(n, NONE, dtype=np.int32)
    return People(
        ids=Ids(f"e{i:04}" for i in range(n)),
        names=none,
        departments=tuple(departments) or none,
        locations=none,
        languages=none,
        role_idx=np.array(role_idx, dtype=np.int32) if len(role_idx) else nobody,
        target_role_idx=nobody,
        target_since=np.full(n, EARLIEST),
        hired_at=np.full(n, EARLIEST),
        hours_per_week=np.full(n, np.nan, dtype=np.float32),
        budget=np.full(n, np.nan, dtype=np.float32),
        role_changes=Dated.empty(n),
        evidence=Dated.empty(n),
        feedback=Dated.empty(n),
        begun=Dated.empty(n),
    )


def company(
    rows: Sequence[tuple[int, int, float]],
    *,
    n_courses: int,
    n_employees: int | None = None,
    assigned: Sequence[int] = (),
    role_idx: Sequence[int] = (),
    n_roles: int = 0,
    tags: Sequence[tuple[str, ...]] = (),
) -> Dataset:
    """Build a company of (employee, course, day) rows."""
    done = completions(rows, n_employees=n_employees, assigned=assigned)
    titles = tuple(f"role {i}" for i in range(n_roles))
    return Dataset(
        catalog=catalog(n_courses, tags=tags),
        skills=Skills.empty(),
        roles=Roles(
            ids=Ids(f"r{i}" for i in range(n_roles)),
            titles=titles,
            families=("",) * n_roles,
            descriptions=("",) * n_roles,
            needs=SkillRows.empty(n_roles),
        ),
        people=people(done.n_employees, role_idx=role_idx),
        completions=done,
        now=int(done.at.max(initial=START)),
        fingerprint="tiny",
    )


def chains(*, seed: int, n_employees: int = 400, n_chains: int = 10, length: int = 6, popular: int = 4) -> Dataset:
    """Build a company in which most people walk one of several chains of courses in order, from a random place on.

    Course `chain · length + place`; the last `popular` courses are taken by anyone at any time. What comes next is
    therefore known from the last course, and popularity knows little.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, float]] = []
    for employee in range(n_employees):
        chain, at = int(rng.integers(n_chains)), float(rng.uniform(0, 700))
        for place in range(int(rng.integers(0, 3)), length):
            rows.append((employee, chain * length + place, at))
            at += float(rng.exponential(40)) + 1
        if rng.random() < 0.5:
            rows.append((employee, n_chains * length + int(rng.integers(popular)), float(rng.uniform(0, 900))))
    return company(rows, n_courses=n_chains * length + popular, n_employees=n_employees)
