"""The service starts and answers over a socket where nothing that only fitting needs can be imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FITTING_ONLY = ("implicit", "joblib", "lightfm", "pandas", "pyarrow", "rich", "scipy", "sklearn", "threadpoolctl")

# Python imports sitecustomize when it starts, in every process, before anything of ours.
HOOK = f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {FITTING_ONLY!r}:
            raise ModuleNotFoundError(f"{{name}} is made unimportable", name=name)
        return None

sys.meta_path.insert(0, Refuse())
"""


def environment(hook: Path) -> dict[str, str]:
    (hook / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    path = os.pathsep.join([str(hook), str(ROOT)])
    return {**os.environ, "PYTHONPATH": path}


def test_the_hook_makes_them_unimportable(tmp_path: Path) -> None:
    for name in FITTING_ONLY:
        tried = subprocess.run(
            [sys.executable, "-c", f"import {name}"],
            env=environment(tmp_path),
            capture_output=True,
            text=True,
        )
        assert "made unimportable" in tried.stderr


def test_a_command_that_needs_them_says_so(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "training", "check", "."]
    done = subprocess.run(arguments, env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: pyarrow is not installed; this command needs the project's extra `train`.\n"


def test_the_service_answers_with_numpy_and_flask_alone(fitted_models: Path, tmp_path: Path) -> None:
    arguments = ["serve", "--models", str(fitted_models), "--port", "0", "--workers", "2", "--demo"]
    server = subprocess.Popen(
        [sys.executable, "-m", "training", *arguments],
        env=environment(tmp_path),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with server:
        try:
            answer = ask(address_of(server))
        finally:
            server.send_signal(signal.SIGTERM)
            requests, log = server.communicate(timeout=60)
    assert answer["model_version"] == "v1"
    assert [one["rank"] for one in answer["recommendations"]] == [1, 2, 3]
    assert server.returncode == 0, log
    (line,) = [json.loads(one) for one in requests.splitlines()]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/recommendations", 200)
    assert all(json.loads(one)["level"] == "info" for one in log.splitlines())


def address_of(server: subprocess.Popen[str]) -> str:
    """Read the log until the server says where it listens."""
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if "Listening at: " in line:
            return line.split("Listening at: ")[1].split()[0]
    raise AssertionError("the service did not start:\n" + "".join(said))


def ask(address: str) -> dict[str, Any]:
    body = json.dumps({"person": {"role_id": "data-analyst"}, "k": 3}).encode()
    request = urllib.request.Request(f"{address}/v1/recommendations", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return dict(json.load(answer))
