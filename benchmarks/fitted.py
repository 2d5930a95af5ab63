"""A saved model of a made-up company, and people of it to ask about, for benchmarks of single answers.

    python benchmarks/fitted.py                       fit one of the standard size, or say where it is
    python benchmarks/fitted.py --courses 1000

How long an answer takes goes by the sizes of what was learned, not by how well it was: few questions for the blend and
one short fit of the hybrid scorer (`QUICK`) make the same tables, rows and vectors as a full fit does.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from companies import Size, company, size_of, size_options

from recommender.artifact import load_model
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.query import Query, query_of
from recommender.translation import Translation, updated
from training.asking import just_after
from training.config import read_config
from training.judged import JudgedModel
from training.tables.load import load_dataset

ROOT = Path(__file__).resolve().parent.parent
QUICK: Mapping[str, Mapping[str, float]] = {
    "hybrid": {"epochs": 1, "max_rows": 50_000},
    "blend": {"windows": 1, "most_windows": 1, "max_queries": 500},
}
TENANT, VERSION = "default", "quick"


@dataclass(frozen=True)
class Answering:
    """A model that answers from the tables of a company."""

    data: Dataset
    recommender: Recommender
    translation: Translation

    @classmethod
    def of(cls, folder: Path, models: Path, version: str) -> Answering:
        """Load the tables of a data directory and a saved version of the tenant `default`."""
        data = load_dataset(folder).dataset
        model, _ = updated(load_model(models, TENANT, version)[1], data)
        return cls(data, Recommender(model).prepared(), Translation.between(data, model))

    def people(self, n: int, *, seed: int, with_history: bool) -> list[int]:
        """Draw up to n people who completed something, or who did not, by position."""
        active = np.bincount(self.data.completions.employee_idx, minlength=len(self.data.people)) > 0
        there = np.flatnonzero(active if with_history else ~active)
        return [int(one) for one in np.random.default_rng(seed).permutation(there)[:n]]

    def queries(self, people: Sequence[int]) -> list[Query]:
        """Return everybody's question as it stands after the last row, in the model's positions."""
        moment = max(just_after(self.data), self.recommender.model.as_of)
        return [self.translation.query(query_of(self.data, person, as_of=moment)) for person in people]


def fitted_model(folder: Path, settings: Mapping[str, Mapping[str, float]] = QUICK) -> Path:
    """Return the folder of models whose version `VERSION` was fitted on a data directory by this code, now if need be."""
    config = folder / f"{VERSION}.toml"
    lines = [
        f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in one.items()) for name, one in settings.items()
    ]
    config.write_text("\n".join(lines), encoding="utf-8")
    key = JudgedModel(read_config(config)).key
    models = folder / f"models-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if not (models / TENANT / VERSION).is_dir():
        words = ["fit", folder, "--models", models, "--version", VERSION, "--config", config, "--json"]
        command = [sys.executable, "-m", "training", *map(str, words)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return models


def answering(size: Size) -> Answering:
    """Return what answers for a company of a size, made and fitted now if it is not there."""
    folder = company(size).resolve()
    return Answering.of(folder, fitted_model(folder), VERSION)


def main() -> None:
    """Make a company and fit its model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size_options(parser)
    folder = company(size_of(parser.parse_args())).resolve()
    print(f"{folder}: version {VERSION} in {fitted_model(folder)}")


if __name__ == "__main__":
    main()
