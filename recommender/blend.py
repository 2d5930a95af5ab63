"""From the signals of the scorers to one relevance: frozen transforms and learned weights, additive to the last digit.

Every signal becomes a few features by transforms frozen at fit, none of which looks at the other candidates: adding a
course to the catalogue changes no other course's number. A feature times its weight belongs to the scorer it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.arrays import BoolArray, FloatArray, IntArray, frozen
from recommender.curves import Pieces
from recommender.scorers.base import Context

SEGMENTS = ("none", "short_away", "long_away", "short_active", "long_active")
"""By completed courses (none, 1–4, 5 or more) and by whether the latest was completed within `ACTIVE_DAYS`."""
LONG_FROM = 5
ACTIVE_DAYS = 1.0
LEVELS: NDArray[np.float64] = frozen(np.append(1 - np.geomspace(1, 1e-5, 256), 1.0))
"""The shares at which quantiles are frozen: finer and finer towards the top, where lists are decided."""
_BEST_RANK = 0.05
"""Added to an expected rank before its logarithm: how far the very best may stand out."""
_CLIP = (-3.0, 20.0)
_CENTRE = 1.5
"""About ln(1 + 3.5 courses): history length is measured from here, so that its interactions stay small."""

RANKED = ("z", "root", "log_rank", "z_length", "log_rank_length", "log_rank_session")
PLAIN = ("value", "value_length")
TRENDING = ("value", "value_length", "value_fresh", "value_session")

SHAPES = ("z", "root", "log_rank")
"""What a transform takes of a signal; `value` is the z-score under another name."""
FACTORS = ("length", "session", "fresh")
"""What it may be multiplied by, all of the person."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of one scorer and which transforms it goes through."""

    scorer: str
    name: str
    transforms: tuple[str, ...]


def segment_of(context: Context) -> str:
    """Return the segment a question falls into."""
    n_completed = len(context.query.history)
    if n_completed == 0:
        return "none"
    length = "short" if n_completed < LONG_FROM else "long"
    return f"{length}_{'active' if context.days_since <= ACTIVE_DAYS else 'away'}"


@dataclass(frozen=True)
class Transform:
    """The frozen transforms of all signals.

    `mean`, `deviation` (n_signals,) of each signal over the candidates of validation queries; `quantiles`
    (n_signals, len(LEVELS)) its quantiles there at `LEVELS`, of which `n_candidates` make one question.
    """

    signals: tuple[Signal, ...]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    n_candidates: float

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in their order: scorer.signal.transform."""
        return tuple(f"{one.scorer}.{one.name}.{kind}" for one in self.signals for kind in one.transforms)

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """The scorer each feature belongs to, in their order."""
        return tuple(one.scorer for one in self.signals for _ in one.transforms)

    @cached_property
    def log_ranks(self) -> NDArray[np.float64]:
        """−ln(0.05 + expected rank) at the frozen quantiles, worst first."""
        return np.asarray(-np.log(_BEST_RANK + (1 - LEVELS) * self.n_candidates))

    @cached_property
    def _places(self) -> dict[str, tuple[list[int], list[int]]]:
        """Of each transform, which signals go through it and which features that makes."""
        pairs = [(j, kind) for j, one in enumerate(self.signals) for kind in one.transforms]
        kinds = dict.fromkeys(kind for _, kind in pairs)
        return {
            kind: (
                [j for j, other in pairs if other == kind],
                [place for place, (_, other) in enumerate(pairs) if other == kind],
            )
            for kind in kinds
        }

    @staticmethod
    def factors(context: Context) -> tuple[float, float, float]:
        """Return what a person's features are multiplied by, in the order of `FACTORS`."""
        length = context.log_length - _CENTRE if len(context.query.history) else 0.0
        return length, context.session, context.freshness

    def features(self, signals: FloatArray, context: Context) -> FloatArray:
        """Return the features of candidates, shape (n_features, n), of their signals, shape (n_signals, n)."""
        z = np.clip((signals - self.mean[:, None]) / self.deviation[:, None], *_CLIP).astype(np.float32)
        rank = np.zeros_like(z)
        for j in self._places.get("log_rank", ([], []))[0]:
            rank[j] = np.interp(signals[j], self.quantiles[j], self.log_ranks)
        factors = dict(zip(FACTORS, self.factors(context), strict=True))
        found = np.empty((len(self.feature_names), z.shape[1]), dtype=np.float32)
        for kind, (from_signals, places) in self._places.items():
            what, times = _taken_apart(kind)
            one = (rank if what == "log_rank" else z)[from_signals]
            if what == "root":
                one = np.sqrt(np.maximum(one, 0))
            found[places] = one * np.float32(factors[times]) if times else one
        return found


class Weighing(NamedTuple):
    """How signals are weighed in one segment.

    `slopes` (3, n_signals, 4) by shape and factor, the first factor being 1; `constant` (n_signals,) Σ weight·centre;
    `base` the part every candidate has; `weighed` (n_signals,) whether a signal can make a difference to a score at all.
    """

    slopes: NDArray[np.float64]
    constant: NDArray[np.float64]
    base: float
    weighed: BoolArray

    @classmethod
    def of(cls, slopes: NDArray[np.float64], constant: NDArray[np.float64], base: float) -> Weighing:
        """Return the weighing by some slopes and constants."""
        return cls(slopes, constant, base, slopes.any(axis=(0, 2)) | (constant != 0))

    def but(self, left_out: BoolArray) -> Weighing:
        """Return the same without some signals, (n_signals,)."""
        return self.of(np.where(left_out[:, None], 0, self.slopes), np.where(left_out, 0, self.constant), self.base)


