"""The event log: by hand on small days, and against the contact log."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any
from unittest.mock import ANY

import pandas as pd
import pytest
from event_days import HOUR, bot, busy, group, kind, simulated

import simcc
from simcc.errors import SimccError
from simcc.result.events import ACTIVITIES

COLUMNS = [
    "case", "activity", "timestamp", "resource", "replication", "issue", "contact", "contact_type",
    "queue_type", "group", "attempt", "leg",
]  # fmt: skip
Row = tuple[str, str, float, str | None, int]


def rows(result: simcc.Result) -> list[Row]:
    """Case, activity, seconds from the start, resource and contact of every event."""
    table = result.event_log()
    start = result.scenario.horizon.times([0.0])[0]
    seconds = (table["timestamp"] - start).dt.total_seconds()
    resource = table["resource"].astype(object).where(table["resource"].notna(), None)
    columns = (table["case"], table["activity"], seconds, resource, table["contact"])
    return list(zip(*columns, strict=True))


# ---------------------------------------------------------------------- by hand


def test_a_contact_handed_over_by_a_bot() -> None:
    """It waits for the agent, who is busy with a call, after-call work included."""
    result = simulated(
        kind("chat", [0], bot="helper"),
        kind("voice", [10], after_call_work=30),
        group("g", "voice"),
        group("h", "chat"),
        bot("helper", escalate_to="voice"),
    )
    assert rows(result) == [
        ("0-0", "arrived", 0, None, 0),
        ("0-0", "bot session started", 0, "helper", 0),
        ("0-0", "bot session ended", 20, "helper", 0),
        ("0-0", "escalated", 20, "helper", 0),
        ("0-0", "joined queue", 20, None, 0),
        ("0-0", "answered", 140, "g 1", 0),
        ("0-0", "talk ended", 240, "g 1", 0),
        ("0-0", "after-call work ended", 270, "g 1", 0),
        ("0-1", "arrived", 10, None, 1),
        ("0-1", "answered", 10, "g 1", 1),
        ("0-1", "talk ended", 110, "g 1", 1),
        ("0-1", "after-call work ended", 140, "g 1", 1),
    ]
    table = result.event_log()
    assert list(table.columns) == COLUMNS
    assert set(table["contact_type"][:8]) == {"chat"}
    assert set(table["queue_type"]) == {"voice"}
    assert table["group"].tolist()[4:8] == pytest.approx([math.nan, "g", "g", "g"], nan_ok=True)


def test_ends_in_a_bot() -> None:
    kinds = [kind(name, [0], bot=name) for name in ("helps", "loses")]
    full = kind("full", [0, 10], bot="full")
    bots = [
        bot("helps", contained=1),
        bot("loses", gives_up=1),
        bot("full", sessions=1, when_full="lost", contained=1),
    ]
    result = simulated(*kinds, full, *bots, group("g", "helps", "loses", "full"))
    found = [(activity, at, who) for _, activity, at, who, _ in rows(result)]
    session = [("arrived", 0, None), ("bot session started", 0), ("bot session ended", 20)]
    ends = {"helps": "contained", "loses": "gave up in bot", "full": "contained"}
    expected: list[Any] = []
    for name, end in ends.items():
        expected += [session[0], *((*one, name) for one in session[1:]), (end, 20, name)]
    assert found == [*expected, ("arrived", 10, None), ("lost at bot", 10, "full")]


def test_a_redial() -> None:
    again = simcc.FollowUp(when="abandoned", probability=1, delay=120)
    result = simulated(kind("voice", [0, 10], patience=30, follow_ups=[again]), group("g", "voice"))
    assert rows(result)[3:] == [
        ("0-1", "arrived", 10, None, 1),
        ("0-1", "joined queue", 10, None, 1),
        ("0-1", "abandoned", 40, None, 1),
        ("0-1", "arrived", 160, None, 2),
        ("0-1", "answered", 160, "g 1", 2),
        ("0-1", "talk ended", 260, "g 1", 2),
    ]
    assert result.event_log()["attempt"].tolist()[3:] == [1, 1, 1, 2, 2, 2]


def test_a_transfer() -> None:
    """The next leg does not arrive: it has come in already. The first agent still has work."""
    result = simulated(
        kind(
            "billing",
            [0],
            after_call_work=30,
            transfers=[simcc.Transfer(to="voice", probability=1)],
        ),
        kind("voice", [50]),
        group("g", "billing"),
        group("h", "voice"),
    )
    assert rows(result)[:8] == [
        ("0-0", "arrived", 0, None, 0),
        ("0-0", "answered", 0, "g 1", 0),
        ("0-0", "talk ended", 100, "g 1", 0),
        ("0-0", "transferred", 100, "g 1", 0),
        ("0-0", "joined queue", 100, None, 2),
        ("0-0", "after-call work ended", 130, "g 1", 0),
        ("0-0", "answered", 150, "h 1", 2),
        ("0-0", "talk ended", 250, "h 1", 2),
    ]
    table = result.event_log()[:8]
    assert table["leg"].tolist() == [1, 1, 1, 1, 2, 1, 2, 2]
    assert table["contact_type"].tolist() == ["billing" if leg == 1 else "voice"
                                              for leg in table["leg"]]  # fmt: skip


def test_a_callback() -> None:
    voice = kind("voice", [0, 10], callback=simcc.Callback(accepts=1))
    assert rows(simulated(voice, group("g", "voice")))[3:] == [
        ("0-1", "arrived", 10, None, 1),
        ("0-1", "asked for callback", 10, None, 1),
        ("0-1", "called back", 100, "g 1", 1),
        ("0-1", "talk ended", 200, "g 1", 1),
    ]


def test_who_does_not_wait() -> None:
    balks, full = kind("balks", [10], balking=1), kind("full", [20], queue_capacity=0)
    result = simulated(kind("voice", [0]), balks, full, group("g", "voice", "balks", "full"))
    assert rows(result)[3:] == [
        ("0-1", "arrived", 10, None, 1),
        ("0-1", "balked", 10, None, 1),
        ("0-2", "arrived", 20, None, 2),
        ("0-2", "blocked", 20, None, 2),
    ]


def test_what_the_run_did_not_see_is_left_out() -> None:
    """Each contact is caught at another stage; what would be next lies at or after the end."""
    stages = {
        "done": kind("done", [0]),
        "due": kind("due", [HOUR - 100]),  # what is due at the very end does not happen
        "after": kind("after", [HOUR - 120], after_call_work=30),
        "talks": kind("talks", [HOUR - 50]),
        "waits": kind("waits", [HOUR - 40]),
        "in bot": kind("in bot", [HOUR - 10], bot="helper"),
        "asked": kind("asked", [HOUR - 5], callback=simcc.Callback(accepts=1)),
    }
    groups = [group(name, name) for name in stages if name not in ("waits", "asked")]
    shared = group("shared", "holds", "waits", "asked")
    holds = kind("holds", [HOUR - 90])
    parts = [*stages.values(), holds, *groups, shared, bot("helper")]
    result = simulated(*parts, horizon={"after": "stop"})
    table = result.event_log()
    found = {
        str(name): own["activity"].tolist()
        for name, own in table.groupby("contact_type", observed=True)
    }
    assert found == {
        "done": ["arrived", "answered", "talk ended"],
        "due": ["arrived", "answered"],
        "after": ["arrived", "answered", "talk ended"],
        "talks": ["arrived", "answered"],
        "holds": ["arrived", "answered"],
        "waits": ["arrived", "joined queue"],
        "in bot": ["arrived", "bot session started"],
        "asked": ["arrived", "asked for callback"],
    }


def test_the_last_end_of_a_drained_run_happens() -> None:
    assert rows(simulated(kind("voice", [HOUR - 10]), group("g", "voice")))[-1] == (
        "0-0", "talk ended", HOUR + 90, "g 1", 0,
    )  # fmt: skip


def test_chats_held_at_once() -> None:
    """Two chats at half speed each; the end is known only when it comes."""
    pace = simcc.Concurrency(most=2, speed=[1.0, 0.5])
    chats = (kind("chat", [0, 50]), group("g", "chat", concurrency=pace))
    ended = [(case, at) for case, activity, at, *_ in rows(simulated(*chats))
             if activity == "talk ended"]  # fmt: skip
    assert ended == [("0-0", 150), ("0-1", 200)]
    late = (kind("chat", [HOUR - 20, HOUR - 10]), group("g", "chat", concurrency=pace))
    stopped = simulated(*late, horizon={"after": "stop"})
    assert Counter(row[1] for row in rows(stopped)) == {"arrived": 2, "answered": 2}


def test_a_contact_of_a_process_is_an_issue() -> None:
    result = simulated(kind("voice", [100]), group("g", "voice"))
    sim = simcc.Simulation(result.scenario, seed=1)

    def submits() -> Any:
        yield sim.env.timeout(30)
        yield sim.submit("voice", talk_time=10)

    sim.process(submits())
    sim.run()
    assert rows(sim.result()) == [
        ("0-0", "arrived", 100, None, 0),
        ("0-0", "answered", 100, "g 1", 0),
        ("0-0", "talk ended", 200, "g 1", 0),
        ("0-1", "arrived", 30, None, 1),
        ("0-1", "answered", 30, "g 1", 1),
        ("0-1", "talk ended", 40, "g 1", 1),
    ]


# ---------------------------------------------------------------------- when


def test_clocks_that_change() -> None:
    """On 31 March 2024 clocks went from 2 to 3 o'clock."""
    horizon = {"length": "4h", "start": "2024-03-31", "time_zone": "Europe/Amsterdam"}
    result = simulated(
        kind("voice", [HOUR, 3 * HOUR + 0.0000014]), group("g", "voice"), horizon=horizon
    )
    came = result.event_log().query("activity == 'arrived'")["timestamp"]
    assert [one.isoformat() for one in came] == [
        "2024-03-31T01:00:00+01:00",
        "2024-03-31T04:00:00.000001+02:00",
    ]


