"""Piecewise linear curves, as `numpy.interp` computes them, whose pieces are found by the bits of a number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import FloatArray, frozen

KEY_BITS = 15
"""Of a number of single precision: sign, exponent and the first six binary digits, 64 keys an octave."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """The pieces of some curves, one before the first knot, one behind each, none in which no number lies.

    `pieces` (n_curves, n_knots + 1, 3): start, value there and slope. `ends` (n_curves, n_knots + 1) where each ends, the
    numbers of single precision that are not below the knots; NaN for the last piece of a curve and all behind it, which are
    none. `first` (n_curves, 2^KEY_BITS): the first piece that a number with these leading bits may lie in.
    """

    pieces: NDArray[np.float64]
    ends: FloatArray
    first: NDArray[np.uint16]

    @classmethod
    def of(cls, knots: NDArray[np.float64], values: NDArray[np.float64]) -> Pieces:
        """Return the curves through `values` (n_knots,) at `knots` (n_curves, n_knots), which never fall.

        The last of equal knots counts; beyond the ends the value of the end. A number is of single precision.
        """
        n_curves, n_knots = knots.shape
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            slopes = np.diff(values) / np.diff(knots, axis=1)
        pieces = np.zeros((n_curves, n_knots + 1, 3))
        pieces[:, 1:, 0], pieces[:, 0, 0] = knots, knots[:, 0]
        pieces[:, 1:, 1], pieces[:, 0, 1] = values, values[0]
        pieces[:, 1:-1, 2] = np.where(np.isfinite(slopes), slopes, 0)  # between knots as good as equal lies no number
        ends = np.full((n_curves, n_knots + 1), np.nan, dtype=np.float32)  # nothing is beyond the last piece
        ends[:, :-1] = _rounded_up(knots)
        for row, end in zip(pieces, ends, strict=True):
            some = np.append(np.append(True, end[1:-1] > end[:-2]), True)  # between equal ends lies no number
            kept = int(some.sum())
            row[:kept], end[:kept], end[kept:] = row[some], end[some], np.nan
        lowest = _lowest_of_keys()
        first = [np.searchsorted(one[~np.isnan(one)], lowest, side="right") for one in ends]
        return cls(frozen(pieces), frozen(ends), frozen(np.array(first, dtype=np.uint16)))


def _rounded_up(numbers: NDArray[np.float64]) -> FloatArray:
    """Return the smallest numbers of single precision that are not below some numbers."""
    near = numbers.astype(np.float32)
    return np.where(near < numbers, np.nextafter(near, np.float32(np.inf)), near)


def _lowest_of_keys() -> FloatArray:
    """Return the lowest number of each key, (2^KEY_BITS,), NaN where its bits are no number."""
    shift = 32 - KEY_BITS
    bits = np.arange(1 << KEY_BITS, dtype=np.uint32) << np.uint32(shift)
    bits[len(bits) // 2 :] |= np.uint32((1 << shift) - 1)  # of the negative ones the furthest from 0
    return bits.view(np.float32)
