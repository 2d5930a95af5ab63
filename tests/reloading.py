"""Reloads under load: two versions that answer differently, and clients that check every answer against its version."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from running_service import RunningService
from service_asking import ASK, make_app

from recommender import artifact

_NOW = "2030-01-01"
QUESTIONS: tuple[dict[str, Any], ...] = tuple(
    {"person": {"role_id": role, "as_of": _NOW}, "k": 20} for role in ("data-analyst", "data-engineer", "no-role")
)
"""At one moment, so that an answer depends on the version alone."""


def differing_version(models: Path, version: str, name: str) -> None:
    """Save a version again under another name with every floating-point number of its trend halved."""
    saved = artifact.read(models, "default", version)
    trend = [one for one in saved.arrays if "trend" in one and np.issubdtype(saved.arrays[one].dtype, np.floating)]
    arrays = {**saved.arrays, **{one: saved.arrays[one] * saved.arrays[one].dtype.type(0.5) for one in trend}}
    origin, documents = saved.manifest.origin, saved.documents
    artifact.save(models, "default", origin, arrays=arrays, documents=documents, version=name)


def answers_of(models: Path, version: str) -> list[Any]:
    """Return what a version answers to every question, computed here."""
    client = make_app(models, 0).test_client()
    asked = [client.post(ASK, json=one, headers={"X-Model-Version": version}) for one in QUESTIONS]
    assert [one.status_code for one in asked] == [200] * len(asked)
    return [one.get_json() for one in asked]


class Loaded:
    """Asks without a pause from some threads, for as long as the block lasts.

    `wrong` are answers that failed or differ from what the version they name answers; `versions` counts each.
    """

    def __init__(self, service: RunningService, expected: Mapping[str, list[Any]], *, clients: int = 3) -> None:
        self._service = service
        self._expected = expected
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]
        self.wrong: list[Any] = []
        self.versions: Counter[str] = Counter()

    @property
    def n_answers(self) -> int:
        """How many requests were answered."""
        return self.versions.total()

    def _run(self) -> None:
        while not self._stop.is_set():
            for i, question in enumerate(QUESTIONS):
                try:
                    status, answer = self._service.ask("POST", ASK, question)
                except (OSError, ValueError) as error:
                    self.wrong.append(repr(error))
                    continue
                version = str(answer.get("model_version"))
                self.versions[version] += 1
                if status != 200 or answer != self._expected[version][i]:
                    self.wrong.append((status, answer))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