def test_texts_of_instants() -> None:
    autumn = simcc.Horizon(start="2024-10-27T02:30", time_zone="Europe/Amsterdam")
    assert autumn.iso_texts([0.0, 3600.0, 3600.25]) == [
        "2024-10-27T02:30:00.000000+02:00",
        "2024-10-27T02:30:00.000000+01:00",
        "2024-10-27T02:30:00.250000+01:00",
    ]
    west = simcc.Horizon(start="2024-01-01T08:00", time_zone="America/St_Johns")
    assert west.iso_texts([0.0]) == ["2024-01-01T08:00:00.000000-03:30"]
    # Liberia was 44.5 minutes behind until 1972: ISO 8601 has no such offset
    old = simcc.Horizon(start="1950-01-01T08:00", time_zone="Africa/Monrovia")
    assert old.iso_texts([0.0]) == ["1950-01-01T08:44:30.000000+00:00"]
    assert old.iso_texts([]) == []


# ---------------------------------------------------------------------- against the log


@pytest.fixture(scope="module")
def many() -> simcc.Result:
    return busy()


def expected(contact: Any) -> list[tuple[str, float]]:
    """What happened to a contact of a run that has ended, from its row of the contact log."""
    found = [("arrived", contact.arrived_at)] if contact.leg == 1 else []
    if not math.isnan(contact.bot_started_at):
        found += [("bot session started", contact.bot_started_at)]
        found += [("bot session ended", contact.bot_ended_at)]
        if not math.isnan(contact.offered_at):
            found += [("escalated", contact.offered_at)]
    if contact.n_ahead >= 0:
        found += [("joined queue", contact.offered_at)]
    if contact.outcome not in ("served", "called_back"):
        names = {"bot_gave_up": "gave up in bot", "bot_lost": "lost at bot"}
        return [*found, (names.get(contact.outcome, contact.outcome), contact.left_at)]
    answered = "answered"
    if contact.outcome == "called_back":
        found, answered = [*found, ("asked for callback", contact.offered_at)], "called back"
    found += [(answered, contact.answered_at), ("talk ended", contact.left_at)]
    if contact.followed_by == "transfer":
        found += [("transferred", contact.left_at)]
    return [*found, ("after-call work ended", contact.freed_at)]


