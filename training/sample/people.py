"""The people of the sample company: where they sit, when they came, which roles they hold and want."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.sample.roles import DEPARTMENTS, ROLES
from training.sample.skills import SKILLS, THEMES
from training.sample.timeline import (
    END_DAY,
    N_WEEKS,
    START_DAY,
    FloatArray,
    IntArray,
    draw,
    first_week_from,
)

LOCATIONS = ("Berlin", "Lyon", "Madrid", "Dublin", "Toronto", "Austin")
LOCATION_SHARES = np.array([0.26, 0.13, 0.12, 0.20, 0.14, 0.15])
HOME_LANGUAGE = ("de", "fr", "es", "en", "en", "en")
LANGUAGES = ("en", "de", "fr", "es")
N_HIDDEN = 6
"""Tastes beside the named themes, which no table shows."""
MAX_PLANS = 5
NEVER = 10 * N_WEEKS

FIRST_NAMES = (
    "Aiko Alba Amir Ana Anders Anja Aoife Arjun Astrid Beatriz Bogdan Camille Carmen Chidi Clara Dara Diego Elena Elif "
    "Emil Fatima Felix Finn Freya Gabriel Greta Hana Hugo Ida Ines Ivan Jana Jonas Julia Kofi Lara Leila Leo Lin Lucia "
    "Luis Malik Mara Marco Maya Mei Milan Mina Nadia Niamh Nico Noor Olga Omar Oscar Paula Petra Priya Rafael Rosa "
    "Samir Sofia Tariq Theo Uma Vera Viktor Wanda Yara Yusuf Zoe"
)
LAST_NAMES = (
    "Abadi Adeyemi Alvarez Andersen Bakker Banerjee Becker Bianchi Blanc Boateng Byrne Castillo Chen Cohen Costa Demir "
    "Dubois Egan Eriksen Fischer Flores Garcia Haddad Hansen Hoffmann Ito Ivanov Jansen Kaur Keller Khan Kim Kovac "
    "Kowalski Lambert Larsen Lee Lindqvist Lopez Marin Martin Mensah Meyer Moreau Moreno Murphy Nakamura Nguyen Novak "
    "Okafor Olsen Osei Park Patel Peeters Pereira Petrov Popescu Reyes Ricci Rossi Ruiz Sato Schmidt Silva Singh Sousa "
    "Tanaka Torres Vidal Wagner Walsh Weber Wolf Yilmaz Zhang"
)
"""Given and family names, separated by blanks, which are combined at random."""


@dataclass(frozen=True, slots=True)
class Roles:
    """What roles truly need: `needed` levels and `importance`, both (n_roles, n_skills), 0 where not needed."""

    needed: FloatArray
    importance: FloatArray
    department: tuple[str, ...]

    def coverage(self) -> FloatArray:
        """Return the share of role b's needs met by a full holder of role a, shape (n_roles, n_roles)."""
        have = np.minimum(self.needed[:, None, :], self.needed[None, :, :])
        total = (self.importance * self.needed).sum(axis=1)
        return np.asarray((have * self.importance[None]).sum(axis=2) / total, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Plans:
    """The moves people work towards, one row each, in order of employee and start.

    `start` and `end` are weeks, `target` and `origin` roles; a plan that succeeded ends in a role change.
    """

    employee: IntArray
    start: IntArray
    end: IntArray
    origin: IntArray
    target: IntArray
    succeeded: IntArray


@dataclass(frozen=True, slots=True)
class People:
    """Everybody, one position an employee. Weeks may lie before 0; `tastes` is (n, themes + hidden)."""

    hired_day: IntArray
    first_week: IntArray
    last_week: IntArray
    first_role: IntArray
    final_role: IntArray
    location: IntArray
    language: IntArray
    eagerness: FloatArray
    tastes: FloatArray
    plans: Plans

    def __len__(self) -> int:
        """Return how many people there are."""
        return len(self.hired_day)


def real_roles() -> Roles:
    """Return what the hand-written roles need."""
    needed = np.zeros((len(ROLES), len(SKILLS)), dtype=np.float32)
    importance = np.zeros_like(needed)
    index = {skill.skill_id: k for k, skill in enumerate(SKILLS)}
    for r, role in enumerate(ROLES):
        for need in role.needs.split(";"):
            skill_id, level, weight = need.split()
            needed[r, index[skill_id]] = float(level)
            importance[r, index[skill_id]] = float(weight)
    return Roles(needed, importance, tuple(DEPARTMENTS[role.family] for role in ROLES))


def hire_people(n: int, roles: Roles, rng: np.random.Generator) -> People:
    """Return n people with careers; about half were there before the five years began, the rest came evenly."""
    shares = np.array([role.share for role in ROLES])
    first_role = rng.choice(len(ROLES), size=n, p=shares / shares.sum())
    before = rng.random(n) < 0.48
    early = START_DAY - 30 - rng.gamma(1.5, 700, size=n).astype(np.int64)
    late = START_DAY + ((END_DAY - 3 - START_DAY) * rng.random(n) ** 0.85).astype(np.int64)
    hired_day = np.where(before, early, late)
    first_week = np.maximum(first_week_from(hired_day + 1), -60)
    location = rng.choice(len(LOCATIONS), size=n, p=LOCATION_SHARES)
    home = np.array([LANGUAGES.index(code) for code in HOME_LANGUAGE])[location]
    plans = _plans(first_week, first_role, roles, rng)
    return People(
        hired_day=hired_day,
        first_week=first_week,
        last_week=_last_weeks(first_week, rng),
        first_role=first_role,
        final_role=_final_roles(first_role, plans),
        location=location,
        language=np.where(rng.random(n) < 0.75, home, 0),
        eagerness=np.minimum(rng.lognormal(-0.5 * 0.75**2, 0.75, size=n), 5).astype(np.float32),
        tastes=_tastes(first_role, rng),
        plans=plans,
    )


def _last_weeks(first_week: IntArray, rng: np.random.Generator) -> IntArray:
    """Let one in eight lose interest (or leave) somewhere on the way."""
    stops = first_week + 20 + (rng.random(len(first_week)) * (N_WEEKS - first_week)).astype(np.int64)
    return np.where(rng.random(len(first_week)) < 0.125, stops, NEVER)


def _plans(first_week: IntArray, first_role: IntArray, roles: Roles, rng: np.random.Generator) -> Plans:
    """Let people plan a move every two or three years; nearly half of the plans succeed."""
    n = len(first_week)
    pull = role_pull(roles)
    role, clock = first_role.copy(), first_week.copy()
    rows: list[tuple[IntArray, ...]] = []
    for _ in range(MAX_PLANS):
        start = clock + 12 + rng.exponential(105, size=n).astype(np.int64)
        end = start + rng.integers(17, 90, size=n)
        target = draw(rng, pull[role])
        succeeded = (rng.random(n) < 0.48).astype(np.int64)
        rows.append((np.arange(n), start, end, role.copy(), target, succeeded))
        role = np.where(succeeded == 1, target, role)
        clock = end
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    keep = (columns[1] < N_WEEKS) & (columns[2] >= 0)
    order = np.lexsort((columns[1][keep], columns[0][keep]))
    employee, start, end, origin, target, succeeded = (column[keep][order] for column in columns)
    return Plans(employee, start, end, origin, target, succeeded)


def role_pull(roles: Roles) -> FloatArray:
    """Return how strongly each role (row) draws towards each other: near ones, the own family, and leading a team."""
    families = np.array([role.family for role in ROLES])
    shares = np.array([role.share for role in ROLES], dtype=np.float32)
    pull = np.sqrt(shares)[None] * np.exp(4 * roles.coverage())
    pull = pull * np.where(families[:, None] == families[None], 2.5, 1.0)
    lead = [role.role_id for role in ROLES].index("team-lead")
    pull[:, lead] *= 4
    np.fill_diagonal(pull, 0)
    return np.asarray(pull, dtype=np.float32)


def _final_roles(first_role: IntArray, plans: Plans) -> IntArray:
    """Return the role of each person on the last day."""
    final = first_role.copy()
    for e, end, target, succeeded in zip(plans.employee, plans.end, plans.target, plans.succeeded, strict=True):
        if succeeded and end < N_WEEKS:
            final[e] = target
    return final


def _tastes(role: IntArray, rng: np.random.Generator) -> FloatArray:
    """Return theme interests (a favourite or two, and some for the own trade) and hidden tastes."""
    n, width = len(role), len(THEMES)
    themes = rng.normal(0, 0.25, size=(n, width))
    for weight in (1.5, 0.9):
        themes[np.arange(n), rng.integers(width, size=n)] += weight * rng.random(n)
    trade = np.zeros((len(ROLES), width))
    index = {skill.skill_id: THEMES.index(skill.theme) for skill in SKILLS}
    for r, job in enumerate(ROLES):
        trade[r, index[job.needs.split()[0]]] = 0.5
    hidden = rng.normal(0, 0.35, size=(n, N_HIDDEN))
    return np.hstack([themes + trade[role], hidden]).astype(np.float32)
