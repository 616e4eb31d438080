"""The statistical rule itself: it raises no false alarms, and it does see a wrong figure."""

import check
import numpy as np
import pytest

EXACT = 0.25


def metric(name: str = "voice.p_wait", exact: float = EXACT) -> dict:
    return {"name": name, "exact": exact}


def sample(rng: np.random.Generator, n: int, p: float = EXACT) -> tuple[np.ndarray, np.ndarray]:
    """Contacts of n replications, each of which waits with probability p."""
    offered = rng.poisson(200, n).astype(float)
    return rng.binomial(offered.astype(int), p).astype(float), offered


def test_bound_of_the_rule() -> None:
    """Two-sided at 1e-4 / 50 with many degrees of freedom: the normal quantile at 1 - 1e-6."""
    assert check.bound_of(50, 10**7) == pytest.approx(4.753424, abs=1e-4)
    assert check.bound_of(50, 40) > 5.5


def test_statistic_is_standard_normal_when_the_figure_is_right(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    t = np.array([check.evaluate(metric(), sample(rng, 100), 4.0).t for _ in range(2000)])
    assert abs(t.mean()) < 5 / np.sqrt(len(t))
    assert abs(t.var() - 1) < 5 * np.sqrt(2 / len(t)) + 2 / 99


def test_wrong_figure_is_rejected_with_its_sign(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    high = check.evaluate(metric(), sample(rng, 200, 1.1 * EXACT), 4.0)
    low = check.evaluate(metric(), sample(rng, 200, 0.9 * EXACT), 4.0)
    assert (high.rejected, high.verdict) == (1, "FAIL")
    assert (low.rejected, low.verdict) == (-1, "FAIL")
    assert high.estimate == pytest.approx(1.1 * EXACT, rel=0.05)


def test_too_short_a_run_is_inconclusive_never_a_pass(test_seed: int) -> None:
    rng = np.random.default_rng(test_seed)
    assert check.evaluate(metric(), sample(rng, 40), 10.0).verdict == "INCONCLUSIVE"
    assert check.evaluate(metric(), sample(rng, 40_000), 10.0).verdict == "PASS"
    with pytest.raises(ValueError, match="39 replications"):
        check.evaluate(metric(), sample(rng, 39), 4.0)


def test_metric_without_variance_must_match_to_1e_9() -> None:
    ones = np.ones(40)
    assert check.evaluate(metric(exact=1.0), (ones, ones), 4.0).verdict == "PASS"
    assert check.evaluate(metric(exact=0.0), (0 * ones, ones), 4.0).verdict == "PASS"
    assert check.evaluate(metric(exact=1 + 1e-6), (ones, ones), 4.0).verdict == "FAIL"


def test_tiny_relative_deviation_is_never_a_failure() -> None:
    rng = np.random.default_rng(0)
    below = np.full(400, 1e6)
    above = below * 0.5 * (1 + 5e-5) + rng.normal(0, 1, 400)
    found = check.evaluate(metric(exact=0.5), (above, below), 4.0)
    assert abs(found.t) > 100
    assert found.verdict == "PASS"


@pytest.mark.parametrize(
    ("name", "exact", "expected"),
    [
        ("voice.p_wait", 0.5, 0.005),
        ("voice.sl_20_served", 0.1, 0.003),
        ("voice.sl_20_served@1", 0.1, 0.012),
        ("agents.utilisation", 0.9, 0.009),
        ("voice.offered_per_s", 0.05, 0.0005),
        ("voice.mean_wait_s", 5.0, 0.3),
        ("voice.mean_wait_served_s@0", 50.0, 4.0),
        ("voice.mean_queue", 2.0, 0.06),
        ("agents.mean_busy@3", 0.1, 0.03),
        ("voice.abandoned_during@2", 2.0, 0.4),
        ("voice.offered", 100.0, 3.0),
    ],
)
def test_tolerances_of_the_rule(name: str, exact: float, expected: float) -> None:
    assert check.tolerance(name, exact) == pytest.approx(expected)


def run_two_stages(first: float, second: float) -> tuple[check.Finding, list[tuple[int, int]]]:
    """Two-stage test with these true values in the two runs; also what was asked for."""
    rng, asked = np.random.default_rng(3), []

    def draw(replications: int, seed: int) -> dict:
        asked.append((replications, seed))
        return {"voice.p_wait": sample(rng, replications, (first, second)[len(asked) - 1])}

    return check.two_stage([metric()], draw, 400, 7, 4.0)[0], asked


def test_rejection_counts_only_if_a_longer_fresh_run_repeats_it() -> None:
    right, once = run_two_stages(EXACT, EXACT)
    wrong, twice = run_two_stages(1.2 * EXACT, 1.2 * EXACT)
    chance, _ = run_two_stages(1.2 * EXACT, EXACT)
    opposite, _ = run_two_stages(1.2 * EXACT, 0.8 * EXACT)
    assert right.verdict != "FAIL"
    assert len(once) == 1
    assert wrong.verdict == "FAIL"
    assert [replications for replications, _ in twice] == [400, 1600]
    assert twice[0][1] != twice[1][1]
    assert chance.verdict != "FAIL"
    assert opposite.verdict != "FAIL"


def test_published_estimate_brings_its_own_error() -> None:
    below = np.full(100, 100.0)
    above = 30 + np.random.default_rng(5).normal(0, 0.1, 100)
    plain = metric(exact=0.29)
    assert check.evaluate(plain, (above, below), 4.0).verdict == "FAIL"
    assert check.evaluate(plain | {"reference_se": 0.01}, (above, below), 4.0).rejected == 0
    assert check.evaluate(plain | {"rounding": 0.0101}, (above, below), 4.0).rejected == 0
