"""The service as it runs, with two processes on a socket: reloads under load, metrics, logs and how it stops."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from reloading import Loaded, answers_of, differing_version
from running_service import RunningService, running
from service_asking import ASK


def test_activations_under_load_fail_no_request_and_mix_no_answer(models: Path) -> None:
    differing_version(models, "v1", "v2")
    expected = {version: answers_of(models, version) for version in ("v1", "v2")}
    assert expected["v1"] != expected["v2"]
    with running(models) as service, Loaded(service, expected) as load:
        for i in range(20):
            status, answer = service.ask("POST", f"/v1/models/v{2 - i % 2}/activate")
            assert (status, answer["live"]) == (200, f"v{2 - i % 2}")
    assert load.wrong == []
    assert load.n_answers > 40
    assert set(load.versions) == {"v1", "v2"}


def test_a_version_activated_elsewhere_is_served_by_every_process_soon(models: Path) -> None:
    differing_version(models, "v1", "v2")
    with running(models) as service:
        service.ask("POST", "/v1/models/v2/activate")
        deadline = time.monotonic() + 20
        while 'lpr_model_workers{tenant="default",version="v2"} 2.0' not in service.ask_text("GET", "/metrics")[1]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert 'version="v1"} 0.0' in service.ask_text("GET", "/metrics")[1]


def count_of(exposition: str, sample: str) -> float:
    found = re.search(rf"^{re.escape(sample)} (\S+)$", exposition, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics_add_up_over_processes_and_their_directory_goes_with_the_service(models: Path) -> None:
    with running(models) as service:
        folder = metrics_folder(service)
        asked = 0
        with ThreadPoolExecutor(8) as threads:  # one after another, one process could answer them all
            while asked == 0 or (len(list(folder.glob("counter_*.db"))) < 2 and asked < 800):
                answers = list(threads.map(lambda _: service.ask("POST", ASK, {"person": {}})[0], range(16)))
                assert answers == [200] * 16
                asked += 16
        assert service.ask("POST", "/v1/paths", {"person": {"target_role_id": "data-engineer"}})[0] == 200
        assert service.ask("GET", "/v1/courses/nobody")[0] == 404
        said = service.ask_text("GET", "/metrics")[1]
        assert len(list(folder.glob("counter_*.db"))) >= 2
    route = 'lpr_request_seconds_count{method="POST",route="/v1/recommendations",status="2xx"}'
    assert count_of(said, route) == asked
    assert count_of(said, "lpr_candidates_count") == asked
    assert count_of(said, 'lpr_fallbacks_total{why="no_history"}') == asked
    assert count_of(said, 'lpr_path_solve_seconds_count{solver="exact"}') == 1
    assert count_of(said, "lpr_path_optimality_gap_count") == 1
    assert "nobody" not in said
    assert not folder.exists()


def metrics_folder(service: RunningService) -> Path:
    environment = Path(f"/proc/{service.process.pid}/environ").read_bytes().decode().split("\0")
    return Path(dict(one.split("=", 1) for one in environment if one)["PROMETHEUS_MULTIPROC_DIR"])


def test_no_line_of_the_logs_holds_anything_that_was_sent(models: Path) -> None:
    secret = "Ada-Lovelace-77"
    with running(models) as service:
        trace = f"00-{'ab' * 16}-{'cd' * 8}-01"
        headers = {"X-Request-ID": "r-1", "traceparent": trace, "X-Odd": secret}
        service.ask("GET", f"/v1/courses/{secret}?q={secret}", headers=headers)
        service.ask("POST", ASK, {"person": {"history": [{"course_id": secret, "completed_at": secret}]}})
        service.ask("GET", f"/nowhere/{secret}")
        for garbage in (
            f"GET {secret}\r\n\r\n",
            f"GET / HTTP/1.1\r\n{secret} : x\r\n\r\n",
            f"GET /{secret} HTTP/9\r\n\r\n",
        ):
            with contextlib.closing(service.connect()) as connection:
                connection.connect()
                connection.sock.sendall(garbage.encode())
                assert connection.sock.recv(100).startswith(b"HTTP/1.1 4")
    assert secret not in json.dumps([service.requests, service.messages])
    assert {one["event"] for one in service.messages if one["level"] == "warning"} == {"Invalid request from"}
    first = service.requests[0]
    assert set(first) == {
        *("time", "level", "event", "method", "route", "status", "ms", "tenant", "key"),
        *("request_id", "trace_id", "model_version"),
    }
    assert (first["route"], first["status"]) == ("/v1/courses/<id:course_id>", 404)
    assert (first["request_id"], first["trace_id"], first["model_version"]) == ("r-1", "ab" * 16, "v1")
    assert [one["route"] for one in service.requests[1:3]] == [ASK, "(none)"]


def test_requests_under_way_are_answered_when_it_is_told_to_stop(models: Path) -> None:
    body = json.dumps({"person": {"role_id": "data-analyst"}, "k": 5}).encode()
    head = (
        f"POST {ASK} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with running(models) as service:
        with contextlib.ExitStack() as stack:
            open_ones = [stack.enter_context(contextlib.closing(service.connect())) for _ in range(4)]
            for connection in open_ones:
                connection.connect()
                connection.sock.sendall(head.encode() + body[:20])
            time.sleep(0.5)  # all four are being answered: the rest of their bodies is waited for
            service.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            for connection in open_ones:
                connection.sock.sendall(body[20:])
            replies = [read_all(connection.sock) for connection in open_ones]
        assert [reply.split(b" ", 2)[1] for reply in replies] == [b"200"] * 4
        assert all(len(json.loads(reply.partition(b"\r\n\r\n")[2])["recommendations"]) == 5 for reply in replies)
        assert service.stop() == 0


def read_all(sock: Any) -> bytes:
    data = b""
    while chunk := sock.recv(65_536):
        data += chunk
    return data


def test_a_killed_process_is_replaced_and_leaves_its_counts(models: Path) -> None:
    with running(models, workers=1) as service:
        service.ask("POST", ASK, {"person": {}})
        children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        deadline = time.monotonic() + 20
        said = ""
        while 'version="v1"} 1.0' not in said:
            assert time.monotonic() < deadline
            with contextlib.suppress(OSError):
                said = service.ask_text("GET", "/metrics")[1]
            time.sleep(0.05)
    assert count_of(said, "lpr_candidates_count") == 1
