"""Uniforms by number: against published numbers, and as uniforms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcc.counter_draws import philox, uniform_at
from simcc.jit import jit


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0), 0, (0xFF1DAE59, 0x6CD10DF2)),
        ((0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF, (0x2C3F628B, 0xAB4FD7AD)),
        ((0x243F6A88, 0x85A308D3), 0x13198A2E, (0xDD7CE038, 0xF62A4C12)),
    ],
)
def test_known_answers(counter: tuple[int, int], key: int, words: tuple[int, int]) -> None:
    """The known-answer tests of the authors' library Random123."""
    assert philox(*counter, key) == words


@jit
def table(lucks, n, out):  # type: ignore[no-untyped-def]
    for i in range(lucks.size):
        for place in range(n):
            out[i, place] = uniform_at(lucks[i], place)


def test_uniform_and_independent(test_seed: int) -> None:
    lucks = np.random.default_rng(test_seed).random(20_000)
    u = np.empty((lucks.size, 6))
    table(lucks, 6, u)
    assert u.min() >= 0
    assert u.max() < 1
    assert all(stats.kstest(column, "uniform").pvalue > 1e-5 for column in u.T)
    correlations = np.corrcoef(np.column_stack([u, lucks]).T)[np.triu_indices(7, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(lucks.size)
    assert len(np.unique(u)) == u.size


def test_neighbours_draw_apart() -> None:
    """Uniforms that differ in their last bit only have nothing in common."""
    one, other = 0.3, np.nextafter(0.3, 1) + 2.0**-53
    a, b = ([float(uniform_at(luck, place)) for place in range(2000)] for luck in (one, other))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(2000)
