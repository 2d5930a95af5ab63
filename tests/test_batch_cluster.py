"""A batch on a cluster: the same files as from one process, by workers that do not find the model's, one killed midway."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest
from dask_cluster import cluster

from recommender.company import Dataset
from training.__main__ import main
from training.asking import just_after
from training.batching import run
from training.batching.answering import Settings
from training.batching.asks import asks_of
from training.cluster import DaskEngine
from training.engines import Engine, LocalEngine
from training.progress import Progress
from training.tables.load import load_dataset

N_PEOPLE = 120


@pytest.fixture(scope="module")
def data(sample_company: Path) -> Dataset:
    return load_dataset(sample_company).dataset


def quiet(step: str, done: int = 0, total: int = 0) -> None:
    """Say nothing."""


def files_of(folder: Path, data: Dataset, models: Path, engine: Engine, progress: Progress = quiet) -> list[bytes]:
    """Write lists and paths of the first people and return the bytes of both files."""
    folder.mkdir()
    outputs = run.Outputs(folder / "next.csv", folder / "paths.csv")
    asked = asks_of(data, "all", as_of=just_after(data)).first(N_PEOPLE)
    run.recommend_all(data, asked, Settings(models, "default", "v1", k=5), outputs, engine=engine, progress=progress)
    return [path.read_bytes() for path in outputs.files.values()]


def test_a_cluster_that_loses_a_worker_writes_what_one_process_writes(
    data: Dataset, fitted_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK_WITH_PATHS", 5)
    monkeypatch.setattr(run, "PART_WITH_PATHS", 20)
    monkeypatch.chdir(fitted_models.parent)
    models = Path(fitted_models.name)  # found from here, and from nowhere else
    alone = files_of(tmp_path / "alone", data, models, LocalEngine())
    assert alone[0].count(b"\n") == 1 + 5 * N_PEOPLE
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", workers=0) as workers:
        first, _ = workers.exactly(2)
        moments: list[int] = []

        def kill_one(step: str, done: int = 0, total: int = 0) -> None:
            if step == "recommending" and not moments:
                workers.kill(first)
                moments.append(done)

        with DaskEngine(workers.address, wait_for=2) as engine:
            assert not engine.shares_files
            assert files_of(tmp_path / "many", data, models, engine, kill_one) == alone
        assert moments == [5]


def test_the_command_writes_on_a_cluster_what_it_writes_here(
    sample_company: Path, fitted_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "CHUNK_WITH_PATHS", 5)
    monkeypatch.setattr(run, "PART_WITH_PATHS", 20)
    who = tmp_path / "who.txt"
    who.write_text("".join(f"E{i:05}\n" for i in range(1, 41)))
    asked = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(who)]
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", workers=2) as workers:
        where = {"here": [], "there": ["--engine", "dask", "--scheduler", workers.address, "--workers", "2"]}
        for name, more in where.items():
            files = ["--out", str(tmp_path / f"{name}.csv"), "--paths-out", str(tmp_path / f"{name}.parquet")]
            assert main([*asked, *files, *more]) == 0
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    paths = [pa_parquet.read_table(tmp_path / f"{name}.parquet") for name in where]
    assert paths[0].num_rows > 40
    assert paths[0].equals(paths[1])


def test_a_cluster_without_an_address_is_refused_before_the_work(
    sample_company: Path, fitted_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["recommend", str(sample_company), "--models", str(fitted_models), "--out", str(tmp_path / "out.csv")]
    assert main([*asked, "--engine", "dask"]) == 2
    assert "found no --scheduler" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
