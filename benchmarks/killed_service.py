"""Kill the service, with all its processes, at moments of chance while it is written to; then look what it holds.

Usage: python benchmarks/killed_service.py [--times 50] [--kind sqlite|postgresql|both] [--seed 1]

Prints, for each database, how many writes were sent, acknowledged and found, and how long a start took. It ends with an
error if an acknowledged write is lost or half a write is found. PostgreSQL is that of LPR_TEST_POSTGRESQL.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from databases import KINDS, database_url  # noqa: E402 - the tests' helpers are no package
from killing import Written, judge, kill_under_writes, moments  # noqa: E402
from served_company import loaded_company  # noqa: E402


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--kind", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for kind in KINDS if asked.kind == "both" else (asked.kind,):
        with tempfile.TemporaryDirectory() as folder, database_url(kind, Path(folder)) as url:
            company = loaded_company(Path(folder) / "models", url)
            written = Written(company.employees[:5], company.courses)
            starts = [
                kill_under_writes(company.models, url, written, after=after)
                for after in moments(asked.times, seed=asked.seed)
            ]
            counts = judge(company.models, url, written)
        print(
            f"{kind}: killed {asked.times} times; {counts['sent']:,} writes sent, {counts['acknowledged']:,} acknowledged, "
            f"{counts['stored']:,} found whole, none lost, none half there; "
            f"start to listening: median {statistics.median(starts):.2f} s, most {max(starts):.2f} s"
        )


if __name__ == "__main__":
    main()
