"""Generated requests against a running service, judged by its own OpenAPI document."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

from running_service import RunningService

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def fuzz(service: RunningService, *, examples: int, phases: str, seed: int) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis over every operation and return how it ended; 0 is without a finding.

    It begins when every process has made its overview: until then the answer to who asks for it is a wanted 503.
    """
    settle(service)
    address = f"http://{service.host}:{service.port}/openapi.json"
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", address, "--checks", CHECKS, "--no-color"]
    command += ["--phases", phases, "--max-examples", str(examples), "--seed", str(seed), "--continue-on-failure"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "100"})


def settle(service: RunningService, *, in_a_row: int = 20, seconds: float = 120) -> None:
    """Ask for the overview on new connections until so many in a row have it."""
    until, found = time.monotonic() + seconds, 0
    while found < in_a_row:
        assert time.monotonic() < until, "no overview in time"
        with closing(service.connect()) as connection:
            connection.request("GET", "/v1/insight")
            found = found + 1 if connection.getresponse().status == HTTPStatus.OK else 0
        if not found:
            time.sleep(0.2)


def n_cases(output: str) -> int:
    """Return how many requests a run says it made."""
    found = re.search(r"(\d+) generated", output)
    return int(found[1]) if found else 0
