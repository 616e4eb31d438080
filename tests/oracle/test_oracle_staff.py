"""The oracle's agents: shifts, breaks, head counts and what a process does, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from by_hand import NAN, bot, center, day, group, outcomes, rows, shift, voice

import simcc
from simcc.log import AgentEvent, Outcome

START, END, LEFT = AgentEvent.SHIFT_START, AgentEvent.SHIFT_END, AgentEvent.LEFT
AWAY, BACK, COUNT = AgentEvent.BREAK_START, AgentEvent.BREAK_END, AgentEvent.HEAD_COUNT


def test_shifts_and_breaks() -> None:
    roster = simcc.Roster(
        shifts=[
            shift("Ann", 0, 1000, (100, 200), (300, 320)),
            shift("Ben", 600, 900),
            shift("Ben", 900, 1200),
        ]
    )
    log, agents = day(
        center([voice()], [group("g", ["voice"], roster)]),
        {"at": 50, "talk": 60},  # overruns the first break by 10 s
        {"at": 150},  # nobody is there until 200
        {"at": 290, "talk": 50, "wrap": 10},  # overruns the whole of the second
        {"at": 995, "talk": 20},  # Ann, idle since 350; she ends it in overtime
        {"at": 996, "talk": 30},  # Ben, idle since 600
        {"at": 1000, "talk": 10},  # Ann does not take it at 1015
        {"at": 1200},  # Ben is idle, but his shift has ended as it arrives
    )
    assert log.answered_at.tolist() == [50, 200, 290, 995, 996, 1026, NAN]
    assert log.agent.tolist() == [0, 0, 0, 0, 1, 1, -1]
    assert rows(agents) == [
        (0, 0, (1, 1, 1), START),
        (100, 0, (-1, 0, 0), AWAY),
        (110, 0, (0, -1, 0), LEFT),
        (200, 0, (1, 1, 0), BACK),
        (300, 0, (-1, 0, 0), AWAY),
        (320, 0, (1, 0, 0), BACK),  # it was busy all along
        (600, 1, (1, 1, 1), START),
        (1000, 0, (-1, 0, 0), END),
        (1015, 0, (0, -1, -1), LEFT),
        (1200, 1, (-1, -1, -1), END),  # its two shifts are one
    ]


def test_breaks_that_meet_the_ends_of_a_shift_or_each_other() -> None:
    roster = simcc.Roster(
        shifts=[
            shift("Ann", 100, 400, (100, 150), (200, 230), (230, 260), (350, 400)),
            shift("Ann", 400, 500, (400, 410)),
            shift("Ann", 500, 600, (580, 600)),
        ]
    )
    log, agents = day(
        center([voice()], [group("g", ["voice"], roster)]),
        {"at": 100, "talk": 10},
        {"at": 340, "talk": 30},  # overruns the break that goes on in the next shift
        {"at": 590},
    )
    assert log.answered_at.tolist() == [150, 340, NAN]
    assert rows(agents) == [
        (100, 0, (1, 1, 1), START),
        (100, 0, (-1, -1, 0), AWAY),
        (150, 0, (1, 1, 0), BACK),
        (200, 0, (-1, -1, 0), AWAY),
        (260, 0, (1, 1, 0), BACK),
        (350, 0, (-1, 0, 0), AWAY),
        (370, 0, (0, -1, 0), LEFT),
        (410, 0, (1, 1, 0), BACK),
        (580, 0, (-1, -1, 0), AWAY),
        (600, 0, (1, 1, 0), BACK),
        (600, 0, (-1, -1, -1), END),
    ]


def test_agents_who_come_together_are_idle_in_the_order_of_their_numbers() -> None:
    roster = simcc.Roster(
        shifts=[shift("Ann", 0, 900, (100, 200)), shift("Ben", 200, 900), shift("Cem", 0, 900)]
    )
    log, _ = day(
        center([voice()], [group("g", ["voice"], roster)]),
        {"at": 150, "talk": 50},  # Cem is free again at 200, after the others have come
        {"at": 300},
        {"at": 300},
        {"at": 300},
    )
    assert log.agent.tolist() == [2, 0, 1, 2]


def test_a_group_that_only_loses_agents_does_not_look_at_the_queues() -> None:
    staff = simcc.HeadCounts(counts=[2, 1], edges=[0, 100, 3600])
    scenario = center(
        [voice(), voice("mail")],
        [group("a", ["voice"], 1), group("b", ["voice", "mail"], staff)],
        routing=simcc.Routing(type_to_groups={"voice": [simcc.GroupOption(group="a")]}),
    )
    # b takes voice only as an agent becomes free there, which happens after mail
    log, _ = day(scenario, {"at": 0, "talk": 900}, {"at": 50}, {"at": 200, "type": 1, "talk": 30})
    assert log.answered_at.tolist() == [0, 230, 200]


COUNTS = {"counts": [3, 1, 2, 1], "edges": [0, 100, 200, 300, 400], "after_last": 1}
THREE_CALLS = ({"at": 10, "talk": 150}, {"at": 20, "talk": 200}, {"at": 30, "talk": 400})


def test_a_head_count_falls_on_whoever_becomes_free_first() -> None:
    staff = simcc.HeadCounts(**COUNTS, decrease="headcount")
    log, agents = day(center([voice()], [group("g", ["voice"], staff)]), *THREE_CALLS, {"at": 310})
    assert log.agent.tolist() == [0, 1, 2, 2]
    assert log.answered_at.tolist() == [10, 20, 30, 430]
    assert rows(agents) == [
        *((0, a, (1, 1, 1), COUNT) for a in range(3)),
        (100, -1, (-1, 0, 0), COUNT),
        (100, -1, (-1, 0, 0), COUNT),
        (160, 0, (0, -1, -1), LEFT),
        (200, -1, (1, 0, 0), COUNT),  # one departure is still owed: it is called off
        (300, 1, (-1, -1, -1), COUNT),  # idle since 220
    ]


def test_a_named_agent_ends_its_shift_and_nobody_else_does() -> None:
    staff = simcc.HeadCounts(**COUNTS, decrease="named")
    log, agents = day(
        center([voice()], [group("g", ["voice"], staff)]),
        *THREE_CALLS,
        {"at": 310},
        leave_luck=[0.4, 0.9, 0.5],
    )
    assert log.agent.tolist() == [0, 1, 2, 0]
    assert log.answered_at.tolist() == [10, 20, 30, 310]
    assert rows(agents) == [
        *((0, a, (1, 1, 1), START) for a in range(3)),
        (100, 1, (-1, 0, 0), END),  # of 0, 1 and 2; all are busy
        (100, 2, (-1, 0, 0), END),  # of 0 and 2
        (200, 3, (1, 1, 1), START),  # somebody new: those two finish their calls and go
        (220, 1, (0, -1, -1), LEFT),
        (300, 3, (-1, -1, -1), END),  # of 0 and 3, both idle
        (430, 2, (0, -1, -1), LEFT),
    ]


def test_each_named_group_has_its_own_luck() -> None:
    staff = simcc.HeadCounts(counts=[3, 1], edges=[0, 100, 200], decrease="named")
    groups = [group(name, ["voice"], staff) for name in "gh"]
    _, agents = day(center([voice()], groups), leave_luck=[0.0, 0.0, 0.99, 0.49])
    ends = [(at, agent) for at, agent, _, why in rows(agents) if why == END]
    assert ends == [(100, 0), (100, 1), (100, 17), (100, 15)]


# ---------------------------------------------------------------------- what a process does


def test_moved_agents_go_at_once_or_when_they_are_free() -> None:
    roster = simcc.Roster(shifts=[shift("Ann", 0, 900), shift("Ben", 0, 900, (150, 300))])
    scenario = center(
        [voice(), voice("mail", patience=900)],
        [group("a", ["voice"], roster), group("b", ["mail"], 0)],
    )
    log, agents = day(
        scenario,
        {"at": 0, "talk": 80},
        {"at": 50, "talk": 120},
        {"at": 60, "type": 1, "talk": 10},
        {"at": 310, "type": 1, "talk": 20},
        {"at": 320, "type": 1, "talk": 20},
        acts=[(90, "move_agents", {"group": "a", "to": "b", "number": 2})],
    )
    assert log.answered_at.tolist() == [0, 50, 90, 310, 320]
    assert log.agent.tolist() == [0, 1, 0, 0, 1]
    moved = AgentEvent.MOVED
    assert rows(agents)[2:] == [
        (90, 0, (-1, -1, -1), moved),
        (90, 0, (1, 1, 1), moved),
        (150, 1, (-1, 0, 0), AWAY),
        (170, 1, (0, -1, 0), LEFT),  # free at last, but due for the break: Ben moves in it
        (170, 1, (0, 0, -1), moved),
        (170, 1, (0, 0, 1), moved),
        (300, 1, (1, 1, 0), BACK),
        (900, 0, (-1, -1, -1), END),
        (900, 1, (-1, -1, -1), END),
    ]
    assert agents.group[2:].tolist() == [0, 1, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("contacts", "kinds", "offered_at"),
    [
        ("agent", [Outcome.SERVED] * 3, [50, 50, 60]),
        ("lost", [Outcome.SERVED, Outcome.BOT_LOST, Outcome.BOT_LOST], [50, NAN, NAN]),
        ("wait", [Outcome.SERVED, Outcome.CONTAINED, Outcome.SERVED], [50, NAN, 160]),
    ],
)
def test_an_outage_of_the_bot(contacts: str, kinds: list[Outcome], offered_at: list[Any]) -> None:
    scenario = center([voice(bot="bot")], [group("g", ["voice"], 9)], bots=[bot(sessions=1)])
    down = {"bot": "bot", "fail_sessions": True, "contacts": contacts}
    log, _ = day(
        scenario,
        {"at": 0, "bot": 80, "luck": 0.0},  # in its session: ends early, and so is not contained
        {"at": 10, "bot": 40, "luck": 0.0},  # waits for a session
        {"at": 60, "bot": 20, "luck": 0.5},
        acts=[(50, "bot_down", down), (100, "bot_up", {"bot": "bot"})],
    )
    assert outcomes(log) == kinds
    assert log.offered_at.tolist() == offered_at
    assert log.bot_ended_at[0] == 50
