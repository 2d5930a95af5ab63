"""One question from the tables: an employee of a data set, put to a saved model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommender.activation import live_version
from recommender.answers import answered
from recommender.arrays import NONE, Ids
from recommender.artifact import load_model
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.errors import ConfigError
from recommender.query import Query, query_of
from recommender.translation import Translation, updated
from training.progress import Progress
from training.tables.load import load_dataset


@dataclass(frozen=True, slots=True)
class Asker:
    """Which employee of which data directory asks which saved version, as the options of a command say it.

    `version` None is the live one, `target_role` None the employee's own, `as_of` None just after the latest row.
    """

    data: Path
    root: Path
    tenant: str
    version: str | None
    employee_id: str
    target_role: str | None
    as_of: int | None
    time_zone: str
    in_progress_below: float


@dataclass(frozen=True, slots=True)
class Opened:
    """What answers, and one person's question to it."""

    engine: Recommender
    query: Query
    version: str
    employee_id: str

    def answered(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return an answer in the shape of the service's, with the employee named."""
        return answered(
            body,
            self.query,
            model_version=self.version,
            model_as_of=self.engine.model.as_of,
            employee_id=self.employee_id,
        )


def opened_for(asker: Asker, *, progress: Progress) -> Opened:
    """Load the tables and the saved version, and return what answers, from the tables' courses, and the question.

    Raises
    ------
    ConfigError
        If the tables do not know the employee, or the model the target role.
    DataError
        If the tables cannot be used.
    """
    version = asker.version or live_version(asker.root, asker.tenant)
    data = load_dataset(
        asker.data, time_zone=asker.time_zone, in_progress_below=asker.in_progress_below, progress=progress
    ).dataset
    employee_idx = known(data.people.ids, asker.employee_id, kind="employee")
    model, _ = updated(load_model(asker.root, asker.tenant, version)[1], data)
    if asker.target_role is not None:
        known(model.roles.ids, asker.target_role, kind="target role")
    translation = Translation.between(data, model, target_role=asker.target_role)
    moment = just_after(data) if asker.as_of is None else asker.as_of
    query = translation.query(query_of(data, employee_idx, as_of=moment))
    return Opened(Recommender(model), query, version, asker.employee_id)


def just_after(data: Dataset) -> int:
    """Return the first moment from which everything in a data set is past, its latest row included."""
    return data.now + 1


def known(ids: Ids, one: str, *, kind: str) -> int:
    """Return the position of an id; ConfigError if there is none."""
    found = ids.find(one)
    if found == NONE:
        raise ConfigError(f"{kind} {one!r}: there is no such {kind}; expected the id of one.")
    return found
