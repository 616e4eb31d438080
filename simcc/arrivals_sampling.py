"""Arrival times of one replication, from unit exponentials through the cumulated rate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.buffers import Take, fresh
from simcc.inversion import LawTable, quantile
from simcc.jit import jit
from simcc.model.arrivals import (
    LinearRateArrivals,
    MarkovArrivals,
    PoissonArrivals,
    RateArrivals,
    TraceArrivals,
)
from simcc.model.contacts import ContactType
from simcc.model.horizon import Horizon
from simcc.model.laws import Gamma
from simcc.streams import Streams

Floats = NDArray[np.float64]
HOUR = 3600.0


@dataclass(frozen=True)
class Rates:
    """A rate function (per s): linear from ``left[j]`` to ``right[j]`` on the j-th piece."""

    edges: Floats
    left: Floats
    right: Floats

    def cut(self, at: Floats) -> Rates:
        """The same function with more edges."""
        edges = np.union1d(self.edges, at[(at > self.edges[0]) & (at < self.edges[-1])])
        j = np.clip(np.searchsorted(self.edges, edges[:-1], side="right") - 1, 0, None)
        slope = (self.right[j] - self.left[j]) / (self.edges[j + 1] - self.edges[j])
        left = self.left[j] + slope * (edges[:-1] - self.edges[j])
        right = self.left[j] + slope * (edges[1:] - self.edges[j])
        return Rates(edges, left, right)

    @cached_property
    def mean_number(self) -> float:
        """Expected number of points."""
        width = self.edges[1:] - self.edges[:-1]
        return float(np.dot(self.left + self.right, width)) / 2

    def scaled(self, factor: Floats) -> Rates:
        """The function times one factor per piece."""
        return Rates(self.edges, self.left * factor, self.right * factor)


@jit
def _to_times(points, edges, left, right):  # type: ignore[no-untyped-def]
    """Gaps of a unit Poisson process become points by the inverse of the cumulated rate; how many.

    Returns -1 if the unit process was too short to reach the end.
    """
    j, before, total = 0, 0.0, 0.0
    pieces = left.size
    area = 0.5 * (left[0] + right[0]) * (edges[1] - edges[0])
    for i in range(points.size):
        total += points[i]
        while total >= before + area:
            before += area
            j += 1
            if j == pieces:
                return i
            area = 0.5 * (left[j] + right[j]) * (edges[j + 1] - edges[j])
        rest = total - before
        if left[j] == right[j]:
            time = edges[j] + rest / left[j]
        else:
            slope = (right[j] - left[j]) / (edges[j + 1] - edges[j])
            root = math.sqrt(max(left[j] * left[j] + 2.0 * slope * rest, 0.0))
            time = edges[j] + 2.0 * rest / (left[j] + root)
        points[i] = min(time, np.nextafter(edges[j + 1], edges[j]))
    return -1


@jit
def _alternate(unit, means, length, edges):  # type: ignore[no-untyped-def]
    """Edges of the phases of a two-phase process; how many phases, -1 if it was too short."""
    time = 0.0
    edges[0] = 0.0
    for i in range(unit.size):
        time += unit[i] * means[i & 1]
        edges[i + 1] = min(time, length)
        if time >= length:
            return i + 1
    return -1


class ArrivalPlan:
    """How one contact type arrives; built once per scenario.

    Parameters
    ----------
    kind : ContactType
        With ``arrivals`` set.
    horizon : Horizon
        Arrivals fall in [0, ``horizon.length``).
    laws : LawTable
        Receives the law of the day factor.
    """

    def __init__(self, kind: ContactType, horizon: Horizon, laws: LawTable) -> None:
        self._name = kind.name
        self._length = horizon.length
        self._days = np.asarray(horizon.day_edges[:-1], float)
        arrivals = kind.arrivals
        self._trace = None
        if isinstance(arrivals, TraceArrivals):
            self._trace = np.append(np.asarray(arrivals.times, float), np.inf)
        self._phases = arrivals if isinstance(arrivals, MarkovArrivals) else None
        self._rates = rate_function(arrivals, horizon)
        busyness = getattr(arrivals, "busyness", None)
        self._stream = busyness_stream(kind)
        if busyness is not None and self._rates is not None:
            self._law = laws.add(Gamma(mean=1.0, cv=busyness.cv))
            self._rates = self._rates.cut(self._days)
            starts = self._rates.edges[:-1]
            self._day_of_piece = np.searchsorted(self._days, starts, side="right") - 1

    def sample(self, streams: Streams, replication: int, laws: Any, take: Take = fresh) -> Floats:
        """Sorted arrival times (s) of a replication, and an infinite one at the end."""
        if self._trace is not None:
            return self._trace
        rates = self._rates
        if self._phases is not None:
            rates = self._phase_rates(streams, replication)
        assert rates is not None
        if self._stream is not None:
            u = streams.open(self._stream, replication).random(len(self._days))
            factors = np.array([quantile(laws, self._law, x) for x in u])
            rates = rates.scaled(factors[self._day_of_piece])
        return self._points(streams, replication, rates, take)

    def _points(self, streams: Streams, replication: int, rates: Rates, take: Take) -> Floats:
        expected = rates.mean_number
        size = int(expected + 8 * math.sqrt(expected) + 16)
        while True:
            points = take(f"{self._name}/arrivals", size)
            streams.open(f"{self._name}/arrivals", replication).standard_exponential(out=points)
            n = _to_times(points, rates.edges, rates.left, rates.right)
            if n >= 0:
                points[n] = np.inf
                return points[: n + 1]
            size *= 2

    def _phase_rates(self, streams: Streams, replication: int) -> Rates:
        assert self._phases is not None
        means = np.asarray(self._phases.phase_means, float)
        generator = streams.open(f"{self._name}/phases", replication)
        unit = generator.standard_exponential(int(4 * self._length / means.sum()) + 64)
        while True:
            edges = np.empty(len(unit) + 1)
            n = _alternate(unit, means, self._length, edges)
            if n >= 0:
                break
            unit = np.concatenate([unit, generator.standard_exponential(len(unit))])
        both: Floats = np.asarray(self._phases.rates_per_hour, np.float64) / HOUR
        rates: Floats = both[np.arange(n) % 2]
        return Rates(edges[: n + 1], rates, rates)


def busyness_stream(kind: ContactType) -> str | None:
    """Name of the stream of a type's day factors; None if it has none."""
    busyness = getattr(kind.arrivals, "busyness", None)
    if busyness is None:
        return None
    shared = busyness.shared  # the mark keeps the key apart from any type's name
    return f"\x1fbusyness/{shared}" if shared else f"{kind.name}/busyness"


def rate_function(arrivals: object, horizon: Horizon) -> Rates | None:
    """Rate function per second of the arrival models that have a fixed one."""
    if isinstance(arrivals, PoissonArrivals):
        rate = np.array([arrivals.rate_per_hour / HOUR])
        return Rates(np.array([0.0, horizon.length]), rate, rate)
    if isinstance(arrivals, RateArrivals):
        rates = np.asarray(arrivals.rates_per_hour, float) / HOUR
        edges: Floats = np.arange(len(rates) + 1, dtype=np.float64) * horizon.interval
        if arrivals.edges is not None:
            edges = np.asarray(arrivals.edges, float)
        return _until(Rates(edges, rates, rates), horizon.length)
    if isinstance(arrivals, LinearRateArrivals):
        rates = np.asarray(arrivals.rates_per_hour, float) / HOUR
        return _until(
            Rates(np.asarray(arrivals.times, float), rates[:-1], rates[1:]), horizon.length
        )
    return None


def _until(rates: Rates, end: float) -> Rates:
    """The function before ``end`` only."""
    cut = rates.cut(np.array([end]))
    keep = cut.edges[:-1] < end
    n = int(keep.sum())
    return Rates(cut.edges[: n + 1], cut.left[:n], cut.right[:n])
