"""A Dask cluster of real processes on this machine: `dask scheduler` and as many `dask worker` as a test wants."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PYTHON_PATH = (TESTS.parent, TESTS)
_SECONDS_TO_START = 60


@dataclass
class Cluster:
    """A running scheduler and its workers."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """Where the scheduler says how it is reached."""
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        return str(json.loads(self.file.read_text())["address"])

    def start_scheduler(self) -> None:
        """Start a scheduler on a free port and wait until it listens."""
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file))
        until = time.monotonic() + _SECONDS_TO_START
        while not (self.file.exists() and self.file.read_text().endswith("}")):  # it is written after it is there
            assert time.monotonic() < until, self.logs()
            time.sleep(0.05)

    def start_worker(self, *, threads: int = 1, python_path: Sequence[Path] = PYTHON_PATH) -> subprocess.Popen[bytes]:
        """Start a worker without a nanny, so that nothing starts it again, and return its process."""
        arguments = ("--nthreads", str(threads), "--no-nanny", "--local-directory", str(self.folder))
        return self._start("worker", self.address, *arguments, python_path=python_path)

    def exactly(self, n: int) -> list[subprocess.Popen[bytes]]:
        """Return n workers that live, of those there are and new ones, and kill the others."""
        living = [process for process in self.processes[1:] if process.poll() is None]
        for process in living[n:]:
            self.kill(process)
        return [*living[:n], *(self.start_worker() for _ in range(n - len(living)))]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process without a word of warning."""
        process.send_signal(signal.SIGKILL)
        process.wait(_SECONDS_TO_START)

    def stop(self) -> None:
        """Kill everything: nothing here is worth a farewell."""
        for process in reversed(self.processes):
            self.kill(process)

    def logs(self) -> str:
        """Return what all processes said."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _start(self, what: str, *arguments: str, python_path: Sequence[Path] = PYTHON_PATH) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(map(str, python_path))
        with (self.folder / f"{len(self.processes)}-{what}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, "--no-dashboard"],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process


@contextlib.contextmanager
def cluster(folder: Path, *, workers: int) -> Iterator[Cluster]:
    """Run a scheduler and some workers of one thread until the end of the block."""
    one = Cluster(folder)
    try:
        one.start_scheduler()
        for _ in range(workers):
            one.start_worker()
        yield one
    finally:
        one.stop()
