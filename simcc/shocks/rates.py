"""Arrivals with their rates multiplied by factors that change at known instants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simcc.estimation import Floats
from simcc.model import (
    Horizon,
    LinearRateArrivals,
    MarkovArrivals,
    PoissonArrivals,
    RateArrivals,
    TraceArrivals,
)
from simcc.periods import HOUR
from simcc.shocks.base import Window, refuse

JUMP = 1e-3  # s in which a rate between points changes where a factor does
GOLDEN = (5**0.5 - 1) / 2  # its multiples, modulo 1, lie as evenly as can be


@dataclass(frozen=True, eq=False)
class Steps:
    """Factors between edges.

    Attributes
    ----------
    edges : float64 array, shape (n + 1,)
        Instants (s) from 0 to the end of the horizon.
    factors : float64 array, shape (n,)
    """

    edges: Floats
    factors: Floats

    @property
    def constant(self) -> bool:
        """Whether there is one factor only."""
        return bool((self.factors == self.factors[0]).all())

    def at(self, instants: Floats) -> Floats:
        """Return the factors that hold at instants (s); the last one stays."""
        place = np.searchsorted(self.edges, instants, side="right") - 1
        return np.asarray(self.factors[np.clip(place, 0, len(self.factors) - 1)])


def steps(window: Window, factor: float, horizon: Horizon) -> Steps:
    """Return a factor inside a window, and 1 outside."""
    start, end = window[0], min(window[1], horizon.length)
    edges = np.unique([0.0, start, end, horizon.length])
    inside = (edges[:-1] >= start) & (edges[:-1] < end)
    return Steps(edges, np.where(inside, factor, 1.0))


def multiplied(arrivals: Any, by: Steps, horizon: Horizon) -> Any:
    """Return arrivals with their rates multiplied by factors.

    Of real arrival instants, each is kept with its factor f below 1 and there are f of it above:
    contact i counts ``floor(f + v_i)`` times with ``v_i`` the multiples of the golden ratio modulo
    1, so that any stretch of time has its share of the change, and a larger factor keeps whatever
    a smaller one keeps. Copies come evenly before the next instant.

    Parameters
    ----------
    arrivals : Arrivals
    by : Steps
    horizon : Horizon

    Raises
    ------
    ScenarioError
        For alternating rates, which do not follow the clock, if the factors do.
    """
    if by.constant and by.factors[0] == 1:
        return arrivals
    if isinstance(arrivals, TraceArrivals):
        return arrivals.replace(times=_copied(np.array(arrivals.times), by, horizon).tolist())
    if by.constant:
        return _times(arrivals, float(by.factors[0]))
    if isinstance(arrivals, MarkovArrivals):
        refuse(
            "kind",
            'is "markov", whose rates alternate at random; must be of another kind, or the shock '
            "of the whole horizon",
        )
    if isinstance(arrivals, LinearRateArrivals):
        return _bent(arrivals, by)
    edges, rates = _pieces(arrivals, horizon)
    cut = np.union1d(edges, by.edges[by.edges < edges[-1]])
    old = rates[np.searchsorted(edges, cut[:-1], side="right") - 1]
    new = (old * by.at(cut[:-1])).tolist()
    return RateArrivals(
        rates_per_hour=tuple(new), edges=tuple(cut.tolist()), busyness=arrivals.busyness
    )


def expected(arrivals: Any, horizon: Horizon, at: Floats) -> Floats:
    """Return how many contacts are expected before each of some instants (s), up to a factor.

    >>> arrivals = PoissonArrivals(rate_per_hour=60)
    >>> expected(arrivals, Horizon(length="2h"), np.array([0.0, 1800.0, 7200.0])).tolist()
    [0.0, 30.0, 120.0]
    """
    if isinstance(arrivals, TraceArrivals):
        return np.searchsorted(arrivals.times, at).astype(np.float64)
    if isinstance(arrivals, MarkovArrivals):
        return at / HOUR
    if isinstance(arrivals, LinearRateArrivals):
        knots = np.union1d(arrivals.times, at)
        rates = np.interp(knots, arrivals.times, arrivals.rates_per_hour)
        areas = np.diff(knots) * (rates[1:] + rates[:-1]) / 2
    else:
        knots, rates = _pieces(arrivals, horizon)
        areas = np.diff(knots) * rates
    return np.asarray(np.interp(at, knots, np.append(0.0, np.cumsum(areas))) / HOUR)


def _times(arrivals: Any, factor: float) -> Any:
    if isinstance(arrivals, PoissonArrivals):
        return arrivals.replace(rate_per_hour=arrivals.rate_per_hour * factor)
    rates = [rate * factor for rate in arrivals.rates_per_hour]
    return arrivals.replace(rates_per_hour=rates)


def _pieces(arrivals: PoissonArrivals | RateArrivals, horizon: Horizon) -> tuple[Floats, Floats]:
    """Edges (s), and the rate per hour between them."""
    if isinstance(arrivals, PoissonArrivals):
        return np.array([0.0, horizon.length]), np.array([arrivals.rate_per_hour])
    edges = horizon.all_edges if arrivals.edges is None else arrivals.edges
    return np.array(edges), np.array(arrivals.rates_per_hour)


def _bent(arrivals: LinearRateArrivals, by: Steps) -> LinearRateArrivals:
    """Rates between points, with a steep piece before each instant at which the factor changes."""
    jumps = by.edges[1:-1][np.diff(by.factors) != 0]
    jumps = jumps[(jumps > JUMP) & (jumps < arrivals.times[-1])]
    times = np.array(arrivals.times)
    inside = ((times[:, None] > jumps - JUMP) & (times[:, None] < jumps)).any(axis=1)
    times = np.union1d(times[~inside], np.concatenate([jumps - JUMP, jumps]))
    rates = np.interp(times, arrivals.times, arrivals.rates_per_hour) * by.at(times)
    return arrivals.replace(times=times, rates_per_hour=rates)


def _copied(times: Floats, by: Steps, horizon: Horizon) -> Floats:
    """Real instants, each as often as its factor says."""
    n = len(times)
    luck = (np.arange(1, n + 1) * GOLDEN) % 1.0
    copies = np.floor(by.at(times) + luck).astype(np.int64)
    gaps = np.diff(times, append=times[-1:] if n else [])
    which = np.repeat(np.arange(n), copies)
    first = np.cumsum(copies) - copies
    number = np.arange(len(which)) - first[which]
    found = times[which] + gaps[which] * number / copies[which]
    return np.minimum(found, np.nextafter(horizon.length, 0.0))
