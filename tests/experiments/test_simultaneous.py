"""Simultaneous intervals and the chance of being best, against SciPy's exact laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simcc.experiments.simultaneous import (
    DRAWS,
    critical_value,
    differences,
    probability_best,
    probability_better,
)

PAIRS = [(i, j) for i in range(4) for j in range(i)]
TO_FIRST = [(1, 0), (2, 0), (3, 0)]


def influences(n: int, covariance: np.ndarray) -> np.ndarray:
    """Influences of n replications whose sample covariance is exactly this."""
    k = len(covariance)
    random = np.random.default_rng(5).standard_normal((n, k))
    basis, _ = np.linalg.qr(random - random.mean(axis=0))
    return np.sqrt(n - 1) * basis @ np.linalg.cholesky(covariance).T


def close_quantile(found: float, exact: float, level: float, density: float) -> bool:
    """Whether a quantile of DRAWS draws is as near as its standard error allows."""
    return abs(found - exact) < 4.5 * np.sqrt(level * (1 - level) / DRAWS) / density


def test_all_pairs_of_independent_systems_need_tukeys_value() -> None:
    for n in (11, 60):
        found = critical_value(influences(n, np.eye(4)), PAIRS, 0.95, "tukey")
        law = stats.studentized_range(4, n - 1)
        exact = law.ppf(0.95)  # of the range; of a difference it is sqrt(2) less
        assert close_quantile(found * np.sqrt(2), exact, 0.95, law.pdf(exact))


def test_against_one_needs_dunnetts_value() -> None:
    """Systems with covariances of their own: the multivariate t holds within the found value."""
    covariance = np.array(
        [[1.0, 0.5, 0.2, 0.0], [0.5, 2.0, 0.3, 0.1], [0.2, 0.3, 1.5, 0.4], [0, 0.1, 0.4, 0.8]]
    )
    found = critical_value(influences(15, covariance), TO_FIRST, 0.9, "tukey")
    contrast = np.array([[-1.0, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]])
    of_differences = contrast @ covariance @ contrast.T
    scatter = np.sqrt(np.diag(of_differences))
    law = stats.multivariate_t(shape=of_differences / np.outer(scatter, scatter), df=14)
    limit = np.full(3, found)
    held = law.cdf(limit, lower_limit=-limit, random_state=1, maxpts=200_000)
    assert abs(held - 0.9) < 4.5 * np.sqrt(0.9 * 0.1 / DRAWS) + 1e-3


def test_differences_that_are_the_same_need_no_more_than_one() -> None:
    one = influences(12, np.eye(2))
    copies = one[:, [0, 1, 1, 1]]
    found = critical_value(copies, TO_FIRST, 0.95, "tukey")
    law = stats.t(11)
    exact = law.ppf(0.975)
    assert close_quantile(found, exact, 0.95, 2 * law.pdf(exact))
    assert critical_value(copies, TO_FIRST, 0.95, "bonferroni") == pytest.approx(
        law.ppf(1 - 0.05 / 6)
    )


def test_tukey_is_never_longer_than_bonferroni() -> None:
    for covariance in (np.eye(4), np.eye(4) - 0.2):
        one = influences(30, covariance)
        values = [critical_value(one, PAIRS, 0.95, method) for method in ("tukey", "bonferroni")]
        assert values[0] <= values[1]


def test_intervals_by_hand() -> None:
    """Two pairs of three days: 1 and 2 less 0, Student at 97.5 % with two degrees of freedom."""
    influence = np.array([[1.0, 2.0, 0.0], [-1.0, -1.0, 1.0], [0.0, -1.0, -1.0]])
    found = differences(np.array([5.0, 7.0, 7.5]), influence, [(1, 0), (2, 0)])
    errors = np.sqrt([1.0 / 3, 3.0 / 3])  # changes 1, 0, -1 and -1, 2, -1
    np.testing.assert_allclose(found.std_error, errors)
    np.testing.assert_allclose(found.high - found.estimate, stats.t(2).ppf(0.9875) * errors)
    np.testing.assert_allclose(found.estimate, [2.0, 2.5])


def test_the_chance_between_two_is_the_paired_t_test() -> None:
    random = np.random.default_rng(3)
    days = random.normal(size=(20, 2)) + random.normal(size=(20, 1)) + [0.0, 0.2]
    theta = days.mean(axis=0)
    influence = days - theta
    exact = 1 - stats.ttest_rel(days[:, 1], days[:, 0], alternative="greater").pvalue
    found = probability_best(theta, influence, most=True)
    assert abs(found[1] - exact) < 4.5 * np.sqrt(exact * (1 - exact) / DRAWS)
    assert found.sum() == pytest.approx(1)
    pair = differences(theta, influence, [(1, 0)])
    assert probability_better(pair, 19, most=True)[0] == pytest.approx(exact)
    assert probability_better(pair, 19, most=False)[0] == pytest.approx(1 - exact)


def test_the_chance_among_four_is_that_of_the_multivariate_t() -> None:
    covariance = 0.4 + np.diag([0.3, 0.6, 1.0, 1.5])
    influence = influences(25, covariance)
    theta = np.array([0.1, 0.0, 0.2, -0.1])
    for most in (True, False):
        found = probability_best(theta, influence, most=most)
        sign = 1.0 if most else -1.0
        for i in range(4):
            contrast = np.array([np.eye(4)[i] - np.eye(4)[j] for j in range(4) if j != i])
            shape = contrast @ covariance @ contrast.T / 25
            law = stats.multivariate_t(shape=shape, df=24)
            exact = law.cdf(sign * contrast @ theta, random_state=1, maxpts=200_000)
            assert abs(found[i] - exact) < 4.5 * np.sqrt(exact * (1 - exact) / DRAWS) + 1e-3


def test_equal_systems_share_the_chance() -> None:
    one = influences(10, np.eye(2))[:, [0, 0, 1]]
    found = probability_best(np.array([3.0, 3.0, -50.0]), one, most=True)
    np.testing.assert_allclose(found, [0.5, 0.5, 0.0], atol=1e-6)
    constant = np.zeros((10, 2))
    assert probability_best(np.array([1.0, 2.0]), constant, most=False).tolist() == [1.0, 0.0]
    assert np.isnan(probability_best(np.array([np.nan, 2.0]), constant, most=True)).all()


@pytest.mark.parametrize("method", ["bonferroni", "tukey"])
def test_all_intervals_hold_at_once(method: str, test_seed: int) -> None:
    """Normal days with common luck: the share of experiments in which all six hold."""
    experiments, n = 1000, 15
    random = np.random.default_rng(test_seed)
    means, scatter = np.array([1.0, 1.2, 2.0, 2.1]), np.array([0.5, 1.0, 1.0, 2.0])
    held = 0
    for _ in range(experiments):
        luck = random.normal(size=(n, 1))
        days = means + scatter * (0.7 * luck + 0.3 * random.normal(size=(n, 4)))
        theta = days.mean(axis=0)
        found = differences(theta, days - theta, PAIRS, 0.95, method)  # type: ignore[arg-type]
        true = np.array([means[i] - means[j] for i, j in PAIRS])
        held += bool(((found.low <= true) & (true <= found.high)).all())
    error = np.sqrt(0.95 * 0.05 / experiments)
    assert held / experiments > 0.95 - 4.5 * error - 0.01 * (method == "tukey")
