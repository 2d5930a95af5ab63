"""How often a key may ask: exact over processes with Redis, shares of the limit without."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from databases import database_url
from guarded_service import Guarded, guarded
from running_service import running
from service_asking import problem

from recommender.errors import ConfigError
from service import create_app
from web.config import ServiceConfig
from web.limits import MAX_COUNTED, MemoryWindows, Standing

NOW = 1_800_000_000


@pytest.fixture
def redis() -> Iterator[str]:
    """Give the address of a Redis server of our own; without one the test is skipped, and fails where CI is set."""
    program = shutil.which("redis-server")
    if program is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("redis-server is not installed")
    with tempfile.TemporaryDirectory(prefix="lpr-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        server = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 20
            while not socket.exists():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield f"redis+unix://{socket}"
        finally:
            server.terminate()
            server.wait(20)


def service_of(models: Path, folder: Path, **settings: Any) -> Any:
    return guarded(models, f"sqlite:///{folder}/rates.db", NOW, **settings)


def asked(service: Guarded, headers: dict[str, str], n: int) -> Counter[int]:
    return Counter(service.client.get("/v1/roles", headers=headers).status_code for _ in range(n))


def test_a_key_that_asks_too_often_is_told_when_to_ask_again(fitted_models: Path, tmp_path: Path) -> None:
    with service_of(fitted_models, tmp_path) as service:
        _, headers = service.key("read", rate_per_minute=3)
        for left in (2, 1, 0):
            answer = service.client.get("/v1/roles", headers=headers)
            assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]) == ("3", str(left))
            assert "Retry-After" not in answer.headers
        refused = service.client.get("/v1/roles", headers=headers)
        assert problem(refused, 429)["type"] == "urn:lpr:problem:too-many-requests"
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["RateLimit-Remaining"] == "0"
        assert service.client.get("/health/live", headers=headers).status_code == 200


def test_each_key_counts_for_itself_and_over_all_routes(fitted_models: Path, tmp_path: Path) -> None:
    with service_of(fitted_models, tmp_path, rate_per_minute=5) as service:
        _, first = service.key("read")
        _, second = service.key("read")
        assert asked(service, first, 3) == {200: 3}
        assert [service.client.get("/v1/models", headers=first).status_code for _ in range(3)] == [200, 200, 429]
        assert asked(service, second, 7) == {200: 5, 429: 2}


def test_what_a_key_may_not_do_counts_too(fitted_models: Path, tmp_path: Path) -> None:
    with service_of(fitted_models, tmp_path) as service:
        _, headers = service.key("read", rate_per_minute=2)
        found = [service.client.post("/v1/models/rollback", headers=headers).status_code for _ in range(3)]
        assert found == [403, 403, 429]


def test_a_process_allows_its_share(fitted_models: Path, tmp_path: Path) -> None:
    with service_of(fitted_models, tmp_path, workers=4) as service:
        _, headers = service.key("read", rate_per_minute=22)
        assert asked(service, headers, 8) == {200: 5, 429: 3}


def test_a_process_allows_its_share_while_redis_is_away(fitted_models: Path, tmp_path: Path) -> None:
    with service_of(fitted_models, tmp_path, workers=4, redis="redis://127.0.0.1:1/0") as service:
        _, headers = service.key("read", rate_per_minute=22)
        assert asked(service, headers, 8) == {200: 5, 429: 3}
        assert [service.client.get("/v1/models", headers=headers).status_code] == [429]


def test_two_applications_with_redis_count_together(fitted_models: Path, tmp_path: Path, redis: str) -> None:
    options = {"workers": 2, "redis": redis}
    with (
        service_of(fitted_models, tmp_path, **options) as one,
        service_of(fitted_models, tmp_path, **options) as other,
    ):
        _, headers = one.key("read", rate_per_minute=7)
        assert asked(one, headers, 4) == {200: 4}
        assert asked(other, headers, 5) == {200: 3, 429: 2}


def test_two_processes_with_redis_allow_exactly_the_limit(models: Path, tmp_path: Path, redis: str) -> None:
    with database_url("sqlite", tmp_path) as url, guarded(models, url, int(time.time())) as keys:
        _, headers = keys.key("read", rate_per_minute=40)
        with running(models, LPR_DEMO="0", LPR_DB=url, LPR_REDIS=redis) as service, ThreadPoolExecutor(6) as pool:
            found = Counter(pool.map(lambda _: service.ask("GET", "/v1/roles", headers=headers)[0], range(100)))
    assert found == {200: 40, 429: 60}


def test_a_window_begins_with_the_first_request_and_ends_a_minute_later() -> None:
    now = 1_000.0
    windows = MemoryWindows(clock=lambda: now)
    assert windows.count("a", 2) == Standing(limit=2, left=1, seconds=60, is_exceeded=False)
    now += 59.5
    assert windows.count("a", 2) == Standing(limit=2, left=0, seconds=1, is_exceeded=False)
    assert windows.count("a", 2).is_exceeded
    assert windows.count("b", 2) == Standing(limit=2, left=1, seconds=60, is_exceeded=False)
    now += 0.5
    assert windows.count("a", 2) == Standing(limit=2, left=1, seconds=60, is_exceeded=False)


def test_windows_that_ended_are_forgotten() -> None:
    now = 0.0
    windows = MemoryWindows(clock=lambda: now)
    for i in range(MAX_COUNTED):
        windows.count(str(i), 1)
    now = 61.0
    windows.count("later", 1)
    assert list(windows._counted) == ["later"]


@pytest.mark.parametrize("url", ["nonsense", "memcached://a"])
def test_an_unusable_redis_is_refused(url: str, fitted_models: Path) -> None:
    with pytest.raises(ConfigError, match="LPR_REDIS"):
        create_app(ServiceConfig(models=fitted_models, redis=url))
