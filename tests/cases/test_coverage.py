"""The 95 % intervals of a summary hold the true value in about 95 % of experiments."""

import interval_coverage
import pytest
from interval_coverage import LEVEL, Coverage, measure
from scipy import stats

REPLICATIONS = 20
SLACK = 0.01  # of the level: with 20 replications ratios are not quite Student
UNLIKELY = 1e-6  # probability, on each side, of so few or so many intervals that hold


def far_off(one: Coverage) -> bool:
    """Whether intervals near their level would hardly ever hold the truth so rarely or often."""
    few = stats.binom.cdf(one.held, one.experiments, LEVEL - SLACK)
    many = stats.binom.sf(one.held - 1, one.experiments, LEVEL + SLACK)
    return bool(few < UNLIKELY or many < UNLIKELY)


def check(experiments: int, seed: int) -> None:
    found = measure(experiments, REPLICATIONS, seed)
    print("\n" + interval_coverage.to_markdown(found))
    wrong = [f"{one.key}: {one.held} of {one.experiments}" for one in found if far_off(one)]
    assert not wrong, "\n".join(wrong)


def test_coverage_in_brief(test_seed: int) -> None:
    check(120, test_seed)


@pytest.mark.slow
def test_coverage_at_length(test_seed: int) -> None:
    check(2000, test_seed)


def test_intervals_of_another_level_are_seen() -> None:
    """What 75 % intervals would do in brief, and 90 % or 99 % ones at length."""
    for experiments, share in ((120, 0.75), (2000, 0.90), (2000, 0.99)):
        held = round(share * experiments)
        assert far_off(Coverage(("all", "x"), 1.0, held, experiments, 0.1, 0.0))
        exact = round(LEVEL * experiments)
        assert not far_off(Coverage(("all", "x"), 1.0, exact, experiments, 0.1, 0.0))
