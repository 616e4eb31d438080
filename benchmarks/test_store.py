"""What a store costs: many small days of the packaged real center, with one and without."""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import simcc

DAYS = 200


@pytest.mark.benchmark(group="store", timer=time.process_time)
def test_with_a_store(benchmark: Any, tmp_path: Path) -> None:
    """By turns with and without, in CPU time; the median ratio is what counts."""
    scenario = simcc.load(str(files("simcc") / "examples" / "real_center" / "real_center.toml"))
    ratios = []

    def pair() -> None:
        folder = tmp_path / str(len(ratios))
        plain, kept = _seconds(scenario), _seconds(scenario, store=folder)
        ratios.append(kept / plain)
        again = _seconds(scenario, store=folder)
        benchmark.extra_info["read_back"] = round(again / plain, 2)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        benchmark.extra_info["kb_per_day"] = round(size / 1024 / DAYS)

    benchmark.pedantic(pair, rounds=5, warmup_rounds=1)
    benchmark.extra_info["times_without"] = round(sorted(ratios[1:])[2], 2)


def _seconds(scenario: simcc.Scenario, **options: Any) -> float:
    start = time.process_time()
    simcc.simulate(scenario, replications=DAYS, seed=1, **options)
    return time.process_time() - start
