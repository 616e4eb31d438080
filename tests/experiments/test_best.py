"""Multiple comparisons with the best: by hand, and how often the intervals hold."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import erlang_centers
import numpy as np
import promises
import pytest
from scipy import stats

import simcc
from simcc.errors import SimulationError
from simcc.experiments.best import against_best
from simcc.experiments.simultaneous import DRAWS

METHODS = pytest.mark.parametrize("method", ["bonferroni", "tukey"])
CENTERS = {f"{n}": erlang_centers.center(n) for n in promises.AGENTS}


def days_of(means: list[float], reach: float, n: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Days of independent systems, differences of which have intervals of just this reach."""
    k = len(means)
    random = np.random.default_rng(2).normal(size=(n, k))
    basis, _ = np.linalg.qr(random - random.mean(axis=0))
    factor = stats.t(n - 1).ppf(1 - 0.05 / (k - 1))
    scatter = reach / factor / np.sqrt(2) * np.sqrt(n) * np.sqrt(n - 1)
    return np.array(means), scatter * basis


@pytest.mark.parametrize(
    ("means", "low", "high"),
    [
        # 3 is the best beyond doubt; the others are 3 - 1 to 3 + 1 and 2 - 1 to 2 + 1 behind
        ([0.0, 1.0, 3.0], [-4.0, -3.0, 0.0], [0.0, 0.0, 3.0]),
        # 2 and 2.5 may be the best; 0 is behind one of them
        ([0.0, 2.0, 2.5], [-3.5, -1.5, -0.5], [0.0, 0.5, 1.5]),
        # nothing is known
        ([1.0, 1.0, 1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]),
    ],
)
def test_by_hand(means: list[float], low: list[float], high: list[float]) -> None:
    theta, influence = days_of(means, reach=1.0)
    found = against_best(theta, influence, most=True)
    np.testing.assert_allclose(found.low, low, atol=1e-9)
    np.testing.assert_allclose(found.high, high, atol=1e-9)
    turned = against_best(-theta, influence, most=False)
    np.testing.assert_allclose(turned.low, -found.high, atol=1e-9)
    np.testing.assert_allclose(turned.high, -found.low, atol=1e-9)
    np.testing.assert_allclose(turned.estimate, -found.estimate, atol=1e-9)


def test_two_systems_have_the_one_sided_interval_cut_at_zero() -> None:
    days = np.random.default_rng(4).normal([0.0, 1.5], size=(12, 2))
    gain = stats.ttest_rel(days[:, 1], days[:, 0], alternative="greater")
    low = gain.confidence_interval(0.95).low
    high = 2 * (days[:, 1] - days[:, 0]).mean() - low
    found = against_best(days.mean(axis=0), days - days.mean(axis=0), most=True)
    assert low > 0
    np.testing.assert_allclose([found.low[1], found.high[1]], [0.0, high])
    np.testing.assert_allclose([found.low[0], found.high[0]], [-high, 0.0])


def test_the_tukey_factor_is_dunnetts_one_sided() -> None:
    """Equal independent systems: their upper ends are the factor times the standard error."""
    theta, influence = days_of([0.0] * 4, reach=1.0, n=16)
    found = against_best(theta, influence, most=True, method="tukey")
    factor = found.high / found.std_error
    law = stats.multivariate_t(shape=(np.eye(3) + 1) / 2, df=15)
    for one in factor:
        held = law.cdf(np.full(3, one), random_state=1, maxpts=200_000)
        assert abs(held - 0.95) < 4.5 * np.sqrt(0.05 * 0.95 / DRAWS) + 1e-3
    assert (found.high < against_best(theta, influence, most=True).high).all()


def differences_to_the_best(means: np.ndarray, *, most: bool = True) -> np.ndarray:
    sign = 1 if most else -1
    return np.array([m - sign * (sign * np.delete(means, i)).max() for i, m in enumerate(means)])


@METHODS
@pytest.mark.parametrize("apart", [0.0, 0.25, 1.0])
def test_intervals_hold(method: str, apart: float, test_seed: int) -> None:
    """Normal days of unequal variance with common luck; equal means are the hardest case."""
    experiments, n = 1000 if method == "bonferroni" else 60, 15
    random = np.random.default_rng(test_seed)
    means, scatter = apart * np.array([0, 1, 2, 2.5]), np.array([0.5, 1.0, 1.0, 2.0])
    true, held = differences_to_the_best(means), 0
    for _ in range(experiments):
        luck = random.normal(size=(n, 1))
        days = means + scatter * (0.7 * luck + 0.3 * random.normal(size=(n, 4)))
        theta = days.mean(axis=0)
        found = against_best(theta, days - theta, 0.95, method, most=True)  # type: ignore[arg-type]
        held += bool(((found.low <= true) & (true <= found.high)).all())
    error = np.sqrt(0.95 * 0.05 / experiments)
    assert held / experiments > 0.95 - 4.5 * error - 0.01 * (method == "tukey")


