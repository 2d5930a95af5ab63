"""How long "why not?" takes, and how often a single change brings a course into the first ten.

Asks for random employees of a data directory about random courses that are not among their first ten.

    lpr sample var/sample --employees 2000 --courses 300
    lpr fit var/sample --models var/models
    python benchmarks/explanations.py var/sample --models var/models
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np

from recommender.activation import live_version
from recommender.artifact import load_model
from recommender.engine import Recommender
from recommender.explanations import explain
from recommender.query import query_of
from training.tables.load import load_dataset


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", default=Path("var/sample"), help="data directory")
    parser.add_argument("--models", type=Path, default=Path("models"), help="folder of saved models, one live")
    parser.add_argument("--n", type=int, default=1000, help="explanations asked for")
    arguments = parser.parse_args()
    if not arguments.data.is_dir() or not arguments.models.is_dir():
        print(f"{arguments.data} or {arguments.models}: not there; `make run` makes both")
        return
    measure(arguments.data, arguments.models, arguments.n)


def measure(directory: Path, models: Path, n: int) -> None:
    """Print the distribution of times and of changes tried, and what was found."""
    data = load_dataset(directory).dataset
    model = load_model(models, "default", live_version(models, "default"))[1]
    recommender, rng = Recommender(model), np.random.default_rng(0)
    times: list[float] = []
    tried: list[int] = []
    changed, found = Counter[str](), Counter[tuple[str, str]]()
    while len(times) < n:
        employee, course = int(rng.integers(len(data.people))), int(rng.integers(len(model.catalog)))
        query = query_of(data, employee, as_of=max(model.as_of, data.now + 1))
        began = time.perf_counter()
        one = explain(recommender, query, course)
        if one.in_top_k:
            continue
        times.append(1000 * (time.perf_counter() - began))
        tried.append(one.n_tried)
        kind = one.change.kind if one.change else "none" if one.tried_all else "not all tried"
        changed[kind] += 1
        found["+".join(reason.code for reason in one.excluded_by) or "ranked lower", kind] += 1
    quantiles = (0.1, 0.5, 0.9, 0.99)
    print("ms     ", {q: round(float(np.quantile(times, q)), 1) for q in quantiles})
    print("tried  ", {q: round(float(np.quantile(tried, q)), 1) for q in quantiles})
    print("changed", dict(changed.most_common()))
    for (codes, kind), count in found.most_common():
        print(f"{count:7} {codes}: {kind}")


if __name__ == "__main__":
    main()
