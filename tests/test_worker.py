"""Connections spread over the processes that accept from one socket."""

from __future__ import annotations

import http.client
import logging
import selectors
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import eventually
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]
from running_service import RunningService, running

from web import worker
from web.worker import PATIENCE_SECONDS, Worker


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.fixture
def two(listener: socket.socket) -> Iterator[tuple[Worker, Worker]]:
    """Two that accept from one socket, of which the first has a connection already."""
    log = logging.getLogger("gunicorn.error")
    first, second = (Worker(age, 1, [listener], None, 30, Config(), log) for age in (1, 2))
    for one in (first, second):
        one.poller, one.tpool = selectors.DefaultSelector(), one.get_thread_pool()
        one.method_queue.init()
        one.set_accept_enabled(True)
    first.nr_conns = 1
    first.notify()
    second.notify()
    yield first, second
    for one in (first, second):
        one.tpool.shutdown()
        one.method_queue.run_callbacks(None)  # closes what its threads are done with
        one.poller.close()
        one.method_queue.close()
        one.tmp.close()


def looks(one: Worker) -> None:
    """Have a worker go through its loop once, as `ThreadWorker.run` does."""
    one.set_accept_enabled(True)
    one.wait_for_and_dispatch_events(0.5)


def connected(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname())


def test_a_connection_is_left_to_a_process_that_has_fewer(listener: socket.socket, two: tuple[Worker, Worker]) -> None:
    first, second = two
    with connected(listener):
        looks(first)
        assert first.nr_conns == 1
        looks(second)
        assert second.nr_conns == 1
        with connected(listener):  # both have one: nobody waits for anybody
            looks(first)
            assert first.nr_conns == 2


def test_a_connection_nobody_else_takes_is_taken_in_the_end(
    listener: socket.socket, two: tuple[Worker, Worker]
) -> None:
    first, second = two
    began = time.monotonic()
    with connected(listener):
        while first.nr_conns == 1:
            looks(first)
            assert time.monotonic() - began < 60
        assert time.monotonic() - began >= PATIENCE_SECONDS
        with connected(listener):  # the next is left again
            looks(first)
            assert first.nr_conns == 2
            looks(second)
            assert second.nr_conns == 1


def test_each_connection_is_left_whoever_took_the_one_before(
    listener: socket.socket, two: tuple[Worker, Worker]
) -> None:
    first, second = two
    first.nr_conns = 5
    first.notify()
    for taken in (1, 2, 3):
        with connected(listener):
            looks(first)
            looks(second)
            assert (first.nr_conns, second.nr_conns) == (5, taken)
        time.sleep(3 * PATIENCE_SECONDS)  # the next comes long after


def test_a_process_that_ended_is_left_nothing(
    listener: socket.socket, two: tuple[Worker, Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    monkeypatch.setattr(ThreadWorker, "run", lambda _: None)  # it would close the listener that both share here
    second.run()
    with connected(listener):
        looks(first)
        assert first.nr_conns == 2


@pytest.mark.parametrize("why", ["silent", "stopping"])
def test_nothing_is_left_to_a_process_that_is_lost_or_stops(
    listener: socket.socket, two: tuple[Worker, Worker], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two
    if why == "stopping":
        second.alive = False
        second.notify()
    else:
        monkeypatch.setattr(worker, "_STALE_SECONDS", 0.0)
    with connected(listener):
        looks(first)
        assert first.nr_conns == 2


def n_sockets(pid: int) -> int:
    """Return how many sockets a process has open."""
    n = 0
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            n += str(one.readlink()).startswith("socket:")
        except FileNotFoundError:  # closed meanwhile
            continue
    return n


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="tells by /proc which process has a connection")
def test_clients_that_keep_their_connections_are_spread_over_the_processes(fitted_models: Path) -> None:
    with running(fitted_models, workers=2) as service:
        pids = processes(service)
        before = {pid: n_sockets(pid) for pid in pids}
        held = [kept(service) for _ in range(8)]
        more = [n_sockets(pid) - before[pid] for pid in pids]
        for one in held:
            one.close()
    assert sum(more) == 8
    assert min(more) >= 3, more


def processes(service: RunningService) -> list[int]:
    """Return the two processes that answer."""
    first = service.process.pid
    children = Path(f"/proc/{first}/task/{first}/children")
    eventually(lambda: len(children.read_text(encoding="ascii").split()) == 2)
    return [int(pid) for pid in children.read_text(encoding="ascii").split()]


def kept(service: RunningService) -> http.client.HTTPConnection:
    """Return a connection over which was asked, and that stays open."""
    connection = service.connect()
    connection.request("GET", "/health/live")
    assert connection.getresponse().read()
    return connection
