"""What follows a contact: worked out by hand; nothing after what a process submits; no end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simcc
from simcc.engine import state
from simcc.jit import ENABLED
from simcc.log import FollowedBy, Outcome
from simcc.workload import ATTRIBUTES

HOUR = 3600.0


# ---------------------------------------------------------------------- worked out by hand


def kind(name: str = "voice", *, at: Any = (), **fields: Any) -> simcc.ContactType:
    """A type whose contacts come at given instants and talk for 100 s."""
    arrivals = simcc.TraceArrivals(times=at) if len(at) else None
    return simcc.ContactType(name=name, **{"arrivals": arrivals, "talk_time": 100, **fields})


def group(name: str, skills: Any, agents: int) -> simcc.AgentGroup:
    return simcc.AgentGroup(name=name, skills=skills, staff=simcc.FixedStaff(agents=agents))


def again(when: Any, delay: Any, probability: Any = 1.0, **more: Any) -> simcc.FollowUp:
    return simcc.FollowUp(when=when, probability=probability, delay=delay, **more)


def log_of(types: list[simcc.ContactType], groups: list[simcc.AgentGroup], **more: Any) -> Any:
    """The contact log of one run of an hour."""
    more.setdefault("horizon", simcc.Horizon(length=HOUR, interval=900))
    scenario = simcc.Scenario(contact_types=types, agent_groups=groups, **more)
    sim = simcc.Simulation(scenario, seed=1)
    sim.run()
    return sim.contact_log


def outcomes(log: Any) -> list[str]:
    return [Outcome(one).name for one in log.outcome]


def follows(log: Any) -> list[str]:
    return [FollowedBy(one).name for one in log.followed_by]


def test_a_redial() -> None:
    """The agent talks from 0 to 100 s; who comes at 10 s gives up at 40 s, is back at 160 s."""
    voice = kind(at=[0, 10], patience=30, follow_ups=[again("abandoned", 120)])
    log = log_of([voice], [group("g", ["voice"], 1)])
    assert outcomes(log) == ["SERVED", "ABANDONED", "SERVED"]
    assert log.arrived_at.tolist() == [0, 10, 160]
    assert log.left_at.tolist() == [100, 40, 260]
    assert log.issue.tolist() == [0, 1, 1]
    assert log.attempt.tolist() == [1, 1, 2]
    assert log.leg.tolist() == [1, 1, 1]
    assert log.resolved.tolist() == [1, 0, 1]
    assert follows(log) == ["NOTHING", "RETURN", "NOTHING"]


def test_probabilities_go_by_attempt_and_at_most_ends_them() -> None:
    """Nobody answers: 10 s of patience, 50 s away, and so on."""

    def attempts(**more: Any) -> tuple[list[int], list[str]]:
        voice = kind(at=[0], patience=10, follow_ups=[again("abandoned", 50, **more)])
        log = log_of([voice], [group("g", ["voice"], 0)])
        assert log.arrived_at.tolist() == [60 * i for i in range(log.n)]
        return log.attempt.tolist(), follows(log)

    assert attempts()[0] == list(range(1, 61))  # the 60th gives up at 3550 s
    assert attempts()[1] == ["RETURN"] * 59 + ["RETURN_AFTER_END"]
    assert attempts(probability=[1, 1, 0]) == ([1, 2, 3], ["RETURN", "RETURN", "NOTHING"])
    assert attempts(at_most=2) == ([1, 2, 3], ["RETURN", "RETURN", "NOTHING"])
    assert attempts(probability=[0, 1]) == ([1], ["NOTHING"])


def test_patience_and_work_of_who_comes_back() -> None:
    """Three times the patience the second time, and again the third time: it does not pile up."""
    redial = again("abandoned", 100, patience_factor=3, talk_factor=0.5)
    log = log_of([kind(at=[0], patience=20, follow_ups=[redial])], [group("g", ["voice"], 0)])
    assert (log.left_at - log.offered_at).tolist()[:3] == [20, 60, 60]
    repeat = again("served", 100, talk_factor=0.5, at_most=2)
    log = log_of([kind(at=[0], follow_ups=[repeat])], [group("g", {"voice": 2.0}, 1)])
    assert (log.left_at - log.answered_at).tolist() == [50, 25, 25]


def test_who_comes_back_as_another_type() -> None:
    """By mail the second time: its queue, its work, and then what follows mail."""
    voice = kind(at=[0], follow_ups=[again("served", 100, type="mail")])
    mail = kind("mail", talk_time=7, after_call_work=5, follow_ups=[again("served", 10, at_most=2)])
    log = log_of([voice, mail], [group("g", ["voice"], 1), group("office", ["mail"], 1)])
    assert log.contact_type.tolist() == log.queue_type.tolist() == [0, 1, 1]
    assert log.group.tolist() == [0, 1, 1]
    assert log.arrived_at.tolist() == [0, 200, 217]
    assert log.freed_at.tolist() == [100, 212, 229]
    assert follows(log) == ["RETURN", "RETURN", "NOTHING"]


def test_who_would_come_back_at_the_end_of_the_horizon_does_not() -> None:
    for delay, what in ((3499, "RETURN"), (3500, "RETURN_AFTER_END")):
        follow_up = again("served", delay, at_most=1)
        log = log_of([kind(at=[0], follow_ups=[follow_up])], [group("g", ["voice"], 1)])
        assert follows(log)[0] == what
        assert log.n == 1 + (what == "RETURN")


def test_a_bot_that_solves_nothing() -> None:
    """It contains everybody, until they come back as another type that people serve."""
    chat = kind(
        "chat", at=[0, 1], bot="helper", follow_ups=[again("falsely_contained", 9, type="voice")]
    )
    bot = simcc.Bot(name="helper", session_time=20, contained=1, solves=0)
    log = log_of([chat, kind()], [group("g", ["chat", "voice"], 2)], bots=[bot])
    assert outcomes(log) == ["CONTAINED", "CONTAINED", "SERVED", "SERVED"]
    assert log.arrived_at.tolist() == [0, 1, 29, 30]
    assert log.resolved.tolist() == [0, 0, 1, 1]
    log = log_of([chat, kind()], [group("g", ["chat", "voice"], 2)], bots=[bot.replace(solves=1)])
    assert (outcomes(log), log.resolved.tolist()) == (["CONTAINED"] * 2, [1, 1])


def test_endings_at_a_bot() -> None:
    """One session, no place for a second: lost; who has it gives up. Back, they change roles."""
    follow_ups = [again("gave_up", 50, at_most=1), again("bot_lost", 60, at_most=1)]
    chat = kind("chat", at=[0, 1], bot="helper", follow_ups=follow_ups)
    bot = simcc.Bot(
        name="helper", sessions=1, when_full="lost", session_time=20, contained=0, gives_up=1
    )
    log = log_of([chat], [group("g", ["chat"], 1)], bots=[bot])
    assert outcomes(log) == ["BOT_GAVE_UP", "BOT_LOST", "BOT_GAVE_UP", "BOT_LOST"]
    assert log.issue.tolist() == [0, 1, 1, 0]
    assert log.arrived_at.tolist() == [0, 1, 61, 70]


def test_a_transfer_goes_past_the_bot_and_joins_its_queue_at_once() -> None:
    """Front talks from 20 to 120 s. Both experts are busy then: the customer waits as an expert's.

    There is no second session, and the patience and the work are those of the new queue.
    """
    transfer = simcc.Transfer(to="expert", probability=1, talk_factor=0.5, patience_factor=2)
    bot = simcc.Bot(name="helper", session_time=20, contained=0, talk_factor=3)
    front = kind("front", at=[0], bot="helper", talk_time=100 / 3, transfers=[transfer])
    expert = kind("expert", at=[90, 95], talk_time=60, after_call_work=7, patience=30, bot="other")
    other = simcc.Bot(name="other", session_time=1, contained=0)
    groups = [group("g", ["front"], 1), group("experts", ["expert"], 2)]
    log = log_of([front, expert], groups, bots=[bot, other])
    assert log.arrived_at.tolist() == [0, 90, 95, 120]
    assert log.leg.tolist() == [1, 1, 1, 2]
    assert log.attempt.tolist() == [1, 1, 1, 1]
    assert log.issue.tolist() == [0, 1, 2, 0]
    assert log.offered_at[3] == 120
    assert np.isnan(log.bot_started_at[3])
    assert log.answered_at[3] == 158  # the expert who began at 91 s is free again
    assert log.left_at[3] == 158 + 30
    assert log.freed_at[3] == 158 + 30 + 7
    assert follows(log) == ["TRANSFER", "NOTHING", "NOTHING", "NOTHING"]
    assert log.resolved.tolist() == [0, 1, 1, 1]
    groups[1] = group("experts", ["expert"], 0)
    log = log_of([front, expert], groups, bots=[bot, other])
    assert (log.left_at - log.offered_at).tolist() == [100, 30, 30, 60]


def test_a_transfer_goes_to_the_queue_of_its_type_wherever_the_bot_hands_over() -> None:
    bot = simcc.Bot(name="helper", session_time=20, contained=0, escalate_to="front")
    chat = kind("chat", bot="helper")
    front = kind("front", at=[0], transfers=[simcc.Transfer(to="chat", probability=1)])
    log = log_of([front, chat], [group("g", ["front"], 1), group("h", ["chat"], 1)], bots=[bot])
    assert log.contact_type.tolist() == log.queue_type.tolist() == log.group.tolist() == [0, 1]


def test_a_transferred_customer_keeps_the_line() -> None:
    """One line. At 100 s the customer goes on with it; who comes at 100 s or 150 s finds none."""
    front = kind("front", at=[0, 100, 150], transfers=[simcc.Transfer(to="expert", probability=1)])
    groups = [group("g", ["front"], 2), group("experts", ["expert"], 1)]
    log = log_of([front, kind("expert")], groups, lines=1)
    assert outcomes(log) == ["SERVED", "BLOCKED", "BLOCKED", "SERVED"]
    assert log.left_at.tolist() == [100, 100, 150, 200]


def test_a_transfer_may_find_no_place_in_the_queue() -> None:
    """A capacity holds for the transferred too; the line is given back."""
    front = kind("front", at=[0, 160], transfers=[simcc.Transfer(to="expert", probability=1)])
    expert = kind("expert", at=[10], talk_time=300, queue_capacity=0)
    groups = [group("g", ["front"], 1), group("experts", ["expert"], 1)]
    log = log_of([front, expert], groups, lines=2)
    assert outcomes(log) == ["SERVED", "SERVED", "SERVED", "BLOCKED", "BLOCKED"]
    assert log.arrived_at.tolist() == [0, 10, 160, 100, 260]
    assert log.issue.tolist() == [0, 1, 2, 0, 2]


def test_whose_rules_hold_after_a_transfer() -> None:
    """Follow-ups of the type as which the leg came, transfers and resolution of its queue."""
    front = kind(
        "front", at=[0], transfers=[simcc.Transfer(to="expert", probability=1)],
        follow_ups=[again("served", 10)], resolution=1,
    )  # fmt: skip
    expert = kind("expert", resolution=0, follow_ups=[again("unresolved", 1000, type="mail")])
    mail = kind("mail")
    groups = [group("g", ["front", "mail"], 1), group("experts", ["expert"], 1)]
    log = log_of([front, expert, mail], groups)
    assert log.contact_type.tolist() == [0, 1, 2]
    assert log.arrived_at.tolist() == [0, 100, 1200]
    assert list(zip(log.attempt.tolist(), log.leg.tolist(), strict=True)) == [
        (1, 1),
        (1, 2),
        (2, 1),
    ]
    assert log.resolved.tolist() == [0, 0, 1]


def test_after_a_bots_hand_over_to_another_queue() -> None:
    """Transfers and resolution are the queue's, follow-ups those of the type that came."""
    bot = simcc.Bot(name="helper", session_time=20, contained=0, escalate_to="voice")
    chat = kind("chat", at=[0], bot="helper", follow_ups=[again("unresolved", 80, at_most=1)],
                transfers=[simcc.Transfer(to="chat", probability=1)])  # fmt: skip
    voice = kind(resolution=0, follow_ups=[again("unresolved", 5)])
    log = log_of([chat, voice], [group("g", ["voice", "chat"], 1)], bots=[bot])
    assert log.contact_type.tolist() == [0, 0]
    assert log.queue_type.tolist() == [1, 1]
    assert log.arrived_at.tolist() == [0, 200]
    assert log.resolved.tolist() == [0, 0]


