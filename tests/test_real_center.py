"""The packaged scenario of a real center: its tables agree, load, and can be made again."""

from __future__ import annotations

import filecmp
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simcc

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "simcc" / "examples" / "real_center"
LOG = ROOT.parent / "shared" / "data" / "calls_2014_h1.parquet"
HALF_HOURS = ROOT.parent / "shared" / "data" / "halfhours_2014_h1.csv.gz"

needs_log = pytest.mark.skipif(not LOG.exists(), reason=f"the call log {LOG} is absent")


@pytest.fixture(scope="module")
def observed() -> pd.DataFrame:
    """What the center did, by scope ("day", "interval", "type")."""
    return pd.read_csv(FOLDER / "observed.csv").set_index(["scope", "name"])


@pytest.fixture(scope="module")
def scenario() -> simcc.Scenario:
    """The packaged scenario."""
    return simcc.load(FOLDER / "real_center.toml")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test import the package `real_center` of the scripts."""
    monkeypatch.syspath_prepend(ROOT / "scripts")


def test_volumes_sum_to_the_observed_calls(observed: pd.DataFrame) -> None:
    """Each half hour's and each queue's volumes add up to the observed calls."""
    volumes = pd.read_csv(FOLDER / "volumes.csv")
    for scope, key in (("interval", "interval"), ("type", "type")):
        offered = observed.loc[scope, "offered"]
        total = volumes.groupby(key)["volume"].sum()
        np.testing.assert_allclose(total[offered.index], offered, atol=0.02)


def test_heads_sum_to_the_agents_inferred(observed: pd.DataFrame) -> None:
    """Rounding moves a half hour's total by at most half an agent."""
    heads = pd.read_csv(FOLDER / "heads.csv").groupby("interval")["agents"].sum()
    agents = observed.loc["interval", "agents"]
    assert (heads[agents.index] - agents).abs().max() <= 0.505
    assert heads.sum() == pytest.approx(agents.sum(), rel=0.01)


def test_counts_of_the_observed_day_balance(observed: pd.DataFrame) -> None:
    """Offered is served plus abandoned, and the half hours make the day."""
    parts = observed["served"] + observed["abandoned"]
    np.testing.assert_allclose(parts, observed["offered"], atol=0.02)
    for scope in ("interval", "type"):
        offered = observed.loc[scope, "offered"].sum()
        assert offered == pytest.approx(observed.loc["day", "offered"].item(), abs=0.2)


def test_survival_curves_fall_from_one() -> None:
    """Patience curves start at 1, fall, and stay on a coarse grid."""
    for path in sorted((FOLDER / "patience").glob("*.csv")):
        curve = pd.read_csv(path)
        assert len(curve) <= 30
        assert curve.iloc[0].tolist() == [0, 1]
        assert curve["time"].is_monotonic_increasing
        assert (curve["survival"].diff().dropna() <= 0).all()
        assert curve["survival"].iloc[-1] > 0


def test_no_rows_of_the_log_are_packaged() -> None:
    """The folder holds small tables only: no column of the log, no agent."""
    for path in FOLDER.rglob("*.csv"):
        table = pd.read_csv(path)
        assert len(table) <= 24 * 15
        assert not {"agent", "queue", "arrived_at"} & set(table.columns)


def test_scenario_loads(scenario: simcc.Scenario, observed: pd.DataFrame) -> None:
    """The file is valid; every queue is served in every half hour in which calls come."""
    assert len(scenario.contact_types) == len(observed.loc["type"])
    heads = pd.read_csv(FOLDER / "heads.csv").set_index(["interval", "group"])["agents"]
    volumes = pd.read_csv(FOLDER / "volumes.csv")
    for interval, queue, volume in volumes.itertuples(index=False):
        able = [group.name for group in scenario.agent_groups if queue in group.skills]
        assert volume == 0 or heads[interval][able].sum() > 0


def test_simulated_day_resembles_the_observed(
    scenario: simcc.Scenario, observed: pd.DataFrame
) -> None:
    """Volumes, and roughly the abandonment, of 100 simulated days are the observed ones."""
    summary = simcc.simulate(scenario, replications=100, seed=1).summary()
    day = summary[summary["scope"] == "all"].set_index("metric")["estimate"]
    # busyness has a cv of about 0.2 a day: two standard errors of the mean of 100 days are 4 %
    assert day["offered"] == pytest.approx(observed.loc["day", "offered"].item(), rel=0.06)
    assert day["abandonment"] == pytest.approx(observed.loc["day", "abandonment"].item(), abs=0.025)


@needs_log
def test_the_script_makes_the_same_files_again(tmp_path: Path) -> None:
    """Regeneration from the log gives the packaged files, byte for byte."""
    script = ROOT / "scripts" / "make_real_center.py"
    subprocess.run([sys.executable, script, LOG, "--out", tmp_path], check=True, timeout=120)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    packaged = {p.relative_to(FOLDER) for p in FOLDER.rglob("*") if p.is_file()}
    assert set(made) == packaged - {Path("comparison.md")}
    for name in made:
        assert filecmp.cmp(tmp_path / name, FOLDER / name, shallow=False), name


@needs_log
@pytest.mark.skipif(not HALF_HOURS.exists(), reason=f"{HALF_HOURS} is absent")
def test_presence_agrees_with_the_published_half_hours(steps: None) -> None:
    """Agents inferred per half hour are those of the table that comes with the log."""
    from real_center.build import infer
    from real_center.log import EDGES
    from real_center.presence import overlaps

    stretches = infer(LOG, 1).stretches
    agents = pd.DataFrame(overlaps(stretches)).groupby(stretches["day"]).sum()
    table = pd.read_csv(HALF_HOURS, parse_dates=["interval_start"])
    table["day"] = table["interval_start"].dt.normalize()
    seconds = (table["interval_start"] - table["day"]).dt.total_seconds()
    table["slot"] = (seconds - EDGES[0]) // 1800
    published = table.pivot(index="day", columns="slot", values="agents_inferred")
    mean = published.loc[agents.index, agents.columns].mean()
    # agents without a kept queue are not counted here
    assert (agents.mean() - mean).abs().max() < 1.5
    assert agents.to_numpy().sum() == pytest.approx(
        np.nansum(published.loc[agents.index, agents.columns]), rel=0.01
    )


def test_small_sets_are_absorbed_by_similar_ones(steps: None) -> None:
    """A small set ends in the most similar group; the only one with a queue stays."""
    from real_center.groups import absorb

    big, other, near, lone = (frozenset(s) for s in ([1, 2, 3], [4, 5], [1, 2], [9]))
    heads = {big: np.full(24, 5.0), other: np.full(24, 5.0), near: np.full(24, 0.1)}
    heads[lone] = np.full(24, 0.1)
    assert absorb(heads) == {big: big, other: other, near: big, lone: lone}


def test_whole_heads_match_the_totals(steps: None) -> None:
    """Largest remainder keeps each half hour's total; a queue left alone is an error."""
    from real_center.groups import round_heads

    mean = np.array([[1.5, 0.2], [1.4, 0.3], [0.3, 2.5]])
    serves = np.array([[True], [True], [True]])
    heads = round_heads(mean, serves, np.ones((1, 2)))
    assert heads.tolist() == [[2, 0], [1, 0], [0, 3]]
    with pytest.raises(ValueError, match="without an agent"):
        round_heads(mean, np.array([[False], [True], [False]]), np.ones((1, 2)))
