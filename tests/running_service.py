"""The service as it runs: `lpr serve` with its processes on a real socket, and its logs read back."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

Reply = tuple[int, dict[str, Any]]


class RunningService:
    """A running `lpr serve`, where it listens, and what it has logged: `requests` and `messages`, parsed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.requests: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self._listens = threading.Event()
        self.host, self.port = "", 0
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, self.requests)),
            threading.Thread(target=self._read, args=(process.stderr, self.messages)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Any, lines: list[dict[str, Any]]) -> None:
        for text in stream:
            line = json.loads(text) if text.startswith("{") else {"event": text}
            lines.append(line)
            if str(line["event"]).startswith("Listening at: "):
                address = urlsplit(line["event"].split()[2])
                self.host, self.port = str(address.hostname), int(address.port or 0)
                self._listens.set()
        self._listens.set()

    def wait(self) -> None:
        """Wait until it listens."""
        assert self._listens.wait(60)
        assert self.port, self.messages

    def connect(self) -> http.client.HTTPConnection:
        """Return a new connection."""
        return http.client.HTTPConnection(self.host, self.port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Ask once on a connection of its own and return the status and the JSON of the answer."""
        status, data = self.ask_text(method, path, body, headers)
        return status, json.loads(data)

    def ask_text(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Ask once and return the status and the text of the answer."""
        with contextlib.closing(self.connect()) as connection:
            typed = {"Content-Type": "application/json"} if body is not None else {}
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, {**typed, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def stop(self) -> int:
        """Stop it gracefully and return its exit code, its logs read to their end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        for reader in self._readers:
            reader.join(60)
        return code


@contextlib.contextmanager
def running(models: Path, *, workers: int = 2, **environment: str) -> Iterator[RunningService]:
    """Run `lpr serve` on a free port, until the end of the block."""
    arguments = ["serve", "--models", str(models), "--port", "0", "--workers", str(workers)]
    environment = {"LPR_DEMO": "1", **environment}
    with subprocess.Popen(
        [sys.executable, "-m", "training", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=models,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        service = RunningService(process)
        try:
            service.wait()
            yield service
        finally:
            service.stop()
