"""How long a user waits before the first result: imports, warm and cold caches."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIRST_RESULT = """
import simcc
scenario = simcc.Scenario(
    horizon=simcc.Horizon(length="4h"),
    contact_types=[simcc.ContactType(
        name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min",
        patience=simcc.Exponential(mean="2min"))],
    agent_groups=[simcc.AgentGroup(
        name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=5))],
)
simcc.simulate(scenario, replications=20, seed=1)
"""


def python(code: str, cache: Path | None = None) -> None:
    env = dict(os.environ)
    if cache is not None:
        env["XDG_CACHE_HOME"] = str(cache)
    subprocess.run([sys.executable, "-c", code], check=True, env=env, capture_output=True)


@pytest.mark.benchmark(group="start")
def test_import(benchmark: Any) -> None:
    """``import simcc``, less the start of Python itself."""
    benchmark.pedantic(python, ("import simcc; simcc.Scenario",), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="start")
def test_first_result_from_a_warm_cache(benchmark: Any, tmp_path: Path) -> None:
    benchmark.pedantic(python, (FIRST_RESULT, tmp_path), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="start")
def test_first_result_from_a_cold_cache(benchmark: Any, tmp_path: Path) -> None:
    """Everything is compiled, which the user is told."""
    folders = iter(range(10))

    def cold() -> None:
        python(FIRST_RESULT, tmp_path / str(next(folders)))

    benchmark.pedantic(cold, rounds=1)
