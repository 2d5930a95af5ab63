"""A batch on a cluster: the same files as from one process, by workers that do not find the model's, one killed midway."""

from __future__ import annotations

from pathlib import Path

import pytest
from dask_cluster import cluster

from recommender.company import Dataset
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
