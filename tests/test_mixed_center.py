"""The packaged mixed center: what comes out follows, by hand, from what its files say."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import simcc

DAYS = 60
DAY = 36_000.0  # s
CALL_WORK = 280 * 1.1 + 40  # s: talk after a hand-over, and after-call work
CHAT_WORK = 420 * 1.1 + 30
SIGMAS = 4.5


@pytest.fixture(scope="module")
def center() -> simcc.Scenario:
    folder = files("simcc") / "examples" / "mixed_center"
    return simcc.load(folder / "mixed_center.toml")


@pytest.fixture(scope="module")
def summary(center: simcc.Scenario) -> pd.DataFrame:
    """Metrics of some days, by scope and metric."""
    result = simcc.simulate(center, replications=DAYS, seed=1, workers=2)
    return result.summary().set_index(["scope", "metric"])


def agrees(row: pd.Series, expected: float) -> bool:
    """Whether an estimate is within a few of its standard errors of what it should be."""
    return abs(row["estimate"] - expected) < SIGMAS * row["std_error"]


@pytest.mark.parametrize(
    ("kind", "metric", "expected"),
    [
        ("chat", "arrivals", 1000),
        ("chat", "contained", 650),
        ("chat", "containment", 0.65),
        ("chat", "escalated", 350),
        ("chat", "bot_resolution", 0.55),
        ("chat", "deflection", 0.55),
        ("chat", "bounce_back", 100 / 650),
        ("call", "arrivals", 1000),
        ("call", "containment", 0.22),
        ("call", "escalated", 750),
        ("call", "gave_up", 30),
        ("call", "bot_resolution", 0.22 * 0.86),
        ("call", "bounce_back", 0.14 * 0.8),
        ("email", "offered", 240),
    ],
)
def test_contacts_split_as_written(
    summary: pd.DataFrame, kind: str, metric: str, expected: float
) -> None:
    """Of 1,000 chats 550 are solved, 350 are handed over and 100 bounce back."""
    assert agrees(summary.loc[(f"type:{kind}", metric)], expected)


def test_bot_sessions_are_those_of_an_infinite_server(summary: pd.DataFrame) -> None:
    """Load of the bot: 2 min or 90 s a chat, 1 min or 45 s a call, 3 s of latency each.

    All but the sessions that reach beyond the end: less than two minutes' arrivals.
    """
    chats = 0.65 * 120 + 0.35 * 90 + 3
    calls = 0.25 * 60 + 0.75 * 45 + 3
    load = (1000 * chats + 1000 * calls) / DAY
    row = summary.loc[("bot:assistant", "bot_busy")]
    beyond = 0.005 * load
    assert load - beyond - SIGMAS * row["std_error"] < row["estimate"]
    assert row["estimate"] < load + SIGMAS * row["std_error"]


def test_people_have_the_work_of_those_they_serve(summary: pd.DataFrame) -> None:
    """Handle times: between that of the phone group and that of the second line, 10 % faster."""
    row = summary.loc[("type:call", "aht")]
    assert CALL_WORK / 1.1 < row["estimate"] < CALL_WORK + SIGMAS * row["std_error"]
    busy = summary.loc[("type:call", "mean_busy"), "estimate"]
    served = summary.loc[("type:call", "served"), "estimate"]
    assert busy == pytest.approx(served * row["estimate"] / DAY, rel=0.01)
    # three chats at a time take longer: at most the work at 0.65 of the speed
    chat = summary.loc[("type:chat", "aht")]
    assert CHAT_WORK < chat["estimate"] < CHAT_WORK / 0.65


def test_service_is_neither_perfect_nor_hopeless(summary: pd.DataFrame) -> None:
    estimate = summary["estimate"]
    assert 0.7 < estimate["type:call", "service_level_20s_offered"] < 0.95
    assert 0.7 < estimate["type:chat", "service_level_60s_offered"] < 0.99
    assert 0.7 < estimate["type:email", "on_time"] < 0.99
    assert 0.75 < estimate["all", "occupancy"] < 0.9
    assert 0.01 < estimate["type:call", "abandonment"] < 0.1


def test_every_part_of_the_scenario_is_at_work(summary: pd.DataFrame) -> None:
    """Callbacks, interruptions, transfers, complaints and costs happen every day."""
    for scope, metric in [
        ("type:call", "callbacks"),
        ("type:email", "interruptions"),
        ("type:billing", "transferred_in"),
        ("type:complaint", "complaints"),
        ("bot:assistant", "bot_cost"),
        ("group:second line", "staff_cost"),
    ]:
        assert summary.loc[(scope, metric), "low"] > 1, (scope, metric)
    assert summary.loc[("group:chat", "concurrency"), "estimate"] > 1.3


def test_with_plenty_of_people_the_load_is_that_of_thinned_arrivals(
    center: simcc.Scenario,
) -> None:
    """Nobody waits: 0.75 of the calls and 0.35 of the chats, each with its own work.

    Chats are taken one at a time here, and 6 and 4 % of the two are handed to billing, as are 8 %
    of those who call again.
    """
    plenty = simcc.FixedStaff(agents=80)
    phone, chat, second = center.agent_groups
    groups = [
        phone.replace(staff=plenty),
        chat.replace(staff=plenty, concurrency=None),
        second.replace(staff=plenty),
    ]
    result = simcc.simulate(center.replace(agent_groups=groups), replications=DAYS, seed=2)
    counts = result.counters("type").groupby(["type", "replication"]).sum(numeric_only=True)
    work = (counts["talk_sum"] + counts["wrap_sum"]) / DAY
    assert (counts["wait_served_sum"] == 0).all()
    assert near(work["call"], 750 * CALL_WORK / DAY)
    assert near(work["chat"], 350 * CHAT_WORK / DAY)
    served = counts["served"]
    handed = 0.06 * served["call"] + 0.08 * served["call again"] + 0.04 * served["chat"]
    assert near(counts["transferred_in"]["billing"] - handed, 0.0)


def near(days: pd.Series, expected: float) -> bool:
    return bool(abs(days.mean() - expected) < SIGMAS * days.std(ddof=1) / np.sqrt(len(days)))
