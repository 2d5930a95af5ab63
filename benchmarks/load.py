"""How fast tables load: made-up completions as Parquet and as CSV, loaded each in a process of its own.

    python benchmarks/load.py                    10 million completions, both formats
    python benchmarks/load.py --rows 100000      fewer

Prints rows a second and the peak memory of the loading process. Every row is checked as in any load: ids, times,
duplicates and references. Arrow uses two threads.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training.tables.load import load_dataset

_EMPLOYEES, _COURSES = 200_000, 5_000
_START, _SECONDS = 1_577_836_800, 5 * 365 * 86_400
"""Times spread over five years from 2020-01-01."""

_THREADS = 2


def make_tables(directory: Path, n_rows: int, *, suffix: str, seed: int = 0) -> None:
    """Write courses and `n_rows` completions in random order as `suffix` ("csv" or "parquet")."""
    rng = np.random.default_rng(seed)
    courses = pa.array([f"course-{i:05d}" for i in range(_COURSES)])
    employees = pa.array([f"employee-{i:07d}" for i in range(_EMPLOYEES)])
    stamps = pa.array(_START + rng.integers(0, _SECONDS, n_rows)).cast(pa.timestamp("s", "UTC"))
    completions = pa.table(
        {
            "employee_id": employees.take(pa.array(rng.integers(0, _EMPLOYEES, n_rows))),
            "course_id": courses.take(pa.array((_COURSES * rng.random(n_rows) ** 3).astype(np.int64))),
            "completed_at": stamps,
        }
    )
    catalogue = pa.table({"course_id": courses, "title": courses})
    if suffix == "parquet":
        pq.write_table(catalogue, directory / "courses.parquet")
        pq.write_table(completions, directory / "completions.parquet")
        return
    pyarrow.csv.write_csv(catalogue, directory / "courses.csv")
    texts = pa.compute.strftime(stamps, format="%Y-%m-%dT%H:%M:%SZ")
    pyarrow.csv.write_csv(completions.set_column(2, "completed_at", texts), directory / "completions.csv")


def load_and_print(directory: Path) -> None:
    """Load a directory in this process and print the figures."""
    pa.set_cpu_count(_THREADS)
    result = load_dataset(directory)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{result.rows['completions']:,} completions in {result.seconds:.1f} s, "
        f"{result.completions_per_second:,.0f} rows/s, peak memory {peak:.2f} GiB, "
        f"set aside {sum(result.rejected.values()):,}, fingerprint {result.dataset.fingerprint[:12]}",
        flush=True,
    )


def main() -> None:
    """Make the tables and load them, each format in a new process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="completions to make (default 10 million)")
    parser.add_argument("--load", type=Path, help="load this data directory and make nothing")
    options = parser.parse_args()
    if options.load:
        load_and_print(options.load)
        return
    for suffix in ("parquet", "csv"):
        with tempfile.TemporaryDirectory() as name:
            make_tables(Path(name), options.rows, suffix=suffix)
            megabytes = (Path(name) / f"completions.{suffix}").stat().st_size / 1e6
            print(f"{suffix} ({megabytes:,.0f} MB): ", end="", flush=True)
            subprocess.run([sys.executable, __file__, "--load", name], check=True)


if __name__ == "__main__":
    main()
