"""Square-root staffing: agents = load + beta sqrt(load), for a steady load and over a day."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simcc.theory import _check
from simcc.theory._check import FloatArray, Law
from simcc.theory.infinite import mean_offered_load

# Erlangs that are no more than the rounding of a load that has ended.
NO_LOAD = 1e-9
# Beyond this many standard deviations a normal tail is 0 in floating point.
WIDEST_BETA = 40.0


def square_root_staffing(offered_load: float, beta: float) -> int:
    """Return the offered load plus `beta` times its square root, rounded up.

    Parameters
    ----------
    offered_load : float
        Erlangs, at least 0.
    beta : float
        Quality of service: 0 means as many agents as erlangs; below 0, with abandonment, fewer.

    Returns
    -------
    int
        Number of agents; at least 1 if there is any load.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> square_root_staffing(100, beta=1.0)
    110
    """
    load = _check.non_negative("offered_load", offered_load, "erlangs")
    target = load + _check.finite("beta", beta, "") * math.sqrt(load)
    # A whole target computed a hair too high is still that target.
    return max(math.ceil(target - 1e-9), 1 if load > 0 else 0)


def halfin_whitt_p_wait(beta: float) -> float:
    """Return P(wait) of Erlang C with load + beta sqrt(load) agents, as the load grows.

    Parameters
    ----------
    beta : float
        Above 0.

    Returns
    -------
    float
        Fraction of the contacts that wait.

    Raises
    ------
    ValueError
        If `beta` is not a finite number above 0.

    Notes
    -----
    1 / (1 + beta Phi(beta) / phi(beta)), Phi and phi the standard normal distribution function
    and density (Halfin & Whitt 1981).

    Examples
    --------
    >>> round(halfin_whitt_p_wait(1.0), 4)
    0.2234
    """
    beta = _check.positive("beta", beta, "")
    return 1 / (1 + beta * _mills_ratio(-beta))


def halfin_whitt_beta(p_wait: float) -> float:
    """Return the beta at which `halfin_whitt_p_wait` has a given value.

    Parameters
    ----------
    p_wait : float
        Fraction of the contacts that may wait, strictly between 0 and 1.

    Returns
    -------
    float
        Above 0.

    Raises
    ------
    ValueError
        If `p_wait` is outside its range.

    Examples
    --------
    >>> round(halfin_whitt_beta(0.2), 4)
    1.0615
    """
    target = _check.fraction("p_wait", p_wait)
    return _root(lambda beta: halfin_whitt_p_wait(beta) - target, low=1e-18)


def garnett_p_wait(beta: float, patience_ratio: float) -> float:
    """Return P(wait) of Erlang A with load + beta sqrt(load) agents, as the load grows.

    Parameters
    ----------
    beta : float
        Any finite number.
    patience_ratio : float
        Mean patience time / mean service time (mu / theta), above 0.

    Returns
    -------
    float
        Fraction of the contacts that wait.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    1 / (1 + h(beta sqrt(r)) / (sqrt(r) h(-beta))), h the hazard rate of the standard normal law
    and r the ratio (Garnett, Mandelbaum & Reiman 2002).

    Examples
    --------
    >>> round(garnett_p_wait(beta=0.0, patience_ratio=1.0), 4)
    0.5
    """
    beta = _check.finite("beta", beta, "")
    root = math.sqrt(_check.positive("patience_ratio", patience_ratio, ""))
    return 1 / (1 + _mills_ratio(-beta) / (root * _mills_ratio(beta * root)))


def garnett_beta(p_wait: float, patience_ratio: float) -> float:
    """Return the beta at which `garnett_p_wait` has a given value.

    Parameters
    ----------
    p_wait : float
        Fraction of the contacts that may wait, strictly between 0 and 1.
    patience_ratio : float
        Mean patience time / mean service time (mu / theta), above 0.

    Returns
    -------
    float
        Of either sign.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> round(garnett_beta(p_wait=0.2, patience_ratio=1.0), 4)
    0.8416
    """
    target = _check.fraction("p_wait", p_wait)
    ratio = _check.positive("patience_ratio", patience_ratio, "")
    low = -WIDEST_BETA / math.sqrt(ratio)
    return _root(lambda beta: garnett_p_wait(beta, ratio) - target, low)


@dataclass(frozen=True, eq=False)
class IntervalStaffing:
    """Agents for each staffing interval, and the load they were chosen for.

    Attributes
    ----------
    edges : numpy.ndarray
        Shape (k + 1,): edges of the intervals in seconds.
    offered_load : numpy.ndarray
        Shape (k,): mean offered load in erlangs.
    agents : numpy.ndarray
        Shape (k,): number of agents.
    """

    edges: FloatArray
    offered_load: FloatArray
    agents: NDArray[np.int64]


def modified_offered_load(
    edges: ArrayLike,
    rates_per_hour: ArrayLike,
    service: Law,
    agents_for: Callable[[float], int],
    *,
    staffing_edges: ArrayLike | None = None,
) -> IntervalStaffing:
    """Staff each interval for the load that past arrivals have left in it.

    Parameters
    ----------
    edges, rates_per_hour, service
        As for `offered_load`.
    agents_for : callable
        Gives the agents needed for a steady load in erlangs above 0, such as
        `square_root_staffing` with its beta, or an Erlang formula. Intervals without load get 0
        without asking.
    staffing_edges : array_like, optional
        Shape (k + 1,): edges in seconds of the intervals to staff; `edges` if left out.

    Returns
    -------
    IntervalStaffing

    Raises
    ------
    ValueError
        If an argument is outside its range or `agents_for` gives a negative number.

    Notes
    -----
    A stationary formula fed with the M_t/G/infinity load (Jagerman 1975; Jennings, Mandelbaum,
    Massey & Whitt 1996), here its mean over the interval.

    Examples
    --------
    >>> from scipy.stats import expon
    >>> from simcc.theory import agents_needed_a
    >>> day = {"edges": [0, 1800, 3600], "rates_per_hour": [120, 60],
    ...        "service": expon(scale=300)}
    >>> plan = modified_offered_load(**day, agents_for=lambda m: square_root_staffing(m, 0.5))
    >>> plan.agents.tolist()
    [10, 8]
    >>> def by_erlang_a(load):
    ...     return agents_needed_a(load * 3600 / 300, 300, 120, max_p_abandon=0.05)
    >>> modified_offered_load(**day, agents_for=by_erlang_a).agents.tolist()
    [12, 9]
    """
    loads = mean_offered_load(edges, rates_per_hour, service, staffing_edges=staffing_edges)
    agents = [
        _check.whole("agents_for(load)", agents_for(load), "agents", least=0)
        if load > NO_LOAD
        else 0
        for load in loads.tolist()
    ]
    cuts = edges if staffing_edges is None else staffing_edges
    return IntervalStaffing(
        edges=np.array(cuts, dtype=np.float64),
        offered_load=loads,
        agents=np.array(agents, dtype=np.int64),
    )


def _root(excess: Callable[[float], float], low: float) -> float:
    """Return the beta where P(wait) has its target: it is 1 at `low` and 0 at `WIDEST_BETA`."""
    from scipy.optimize import brentq

    return float(brentq(excess, low, WIDEST_BETA, xtol=1e-15))


def _mills_ratio(x: float) -> float:
    """Return (1 - Phi(x)) / phi(x) of the standard normal law, infinite far below 0."""
    from scipy.special import erfcx

    return math.sqrt(math.pi / 2) * float(erfcx(x / math.sqrt(2)))
