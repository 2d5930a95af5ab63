"""What solving on neighbourhoods costs or brings: NDCG@10 of each signal against the exact solution, on real people.

    lpr import coco ../shared/data/coco var/coco
    python benchmarks/neighbourhoods.py var/coco --max-employees 2500

Scorers are fitted on what came before the middle of three cuts, both ways, with the rows the product keeps. All courses
not completed are ranked by the signal alone. Ratios of neighbourhoods of several sizes to the exact solution, with 95 %
intervals paired by person (bootstrap); CPU seconds of the whole fit; and the share of the first ten entries of the exact
rows that are among the first ten of the others.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
from pruning import K, alone, asked, per_person

from recommender.company import Dataset
from recommender.sparse import SparseRows
from recommender.vocabularies import Vocabularies
from training.baselines.interactions import id_order_of
from training.config import FitConfig
from training.intervals import sampled_means
from training.scorers.histories import interactions
from training.scorers.item_item import fit_item_item
from training.scorers.sequence import fit_sequence
from training.split import PROTOCOLS, cases_of, past_of, rolling_windows
from training.tables.load import load_dataset

NEIGHBOURS = (50, 100, 200, 400)
Fit = Callable[[int], SparseRows]
"""The weights of a scorer with so many courses as the most that are solved densely."""


def fits_of(data: Dataset) -> dict[str, Fit]:
    """Return how the rows of each scorer are fitted."""
    n, config = len(data.catalog), FitConfig()
    taken = interactions(data.completions, n_courses=n)
    vectors = (
        Vocabularies.learn(data.catalog, data.skills).encode_courses(data.catalog, data.skills, n_fitted=n).vectors
    )
    one, two = config.item_item, config.sequence
    return {
        "item_item": lambda most: (
            fit_item_item(taken, vectors, l2=one.l2, text_weight=one.text_weight, keep=one.keep, dense_up_to=most).rows
        ),
        "sequence": lambda most: (
            fit_sequence(data.completions, n_courses=n, l2=two.l2, keep=two.keep, dense_up_to=most).rows
        ),
    }


def overlap(exact: SparseRows, other: SparseRows) -> float:
    """Return the share of the first entries of the exact rows that are among the first of the others, mean over rows."""
    pairs = ((exact.row(i)[0][:K], other.row(i)[0][:K]) for i in range(len(exact)))
    shares = [len(np.intersect1d(one, two)) / len(one) for one, two in pairs if len(one)]
    return float(np.mean(shares))


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="data directory of real completions")
    parser.add_argument("--max-employees", type=int, default=2500, help="people asked, drawn at random (default 2,500)")
    options = parser.parse_args()
    data = load_dataset(options.data).dataset
    window, order = rolling_windows(data.completions, n_cuts=3)[1], id_order_of(data)
    questions = [asked(cases_of(data, window, name, max_employees=options.max_employees)) for name in PROTOCOLS]
    for name, fitted in fits_of(past_of(data, window.start)).items():
        rows: dict[int, SparseRows] = {}
        for most in (0, *NEIGHBOURS):
            began = time.process_time()
            with mock.patch(f"training.scorers.{name}.NEAREST", most):
                rows[most] = fitted(0 if most else len(data.catalog))
            kind = f"{most} courses" if most else "exact"
            line = f"{name} {kind}: {time.process_time() - began:.1f} CPU s"
            print(f"{line}, overlap of first {K} {overlap(rows[0], rows[most]):.2f}", flush=True)
        for protocol, cases in zip(PROTOCOLS, questions, strict=True):
            lists = (alone(one, cases, order, plain=name == "item_item") for one in rows.values())
            values = np.column_stack([per_person(ranked, cases) for ranked in lists])
            means = sampled_means(values, n_resamples=2000, seed=0)
            print(f"  {protocol}: exact {means[0].mean:.4f} ({len(values):,} people)")
            for most, mean in zip(NEIGHBOURS, means[1:], strict=True):
                ratio = mean.over(means[0])
                print(f"    {most:>4}  {ratio.estimate:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]", flush=True)


if __name__ == "__main__":
    main()
