"""Publishing killed at moments of chance: after each kill every version must be whole and one of them live.

    python benchmarks/killed_publishing.py --times 20

Prints how often the command was killed before its end, and how often its version was live by then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from publishing import kill_publishing

from training.__main__ import main as lpr


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20, help="kills (default 20)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, models = Path(folder, "data"), Path(folder, "models")
        lpr(["sample", str(data), "--employees", "250", "--courses", "90"])
        lpr(["fit", str(data), "--models", str(models), "--version", "v1", "--threads", "1"])
        n_killed, n_published = kill_publishing(data, models, times=options.times)
    print(f"{options.times} kills sent, {n_killed} before the end; new version live {n_published} times; all whole")


if __name__ == "__main__":
    main()