def test_who_serves_may_matter() -> None:
    """The novice hands everybody over and resolves nothing; the expert resolves everything."""
    voice = kind(
        at=[0], resolution_by_group={"novices": 0},
        transfers=[simcc.Transfer(to="voice", probability=0, probability_by_group={"novices": 1})],
        follow_ups=[again("served", 10, 0, probability_by_group={"experts": 1}, at_most=1)],
    )  # fmt: skip
    routing = simcc.Routing(
        type_to_groups={"voice": [simcc.GroupOption(group="novices"),
                                  simcc.GroupOption(group="experts", rank=2)]}
    )  # fmt: skip
    novices, experts = group("novices", ["voice"], 1), group("experts", ["voice"], 1)
    busy = kind("other", at=[50], talk_time=1000)
    novices = novices.replace(skills=["voice", "other"])
    log = log_of([voice, busy], [novices, experts], routing=routing, lines=5)
    # the novice takes "other" at 100 s, before the customer is back in the queue
    assert log.group.tolist() == [0, 0, 1, 1]
    assert follows(log) == ["TRANSFER", "NOTHING", "RETURN", "NOTHING"]
    assert log.arrived_at.tolist() == [0, 50, 100, 210]
    assert log.resolved.tolist() == [0, 1, 1, 1]


