"""Send generated requests, alone and in chains, to every operation of the OpenAPI document, and judge every answer.

Usage: python benchmarks/fuzzed_api.py [--examples 40] [--phases coverage,fuzzing,stateful] [--seed 1]

Schemathesis makes the requests; the service runs as `lpr serve` with two processes on a socket. It ends with an error if an
answer is a 5xx other than those documented, or has a status, a media type or a body that the document does not have.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from fuzzing import fuzz  # noqa: E402 - the tests' helpers are no package
from running_service import running  # noqa: E402
from served_company import loaded_company  # noqa: E402


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=40, help="requests made for each operation and phase")
    parser.add_argument("--phases", default="coverage,fuzzing,stateful")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/lpr.db"
        company = loaded_company(Path(folder) / "models", url)
        with running(company.models, workers=2, LPR_DB=url, LPR_DEMO="1", LPR_RATE_PER_MINUTE=str(10**9)) as service:
            found: subprocess.CompletedProcess[str] = fuzz(
                service, examples=asked.examples, phases=asked.phases, seed=asked.seed
            )
    print(found.stdout[-6_000:])
    sys.exit(found.returncode)


if __name__ == "__main__":
    main()
