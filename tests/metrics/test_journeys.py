"""Journeys and what is measured of them: by hand on a small day, and against the log."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simcc
from simcc.errors import SimccError
from simcc.result.journeys import journey_table

HOUR = 3600.0
COLUMNS = [
    "replication", "issue", "contact_type", "first_at", "last_left_at", "outcome", "contacts",
    "attempts", "transfers", "times_served", "wait_time", "talk_time", "resolved", "time_to_end",
]  # fmt: skip


def kind(name: str, at: list[float], **fields: Any) -> simcc.ContactType:
    """A type whose contacts come at given instants and talk for 100 s."""
    arrivals = simcc.TraceArrivals(times=at)
    return simcc.ContactType(name=name, **{"arrivals": arrivals, "talk_time": 100, **fields})


def day(**horizon: Any) -> simcc.Scenario:
    """An hour with one agent for voice, one for all else; every contact is known in advance.

    ======  ==========================================================================
    issue
    ======  ==========================================================================
    0       voice at 0 s, served until 100 s
    1       voice at 10 s, gives up at 40 s, again at 160 s, served until 260 s
    2       billing at 1000 s until 1100 s, transferred to voice, served until 1200 s
    3       chat at 2000 s, contained but not helped until 2020 s; voice at 2100 s, served
    4       mail at 2500 s until 2600 s, not resolved; back after the end of the horizon
    5       voice at 3550 s, served until 3650 s, in overtime
    6       voice at 3560 s, gives up at 3590 s; back after the end of the horizon
    ======  ==========================================================================
    """
    return simcc.Scenario(
        horizon=simcc.Horizon(**{"length": HOUR, "interval": 900, **horizon}),
        contact_types=[
            kind("voice", [0, 10, 3550, 3560], patience=30, follow_ups=[
                simcc.FollowUp(when="abandoned", probability=1, delay=120)
            ]),
            kind("billing", [1000], transfers=[simcc.Transfer(to="voice", probability=1)]),
            kind("chat", [2000], bot="helper", follow_ups=[
                simcc.FollowUp(when="falsely_contained", probability=1, delay=80, type="voice")
            ]),
            kind("mail", [2500], resolution=0, follow_ups=[
                simcc.FollowUp(when="unresolved", probability=1, delay=5000)
            ]),
        ],
        bots=[simcc.Bot(name="helper", session_time=20, contained=1, solves=0)],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["voice"], staff=simcc.FixedStaff(agents=1)),
            simcc.AgentGroup(
                name="h", skills=["billing", "chat", "mail"], staff=simcc.FixedStaff(agents=1)
            ),
        ],
    )  # fmt: skip


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    return simcc.simulate(day(), replications=1, seed=1, record="contacts")


def test_every_journey(result: simcc.Result) -> None:
    table = result.journeys()
    assert list(table.columns) == COLUMNS
    assert table["replication"].tolist() == [0] * 7
    assert table["issue"].tolist() == list(range(7))
    expected = {
        "contact_type": ["voice", "voice", "billing", "chat", "mail", "voice", "voice"],
        "first_at": [0, 10, 1000, 2000, 2500, 3550, 3560],
        "last_left_at": [100, 260, 1200, 2200, 2600, 3650, 3590],
        "outcome": ["served"] * 6 + ["abandoned"],
        "contacts": [1, 2, 2, 2, 1, 1, 1],
        "attempts": [1, 2, 1, 2, 1, 1, 1],
        "transfers": [0, 0, 1, 0, 0, 0, 0],
        "times_served": [1, 1, 2, 1, 1, 1, 0],
        "wait_time": [0, 30, 0, 0, 0, 0, 30],
        "talk_time": [100, 100, 200, 100, 100, 100, 0],
        "resolved": [True, True, True, True, False, True, False],
        "time_to_end": [100, 250, 200, 200, 100, 100, 30],
    }
    for name, values in expected.items():
        assert table[name].tolist() == values, name
    assert table["resolved"].dtype == bool


def test_every_metric(result: simcc.Result) -> None:
    """Sums over the whole day, and those by type and interval that are not 0."""
    summary = result.summary().set_index(["scope", "metric"])["estimate"]
    whole = {
        "arrivals": 9,  # the transferred has come in once
        "issues": 7,
        "repeats": 2,
        "transferred_in": 1,
        "served": 7,
        "first_contact_resolution": 3 / 7,  # issues 0, 2 and 5
        "resolution": 5 / 7,
        "repeat_share": 2 / 9,
        "contacts_per_issue": 9 / 7,
        "transfers": 1 / 7,
    }
    for name, value in whole.items():
        assert summary["all", name] == pytest.approx(value), name
    by_type = {
        "issues": {"voice": 4, "billing": 1, "chat": 1, "mail": 1},
        "repeats": {"voice": 2, "billing": 0, "chat": 0, "mail": 0},
        "transferred_in": {"voice": 1, "billing": 0, "chat": 0, "mail": 0},
        # of the type as which the issue came in, whoever resolves it
        "first_contact_resolution": {"voice": 2 / 4, "billing": 1, "chat": 0, "mail": 0},
        "resolution": {"voice": 3 / 4, "billing": 1, "chat": 1, "mail": 0},
        "repeat_share": {"voice": 2 / 6, "billing": 0, "chat": 0, "mail": 0},
    }
    for name, values in by_type.items():
        for k, value in values.items():
            assert summary[f"type:{k}", name] == pytest.approx(value), (name, k)


def test_by_interval(result: simcc.Result) -> None:
    """What an issue comes to belongs to the interval in which it began; 900 s each."""
    table = result.counters("center")
    assert table["issues"].tolist() == [2, 1, 2, 2]
    assert table["resolved_issues"].tolist() == [2, 1, 1, 1]
    assert table["resolved_at_first"].tolist() == [1, 1, 0, 1]
    assert table["repeats"].tolist() == [1, 0, 1, 0]
    assert table["transferred_in"].tolist() == [0, 1, 0, 0]
    assert table["offered_repeat"].tolist() == [1, 0, 1, 0]
    assert table["abandoned_repeat"].tolist() == [0, 0, 0, 0]


def test_warm_up_and_cool_down() -> None:
    """Issues count if they begin in the window, journeys are those of the whole horizon."""
    of = day(warmup=5, cooldown=1000)
    shorter = simcc.simulate(of, replications=1, seed=1, record="contacts")
    summary = shorter.summary().set_index(["scope", "metric"])["estimate"]
    assert summary["all", "issues"] == 4  # 1, 2, 3 and 4
    assert summary["all", "resolution"] == 3 / 4
    assert summary["all", "first_contact_resolution"] == 1 / 4
    assert len(shorter.journeys()) == 7


def simple(
    types: list[simcc.ContactType], replications: int = 1, after: Any = "drain", **more: Any
) -> simcc.Result:
    """An hour with one agent for everything."""
    skills = [one.name for one in types]
    group = simcc.AgentGroup(name="g", skills=skills, staff=simcc.FixedStaff(agents=1))
    horizon = simcc.Horizon(length=HOUR, interval=900, after=after)
    of = simcc.Scenario(horizon=horizon, contact_types=types, agent_groups=[group], **more)
    return simcc.simulate(of, replications=replications, seed=1, record="contacts")


def test_where_the_run_stops() -> None:
    """Who waits has not ended; who talks has a planned end; neither issue is resolved."""
    table = simple([kind("voice", [3550, 3560], resolution=0.5)], after="stop").journeys()
    assert table["outcome"].tolist() == ["served", "waiting"]
    assert table["last_left_at"][0] == 3650
    assert math.isnan(table["last_left_at"][1])
    assert math.isnan(table["time_to_end"][1])
    assert table["resolved"].tolist() == [False, False]
    assert table["wait_time"].tolist() == [0, 0]


def test_in_the_middle_of_a_run(result: simcc.Result) -> None:
    """Contacts that have not come yet are no part of a journey."""
    log = result.contacts()
    log.loc[log["arrived_at"] > 1000, "outcome"] = "not_arrived"
    some = journey_table(log, result.interruptions())
    assert some["issue"].tolist() == [0, 1, 2]
    assert some["contacts"].tolist() == [1, 2, 1]
    assert some["resolved"].tolist() == [True, True, False]


def test_without_follow_ups_every_contact_is_an_issue() -> None:
    voice, chat = kind("voice", [0, 10], patience=30), kind("chat", [5], bot="helper")
    bot = simcc.Bot(name="helper", session_time=20, contained=1)
    result = simple([voice, chat], bots=[bot], replications=2)
    table = result.journeys()
    assert list(table.columns) == COLUMNS
    assert table["replication"].tolist() == [0, 0, 0, 1, 1, 1]
    assert table["issue"].tolist() == [0, 1, 2] * 2
    assert table["outcome"].tolist() == ["served", "contained", "abandoned"] * 2
    assert table["resolved"].tolist() == [True, True, False] * 2
    assert table["contacts"].tolist() == table["attempts"].tolist() == [1] * 6
    assert "first_contact_resolution" not in set(result.summary()["metric"])


def test_nobody_came() -> None:
    table = simple([kind("voice", [], resolution=0.5)]).journeys()
    assert list(table.columns) == COLUMNS
    assert len(table) == 0


def test_journeys_need_the_log() -> None:
    with pytest.raises(SimccError, match='record="contacts"'):
        simcc.simulate(day(), replications=1, seed=1).journeys()


# ---------------------------------------------------------------------- against the log


def busy() -> simcc.Scenario:
    """A center where all of it happens by chance."""
    follow_ups = [
        simcc.FollowUp(when=["abandoned", "blocked"], probability=[0.7, 0.4], delay="5min"),
        simcc.FollowUp(when="served", probability=0.2, delay=simcc.Exponential(mean="20min")),
        simcc.FollowUp(when="unresolved", probability=0.5, delay="10min", type="mail"),
        simcc.FollowUp(when="falsely_contained", probability=0.8, delay="15min"),
    ]
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=80),
        talk_time=simcc.Exponential(mean="4min"),
        patience=simcc.Exponential(mean="2min"),
        bot="helper",
        resolution=0.7,
        transfers=[simcc.Transfer(to="mail", probability=0.2)],
        follow_ups=follow_ups,
    )
    mail = simcc.ContactType(
        name="mail",
        arrivals=simcc.PoissonArrivals(rate_per_hour=10),
        talk_time=simcc.Exponential(mean="3min"),
        resolution=0.9,
    )
    staff = simcc.FixedStaff(agents=5)
    return simcc.Scenario(
        horizon=simcc.Horizon(length="4h"),
        contact_types=[voice, mail],
        bots=[simcc.Bot(name="helper", session_time=60, contained=0.3, solves=0.6)],
        agent_groups=[simcc.AgentGroup(name="g", skills=["voice", "mail"], staff=staff)],
    )


@pytest.fixture(scope="module")
def many() -> simcc.Result:
    return simcc.simulate(busy(), replications=6, seed=3, record="contacts")


def estimates(result: simcc.Result, scope: str = "all") -> pd.Series:
    summary = result.summary()
    return summary[summary["scope"] == scope].set_index("metric")["estimate"]


def test_metrics_are_sums_of_the_log(many: simcc.Result) -> None:
    log, found = many.contacts(), estimates(many)
    done = (log["resolved"] == 1) & (log["followed_by"] == "nothing")
    at_once = done & (log["attempt"] == 1)
    assert (log["arrived_at"] >= 4 * HOUR).any()  # handed over after closing: in the last interval
    legs, back = log["leg"] > 1, (log["leg"] == 1) & (log["attempt"] > 1)
    served = log["outcome"] == "served"
    first = (log["leg"] == 1) & (log["attempt"] == 1)
    assert min(legs.sum(), back.sum()) > 50
    assert found["transfers"] == pytest.approx(legs.sum() / served.sum())
    assert found["contacts_per_issue"] == pytest.approx((~legs).sum() / first.sum())
    assert found["repeat_share"] == pytest.approx(back.sum() / (~legs).sum())
    assert found["resolution"] == pytest.approx(done.sum() / first.sum())
    assert found["first_contact_resolution"] == pytest.approx(at_once.sum() / first.sum())
    assert 0.3 < found["first_contact_resolution"] < found["resolution"] < 1


def test_journeys_say_the_same_as_the_metrics(many: simcc.Result) -> None:
    """Also of those who would come back after the end, resolved or not."""
    log, table = many.contacts(), many.journeys()
    late = (log["followed_by"] == "return_after_end") & (log["resolved"] == 1)
    assert late.sum() > 3
    assert table.groupby("replication").size().tolist() == [
        log[log["replication"] == r]["issue"].nunique() for r in range(6)
    ]
    found = estimates(many)
    assert table["resolved"].mean() == pytest.approx(found["resolution"])
    at_once = table["resolved"] & (table["attempts"] == 1)
    assert at_once.mean() == pytest.approx(found["first_contact_resolution"])
    for name in ("voice", "mail"):
        mine = table["contact_type"] == name
        expected = estimates(many, f"type:{name}")["resolution"]
        assert table["resolved"][mine].mean() == pytest.approx(expected)
    assert table["contacts"].sum() == len(log)
    assert table["transfers"].sum() == (log["leg"] > 1).sum()
    assert table["times_served"].sum() == (log["outcome"] == "served").sum()
    assert (table["contacts"] == table["attempts"] + table["transfers"]).all()
    assert (table["time_to_end"] >= table["talk_time"] + table["wait_time"] - 1e-6).all()
    talk = (log["left_at"] - log["answered_at"]).sum()
    assert table["talk_time"].sum() == pytest.approx(talk)


def test_one_issue_row_by_row(many: simcc.Result) -> None:
    """The longest journey, followed through the log by its links."""
    table, log = many.journeys(), many.contacts()
    longest = table.loc[table["contacts"].idxmax()]
    mine = log[(log["replication"] == longest["replication"]) & (log["issue"] == longest["issue"])]
    mine = mine.sort_values("arrived_at")
    assert len(mine) == longest["contacts"] > 4
    assert mine["followed_by"].tolist()[:-1] == [
        "transfer" if leg > 1 else "return" for leg in mine["leg"][1:]
    ]
    left, came = mine["left_at"].to_numpy(), mine["arrived_at"].to_numpy()
    handed_over = mine["followed_by"].to_numpy()[:-1] == "transfer"
    assert (came[1:] >= left[:-1]).all()
    np.testing.assert_array_equal((came[1:] == left[:-1]), handed_over)
    assert longest["first_at"] == came[0]
    assert longest["last_left_at"] == left[-1]
    assert longest["outcome"] == mine["outcome"].iloc[-1]