def test_where_the_run_stops_what_is_not_over_is_not_followed() -> None:
    horizon = simcc.Horizon(length=HOUR, interval=900, after="stop")
    voice = kind(at=[0, 3550], follow_ups=[again("served", 10, at_most=1)])
    log = log_of([voice], [group("g", ["voice"], 1)], horizon=horizon)
    assert follows(log) == ["RETURN", "NOTHING", "NOTHING"]
    assert log.resolved.tolist() == [1, 0, 1]


def test_more_contacts_than_there_was_room_for() -> None:
    """Five customers come again and again: every array and every clock grows on the way."""
    voice = kind(at=range(5), talk_time=1, follow_ups=[again("served", 5)])
    log = log_of([voice], [group("g", ["voice"], 5)])
    assert log.n == 5 * HOUR / 6
    np.testing.assert_array_equal(np.bincount(log.issue), HOUR / 6)
    for issue in range(5):
        mine = log.issue == issue
        np.testing.assert_array_equal(log.arrived_at[mine], issue + 6.0 * np.arange(mine.sum()))
        np.testing.assert_array_equal(log.attempt[mine], 1 + np.arange(mine.sum()))
    many = kind(at=np.zeros(2000), talk_time=1, follow_ups=[again("served", 5, at_most=1)])
    log = log_of([many], [group("g", ["voice"], 2000)])
    assert (log.arrived_at == 6).sum() == 2000
    assert sorted(log.issue[2000:].tolist()) == list(range(2000))


