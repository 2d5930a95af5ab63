"""Engines: the same results in the same order whoever works: processes, threads, a real cluster that loses workers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import engine_parts
import numpy as np
import pytest
from dask_cluster import Cluster, cluster
from distributed import Client

from recommender.errors import ConfigError
from training.cluster import DaskEngine
from training.engines import AHEAD, Engine, LocalEngine, ThreadEngine, opened_engine, processes

ROOT = Path(__file__).resolve().parent.parent
SHARED = np.arange(1000, dtype=np.float64)
SUM = 499_500.0
"""0 + 1 + … + 999."""


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers nobody kills."""
    with cluster(tmp_path_factory.mktemp("steady"), workers=2) as one:
        yield one


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler; each test starts its workers and kills them."""
    with cluster(tmp_path_factory.mktemp("fragile"), workers=0) as one:
        yield one


@pytest.fixture(scope="module")
def on_cluster(steady: Cluster) -> Iterator[DaskEngine]:
    with DaskEngine(steady.address, wait_for=2) as engine:
        yield engine


@pytest.fixture(params=["this process", "processes", "threads", "cluster"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "cluster":
        found: Engine = request.getfixturevalue("on_cluster")
        return found
    local: dict[str, Engine] = {
        "this process": LocalEngine(),
        "processes": LocalEngine(2),
        "threads": ThreadEngine(2),
    }
    return local[request.param]


@contextmanager
def failures_allowed(one: Cluster, n: int) -> Iterator[None]:
    """Let Dask give a part up after so many workers died of it, three unless said."""

    def allow(failures: int, dask_scheduler: Any) -> int:
        before, dask_scheduler.allowed_failures = dask_scheduler.allowed_failures, failures
        return int(before)

    with Client(one.address, set_as_default=False) as client:
        before = client.run_on_scheduler(allow, n)
        yield
        client.run_on_scheduler(allow, before)


# --- what every engine keeps to ------------------------------------------------------------------------------------


def test_results_come_in_the_order_of_the_parts(engine: Engine) -> None:
    assert list(engine.map(engine_parts.slowest_first, range(10), 10)) == [n * n for n in range(10)]


def test_what_is_shared_reaches_every_part(engine: Engine) -> None:
    assert list(engine.map(engine_parts.plus, range(20), SHARED)) == [n + SUM for n in range(20)]


def test_no_parts_are_no_results(engine: Engine) -> None:
    assert list(engine.map(engine_parts.plus, [], SHARED)) == []


def test_an_exception_is_raised_as_itself_after_the_results_before_it(engine: Engine) -> None:
    results = engine.map(engine_parts.refuses_seven, range(20))
    taken = [next(results) for _ in range(7)]
    with pytest.raises(LookupError, match="seven is refused"):
        next(results)
    assert taken == list(range(7))


def test_parts_are_drawn_no_faster_than_results_are_taken(engine: Engine) -> None:
    drawn = 0

    def parts() -> Iterator[int]:
        nonlocal drawn
        for part in range(1000):
            drawn += 1
            yield part

    with closing(engine.map(engine_parts.plus, parts(), SHARED)) as results:  # type: ignore[type-var]
        for taken, _ in enumerate(results, start=1):
            assert drawn <= taken + AHEAD * engine.workers
            if taken == 20:
                break


def test_small_sums_of_many_parts_are_the_same_to_the_last_bit(engine: Engine) -> None:
    """Partial sums are added in the order of the parts, so floats round the same way everywhere."""
    shared = np.random.default_rng(0).normal(size=100)
    expected = sum((shared * n for n in range(1, 30)), np.zeros(100))
    assert (sum(engine.map(engine_parts.scaled, range(1, 30), shared), np.zeros(100)) == expected).all()


# --- processes of this machine -------------------------------------------------------------------------------------


def test_processes_map_what_is_shared_read_only(tmp_path: Path) -> None:
    found = set(LocalEngine(2).map(engine_parts.of_array, range(4), np.zeros(100_000)))
    assert found == {("memmap", False)}


def test_what_is_shared_arrives_in_each_process_once(tmp_path: Path) -> None:
    note = engine_parts.Arrivals(tmp_path / "arrivals")
    workers = list(LocalEngine(2).map(engine_parts.arrived, range(30), note))
    arrivals = note.file.read_text().split()
    assert sorted(set(arrivals)) == sorted(arrivals)
    assert {int(one) for one in arrivals} == set(workers)


def test_a_process_that_dies_is_an_error_and_the_next_call_works() -> None:
    with pytest.raises(ConfigError, match="a process ended while it worked"):
        list(LocalEngine(2).map(engine_parts.ends_its_process, range(8)))
    assert list(LocalEngine(2).map(engine_parts.plus, range(3), SHARED)) == [n + SUM for n in range(3)]


def test_processes_asked_for_a_while_end_with_it() -> None:
    with processes(2) as engine:
        workers = set(engine.map(engine_parts.where, range(8)))
    assert workers
    assert os.getpid() not in workers
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert list(LocalEngine(2).map(engine_parts.plus, range(3), SHARED)) == [n + SUM for n in range(3)]


# --- a cluster -----------------------------------------------------------------------------------------------------


def test_what_is_shared_is_sent_to_workers_not_to_parts(on_cluster: DaskEngine, tmp_path: Path) -> None:
    note = engine_parts.Arrivals(tmp_path / "arrivals")
    workers = {*on_cluster.map(engine_parts.arrived, range(30), note)}
    arrived = note.file.read_text().split()
    assert len(workers) == 2
    assert set(map(int, arrived)) == workers
    # A worker that wants it while it is still on its way may fetch it from another; a part never brings it.
    assert len(arrived) <= 2 * len(workers)
    assert {*on_cluster.map(engine_parts.arrived, range(30), note)} <= workers
    assert note.file.read_text().split() == arrived, "what is there is not sent again"


def test_a_worker_gives_each_part_one_thread(on_cluster: DaskEngine) -> None:
    assert set(on_cluster.map(engine_parts.most_threads, range(8))) == {1}


def test_a_scheduler_file_is_as_good_as_an_address(steady: Cluster) -> None:
    with opened_engine("dask", str(steady.file), 2) as engine:
        assert engine.workers == 2
        assert list(engine.map(engine_parts.plus, range(3), SHARED)) == [n + SUM for n in range(3)]


def test_a_worker_killed_midway_loses_nothing(fragile: Cluster) -> None:
    doomed, _ = fragile.exactly(2)
    with DaskEngine(fragile.address, wait_for=2) as engine:
        results = engine.map(engine_parts.slow_plus, range(16), SHARED)
        first = next(results)
        fragile.kill(doomed)
        assert [first, *results] == [n + SUM for n in range(16)]
        assert engine.workers == 1


def test_the_only_worker_killed_midway_and_another_started_loses_nothing(fragile: Cluster) -> None:
    (doomed,) = fragile.exactly(1)
    with DaskEngine(fragile.address) as engine:
        results = engine.map(engine_parts.slow_plus, range(8), SHARED)
        first = next(results)
        fragile.kill(doomed)  # the only one that holds what is shared
        fragile.start_worker()
        assert [first, *results] == [n + SUM for n in range(8)]


def test_a_worker_that_comes_later_takes_part(fragile: Cluster) -> None:
    (first,) = fragile.exactly(1)
    with DaskEngine(fragile.address) as engine, closing(engine.map(engine_parts.where, range(10_000))) as results:  # type: ignore[type-var]
        assert next(results) == first.pid
        late = fragile.start_worker()
        assert late.pid in results


@pytest.mark.parametrize("shared", [(), (SHARED,)])
def test_nobody_left_is_an_error_that_says_what_to_do(fragile: Cluster, shared: tuple[Any, ...]) -> None:
    (doomed,) = fragile.exactly(1)
    with DaskEngine(fragile.address) as engine:
        engine.patience = 1.0
        results = engine.map(engine_parts.where, range(10_000), *shared)
        assert next(results) == doomed.pid
        fragile.kill(doomed)
        with pytest.raises(ConfigError, match=r"found no workers after 1 s; expected at least 1\. Start some with"):
            list(results)


def test_too_few_workers_are_refused(fragile: Cluster) -> None:
    fragile.exactly(0)
    with pytest.raises(ConfigError, match=rf"scheduler {fragile.address}: found no workers after 0\.2 s; expected at"):
        DaskEngine(fragile.address, patience=0.2)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere"])
def test_a_scheduler_that_is_not_there_is_named(address: str) -> None:
    with pytest.raises(ConfigError, match=rf"scheduler {address}: does not answer .*; expected the address of a run"):
        DaskEngine(address, patience=0.2)


def test_a_part_that_ends_its_workers_is_an_error(fragile: Cluster) -> None:
    fragile.exactly(1)
    with DaskEngine(fragile.address) as engine, failures_allowed(fragile, 0):
        results = engine.map(engine_parts.ends_its_process, [1])
        with pytest.raises(
            ConfigError, match=r"a part ended every worker it ran on \(tcp://.*\); expected workers with"
        ):
            next(results)


def test_workers_of_another_version_are_refused(fragile: Cluster, tmp_path: Path) -> None:
    for name in ("recommender", "training"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "training" / "fit.py").open("a") as changed:
        changed.write("# another version\n")
    (same,) = fragile.exactly(1)
    with DaskEngine(fragile.address) as engine:
        fragile.start_worker(python_path=(tmp_path, ROOT / "tests"))
        fragile.kill(same)
        with pytest.raises(ConfigError, match=r"tcp://.*: found source \w+; expected source \w+\. Install the same"):
            list(engine.map(engine_parts.refuses_seven, [1]))
    with pytest.raises(ConfigError, match=r"tcp://.*: found source \w+; expected source \w+\. Install the same"):
        DaskEngine(fragile.address)


def test_workers_without_the_project_are_refused(fragile: Cluster, tmp_path: Path) -> None:
    (tmp_path / "training").mkdir()
    # Stands before the installed project, which an empty package would still find the rest of.
    (tmp_path / "training" / "__init__.py").write_text("raise ModuleNotFoundError('no training here')\n")
    fragile.exactly(0)
    fragile.start_worker(python_path=(tmp_path,))
    with pytest.raises(ConfigError, match=r"tcp://.*: cannot run this project \(.*no training here.*\)"):
        DaskEngine(fragile.address)
    fragile.exactly(0)


# --- options -------------------------------------------------------------------------------------------------------


def test_options_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match="--engine dask: found no --scheduler"), opened_engine("dask", None, 1):
        pass
    with pytest.raises(ConfigError, match="--scheduler: found tcp://h:1"), opened_engine("local", "tcp://h:1", 1):
        pass


def test_processes_are_as_many_as_asked_for() -> None:
    with opened_engine("local", None, 3) as engine:
        assert engine == LocalEngine(3)
