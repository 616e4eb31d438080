"""How the contacts of one type draw one attribute: uniforms become times, or chances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.brought import Floats, Ints, Rows
from simcc.inversion import LawTable, quantile
from simcc.jit import jit
from simcc.model.laws import Law

CHUNK = 8192  # uniforms drawn at a time, so that they stay in the processor's cache
EACH = np.arange(CHUNK, dtype=np.int32)


@jit
def _invert(laws, law, u, row, out):  # type: ignore[no-untyped-def]
    """Times of one type's contacts by one law."""
    for j in range(u.size):
        out[row[j]] = quantile(laws, law, u[j])


@jit
def _invert_by_interval(  # type: ignore[no-untyped-def]
    laws, chosen, scale, width, arrived_at, u, row, out
):
    """The same where law and scale depend on the interval of arrival."""
    last = chosen.size - 1
    for j in range(u.size):
        i = min(int(arrived_at[row[j]] / width), last)
        out[row[j]] = scale[i] * quantile(laws, chosen[i], u[j])


@dataclass(frozen=True)
class Draw:
    """How the contacts of one arriving type draw an attribute from their uniforms.

    By one law; or by a law and a scale per interval; or by cumulated ``shares``: 1 below the first,
    2 up to the sum of both, 0 above; or not at all: the engine needs the uniform itself.
    """

    stream: str
    law: int | None = None
    laws: Ints | None = None
    scale: Floats | None = None
    shares: tuple[float, ...] | None = None


def fill(
    draw: Draw, laws: Any, interval: float, arrived_at: Floats, u: Floats, row: Rows, out: Any
) -> None:
    """Turn the uniforms of one type's contacts into an attribute, at their rows."""
    if draw.law is not None:
        _invert(laws, draw.law, u, row, out)
    elif draw.laws is not None:
        _invert_by_interval(laws, draw.laws, draw.scale, interval, arrived_at, u, row, out)
    elif draw.shares is not None:
        out[row] = _lucky(u, draw.shares)
    else:
        out[row] = u


def _lucky(u: Floats, shares: tuple[float, ...]) -> NDArray[np.int8]:
    levels = np.cumsum(shares)
    drawn = np.searchsorted(levels, u, side="right") + 1
    return np.where(drawn > len(levels), 0, drawn).astype(np.int8)


def chunks(arrived_at: Floats, row: Rows | None, out: Any) -> Iterator[tuple[Floats, Rows, Any]]:
    """Some rows of a type at a time, with the arrays they count in; None stands for all rows."""
    n = len(arrived_at) if row is None else len(row)
    for first in range(0, n, CHUNK):
        some = slice(first, min(first + CHUNK, n))
        if row is None:
            yield arrived_at[some], EACH[: some.stop - first], out[some]
        else:
            yield arrived_at, row[some], out


def draw_of(stream: str, law: Law | None, laws: LawTable) -> Draw | None:
    return None if law is None else Draw(stream, laws.add(law))
