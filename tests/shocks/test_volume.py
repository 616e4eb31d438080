"""Volume, spikes and wrong forecasts: rates by hand, counts by Poisson's law, same customers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import centers
import numpy as np
import pytest
from centers import HOUR

import simcc
from simcc.errors import ScenarioError
from simcc.shocks.rates import expected

WINDOW = {"start": "1h", "duration": "40min"}


def shocked(kind: str, shock: simcc.Shock) -> Any:
    """Arrivals of one kind after a shock."""
    found = shock.apply(centers.one_type(arrivals=centers.arrivals()[kind]))
    return found.contact_types[0].arrivals


def test_all_day_the_rates_are_multiplied() -> None:
    shock = simcc.VolumeShock(percent=50)
    assert shocked("poisson", shock).rate_per_hour == 90
    assert shocked("rates", shock).rates_per_hour == (45, 90, 135, 90, 90, 45, 45, 30)
    assert shocked("rates", shock).edges is None
    assert shocked("edges", shock).rates_per_hour == (60, 120)
    assert shocked("linear", shock).rates_per_hour == (30, 120, 30)
    assert shocked("markov", shock).rates_per_hour == (30, 180)
    assert shocked("poisson", shock).busyness == simcc.Busyness(cv=0.2)


def test_in_a_window_rates_by_hand() -> None:
    spike = simcc.ViralSpike(factor=3, **WINDOW)
    found = shocked("poisson", spike)
    assert found.edges == (0, HOUR, 6000, 4 * HOUR)
    assert found.rates_per_hour == (60, 180, 60)
    assert found.busyness == simcc.Busyness(cv=0.2)
    found = shocked("edges", spike)
    assert found.edges == (0, HOUR, 6000, 4 * HOUR, 5 * HOUR)
    assert found.rates_per_hour == (40, 120, 80, 80)
    found = shocked("linear", spike)
    assert found.times == (0, HOUR - 1e-3, HOUR, 6000 - 1e-3, 6000, 2 * HOUR, 4 * HOUR)
    np.testing.assert_allclose(found.rates_per_hour, (20, 50, 150, 210, 70, 80, 20), rtol=1e-5)


@pytest.mark.parametrize("kind", ["poisson", "rates", "edges", "linear", "trace"])
def test_expected_numbers_follow_the_factors(kind: str) -> None:
    """Inside the window three times as many, outside as before; of instants to within one."""
    base = centers.arrivals()[kind]
    at = np.array([0.0, HOUR, 6000.0, 4 * HOUR])
    before = np.diff(expected(base, centers.HORIZON, at))
    after = np.diff(
        expected(shocked(kind, simcc.ViralSpike(factor=3, **WINDOW)), centers.HORIZON, at)
    )
    np.testing.assert_allclose(
        after, before * [1, 3, 1], rtol=1e-5, atol=3 if kind == "trace" else 0
    )


def test_arrivals_of_a_spike_are_as_many_as_they_must_be(test_seed: int) -> None:
    scenario = simcc.ViralSpike(factor=3, **WINDOW).apply(centers.one_type())
    n, inside, before = 200, 0, 0
    for r in range(n):
        came = centers.work(scenario, r, test_seed).arrived_at
        inside += int(((came >= HOUR) & (came < 6000)).sum())
        before += int((came < HOUR).sum())
    assert abs(inside - n * 120) < 4.5 * np.sqrt(n * 120)
    assert abs(before - n * 60) < 4.5 * np.sqrt(n * 60)


def test_the_same_customers_come_earlier_and_others_after_them() -> None:
    base = centers.work(centers.one_type())
    more = centers.work(simcc.VolumeShock(percent=25).apply(centers.one_type()))
    n = len(base.arrived_at)
    np.testing.assert_allclose(more.arrived_at[:n], base.arrived_at / 1.25)
    assert len(more.arrived_at) > n
    for name in ("talk_time", "patience_time"):
        assert np.array_equal(getattr(more, name)[:n], getattr(base, name))


def test_before_a_spike_nothing_changes() -> None:
    base = centers.work(centers.one_type())
    spike = centers.work(simcc.ViralSpike(factor=3, **WINDOW).apply(centers.one_type()))
    n = int((base.arrived_at < HOUR).sum())
    np.testing.assert_allclose(spike.arrived_at[:n], base.arrived_at[:n], rtol=1e-12)
    assert spike.arrived_at[n] >= HOUR


def test_other_types_stay() -> None:
    scenario = centers.mixed()
    found = simcc.VolumeShock(percent=10, types=["rates"]).apply(scenario)
    for old, new in zip(scenario.contact_types, found.contact_types, strict=True):
        assert (old == new) == (old.name != "rates")


@pytest.mark.parametrize("percent", [-100, -60, -10, 5, 50, 100, 250])
def test_real_instants_are_kept_or_copied(percent: float) -> None:
    """As many as the factor says, everywhere, to within two."""
    times = np.array(shocked("trace", simcc.VolumeShock(percent=percent)).times)
    factor = 1 + percent / 100
    for last in (1000.0, 5000.0, 12_000.0):
        assert abs((times < last).sum() - factor * last / 40) < 2.5
    assert (np.diff(times) >= 0).all()
    if percent >= 0:
        assert set(centers.arrivals()["trace"].times) <= set(times)


def test_a_larger_shock_keeps_the_real_instants_that_a_smaller_keeps() -> None:
    kept = [
        set(shocked("trace", simcc.VolumeShock(percent=p)).times) for p in (-70, -40, -5, 20, 90)
    ]
    for fewer, more in pairwise(kept):
        assert fewer < more


def test_a_given_forecast_error_multiplies_each_interval() -> None:
    errors = [10, -10, 0, 50, 0, 0, 0, -100]
    found = shocked("rates", simcc.ForecastError(by_interval=errors))
    np.testing.assert_allclose(found.rates_per_hour, [33, 54, 90, 90, 60, 30, 30, 0])


@pytest.mark.parametrize("kind", ["poisson", "rates", "edges", "linear", "trace"])
def test_a_forecast_error_may_keep_the_total(kind: str) -> None:
    base, at = centers.arrivals()[kind], np.array([0.0, 4 * HOUR])
    for draw in range(5):
        shock = simcc.ForecastError(percent=40, same_total=True, draw=draw)
        found = shocked(kind, shock)
        totals = [float(expected(one, centers.HORIZON, at)[1]) for one in (base, found)]
        assert found != base
        assert totals[1] == pytest.approx(totals[0], rel=1e-5, abs=3 if kind == "trace" else 0)


def test_random_forecast_errors_have_the_moments_they_say() -> None:
    """Mean 1, the coefficient of variation, and the correlation of neighbours."""
    n, s = 100_000, 0.2
    for correlation in (0.0, 0.6):
        z = np.log(simcc.ForecastError(percent=100 * s, correlation=correlation).factors(n))
        z = (z + s**2 / 2) / s
        sure = 5 / np.sqrt(n * (1 - correlation) / (1 + correlation))
        assert abs(z.mean()) < sure
        assert abs(z.var() - 1) < 2 * sure
        assert abs((z[1:] * z[:-1]).mean() - correlation) < 2 * sure


def test_a_pattern_stays_as_it_grows() -> None:
    small, large = (np.log(simcc.ForecastError(percent=p).factors(50)) for p in (1, 10))
    np.testing.assert_allclose(large + 0.1**2 / 2, 10 * (small + 0.01**2 / 2))
    other = simcc.ForecastError(percent=10, draw=1).factors(50)
    assert not np.allclose(np.exp(large), other)


def test_alternating_rates_do_not_follow_the_clock() -> None:
    with pytest.raises(ScenarioError, match=r'shock "spike.*arrivals.kind: is "markov"'):
        shocked("markov", simcc.ViralSpike(factor=2, **WINDOW))
