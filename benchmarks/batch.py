"""How fast everyone gets a list of courses and a path, against implicit's batch `recommend`, and what memory it takes.

    python benchmarks/batch.py                                  10,000 courses, 100,000 employees, 1,000,000 completions
    python benchmarks/batch.py --employees 20000 --completions 200000 --courses 2000
    python benchmarks/batch.py --data var/tables --models models --version v1       tables and a model that are there
    python benchmarks/batch.py --workers 1 --clock cpu --people 5000                one core against one, on a busy machine
    python benchmarks/batch.py --memory --employees 1000000 --completions 3000000   memory alone, and for how many people

Speed: top-10 lists for everyone into a file, by as many processes as cores, from tables that are loaded, against the
`recommend` of an ALS model (64 factors) for all of the same people on the same matrix with as many threads, which writes
nothing. Both take turns; the ratio is of medians. The limit is half of implicit's employees per second. Reading the
tables is reported apart; so are Parquet, and learning paths, on a sample of people.

Memory: the resident memory of this process beyond the loaded tables, the memory of each worker of its own, both as the
largest seen, for an eighth of the people and for all of them: what grows with people shows in their difference.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from companies import company, size_of, size_options
from comparing import CLOCKS, clock_option, in_rounds, judge, machine, show_times
from fitted import TENANT, VERSION, fitted_model

from recommender.artifact import read_manifest
from recommender.company import Dataset
from training.asking import just_after
from training.baselines.interactions import employee_course
from training.batching.answering import Settings
from training.batching.asks import Asks, asks_of
from training.batching.run import Outputs, recommend_all
from training.engines import LocalEngine
from training.tables.load import load_dataset

LIMIT = 0.5
"""Of implicit's employees per second."""
FACTORS, ITERATIONS, K = 64, 3, 10
"""How long ALS answers does not depend on how long it learned."""
MIB = 2**20
AS_INSTALLED = "implicit's ALS, BLAS as installed"
PEER = "implicit's ALS, BLAS on one thread"
"""As implicit asks for: its own threads and those of BLAS get in each other's way."""


@dataclass
class Batch:
    """Tables in memory and a saved model of theirs, and where results go."""

    data: Dataset
    models: Path
    version: str
    folder: Path
    workers: int
    people: int | None = None

    def everyone(self) -> Asks:
        """Return everyone, or as many as are to be asked for, asked about just after the last row and the fit."""
        model_as_of = int(read_manifest(self.models, TENANT, self.version).origin.as_of.timestamp())
        found = asks_of(self.data, "all", as_of=max(just_after(self.data), model_as_of))
        return found if self.people is None else drawn(found, self.people)

    def write(self, asked: Asks, **files: str) -> float:
        """Write lists, paths or both by name, from the beginning, and return the seconds it took."""
        outputs = Outputs(**{name: self.folder / file for name, file in files.items()})
        engine = LocalEngine(self.workers)
        settings = Settings(self.models, TENANT, self.version, k=K)
        done = recommend_all(self.data, asked, settings, outputs, engine=engine, progress=lambda *_: None, restart=True)
        return done.seconds


def drawn(asked: Asks, n: int) -> Asks:
    """Return n of those asked for, drawn at random, in their order."""
    chosen = np.sort(np.random.default_rng(0).permutation(len(asked))[:n])
    return Asks(asked.employee_idx[chosen], asked.as_of[chosen])


def fitted_als(data: Dataset, threads: int) -> tuple[Any, Any]:
    """Return an ALS model of implicit and the matrix of who completed what that it was fitted on."""
    from implicit.cpu.als import AlternatingLeastSquares
    from threadpoolctl import threadpool_limits

    matrix = employee_course(data)
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(factors=FACTORS, iterations=ITERATIONS, num_threads=threads, random_state=0)
        model.fit(matrix, show_progress=False)
    return model, matrix


