"""Intervals of sensitivities, tuning and shaken days hold the truth as often as promised."""

from __future__ import annotations

import lab_promises
import pytest
from promises import Promise

EXPERIMENTS = 150


def as_promised(found: Promise) -> bool:
    return found.share > found.promised - 4 * found.error


@pytest.mark.slow
def test_sensitivities(test_seed: int) -> None:
    for found in lab_promises.sensitivities(EXPERIMENTS, test_seed):
        assert as_promised(found), found


@pytest.mark.slow
def test_fresh_estimates_of_tuning(test_seed: int) -> None:
    found = lab_promises.fresh_estimates(EXPERIMENTS, test_seed)
    assert as_promised(found), found


@pytest.mark.slow
def test_shaken_days(test_seed: int) -> None:
    found = lab_promises.shaken_days(EXPERIMENTS, test_seed)
    assert as_promised(found), found
