"""How long the path takes to solve, how close to the proven bound it is, and how often it beats greedy.

    python benchmarks/programme.py                     every size
    python benchmarks/programme.py --cases 50 --sizes 200x20 --time-limit 1

Random programmes: a course teaches one skill or a few to a level 1–5; a stated share of what it teaches asks for a declared
entry level below it, of the same skill. In the harder kind ("crossed") three courses of five also ask for a level of a
skill drawn at random, so that circles are common. One course of ten has prerequisites. Limits of 5 to 60 hours; half the
programmes have a limit on cost too. Seconds are of the whole of `solve`, pruning and greedy included.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.exact import MAX_NODES, TIME_LIMIT, Solution, solve
from recommender.programme import Programme, covered, greedy
from recommender.pruning import worth_solving

SHARES = (0.0, 0.2, 0.5, 1.0)
"""Shares of course skills with a declared entry level."""


def random_programme(rng: np.random.Generator, n: int, m: int, *, share: float, crossed: bool) -> Programme:
    """Draw a programme of n courses and m skills."""
    taught, entry = np.zeros((n, m), dtype=np.int8), np.zeros((n, m), dtype=np.int8)
    for course in range(n):
        skills = rng.choice(m, min(m, 1 + rng.poisson(2)), replace=False)
        taught[course, skills] = rng.integers(1, 6, len(skills))
        asks = skills[rng.random(len(skills)) < share]
        entry[course, asks] = rng.integers(0, taught[course, asks])
        if crossed and rng.random() < 0.6:
            entry[course, rng.integers(m)] = rng.integers(0, 6)
    needed = rng.integers(0, 6, m)
    requires = tuple(
        (tuple(rng.choice(n, rng.integers(1, 3)).tolist()),) if course and rng.random() < 0.1 else ()
        for course in range(n)
    )
    return Programme(
        have=rng.integers(0, 3, m).astype(np.int8),
        needed=needed.astype(np.int8),
        importance=np.where(needed > 0, rng.uniform(0.1, 1, m), 0.0),
        taught=taught,
        entry=entry,
        assumed_entry=np.zeros_like(entry),
        requires=requires,
        hours=rng.choice([1.0, 2.0, 4.0, 8.0, 16.0, 40.0], n),
        cost=rng.choice([0.0, 10.0, 100.0], n),
        relevance=rng.random(n),
        max_hours=float(rng.integers(5, 61)),
        max_cost=float(rng.integers(0, 400)) if rng.random() < 0.5 else None,
    )


def main() -> None:
    """Solve and print a line a size and share."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", nargs="+", default=["200x20", "1000x40", "5000x100"])
    options.add_argument("--cases", type=int, default=40, help="programmes a line")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--max-nodes", type=int, default=MAX_NODES)
    options.add_argument("--time-limit", type=float, default=TIME_LIMIT)
    asked = options.parse_args()
    print(
        "size      entry  kind       left   seconds 50/90/99 %      gap 50/90/99 %         proven  by time  >greedy  gain"
    )
    for size in asked.sizes:
        n, m = map(int, size.split("x"))
        for crossed in (False, True):
            for share in SHARES:
                print_line(asked, n, m, share=share, crossed=crossed)


def print_line(asked: argparse.Namespace, n: int, m: int, *, share: float, crossed: bool) -> None:
    """Print the figures of one size, share and kind."""
    rng = np.random.default_rng(asked.seed)
    seconds, simple, left, found = [], [], [], list[Solution]()
    for _ in range(asked.cases):
        one = random_programme(rng, n, m, share=share, crossed=crossed)
        begun = time.perf_counter()
        found.append(solve(one, max_nodes=asked.max_nodes, time_limit=asked.time_limit))
        seconds.append(time.perf_counter() - begun)
        simple.append(covered(one, greedy(one)))
        left.append(len(worth_solving(one)))
    ahead = np.array([one.coverage_after for one in found]) - simple
    times = " ".join(f"{value:6.3f}" for value in np.quantile(seconds, (0.5, 0.9, 0.99)))
    gaps = " ".join(f"{value:7.5f}" for value in np.quantile([one.gap for one in found], (0.5, 0.9, 0.99)))
    proven = np.mean([one.proven for one in found])
    by_time = np.mean([one.stopped == "time" for one in found])
    print(
        f"{n:>4}x{m:<4} {share:5.1f}  {'crossed' if crossed else 'own skill':9} {np.median(left):5.0f}   {times}"
        f"   {gaps}   {proven:6.0%}  {by_time:7.0%}  {np.mean(ahead > 0):7.0%}  {ahead.mean():.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
