"""Reloads under load: a service with two processes, clients that check every answer, and one activation after another.

    python benchmarks/hot_reload.py --times 200

Fits a small sample company, saves it again as a version that answers differently, and activates the two by turns over HTTP
while clients ask without a pause. Each answer is compared with what the version it names answers when asked alone. Prints
how many requests failed, how many answers were of no version, and how long an activation took. Ends with 1 if any did.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import numpy as np
from reloading import Loaded, answers_of, differing_version
from running_service import running

from training.__main__ import main as lpr


def private_memory(process: int) -> float:
    """Return the memory that only a process has, in MiB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200, help="activations (default 200)")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between them (default 0.2)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, models = str(Path(folder, "data")), Path(folder, "models")
        lpr(["sample", data, "--employees", "250", "--courses", "90"])
        lpr(["fit", data, "--models", str(models), "--version", "v1", "--threads", "1"])
        differing_version(models, "v1", "v2")
        expected = {version: answers_of(models, version) for version in ("v1", "v2")}
        took, failed = [], 0
        with running(models, LPR_REQUEST_LOG="0") as service:
            with Loaded(service, expected) as load:
                for i in range(options.times):
                    began = time.perf_counter()
                    status, answer = service.ask("POST", f"/v1/models/v{2 - i % 2}/activate")
                    took.append(time.perf_counter() - began)
                    failed += (status, answer["live"]) != (200, f"v{2 - i % 2}")
                    time.sleep(options.pause)
            tasks = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children")
            workers = [int(one) for one in tasks.read_text(encoding="ascii").split()]
            memory = ", ".join(f"{private_memory(one):.0f}" for one in workers)
        print(f"{options.times} activations, {failed} failed; median {1000 * float(np.median(took)):.0f} ms under load")
        print(f"{load.n_answers} answers {dict(load.versions)}; failed or of no version: {len(load.wrong)}")
        print(f"memory of each process alone afterwards: {memory} MiB")
    return int(bool(failed or load.wrong))


if __name__ == "__main__":
    sys.exit(main())
