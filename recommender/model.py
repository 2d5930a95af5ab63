"""The fitted model: six scorers, the blend that weighs them, and the catalogue they were fitted on. No person is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.blend import Blend, Signal
from recommender.catalog import Catalog, Roles, Skills
from recommender.errors import ArtifactError
from recommender.profile import EvidenceRules
from recommender.proposals import Proposal
from recommender.scorers.base import Scorer
from recommender.scorers.content import Content
from recommender.scorers.hybrid import Hybrid
from recommender.scorers.item_item import ItemItem
from recommender.scorers.role import Role
from recommender.scorers.sequence import Sequence
from recommender.scorers.trend import Trend
from recommender.steps import Step
from recommender.stored_tables import pack_tables, unpack_tables
from recommender.vocabularies import Encoded, Vocabularies

Documents = Mapping[str, Any]


@dataclass(frozen=True)
class Scorers:
    """The six scorers, in the order their parts are named."""

    item_item: ItemItem
    sequence: Sequence
    hybrid: Hybrid
    trend: Trend
    content: Content
    role: Role

    def __iter__(self) -> Iterator[Scorer]:
        return iter((self.item_item, self.sequence, self.hybrid, self.trend, self.content, self.role))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What writes the signals of all, one scorer after another."""
        return tuple(step for scorer in self for step in scorer.steps)

    @cached_property
    def proposals(self) -> tuple[Proposal, ...]:
        """What finds the courses worth scoring."""
        return tuple(one for scorer in self for one in scorer.proposals)


