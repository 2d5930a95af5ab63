"""How courses become numbers: the vocabularies learned at fit, applied in the same way to every later course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.arrays import NONE, BoolArray, FloatArray, IntArray, frozen
from recommender.catalog import Catalog, Roles, Skills
from recommender.scorers.base import Newcomers
from recommender.sparse import SparseRows, packed, stacked
from recommender.text import TextEncoder, course_attributes, course_terms, role_terms, words

_TOPICAL = ("skill:", "tag:", "provider:")
_TEXTS = ("titles", "descriptions", "providers", "formats", "languages", "tags")
"""Columns of a course that, beside its difficulty and its skills, `recommender.text` makes terms of."""


def embedding_terms(catalog: Catalog, skills: Skills, course_idx: int) -> list[str]:
    """Return what describes a course to the embeddings: attributes and title words, each once, sorted."""
    return sorted({*course_attributes(catalog, skills, course_idx), *words(catalog.titles[course_idx])})


def topical_attributes(catalog: Catalog, skills: Skills, course_idx: int) -> list[str]:
    """Return the skills, tags and provider of a course, each once, sorted."""
    return sorted({term for term in course_attributes(catalog, skills, course_idx) if term.startswith(_TOPICAL)})


@dataclass(frozen=True, slots=True)
class Encoded:
    """A catalogue with its skills and, one row a course, its tf–idf `vectors` and the shares of its `attributes`."""

    catalog: Catalog
    skills: Skills
    vectors: SparseRows
    attributes: SparseRows

    def places(self, catalog: Catalog, skills: Skills) -> IntArray:
        """Return the row of each course of another catalogue, (n_courses,), `NONE` where it has to be encoded again.

        It has to be where the course is not among those encoded, or differs in what it is encoded from.
        """
        same = catalog.ids.ids == self.catalog.ids.ids
        there = np.arange(len(catalog), dtype=np.int32) if same else self.catalog.ids.find_all(catalog.ids.ids)
        at = np.flatnonzero(there != NONE).astype(np.int32)
        rows = there[at]
        differs = self.catalog.difficulty[rows] != catalog.difficulty[at]
        for name in _TEXTS:
            one, other = getattr(self.catalog, name), getattr(catalog, name)
            if not same:
                one, other = [one[i] for i in rows.tolist()], [other[i] for i in at.tolist()]
            if one != other:
                differs |= np.fromiter((a != b for a, b in zip(one, other, strict=True)), np.bool_, len(at))
        differs |= self._teach_other_skills(rows, catalog, at, skills)
        there[at[differs]] = NONE
        return there

    def _teach_other_skills(self, rows: IntArray, catalog: Catalog, at: IntArray, skills: Skills) -> BoolArray:
        """Tell of each row of this catalogue whether the course of the other beside it teaches other skills, by id."""
        one, other = self.catalog.skills, catalog.skills
        differs: BoolArray = np.diff(one.indptr)[rows] != np.diff(other.indptr)[at]
        as_long = np.flatnonzero(~differs)
        owner, here = one.flat(rows[as_long])
        _, there = other.flat(at[as_long])
        known = self.skills.ids.find_all(skills.ids.ids)
        differs[as_long[owner[one.skill_idx[here] != known[other.skill_idx[there]]]]] = True
        return differs


@dataclass(frozen=True)
class Vocabularies:
    """What is known by name: `text` for tf–idf, `terms` for embeddings, `attributes` for topics, `languages`."""

    text: TextEncoder
    terms: tuple[str, ...]
    attributes: tuple[str, ...]
    languages: tuple[str, ...]

    @classmethod
    def learn(cls, catalog: Catalog, skills: Skills, *, at_least: int = 3) -> Vocabularies:
        """Keep the terms and attributes of at least `at_least` courses, all languages, and the text's vocabulary."""
        everyone = range(len(catalog))
        return cls(
            text=TextEncoder.learn([course_terms(catalog, skills, i) for i in everyone]),
            terms=_frequent((embedding_terms(catalog, skills, i) for i in everyone), at_least),
            attributes=_frequent((topical_attributes(catalog, skills, i) for i in everyone), 2),
            languages=tuple(sorted(set(catalog.languages) - {""})),
        )

    def encode_courses(self, catalog: Catalog, skills: Skills, *, n_fitted: int) -> Newcomers:
        """Encode every course of a catalogue whose first `n_fitted` the model was fitted on."""
        everyone = range(len(catalog))
        language = {name: code for code, name in enumerate(self.languages)}
        return Newcomers(
            n_fitted=n_fitted,
            vectors=self.text.encode_all(course_terms(catalog, skills, i) for i in everyone),
            terms=_shares(self.terms, (embedding_terms(catalog, skills, i) for i in everyone)),
            attributes=_shares(self.attributes, (topical_attributes(catalog, skills, i) for i in everyone)),
            language=frozen(np.array([language.get(name, NONE) for name in catalog.languages], dtype=np.int32)),
        )

    def encode_later(self, catalog: Catalog, skills: Skills, *, n_fitted: int, before: Encoded) -> Newcomers:
        """Encode a catalogue as `encode_courses` does, but only what differs from one that was encoded before.

        `terms` are those of the courses behind the first `n_fitted` alone: nothing asks for the others after the fit.
        """
        there = before.places(catalog, skills)
        changed = np.flatnonzero(there == NONE).tolist()
        rows = there.copy()
        rows[changed] = len(before.vectors) + np.arange(len(changed))
        language = {name: code for code, name in enumerate(self.languages)}
        vectors = self.text.encode_all(course_terms(catalog, skills, i) for i in changed)
        attributes = _shares(self.attributes, (topical_attributes(catalog, skills, i) for i in changed))
        later_terms = (embedding_terms(catalog, skills, i) for i in range(n_fitted, len(catalog)))
        return Newcomers(
            n_fitted=n_fitted,
            vectors=_spliced(before.vectors, vectors, rows),
            terms=stacked(SparseRows.empty(n_fitted), _shares(self.terms, later_terms)),
            attributes=_spliced(before.attributes, attributes, rows),
            language=frozen(np.array([language.get(name, NONE) for name in catalog.languages], dtype=np.int32)),
        )

    def encode_roles(self, roles: Roles, skills: Skills, *, first: int = 0) -> SparseRows:
        """Return the tf–idf rows of the roles from position `first` on, (n_roles − first, n_terms)."""
        return self.text.encode_all(role_terms(roles, skills, i) for i in range(first, len(roles)))

    def document(self) -> dict[str, Any]:
        """Return the vocabularies as JSON values, all but the array `text.idf`."""
        return {
            "text": list(self.text.terms),
            "terms": list(self.terms),
            "attributes": list(self.attributes),
            "languages": list(self.languages),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any], idf: FloatArray) -> Vocabularies:
        """Make the vocabularies of what `document` returned and the idf array."""
        return cls(
            TextEncoder(tuple(document["text"]), idf),
            tuple(document["terms"]),
            tuple(document["attributes"]),
            tuple(document["languages"]),
        )


def _frequent(documents: Iterable[list[str]], at_least: int) -> tuple[str, ...]:
    counts = Counter(term for document in documents for term in document)
    return tuple(sorted(term for term, count in counts.items() if count >= at_least))


def _shares(names: tuple[str, ...], documents: Iterable[list[str]]) -> SparseRows:
    """Return rows with equal weights that sum to one at the known names of each document."""
    index = {name: j for j, name in enumerate(names)}
    columns: list[IntArray] = [
        np.array([index[term] for term in document if term in index], dtype=np.int32) for document in documents
    ]
    weights: list[FloatArray] = [np.full(len(one), 1 / max(len(one), 1), dtype=np.float32) for one in columns]
    return packed(columns, weights, len(names))


def _spliced(before: SparseRows, more: SparseRows, rows: IntArray) -> SparseRows:
    """Return some rows of the one and, counted on from its end, of the other; itself where nothing changed."""
    return (stacked(before, more) if len(more) else before).take(rows)