def speed(batch: Batch, *, rounds: int, n_paths: int, clock: str) -> None:
    """Print employees per second of both, the ratio against its limit, and what is reported beside it."""
    from threadpoolctl import threadpool_limits

    everyone = batch.everyone()
    model, matrix = fitted_als(batch.data, batch.workers)
    users, rows = everyone.employee_idx, matrix[everyone.employee_idx]

    def by_implicit(blas_threads: int | None) -> None:
        with threadpool_limits(blas_threads, "blas"):
            model.recommend(users, rows, N=K, filter_already_liked_items=True)

    batch.write(everyone.first(200 * batch.workers), recommendations="warm.csv")
    contenders: dict[str, Callable[[int], object]] = {
        PEER: lambda _: by_implicit(1),
        AS_INSTALLED: lambda _: by_implicit(None),
        "lists into CSV": lambda _: batch.write(everyone, recommendations="next.csv"),
        "lists into Parquet": lambda _: batch.write(everyone, recommendations="next.parquet"),
    }
    spent = in_rounds(contenders, rounds=rounds, warm_up=0, clock=CLOCKS[clock])
    show_times(spent, unit="s")
    rates = {name: len(everyone) / float(np.median(seconds)) for name, seconds in spent.items()}
    for name, rate in rates.items():
        print(f"{name}: {rate:,.0f} employees/s")
    ours = rates["lists into CSV"]
    judge(f"employees per second, of {PEER}", ours / rates[PEER], at_least=LIMIT, unit="×")
    print(f"employees per second, of {AS_INSTALLED}: {ours / rates[AS_INSTALLED]:.3g}×")
    some = drawn(everyone, n_paths)
    seconds = batch.write(some, paths="paths.parquet")
    print(f"paths into Parquet: {len(some) / seconds:,.0f} employees/s, of {len(some):,} drawn (no limit)")


@dataclass
class Watch:
    """The largest memory seen while it runs: of this process in all, and of any of its children of its own."""

    own: int = 0
    child: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        known: set[int] = set()
        while not self._stop.wait(0.2):
            self.own = max(self.own, resident(os.getpid()))
            there = set(children(os.getpid()))
            # One that has just been started is still a copy of this process.
            self.child = max([self.child, *map(private, there & known)])
            known = there


def resident(pid: int) -> int:
    """Return the bytes of memory a process has in use, without mapped files."""
    return int(Path(f"/proc/{pid}/status").read_text().partition("RssAnon:")[2].split()[0]) * 1024


def private(pid: int) -> int:
    """Return the bytes of memory that a process has to itself; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def children(pid: int) -> list[int]:
    """Return the processes a process has started, and theirs."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            found += [child, *children(child)]
    return found


def memory(batch: Batch) -> None:
    """Print what lists take beyond the tables, for an eighth of the people and for all."""
    everyone, tables = batch.everyone(), resident(os.getpid())
    print(
        f"tables in memory, {len(batch.data.people):,} employees and {len(batch.data.completions):,} completions: ",
        end="",
    )
    print(f"{tables / MIB:,.0f} MiB")
    beyond = []
    for asked in (everyone.first(len(everyone) // 8), everyone):
        with Watch() as watch:
            seconds = batch.write(asked, recommendations="next.csv")
        beyond.append(watch.own - tables)
        print(
            f"lists for {len(asked):,}: {beyond[-1] / MIB:,.1f} MiB beyond the tables, "
            f"{watch.child / MIB:,.1f} MiB of its own at most in a worker, {seconds:,.0f} s"
        )
    more = (beyond[1] - beyond[0]) / (len(everyone) - len(everyone) // 8)
    print(f"each more employee asked for: {more:,.1f} bytes beyond the tables")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size_options(parser)
    parser.add_argument("--data", type=Path, help="a data directory instead of a made-up company")
    parser.add_argument("--models", type=Path, help="folder of saved models; one is fitted in a hurry unless said")
    parser.add_argument("--version", default=VERSION, help="a saved version")
    parser.add_argument("--rounds", type=int, default=3, help="times everything is timed (default 3)")
    parser.add_argument("--paths", type=int, default=500, help="people whose path is asked for (default 500)")
    parser.add_argument("--people", type=int, help="ask for so many of the employees, drawn at random; all unless said")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes and threads; one a core")
    parser.add_argument("--memory", action="store_true", help="measure memory instead of speed")
    clock_option(parser)
    options = parser.parse_args()
    if options.clock == "cpu" and options.workers > 1:
        parser.error("--clock cpu counts this process alone; expected --workers 1 with it.")
    folder = (options.data or company(size_of(options))).resolve()
    models = (options.models or fitted_model(folder)).resolve()
    print(machine(("numpy", "joblib", "pyarrow", "pm-implicit")))
    began = time.perf_counter()
    data = load_dataset(folder).dataset
    print(
        f"{len(data.catalog):,} courses, {len(data.people):,} employees, {len(data.completions):,} completions: ",
        end="",
    )
    print(f"read in {time.perf_counter() - began:.1f} s")
    with TemporaryDirectory(prefix="lpr-") as place:
        batch = Batch(data, models, options.version, Path(place), options.workers, options.people)
        if options.memory:
            memory(batch)
        else:
            speed(batch, rounds=options.rounds, n_paths=options.paths, clock=options.clock)


if __name__ == "__main__":
    main()
