"""Estimates with confidence intervals from independent replications.

Axis 0 of every array is the replication. An estimate needs at least two replications to have an
interval; with one, ``low``, ``high`` and ``std_error`` are NaN. Where a denominator adds up to
zero, there is no estimate (NaN).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimate:
    """Estimates and their confidence intervals, arrays of one shape.

    Attributes
    ----------
    estimate, low, high, std_error : float64 array
        ``low`` and ``high`` bound the interval at the level asked for.
    """

    estimate: Floats
    low: Floats
    high: Floats
    std_error: Floats


def student_quantile(level: float, degrees: float) -> float:
    """Return the factor of a two-sided Student interval; NaN without degrees of freedom.

    >>> round(student_quantile(0.95, 9), 3)
    2.262
    """
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + level) / 2)) if degrees > 0 else float("nan")


def linearised(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return a ratio of totals and each replication's influence on it.

    Parameters
    ----------
    numerator, denominator : array, shape (R, ...)
        Sums of each replication; the denominator may be 1 for a plain mean.

    Returns
    -------
    theta : float64 array, shape (...)
        Total numerator over total denominator.
    influence : float64 array, shape (R, ...)
        ``(N_r - theta * D_r) / mean(D)``; its mean is zero, its scatter is that of the ratio.

    Examples
    --------
    >>> theta, influence = linearised([8.0, 6.0], [10.0, 10.0])
    >>> float(theta), influence.tolist()
    (0.7, [0.1, -0.1])
    """
    above = np.asarray(numerator, dtype=np.float64)
    below = np.broadcast_to(np.asarray(denominator, dtype=np.float64), above.shape)
    size = below.mean(axis=0)
    size = np.where(size > 0, size, np.nan)
    theta = above.mean(axis=0) / size
    return theta, (above - theta * below) / size


def from_influence(theta: Floats, influence: Floats, level: float = 0.95) -> Estimate:
    """Return an estimate with a Student interval from the influence of each replication.

    Differences of estimates of the same replications are estimated by the differences of their
    influences, which keeps what common random numbers gain:

    >>> plan, today = linearised([9.0, 7.0], [10.0, 10.0]), linearised([8.0, 6.0], [10.0, 10.0])
    >>> gain = from_influence(plan[0] - today[0], plan[1] - today[1])
    >>> round(float(gain.estimate), 6), round(float(gain.std_error), 6)
    (0.1, 0.0)
    """
    n = len(influence)
    scatter = influence.std(axis=0, ddof=1) if n > 1 else np.full(np.shape(theta), np.nan)
    error = np.asarray(scatter / np.sqrt(n))
    half = student_quantile(level, n - 1) * error
    return Estimate(np.asarray(theta), theta - half, theta + half, error)