# ---------------------------------------------------------------------- submitted contacts


def followed_by_all() -> simcc.Scenario:
    """A center where every ending is followed by something."""
    endings = ["abandoned", "balked", "blocked", "served"]
    types = [
        kind(
            name, at=[1000 * k], patience=30, follow_ups=[again(endings, 600)],
            transfers=[simcc.Transfer(to="mail", probability=1)] if name == "voice" else [],
        )
        for k, name in enumerate(["voice", "mail"])
    ]  # fmt: skip
    return simcc.Scenario(
        horizon=simcc.Horizon(length=HOUR, interval=900),
        contact_types=types,
        agent_groups=[group("g", ["voice", "mail"], 1)],
    )


def test_nothing_follows_a_submitted_contact() -> None:
    alone, sim = (simcc.Simulation(followed_by_all(), seed=1) for _ in range(2))
    ended = []

    def process() -> Any:
        yield sim.env.at(300)
        for name in ("voice", "voice", "mail"):
            event = sim.submit(name, talk_time=50)
            event.callbacks.append(lambda event: ended.append((sim.env.now, event.value.outcome)))

    sim.process(process())
    alone.run()
    sim.run()
    assert ended == [(330, Outcome.ABANDONED)] * 2 + [(350, Outcome.SERVED)]
    log = sim.contact_log
    submitted = np.flatnonzero(log.arrived_at == 300)
    assert len(submitted) == 3
    assert log.issue[submitted].tolist() == submitted.tolist()
    assert log.attempt[submitted].tolist() == log.leg[submitted].tolist() == [1, 1, 1]
    assert log.followed_by[submitted].tolist() == [FollowedBy.NOTHING] * 3
    assert not np.isin(log.issue, submitted)[np.setdiff1d(np.arange(log.n), submitted)].any()
    others = np.ones(log.n, bool)
    others[submitted] = False
    np.testing.assert_array_equal(log.arrived_at[others], alone.contact_log.arrived_at)
    np.testing.assert_array_equal(log.followed_by[others], alone.contact_log.followed_by)
    assert (alone.contact_log.followed_by != FollowedBy.NOTHING).all()


