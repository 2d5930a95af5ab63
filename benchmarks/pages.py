"""How long the pages of an employee take, how long the best path is worked out, and how much is sent.

    make run                              makes the sample company, the model and the database (stop it then)
    python benchmarks/pages.py            200 people of it
    python benchmarks/pages.py --quick    a company of 300 people, fitted for this, and 30 of them

Starts the service as `lpr serve --demo --workers 1` does and visits people one after another, as a browser would: the
page, the best path, the page again, then one what-if. Times are those of the server, from the request to the last byte, on
this machine. Compression is the business of a proxy; what gzip makes of a page is printed beside its size.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from store import rows, visits
from store.database import Database
from store.visits import Link

ROOT = Path(__file__).resolve().parent.parent
TENANT = "default"
WHAT_IF = "/me?hours_per_week=1&budget=100"
MOST_BYTES = 100_000


@dataclass
class Measured:
    """Milliseconds and bytes, by what was asked."""

    times: dict[str, list[float]] = field(default_factory=dict)
    sizes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, what: str, seconds: float, body: bytes) -> None:
        """Note one answer."""
        self.times.setdefault(what, []).append(1000 * seconds)
        self.sizes.setdefault(what, []).append((len(body), len(gzip.compress(body, 6))))

    def show(self) -> None:
        """Print a line for everything asked."""
        print(f"{'':24} {'n':>4} {'median':>8} {'p95':>8} {'max':>8}  ms   {'raw':>8} {'gzip':>8} largest, bytes")
        for what, times in self.times.items():
            p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
            raw, packed = (max(one) for one in zip(*self.sizes[what], strict=True))
            line = f"{what:24} {len(times):4} {statistics.median(times):8.1f} {p95:8.1f} {max(times):8.1f}"
            print(f"{line}       {raw:8,} {packed:8,}{'  too large' if packed > MOST_BYTES else ''}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder of saved models, one live")
    parser.add_argument("--db", default=f"sqlite:///{ROOT}/var/lpr.db", help="URL of the database")
    parser.add_argument("--people", type=int, default=200, help="how many are visited")
    parser.add_argument("--quick", action="store_true", help="make and fit a small company instead")
    arguments = parser.parse_args()
    if arguments.quick:
        with tempfile.TemporaryDirectory() as folder:
            models, url = small_company(Path(folder))
            measure(models, url, min(30, arguments.people))
    elif not (arguments.models / TENANT).is_dir():
        print(f"{arguments.models}: no model of the tenant {TENANT}; `make run` makes one, --quick needs none")
    else:
        measure(arguments.models, arguments.db, arguments.people)


def small_company(folder: Path) -> tuple[Path, str]:
    """Make a company of 300 people and fit a model; return its models folder and the URL of its database."""
    data, models, url = folder / "sample", folder / "models", f"sqlite:///{folder}/lpr.db"
    for command in (
        ["sample", data, "--employees", 300, "--courses", 120],
        ["fit", data, "--models", models],
        ["load", data, "--db", url],
    ):
        words = [str(one) for one in command]
        subprocess.run([sys.executable, "-m", "training", *words], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    return models, url


def measure(models: Path, url: str, n: int) -> None:
    """Visit people of a company and print what it took."""
    database = Database(url)
    database.migrate()
    with database.read() as connection:
        everybody = [str(one["employee_id"]) for one in rows.everything(connection, TENANT, "employees")]
    some = Random(0).sample(everybody, min(n, len(everybody)))
    found = Measured()
    with serving(models, url) as (host, port):
        visit(host, port, ticket(database, some[0]), Measured())  # the first request of a process loads what it needs
        for employee_id in some:
            visit(host, port, ticket(database, employee_id), found)
        styles = get(host, port, "/static/style.css", "")[1] + get(host, port, "/static/home.js", "")[1]
    database.close()
    print(f"{len(everybody):,} people, {len(some)} visited one after another, one process, {os.cpu_count()} cores")
    found.show()
    print(f"style sheet and script: {len(styles):,} bytes, gzip {len(gzip.compress(styles, 6)):,}; kept by the browser")


def ticket(database: Database, employee_id: str) -> str:
    """Return a ticket by which an employee gets in."""
    with database.change() as connection:
        link = Link(TENANT, visits.EMPLOYEE, employee_id, "benchmark")
        made = visits.issue(connection, link, at=int(time.time()), seconds=600)
    if made is None:
        raise SystemExit(f"there is no employee {employee_id!r}")
    return made


def visit(host: str, port: int, good_once: str, found: Measured) -> None:
    """Get in and look at the pages."""
    _, _, cookie = get(host, port, f"/enter?ticket={good_once}", "")
    for what, path in (
        ("page with a draft", "/me"),
        ("best path, solved", "/me/path"),
        ("page with the best path", "/me"),
        ("what if", WHAT_IF),
        ("10 courses", "/me?k=10"),
    ):
        seconds, body, _ = get(host, port, path, cookie)
        found.add(what, seconds, body)


def get(host: str, port: int, path: str, cookie: str) -> tuple[float, bytes, str]:
    """Ask once; return the seconds it took, the body, and the cookie given."""
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - began
    finally:
        connection.close()
    if answer.status not in {200, 303}:
        raise SystemExit(f"{path}: {answer.status}\n{body.decode()[:2000]}")
    return seconds, body, (answer.getheader("Set-Cookie") or "").partition(";")[0]


@contextmanager
def serving(models: Path, url: str) -> Iterator[tuple[str, int]]:
    """Run the service until the end of the block; give where it listens."""
    command = ["-m", "training", "serve", "--demo", "--models", models, "--db", url, "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        [sys.executable, *map(str, command), "--no-access-log"],
        cwd=ROOT,
        env={**os.environ, "LPR_RATE_PER_MINUTE": "1000000"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        log = process.stderr or sys.stdin
        try:
            for line in log:
                if "Listening at: " in line:
                    host, _, port = line.split("Listening at: http://")[1].split()[0].rpartition(":")
                    break
            else:
                raise SystemExit("the service did not start")
            yield host, int(port)
        finally:
            process.terminate()
            log.read()


if __name__ == "__main__":
    main()
