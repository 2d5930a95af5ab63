"""How cost grows with employees, courses and completions, what a cluster gains, and what a much larger company would cost.

    python benchmarks/scale.py                                curves, engines and arithmetic: about half an hour
    python benchmarks/scale.py --courses 500 --employees 5000 --completions 50000 --factors 1 2    a few minutes
    python benchmarks/scale.py --only engines

Everything is measured on made-up companies (benchmarks/companies.py). From a base size one of the three grows at a time;
each figure is of a process of its own; below some 100,000 completions a start of Python outweighs the rest. The exponent is
the slope of log cost over log size by least squares: 1 is proportional. The arithmetic extends this run's figures,
straight, to --to-employees, --to-courses and --to-completions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import numpy as np
import pyarrow.parquet as pq
from companies import Size, company, size_of, size_options
from dask_cluster import cluster
from scipy.linalg import lapack

from recommender.artifact import load_model, version_folder
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.query import Query, query_of
from training.asking import just_after
from training.cluster import DaskEngine
from training.engines import Engine, LocalEngine
from training.evaluation_stage import ranked_in_chunks
from training.judged import JudgedAtCut
from training.scorers.histories import interactions
from training.tables.load import load_dataset
from training.tabulating import markdown_table

ROOT = Path(__file__).resolve().parent.parent
VERSION, TENANT = "scale", "default"
BLOCK = 20_000
"""Employees whose partial Gram matrix is summed on a worker before it is shipped."""
PAIR_BYTES, MATRICES = 12, 6
"""Of a pair of courses in a partial sum: a number of 4 bytes and a float of 8. Matrices: one without order, five with."""
LISTED = 10
READ = "import sys, pathlib, training.tables.load as load; load.load_dataset(pathlib.Path(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took: seconds on the clock and of all its threads, and the most memory it held, in 10⁶ bytes."""

    seconds: float
    cpu: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One size of company and what it cost; `batch` is of `n_asked` people, reading the tables included."""

    size: Size
    read: Spent
    fit: Spent
    batch: Spent
    n_asked: int
    model_megabytes: float

    @property
    def batch_ms(self) -> float:
        """Milliseconds of processor a person, the tables read."""
        return 1000 * max(0.0, self.batch.cpu - self.read.cpu) / self.n_asked


def spent(*arguments: str) -> Spent:
    """Run this Python on its own and return what it took."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **threads},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    said = process.stderr.read().decode() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(arguments)} ended with {status}:\n{said[-2000:]}")
    return Spent(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)


def grown(base: Size, factors: Sequence[int]) -> Iterator[Size]:
    """Yield the base and each of its three numbers grown, one at a time."""
    yield base
    for name in ("employees", "courses", "completions"):
        for factor in factors[1:]:
            yield replace(base, **{name: factor * getattr(base, name)})


def measured(size: Size, models: Path, *, asked: int) -> Measured:
    """Read, fit and recommend, each in a process of its own with one thread."""
    data, root = company(size), models / size.name
    read = spent("-c", READ, str(data))
    fit = spent("-m", "training", "fit", str(data), "--models", str(root), "--version", VERSION, "--threads", "1")
    people = pq.read_table(data / "employees.parquet", columns=["employee_id"])["employee_id"].to_pylist()[:asked]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "who.txt").write_text("\n".join(people))
        lists = ("recommend", str(data), "--models", str(root), "--employees", f"{folder}/who.txt", "--workers", "1")
        batch = spent("-m", "training", *lists, "--out", f"{folder}/lists.csv")
    files = version_folder(root, TENANT, VERSION).rglob("*")
    return Measured(size, read, fit, batch, len(people), sum(path.stat().st_size for path in files) / 1e6)


FIGURES: Mapping[str, Callable[[Measured], float]] = {
    "read, s": lambda one: one.read.cpu,
    "read, MB": lambda one: one.read.megabytes,
    "fit, s": lambda one: one.fit.cpu,
    "fit, MB": lambda one: one.fit.megabytes,
    "model, MB": lambda one: one.model_megabytes,
    "list, ms a person": lambda one: one.batch_ms,
    "batch, MB": lambda one: one.batch.megabytes,
}
"""What the curves show; seconds and milliseconds are of processor, one thread."""


def curves(base: Size, factors: Sequence[int], models: Path, *, asked: int) -> list[Measured]:
    """Measure every size, and print the figures and the exponents."""
    found = []
    for size in grown(base, factors):
        print(f"measuring {size.name}", file=sys.stderr, flush=True)
        found.append(measured(size, models, asked=asked))
    rows = [
        [f"{one.size.employees:,}", f"{one.size.courses:,}", f"{one.size.completions:,}"]
        + [f"{of(one):,.2f}" if of(one) < 10 else f"{of(one):,.0f}" for of in FIGURES.values()]
        for one in found
    ]
    for name in ("employees", "courses", "completions"):
        some = [one for one in found if replace(one.size, **{name: getattr(base, name)}) == base]
        slopes = [f"{exponent(some, name, of):.2f}" for of in FIGURES.values()]
        rows.append(
            [f"exponent over {name}" if name == column else "" for column in ("employees", "courses", "completions")]
            + slopes
        )
    print("\n## Growth\n\n" + markdown_table(["employees", "courses", "completions", *FIGURES], rows))
    return found


