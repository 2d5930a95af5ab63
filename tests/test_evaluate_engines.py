"""An evaluation gives the same lists and figures wherever its questions are ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dask_cluster import cluster
from planted_worlds import Fitted

from recommender.engine import Recommender
from training.cluster import DaskEngine
from training.engines import Engine, LocalEngine
from training.evaluate import EvaluationConfig, evaluate
from training.judged import PLANNERS, JudgedAtCut, may_be_shown

CONFIG = EvaluationConfig(
    n_cuts=1, families=("popularity", "EASE"), max_employees=30, max_followed=6, hours=(40.0,), threads=1
)


@pytest.fixture(scope="module", params=["processes", "cluster"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "processes":
        yield LocalEngine(2)
        return
    with cluster(tmp_path_factory.mktemp("cluster"), workers=2) as one, DaskEngine(one.address, wait_for=2) as engine:
        yield engine


def evaluated(world: Fitted, folder: Path, engine: Engine) -> dict[str, Any]:
    """Evaluate a model that is fitted already: what it has seen of the future is no matter here."""
    found = evaluate(
        world.data,
        fit_model=lambda past, cut: JudgedAtCut(Recommender(replace(world.model, as_of=cut))),
        eligible=may_be_shown,
        report_dir=folder,
        config=CONFIG,
        model_key="fitted before",
        scorers=("item_item",),
        planners=PLANNERS,
        engine=engine,
    )
    return {name: value for name, value in found.items() if name != "seconds"}


def lists_in(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    found: dict[str, np.ndarray[Any, Any]] = {}
    for path in sorted((folder / "lists").glob("*.npz")):
        with np.load(path) as file:
            found |= {f"{path.name} {name}": file[name] for name in file.files if name != "seconds"}
    return found


@pytest.fixture(scope="module")
def here(company_model: Fitted, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("here")
    return folder, evaluated(company_model, folder, LocalEngine())


def test_lists_and_figures_are_the_same_wherever_questions_are_ranked(
    company_model: Fitted, engine: Engine, here: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    folder, figures = here
    found = evaluated(company_model, tmp_path, engine)
    lists, expected = lists_in(tmp_path), lists_in(folder)
    assert lists.keys() == expected.keys()
    assert {"model", "without", "path", "ease"} <= {word for name in lists for word in name.replace("-", " ").split()}
    for name, ranked in lists.items():
        assert np.array_equal(ranked, expected[name]), name
    assert found == figures