@dataclass(frozen=True)
class Model:
    """Everything an answer needs besides the question.

    Parameters
    ----------
    as_of
        The moment of the fit, seconds: no question about an earlier one is answered.
    catalog, skills, roles
        What the scorers' positions mean.
    vocabularies
        How text and attributes become numbers, for courses that come later.
    goal_scale
        What one point of coverage is worth, so that the 1st and the 100th candidate of the median validation query
        differ by 1.
    evidence
        How far evidence of skills is trusted.
    """

    as_of: int
    catalog: Catalog
    skills: Skills
    roles: Roles
    scorers: Scorers
    blend: Blend
    vocabularies: Vocabularies
    goal_scale: float
    evidence: EvidenceRules = field(default_factory=EvidenceRules)

    @property
    def n_fitted_courses(self) -> int:
        """Return how many courses the scorers were fitted on: the first ones of the catalogue."""
        return len(self.catalog) - len(self.scorers.content.newcomers)

    @property
    def n_fitted_roles(self) -> int:
        """Return how many roles the scorers were fitted on: the first ones."""
        return len(self.scorers.role.lift)

    def with_catalog(self, catalog: Catalog) -> Model:
        """Return the model answering from a later catalogue; skills and roles stay: `with_tables`."""
        return self.with_tables(catalog, self.skills, self.roles)

    def with_tables(self, catalog: Catalog, skills: Skills, roles: Roles, *, last: Model | None = None) -> Model:
        """Return the model answering from later tables: courses, skills and roles edited or added, none refitted.

        The fitted courses come first, in their order, and so do the fitted roles; the rest follow, in any order. What is
        known of a course or a role is what the later tables say; what was learned of it stays. The answers depend on the
        fit and on these tables alone, whatever the model answered from before.

        Parameters
        ----------
        last
            A model this one was made into before: what did not change since is taken from it instead of encoded again.
            It makes no difference but to the time that it takes.

        Raises
        ------
        ValueError
            If a fitted course or role is missing or out of its place. A course withdrawn stays, unpublished; a role
            that is gone stays, needing nothing. If `last` comes from another fit.
        """
        self._check_places(catalog, roles)
        last = self if last is None else last
        if last.vocabularies is not self.vocabularies:
            raise ValueError("the last model was made from another fit")
        scorers = self._knowing_courses(catalog, skills, last)
        added = self.vocabularies.encode_roles(roles, skills, first=self.n_fitted_roles)
        content, unseen = scorers.content, self.scorers.trend.unseen > 0
        if not added.equals(content.role_vectors.tail(self.n_fitted_roles)) or scorers is not last.scorers:
            content = content.with_roles(added, n_fitted=self.n_fitted_roles, unseen=unseen)
            scorers = replace(scorers, content=content)
        return replace(self, catalog=catalog, skills=skills, roles=roles, scorers=scorers)

    def _check_places(self, catalog: Catalog, roles: Roles) -> None:
        n_courses, n_roles = self.n_fitted_courses, self.n_fitted_roles
        if catalog.ids.ids[:n_courses] != self.catalog.ids.ids[:n_courses]:
            raise ValueError("a later catalogue begins with the courses the model was fitted on, in their order")
        if roles.ids.ids[:n_roles] != self.roles.ids.ids[:n_roles]:
            raise ValueError("later roles begin with those the model was fitted on, in their order")

    def _knowing_courses(self, catalog: Catalog, skills: Skills, last: Model) -> Scorers:
        """Return the scorers knowing the courses of a catalogue: those of `last` itself where it was encoded the same."""
        content = last.scorers.content
        encoded = Encoded(last.catalog, last.skills, content.vectors, content.attributes)
        newcomers = self.vocabularies.encode_later(catalog, skills, n_fitted=self.n_fitted_courses, before=encoded)
        if newcomers.vectors is content.vectors:
            return last.scorers
        return Scorers(**{name: getattr(self.scorers, name).with_courses(newcomers) for name in _SCORERS})

    def pack(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Return the arrays and the small documents `unpack` makes the same model of; no id of a person is in them."""
        arrays = {
            f"{name}.{key}": value for name in _SCORERS for key, value in getattr(self.scorers, name).pack().items()
        }
        arrays |= {f"blend.{key}": value for key, value in self.blend.pack().items()}
        tables, documents = pack_tables(self.catalog, self.skills, self.roles)
        arrays |= {f"tables.{key}": value for key, value in tables.items()}
        arrays["vocabulary.idf"] = self.vocabularies.text.idf
        documents["vocabularies"] = self.vocabularies.document()
        documents["model"] = {
            "as_of": self.as_of,
            "goal_scale": self.goal_scale,
            "departments": list(self.scorers.hybrid.departments),
            "signals": [[one.scorer, one.name, list(one.transforms)] for one in self.blend.transform.signals],
            "n_candidates": self.blend.transform.n_candidates,
            "choices": dict(self.blend.choices),
            "evidence": self.evidence.document(),
        }
        return arrays, documents

    @classmethod
    def unpack(cls, arrays: Mapping[str, NDArray[np.generic]], documents: Documents) -> Model:
        """Make the model of what `pack` returned.

        Raises
        ------
        ArtifactError
            If an array or a document is missing.
        """
        try:
            return cls._unpack(arrays, documents)
        except KeyError as error:
            raise ArtifactError(f"saved model: found no {error.args[0]!r}; expected it. Fit again.") from error

    @classmethod
    def _unpack(cls, arrays: Mapping[str, NDArray[np.generic]], documents: Documents) -> Model:
        said = documents["model"]
        catalog, skills, roles = unpack_tables(_under("tables", arrays), documents)
        n = len(catalog)
        scorers = Scorers(
            item_item=ItemItem.unpack(_under("item_item", arrays), n_courses=n),
            sequence=Sequence.unpack(_under("sequence", arrays), n_courses=n),
            hybrid=Hybrid.unpack(_under("hybrid", arrays), departments=tuple(said["departments"])),
            trend=Trend.unpack(_under("trend", arrays), n_courses=n),
            content=Content.unpack(_under("content", arrays), n_courses=n),
            role=Role.unpack(_under("role", arrays), n_courses=n),
        )
        signals = tuple(Signal(scorer, name, tuple(kinds)) for scorer, name, kinds in said["signals"])
        vocabularies = Vocabularies.from_document(
            documents["vocabularies"], np.asarray(arrays["vocabulary.idf"], dtype=np.float32)
        )
        return cls(
            as_of=int(said["as_of"]),
            catalog=catalog,
            skills=skills,
            roles=roles,
            scorers=scorers,
            blend=Blend.unpack(_under("blend", arrays), signals, said["choices"], float(said["n_candidates"])),
            vocabularies=vocabularies,
            goal_scale=float(said["goal_scale"]),
            evidence=EvidenceRules(**said["evidence"]),
        )


_SCORERS = ("item_item", "sequence", "hybrid", "trend", "content", "role")


def _under(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    return {key.removeprefix(f"{name}."): value for key, value in arrays.items() if key.startswith(f"{name}.")}