def exponent(some: Sequence[Measured], name: str, of: Callable[[Measured], float]) -> float:
    """Return the slope of log cost over log size by least squares."""
    sizes = np.log([getattr(one.size, name) for one in some])
    costs = np.log([max(of(one), 1e-9) for one in some])
    return float(np.polyfit(sizes, costs, 1)[0]) if len(some) > 1 else float("nan")


# --- engines -------------------------------------------------------------------------------------------------------


def engines(size: Size, models: Path, *, asked: int, rounds: int) -> None:
    """Rank lists in this process, in two processes and on clusters of one and two workers, in interleaved rounds."""
    data, root = company(size), models / size.name
    if not version_folder(root, TENANT, VERSION).exists():
        spent("-m", "training", "fit", str(data), "--models", str(root), "--version", VERSION, "--threads", "1")
    dataset = load_dataset(data).dataset
    ranker = JudgedAtCut(Recommender(load_model(root, TENANT, VERSION)[1]))
    queries = [query_of(dataset, i, as_of=just_after(dataset)) for i in range(min(asked, len(dataset.people)))]
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, both_clusters(Path(folder)) as (one, two):
        on: dict[str, Engine] = {
            "one process": LocalEngine(),
            "2 processes": LocalEngine(2),
            "Dask, 1 worker": one,
            "Dask, 2 workers": two,
        }
        expected = ranked(ranker, queries, on["one process"])
        for engine in on.values():
            if not np.array_equal(ranked(ranker, queries, engine), expected):  # warms up, too
                raise SystemExit("lists differ between engines")
        for _ in range(rounds):
            for name, engine in on.items():
                began = time.perf_counter()
                ranked(ranker, queries, engine)
                seconds.setdefault(name, []).append(time.perf_counter() - began)
        passing = {name: (empty_part_ms(engine), megabytes_a_second(engine)) for name, engine in on.items()}
    alone = np.array(seconds["one process"])
    rows = [
        [
            name,
            f"{np.median(took):.2f}",
            f"{len(queries) / np.median(took):,.0f}",
            f"{np.median(alone / took):.2f}",
            f"{passing[name][0]:.2f}",
            f"{passing[name][1]:,.0f}",
        ]
        for name, took in seconds.items()
    ]
    print(f"\n## Engines\n\n{len(queries):,} lists of {LISTED}, {size.name}, medians of {rounds} rounds, equal lists\n")
    print(
        markdown_table(
            [
                "where",
                "seconds",
                "lists a second",
                "speed, × one process",
                "ms an empty part",
                "MB a second of results",
            ],
            rows,
        )
    )


@contextmanager
def both_clusters(folder: Path) -> Iterator[tuple[DaskEngine, DaskEngine]]:
    """Run clusters of one and of two workers at once; the one not asked is idle."""
    places = [folder / "one", folder / "two"]
    for place in places:
        place.mkdir()
    with (
        cluster(places[0], workers=1) as first,
        cluster(places[1], workers=2) as second,
        DaskEngine(first.address) as one,
        DaskEngine(second.address, wait_for=2) as two,
    ):
        yield one, two


def empty_part_ms(engine: Engine, n_parts: int = 200) -> float:
    """Return the milliseconds that a part costs in which there is nothing to do."""
    began = time.perf_counter()
    list(engine.map(abs, range(n_parts)))
    return 1000 * (time.perf_counter() - began) / n_parts


def megabytes_a_second(engine: Engine, n_parts: int = 4, values: int = 6_250_000) -> float:
    """Return how fast results of 50 MB come back."""
    began = time.perf_counter()
    total = sum(one.nbytes for one in engine.map(np.ones, [values] * n_parts))
    return total / 1e6 / (time.perf_counter() - began)


def ranked(ranker: JudgedAtCut, queries: Sequence[Query], engine: Engine) -> np.ndarray:
    """Return the lists of all, (n, LISTED)."""
    return ranked_in_chunks(ranker, {"all": queries}, k=LISTED, engine=engine)["all"]


# --- arithmetic ----------------------------------------------------------------------------------------------------


