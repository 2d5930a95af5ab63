"""What roles need, inferred from completions, against the truth of sample companies.

    python benchmarks/role_needs.py                     companies of seeds 201, 202 and 203
    python benchmarks/role_needs.py --seeds 101         another; the settings were chosen on this one

The needs in the tables are left out; the truth (`truth/roles.csv`) says what each role needs. For each role: precision,
recall and F1 at as many skills as it truly needs; of the skills found, the rank correlation of importance with the truth
and the mean absolute error of the level; and the overlap of importance, Σ min(a, b) of both scaled to 1. Means over roles.
Beside it the skills most people learn, whatever their role, and lift without shrinking or a least number of people.
`shown` judges what is kept by default: as many needs as pass, whatever the truth holds.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.stats import spearmanr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.catalog import SkillRows
from recommender.company import Dataset
from training.config import RoleSkillsConfig
from training.inference.role_needs import Learned, infer_role_needs
from training.sample import write_sample
from training.tables.load import load_dataset

Need = dict[int, tuple[float, float]]
"""Skill → importance and level."""
COLUMNS = ("roles", "precision", "recall", "F1", "importance rank", "importance overlap", "level error")


def truth_of(folder: Path, data: Dataset) -> dict[int, Need]:
    """Read what roles truly need."""
    needs: dict[int, Need] = {}
    with (folder / "truth" / "roles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            skill = data.skills.ids.find(row["skill_id"])
            needs.setdefault(data.roles.ids.find(row["role_id"]), {})[skill] = (
                float(row["importance"]),
                float(row["level"]),
            )
    return needs


def found_by(data: Dataset, config: RoleSkillsConfig) -> dict[str, list[Need]]:
    """Return what each way finds for each role, the most important first."""
    everything = config.model_copy(update={"most": 1000, "least_lift": 1.0})
    learned = Learned.before(data, data.now + 1)
    n_roles, n_skills = len(data.roles), len(data.skills.ids)
    cell = learned.role.astype(np.int64) * n_skills + learned.skill
    share = np.bincount(cell, minlength=n_roles * n_skills).reshape(n_roles, n_skills)
    share = share / np.maximum(learned.holders, 1)[:, None]
    lift = share / np.maximum(learned.overall, 1e-12)
    level = np.zeros((n_roles, n_skills))
    np.maximum.at(level, (learned.role, learned.skill), learned.level)
    usual = np.array(
        [np.median(one) if len(one := learned.level[learned.skill == s]) else 3 for s in range(n_skills)], dtype=float
    )
    common = np.argsort(-learned.overall, kind="stable")
    popular = {int(s): (float(learned.overall[s] / learned.overall.max()), float(usual[s])) for s in common}
    return {
        "shrunk lift": _needs(infer_role_needs(data, everything, as_of=data.now + 1)),
        "lift, not shrunk": [
            {int(s): (float(lift[r, s] / max(lift[r].max(), 1e-12)), float(usual[s])) for s in np.argsort(-lift[r])}
            for r in range(n_roles)
        ],
        "skills of everyone": [popular] * n_roles,
        "shrunk lift, shown": _needs(infer_role_needs(data, config, as_of=data.now + 1)),
    }


def _needs(rows: SkillRows) -> list[Need]:
    found = []
    for role in range(len(rows)):
        span = rows.span(role)
        order = np.argsort(-rows.weight[span], kind="stable")
        columns = (rows.skill_idx[span][order], rows.weight[span][order], rows.level[span][order])
        found.append({int(s): (float(w), float(level)) for s, w, level in zip(*columns, strict=True)})
    return found


def judged(found: Need, truth: Need, *, at_needed: bool) -> tuple[float, ...]:
    """Return precision, recall, F1, rank correlation and overlap of importance, and level error of one role."""
    kept = dict(list(found.items())[: len(truth)]) if at_needed else found
    hits = [skill for skill in kept if skill in truth]
    precision, recall = len(hits) / max(len(kept), 1), len(hits) / len(truth)
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    rank = float("nan")
    pair = [[side[s][0] for s in hits] for side in (kept, truth)]
    if len(hits) > 2 and all(len(set(one)) > 1 for one in pair):
        rank = float(spearmanr(*pair).statistic)
    totals = [sum(one[0] for one in side.values()) or 1.0 for side in (kept, truth)]
    overlap = sum(min(kept[s][0] / totals[0], truth[s][0] / totals[1]) for s in hits)
    error = float(np.mean([abs(kept[s][1] - truth[s][1]) for s in hits])) if hits else float("nan")
    return precision, recall, f1, rank, overlap, error


def main() -> None:
    """Print how well needs are found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203])
    parser.add_argument("--employees", type=int, default=5000)
    arguments = parser.parse_args()
    config = RoleSkillsConfig()
    for seed in arguments.seeds:
        with TemporaryDirectory() as folder:
            write_sample(Path(folder), seed=seed, n_employees=arguments.employees)
            data = load_dataset(Path(folder)).dataset
            truth = truth_of(Path(folder), data)
        data = replace(data, roles=replace(data.roles, needs=SkillRows.empty(len(data.roles))))
        print(f"seed {seed}: {len(truth)} roles, {sum(map(len, truth.values()))} needs")
        print(f"{'':<20} " + " ".join(f"{name:>18}" for name in COLUMNS[1:]))
        for name, needs in found_by(data, config).items():
            rows = [judged(needs[role], need, at_needed="shown" not in name) for role, need in truth.items()]
            table = np.array(rows)
            means = [np.nanmean(one) if np.isfinite(one).any() else float("nan") for one in table.T]
            print(f"{name:<20} " + " ".join(f"{mean:>18.3f}" for mean in means))


if __name__ == "__main__":
    main()