@dataclass(frozen=True)
class Blend:
    """Learned weights by segment.

    `weights` (len(SEGMENTS), n_features) of the features, each measured from its `centre` (same shape); `base`
    (len(SEGMENTS),) is the part every candidate of one answer has. Relevance = base + Σ weight·(feature − centre),
    scaled at fit so that the 1st and the 100th candidate of the median validation query differ by 1. `choices` says
    what ships in each segment: `blend`, `scaled fusion`, `fusion` or one signal.
    """

    transform: Transform
    weights: NDArray[np.float64]
    base: NDArray[np.float64]
    centre: NDArray[np.float64]
    choices: Mapping[str, str]

    def weighing(self, context: Context, *, without: tuple[str, ...] = ()) -> Weighing:
        """Return how a person's signals are weighed; those of the scorers in `without` not at all."""
        found = self._weighings[segment_of(context)]
        return found.but(np.array([one.scorer in without for one in self.transform.signals])) if without else found

    def contributions(
        self, signals: FloatArray, context: Context, weighing: Weighing, *, n_more: int = 0
    ) -> NDArray[np.float64]:
        """Return each scorer's part of the relevance in `scorers` order, then `n_more` rows of 0, (n_scorers + n_more, n).

        What `Transform.features` makes of a signal is linear in its z-score, the root of that and its rank, for one person:
        so a part is slope·z + slope·√z⁺ + slope·rank − constant, which needs no features.
        """
        n_rows, factors = len(self.scorers) + n_more, self.transform.factors(context)
        return self._curves.parts(signals, weighing.slopes, weighing.constant, self._owner, n_rows, *factors)

    @cached_property
    def _curves(self) -> kernels.Curves:
        transform = self.transform
        ranks = Pieces.of(transform.quantiles, transform.log_ranks)
        return kernels.Curves(transform.mean, transform.deviation, ranks.pieces, ranks.ends, ranks.first, *_CLIP)

    @cached_property
    def _weighings(self) -> dict[str, Weighing]:
        columns = zip(self._slopes(), self._constants(), self.base.tolist(), strict=True)
        return {segment: Weighing.of(*row) for segment, row in zip(SEGMENTS, columns, strict=True)}

    def _slopes(self) -> NDArray[np.float64]:
        """Return the sums of the weights by segment, shape (`SHAPES`), signal and factor: (segments, 3, n_signals, 4)."""
        found = np.zeros((len(SEGMENTS), len(SHAPES), len(self.transform.signals), 1 + len(FACTORS)))
        place = 0
        for j, one in enumerate(self.transform.signals):
            for kind in one.transforms:
                what, factor = _taken_apart(kind)
                shape = SHAPES.index(what) if what in SHAPES else 0
                found[:, shape, j, 0 if factor is None else 1 + FACTORS.index(factor)] += self.weights[:, place]
                place += 1
        return found

    def _constants(self) -> NDArray[np.float64]:
        """Return Σ weight·centre over the features of each signal, (segments, n_signals)."""
        starts = np.cumsum([0, *(len(one.transforms) for one in self.transform.signals[:-1])])
        return np.asarray(np.add.reduceat(self.weights * self.centre, starts, axis=1))

    @cached_property
    def _owner(self) -> IntArray:
        return np.array([self.scorers.index(one.scorer) for one in self.transform.signals], dtype=np.int32)

    @cached_property
    def scorers(self) -> tuple[str, ...]:
        """Names of the scorers in the order of their signals."""
        return tuple(dict.fromkeys(one.scorer for one in self.transform.signals))

    def pack(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays `unpack` reads."""
        transform = self.transform
        return {
            "mean": frozen(transform.mean),
            "deviation": frozen(transform.deviation),
            "quantiles": frozen(transform.quantiles),
            "weights": frozen(self.weights),
            "base": frozen(self.base),
            "centre": frozen(self.centre),
        }

    @classmethod
    def unpack(
        cls,
        arrays: Mapping[str, NDArray[np.generic]],
        signals: tuple[Signal, ...],
        choices: Mapping[str, str],
        n: float,
    ) -> Blend:
        """Make the blend of what `pack` returned, its signals, choices and number of candidates."""
        read = {name: np.asarray(arrays[name], dtype=np.float64) for name in _ARRAYS}
        transform = Transform(signals, read["mean"], read["deviation"], read["quantiles"], n)
        return cls(transform, read["weights"], read["base"], read["centre"], choices)


_ARRAYS = ("mean", "deviation", "quantiles", "weights", "base", "centre")


def _taken_apart(kind: str) -> tuple[str, str | None]:
    """Return what a transform takes of a signal and by what it multiplies that: `log_rank_length` → log_rank, length."""
    factor = next((one for one in FACTORS if kind.endswith(f"_{one}")), None)
    return (kind if factor is None else kind.removesuffix(f"_{factor}")), factor
