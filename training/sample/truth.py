"""Reads the hidden truth of a sample company: what people can do, roles need and courses teach. For scoring only."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recommender.arrays import Ids, frozen
from recommender.catalog import SkillRows
from recommender.company import Dataset
from recommender.errors import DataError
from training.following import DoubleArray
from training.sample.writing import TRUTH


@dataclass(frozen=True, slots=True)
class Truth:
    """What no model sees, in the positions of a data set.

    `levels` (n_employees, n_skills) in [0, 5], fractions too, on the last day; `needs` a row a role, `taught` a row a
    course, whose entry levels are those really needed and forbid nothing.
    """

    levels: DoubleArray
    needs: SkillRows
    taught: SkillRows


def read_truth(directory: Path, data: Dataset) -> Truth:
    """Read the truth beside the tables of a sample company that `data` was loaded from.

    Raises
    ------
    DataError
        If there is none, or it names what the data set does not have.
    """
    folder = directory / TRUTH
    people = _columns(folder / "skills.csv")
    levels = np.zeros((len(data.people), len(data.skills.ids)))
    rows = _positions(people["employee_id"], data.people.ids), _positions(people["skill_id"], data.skills.ids)
    levels[rows] = np.array(people["level"], dtype=np.float64)
    needs = _rows(_columns(folder / "roles.csv"), "role_id", data.roles.ids, data.skills.ids)
    taught = _rows(_columns(folder / "course_skills.csv"), "course_id", data.catalog.ids, data.skills.ids)
    return Truth(frozen(levels), needs, taught)


def _columns(path: Path) -> Mapping[str, Sequence[str]]:
    if not path.is_file():
        raise DataError(f"{path}: found none; expected the truth of a sample company. Make one with `lpr sample`.")
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return dict(zip(header, zip(*rows, strict=True), strict=True))


def _positions(ids: Sequence[str], known: Ids) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    found = known.find_all(ids)
    if (found < 0).any():
        raise DataError(
            f"truth: found {ids[int(np.argmin(found))]}; expected an id of the tables. Make the sample anew."
        )
    return found


def _rows(columns: Mapping[str, Sequence[str]], owner: str, owners: Ids, skills: Ids) -> SkillRows:
    row, skill = _positions(columns[owner], owners), _positions(columns["skill_id"], skills)
    order = np.lexsort((skill, row))
    level = np.array(columns["level"], dtype=np.int8)
    entry = np.array(columns.get("entry_level", ["0"] * len(row)), dtype=np.int8)
    weight = np.array(columns.get("importance", ["1"] * len(row)), dtype=np.float32)
    return SkillRows(
        frozen(np.searchsorted(row[order], np.arange(len(owners) + 1)).astype(np.int64)),
        frozen(skill[order]),
        frozen(level[order]),
        frozen(entry[order]),
        frozen(np.zeros(len(row), dtype=np.bool_)),
        frozen(weight[order]),
        frozen(np.zeros(len(row), dtype=np.bool_)),
        frozen(np.ones(len(row), dtype=np.float32)),
    )
