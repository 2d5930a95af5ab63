"""Services under gunicorn for the benchmarks of serving: ours as `lpr serve` starts it, and a bare Flask route beside it.

Linux only: processor time and memory are read from /proc.
"""

from __future__ import annotations

import gc
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companies import Size, company
from fitted import fitted_model

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from training.server import pins_by_itself
from web import gunicorn_settings
from web.cores import PINNED

gc.enable()  # the settings are those of a server that starts: they turn it off

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
"""How long a service may take to be ready before a benchmark gives up."""


@dataclass(frozen=True, slots=True)
class Service:
    """A gunicorn that listens: its first process and its address."""

    process: int
    host: str
    port: int

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        tasks = Path(f"/proc/{self.process}/task/{self.process}/children")
        return [int(one) for one in tasks.read_text(encoding="ascii").split()]

    def cpu_seconds(self) -> float:
        """Return the processor time the processes that answer have used, all their threads counted."""
        return sum(_cpu_seconds(one) for one in self.workers())

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Ask once, on a connection of its own; return the status and the body of the answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=START_SECONDS)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def own_memory(process: int) -> float:
    """Return the memory that only this process has (USS), in MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def lpr(*arguments: str) -> str:
    """Run a command of the project and return what it prints."""
    done = subprocess.run([sys.executable, "-m", "training", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def prepared(size: Size, models: Path | None, data: Path | None) -> tuple[Path, Path]:
    """Return the tables of a company and the folder of a model fitted on them; both made and kept if not there."""
    tables = data or company(size)
    return tables, models or fitted_model(tables.resolve())


def loaded(tables: Path, db: str) -> str:
    """Load tables into a database and return a key that may read, and as often as it likes."""
    lpr("load", str(tables), "--db", db)
    made = lpr("keys", "create", "--db", db, "--scope", "admin", "--rate", "1000000000", "--json")
    return str(json.loads(made)["key"])


@contextmanager
def our_service(
    models: Path, db: str, folder: Path, *, workers: int, threads: int, pinned: bool | None = None
) -> Iterator[Service]:
    """Run `lpr serve`: with keys, metrics, decision log and a log line a request, which goes to a file in `folder`.

    `pinned` says whether processes keep to cores, None as `lpr serve` does by itself.
    """
    arguments = ["-m", "training", "serve", "--models", str(models.resolve()), "--db", db]
    arguments += ["--workers", str(workers), "--threads", str(threads)]
    arguments += [] if pinned is None else ["--pin-cores" if pinned else "--no-pin-cores"]
    with _running(arguments, folder, "ours", "/health/ready") as service:
        yield service


@contextmanager
def bare_service(
    answer: bytes, folder: Path, *, workers: int, threads: int, pinned: bool | None = None
) -> Iterator[Service]:
    """Run a Flask application of one route that returns `answer`, under gunicorn as ours runs."""
    (folder / "answer.json").write_bytes(answer)
    settings = ["--worker-class", gunicorn_settings.worker_class, "--keep-alive", str(gunicorn_settings.keepalive)]
    settings += ["--workers", str(workers), "--threads", str(threads), "--preload"]
    arguments = ["-m", "gunicorn", "-c", "python:benchmarks.bare_route", "benchmarks.bare_route:app", *settings]
    pinned = pins_by_itself(workers) if pinned is None else pinned
    environment = {PINNED: str(int(pinned)), "BARE_ANSWER": str(folder / "answer.json")}
    with _running(arguments, folder, "bare", "/", **environment) as service:
        yield service


@contextmanager
def _running(arguments: list[str], folder: Path, name: str, ready: str, **environment: str) -> Iterator[Service]:
    """Start Python with arguments and a free port, wait until `ready` answers 200, and stop it at the end."""
    port = _free_port()
    place = ["--port", str(port)] if "serve" in arguments else ["--bind", f"127.0.0.1:{port}"]
    with (
        (folder / f"{name}.out").open("wb") as out,
        (folder / f"{name}.err").open("wb") as err,
        subprocess.Popen(
            [sys.executable, *arguments, *place],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                **environment,
            },
            cwd=folder,
            stdout=out,
            stderr=err,
        ) as process,
    ):
        service = Service(process.pid, "127.0.0.1", port)
        try:
            wait_until_ready(service, ready, process)
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def wait_until_ready(service: Service, path: str, process: subprocess.Popen[Any]) -> None:
    """Ask until the answer is 200; SystemExit if the process ends or it takes too long."""
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        with suppress(OSError):
            if service.ask("GET", path)[0] == 200:
                return
        time.sleep(0.01)
    raise SystemExit(f"the service did not become ready: {path} on port {service.port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
