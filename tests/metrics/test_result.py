"""Tables, files and plots of a result."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import made_up
import numpy as np
import pandas as pd
import pytest

import simcc
from simcc.errors import OutputError, SimccError
from simcc.log import AGENT_SCHEMA
from simcc.metrics import catalogue
from simcc.result import output_folder

COLUMNS = ["scope", "metric", "estimate", "low", "high", "std_error", "unit"]


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    of = made_up.scenario(
        2,
        2,
        bot=True,
        name="<made & up>",
        targets=[
            simcc.Target(share=0.5, within=20),
            simcc.Target(share=0.9, within=20, type="t1"),
        ],
        horizon={"length": 86400, "interval": 3600, "time_zone": "Europe/Amsterdam"},
    )
    return made_up.result(of, 12, n=600, keep=True)


def value(table: pd.DataFrame, scope: str, metric: str) -> pd.Series:
    found = table[(table["scope"] == scope) & (table["metric"] == metric)]
    assert len(found) == 1
    return found.iloc[0]


def test_summary_has_every_metric_of_every_scope(result: simcc.Result) -> None:
    summary = result.summary()
    assert list(summary.columns) == COLUMNS
    assert not summary.duplicated(["scope", "metric"]).any()
    scopes = {"all", "type:t0", "type:t1", "group:g0", "group:g1", "bot:helper"}
    assert set(summary["scope"]) == scopes
    expected = [m.name for m in catalogue(result.scenario) if "all" in m.scopes]
    assert summary[summary["scope"] == "all"]["metric"].tolist() == expected
    assert "probability_day_meets_0.9_in_20s_offered" in set(
        summary[summary["scope"] == "type:t1"]["metric"]
    )


def test_estimates_lie_within_their_intervals(result: simcc.Result) -> None:
    for table in (result.summary(), result.intervals()):
        known = table.dropna(subset=["low", "high"])
        assert (known["low"] <= known["estimate"] + 1e-9).all()
        assert (known["estimate"] <= known["high"] + 1e-9).all()
        shares = known[known["unit"] == "share"]
        assert shares["low"].min() >= 0
        assert shares["high"].max() <= 1


def test_a_ratio_is_the_ratio_of_the_counters(result: simcc.Result) -> None:
    sums = result.counters("type").groupby("type")[["served_le_20", "offered"]].sum()
    found = value(result.summary(), "type:t1", "service_level_20s_offered")
    assert found["estimate"] == pytest.approx(
        sums.loc["t1", "served_le_20"] / sums.loc["t1", "offered"]
    )
    groups = result.counters("group")[["busy_time", "present_time"]].sum()
    found = value(result.summary(), "all", "occupancy")
    assert found["estimate"] == pytest.approx(groups["busy_time"] / groups["present_time"])


def test_wider_level_gives_wider_intervals(result: simcc.Result) -> None:
    narrow, wide = result.summary(level=0.8), result.summary(level=0.99)
    for scope, metric in (("all", "asa"), ("all", "wait_p90"), ("group:g0", "occupancy")):
        one, other = value(narrow, scope, metric), value(wide, scope, metric)
        assert other["high"] - other["low"] > one["high"] - one["low"]


def test_quantiles_follow_the_contacts(result: simcc.Result) -> None:
    contacts = result.contacts()
    served = contacts[contacts["outcome"] == "served"]
    waits = served["answered_at"] - served["offered_at"]
    found = value(result.summary(), "all", "wait_served_p90")
    assert found["estimate"] == pytest.approx(np.quantile(waits, 0.9), rel=0.03)


def test_intervals_are_in_local_time(result: simcc.Result) -> None:
    table = result.intervals()
    assert set(COLUMNS) < set(table.columns)
    assert str(table["interval_start"].dt.tz) == "Europe/Amsterdam"
    offered = table[(table["scope"] == "all") & (table["metric"] == "offered")]
    assert len(offered) == 24
    assert offered["estimate"].sum() == pytest.approx(
        value(result.summary(), "all", "offered")["estimate"]
    )


@pytest.mark.parametrize("level", ["center", "type", "group", "bot", "pair"])
def test_counter_tables_are_tidy(result: simcc.Result, level: str) -> None:
    table = result.counters(level)
    keys = [name for name in ("type", "group", "bot") if name in table]
    assert not table.duplicated(["replication", "interval", *keys]).any()
    assert table["replication"].nunique() == 12
    assert not table.isna().any().any()


def test_unknown_counter_level_is_named(result: simcc.Result) -> None:
    with pytest.raises(ValueError, match=r"'agent'.*pair"):
        result.counters("agent")


def test_intervals_of_one_scope_and_metric(result: simcc.Result) -> None:
    table = result.intervals()
    for scope in ("all", "type:t1", "bot:helper"):
        some = result.intervals(scope=scope, metrics=["offered", "contained", "wait_p90"])
        chosen = table["metric"].isin(["offered", "contained", "wait_p90"])
        whole = table[(table["scope"] == scope) & chosen]
        assert len(some) == len(whole) > 0
        pd.testing.assert_frame_equal(
            some.astype({"scope": str, "metric": str, "unit": str}),
            whole.astype({"scope": str, "metric": str, "unit": str}).reset_index(drop=True),
        )
    assert result.intervals(scope="type:nobody").empty
    assert result.intervals(scope="nobody").empty


def test_interval_rows_are_those_of_their_scope(result: simcc.Result) -> None:
    """Each scope's figures come from its own counters, interval by interval."""
    counters = result.counters("type")
    means = counters.groupby(["type", "interval_start"])["served"].mean()
    for name in ("t0", "t1"):
        table = result.intervals(scope=f"type:{name}", metrics=["served"])
        found = table.set_index("interval_start")["estimate"]
        np.testing.assert_allclose(found, means.loc[name].reindex(found.index))


