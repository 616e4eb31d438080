"""Intervals cover, quantiles are accurate, and what cannot be known is NaN."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcc import estimation
from simcc.metrics.counters import bin_edges
from simcc.metrics.passes import bin_of

MISSES_ALLOWED = 4.5  # standard deviations: a false alarm in a hundred thousand runs


def check_coverage(covered: np.ndarray, level: float = 0.95) -> None:
    """The share covered is the level, give or take binomial noise and 1.5 % of skewness."""
    noise = MISSES_ALLOWED * np.sqrt(level * (1 - level) / len(covered))
    assert level - 0.015 - noise <= covered.mean() <= level + 0.015 + noise


def test_ratio_interval_covers_the_ratio_of_expectations(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    busy = rng.gamma(20, 1 / 20, (30, 2000))  # days of different volume
    offered = rng.poisson(200 * busy)
    served = rng.binomial(offered, 0.8)
    found = estimation.ratio(served, offered)
    check_coverage((found.low <= 0.8) & (found.high >= 0.8))


def test_ratio_interval_knows_dependence_of_numerator_and_denominator(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    busy = rng.gamma(4, 1 / 4, (40, 2000))
    waits = rng.poisson(1000 * busy**2)  # a busy day waits longer
    offered = rng.poisson(100 * busy)
    truth = 1000 * (1 + 1 / 4) / 100
    found = estimation.ratio(waits, offered)
    covered = (found.low <= truth) & (found.high >= truth)
    assert 0.88 <= covered.mean() <= 0.97  # skewed residuals cost some coverage


def test_a_wrong_ratio_is_not_covered(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    offered = rng.poisson(200, (30, 2000))
    served = rng.binomial(offered, 0.8)
    found = estimation.ratio(served, offered)
    assert ((found.low <= 0.82) & (found.high >= 0.82)).mean() < 0.2


def test_ratio_agrees_with_the_case_rule() -> None:
    rng = np.random.default_rng(3)
    above, below = rng.random(25), 1 + rng.random(25)
    found = estimation.ratio(above, below)
    residual = above - above.sum() / below.sum() * below
    error = residual.std(ddof=1) / np.sqrt(25) / below.mean()
    assert found.std_error == pytest.approx(error)
    assert found.high - found.estimate == pytest.approx(stats.t(24).ppf(0.975) * error)


def test_paired_difference_keeps_what_is_common(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    offered = rng.poisson(200, (50, 1)).astype(float)
    common = rng.normal(0, 20, (50, 1))
    one = 160 + common + rng.normal(0, 1, (50, 400))
    other = 150 + common + rng.normal(0, 1, (50, 400))
    found = estimation.difference((one, offered), (other, offered))
    alone = estimation.ratio(one, offered)
    assert (found.std_error < 0.3 * alone.std_error).all()
    assert found.estimate.mean() == pytest.approx(0.05, abs=0.01)


def test_one_replication_has_no_interval() -> None:
    found = estimation.ratio(np.array([[3.0, 1.0]]), np.array([[4.0, 4.0]]))
    assert found.estimate.tolist() == [0.75, 0.25]
    for part in (found.low, found.high, found.std_error):
        assert np.isnan(part).all()


def test_an_empty_denominator_has_no_estimate() -> None:
    found = estimation.ratio(np.zeros((5, 2)), np.stack([np.zeros(5), np.ones(5)], axis=1))
    assert np.isnan(found.estimate[0])
    assert np.isnan(found.low[0])
    assert found.estimate[1] == 0


def histogram(waits: np.ndarray) -> np.ndarray:
    """Histograms of waits, one row per replication."""
    counts = np.zeros((len(waits), len(bin_edges())), dtype=np.uint32)
    for r, row in enumerate(waits):
        np.add.at(counts[r], [bin_of(wait) for wait in row], 1)
    return counts


def test_quantile_is_accurate_and_knows_the_atom_at_zero(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    waits = rng.exponential(30, (200, 300)) * (rng.random((200, 300)) < 0.4)
    counts = histogram(waits)
    assert estimation.quantile(counts, bin_edges(), 0.5).estimate == 0
    for p in (0.7, 0.9, 0.99):
        truth = -30 * np.log((1 - p) / 0.4)
        found = estimation.quantile(counts, bin_edges(), p)
        assert found.estimate == pytest.approx(truth, rel=0.08)
        assert found.estimate == pytest.approx(np.quantile(waits, p), rel=0.01)
        assert found.low < found.estimate < found.high


# P(30 E / G > x) = (1 + x / 750) ** -25 for G gamma(25) of mean 1 and E exponential of mean 1
TRUTH_80 = 750 * (0.2 ** (-1 / 25) - 1)


def test_quantile_interval_covers(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    covered = []
    for _ in range(300):
        scale = 30 / rng.gamma(25, 1 / 25, (40, 1))  # waits of one day hang together
        waits = rng.exponential(1, (40, 50)) * scale
        found = estimation.quantile(histogram(waits), bin_edges(), 0.8)
        covered.append(found.low <= TRUTH_80 <= found.high)
    check_coverage(np.array(covered))


def test_quantile_without_waits_or_replications() -> None:
    edges = bin_edges()
    nothing = estimation.quantile(np.zeros((5, len(edges)), dtype=np.uint32), edges, 0.5)
    assert np.isnan(nothing.estimate)
    one = estimation.quantile(histogram(np.full((1, 9), 5.0)), edges, 0.5)
    assert one.estimate == pytest.approx(5, rel=0.03)
    assert np.isnan([one.low, one.high, one.std_error]).all()


def test_share_of_days_follows_replications(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    covered = []
    for _ in range(2000):
        good_week = rng.random((40, 1)) < 0.5  # the five days of a week are alike
        hits = rng.random((40, 5)) < np.where(good_week, 0.9, 0.5)
        found = estimation.share_of_days(hits, np.ones((40, 5), dtype=bool))
        covered.append(found.low <= 0.7 <= found.high)
    check_coverage(np.array(covered))


def test_share_of_days_that_all_agree_is_not_certain() -> None:
    days = np.ones((20, 1), dtype=bool)
    always = estimation.share_of_days(days, days)
    assert always.estimate == always.high == 1
    assert always.low == pytest.approx(0.025 ** (1 / 20))
    never = estimation.share_of_days(~days, days)
    assert never.high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert never.low == 0


def test_quantile_of_days_covers(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    covered = []
    for _ in range(2000):
        found = estimation.quantile_of_days(rng.random((60, 1)), 0.5)
        covered.append(found.low <= 0.5 <= found.high)
    assert 0.92 <= np.mean(covered) <= 0.985  # the binomial is discrete


def test_days_without_contacts_do_not_count() -> None:
    values = np.array([[0.2, np.nan], [0.4, 0.6]])
    assert estimation.quantile_of_days(values, 0.5).estimate == 0.4
    assert np.isnan(estimation.quantile_of_days(values * np.nan, 0.5).estimate)
