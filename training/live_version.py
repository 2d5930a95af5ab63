"""The live version of a tenant, let answer questions of a data set: what a new model is held against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from recommender import activation, artifact
from recommender.arrays import NONE, IntArray, frozen
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.errors import ArtifactError
from recommender.manifest import Manifest
from recommender.model import Model
from recommender.query import Query
from recommender.translation import Translation, updated

if TYPE_CHECKING:
    from training.evaluation_stage import Ranker


@dataclass(frozen=True)
class Live:
    """The live version as an evaluation asks it: `ranker` makes it answer from a data set, `key` tells it from others."""

    version: str
    as_of: int
    key: str
    ranker: Callable[[Dataset], Ranker]


@dataclass(frozen=True)
class LiveModel:
    """A saved version that answers questions of a data set from that data set's courses, in its positions."""

    version: str
    as_of: int
    recommender: Recommender
    translation: Translation
    position: IntArray

    @classmethod
    def of(cls, manifest: Manifest, model: Model, data: Dataset) -> LiveModel:
        """Let a version answer from the courses of a data set."""
        later, _ = updated(model, data)
        position = data.catalog.ids.find_all(later.catalog.ids.ids)
        translation = Translation.between(data, later)
        return cls(manifest.version, model.as_of, Recommender(later), translation, frozen(position))

    def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
        """Return the k best courses of each query at goal weight 0, in positions of the data set, `NONE` where none."""
        ranked = self.recommender.rank([self.translation.query(one) for one in queries], k=k, without=without)
        return np.where(ranked == NONE, NONE, self.position[ranked]).astype(np.int32)


def read_live(root: Path, tenant: str) -> tuple[Manifest, Model] | str:
    """Return the live version of a tenant, or why there is none to compare with."""
    try:
        current = activation.read_current(root, tenant)
        if current is None:
            return "there is no live model yet"
        return artifact.load_model(root, tenant, current.live)
    except ArtifactError as error:
        return f"the live model cannot be read ({type(error).__name__}); `lpr models show` says what is wrong"


def live_of(root: Path, tenant: str) -> Live | str:
    """Return the live version as an evaluation asks it, or why there is none."""
    read = read_live(root, tenant)
    if isinstance(read, str):
        return read
    manifest, model = read
    arrays = {name: one.sha256 for name, one in manifest.files.items() if not name.endswith((".md", ".html"))}
    digest = hashlib.sha256(json.dumps(arrays, sort_keys=True).encode()).hexdigest()
    return Live(manifest.version, model.as_of, digest, lambda data: LiveModel.of(manifest, model, data))
