"""The packaged scenario of a real center: its tables agree, load, and can be made again."""

from __future__ import annotations

import filecmp
import os
import re
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
    """What the center did: metrics as columns, by scope and interval ("" for the whole day)."""
    table = pd.read_csv(FOLDER / "observed.csv").fillna({"interval": ""})
    return table.pivot(index=["scope", "interval"], columns="metric", values="observed")


def half_hours(observed: pd.DataFrame) -> pd.DataFrame:
    return observed.loc["all"].drop("")


def queues(observed: pd.DataFrame) -> pd.DataFrame:
    whole = observed.xs("", level="interval").drop("all")
    return whole.rename(index=lambda scope: scope.removeprefix("type:"))


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
    for table, key in ((half_hours(observed), "interval"), (queues(observed), "type")):
        offered = table["offered"]
        total = volumes.groupby(key)["volume"].sum()
        np.testing.assert_allclose(total[offered.index], offered, atol=0.02)


def test_heads_sum_to_the_agents_inferred(observed: pd.DataFrame) -> None:
    """Rounding moves a half hour's total by at most half an agent."""
    heads = pd.read_csv(FOLDER / "heads.csv").groupby("interval")["agents"].sum()
    agents = half_hours(observed)["staffed"]
    assert (heads[agents.index] - agents).abs().max() <= 0.505
    assert heads.sum() == pytest.approx(agents.sum(), rel=0.01)


def test_counts_of_the_observed_day_balance(observed: pd.DataFrame) -> None:
    """Offered is served plus abandoned, and the half hours make the day."""
    parts = observed["served"] + observed["abandoned"]
    np.testing.assert_allclose(parts, observed["offered"], atol=0.02)
    for table in (half_hours(observed), queues(observed)):
        assert table["offered"].sum() == pytest.approx(
            observed.loc[("all", ""), "offered"], abs=0.2
        )


def test_observed_figures_are_named_as_the_simulated_ones(
    scenario: simcc.Scenario, observed: pd.DataFrame
) -> None:
    """Scopes, metrics and half hours are those of the tables that simcc makes."""
    metrics = {metric.name for metric in simcc.metrics.catalogue(scenario)}
    assert set(observed.columns) <= metrics
    names = {f"type:{one.name}" for one in scenario.contact_types}
    assert set(observed.index.get_level_values("scope")) == {"all"} | names
    starts = scenario.horizon.timestamps().strftime("%H:%M")
    assert half_hours(observed).index.tolist() == starts.tolist()


def test_observed_figures_lie_within_their_intervals() -> None:
    table = pd.read_csv(FOLDER / "observed.csv")
    assert (table["low"].fillna(0) <= table["observed"]).all()
    assert (table["observed"] <= table["high"].fillna(np.inf)).all()
    shares = table["metric"].str.contains("service_level|abandonment|probability")
    assert table.loc[shares, "high"].max() <= 1
    assert table["low"].min() >= 0


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
        assert len(table) <= 24 * 15 + 1
        assert not {"agent", "queue", "arrived_at"} & set(table.columns)


def test_scenario_loads(scenario: simcc.Scenario, observed: pd.DataFrame) -> None:
    """The file is valid; every queue is served in every half hour in which calls come."""
    assert len(scenario.contact_types) == len(queues(observed))
    heads = pd.read_csv(FOLDER / "heads.csv").set_index(["interval", "group"])["agents"]
    volumes = pd.read_csv(FOLDER / "volumes.csv")
    for interval, queue, volume in volumes.itertuples(index=False):
        able = [group.name for group in scenario.agent_groups if queue in group.skills]
        assert volume == 0 or heads[interval][able].sum() > 0


def test_simulated_day_resembles_the_observed(
    scenario: simcc.Scenario, observed: pd.DataFrame
) -> None:
    """The simulated volume is the observed one; so is service, as far as 20 days can tell it."""
    summary = simcc.simulate(scenario, replications=100, seed=1, workers=2).summary()
    day = summary[summary["scope"] == "all"].set_index("metric")
    offered = day.loc["offered"]
    seen = observed.loc[("all", "")]
    assert abs(offered["estimate"] - seen["offered"]) < 4 * offered["std_error"]
    assert offered["std_error"] < 0.02 * seen["offered"]
    table = pd.read_csv(FOLDER / "observed.csv")
    table = table[(table["scope"] == "all") & table["interval"].isna()].set_index("metric")
    for metric in ("abandonment", "service_level_20s_offered", "service_level_60s_offered", "asa"):
        assert table.loc[metric, "low"] < day.loc[metric, "high"], metric
        assert day.loc[metric, "low"] < table.loc[metric, "high"], metric


def test_the_short_comparison_agrees_with_the_long_one() -> None:
    """The shares that `simcc demo` states are those of comparison.md and of the observed day."""
    stated = re.findall(r"\d+\.\d%", (FOLDER / "differences.txt").read_text())
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in (FOLDER / "comparison.md").read_text().splitlines()
        if line.startswith(("| observed |", "| simulated, each day"))
    ]
    observed, own, _ = rows  # the last is of the table of how days differ
    assert stated == [own[3], observed[3]]
    cv = simcc.load(FOLDER / "real_center.toml").contact_types[0].arrivals.busyness.cv
    assert f"(cv {cv})" in (FOLDER / "differences.txt").read_text()


@needs_log
def test_the_script_makes_the_same_files_again(tmp_path: Path) -> None:
    """Regeneration from the log gives the packaged files, byte for byte."""
    script = ROOT / "scripts" / "make_real_center.py"
    path = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, script, LOG, "--out", tmp_path]
    subprocess.run(command, check=True, timeout=120, env=path)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    packaged = {p.relative_to(FOLDER) for p in FOLDER.rglob("*") if p.is_file()}
    assert set(made) == packaged - {Path("comparison.md"), Path("differences.txt")}
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
