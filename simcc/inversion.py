"""Sampling by inversion: laws as tables that compiled loops read.

A smooth law is tabulated by its own ``ppf`` and ``isf``, on cells that halve in width towards both
ends of (0, 1): 16 cells per power of two of u below one half, and of 1 - u above. In a cell the
quantile is the cubic through four points. The error against the law's own quantiles is tested to
be below one part in a million for the laws the library names, far into both tails.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.jit import jit, jit_inner, record
from simcc.model.laws import Constant, Law, Sample, SurvivalCurve

CONSTANT, SMOOTH, SAMPLE, CURVE = range(4)
OCTAVES = 54
CELLS = 16  # per octave
SMALLEST = 2.0**-OCTAVES
_SIDE = (OCTAVES - 1) * CELLS + 1  # up to one half, and the cell that begins there
# The bits of a float above its lowest 48 are its exponent and four more: the number of its cell.
_BITS = 48
_FIRST = (1023 - OCTAVES) * CELLS
_REST = (1 << _BITS) - 1
_SCALE = 2.0**-_BITS
NEVER, LAST, EXPONENTIAL = range(3)
_TAILS = {"never": NEVER, "last": LAST, "exponential": EXPONENTIAL}

Laws = record("Laws", ("kind", "start", "size", "values"))


@lru_cache(maxsize=512)
def _smooth(law: Law) -> NDArray[np.float64]:
    """Coefficients of the cubics: cell by cell, lower half then upper half."""
    cell = np.arange(_SIDE)
    octave = 2.0 ** (cell // CELLS - OCTAVES)
    width = octave / CELLS
    left = octave * (1 + (cell % CELLS) / CELLS)
    nodes = left[:, None] + width[:, None] * np.array([0, 1 / 3, 2 / 3, 1])
    below = np.asarray(law.ppf(nodes.ravel()), float).reshape(nodes.shape)
    above = np.asarray(law.isf(nodes.ravel()), float).reshape(nodes.shape)
    to_cubic = np.linalg.inv(np.vander(np.array([0, 1 / 3, 2 / 3, 1]), increasing=True))
    return np.concatenate([below @ to_cubic.T, above @ to_cubic.T]).ravel()


def _table(law: Law) -> tuple[int, int, NDArray[np.float64]]:
    if isinstance(law, Constant):
        return CONSTANT, 1, np.array([law.value])
    if isinstance(law, Sample):
        values = np.sort(np.asarray(law.values, float))
        return SAMPLE, len(values), values
    if isinstance(law, SurvivalCurve):
        times = np.asarray(law.times, float)
        alive = np.asarray(law.survival, float)
        if times[0] > 0 or alive[0] < 1:
            times, alive = np.r_[0.0, times], np.r_[1.0, alive]
        return CURVE, len(times), np.concatenate([[_TAILS[law.tail]], times, alive])
    return SMOOTH, _SIDE, _smooth(law)


class LawTable:
    """The laws of a scenario, numbered in the order they are added."""

    def __init__(self) -> None:
        self._laws: list[Law] = []
        self._number: dict[Law, int] = {}

    def add(self, law: Law) -> int:
        """Number of the law; equal laws share one."""
        if law not in self._number:
            self._number[law] = len(self._laws)
            self._laws.append(law)
        return self._number[law]

    def arrays(self) -> Any:
        """All tables in one record, for :func:`quantile`."""
        tables = [_table(law) for law in self._laws] or [(CONSTANT, 1, np.zeros(1))]
        sizes = [len(values) for _, _, values in tables]
        return Laws(
            np.array([kind for kind, _, _ in tables], np.int64),
            np.cumsum([0, *sizes[:-1]]).astype(np.int64),
            np.array([size for _, size, _ in tables], np.int64),
            np.concatenate([values for _, _, values in tables]),
        )


@jit_inner
def _curve(values, start, size, u):  # type: ignore[no-untyped-def]
    """Time at which a survival curve falls to 1 - u."""
    alive = 1.0 - u
    times, levels = start + 1, start + 1 + size
    if alive < values[levels + size - 1]:
        last, at = values[times + size - 1], values[levels + size - 1]
        if values[start] == NEVER:
            return math.inf
        if values[start] == LAST or at >= 1.0:
            return last
        return last + math.log(alive / at) / math.log(at) * last
    low, high = 0, size - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if values[levels + middle] >= alive:
            low = middle
        else:
            high = middle
    drop = values[levels + low] - values[levels + high]
    if drop <= 0.0:
        return values[times + low]
    share = (values[levels + low] - alive) / drop
    return values[times + low] + share * (values[times + high] - values[times + low])


@jit
def quantile(laws, law, u):  # type: ignore[no-untyped-def]
    """Quantile of law number ``law`` at probability u in [0, 1), in the law's unit (seconds)."""
    values = laws.values
    what, first = laws.kind[law], laws.start[law]
    if what == SMOOTH:
        upper = u >= 0.5
        w = 1.0 - u if upper else max(u, SMALLEST)
        bits = np.float64(w).view(np.int64)
        cell = (bits >> _BITS) - _FIRST
        x = (bits & _REST) * _SCALE
        at = first + 4 * (cell + (_SIDE if upper else 0))
        return values[at] + x * (values[at + 1] + x * (values[at + 2] + x * values[at + 3]))
    if what == CONSTANT:
        return values[first]
    size = laws.size[law]
    if what == SAMPLE:
        return values[first + int(u * size)]
    return _curve(values, first, size, u)