def arithmetic(found: Sequence[Measured], target: Size) -> None:
    """Extend what was measured to a much larger company, line by line, and print how."""
    base = found[0]
    largest = max(found, key=lambda one: one.size.completions)
    wide = max(found, key=lambda one: one.size.employees)
    many = max(found, key=lambda one: one.size.courses)
    data = load_dataset(company(base.size)).dataset
    per_completion = _slope(base, largest, "completions", lambda one: one.read.megabytes * 1e6)
    per_employee = _slope(base, wide, "employees", lambda one: one.read.megabytes * 1e6)
    on_disk = (company(largest.size) / "completions.parquet").stat().st_size / largest.size.completions
    read_each = _slope(base, largest, "completions", lambda one: one.read.cpu * 1e6)
    share = target.completions / target.employees / (base.size.completions / base.size.employees)
    pairs, held, block = gram_block(data)
    blocks = -(-target.employees // BLOCK)
    pairs_there = min(target.courses**2, pairs * share**2 * BLOCK / block)
    solve_flops, speed = target.courses**3, flops()
    rows = [
        ["tables on disk", f"{on_disk:.0f} B a completion", f"{on_disk * target.completions / 1e9:,.1f} GB"],
        [
            "reading",
            f"{read_each:.2f} µs a completion",
            f"{read_each * target.completions / 1e6 / 3600:.2f} core hours",
        ],
        [
            "memory of the tables, one process",
            f"{per_completion:.0f} B a completion, {per_employee:.0f} B an employee",
            f"{(per_completion * target.completions + per_employee * target.employees) / 1e9:,.0f} GB",
        ],
        [
            "lists for all",
            f"{many.batch_ms:.2f} ms a person at {many.size.courses:,} courses",
            f"{many.batch_ms * target.employees / 3.6e6:,.1f} core hours",
        ],
        ["lists on disk, CSV", "27 B a row, 10 rows a person", f"{270 * target.employees / 1e9:,.1f} GB"],
        [
            "Gram: partials shipped",
            f"Σh² = {pairs:,} of {block:,} employees, {held:,} pairs apart; h ×{share:.2g}, {PAIR_BYTES} B a pair",
            f"{blocks:,} blocks, {MATRICES} matrices of at most {PAIR_BYTES * pairs_there / 1e6:,.0f} MB each: "
            f"{MATRICES * PAIR_BYTES * pairs_there * blocks / 1e9:,.0f} GB",
        ],
        [
            "Gram: dense matrices, item_item and sequence in turn",
            "n² · 4 B, twice at once",
            f"{8 * target.courses**2 / 1e9:,.0f} GB",
        ],
        [
            "Gram: dense inverse",
            f"n³ flops (Cholesky and inverse) at {speed / 1e9:.0f} Gflop/s a core",
            f"{solve_flops / speed / 3600:,.1f} core hours",
        ],
    ]
    print(f"\n## {target.employees:,} employees, {target.courses:,} courses, {target.completions:,} completions\n")
    print(markdown_table(["what", "measured here", "there"], rows))


def _slope(small: Measured, large: Measured, name: str, of: Callable[[Measured], float]) -> float:
    """Return how much a cost grows by one more of something, NaN if the companies are too small to tell."""
    more, costs = getattr(large.size, name) - getattr(small.size, name), of(large) - of(small)
    return costs / more if more and costs > 0 else float("nan")


def gram_block(data: Dataset) -> tuple[int, int, int]:
    """Return Σh² over a block of employees with h courses each, the pairs of courses XᵀX of it holds, and its employees.

    Two people with the same pair of courses hold one pair together: Σh² is the most there can be, however many courses.
    """
    taken = interactions(data.completions, n_courses=len(data.catalog))[:BLOCK]
    return int((np.diff(taken.indptr).astype(np.int64) ** 2).sum()), int((taken.T @ taken).nnz), taken.shape[0]


def flops(n: int = 2_000) -> float:
    """Return floating point operations a second of inverting a matrix by Cholesky, single precision, one thread."""
    from threadpoolctl import threadpool_limits

    rows = np.random.default_rng(0).normal(size=(n, n)).astype(np.float32)
    matrix = np.asfortranarray(rows @ rows.T + n * np.eye(n, dtype=np.float32))
    took = []
    with threadpool_limits(1):
        for _ in range(3):
            copy = matrix.copy(order="F")
            began = time.process_time()
            factor, _ = lapack.spotrf(copy, lower=1, overwrite_a=1, clean=0)
            lapack.spotri(factor, lower=1, overwrite_c=1)
            took.append(time.process_time() - began)
    return n**3 / min(took)


def main() -> None:
    """Measure what is asked for and print it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size_options(parser, Size(2_000, 20_000, 200_000))
    parser.add_argument(
        "--factors", type=int, nargs="+", default=[1, 2, 4], help="sizes, times the base; 1 first (1 2 4)"
    )
    parser.add_argument("--asked", type=int, default=5_000, help="people lists are made for (5000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the engines (5)")
    parser.add_argument(
        "--only", choices=["curves", "engines"], help="leave the others out; arithmetic goes with curves"
    )
    for name, default in (("employees", 10_000_000), ("courses", 100_000), ("completions", 100_000_000)):
        parser.add_argument(f"--to-{name}", type=int, default=default, help=f"of the arithmetic ({default:,})")
    options = parser.parse_args()
    base = size_of(options)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    print(f"{json.dumps(machine)}; load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        if options.only != "engines":
            found = curves(base, options.factors, Path(folder), asked=options.asked)
            arithmetic(found, Size(options.to_courses, options.to_employees, options.to_completions))
        if options.only != "curves":
            engines(base, Path(folder), asked=options.asked, rounds=options.rounds)


if __name__ == "__main__":
    main()