def test_an_interval_table_of_a_year_is_small() -> None:
    """A row takes 8 bytes for each of five numbers and a few for its three words."""
    horizon = {"length": "365d", "interval": "30min"}
    found = made_up.result(made_up.scenario(1, 1, horizon=horizon), 1, n=10)
    table = found.intervals()
    assert len(table) > 500_000
    assert table.memory_usage(deep=True).sum() < 45 * len(table)


def test_contacts_have_names(result: simcc.Result) -> None:
    table = result.contacts()
    assert len(table) == 12 * 600
    log = result.contact_logs[0]
    first = table[table["replication"] == 0]
    names = [f"agent-{a}" if a >= 0 else np.nan for a in log.agent]
    assert first["agent"].astype(object).tolist() == pytest.approx(names, nan_ok=True)
    assert first["agent"].dtype == "category"
    assert set(table["contact_type"]) == {"t0", "t1"}
    assert set(table["group"].dropna()) == {"g0", "g1"}
    assert {"served", "abandoned", "contained"} < set(table["outcome"])


def test_agents_add_up_to_their_group(result: simcc.Result) -> None:
    table = result.agents()
    assert len(table) == 12 * 10
    groups = result.counters("group").groupby("group")[["busy_time", "paid_time"]].sum()
    own = table.groupby("group")[["busy_time", "paid_time"]].sum()
    np.testing.assert_allclose(own, groups)


def test_agents_of_the_same_name_keep_it() -> None:
    of = made_up.scenario(1, 1)
    log = made_up.contact_log(of, 50, 1)
    found = simcc.Result(
        of, made_up.result(of, 1).sums, seed=1, contact_logs=[log], agents=[("same", "g0")] * 5
    )
    agent = found.contacts()["agent"]
    assert (agent == "same").tolist() == (log.agent >= 0).tolist()


def test_agent_events_have_names(result: simcc.Result) -> None:
    table = result.agent_events()
    assert list(table.columns) == ["replication", *(column.name for column in AGENT_SCHEMA)]
    assert set(table["group"]) == {"g0", "g1"}
    assert set(table["reason"]) == {"shift_start", "shift_end", "left"}
    starts = table[table["reason"] == "shift_start"]
    assert starts.groupby("replication")["agent"].nunique().tolist() == [10] * 12
    present = table.groupby("agent", observed=True)["present_delta"].sum()
    assert present.between(0, 12).all()


def test_agent_events_without_an_agent_in_particular() -> None:
    of = made_up.scenario(1, 1)
    log = made_up.agent_log(of, 1, 7200.0)
    nobody = dataclasses.replace(log, agent=np.full(log.n, -1, dtype=np.int32))
    found = simcc.Result(of, made_up.result(of, 1).sums, seed=1, agent_logs=[nobody])
    assert found.agent_events()["agent"].isna().all()


def test_what_was_not_recorded_is_said() -> None:
    bare = made_up.result(made_up.scenario(), 2)
    for table in (bare.contacts, bare.agents, bare.agent_events):
        with pytest.raises(SimccError, match='record="contacts"'):
            table()


def test_one_replication_has_no_intervals() -> None:
    one = made_up.result(made_up.scenario(), 1)
    assert one.summary()[["low", "high", "std_error"]].isna().all().all()
    assert one.intervals()[["low", "high", "std_error"]].isna().all().all()
    assert one.summary()["estimate"].notna().any()
    assert "NaN" not in one._repr_html_()