# ---------------------------------------------------------------------- without end


def for_ever(**fields: Any) -> simcc.Scenario:
    """Customers who are handed to and fro; ``fields`` of both types."""
    types = [
        kind(one, at=[0, 10, 20], transfers=[simcc.Transfer(to=to, probability=1)], **fields)
        for one, to in (("voice", "mail"), ("mail", "voice"))
    ]
    return simcc.Scenario(
        horizon=simcc.Horizon(length=HOUR, interval=900),
        contact_types=types,
        agent_groups=[group("g", ["voice", "mail"], 3)],
    )


@pytest.mark.timeout(240)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_transfer_to_and_fro_without_talking_is_an_error(workers: int) -> None:
    """At one instant, for ever: the kernel comes back and says so."""
    with pytest.raises(simcc.SimulationError, match=r"of 6: .* do not come to an end.*at_most"):
        simcc.simulate(for_ever(talk_time=0), replications=2, seed=1, workers=workers)


@pytest.mark.timeout(240)
def test_a_transfer_to_and_fro_after_closing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MOST_FOLLOWING", 5000)
    scenario = for_ever(talk_time=100).replace(agent_groups=[group("g", ["voice", "mail"], 6)])
    with pytest.raises(simcc.SimulationError, match=r"5,\d\d\d contacts came of 6: .*an end"):
        simcc.simulate(scenario, replications=1, seed=1)


@pytest.mark.timeout(240)
def test_coming_back_at_once_for_ever_is_an_error() -> None:
    """A delay that is lost in the clock's last bit: time does not go on."""
    voice = kind(at=[1000], patience=9, queue_capacity=0, follow_ups=[again("blocked", 1e-15)])
    with pytest.raises(simcc.SimulationError, match=r"of 1: .*do not come to an end"):
        log_of([voice], [group("g", ["voice"], 0)])


@pytest.mark.timeout(240)
def test_the_draws_of_too_many_steps_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before memory runs out; a few steps there are always."""
    few = state.FEW_STEPS
    step = 6 * len(ATTRIBUTES)  # of 6 issues
    monkeypatch.setattr(state, "MOST_UNIFORMS", step * (few + 5))
    with pytest.raises(simcc.SimulationError, match=f"{few + 6} contacts in a row.*of 6: "):
        simcc.simulate(for_ever(talk_time=0), replications=1, seed=1)
    monkeypatch.setattr(state, "MOST_UNIFORMS", step)
    with pytest.raises(simcc.SimulationError, match=f"{few + 1} contacts in a row"):
        simcc.simulate(for_ever(talk_time=0), replications=1, seed=1)


def test_long_chains_that_end_are_fine() -> None:
    """A customer who redials every ten seconds of a closed hour."""
    voice = kind(at=[0], patience=1, follow_ups=[again("abandoned", 9)])
    log = log_of([voice], [group("g", ["voice"], 0)])
    assert log.n == HOUR / 10


@pytest.mark.timeout(240)
@pytest.mark.skipif(not ENABLED, reason="slow in plain Python")
def test_a_long_chain_is_not_slow() -> None:
    """Room for the draws of a step more is not made step by step."""
    horizon = simcc.Horizon(length=9000, interval=900)
    voice = kind(at=np.zeros(100), talk_time=0, follow_ups=[again("served", 1)])
    log = log_of([voice], [group("g", ["voice"], 100)], horizon=horizon)
    assert log.n == 100 * 9000
