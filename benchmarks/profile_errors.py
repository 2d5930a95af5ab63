"""How far levels taken from evidence lie from the true ones, by where they come from and by how sure they are said to be.

    lpr sample var/s77 --seed 77 --employees 2000
    python benchmarks/profile_errors.py var/s77

What ADR 13 rests on: confidence is worth something only if surer levels are nearer to the truth.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from recommender.arrays import NONE
from recommender.profile import SOURCES, EvidenceRules, profile_of
from recommender.query import query_of
from training.sample import write_sample
from training.sample.truth import read_truth
from training.tables.load import load_dataset


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a sample company; seed 77 of 2,000 employees unless given")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        if arguments.data is None:
            write_sample(Path(folder), seed=77, n_employees=2000)
        measure(arguments.data or Path(folder))


def measure(directory: Path) -> None:
    """Print the mean error of levels, in levels, by source and by confidence."""
    data, rules = load_dataset(directory).dataset, EvidenceRules()
    truth, n_skills = read_truth(directory, data).levels, len(data.skills.ids)
    queries = [query_of(data, i, as_of=data.now + 1) for i in range(len(data.people))]
    found = [profile_of(one, catalog=data.catalog, roles=data.roles, n_skills=n_skills, rules=rules) for one in queries]
    error = np.abs(np.array([one.level for one in found]) - truth)
    source = np.array([one.source for one in found])
    sure = np.array([one.confidence(data.now + 1, rules) for one in found])
    print(f"{'source':14}{'levels':>9}{'mean error':>12}")
    for code, name in ((NONE, "nothing known"), *enumerate(SOURCES)):
        if (source == code).any():
            print(f"{name:14}{(source == code).sum():9,}{error[source == code].mean():12.2f}")
    print(f"{'confidence':14}{'levels':>9}{'mean error':>12}")
    for low in np.arange(0, 1, 0.1):
        rows = (source != NONE) & (sure >= low) & (sure < low + 0.1)
        if rows.any():
            print(f"{f'{low:.1f} to {low + 0.1:.1f}':14}{rows.sum():9,}{error[rows].mean():12.2f}")


if __name__ == "__main__":
    main()