def test_html_is_short_and_escaped(result: simcc.Result) -> None:
    text = result._repr_html_()
    assert "&lt;made &amp; up&gt;" in text
    assert "<made" not in text
    assert "<script" not in text
    assert len(text) < 5000
    assert repr(result) == "<Result of '<made & up>': 12 replications, seed 1>"


def test_print_shows_figures_and_targets(result: simcc.Result) -> None:
    lines = str(result).splitlines()
    assert len(lines) < 30
    assert max(map(len, lines)) < 120
    (offered,) = (line for line in lines if line.startswith("offered"))
    found = value(result.summary(), "all", "offered")
    assert offered.split()[1:4] == [f"{found[name]:.1f}" for name in ("estimate", "low")] + [".."]
    (reached,) = (line for line in lines if line.startswith("t1: 90 % within 20 s, of the offered"))
    level = value(result.summary(), "type:t1", "service_level_20s_offered")["estimate"]
    days = value(result.summary(), "type:t1", "probability_day_meets_0.9_in_20s_offered")
    figures = reached.removeprefix("t1: 90 % within 20 s, of the offered").split()
    assert figures[0] == f"{100 * level:.1f}"
    assert figures[4] == f"{100 * days['estimate']:.1f}"


def test_names_cannot_break_the_printed_table() -> None:
    of = made_up.scenario(1, 1, name="a  b", targets=[simcc.Target(share=0.123456, within=0.5)])
    text = str(made_up.result(of, 1))
    assert "12.3456 % within 0.5 s" in text
    assert " .. " not in text  # one replication: no intervals


def test_save_writes_everything(result: simcc.Result, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "new" / "results")
    names = {path.name for path in folder.iterdir()}
    tables = {f"{name}.{kind}" for name in ("summary", "intervals") for kind in ("csv", "parquet")}
    recorded = {"contacts.parquet", "agents.parquet", "agent_events.parquet"}
    assert names == tables | recorded | {"day.png", "scenario.json", "run.json"}
    pd.testing.assert_frame_equal(
        pd.read_parquet(folder / "intervals.parquet"), result.intervals(), check_dtype=False
    )
    text = pd.read_csv(folder / "intervals.csv")
    instants = pd.to_datetime(text["interval_start"], format="ISO8601")
    assert (instants == result.intervals()["interval_start"]).all()
    assert text["interval_start"].nunique() == 24
    contacts = pd.read_parquet(folder / "contacts.parquet")
    pd.testing.assert_frame_equal(contacts, result.contacts(), check_categorical=False)
    pd.testing.assert_frame_equal(pd.read_parquet(folder / "summary.parquet"), result.summary())
    pd.testing.assert_frame_equal(
        pd.read_csv(folder / "summary.csv"), result.summary(), check_dtype=False
    )


def test_save_refuses_a_folder_in_use(result: simcc.Result, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(OutputError, match="not empty"):
        result.save(tmp_path)
    with pytest.raises(OutputError, match="is a file"):
        result.save(tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_failed_write_leaves_nothing(
    result: simcc.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: pd.DataFrame, path: Path, **_: object) -> None:
        Path(path).write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fail)
    with pytest.raises(OutputError, match="No space left"):
        result.save(tmp_path / "results")
    assert not (tmp_path / "results").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(OutputError, match="No space left"):
        result.save(tmp_path / "mine")
    assert not list((tmp_path / "mine").iterdir())


def test_a_folder_with_a_file_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with pytest.raises(KeyError), output_folder(folder):
        raise KeyError((folder / "file").write_text("mine"))
    assert [path.name for path in folder.iterdir()] == ["file"]


def test_every_day_of_every_replication_is_a_day() -> None:
    of = made_up.scenario(
        2,
        1,
        horizon={"length": 3 * 86400, "interval": 7200},
        targets=[simcc.Target(share=0.24, within=20)],
    )
    found = made_up.result(of, 8, n=400, keep=True)
    contacts = found.contacts()
    contacts = contacts[
        contacts["outcome"].isin(["served", "abandoned", "balked", "blocked", "waiting"])
    ]
    wait = contacts["answered_at"] - contacts["offered_at"]
    day = contacts["arrived_at"] // 86400
    daily = (wait <= 20).groupby([contacts["replication"], day]).mean()
    summary = found.summary()
    meets = value(summary, "all", "probability_day_meets_0.24_in_20s_offered")
    assert meets["estimate"] == pytest.approx((daily >= 0.24).mean())
    assert 0 < meets["estimate"] < 1
    median = value(summary, "all", "day_p50_service_level_20s_offered")["estimate"]
    assert median == pytest.approx(daily.quantile(0.5, interpolation="lower"))
