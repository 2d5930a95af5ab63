"""Rounding many numbers at once, to what `round` makes of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_LARGEST = 2.0**38
"""Scaled numbers up to here are known to 2⁻¹⁵ (half a unit in the last place), well within `_DOUBT`."""
_DOUBT = 1e-4
"""How near to the middle of two roundings a scaled number may be for `round` to be asked."""


def rounded(values: Sequence[float], digits: int) -> list[float]:
    """Return each number rounded to so many decimal digits, bit for bit as `round` does.

    Scaled by 10^digits and rounded to a whole number n, then n / 10^digits: division is correctly rounded (IEEE 754), so
    it gives the float nearest to the decimal number, as `round` does. Where scaling could have crossed the middle of two
    roundings, or the number is large, infinite or NaN, `round` itself is asked.
    """
    scale = 10.0**digits
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.array(values, dtype=np.float64) * scale
        whole = np.rint(scaled)
        is_clear = (np.abs(scaled) < _LARGEST) & (np.abs(np.abs(scaled - whole) - 0.5) > _DOUBT)
        found: list[float] = (whole / scale).tolist()
    if not is_clear.all():
        for i in np.flatnonzero(~is_clear).tolist():
            found[i] = round(float(values[i]), digits)
    return found
