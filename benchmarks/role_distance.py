"""How far related and unrelated roles lie apart: what the borders of upskilling and reskilling rest on.

    lpr import onet ../shared/data/onet var/onet
    python benchmarks/role_distance.py var/onet

For every tier of the table `role_relations` (where there is one), for pairs of one family and for pairs of different
families: quantiles of the distance, the median place, and the shares on either side of the borders.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from recommender.arrays import Levels
from recommender.catalog import Roles
from recommender.gap import FAR, NEAR, distance_to
from training.tables.load import load_dataset

MOST_PAIRS = 4_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=Path("var/onet"), help="with roles and role_skills")
    parser.add_argument("--seed", type=int, default=0, help="of the pairs drawn")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        print(f"{arguments.data}: not there; import it first, see --help")
        return
    roles, n_skills = read_roles(arguments.data)
    known = np.flatnonzero(np.diff(roles.needs.indptr))
    rng = np.random.default_rng(arguments.seed)
    pairs: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for tier, pair in related(arguments.data, roles):
        pairs[tier].append(pair)
    for one, other in rng.choice(known, (10 * MOST_PAIRS, 2)).tolist():
        if one != other:
            pairs["one family" if roles.families[one] == roles.families[other] else "different families"].append(
                (one, other)
            )
    nobody: Levels = np.zeros(n_skills, dtype=np.int8)
    print(f"{'':20}{'pairs':>7}{'distance: 25 %':>16}{'50 %':>7}{'75 %':>7}{'place: 50 %':>13}{'near':>7}{'far':>7}")
    for name, several in pairs.items():
        several = [pair for pair in several if set(pair) <= set(known.tolist())]
        drawn = rng.permutation(len(several))[:MOST_PAIRS]
        found = [distance_to(nobody, several[i][1], roles=roles, current_idx=several[i][0]) for i in drawn]
        value, place = np.array([(one.value, one.place) for one in found if one is not None]).T
        low, middle, high = np.quantile(value, [0.25, 0.5, 0.75])
        near, far = (place <= NEAR).mean(), (place >= FAR).mean()
        print(
            f"{name:20}{len(value):7,}{low:16.3f}{middle:7.3f}{high:7.3f}{np.median(place):13.3f}{near:7.0%}{far:7.0%}"
        )


def read_roles(data: Path) -> tuple[Roles, int]:
    """Return the roles of a data directory and how many skills it has; courses are not needed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tables"
        shutil.copytree(data, copy)
        if not (copy / "courses.csv").exists():
            (copy / "courses.csv").write_text("course_id,title\nnone,none\n")
            (copy / "completions.csv").write_text("employee_id,course_id,completed_at\nnobody,none,2020-01-01\n")
        loaded = load_dataset(copy).dataset
    return loaded.roles, len(loaded.skills.ids)


def related(data: Path, roles: Roles) -> list[tuple[str, tuple[int, int]]]:
    """Return the tier and the two roles of every row of `role_relations`."""
    path = data / "role_relations.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [(row["tier"], (roles.ids.find(row["from_role_id"]), roles.ids.find(row["to_role_id"]))) for row in rows]


if __name__ == "__main__":
    main()
