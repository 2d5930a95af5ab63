"""From a request about a person to the question it asks, and what every answer to one says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from recommender.answers import answered
from recommender.arrays import NONE
from recommender.model import Model
from recommender.moments import moment_text
from recommender.query import Query
from web.config import settings
from web.live import Served
from web.person import Ignored, build_query
from web.problems import FieldError, Problem, invalid
from web.schemas import AboutPerson


@dataclass(frozen=True, slots=True)
class Question:
    """A question in the positions of the model that answers it, and what of the request it leaves out."""

    query: Query
    live: Served
    ignored: tuple[Ignored, ...]
    employee_id: str = ""
    """Whom it is about, where that is somebody stored."""

    def answered(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return an answer between what every answer begins and ends with, and what of the request was left out."""
        version, model_as_of = self.live.manifest.version, model_moment(self.live)
        whole = answered(body, self.query, model_version=version, model_as_of=model_as_of, employee_id=self.employee_id)
        return whole | {"ignored": [asdict(one) for one in self.ignored]} if self.ignored else whole


def question_of(asked: AboutPerson, live: Served) -> Question:
    """Return the question of a request.

    One that names no moment asks about now, or about the model's own moment should that lie ahead.

    Raises
    ------
    Problem
        400 if the moment asked about lies before the model's own: it has seen what came after.
    """
    model_as_of = model_moment(live)
    as_of = asked.person.as_of
    if as_of is None:
        as_of = max(settings().clock(), model_as_of)
    if as_of < model_as_of:
        raise invalid([_too_early(as_of, model_as_of)])
    model = live.model
    query, ignored = build_query(asked, catalog=model.catalog, roles=model.roles, skills=model.skills.ids, as_of=as_of)
    return Question(query, live, tuple(ignored))


def course_asked(model: Model, course_id: str) -> int:
    """Return the position of a course; 404 if the live model does not know it."""
    found = model.catalog.ids.find(course_id)
    if found == NONE:
        raise Problem(404, f"The live model knows no course {course_id!r}.")
    return found


def model_moment(live: Served) -> int:
    """Return the moment a version looks from, in seconds."""
    return int(live.manifest.origin.as_of.timestamp())


def _too_early(as_of: int, model_as_of: int) -> FieldError:
    return FieldError(
        "/person/as_of",
        f"found {moment_text(as_of)}; expected no earlier than {moment_text(model_as_of)}, the moment the model looks "
        "from: it has learned from what came before that.",
    )
