"""Arrivals of every kind, against theory; tolerances are five standard errors, p-values 1e-6."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from sampled import (
    DAY,
    HOUR,
    MANY,
    SIGMAS,
    SMALLEST_P,
    arrival_times,
    assert_follows,
    assert_poisson,
    center,
    kind,
    workloads,
)
from scipy import integrate, stats

import simcc

# ---------------------------------------------------------------------- rates


@pytest.mark.parametrize(
    ("arrivals", "edges", "rates"),
    [
        (simcc.PoissonArrivals(rate_per_hour=40), [0, 1, 2, 3, 4], [40] * 4),
        (simcc.RateArrivals(rates_per_hour=[20, 0, 90, 50]), [0, 1, 2, 3, 4], [20, 0, 90, 50]),
        (
            simcc.RateArrivals(
                rates_per_hour=[30, 80, 10], edges=[0, 0.7 * HOUR, 2.5 * HOUR, 9 * HOUR]
            ),
            [0, 0.7, 2.5, 4],
            [30, 80, 10],
        ),
    ],
    ids=["constant", "by interval", "by edges"],
)
def test_piecewise_constant_rates(
    arrivals: Any, edges: list[float], rates: list[float], test_seed: int
) -> None:
    times = arrival_times(arrivals, test_seed)
    bounds = HOUR * np.array(edges)
    counts = np.array([np.histogram(one, bounds)[0] for one in times])
    assert (counts.sum(1) == [len(one) for one in times]).all()
    together = np.concatenate(times)
    for j, rate in enumerate(rates):
        start, width = bounds[j], bounds[j + 1] - bounds[j]
        assert_poisson(counts[:, j], rate * width / HOUR)
        if rate:
            inside = together[(together >= start) & (together < start + width)]
            assert_follows((inside - start) / width, "uniform")
    busy = counts[:, np.array(rates) > 0]
    correlation = np.corrcoef(busy.T) - np.eye(busy.shape[1])
    assert np.abs(correlation).max() < SIGMAS / math.sqrt(len(times))


POINTS = {"times": [0, HOUR, 2.5 * HOUR, 5 * HOUR], "rates_per_hour": [0, 120, 20, 60]}


def cumulated(t: np.ndarray) -> np.ndarray:
    """Expected number up to an instant (s), from the points by the rule of trapezoids."""
    fine = np.union1d(POINTS["times"], t)
    rates = np.interp(fine, POINTS["times"], POINTS["rates_per_hour"]) / HOUR
    return np.interp(t, fine, integrate.cumulative_trapezoid(rates, fine, initial=0))


def test_linear_rates(test_seed: int) -> None:
    times = arrival_times(simcc.LinearRateArrivals(**POINTS), test_seed)
    edges = HOUR * np.array([0, 0.5, 1, 2, 2.5, 4])
    counts = np.array([np.histogram(one, edges)[0] for one in times])
    for j, mean in enumerate(np.diff(cumulated(edges))):
        assert_poisson(counts[:, j], mean)
    together = np.concatenate(times)
    assert together.max() < 4 * HOUR
    end = cumulated(np.array([4 * HOUR]))[0]
    assert_follows(together, lambda t: cumulated(t) / end)
    rising = together[together < HOUR]
    assert_follows(rising, lambda t: (t / HOUR) ** 2)


def test_the_cumulated_rate_between_arrivals_is_exponential(test_seed: int) -> None:
    times = arrival_times(simcc.LinearRateArrivals(**POINTS), test_seed)
    gaps = np.concatenate([np.diff(cumulated(np.append(0, one))) for one in times])
    # the last gap of a day is cut off by its end: only gaps that could not be cut, before 3 h
    open_ended = cumulated(np.array([4 * HOUR]))[0] - 12
    early = np.concatenate([cumulated(np.append(0, one))[:-1] < open_ended for one in times])
    assert_follows(gaps[early], "expon")


def test_a_rate_of_zero_brings_nobody(test_seed: int) -> None:
    for arrivals in (
        simcc.PoissonArrivals(rate_per_hour=0),
        simcc.RateArrivals(rates_per_hour=[0, 0, 0, 0]),
        simcc.LinearRateArrivals(times=[0, 4 * HOUR], rates_per_hour=[0, 0]),
    ):
        assert sum(map(len, arrival_times(arrivals, test_seed))) == 0


def test_types_arrive_independently(test_seed: int) -> None:
    arrivals = simcc.PoissonArrivals(rate_per_hour=50)
    of = center(kind("a", arrivals=arrivals), kind("b", arrivals=arrivals))
    found = [np.bincount(one.contact_type, minlength=2) for one in workloads(of, test_seed)]
    correlation = np.corrcoef(np.array(found).T)[0, 1]
    assert abs(correlation) < SIGMAS / math.sqrt(MANY)


# ---------------------------------------------------------------------- two phases


@pytest.mark.parametrize("hours", [0.05, 1.0, 4.0])
def test_two_phases(hours: float, test_seed: int) -> None:
    """Mean and variance of the number up to an instant, beginning in the first phase.

    Given the time A in the first phase the number is Poisson; with p(t) the probability of the
    first phase at t, E A is the integral of p, E A^2 twice that of p(s) p(t - s) over s < t.
    """
    rates, means = np.array([150.0, 20.0]) / HOUR, np.array([1200.0, 2400.0])
    arrivals = simcc.MarkovArrivals(rates_per_hour=rates * HOUR, phase_means=means)
    times = arrival_times(arrivals, test_seed, length=hours * HOUR, interval=hours * HOUR)
    counts = np.array([len(one) for one in times])

    end, share, decay = hours * HOUR, means[0] / means.sum(), (1 / means).sum()

    def p(t: float) -> float:
        return float(share + (1 - share) * np.exp(-decay * t))

    def time_in_first(t: float) -> float:
        return float(share * t + (1 - share) * (1 - np.exp(-decay * t)) / decay)

    mean_time = time_in_first(end)
    square = 2 * integrate.quad(lambda s: p(s) * time_in_first(end - s), 0, end)[0]
    expected = rates[1] * end + (rates[0] - rates[1]) * mean_time
    variance = expected + (rates[0] - rates[1]) ** 2 * (square - mean_time**2)
    assert abs(counts.mean() - expected) <= SIGMAS * math.sqrt(variance / MANY)
    deviations = (counts - expected) ** 2
    error = deviations.std(ddof=1) / math.sqrt(MANY)
    assert abs(deviations.mean() - variance) <= SIGMAS * error


# ---------------------------------------------------------------------- busy days


def day_counts(of: simcc.Scenario, seed: int, edges: Any = None) -> np.ndarray:
    """Numbers of contacts by replication, type and day (or other stretch)."""
    edges = np.array(of.horizon.day_edges if edges is None else edges)
    return np.array(
        [
            [
                np.histogram(one.arrived_at[one.contact_type == k], edges)[0]
                for k in range(len(of.contact_types))
            ]
            for one in workloads(of, seed)
        ]
    )


def busy(cv: float = 0.4, shared: str | None = None, per_day: float = 500) -> Any:
    busyness = simcc.Busyness(cv=cv, shared=shared)
    return simcc.PoissonArrivals(rate_per_hour=per_day / 24, busyness=busyness)


@pytest.mark.parametrize("cv", [0.1, 0.4, 1.5])
def test_busyness_has_mean_1_and_the_variation_asked_for(cv: float, test_seed: int) -> None:
    of = center(kind(arrivals=busy(cv)), length="4d", interval=DAY)
    counts = day_counts(of, test_seed).ravel()
    variance = 500 + (500 * cv) ** 2
    assert abs(counts.mean() - 500) <= SIGMAS * math.sqrt(variance / len(counts))
    deviations = (counts - 500.0) ** 2
    error = deviations.std(ddof=1) / math.sqrt(len(counts))
    assert abs(deviations.mean() - variance) <= SIGMAS * error
    # gamma mixtures of Poisson numbers are negative binomial
    shape = 1 / cv**2
    law = stats.nbinom(shape, shape / (shape + 500))
    middle = law.cdf(counts - 1) + np.random.default_rng(test_seed).random(len(counts)) * law.pmf(
        counts
    )
    assert_follows(middle, "uniform")


def unlike(one: np.ndarray, other: np.ndarray) -> float:
    """P-value of: pairs of Poisson numbers have equal means, whatever they are."""
    together = one + other
    distance = ((one - other) ** 2 / together)[together > 0]
    return float(stats.chi2.sf(distance.sum(), len(distance)))


def test_who_shares_a_key_shares_the_factor(test_seed: int) -> None:
    kinds = [
        kind("a", arrivals=busy(shared="day")),
        kind("b", arrivals=busy(shared="day")),
        kind("c", arrivals=busy(shared="other")),
        kind("d", arrivals=busy()),
        kind("day", arrivals=busy()),  # a name that is a key too
    ]
    counts = day_counts(center(*kinds, length=DAY, interval=DAY), test_seed)[:, :, 0]
    assert unlike(counts[:, 0], counts[:, 1]) > SMALLEST_P
    factors = counts / 500
    correlation = np.corrcoef(factors.T)
    for other in (2, 3, 4):
        assert unlike(counts[:, 0], counts[:, other]) < SMALLEST_P
        assert abs(correlation[0, other]) < SIGMAS / math.sqrt(MANY)


@pytest.mark.parametrize(
    ("start", "hours"), [("2024-03-30", (24, 23, 24)), ("2024-10-26", (24, 25, 24))]
)
def test_every_local_day_has_a_factor_of_its_own(
    start: str, hours: tuple[int, ...], test_seed: int
) -> None:
    """Also where clocks change: the second day has 23 or 25 hours."""
    of = center(
        kind(arrivals=busy(per_day=3000)),
        start=start,
        time_zone="Europe/Amsterdam",
        length=f"{sum(hours)}h",
        interval=HOUR,
    )
    midnights = HOUR * np.cumsum((0, *hours))
    assert of.horizon.day_edges == tuple(midnights)
    edges = np.sort(np.concatenate([midnights, midnights[:-1] + HOUR, midnights[1:] - HOUR]))
    counts = day_counts(of, test_seed, edges)[:, 0]  # first hour, the rest, last hour of each day
    for day in range(3):
        first, last = counts[:, 3 * day], counts[:, 3 * day + 2]
        assert unlike(first, last) > SMALLEST_P
    for day in range(2):
        evening, morning = counts[:, 3 * day + 2], counts[:, 3 * day + 3]
        assert unlike(evening, morning) < SMALLEST_P


def test_busyness_changes_nothing_within_a_day(test_seed: int) -> None:
    arrivals = simcc.RateArrivals(rates_per_hour=[20, 0, 90, 50], busyness=simcc.Busyness(cv=0.5))
    times = np.concatenate(arrival_times(arrivals, test_seed))
    expected = np.interp(np.sort(times), HOUR * np.arange(5), np.cumsum([0, 20, 0, 90, 50]) / 160)
    # given the number of a day its instants are independent: the law of all together holds
    assert_follows(expected, "uniform")


# ---------------------------------------------------------------------- replay


def test_a_trace_is_replayed(test_seed: int) -> None:
    first, second = [0.0, 10.5, 10.5, 3000.0], [10.5, 20.0]
    of = center(
        kind("a", arrivals=simcc.TraceArrivals(times=first)),
        kind("b", arrivals=simcc.TraceArrivals(times=second)),
    )
    for workload in workloads(of, test_seed, 3):
        assert workload.arrived_at.tolist() == [0, 10.5, 10.5, 10.5, 20, 3000]
        # at one instant in the order of the types
        assert workload.contact_type.tolist() == [0, 0, 0, 1, 1, 0]


@pytest.mark.parametrize("n_types", [1, 2, 3, 7, 30])
def test_types_are_merged_in_order(n_types: int, test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    times = [np.sort(rng.integers(0, 60, rng.integers(0, 20))) for _ in range(n_types)]
    names = [f"t{k}" for k in range(n_types)]
    kinds = [
        kind(name, arrivals=simcc.TraceArrivals(times=one.astype(float)))
        for name, one in zip(names, times, strict=True)
    ]
    (workload,) = workloads(center(*kinds), test_seed, 1)
    expected = sorted((at, k) for k, one in enumerate(times) for at in one)
    found = zip(workload.arrived_at, workload.contact_type, strict=True)
    assert list(found) == expected
