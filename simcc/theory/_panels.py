"""Integrals of a function on panels halved until each is resolved, jumps included."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial import chebyshev

from simcc.theory._check import FloatArray

N_NODES = 17


@dataclass(frozen=True)
class Panels:
    """Panels that follow each other, and a function's values at their Chebyshev nodes.

    Attributes
    ----------
    edges : numpy.ndarray
        Shape (m + 1,): where the panels meet, increasing.
    values : numpy.ndarray
        Shape (m, N_NODES): the function at the nodes; both ends of a panel are nodes.
    """

    edges: FloatArray
    values: FloatArray

    @property
    def nodes(self) -> FloatArray:
        """Where the values were taken, shape (m, N_NODES)."""
        return panel_nodes(self.edges[:-1], self.edges[1:])

    def cumulative(self, values: FloatArray, origin: int = 0) -> FloatArray:
        """Return the integral from edge `origin` to each node, of a function given at the nodes."""
        within = values @ _integration_matrix().T * (np.diff(self.edges)[:, None] / 2)
        whole = within[:, -1]
        # Summed outwards, so that what lies near the origin keeps its digits.
        left = -np.cumsum(whole[:origin][::-1])[::-1]
        right = np.cumsum(whole[origin:-1])
        starts = np.concatenate((left, [0.0], right))[: whole.size]
        return np.asarray(within + starts[:, None])

    def missed(self, values: FloatArray) -> FloatArray:
        """Return about how much of the integral over each panel its nodes may miss, shape (m,)."""
        last_coefficients = values @ _coefficient_matrix()[-2:].T
        return np.asarray(np.abs(last_coefficients).max(axis=1) * np.diff(self.edges))

    def interpolate(self, values: FloatArray, at: FloatArray) -> FloatArray:
        """Return a function given at the nodes, at points between the first and last edge."""
        panel = np.searchsorted(self.edges, at, side="right") - 1
        panel = np.clip(panel, 0, len(values) - 1)
        position = 2 * (at - self.edges[panel]) / np.diff(self.edges)[panel] - 1
        powers = chebyshev.chebvander(position, N_NODES - 1)
        coefficients = values[panel] @ _coefficient_matrix().T
        return np.asarray((powers * coefficients).sum(axis=-1).reshape(at.shape))


def resolve(
    function: Callable[[FloatArray], FloatArray], edges: FloatArray, tolerance: float
) -> Panels:
    """Halve panels until the integral over each half is known to `tolerance`.

    The function must stay within [-1, 1].
    """
    left, right = edges[:-1], edges[1:]
    values = function(panel_nodes(left, right))
    # To the middle and to the end: a panel's end alone can be right by symmetry.
    to_middle, to_end = _integration_matrix()[[N_NODES // 2, -1]] / 2
    lefts, finished = [], []
    while left.size:
        middle = (left + right) / 2
        lower = function(panel_nodes(left, middle))
        upper = function(panel_nodes(middle, right))
        width = right - left
        half, other_half = lower @ to_end / 2, upper @ to_end / 2
        off = np.abs(values @ to_middle - half) + np.abs(values @ to_end - half - other_half)
        error = width * off
        # Rounding of the integral and of the instants sets the limit: a jump ends there.
        split = (error > np.maximum(tolerance, 1e-15 * width)) & (width > 4 * np.spacing(right))
        lefts.append(left[~split])
        finished.append(values[~split])
        left, right, values = (
            np.concatenate((left[split], middle[split])),
            np.concatenate((middle[split], right[split])),
            np.concatenate((lower[split], upper[split])),
        )
    starts = np.concatenate(lefts)
    order = np.argsort(starts)
    return Panels(np.append(starts[order], edges[-1]), np.concatenate(finished)[order])


def panel_nodes(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the Chebyshev nodes of each panel, shape (m, N_NODES), its ends included."""
    share = (1 + _reference_nodes()) / 2
    nodes = left[:, None] + (right - left)[:, None] * share
    # The upper end must be the very number the next panel starts with.
    nodes[:, -1] = right
    return nodes


@cache
def _reference_nodes() -> FloatArray:
    return np.asarray(chebyshev.chebpts2(N_NODES))


@cache
def _coefficient_matrix() -> FloatArray:
    """Return the matrix from values at the reference nodes to Chebyshev coefficients."""
    return np.asarray(np.linalg.inv(chebyshev.chebvander(_reference_nodes(), N_NODES - 1)))


@cache
def _integration_matrix() -> FloatArray:
    """Return the matrix from values to integrals from -1 to each reference node."""
    antiderivatives = chebyshev.chebint(_coefficient_matrix(), lbnd=-1)
    return np.asarray(chebyshev.chebvander(_reference_nodes(), N_NODES) @ antiderivatives)
