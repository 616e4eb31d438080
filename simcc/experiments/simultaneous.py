"""Intervals for several differences that hold together, and the chance of being the best.

Everything is made of the estimates of K systems and the influence of each replication on them. With
common random numbers the influences of one replication depend on each other; their covariance is
estimated, never assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from simcc.estimation import Floats, student_quantile

DRAWS = 32_768
SEED = 20_010_119  # of the draws: the same for every comparison, so that nothing else decides
TIE = 1e-9  # of the largest figure: systems so close to the best are as good
Method = Literal["bonferroni", "tukey"]
Pair = tuple[int, int]  # the first less the second


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of pairs of systems, arrays of one entry per pair.

    Attributes
    ----------
    estimate, low, high, std_error : float64 array
    """

    estimate: Floats
    low: Floats
    high: Floats
    std_error: Floats


def differences(
    theta: Floats,
    influence: Floats,
    pairs: Sequence[Pair],
    confidence: float = 0.95,
    method: Method = "bonferroni",
) -> Differences:
    """Estimate differences of pairs of systems with intervals that all hold at once.

    Parameters
    ----------
    theta : float64 array, shape (K,)
    influence : float64 array, shape (n, K)
        Of each replication on each estimate; a column of a system in every row.
    pairs : sequence of (int, int)
    confidence : float
        That all intervals hold together.
    method : {"bonferroni", "tukey"}
        The factor of the standard errors; see :func:`critical_value`.

    Examples
    --------
    >>> influence = np.array([[1.0, 1.5, 0.0], [-1.0, -0.5, 1.0], [0.0, -1.0, -1.0]])
    >>> found = differences(np.array([5.0, 7.0, 7.5]), influence, [(1, 0), (2, 0)])
    >>> found.estimate.tolist()
    [2.0, 2.5]
    """
    plus, minus = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    change = influence[:, plus] - influence[:, minus]
    error = change.std(axis=0, ddof=1) / np.sqrt(len(influence))
    half = critical_value(influence, pairs, confidence, method) * error
    found = theta[plus] - theta[minus]
    return Differences(found, found - half, found + half, error)


def critical_value(
    influence: Floats, pairs: Sequence[Pair], confidence: float, method: Method
) -> float:
    """Return how many standard errors the intervals of all pairs reach to each side.

    "bonferroni": Student's quantile at the level that each interval needs if nothing is known of
    how they depend on each other. "tukey": the quantile of the largest of the \\|t\\|, whose joint
    law is taken as the multivariate t with the estimated correlations: of all pairs it is Tukey's
    idea, of pairs with one system Dunnett's, without equal variances or independence. It is found
    from 32,768 draws of a fixed seed, and never more than Bonferroni's. With few replications it is
    a little too small, since the standard errors of the pairs do not err together as in that law.

    Notes
    -----
    Hsu, J. C. (1996), Multiple Comparisons: Theory and Methods, Chapman & Hall. Nelson, B. L. and
    Matejcik, F. J. (1995), Using common random numbers for indifference-zone selection and multiple
    comparisons in simulation, Management Science 41, 1935-1945.
    """
    degrees = len(influence) - 1
    most = student_quantile(1 - (1 - confidence) / len(pairs), degrees)
    if method == "bonferroni" or len(pairs) == 1 or not np.isfinite(influence).all():
        return most
    return min(most, float(np.quantile(largest_t(influence, pairs), confidence)))


def largest_t(influence: Floats, pairs: Sequence[Pair], *, sides: int = 2) -> Floats:
    """Return draws of the largest \\|t\\| of some pairs, or of the largest t or 0 with one side."""
    normal, scale = _draws(influence.shape[1], len(influence) - 1)
    moved = normal @ _factor(influence).T
    largest = np.zeros(len(moved))
    for i, j in pairs:
        scatter = (influence[:, i] - influence[:, j]).std(ddof=1)
        if scatter > 0:
            t = (moved[:, i] - moved[:, j]) / scatter
            np.maximum(largest, np.abs(t) if sides == 2 else t, out=largest)
    return np.asarray(largest * scale)


def probability_best(theta: Floats, influence: Floats, *, most: bool) -> Floats:
    """Return the probability that each system has the best mean, shape (K,).

    The means are taken as multivariate t around the estimates, with the estimated covariance: what
    is known of them after the run if nothing was known before. Between two systems it is one less
    the one-sided p-value of the paired t test. It is found from 32,768 draws of a fixed seed;
    systems that are equal share.

    Parameters
    ----------
    theta : float64 array, shape (K,)
    influence : float64 array, shape (n, K)
    most : bool
        Whether the largest is best, or the smallest.

    Notes
    -----
    Chick, S. E. and Inoue, K. (2001), New procedures to select the best simulated system using
    common random numbers, Management Science 47, 1133-1149.
    """
    n, k = influence.shape
    if not (np.isfinite(influence).all() and np.isfinite(theta).all()):
        return np.full(k, np.nan)
    normal, scale = _draws(k, n - 1)
    means = theta + (normal @ _factor(influence).T) * (scale / np.sqrt(n))[:, None]
    means = means if most else -means
    close = TIE * np.abs(means).max(axis=1, keepdims=True)
    best = means >= means.max(axis=1, keepdims=True) - close
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))


def probability_better(found: Differences, degrees: int, *, most: bool) -> Floats:
    """Return the probability that the first of each pair has the better mean.

    One less the one-sided p-value of the paired t test, as :func:`probability_best` for two.

    Parameters
    ----------
    found : Differences
    degrees : int
        Of freedom: replications less 1.
    most : bool
        Whether the larger is better, or the smaller.
    """
    from scipy.special import stdtr

    gain = found.estimate if most else -found.estimate
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(gain == 0, 0.0, gain / found.std_error)
    return np.asarray(stdtr(degrees, t))


def _factor(influence: Floats) -> Floats:
    """Return a matrix whose product with its transpose is the covariance of the influences."""
    covariance = np.atleast_2d(np.cov(influence, rowvar=False))
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))


@lru_cache(maxsize=4)
def _draws(k: int, degrees: int) -> tuple[Floats, Floats]:
    """Return standard normals, shape (DRAWS, k), and what makes their rows Student's."""
    random = np.random.default_rng(SEED)
    normal = random.standard_normal((DRAWS, k))
    return normal, np.sqrt(degrees / random.chisquare(degrees, DRAWS))
