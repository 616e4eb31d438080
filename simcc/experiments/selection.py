"""Which of several systems has the largest mean: two procedures, fed by any source of observations.

They know nothing of centers: a source is a function of a system, a first replication and a number
of them, which returns that many observations. Replication r of all systems may depend on each
other (common random numbers).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcc.estimation import Floats

# (system, first replication, number of replications) -> that many observations.
Source = Callable[[int, int, int], Floats]
Counts = npt.NDArray[np.int64]
LEAST_BATCH = 10
MOST_ALIKE = 0.5
GROWTH = 5  # a batch is a fifth of what there is: no more is simulated in vain


@dataclass(frozen=True, eq=False)
class Selection:
    """What a procedure found.

    Attributes
    ----------
    best : int
        Number of the system selected.
    replications : int array, shape (k,)
        Used of each system.
    eliminated_at : int array, shape (k,)
        Replications after which a system was eliminated; 0: never.
    mean, std_error : float64 array, shape (k,)
        Of the replications used.
    guaranteed : bool
        Whether the procedure's guarantee holds: it ended by itself, and ``alike`` is at most half.
    alike : float
        Largest share, over pairs of systems, of the replications of the first stage in which the
        two do not differ at all. Such differences are far from normal.
    """

    best: int
    replications: Counts
    eliminated_at: Counts
    mean: Floats
    std_error: Floats
    guaranteed: bool
    alike: float = 0.0


def screening_constant(systems: int, first_stage: int, confidence: float) -> float:
    """Return the h squared of :func:`kim_nelson`.

    ``h^2 = 2 eta (n0 - 1)`` with ``eta = ((2 alpha / (k - 1))^(-2 / (n0 - 1)) - 1) / 2``.

    >>> round(screening_constant(2, 10, 0.95), 3)
    6.013
    """
    alpha = (1 - confidence) / (systems - 1)
    eta = ((2 * alpha) ** (-2 / (first_stage - 1)) - 1) / 2
    return float(2 * eta * (first_stage - 1))


def kim_nelson(
    source: Source,
    systems: int,
    *,
    delta: float,
    confidence: float = 0.95,
    first_stage: int = 20,
    most: int | None = None,
) -> Selection:
    """Select the system with the largest mean, eliminating systems one by one.

    If the largest mean is at least ``delta`` above all others, it is selected with a probability
    of at least ``confidence``; if not, a system within ``delta`` of the best is selected with
    about that probability. Observations are taken as normal, with any variances and any
    dependence between systems. If most differences of two systems are exactly 0, that is far off,
    and nothing is guaranteed.

    Parameters
    ----------
    source : function
        See the module.
    systems : int
        At least 2.
    delta : float
        Indifference zone: the smallest difference worth detecting.
    confidence : float
        More than ``1 / systems``.
    first_stage : int
        Replications from which variances are estimated, at least 2.
    most : int, optional
        Replications of each system at most; then the best mean is selected, without guarantee.

    Notes
    -----
    Procedure KN with c = 1 of Kim, S.-H. and Nelson, B. L. (2001), A fully sequential procedure for
    indifference-zone selection in simulation, ACM Transactions on Modeling and Computer Simulation
    11, 251-273. After r replications of all systems left, system i stays as long as its mean is at
    least that of each other system l less ``max(0, delta / (2 r) (h^2 S_il^2 / delta^2 - r))``,
    where ``S_il^2`` is the variance of their differences in the first stage.

    Examples
    --------
    >>> days = np.random.default_rng(1).normal([0.0, 0.5, 2.0], 1.0, (1000, 3))
    >>> found = kim_nelson(lambda i, first, n: days[first:first + n, i], 3, delta=0.5)
    >>> found.best, found.eliminated_at.tolist()
    (2, [20, 20, 0])
    """
    first = np.stack([source(i, 0, first_stage) for i in range(systems)])
    change = first[:, None, :] - first[None, :, :]
    reach = screening_constant(systems, first_stage, confidence) * change.var(axis=2, ddof=1)
    last = reach / delta**2  # replications from which on a pair is decided by the mean alone
    left, gone = np.arange(systems), np.zeros(systems, dtype=np.int64)
    seen = _Seen(first)
    n = first_stage
    while True:
        survivors = _screened(seen.sums[left], reach[np.ix_(left, left)], delta, n)
        gone[left[~survivors]] = n
        left = left[survivors]
        if len(left) == 1 or n > last[np.ix_(left, left)].max() or n == most:
            break
        if n == seen.replications:
            room = max(LEAST_BATCH, n // GROWTH)
            size = room if most is None else min(room, most - n)
            seen.extend({int(i): source(int(i), n, size) for i in left})
        n += 1
        seen.advance(left)
    alike = float(((change == 0).mean(axis=2) - np.eye(systems)).max())
    ended = len(left) == 1 or bool(n > last[np.ix_(left, left)].max())
    best = int(left[np.argmax(seen.sums[left])])
    used = np.where(gone > 0, gone, n)
    return Selection(best, used, gone, *seen.moments(used), ended and alike <= MOST_ALIKE, alike)


def _screened(sums: Floats, reach: Floats, delta: float, n: int) -> npt.NDArray[np.bool_]:
    """Tell which systems stay, given their sums of n observations."""
    slack = np.maximum(0.0, (reach / delta - delta * n) / 2)
    return np.asarray((sums[:, None] >= sums[None, :] - slack).all(axis=1))


class _Seen:
    """Observations of each system, and the sums of those looked at so far."""

    def __init__(self, first: Floats) -> None:
        self._of: list[Floats] = list(first)
        self.sums = first.sum(axis=1)
        self.replications = first.shape[1]
        self._at = first.shape[1]

    def extend(self, more: dict[int, Floats]) -> None:
        for i, values in more.items():
            self._of[i] = np.append(self._of[i], values)
            self.replications = len(self._of[i])

    def advance(self, left: npt.NDArray[np.int64]) -> None:
        """Look at one more observation of the systems left."""
        self.sums[left] += [self._of[i][self._at] for i in left]
        self._at += 1

    def moments(self, used: Counts) -> tuple[Floats, Floats]:
        """Return means and standard errors of the observations used."""
        return _moments([values[:n] for values, n in zip(self._of, used, strict=True)])


def _moments(values: list[Floats]) -> tuple[Floats, Floats]:
    mean = np.array([one.mean() for one in values])
    return mean, np.array([one.std(ddof=1) / np.sqrt(len(one)) for one in values])


def ocba(
    source: Source,
    systems: int,
    *,
    budget: int,
    first_stage: int = 20,
    increment: int | None = None,
) -> Selection:
    """Select the system with the largest mean within a budget, spent where it tells most.

    After a first stage of all systems, replications go, a few at a time, to those whose number is
    below their share. There is no guarantee of a correct selection.

    Parameters
    ----------
    source : function
        See the module.
    systems : int
        At least 2.
    budget : int
        Replications of all systems together, at least ``systems * first_stage``.
    first_stage : int
        Replications of each to begin with, at least 2.
    increment : int, optional
        Replications between two looks; by default a twentieth of what the first stage leaves.

    Notes
    -----
    Chen, C.-H., Lin, J., Yucesan, E. and Chick, S. E. (2000), Simulation budget allocation for
    further enhancing the efficiency of ordinal optimization, Discrete Event Dynamic Systems 10,
    251-270. Shares as :func:`ocba_shares`; they are derived for systems that are independent.
    """
    values = [source(i, 0, first_stage) for i in range(systems)]
    spent = systems * first_stage
    increment = increment or max(1, (budget - spent) // 20)
    while spent < budget:
        step = min(increment, budget - spent)
        mean = np.array([one.mean() for one in values])
        shares = ocba_shares(mean, np.array([one.std(ddof=1) for one in values]))
        more = _next_ones(np.array([len(one) for one in values]), shares, step)
        for i in np.flatnonzero(more):
            values[i] = np.append(values[i], source(int(i), len(values[i]), int(more[i])))
        spent += step
    mean, error = _moments(values)
    used = np.array([len(one) for one in values])
    return Selection(int(np.argmax(mean)), used, 0 * used, mean, error, False)


def ocba_shares(mean: Floats, scatter: Floats) -> Floats:
    """Return the shares of a budget that each system should have.

    ``N_i / N_j = ((s_i / d_i) / (s_j / d_j))^2`` for systems other than the best b, with ``d_i``
    their distance to the best mean, and ``N_b = s_b sqrt(sum N_i^2 / s_i^2)``.

    Parameters
    ----------
    mean, scatter : float64 array, shape (k,)
        Sample means, of which the largest is best, and sample standard deviations.

    Examples
    --------
    >>> ocba_shares(np.array([2.0, 1.0, 0.0]), np.array([1.0, 1.0, 1.0])).round(3).tolist()
    [0.452, 0.438, 0.11]
    """
    best = int(np.argmax(mean))
    distance = mean[best] - mean
    if not scatter.any():  # nothing to learn
        return np.full(len(mean), 1 / len(mean))
    spread = max(float(np.ptp(mean)), float(scatter.max()))
    distance = np.maximum(distance, 1e-6 * spread)  # two that are equal get all, not infinity
    size = (scatter / distance) ** 2
    rest = np.arange(len(mean)) != best
    size[best] = scatter[best] * np.sqrt((scatter[rest] ** 2 / distance[rest] ** 4).sum())
    return np.asarray(size / size.sum())


def _next_ones(used: Counts, shares: Floats, step: int) -> Counts:
    """Return how many of the next replications each system gets: as far as it is below its share.

    >>> _next_ones(np.array([20, 20, 20]), np.array([0.6, 0.35, 0.05]), 10).tolist()
    [8, 2, 0]
    """
    missing = np.maximum(shares * (used.sum() + step) - used, 0.0)
    wanted = missing * step / missing.sum()
    more: Counts = wanted.astype(np.int64)
    left = np.argsort(more - wanted, kind="stable")[: step - more.sum()]
    more[left] += 1
    return more
