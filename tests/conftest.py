"""What tests share, each made once a run: sample companies, models fitted on them, one saved and made live."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import running_browser
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from planted_worlds import Fitted, fitted_academy, fitted_sample
from playwright.sync_api import Browser
from service_asking import DAY, make_app
from visited_service import Visited, visited_service

from recommender import artifact
from training.__main__ import main

N_EMPLOYEES, N_COURSES = 250, 90

settings.register_profile("unhurried", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("unhurried")


def run(*arguments: object) -> None:
    """Run a command that must end well."""
    code = main([str(one) for one in arguments])
    assert code == 0, f"lpr {' '.join(map(str, arguments))} ended with {code}"


@pytest.fixture(scope="session")
def sample_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data directory of a small sample company."""
    out = tmp_path_factory.mktemp("company") / "sample"
    run("sample", out, "--employees", N_EMPLOYEES, "--courses", N_COURSES)
    return out


@pytest.fixture(scope="session")
def fitted_models(sample_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a models folder with one live version, `v1`, of the sample company; not to be changed."""
    root = tmp_path_factory.mktemp("fitted")
    run("fit", sample_company, "--models", root, "--version", "v1", "--threads", 1)
    return root


@pytest.fixture
def models(fitted_models: Path, tmp_path: Path) -> Path:
    """Return a copy of the models folder that a test may change."""
    return Path(shutil.copytree(fitted_models, tmp_path / "models"))


@pytest.fixture(scope="session")
def academy_model() -> Fitted:
    """Return a company whose right answers are planted, and a model fitted on it."""
    return fitted_academy()


@pytest.fixture(scope="session")
def company_model(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """Return a sample company of 400 employees, loaded, and a model fitted on it with few epochs."""
    return fitted_sample(tmp_path_factory.mktemp("fitted") / "company")


@pytest.fixture(scope="session")
def model_as_of(fitted_models: Path) -> int:
    """Return the moment `v1` looks from, in seconds."""
    return int(artifact.read_manifest(fitted_models, "default", "v1").origin.as_of.timestamp())


@pytest.fixture(scope="session")
def app(fitted_models: Path, model_as_of: int) -> Flask:
    """Return the service of `v1`, ten days after the moment it looks from."""
    return make_app(fitted_models, model_as_of + 10 * DAY)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of that service."""
    return app.test_client()


@pytest.fixture(scope="session")
def visited(fitted_models: Path, sample_company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    """Return a running demonstration of `v1` with the sample company in its database; its people may be changed."""
    with visited_service(fitted_models, sample_company, tmp_path_factory.mktemp("visited")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium; one a module, since nothing else may use an event loop while it runs."""
    with running_browser() as found:
        yield found
