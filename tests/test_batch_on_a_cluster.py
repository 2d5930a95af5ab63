"""`lpr recommend` on a real cluster of processes: the files of one process, also when a worker dies midway."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest
from dask_cluster import Cluster, cluster

from training.__main__ import main
from training.asking import just_after
from training.batching import run
from training.batching.answering import Settings
from training.batching.asks import asks_of
from training.cluster import DaskEngine
from training.engines import LocalEngine
from training.tables.load import load_dataset


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=0) as one:
        yield one


def test_a_cluster_writes_the_files_of_one_process(
    sample_company: Path, fitted_models: Path, tmp_path: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK_WITH_PATHS", 5)
    monkeypatch.setattr(run, "PART_WITH_PATHS", 20)
    workers.exactly(2)
    who = tmp_path / "who.txt"
    who.write_text("".join(f"E{i:05}\n" for i in range(1, 41)))
    asked = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(who)]
    where = {"here": [], "there": ["--engine", "dask", "--scheduler", workers.address, "--workers", "2"]}
    for name, more in where.items():
        files = ["--out", str(tmp_path / f"{name}.csv"), "--paths-out", str(tmp_path / f"{name}.parquet")]
        assert main([*asked, *files, *more]) == 0
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    paths = [pa_parquet.read_table(tmp_path / f"{name}.parquet") for name in where]
    assert paths[0].num_rows > 40
    assert paths[0].equals(paths[1])


def test_a_worker_that_is_killed_midway_loses_nothing(
    sample_company: Path, fitted_models: Path, tmp_path: Path, workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK", 5)
    monkeypatch.setattr(run, "PART", 50)
    data = load_dataset(sample_company).dataset
    settings = Settings(fitted_models, "default", "v1", k=5)
    asked = asks_of(data, "all", as_of=just_after(data))
    living = workers.exactly(2)
    killed: list[subprocess.Popen[bytes]] = []

    def kill_one_on_the_way(step: str, done: int = 0, total: int = 0) -> None:
        if step == "recommending" and 0 < done < total and not killed:
            killed.append(living[0])
            workers.kill(living[0])

    with DaskEngine(workers.address, wait_for=2) as engine:
        run.recommend_all(
            data, asked, settings, run.Outputs(tmp_path / "there.csv"), engine=engine, progress=kill_one_on_the_way
        )
    assert [process.poll() is not None for process in living] == [True, False]
    here = run.Outputs(tmp_path / "here.csv")
    run.recommend_all(data, asked, settings, here, engine=LocalEngine(), progress=lambda *_: None)
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()


def test_an_engine_that_is_not_there_is_said_before_the_work(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["recommend", str(sample_company), "--models", str(fitted_models), "--out", str(tmp_path / "out.csv")]
    assert main([*asked, "--engine", "dask"]) == 2
    assert "found no --scheduler" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
