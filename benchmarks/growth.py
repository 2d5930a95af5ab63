"""How the time of one answer grows with the catalogue and with the company.

    python benchmarks/growth.py              1,000 and 10,000 courses; 10,000 and 100,000 employees
    python benchmarks/growth.py --large      100,000 courses and 1,000,000 employees too: takes long, and memory, to fit
    python benchmarks/growth.py --small      a tenth of everything, to try the command

Ten completions an employee. Each company is made and its model fitted once (benchmarks/fitted.py) and kept in
var/benchmarks; then all are asked in turns for `Recommender.recommend`, k = 10. In each as many people are asked about,
evenly spread over everybody with a history by its length, so that the same is asked of all.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from companies import Size
from comparing import CLOCKS, Seconds, clock_option, in_rounds, machine, show_ratio, show_times
from fitted import Answering, answering
from threadpoolctl import threadpool_limits

K = 10
PER_EMPLOYEE = 10
EMPLOYEES, COURSES = 100_000, 10_000
MOST_BY_COURSES = 2.0
MOST_BY_EMPLOYEES = 1.1
"""Nothing, but for what two measurements of the same thing differ by."""


@dataclass(frozen=True)
class Series:
    """Sizes that differ in one thing, each ten times the one before, and what a step may cost."""

    what: str
    sizes: tuple[Size, ...]
    at_most: float


def series(*, large: bool, shrink: int = 1) -> tuple[Series, Series]:
    """Return the catalogues and the companies that are compared; `shrink` divides every size."""
    courses = (1_000, COURSES, 100_000) if large else (1_000, COURSES)
    employees = (10_000, EMPLOYEES, 1_000_000) if large else (10_000, EMPLOYEES)
    return (
        Series("courses", tuple(_size(one, EMPLOYEES, shrink) for one in courses), MOST_BY_COURSES),
        Series("employees", tuple(_size(COURSES, one, shrink) for one in employees), MOST_BY_EMPLOYEES),
    )


def _size(courses: int, employees: int, shrink: int) -> Size:
    employees = employees // shrink
    return Size(courses=courses // shrink, employees=employees, completions=PER_EMPLOYEE * employees)


def measured(one: Series, companies: dict[Size, Answering], *, rounds: int, seed: int, clock: str) -> Iterator[bool]:
    """Ask all companies of a series in turns, print what it took, and yield for each step whether its limit is kept."""
    names = {size: f"{getattr(size, one.what):,} {one.what}" for size in one.sizes}
    asks = {names[size]: _asking(companies[size], rounds, seed) for size in one.sizes}
    spent = in_rounds(asks, rounds=rounds, warm_up=min(10, rounds), clock=CLOCKS[clock])
    print(f"\n{one.what}: {rounds:,} people of each, k = {K}, {clock} time")
    show_times(spent)
    for smaller, larger in zip(one.sizes, one.sizes[1:], strict=False):
        yield _judged(names[smaller], names[larger], spent, at_most=one.at_most)


def _judged(smaller: str, larger: str, spent: dict[str, Seconds], *, at_most: float) -> bool:
    return show_ratio(f"{larger} ÷ {smaller}", spent[larger], spent[smaller], at_most=at_most)


def _asking(company: Answering, n: int, seed: int) -> Callable[[int], object]:
    queries = company.queries(spread_people(company, n, seed=seed))
    return lambda turn: company.recommender.recommend(queries[turn % len(queries)], k=K)


def spread_people(company: Answering, n: int, *, seed: int) -> list[int]:
    """Return n people evenly spread over those with a history by its length, in an order that is the same everywhere."""
    rng = np.random.default_rng(seed)
    completed = np.bincount(company.data.completions.employee_idx, minlength=len(company.data.people))
    people = rng.permutation(np.flatnonzero(completed))
    people = people[np.argsort(completed[people], kind="stable")]
    places = np.linspace(0, len(people) - 1, n).astype(np.int64)
    return [int(one) for one in people[np.random.default_rng(seed).permutation(places)]]


def main() -> None:
    """Make, fit and ask every company."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="the largest catalogue and company too")
    parser.add_argument("--small", action="store_true", help="a tenth of everything")
    parser.add_argument("--only", choices=("courses", "employees"), help="only what grows in these (default both)")
    parser.add_argument("--rounds", type=int, default=300, help="people asked about in each; default 300")
    parser.add_argument("--people-seed", type=int, default=0, help="draws whom is asked about")
    clock_option(parser)
    options = parser.parse_args()
    both = series(large=options.large, shrink=10 if options.small else 1)
    wanted = [one for one in both if options.only in (None, one.what)]
    companies = {size: answering(size) for size in {size for one in wanted for size in one.sizes}}
    with threadpool_limits(1):
        print(machine())
        found: list[bool] = []
        for one in wanted:
            found += measured(one, companies, rounds=options.rounds, seed=options.people_seed, clock=options.clock)
    print(f"\n{sum(found)} of {len(found)} limits met")


if __name__ == "__main__":
    main()