def test_equal_means_miss_as_often_as_promised(test_seed: int) -> None:
    """Two equal systems: nothing is given away, so that a wrong factor would show."""
    experiments, held = 3000, 0
    random = np.random.default_rng(test_seed)
    for _ in range(experiments):
        days = random.normal(size=(10, 2))
        found = against_best(days.mean(axis=0), days - days.mean(axis=0), most=True)
        held += bool(((found.low <= 0) & (found.high >= 0)).all())
    # with two, both ends are cut at 0, which is the true difference: all hold
    assert held == experiments
    means, held = np.array([0.0, 1e-9]), 0
    for _ in range(experiments):
        days = means + random.normal(size=(10, 2))
        found = against_best(days.mean(axis=0), days - days.mean(axis=0), most=True)
        held += bool(found.high[1] > 0)
    assert abs(held / experiments - 0.95) < 4.5 * np.sqrt(0.95 * 0.05 / experiments)


def test_systems_that_do_not_differ_or_are_not_known() -> None:
    same = np.zeros((5, 3))
    found = against_best(np.array([2.0, 1.0, 2.0]), same, most=True)
    assert found.low.tolist() == [0.0, -1.0, 0.0]
    assert found.high.tolist() == [0.0, 0.0, 0.0]
    unknown = against_best(np.array([np.nan, 1.0]), np.zeros((5, 2)), most=True)
    assert np.isnan(unknown.low).all()


# ------------------------------------------------------------------------- comparisons


@pytest.fixture(scope="module")
def comparison() -> simcc.Comparison:
    return simcc.compare(CENTERS, replications=60, seed=2, metrics=promises.METRICS)


def test_table(comparison: simcc.Comparison) -> None:
    """More agents are better in everything that has a better way."""
    table = comparison.with_the_best()
    assert set(table["metric"]) == {*promises.METRICS} - {"occupancy"}
    estimates = comparison.estimates().set_index(["scope", "metric", "scenario"])["estimate"]
    for (scope, metric), rows in table.groupby(["scope", "metric"], sort=False):
        assert list(rows["scenario"]) == list(CENTERS)
        assert list(rows["best_other"]) == ["8", "8", "8", "7"]
        assert list(rows["meaning"]) == ["not the best"] * 3 + ["best"]
        for row in rows.itertuples():
            mine, other = (estimates[scope, metric, x] for x in (row.scenario, row.best_other))
            assert row.estimate == mine
            assert row.difference == pytest.approx(mine - other)
            assert row.low <= row.difference <= row.high
        less = metric in ("asa", "abandonment")
        assert all((a > b) == less for a, b in pairwise(rows["difference"]))
    alike = simcc.compare(
        {"one": CENTERS["5"], "two": CENTERS["5"]}, replications=5, seed=1, metrics=["asa"]
    )
    assert set(alike.with_the_best()["meaning"]) == {"may be the best"}


def test_picture(comparison: simcc.Comparison) -> None:
    ax = comparison.plot_with_the_best("asa")
    assert [label.get_text() for label in ax.get_yticklabels()] == list(CENTERS)
    assert "less that of the best of the others" in ax.get_xlabel()
    for metric, words in (("occupancy", "no way of"), ("asaa", "was not compared")):
        with pytest.raises(SimulationError, match=words):
            comparison.plot_with_the_best(metric)


@pytest.mark.slow
def test_intervals_of_centers_hold(test_seed: int) -> None:
    """All four intervals of each metric at once, against Erlang A."""
    for one in promises.against_the_best(300, test_seed):
        slack = 0.01 + 0.01 * ("tukey" in one.what)
        assert one.share > 0.95 - 4.5 * one.error - slack, one


def test_confidence_and_method_are_those_of_the_comparison(comparison: simcc.Comparison) -> None:
    """Less confidence, shorter intervals."""
    options: dict[str, Any] = {"confidence": 0.8, "method": "tukey", "metrics": ["asa"]}
    narrow = simcc.Comparison(comparison.results, **options).with_the_best()
    wide = comparison.with_the_best().query("metric == 'asa'").reset_index(drop=True)
    assert (narrow["high"] - narrow["low"] < wide["high"] - wide["low"])[:3].all()
