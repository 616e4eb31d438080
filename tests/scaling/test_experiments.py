"""Experiments on executors and in stores: the same numbers, and nothing is simulated twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from center import assert_same_bits, center

import simcc
from simcc import batches, dispatch
from simcc.engine.setup import Setup
from simcc.store import MANIFEST, Store

HERE = Path(__file__).parent
CENTER = center()
METRICS = ("asa", "service_level_20s_offered", "wait_p90")
AGENTS = {"today": 5, "one more": 6, "half / half": 7}
PLANS = {name: center(agents) for name, agents in AGENTS.items()}


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """First replications of the batches that are simulated."""
    firsts: list[int] = []

    def counted(job: batches.Job) -> batches.Batch:
        firsts.append(job.first)
        return batches.run_batch(job)

    monkeypatch.setattr(dispatch, "run_batch", counted)
    return firsts


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


# ---------------------------------------------------------------- replications from any number on


@pytest.mark.parametrize(("first", "n"), [(0, 9), (1, 1), (7, 13), (23, 40)])
def test_any_replications_of_a_store(first: int, n: int, tmp_path: Path) -> None:
    """Parts begin at multiples of their size, whatever is asked for."""
    simcc.simulate(CENTER, replications=16, seed=1, workers=2, store=tmp_path)
    size = Store(tmp_path, CENTER, 1).per_part
    assert size == 4
    expected = simcc.simulate(CENTER, replications=n, seed=1, first_replication=first)
    for _ in range(2):
        found = simcc.simulate(
            CENTER, replications=n, seed=1, first_replication=first, workers=2, store=tmp_path
        )
        assert found.first_replication == first
        assert_same_bits(found.sums, expected.sums)
        pd.testing.assert_frame_equal(found.counters(), expected.counters(), check_exact=True)
    begins = [int(path.name[:8]) for path in parts(tmp_path)]
    asked = range(first // size * size, first + n, size)
    assert begins == sorted({0, 4, 8, 12, *asked})


@pytest.mark.parametrize("seconds", [1e-9, 0.05, 1e9])
def test_any_replications_on_an_executor(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "BATCH_TIME", seconds)
    options: dict[str, Any] = {"replications": 11, "seed": 1, "first_replication": 6}
    expected = simcc.simulate(CENTER, record="contacts", **options)
    with ThreadPoolExecutor(2) as pool:
        found = simcc.simulate(CENTER, record="contacts", executor=pool, **options)
    assert_same_bits(found.sums, expected.sums)
    pd.testing.assert_frame_equal(found.contacts(), expected.contacts(), check_exact=True)


def test_progress_counts_what_is_asked_for(tmp_path: Path) -> None:
    ready = batches.Ready(CENTER, False)
    for first, n in ((5, 14), (0, 3), (2, 30)):
        told: list[int] = []
        with ThreadPoolExecutor(2) as pool:
            store = Store(tmp_path, CENTER, 1)
            dispatch.Dispatch(ready, n, 1, pool, store, told.append, first=first).run()
        assert sum(told) == n


# ---------------------------------------------------------------- the same numbers


def comparison(**options: Any) -> simcc.Comparison:
    return simcc.compare(PLANS, **{"replications": 17, "seed": 1, "metrics": METRICS, **options})


def ranking(**options: Any) -> simcc.Ranking:
    return simcc.rank(
        PLANS, "occupancy", goal="max", delta=0.0005, **{"seed": 1, "first_stage": 10, **options}
    )


def until(**options: Any) -> simcc.Result:
    return simcc.simulate_until(CENTER, "asa", half_width=3, **{"seed": 1, "first": 5, **options})


def tables(found: Any) -> list[pd.DataFrame]:
    if isinstance(found, simcc.Comparison):
        return [found.summary(), found.estimates()]
    return [found.table() if isinstance(found, simcc.Ranking) else found.summary()]


def assert_same(found: Any, expected: Any) -> None:
    for mine, theirs in zip(tables(found), tables(expected), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    assert found.seed == expected.seed


EXPERIMENTS = pytest.mark.parametrize("experiment", [comparison, ranking, until])


@EXPERIMENTS
def test_on_an_executor_and_in_a_store(
    experiment: Callable[..., Any],
    tmp_path: Path,
    simulated: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = experiment()
    with ThreadPoolExecutor(3) as pool:
        assert_same(experiment(executor=pool), expected)
        assert_same(experiment(executor=pool, store=tmp_path), expected)
    assert simulated
    simulated.clear()
    monkeypatch.setattr(Setup, "__init__", lambda *_: pytest.fail("nothing is to be simulated"))
    assert_same(experiment(store=tmp_path, seed=None), expected)
    assert not simulated


def test_several_stages_are_looked_at() -> None:
    """Else the tests above say nothing about later stages."""
    assert ranking().table()["replications"].max() > 10
    assert until().replications > 5


def test_scenarios_are_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    prepare = Setup.__init__
    monkeypatch.setattr(
        Setup, "__init__", lambda self, one: (made.append(one.name), prepare(self, one))[1]
    )
    ranking()
    assert len(made) == len(PLANS)
    made.clear()
    until()
    assert len(made) == 1


def test_each_scenario_has_a_folder(tmp_path: Path, simulated: list[int]) -> None:
    two = {name: PLANS[name] for name in ("today", "half / half")}
    simcc.compare(two, replications=9, seed=1, store=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["half %2F half", "today"]
    simulated.clear()
    more = simcc.compare(PLANS, replications=9, store=tmp_path)
    assert more.seed == 1
    kept = json.loads((tmp_path / "one more" / MANIFEST).read_text())
    assert kept["scenario"] == PLANS["one more"].to_dict()
    assert len(simulated) == len(parts(tmp_path / "one more"))


def test_another_experiment_is_refused(tmp_path: Path, simulated: list[int]) -> None:
    comparison(store=tmp_path / "all")
    simulated.clear()
    with pytest.raises(simcc.StoreError, match="seed: 1 in the store, 2 now"):
        comparison(store=tmp_path / "all", seed=2)
    with pytest.raises(simcc.StoreError, match=r"today: [^\0]*agents: 5 in the store, 4 now"):
        simcc.compare(PLANS | {"today": center(4)}, replications=3, store=tmp_path / "all")
    with pytest.raises(simcc.StoreError, match="has content but is no store"):
        until(store=tmp_path / "all")
    until(store=tmp_path / "one")
    simulated.clear()
    with pytest.raises(simcc.StoreError, match="one: is the store of one scenario"):
        ranking(store=tmp_path / "one")
    for experiment in (comparison, ranking, until):
        with pytest.raises(simcc.SimulationError, match="executor is 2"):
            experiment(executor=2)
        with pytest.raises(simcc.SimulationError, match="store is 2"):
            experiment(store=2)
    assert not simulated


# ---------------------------------------------------------------- killed

RUN = """
import sys
sys.path.insert(0, {here!r})
from test_experiments import *
print(digest({experiment}({options}store={folder!r})))
"""
LONG = {"comparison": "replications=150, workers=15, ", "ranking": "first_stage=120, workers=15, "}


def digest(found: Any) -> str:
    text = "".join(table.to_json(double_precision=15) for table in tables(found))
    return f"{found.seed} {text}"


@pytest.mark.parametrize("experiment", list(LONG))
def test_killed_at_any_moment(experiment: str, tmp_path: Path, test_seed: int) -> None:
    """The same figures, and what was finished stays."""
    folder, random = tmp_path / "kept", np.random.default_rng(test_seed)
    code = RUN.format(
        here=str(HERE), experiment=experiment, options=LONG[experiment], folder=str(folder)
    )
    enough = int(random.integers(1, 25))
    process = subprocess.Popen([sys.executable, "-c", code])
    while process.poll() is None and len(parts(folder)) < enough:
        time.sleep(0.0005)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    before = {path: path.stat().st_ino for path in parts(folder)}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {path: path.stat().st_ino for path in parts(folder)}.items() >= before.items()
    expected = {
        "comparison": lambda: comparison(replications=150),
        "ranking": lambda: ranking(first_stage=120),
    }[experiment]()
    assert out.stdout.strip() == digest(expected)
