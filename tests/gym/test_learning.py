"""Stable-Baselines3's DQN learns to keep agents idle, as well as the page on learning says."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

import simcc
from simcc.jit import ENABLED

pytest.importorskip("gymnasium")
pytest.importorskip("stable_baselines3")

page: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "make_learning.py"))
SEVERAL = 5.0  # standard errors


def costs(policies: dict[str, Any], replications: int) -> dict[str, Any]:
    """Cost per hour by replication, on customers who were not trained on."""
    scenarios = simcc.with_policies(page["center"](), policies)
    compared = simcc.compare(scenarios, replications=replications, seed=page["FRESH"])
    return {name: page["daily_cost"](result) for name, result in compared.results.items()}


def assert_less(less: Any, more: Any) -> None:
    gain, error = page["mean_and_error"](more - less)
    assert gain > SEVERAL * error


def test_its_own_checker_accepts_the_environment() -> None:
    from stable_baselines3.common.env_checker import check_env

    check_env(page["environment"]())


@pytest.mark.skipif(not ENABLED, reason="takes long")
def test_a_short_training_beats_longest_wait() -> None:
    learnt = page["trained"](6_000, 1)
    found = costs({"learnt": learnt, "longest wait": simcc.LongestWait()}, 20)
    assert_less(found["learnt"], found["longest wait"])
    mean, error = page["mean_and_error"](found["learnt"])
    assert mean > page["optimum"]().per_hour - SEVERAL * error  # nothing costs less


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_learnt_is_near_the_optimum(seed: int) -> None:
    """Within 10 % of it, and better than all that never leave an agent idle."""
    learnt = page["trained"](page["STEPS"], seed)
    found = costs({"learnt": learnt, **page["baselines"]()}, 100)
    for name in ("longest wait", "type b first"):
        assert_less(found["learnt"], found[name])
    mean, error = page["mean_and_error"](found["learnt"])
    best = page["optimum"]().per_hour
    assert best - SEVERAL * error < mean < 1.1 * best + SEVERAL * error
