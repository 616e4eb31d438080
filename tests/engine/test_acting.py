"""What a process does to the center: small cases worked out by hand, and large numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import simcc
from simcc.log import AgentEvent, Outcome

HOUR = 3600.0


def kind(name: str = "voice", times: Any = (), **fields: Any) -> simcc.ContactType:
    """A type that comes at some instants, and talks for 100 s."""
    fields = {"arrivals": simcc.TraceArrivals(times=times), "talk_time": 100, **fields}
    return simcc.ContactType(name=name, **fields)


def group(name: str, staff: Any, skills: Any = ("voice",)) -> simcc.AgentGroup:
    staff = simcc.FixedStaff(agents=staff) if isinstance(staff, int) else staff
    return simcc.AgentGroup(name=name, skills=skills, staff=staff)


def center(kinds: list[Any], groups: list[Any], **fields: Any) -> simcc.Scenario:
    horizon = simcc.Horizon(length=HOUR, interval=900)
    return simcc.Scenario(
        horizon=horizon, contact_types=kinds, agent_groups=groups, **fields
    )  # fmt: skip


def acted(of: simcc.Scenario, acts: dict[float, Callable[[simcc.Simulation], Any]]) -> Any:
    """The simulation after a process has done something at each of some instants."""
    sim = simcc.Simulation(of, seed=1)

    def process() -> Any:
        for at, act in acts.items():
            yield sim.env.at(at)
            act(sim)

    sim.process(process())
    sim.run()
    return sim


def numbers(of: simcc.Scenario, acts: dict[float, Any], name: str = "g") -> list[int]:
    """How many are scheduled in a group: after each act, and at the end."""
    seen: list[int] = []

    def noted(act: Any) -> Any:
        return lambda sim: (act(sim), seen.append(sim.n_scheduled(name)))

    sim = acted(of, {at: noted(act) for at, act in acts.items()})
    log = sim.agent_log
    mine = log.group == [one.name for one in of.agent_groups].index(name)
    assert log.scheduled_delta[mine].sum() == sim.n_scheduled(name)
    assert log.present_delta[mine].sum() == sim.n_idle(name)  # nobody is busy any more
    return [*seen, sim.n_scheduled(name)]


def nothing(sim: simcc.Simulation) -> None:
    pass


def more(change: int, name: str = "g") -> Any:
    return lambda sim: sim.change_head_count(name, change)


def exactly(agents: int) -> Any:
    return lambda sim: sim.set_head_count("g", agents)


# ---------------------------------------------------------------------- head counts

COUNTS = {"counts": [2, 4, 3, 3]}


@pytest.mark.parametrize("decrease", ["headcount", "named"])
@pytest.mark.parametrize("busy", [0, 5])
def test_the_plan_adds_to_a_change(decrease: str, busy: int) -> None:
    """Two, from 900 s four, from 1800 s three; a change lasts until it is taken back."""
    staff = simcc.HeadCounts(**COUNTS, decrease=decrease)
    of = center([kind(times=[50.0] * busy, talk_time=3000)], [group("g", staff)])
    acts = {100: more(1), 1000: nothing, 1900: nothing, 2000: more(-1), 2100: nothing}
    assert numbers(of, acts) == [3, 5, 4, 3, 3, 3]
    acts = {100: more(-1), 1000: nothing, 1900: nothing, 2000: more(1), 2100: nothing}
    assert numbers(of, acts) == [1, 3, 2, 3, 3, 3]
    acts = {100: exactly(7), 1000: nothing, 1000.5: exactly(0), 1900: nothing}
    # of four and five more none is left at 1000.5; at 1800 there is nobody who could go
    assert numbers(of, acts) == [7, 9, 0, 0, 0]


def test_the_number_does_not_fall_below_nobody() -> None:
    of = center([kind()], [group("g", 2)])
    assert numbers(of, {100: more(-5), 200: more(1)}) == [0, 1, 1]
    assert numbers(of, {100: more(-(10**12)), 200: exactly(3)}) == [0, 3, 3]


def test_idle_agents_go_first_and_then_who_finishes_first() -> None:
    of = center([kind(times=[0, 10])], [group("g", 3)])
    log = acted(of, {20: more(-2)}).agent_log
    rows = list(zip(log.at, log.agent, log.present_delta, log.reason, strict=True))[3:]
    count, left = AgentEvent.HEAD_COUNT, AgentEvent.LEFT
    assert rows == [(20, 2, -1, count), (20, -1, 0, count), (100, 0, -1, left)]


def test_a_departure_still_owed_is_called_off_first() -> None:
    of = center([kind(times=[0, 0])], [group("g", 2)])
    sim = acted(of, {20: more(-1), 50: more(1)})
    assert sim.n_scheduled("g") == 2
    assert (sim.agent_log.present_delta == -1).sum() == 0


def test_new_agents_take_the_head_of_the_queue_at_once() -> None:
    of = center([kind(times=[0, 10, 20])], [group("g", 1)])
    log = acted(of, {30: more(1)}).contact_log
    assert log.answered_at.tolist() == [0, 30, 100]
    assert log.agent.tolist() == [0, 1, 0]


# ---------------------------------------------------------------------- moves


def test_moves_are_counted() -> None:
    two = [group("g", 3), group("h", 1)]
    of = center([kind(times=[0, 0])], two)
    moved = []
    acts = {
        10: lambda sim: moved.append(sim.move_agents("g", "h", 9)),  # of three two are busy
        50: nothing,
        150: nothing,
    }
    assert numbers(of, acts, "g") == [2, 2, 0, 0]
    assert numbers(of, acts, "h") == [2, 2, 4, 4]
    assert moved == [3, 3]
    there_and_back = {10: lambda sim: sim.move_agents("g", "h", 1),
                      20: lambda sim: sim.move_agents("h", "g", 1)}  # fmt: skip
    assert numbers(of, there_and_back, "g") == [2, 3, 3]


def test_who_has_moved_is_counted_there_unless_there_is_a_roster() -> None:
    ann = simcc.Roster(shifts=[simcc.Shift(agent="Ann", start=0, end=2000, breaks=[(500, 700)])])
    of = center([kind()], [group("g", 1), group("ann", ann), group("two", 2)])

    def move(sim: simcc.Simulation) -> None:
        assert sim.move_agents("ann", "g", 1) == sim.move_agents("two", "g", 1) == 1

    acts = {100: move, 200: exactly(0), 600: nothing, 800: nothing}
    # Ann does not go, but has her break and goes home at 2000
    assert numbers(of, acts) == [3, 1, 0, 1, 0]


def test_those_who_go_home_do_not_move() -> None:
    of = center([kind(times=[0, 0, 0])], [group("g", 3), group("h", 0)])
    moved = []

    def two_go_and_the_rest_moves(sim: simcc.Simulation) -> None:
        sim.change_head_count("g", -2)
        moved.append(sim.move_agents("g", "h", 3))

    assert numbers(of, {10: two_go_and_the_rest_moves, 200: nothing}) == [1, 0, 0]
    assert moved == [1]
    assert numbers(of, {10: two_go_and_the_rest_moves}, "h") == [0, 1]


def test_those_about_to_move_do_not_go_home() -> None:
    of = center([kind(times=[0, 0])], [group("g", 2), group("h", 0)])
    acts = {10: lambda sim: sim.move_agents("g", "h", 1), 20: more(-2)}
    assert numbers(of, acts) == [2, 1, 0]
    assert numbers(of, acts, "h") == [0, 0, 1]


def test_a_move_to_the_own_group_changes_nothing() -> None:
    of = center([kind(times=[0])], [group("g", 2)])
    sim = acted(of, {10: lambda sim: sim.move_agents("g", "g", 2)})
    assert sim.n_scheduled("g") == 2
    assert AgentEvent.MOVED not in sim.agent_log.reason


def test_a_large_number_of_moves_takes_no_memory() -> None:
    of = center([kind(times=[0])], [group("g", 2), group("h", 1)])
    moved = []
    acted(of, {10: lambda sim: moved.append(sim.move_agents("g", "h", 10**15))})
    assert moved == [2]


# ---------------------------------------------------------------------- submitted contacts


def one_outcome(of: simcc.Scenario, at: float, type: str = "voice", **given: Any) -> Any:
    """What a process is told of a contact that it submits, and when."""
    sim = simcc.Simulation(of, seed=1)
    found = []

    def process() -> Any:
        yield sim.env.at(at)
        ended = yield sim.submit(type, **given)
        found.append((ended, sim.env.now))

    sim.process(process())
    sim.run()
    return found[0]


def test_all_that_is_given_is_used() -> None:
    bot = simcc.Bot(name="b", session_time=7, contained=0, talk_factor=2, patience_factor=3)
    of = center([kind(times=[0], bot="b")], [group("g", 1)], bots=[bot])
    given = {"session_time": "20s", "talk_time": 30, "after_call_work": "1min", "patience": 100}
    ended, now = one_outcome(of, 50, **given)
    # at the bot until 70; the agent talks from 7 to 207; then 60 s of talk
    assert (ended.outcome, ended.answered_at, ended.agent) == (Outcome.SERVED, 207, "g 1")
    assert (ended.contact, ended.wait_time, now) == (1, 137, 267)
    ended, now = one_outcome(of, 50, **(given | {"patience": 40}))
    assert (ended.outcome, ended.wait_time, now) == (Outcome.ABANDONED, 120, 190)
    assert (ended.agent, math.isnan(ended.answered_at)) == (None, True)
    ended, now = one_outcome(of, 50, **(given | {"patience": None}))
    assert ended.outcome == Outcome.SERVED


def test_after_call_work_comes_after_the_end() -> None:
    seen = []
    of = center([kind(times=[])], [group("g", 1)])
    sim = simcc.Simulation(of, seed=1)

    def process(after_call_work: float) -> Any:
        yield sim.submit("voice", talk_time=10, after_call_work=after_call_work)
        seen.append((sim.env.now, sim.n_busy("g")))
        yield sim.env.timeout(5)
        seen.append((sim.env.now, sim.n_busy("g")))

    for after_call_work in (0, 20):  # the second has to wait for the first
        sim.process(process(after_call_work))
    sim.run()
    # told as the talk ends, before the agent is free
    assert seen == [(10, 1), (15, 1), (20, 1), (25, 1)]
    assert sim.contact_log.freed_at.tolist() == [10, 40]


@pytest.mark.parametrize(
    ("fields", "outcome", "wait"),
    [
        ({"lines": 1}, Outcome.BLOCKED, 0.0),
        ({"balking": 1.0}, Outcome.BALKED, 0.0),
        ({"queue_capacity": 0}, Outcome.BLOCKED, 0.0),
        ({"contained": 1.0}, Outcome.CONTAINED, math.nan),
        ({"contained": 0.0, "gives_up": 1.0}, Outcome.BOT_GAVE_UP, math.nan),
        ({"contained": 0.0, "sessions": 1, "when_full": "lost"}, Outcome.BOT_LOST, math.nan),
    ],
)
def test_other_ends(fields: dict[str, Any], outcome: Outcome, wait: float) -> None:
    lines = fields.pop("lines", None)
    bots = []
    if "contained" in fields:
        bots = [simcc.Bot(name="b", session_time=100, **fields)]
        fields = {"bot": "b"}
    of = center([kind(times=[0], **fields)], [group("g", 1)], bots=bots, lines=lines)
    ended, now = one_outcome(of, 10)
    assert ended.outcome == outcome
    np.testing.assert_equal(ended.wait_time, wait)
    in_session = outcome in (Outcome.CONTAINED, Outcome.BOT_GAVE_UP)
    assert now == (110 if in_session else 10)


def test_a_talk_time_by_group_cannot_be_given() -> None:
    """Nor that of the queue where the bot hands over."""
    laws = {"g": simcc.Exponential(mean=50)}
    bot = simcc.Bot(name="b", session_time=7, contained=0, escalate_to="mail")
    mail = simcc.ContactType(name="mail", talk_time_by_group=laws)
    of = center([kind(bot="b"), mail], [group("g", 1, ["voice", "mail"])], bots=[bot])
    sim = simcc.Simulation(of, seed=1)
    for name in ("voice", "mail"):
        with pytest.raises(simcc.SimulationError, match='talk_time of "mail" depends on the gro'):
            sim.submit(name, talk_time=10)


def test_what_is_not_given_is_drawn_and_leaves_the_day_alone() -> None:
    laws = {"talk_time": simcc.Exponential(mean=100), "patience": simcc.Exponential(mean=100)}
    of = center([kind(arrivals=simcc.PoissonArrivals(rate_per_hour=60), **laws)], [group("g", 1)])
    quiet = simcc.Simulation(of, seed=1)
    quiet.run()
    n = quiet.contact_log.n

    def submit_both(sim: simcc.Simulation) -> None:
        sim.submit("voice")
        sim.submit("voice")

    sim = acted(of, {1000: submit_both})
    before = sim.contact_log.arrived_at < 1000
    for name, column in quiet.contact_log.columns().items():
        mine = sim.contact_log.columns()[name][:n]
        done = quiet.contact_log.left_at < 1000
        np.testing.assert_array_equal(mine[done], column[done], err_msg=name)
    assert before.sum() > 5
    # the draws are repeated, and are those of no other contact
    again = acted(of, {1000: submit_both}).contact_log
    np.testing.assert_array_equal(again.left_at, sim.contact_log.left_at)
    brought = [getattr(sim._state.work, name)[n : n + 2] for name in ("talk_time", "patience_time")]
    values = np.concatenate([*brought, quiet.workload.talk_time, quiet.workload.patience_time])
    assert len(np.unique(values)) == len(values)


# ---------------------------------------------------------------------- many at once


@pytest.mark.parametrize("policy", [None, "longest_wait"])
def test_many_submissions_at_one_instant(policy: str | None) -> None:
    """The heaps grow: each contact has a patience and two thresholds, others a session."""
    options = [
        simcc.GroupOption(group="g"),
        simcc.GroupOption(group="h", after=30),
        simcc.GroupOption(group="i", after=60),
    ]
    bot = simcc.Bot(name="b", session_time=500, contained=0)
    of = center(
        [kind(patience=200), kind("chat", bot="b", patience=200)],
        [group("g", 1, ["voice", "chat"]), group("h", 1), group("i", 1)],
        bots=[bot],
        routing=simcc.Routing(type_to_groups={"voice": options}, policy=policy),
    )

    def submit_many(sim: simcc.Simulation) -> None:
        for _ in range(700):
            sim.submit("voice")
            sim.submit("chat")

    log = acted(of, {10: submit_many}).contact_log
    voice, chat = (log.contact_type == k for k in (0, 1))
    # one agent from 10 s on, one from 40 s, one from 70 s; at 210 s patience ends after a talk
    answered = log.answered_at[voice & (log.outcome == Outcome.SERVED)]
    assert sorted(answered) == [10, 40, 70, 110, 140, 170, 210]
    assert (log.left_at[voice & (log.outcome == Outcome.ABANDONED)] == 210).all()
    assert (log.offered_at[chat] == 510).all()


@pytest.mark.parametrize("contacts", ["agent", "wait", "lost"])
def test_an_outage_of_a_large_bot(contacts: str) -> None:
    """900 sessions fail and 300 wait at one instant, with 100 in a queue; up again they start.

    Each that goes to people has a patience and two thresholds.
    """
    options = [simcc.GroupOption(group=name, after=after) for name, after in (("h", 50), ("i", 60))]
    of = center(
        [kind(bot="b", times=np.arange(1200) / 1200, patience=100), kind("mail", times=[0] * 101)],
        [group("g", 1, ["mail"]), group("h", 0), group("i", 0)],
        bots=[simcc.Bot(name="b", session_time=400, contained=1, sessions=900)],
        routing=simcc.Routing(type_to_groups={"voice": options}),
    )
    down = {"fail_sessions": True, "contacts": contacts}
    sim = acted(of, {10: lambda sim: sim.bot_down("b", **down), 20: lambda sim: sim.bot_up("b")})
    log = sim.contact_log
    voice = log.contact_type == 0
    started = ~np.isnan(log.bot_started_at[voice])
    assert (log.bot_ended_at[voice][:900] == 10).all()
    if contacts == "wait":
        assert (log.bot_started_at[voice][900:] == 20).all()
        assert (log.outcome[voice][900:] == Outcome.CONTAINED).all()
    else:
        assert started.sum() == 900
        lost = log.outcome[voice] == Outcome.BOT_LOST
        assert lost.sum() == (300 if contacts == "lost" else 0)
    assert (log.left_at[log.outcome == Outcome.ABANDONED] == 110).all()