def ratio(numerator: npt.ArrayLike, denominator: npt.ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate a ratio of expectations by the ratio of totals, with a delta-method interval.

    Parameters
    ----------
    numerator, denominator : array, shape (R, ...)
        Sums of each replication.
    level : float
        Confidence level.

    Examples
    --------
    >>> served_in_time = ratio([80, 70, 90], [100, 90, 110])
    >>> round(float(served_in_time.estimate), 3), round(float(served_in_time.std_error), 4)
    (0.8, 0.0115)
    """
    return from_influence(*linearised(numerator, denominator), level)


def mean(values: npt.ArrayLike, level: float = 0.95) -> Estimate:
    """Estimate a mean over replications, with a Student interval.

    >>> round(float(mean([1.0, 2.0, 3.0]).estimate), 3)
    2.0
    """
    return ratio(values, 1.0, level)


def difference(
    one: tuple[npt.ArrayLike, npt.ArrayLike],
    other: tuple[npt.ArrayLike, npt.ArrayLike],
    level: float = 0.95,
) -> Estimate:
    """Estimate the difference of two ratios of the same replications (common random numbers).

    Parameters
    ----------
    one, other : (numerator, denominator)
        Arrays of shape (R, ...); row r of both comes from the same customers.
    """
    theta, influence = linearised(*one)
    other_theta, other_influence = linearised(*other)
    return from_influence(theta - other_theta, influence - other_influence, level)


def share_of_days(
    hits: npt.NDArray[np.bool_], days: npt.NDArray[np.bool_], level: float = 0.95
) -> Estimate:
    """Estimate a probability per day; the days of one replication may depend on each other.

    Parameters
    ----------
    hits, days : bool array, shape (R, days)
        Whether it happened, and whether the day counts.
    level : float

    Notes
    -----
    Where all replications agree (never, or on every day) there is no scatter to learn from; the
    interval is then the exact binomial one for R trials.
    """
    n = len(hits)
    found = ratio((hits & days).sum(axis=1), days.sum(axis=1), level)
    low, high = np.clip([found.low, found.high], 0, 1)
    if n > 1 and found.std_error == 0:
        room = ((1 - level) / 2) ** (1 / n)
        low = np.asarray(room) if found.estimate == 1 else low
        high = np.asarray(1 - room) if found.estimate == 0 else high
    return Estimate(found.estimate, low, high, found.std_error)


def quantile(
    counts: npt.NDArray[Any], edges: Floats, probability: float, level: float = 0.95
) -> Estimate:
    """Estimate a quantile from histograms of independent batches, with Woodruff's interval.

    The share of values up to the estimated quantile is a ratio with a standard error; the interval
    reaches from the quantile at the probability less that error to the one at it plus that error.

    Parameters
    ----------
    counts : int array, shape (batches, m)
        Column 0 counts the value 0, column j > 0 values in [edges[j-1], edges[j]); column 1 also
        takes what is positive but smaller.
    edges : float64 array, shape (m,)
    probability, level : float

    Returns
    -------
    Estimate
        Zero-dimensional. An end of the interval that the data cannot tell is NaN; the standard
        error is the half-width over Student's factor.

    Examples
    --------
    >>> ten_of_each = np.tile([0, 10, 10], (4, 1))
    >>> float(quantile(ten_of_each, np.array([1.0, 2.0, 3.0]), 0.75).estimate)
    2.5
    """
    if not counts.any():
        return Estimate(*(np.array(np.nan) for _ in range(4)))
    invert = _inverse(counts, edges)
    x = invert(probability)
    error = ratio(_up_to(x, counts, edges), counts.sum(axis=1, dtype=np.float64)).std_error
    return _woodruff(x, invert, probability, float(error), len(counts), level)


def linearised_quantile(
    counts: npt.NDArray[Any], edges: Floats, probability: float
) -> tuple[float, Floats]:
    """Return a quantile of histograms and each batch's influence on it, as for :func:`quantile`.

    The influence is that on the share of values up to the quantile, times how far the quantile
    moves with the share, taken over one standard error to both sides.

    Parameters
    ----------
    counts, edges, probability
        As for :func:`quantile`.

    Returns
    -------
    theta : float
    influence : float64 array, shape (batches,)
        NaN where the data cannot tell how far the quantile moves.
    """
    if not counts.any():
        return np.nan, np.full(len(counts), np.nan)
    invert = _inverse(counts, edges)
    x = invert(probability)
    shares = _up_to(x, counts, edges), counts.sum(axis=1, dtype=np.float64)
    return x, _moved(linearised(*shares)[1], invert, probability)


def linearised_quantile_of_days(values: Floats, probability: float) -> tuple[float, Floats]:
    """Return a quantile over days and each replication's influence on it.

    See :func:`quantile_of_days` and :func:`linearised_quantile`.
    """
    known = np.isfinite(values)
    if not known.any():
        return np.nan, np.full(len(values), np.nan)
    invert = _inverse_of_days(values[known])
    x = invert(probability)
    shares = (known & (values <= x)).sum(axis=1), known.sum(axis=1)
    return x, _moved(linearised(*shares)[1], invert, probability)


def _moved(influence: Floats, invert: Callable[[float], float], p: float) -> Floats:
    """Turn influences on the share of values below a quantile into influences on the quantile."""
    error = float(from_influence(np.asarray(p), influence).std_error)
    if error == 0:
        return 0 * influence
    if p <= error or p + error >= 1:
        return np.full(len(influence), np.nan)
    return -influence * (invert(p + error) - invert(p - error)) / (2 * error)


def _inverse(counts: npt.NDArray[Any], edges: Floats) -> Callable[[float], float]:
    """Return the function that gives the quantile of all histograms together."""
    total = counts.sum(axis=0, dtype=np.float64)
    cumulated = np.cumsum(total) / total.sum()

    def invert(p: float) -> float:
        j = int(np.searchsorted(cumulated, p * (1 - 1e-12)))
        if j == 0:
            return 0.0
        inside = (p - cumulated[j - 1]) / (cumulated[j] - cumulated[j - 1])
        return float(edges[j - 1] + min(inside, 1.0) * (edges[j] - edges[j - 1]))

    return invert


def _up_to(x: float, counts: npt.NDArray[Any], edges: Floats) -> Floats:
    """Return how many values of each histogram do not exceed x."""
    j = int(np.searchsorted(edges, x, side="right")) if x > 0 else 0
    j = min(j, counts.shape[1] - 1)
    below = counts[:, :j].sum(axis=1, dtype=np.float64)
    inside = 1.0 if j == 0 else (x - edges[j - 1]) / (edges[j] - edges[j - 1])
    return np.asarray(below + inside * counts[:, j])


def _woodruff(
    x: float, invert: Callable[[float], float], p: float, error: float, n: int, level: float
) -> Estimate:
    """Return quantile x with the interval that the error of the share below it gives."""
    factor = student_quantile(level, n - 1)
    half = factor * error
    low = invert(p - half) if p - half > 0 else (np.nan if np.isnan(half) else invert(0.0))
    high = invert(p + half) if p + half < 1 else np.nan
    width = (high - low) / 2 if np.isfinite(high) else x - low
    return Estimate(np.array(x), np.array(low), np.array(high), np.array(width / factor))


def quantile_of_days(values: Floats, probability: float, level: float = 0.95) -> Estimate:
    """Estimate a quantile over days, with Woodruff's interval.

    Parameters
    ----------
    values : float64 array, shape (R, days)
        NaN where the day does not count. The days of one replication may depend on each other.
    probability, level : float

    Examples
    --------
    >>> float(quantile_of_days(np.arange(1.0, 11.0)[:, None], 0.5).estimate)
    5.0
    """
    known = np.isfinite(values)
    if not known.any():
        return Estimate(*(np.array(np.nan) for _ in range(4)))
    invert = _inverse_of_days(values[known])
    x = invert(probability)
    up_to = (known & (values <= x)).sum(axis=1)
    error = ratio(up_to, known.sum(axis=1)).std_error
    return _woodruff(x, invert, probability, float(error), len(values), level)


def _inverse_of_days(values: Floats) -> Callable[[float], float]:
    """Return the function that gives the quantile of some values."""
    ordered = np.sort(values)

    def invert(p: float) -> float:
        rank = int(np.ceil(p * len(ordered) * (1 - 1e-12))) - 1
        return float(ordered[min(max(rank, 0), len(ordered) - 1)])

    return invert
