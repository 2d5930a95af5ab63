"""What a sentence is made from: the numbers of a reason, and the titles and names they point to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from recommender.arrays import NONE
from recommender.model import Model
from web.pages.words import LONGEST_SHOWN, listed, shown


@dataclass(frozen=True, slots=True)
class Told:
    """Something an answer says: its numbers, the model whose ids they hold, and the course it is about, "" if of none."""

    numbers: Mapping[str, Any]
    model: Model
    about: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.numbers[name]

    def get(self, name: str) -> Any:
        """Return a number, None where there is none."""
        return self.numbers.get(name)

    @property
    def course(self) -> str:
        """The title of the course named."""
        return course_title(self.model, self["course_id"])

    @property
    def courses(self) -> str:
        """The titles of the courses named, as a list in quotation marks."""
        return listed(_("“%(title)s”", title=course_title(self.model, one)) for one in self["course_ids"])

    @property
    def role(self) -> str:
        """The title of the role named."""
        return role_title(self.model, self["role_id"])

    @property
    def skill(self) -> str:
        """The name of the skill named."""
        return skill_name(self.model, self["skill_id"])

    @property
    def is_about_itself(self) -> bool:
        """Whether the course named is the one all this is about."""
        return self.about in {"", self["course_id"]}

    def levels(self) -> str:
        """Return the skills asked for, each with its level, as a list."""
        asked: Iterable[Mapping[str, Any]] = self["skills"]
        return listed(
            _("%(skill)s at level %(level)s", skill=skill_name(self.model, one["skill_id"]), level=one["needed"])
            for one in asked
        )


def course_title(model: Model, course_id: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the title of a course as a sentence may hold it; its id where it has none or is not known."""
    return shown(_of(model.catalog.ids.find(course_id), model.catalog.titles) or course_id, longest)


def role_title(model: Model, role_id: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the title of a role as a sentence may hold it; its id where it has none or is not known."""
    return shown(_of(model.roles.ids.find(role_id), model.roles.titles) or role_id, longest)


def skill_name(model: Model, skill_id: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the name of a skill as a sentence may hold it; its id where it is not known."""
    return shown(_of(model.skills.ids.find(skill_id), model.skills.names) or skill_id, longest)


def _of(position: int, texts: tuple[str, ...]) -> str:
    return "" if position == NONE else texts[position]
