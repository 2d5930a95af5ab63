"""Name evidence: how well the name of a skill stands in the text of a course.

A word of a name counts by its rarity, log((1 + n) / (1 + n_found)) / log(1 + n) over the n texts and names together
(Spärck Jones, "A statistical interpretation of term specificity", 1972). A word stands in a text if its stem does; a stem
alike in letters counts in part: the cosine of tf–idf rows of 3- and 4-grams of letters, from `ALIKE` on. The share of a
name is the rarity of what stands in the text over the rarity of all its words; of several ways to call a skill the best
counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from training.inference.words import Alias, aliases, stems

ALIKE = 0.7
"""Stems less alike than this are different words."""
PART = 0.6
"""What a part of a name counts beside the whole of it."""
_LEAST = 0.25
"""A smaller share of a name is no evidence."""
_BLOCK = 2000

Doubles = NDArray[np.float64]
_Called = Sequence[tuple[Alias, ...]]


@dataclass(frozen=True, slots=True)
class NameEvidence:
    """What names say: sparse (n_texts, n_skills) matrices of values in [0, 1].

    `share` is the best share of any way to call the skill, and `found` the most rarity of stems found for any. `exact` is 1
    where all stems of one stand in the text next to each other and in their order (`PART` for a part), and `exact_rarity`
    the rarity of the rarest so found: a common word is met by chance.
    """

    share: sp.csr_matrix
    found: sp.csr_matrix
    exact: sp.csr_matrix
    exact_rarity: sp.csr_matrix


def name_evidence(texts: Sequence[str], names: Sequence[str]) -> NameEvidence:
    """Compare every name with every text; nothing stands in an empty text."""
    documents, called = [stems(text) for text in texts], [aliases(name) for name in names]
    words_of_names = [tuple(one for alias in ways for one in alias.stems) for ways in called]
    if not any(words_of_names):
        none = sp.csr_matrix((len(texts), len(names)))
        return NameEvidence(none, none, none, none)
    vectorizer = CountVectorizer(analyzer=tuple, binary=True, dtype=np.float64)
    known = vectorizer.fit_transform([*documents, *words_of_names]).tocsr()
    index: Mapping[str, int] = vectorizer.vocabulary_
    found = np.asarray(known.sum(axis=0)).ravel()
    rarity = np.log((1 + known.shape[0]) / (1 + found)) / np.log(1 + known.shape[0]) + 1e-9
    alike = _alike(index, sorted({index[one] for words in words_of_names for one in words}))
    ways = _ways(called, index, rarity)
    best = [
        _best((known[begin : min(begin + _BLOCK, len(texts))] @ alike).minimum(1), ways)
        for begin in range(0, len(texts), _BLOCK)
    ]
    none = sp.csr_matrix((0, len(names)))
    share, mass = (sp.vstack([none, *(pair[i] for pair in best)], format="csr") for i in (0, 1))
    return NameEvidence(share, mass, *_exact(documents, called, {one: rarity[at] for one, at in index.items()}))


def _alike(index: Mapping[str, int], wanted: Sequence[int]) -> sp.csr_matrix:
    """Return how alike each stem is to those of names, (n_stems, n_stems): 1 for itself, 0 below `ALIKE`."""
    terms = sorted(index, key=lambda one: index[one])
    try:
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4)).fit_transform(terms)
    except ValueError:  # no stem has three letters
        return sp.identity(len(terms), format="csr")
    cosines = (letters @ letters[wanted].T).tocoo()
    kept = cosines.data >= ALIKE
    row, column = cosines.row[kept], np.asarray(wanted)[cosines.col[kept]]
    other = row != column
    near = sp.csr_matrix((cosines.data[kept][other], (row[other], column[other])), shape=(len(terms), len(terms)))
    return near + sp.identity(len(terms), format="csr")


def _ways(called: _Called, index: Mapping[str, int], rarity: Doubles) -> list[sp.csr_matrix]:
    """Return matrices (n_stems, n_skills): the i-th holds, of the i-th way to call each skill, the rarity of its stems."""
    matrices = []
    for place in range(max(map(len, called))):
        rows, columns, weights = [], [], []
        for skill, ways in enumerate(called):
            if place < len(ways):
                at = sorted({index[one] for one in ways[place].stems})
                rows += at
                columns += [skill] * len(at)
                weights += (rarity[at] * (1.0 if ways[place].whole else PART)).tolist()
        matrices.append(sp.csr_matrix((weights, (rows, columns)), shape=(len(rarity), len(called))))
    return matrices


def _best(in_text: sp.csr_matrix, ways: Sequence[sp.csr_matrix]) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Return the best share and the most rarity found of any way to call each skill."""
    shares, masses = [], []
    for way in ways:
        total = np.asarray(way.sum(axis=0)).ravel()
        mass = in_text @ way
        masses.append(mass)
        shares.append(mass @ sp.diags(np.divide(1, total, out=np.zeros_like(total), where=total > 0)))
    share, mass = shares[0], masses[0]
    for one, other in zip(shares[1:], masses[1:], strict=True):
        share, mass = share.maximum(one), mass.maximum(other)
    share, mass = share.tocsr(), mass.tocsr()
    share.data[share.data < _LEAST] = 0
    share.eliminate_zeros()
    return share.minimum(1), mass


def _exact(
    documents: Sequence[tuple[str, ...]], called: _Called, rarity: Mapping[str, float]
) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Find names word by word; of several ways to call a skill the largest value and the largest rarity stay."""
    meant: defaultdict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
    for skill, ways in enumerate(called):
        for alias in ways:
            meant[alias.stems][skill] = 1.0 if alias.whole else PART
    lengths = sorted({len(one) for one in meant})
    cells: dict[tuple[int, int], tuple[float, float]] = {}
    for row, document in enumerate(documents):
        for length in lengths:
            for start in range(len(document) - length + 1):
                phrase = document[start : start + length]
                for skill, value in meant.get(phrase, {}).items():
                    before = cells.get((row, skill), (0.0, 0.0))
                    mass = value * sum(rarity[one] for one in phrase)
                    cells[row, skill] = (max(before[0], value), max(before[1], mass))
    at = np.array(list(cells), dtype=np.int64).reshape(-1, 2).T
    values = np.array(list(cells.values()), dtype=np.float64).reshape(-1, 2)
    shape = (len(documents), len(called))
    return sp.csr_matrix((values[:, 0], at), shape=shape), sp.csr_matrix((values[:, 1], at), shape=shape)