def test_every_contact_of_a_busy_day(many: simcc.Result) -> None:
    log, table = many.contacts(), many.event_log()
    # of these see tests/engine: test_interruptions.py, test_turns.py, test_timed_callbacks.py,
    # test_colleagues.py, and the test below
    elsewhere = {
        "interrupted",
        "resumed",
        "passed on",
        "misrouted",
        "closed",
        "not reached",
        "left in chat",
        "timed out",
        "asked colleague",
        "colleague briefed",
    }
    assert set(table["activity"]) == {activity.name for activity in ACTIVITIES} - elsewhere
    start = many.scenario.horizon.times([0.0])[0]
    table["at"] = (table["timestamp"] - start).dt.total_seconds()
    found = dict(iter(table.groupby(["replication", "contact"])))
    assert len(found) == len(log)
    for contact in log.itertuples():
        own = found.pop((contact.replication, contact.contact))
        wanted = expected(contact)
        assert own["activity"].tolist() == [name for name, _ in wanted]
        assert own["at"].tolist() == pytest.approx([at for _, at in wanted], abs=6e-7)
        assert set(own["case"]) == {f"{contact.replication}-{contact.issue}"}
        for name in ("issue", "contact_type", "queue_type", "attempt", "leg"):
            assert set(own[name]) == {getattr(contact, name)}, name
        for event in own.itertuples():
            by = next(one.by for one in ACTIVITIES if one.name == event.activity)
            bot_of = {"voice": "helper", "chat": "strict"}.get(contact.contact_type)
            who = {"agent": contact.agent, "bot": bot_of}.get(by)
            assert event.resource == who if who else pd.isna(event.resource)
            assert event.group == contact.group if by == "agent" else pd.isna(event.group)


