"""Seconds and peak memory of each closed-form fit by number of courses, beside a plain NumPy and SciPy EASE.

    python benchmarks/closed_forms.py                 1,000 and 10,000 courses, 10 employees and 100 completions for each
    python benchmarks/closed_forms.py --large         100,000 courses too, 100,000 employees, 1,000,000 completions

Companies are made up (benchmarks/companies.py). Every fit runs in a process of its own, so that its memory is its own: the
peak is what it needs beyond the tables. Ratios are of CPU seconds, to EASE of the same completions in the same round
(`training.baselines.ease`: one Gram matrix, one inverse, nothing pruned), medians over rounds. Beyond `dense_up_to` courses
no dense matrix is made, and there is no EASE to compare with: its matrix alone would take 40 GB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np
import scipy.sparse as sp
from companies import Size, company

from recommender.company import Dataset
from recommender.scorers.base import Newcomers
from recommender.sparse import SparseRows
from recommender.vocabularies import Vocabularies
from training.baselines.ease import ease_weights
from training.config import FitConfig
from training.scorers.content import fit_content
from training.scorers.counted import fit_role, fit_trend
from training.scorers.histories import interactions
from training.scorers.item_item import fit_item_item
from training.scorers.sequence import fit_sequence
from training.tables.load import load_dataset

SIZES = (Size(1_000, 10_000, 100_000), Size(10_000, 100_000, 1_000_000))
LARGE = Size(100_000, 100_000, 1_000_000)
PLAIN = "plain EASE"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one fit took: seconds of the clock and of the processors, and gigabytes beyond what was there before it."""

    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Inputs:
    """What fits start from: the tables, the encoded courses and roles."""

    data: Dataset
    courses: Newcomers
    roles: SparseRows

    @classmethod
    def of(cls, data: Dataset) -> Inputs:
        """Encode the courses and roles of a company."""
        n = len(data.catalog)
        vocabularies = Vocabularies.learn(data.catalog, data.skills)
        courses = vocabularies.encode_courses(data.catalog, data.skills, n_fitted=n)
        return cls(data, courses, vocabularies.encode_roles(data.roles, data.skills))


def fits(inputs: Inputs) -> dict[str, Callable[[], object]]:
    """Return what is measured, by name; plain EASE first, where its matrix fits."""
    data, config, n = inputs.data, FitConfig(), len(inputs.data.catalog)
    past, as_of = data.completions, data.now + 1
    taken = interactions(past, n_courses=n)
    unseen = np.bincount(past.course_idx[past.targets], minlength=n) == 0

    def plain() -> object:
        return ease_weights(sp.csr_matrix(taken.T @ taken).toarray().astype(np.float32), config.item_item.l2)

    one, two = config.item_item, config.sequence
    ours: dict[str, Callable[[], object]] = {
        "item_item": lambda: fit_item_item(
            taken,
            inputs.courses.vectors,
            l2=one.l2,
            text_weight=one.text_weight,
            keep=one.keep,
            dense_up_to=one.dense_up_to,
        ),
        "sequence": lambda: fit_sequence(past, n_courses=n, l2=two.l2, keep=two.keep, dense_up_to=two.dense_up_to),
        "content": lambda: fit_content(inputs.courses, inputs.roles, unseen=unseen),
        "trend": lambda: fit_trend(data, past, as_of=as_of),
        "role": lambda: fit_role(data, past, as_of=as_of, shrinkage=config.role.shrinkage),
    }
    return ({PLAIN: plain} if n <= one.dense_up_to else {}) | ours


def cost_of(work: Callable[[], object]) -> Cost:
    """Do the work in a process of its own and return what it took.

    Raises
    ------
    RuntimeError
        If the process ended without saying.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(work, there))
    process.start()
    there.close()
    try:
        found: Cost = here.recv()
    except EOFError as error:
        raise RuntimeError("the process of a fit ended early; expected its cost. Is there memory enough?") from error
    process.join()
    return found


def _measured(work: Callable[[], object], say: Connection) -> None:
    before = _peak_gigabytes()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    say.send(Cost(time.perf_counter() - wall, time.process_time() - cpu, _peak_gigabytes() - before))


def _peak_gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measured(size: Size, rounds: int) -> None:
    """Print the table of one size."""
    inputs = Inputs.of(load_dataset(company(size)).dataset)
    print(f"\n{size.courses:,} courses, {size.employees:,} employees, {len(inputs.data.completions):,} completions")
    print(f"{'':<12} {'wall s':>8} {'CPU s':>8} {'peak GB':>8} {'× EASE':>8}", flush=True)
    costs: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        for name, work in fits(inputs).items():
            costs.setdefault(name, []).append(cost_of(work))
    for name, found in costs.items():
        wall, cpu, memory = (
            statistics.median(getattr(one, what) for one in found) for what in ("wall", "cpu", "memory")
        )
        ratios = [one.cpu / plain.cpu for one, plain in zip(found, costs.get(PLAIN, []), strict=False)]
        beside = f"{statistics.median(ratios):8.2f}" if ratios else f"{'–':>8}"
        print(f"{name:<12} {wall:8.2f} {cpu:8.2f} {memory:8.2f} {beside}", flush=True)


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="100,000 courses too; some minutes")
    parser.add_argument("--only-large", action="store_true", help="100,000 courses alone")
    parser.add_argument("--rounds", type=int, default=1, help="times each fit is made (default 1)")
    options = parser.parse_args()
    sizes = [LARGE] if options.only_large else [*SIZES, *([LARGE] if options.large else [])]
    for size in sizes:
        measured(size, options.rounds)


if __name__ == "__main__":
    main()
