"""Multiple comparisons with the best: how far each system is from the best of the others.

Arrays only, as in :mod:`simcc.experiments.simultaneous`.
"""

from __future__ import annotations

import numpy as np

from simcc.estimation import Floats, student_quantile
from simcc.experiments.simultaneous import Differences, Method, largest_t


def against_best(
    theta: Floats,
    influence: Floats,
    confidence: float = 0.95,
    method: Method = "bonferroni",
    *,
    most: bool,
) -> Differences:
    """Estimate the difference of each system to the best of the others; all intervals hold at once.

    Parameters
    ----------
    theta : float64 array, shape (K,)
    influence : float64 array, shape (n, K)
        Of each replication on each estimate.
    confidence : float
        That all K intervals hold together.
    method : {"bonferroni", "tukey"}
        See the notes.
    most : bool
        Whether the largest is best, or the smallest.

    Returns
    -------
    Differences
        One entry per system. Each interval has an end at 0 or holds it: if the largest is best,
        ``low`` is 0 for a system that is the best, ``high`` is 0 for one that is not.

    Notes
    -----
    Let B be the best system, and let all of ``Y_B - Y_l - (mu_B - mu_l) > -w_Bl`` hold, which has
    the probability ``confidence``: these are K - 1 one-sided intervals, whichever B is. Then the
    difference of i to the best of the others is at most ``max(0, min_l (Y_i - Y_l + w_il))``. Those
    whose minimum is not below 0 may be B; the difference is at least ``min(0, Y_i - Y_l - w_li)``
    for the worst of these l, or 0 if i is the only one. ``w_il`` is a factor times the standard
    error of the difference: Student's quantile at ``1 - (1 - confidence) / (K - 1)``, or of
    "tukey" the quantile of the largest of the K - 1 t of i, under the estimated correlations.

    Edwards, D. G. and Hsu, J. C. (1983), Multiple comparisons with the best treatment, Journal of
    the American Statistical Association 78, 965-971. Hsu, J. C. (1984), Constrained simultaneous
    confidence intervals for multiple comparisons with the best, Annals of Statistics 12, 1136-1144.
    Nelson, B. L. and Matejcik, F. J. (1995), Using common random numbers for indifference-zone
    selection and multiple comparisons in simulation, Management Science 41, 1935-1945.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> days = random.normal([0.0, 0.1, 3.0], 1.0, (50, 3))
    >>> found = against_best(days.mean(axis=0), days - days.mean(axis=0), most=True)
    >>> found.low.round(1).tolist(), found.high.round(1).tolist()
    ([-3.0, -3.0, 0.0], [0.0, 0.0, 3.0])
    """
    k, sign = len(theta), 1.0 if most else -1.0
    if not (np.isfinite(theta).all() and np.isfinite(influence).all()):
        return Differences(*(np.full(k, np.nan) for _ in range(4)))
    change = sign * (theta[:, None] - theta[None, :])
    error = _errors(influence)
    factor = [_factor(influence, i, confidence, method) for i in range(k)]
    reach = np.array(factor)[:, None] * error
    others = ~np.eye(k, dtype=np.bool_)
    above = np.where(others, change + reach, np.inf).min(axis=1)
    high = np.maximum(0.0, above)
    may_be_best = others & (above >= 0)[None, :]
    low = np.minimum(0.0, np.where(may_be_best, change - reach.T, np.inf).min(axis=1))
    best = np.where(others, change, np.inf).argmin(axis=1)
    each = np.arange(k)
    low, high = (low, high) if most else (0.0 - high, 0.0 - low)
    return Differences(sign * change[each, best], low, high, error[each, best])


def _errors(influence: Floats) -> Floats:
    """Standard errors of the differences of all pairs, shape (K, K)."""
    change = influence[:, :, None] - influence[:, None, :]
    return np.asarray(change.std(axis=0, ddof=1) / np.sqrt(len(influence)))


def _factor(influence: Floats, i: int, confidence: float, method: Method) -> float:
    """How many standard errors the one-sided intervals of a system to all others reach."""
    n, k = influence.shape
    most = max(0.0, student_quantile(1 - 2 * (1 - confidence) / (k - 1), n - 1))
    if method == "bonferroni" or k == 2:
        return most
    pairs = [(i, j) for j in range(k) if j != i]
    return min(most, float(np.quantile(largest_t(influence, pairs, sides=1), confidence)))