def test_cases_are_journeys(many: simcc.Result) -> None:
    """Cases stand together, begin with an arrival and are in time order; counts are the log's."""
    table, journeys = many.event_log(), many.journeys()
    new = table["case"] != table["case"].shift()
    assert new.sum() == table["case"].nunique() == len(journeys)
    assert set(table["activity"][new]) == {"arrived"}
    order = table.groupby("case")["timestamp"].is_monotonic_increasing
    assert order.all()
    counts = table["activity"].value_counts()
    assert counts["arrived"] == journeys["attempts"].sum()
    assert counts["transferred"] == journeys["transfers"].sum()
    assert counts["answered"] + counts["called back"] == journeys["times_served"].sum()
    assert counts["talk ended"] == journeys["times_served"].sum()


def test_every_contact_goes_a_way_that_exists(many: simcc.Result) -> None:
    way = re.compile(
        r"(arrived,)?"
        r"((bot session started,bot session ended,(contained|gave up in bot))|lost at bot"
        r"|(bot session started,bot session ended,escalated,)?"
        r"(balked|blocked|joined queue,abandoned"
        r"|((joined queue,)?answered|asked for callback,called back)"
        r",talk ended(,transferred)?(,after-call work ended)?))"
    )
    ways = many.event_log().groupby(["replication", "contact"])["activity"].agg(",".join)
    assert [one for one in set(ways) if not way.fullmatch(one)] == []
    assert len(set(ways)) > 15


def test_nobody_came() -> None:
    table = simulated(kind("voice", []), group("g", "voice")).event_log()
    assert list(table.columns) == COLUMNS
    assert len(table) == 0


def test_numbers_of_replications() -> None:
    result = simulated(kind("voice", [0]), group("g", "voice"))
    sim = simcc.Simulation(result.scenario, seed=1, replication=7)
    sim.run()
    table = sim.result().event_log()
    assert set(table["case"]) == {"7-0"}
    assert set(table["replication"]) == {7}


def test_it_needs_the_log() -> None:
    scenario = simulated(kind("voice", [0]), group("g", "voice")).scenario
    result = simcc.simulate(scenario, replications=1, seed=1)
    for refused in (result.event_log, lambda: result.save_event_log("never.csv")):
        with pytest.raises(SimccError, match='record="contacts"'):
            refused()


def test_bots_in_a_row_and_a_wrong_queue() -> None:
    """10 s at the first bot, 20 s at the second, 30 s in a wrong queue, then the right one."""
    kinds = [
        simcc.ContactType(
            name=name,
            bot="first" if name == "a" else None,
            arrivals=simcc.TraceArrivals(times=[0] if name == "a" else []),
            talk_time=talk,
        )
        for name, talk in (("a", 40), ("b", 30))
    ]
    bots = [
        simcc.Bot(name="first", session_time=10, contained=0, then="second"),
        simcc.Bot(name="second", session_time=20, contained=0, misrouted={"b": 1}),
    ]
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length="1h", interval="1h"),
        contact_types=kinds,
        bots=bots,
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["a", "b"], staff=simcc.FixedStaff(agents=1))
        ],
    )
    table = simcc.simulate(scenario, replications=1, seed=1, record="contacts").event_log()
    start = table["timestamp"].iloc[0]
    seconds = (table["timestamp"] - start).dt.total_seconds().tolist()
    assert list(zip(table["activity"], seconds, table["resource"], strict=True)) == [
        ("arrived", 0, ANY),
        ("bot session started", 0, "first"),
        ("bot session ended", 10, "first"),
        ("passed on", 10, "first"),
        ("bot session started", 10, "second"),
        ("bot session ended", 30, "second"),
        ("misrouted", 30, "second"),
        ("answered", 30, "g 1"),
        ("talk ended", 60, "g 1"),
        ("transferred", 60, "g 1"),
        ("answered", 60, "g 1"),
        ("talk ended", 100, "g 1"),
    ]
