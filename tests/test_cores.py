"""Processes that keep to a core each, and which core that is."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from browsing import eventually
from running_service import RunningService, running

from training.server import pins_by_itself, usable_cores
from web.cores import PINNED, post_fork, pre_fork

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux keeps a process to a core")


def forked(server: SimpleNamespace) -> SimpleNamespace:
    """Return a process of a server, as gunicorn makes one, with the core chosen for it."""
    worker = SimpleNamespace()
    pre_fork(server, worker)
    server.WORKERS[len(server.WORKERS)] = worker
    return worker


def test_every_core_is_taken_before_one_is_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PINNED, "1")
    server, cores = SimpleNamespace(WORKERS={}), sorted(os.sched_getaffinity(0))
    assert [forked(server).core for _ in range(2 * len(cores))] == [*cores, *cores]


def test_a_process_takes_the_core_of_the_one_it_replaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PINNED, "1")
    server = SimpleNamespace(WORKERS={})
    first, *_ = [forked(server) for _ in range(usable_cores())]
    del server.WORKERS[0]
    assert forked(server).core == first.core


def test_nobody_is_kept_anywhere_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PINNED, "0")
    before, worker = os.sched_getaffinity(0), forked(SimpleNamespace(WORKERS={}))
    post_fork(None, worker)
    assert not hasattr(worker, "core")
    assert os.sched_getaffinity(0) == before


def test_a_core_that_was_taken_away_stops_nothing() -> None:
    before = os.sched_getaffinity(0)
    post_fork(None, SimpleNamespace(core=max(before) + 1))
    assert os.sched_getaffinity(0) == before


def test_processes_keep_to_cores_where_they_fill_all_of_them_equally() -> None:
    n = usable_cores()
    assert pins_by_itself(n)
    assert pins_by_itself(3 * n)
    assert not pins_by_itself(n + 1) or n == 1


def processes(service: RunningService) -> set[int]:
    """Return the processes that answer."""
    first = service.process.pid
    children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
    return {int(pid) for pid in children.split()}


@pytest.mark.skipif(usable_cores() < 2, reason="needs two cores")
def test_a_running_service_has_each_process_on_a_core_of_its_own(fitted_models: Path) -> None:
    n = usable_cores()
    with running(fitted_models, workers=n) as service:
        eventually(lambda: len(processes(service)) == n)
        eventually(lambda: all(len(os.sched_getaffinity(pid)) == 1 for pid in processes(service)))
        cores = {pid: os.sched_getaffinity(pid) for pid in processes(service)}
        assert sorted(core for one in cores.values() for core in one) == sorted(os.sched_getaffinity(0))
        killed, core = cores.popitem()
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(processes(service) - {killed}) == n)
        (replaced,) = processes(service) - set(cores) - {killed}
        eventually(lambda: os.sched_getaffinity(replaced) == core)
