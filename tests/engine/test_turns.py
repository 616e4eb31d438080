"""Chats in turns: against product forms and exact chains, by hand, and by bad input."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from markov import Chain

import simcc
from simcc.log import Outcome

HOUR = 3600.0
SEVERAL = 5.0  # standard errors
SPEED = [1.0, 0.8, 0.65]


def center(turns: simcc.Turns, agents: int, rate: float, most: int, **kind: Any) -> simcc.Scenario:
    """Chats in steady state after ten hours."""
    return simcc.Scenario(
        horizon=simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h"),
        contact_types=[
            simcc.ContactType(
                name="chat",
                channel="chat",
                arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
                turns=turns,
                **kind,
            )
        ],
        agent_groups=[
            simcc.AgentGroup(
                name="agents",
                skills=["chat"],
                staff=simcc.FixedStaff(agents=agents),
                concurrency=simcc.Concurrency(most=most, speed=SPEED[:most], ties="random"),
            )
        ],
    )


def check(of: simcc.Scenario, exact: dict[tuple[str, str], float], seed: int) -> None:
    table = simcc.simulate(of, replications=40, seed=seed).summary()
    table = table.set_index(["scope", "metric"])
    for key, value in exact.items():
        row = table.loc[key]
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


# ---------------------------------------------------------------------- product forms


def product_form(slots: int, work: float, thinking: float) -> dict[tuple[int, int], float]:
    """Of one agent without a queue: probability of each number active and thinking.

    A processor-sharing node and an infinite-server node, arrivals lost when all slots are taken
    (Kelly, Reversibility and Stochastic Networks, 1979): only the loads (erlangs) of work and of
    thinking matter, whatever the laws.
    """
    weight = {
        (a, t): work**a
        / math.prod(i * SPEED[i - 1] for i in range(1, a + 1))
        * thinking**t
        / math.factorial(t)
        for a, t in itertools.product(range(slots + 1), repeat=2)
        if a + t <= slots
    }
    total = sum(weight.values())
    return {state: one / total for state, one in weight.items()}


def of_product_form(p: dict[tuple[int, int], float], slots: int) -> dict[tuple[str, str], float]:
    held = sum((a + t) * one for (a, t), one in p.items())
    return {
        ("all", "blocking"): sum(one for (a, t), one in p.items() if a + t == slots),
        ("group:agents", "mean_busy"): held,
        ("group:agents", "occupancy"): 1 - p[0, 0],
        ("all", "think_share"): sum(t * one for (_, t), one in p.items()) / held,
    }


TALK, WORK, THINK, RATE = 300.0, 60.0, 90.0, 12.0  # s, s, s, per hour


@pytest.mark.parametrize(
    ("talk", "work", "think", "pauses"),
    [
        (
            simcc.Exponential(mean=TALK),
            simcc.Exponential(mean=WORK),
            simcc.Exponential(mean=THINK),
            TALK / WORK,
        ),
        (
            simcc.Lognormal(mean=TALK, cv=1.2),
            simcc.Exponential(mean=WORK),
            simcc.Gamma(mean=THINK, cv=0.5),
            TALK / WORK,
        ),
        (TALK, 100.0, simcc.Lognormal(mean=THINK, cv=1.5), 2),
    ],
    ids=["exponential", "general", "constant"],
)
@pytest.mark.parametrize("slots", [2, 3])
def test_thinking(
    slots: int, talk: Any, work: Any, think: Any, pauses: float, test_seed: int
) -> None:
    of = center(
        simcc.Turns(work=work, think_time=think), 1, RATE, slots, talk_time=talk, queue_capacity=0
    )
    p = product_form(slots, RATE / HOUR * TALK, RATE / HOUR * pauses * THINK)
    exact = of_product_form(p, slots)
    if not isinstance(talk, float):
        exact["all", "turns"] = 1 + pauses
    check(of, exact, test_seed)


def test_silence_and_time_out(test_seed: int) -> None:
    """A chat ends by its work or by silence, whichever comes first."""
    silence, timeout, slots = 0.15, 240.0, 3
    turns = simcc.Turns(
        work=simcc.Exponential(mean=WORK),
        think_time=simcc.Uniform(low=0, high=2 * THINK),
        silence=silence,
        timeout=timeout,
    )
    of = center(turns, 1, RATE, slots, talk_time=simcc.Exponential(mean=TALK), queue_capacity=0)
    pause = TALK / (TALK + WORK)  # rather than the end, after a turn
    n_turns = 1 / (1 - pause * (1 - silence))
    closed = n_turns * pause * silence
    per_turn = 1 / (1 / TALK + 1 / WORK)
    thinking = n_turns * pause * (1 - silence) * THINK + closed * timeout
    p = product_form(slots, RATE / HOUR * n_turns * per_turn, RATE / HOUR * thinking)
    exact = of_product_form(p, slots)
    served = RATE / HOUR * (1 - exact["all", "blocking"])
    exact |= {
        ("all", "timed_out_share"): closed,
        ("all", "turns"): n_turns,
        ("all", "slot_time_lost"): served * closed * timeout / exact["group:agents", "mean_busy"],
    }
    check(of, exact, test_seed)


# ---------------------------------------------------------------------- chains


def desks(agents: int, rate: float, most: int, leaves: float, waits: float) -> Chain:
    """Each agent holds so many active and so many thinking; and how many wait.

    ``leaves`` and ``waits``: mean patience (s) for an answer in the chat and in the queue.
    """

    def step(state: Any) -> Any:
        held, waiting = state
        fewest = min(map(sum, held))
        if fewest < most:
            places = [i for i, one in enumerate(held) if sum(one) == fewest]
            for i in places:
                yield rate / HOUR / len(places), (moved(held, i, 1, 0), 0)
        elif waiting < 40:
            yield rate / HOUR, (held, waiting + 1)
        for i, (active, thinking) in enumerate(held):
            if active:
                pace = SPEED[active - 1]
                ends = active * (pace / TALK + 1 / leaves)
                yield ends, (held, waiting - 1) if waiting else (moved(held, i, -1, 0), 0)
                yield active * pace / WORK, (moved(held, i, -1, 1), waiting)
            if thinking:
                yield thinking / THINK, (moved(held, i, 1, -1), waiting)
        if waiting:
            yield waiting / waits, (held, waiting - 1)

    return Chain((((0, 0),) * agents, 0), step)


def moved(held: Any, i: int, active: int, thinking: int) -> Any:
    return tuple(
        sorted(
            (one[0] + active * (j == i), one[1] + thinking * (j == i)) for j, one in enumerate(held)
        )
    )


@pytest.mark.parametrize(("agents", "most", "rate"), [(1, 3, 11.0), (2, 2, 20.0), (2, 3, 26.0)])
def test_leaving_in_mid_chat(agents: int, most: int, rate: float, test_seed: int) -> None:
    leaves, waits = 150.0, 240.0
    turns = simcc.Turns(
        work=simcc.Exponential(mean=WORK),
        think_time=simcc.Exponential(mean=THINK),
        patience=simcc.Exponential(mean=leaves),
    )
    of = center(
        turns, agents, rate, most,
        talk_time=simcc.Exponential(mean=TALK), patience=simcc.Exponential(mean=waits),
    )  # fmt: skip
    chain = desks(agents, rate, most, leaves, waits)

    def total(part: int) -> float:
        return chain.mean(lambda state: sum(one[part] for one in state[0]))

    def all_taken(state: Any) -> bool:
        return all(sum(one) == most for one in state[0])

    abandons = chain.mean(lambda state: state[1]) / waits
    begun = rate / HOUR - abandons
    check(
        of,
        {
            ("all", "p_wait"): chain.mean(all_taken),
            ("all", "mean_queue"): chain.mean(lambda state: state[1]),
            ("all", "abandonment"): abandons / (rate / HOUR),
            ("group:agents", "mean_busy"): total(0) + total(1),
            ("all", "think_share"): total(1) / (total(0) + total(1)),
            ("all", "left_in_chat_share"): total(0) / leaves / begun,
        },
        test_seed,
    )


def test_the_chain_without_impatience_is_the_product_form() -> None:
    """Two ways to the same numbers; and the chain with impatience is far from both."""
    chain = desks(1, RATE, 3, math.inf, 1e-9)
    p = product_form(3, RATE / HOUR * TALK, RATE / HOUR * TALK / WORK * THINK)
    for (active, thinking), one in p.items():
        found = chain.mean(lambda state, at=(active, thinking): state[0][0] == at)
        assert found == pytest.approx(one, rel=1e-6)
    assert desks(1, RATE, 3, 150.0, 1e-9).mean(lambda state: state[0][0] == (0, 0)) > 1.5 * p[0, 0]


# ---------------------------------------------------------------------- by hand


def by_hand(times: list[float], kind: dict[str, Any], **concurrency: Any) -> simcc.Simulation:
    of = simcc.Scenario(
        horizon=simcc.Horizon(length="1h"),
        contact_types=[
            simcc.ContactType(name="chat", arrivals=simcc.TraceArrivals(times=times), **kind)
        ],
        agent_groups=[
            simcc.AgentGroup(
                name="agents",
                skills=["chat"],
                staff=simcc.FixedStaff(agents=1),
                concurrency=simcc.Concurrency(**{"most": 2, "speed": [1.0, 0.5]} | concurrency),
            )
        ],
    )
    sim = simcc.Simulation(of, seed=1)
    sim.run()
    return sim


def test_one_chat_alone() -> None:
    """Work 0 to 40, 70 to 110 and 140 to 160; then after-call work."""
    turns = simcc.Turns(work=40.0, think_time=30.0)
    log = by_hand([0.0], {"talk_time": 100.0, "after_call_work": 15.0, "turns": turns}).contact_log
    assert (log.left_at[0], log.freed_at[0]) == (160.0, 175.0)
    assert (log.turns[0], log.think_time[0]) == (3, 60.0)


def test_who_thinks_takes_no_speed() -> None:
    """Together at half speed from 20 to 60 and from 110 to 150, else alone."""
    turns = simcc.Turns(work=40.0, think_time=30.0)
    log = by_hand([0.0, 20.0], {"talk_time": 100.0, "turns": turns}).contact_log
    assert log.left_at.tolist() == [200.0, 220.0]
    assert log.think_time.tolist() == [60.0, 60.0]


def test_who_waits_too_long_for_an_answer_leaves() -> None:
    """The first leaves at 50; the second has 25 s of work left then, and leaves at 70."""
    turns = simcc.Turns(work=40.0, think_time=30.0, patience=50.0)
    kind = {"talk_time": 100.0, "after_call_work": 15.0, "turns": turns}
    log = by_hand([0.0, 20.0], kind).contact_log
    assert log.left_at.tolist() == log.freed_at.tolist() == [50.0, 70.0]
    assert (log.outcome == Outcome.LEFT_IN_CHAT).all()


def test_an_answer_just_in_time_is_in_time() -> None:
    turns = simcc.Turns(work=40.0, think_time=30.0, patience=40.0)
    log = by_hand([0.0], {"talk_time": 100.0, "turns": turns}).contact_log
    assert (log.outcome[0], log.left_at[0]) == (Outcome.SERVED, 160.0)


@pytest.mark.parametrize(
    ("think", "silence", "freed"), [(30.0, 1.0, 140.0), (100.5, 0.0, 140.0), (100.0, 0.0, 300.0)]
)
def test_a_silent_chat_is_closed(think: float, silence: float, freed: float) -> None:
    """After 40 s of work and 100 s of silence its slot is free for the next."""
    turns = simcc.Turns(work=40.0, think_time=think, silence=silence, timeout=100.0)
    kind = {"talk_time": 100.0, "turns": turns}
    sim = by_hand([0.0, 10.0], kind, share={"chat": 1.0})
    log = sim.contact_log
    closed = freed == 140.0
    assert log.outcome[0] == (Outcome.TIMED_OUT if closed else Outcome.SERVED)
    assert (log.left_at[0], log.answered_at[1]) == (freed, freed)
    assert log.think_time[0] == (100.0 if closed else 200.0)
    sums = sim.result().sums
    assert sums.total("timed_out").sum() == sums.total("chats").sum() * closed == 2 * closed
    assert sums.total("silent_sum").sum() == 200.0 * closed


def test_broken_off_chats_are_answered_and_not_resolved() -> None:
    turns = simcc.Turns(work=40.0, think_time=30.0, patience=50.0)
    back = simcc.FollowUp(when="unresolved", probability=1, delay="10min", at_most=1)
    kind = {"talk_time": 100.0, "turns": turns, "follow_ups": [back]}
    sim = by_hand([0.0, 20.0], kind)
    log = sim.contact_log
    assert log.resolved.tolist() == [0, 0, 0, 0]
    assert log.arrived_at.tolist() == [0.0, 20.0, 650.0, 670.0]
    sums = sim.result().sums
    assert sums.total("served").sum() == sums.total("left_in_chat").sum() == 4
    assert sums.total("abandoned").sum() == 0


@pytest.mark.parametrize(("patience", "what"), [(30.0, "left in chat"), (None, "timed out")])
def test_journeys_and_events_of_chats_broken_off(patience: Any, what: str) -> None:
    """Answered at 10, the customer leaves at 40; or is silent from 50 on, until 90."""
    turns = simcc.Turns(work=40.0, think_time=1, patience=patience, silence=1, timeout=40.0)
    sim = by_hand([10.0], {"talk_time": 100.0, "after_call_work": 15.0, "turns": turns})
    result = simcc.simulate(sim.scenario, replications=1, seed=1, record="contacts")
    events = result.event_log()
    assert events["activity"].tolist() == ["arrived", "answered", what]
    start = events["timestamp"] - events["timestamp"].iloc[0]
    end = 40.0 if patience else 90.0
    assert start.dt.total_seconds().tolist() == [0.0, 0.0, end - 10.0]
    (journey,) = result.journeys().to_dict("records")
    assert (journey["resolved"], journey["outcome"]) == (False, what.replace(" ", "_"))
    assert (journey["times_served"], journey["talk_time"]) == (1, end - 10.0)
    (contact,) = result.contacts().to_dict("records")
    assert contact["turns"] == 1


# ---------------------------------------------------------------------- the same customers


def test_chats_are_the_same_whoever_serves(test_seed: int) -> None:
    """Turns and thinking are the customer's, not the center's."""
    turns = simcc.Turns(
        work=simcc.Exponential(mean=WORK), think_time=simcc.Gamma(mean=THINK, cv=0.7)
    )
    talk = simcc.Lognormal(mean=TALK, cv=1.0)
    logs = []
    for agents, most in ((2, 2), (3, 3)):
        sim = simcc.Simulation(center(turns, agents, 20.0, most, talk_time=talk), seed=test_seed)
        sim.run()
        logs.append(sim.contact_log)
    one, other = logs
    assert one.n > 500
    assert (one.answered_at != other.answered_at).any()
    assert (one.turns == other.turns).all()
    np.testing.assert_allclose(one.think_time, other.think_time, rtol=1e-6, atol=1e-6)


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"work": 0}, "work", ["no time", "more than 0"]),
        ({"work": None}, "work", ["law"]),
        ({"think_time": "soon"}, "think_time", ["soon"]),
        ({"silence": 1.5, "timeout": 60}, "silence", ["1.5", "at most 1"]),
        ({"silence": 0.1}, "timeout", ["missing", "seconds"]),
        ({"timeout": 0}, "timeout", ["0", "more than 0"]),
        ({"number": 3}, "number", ["not a field"]),
        (
            {"think_time": simcc.SurvivalCurve(times=[0, 60], survival=[1, 0.5], tail="never")},
            "think_time",
            ["infinite mean"],
        ),
    ],
)
def test_refused(fields: dict[str, Any], place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.Turns(**{"work": 60, "think_time": 30} | fields)
    (problem,) = raised.value.problems
    assert problem.place == place
    assert all(word in problem.message for word in words), problem.message


def test_too_many_turns_are_refused() -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.ContactType(name="chat", talk_time=300, turns=simcc.Turns(work=0.01, think_time=30))
    (problem,) = raised.value.problems
    assert problem.place == "turns.work"
    assert all(word in problem.message for word in ("0.01 s", "300 s", "10,000"))


@pytest.mark.parametrize(
    ("concurrency", "place", "words"),
    [
        (None, "concurrency", ["missing", '"chat" is a chat in turns']),
        (simcc.Concurrency(most=1), "concurrency.most", ["is 1", "at least 2"]),
        (
            simcc.Concurrency(most=2, mode="fixed_at_start"),
            "concurrency.mode",
            ["fixed_at_start", '"dynamic"'],
        ),
    ],
)
def test_groups_that_cannot_hold_chats(concurrency: Any, place: str, words: list[str]) -> None:
    of = center(simcc.Turns(work=60, think_time=30), 1, 1.0, 2, talk_time=60)
    (group,) = of.agent_groups
    with pytest.raises(simcc.ScenarioError) as raised:
        of.replace(agent_groups=[group.replace(concurrency=concurrency)])
    (problem,) = raised.value.problems
    assert problem.place == f'agent_groups["agents"].{place}'
    assert all(word in problem.message for word in words), problem.message


@pytest.mark.parametrize(
    ("name", "other"),
    [("callback", simcc.Callback(accepts=1)), ("interruption", simcc.Interruption(by=["voice"]))],
)
def test_no_callbacks_or_interruptions_beside(name: str, other: Any) -> None:
    with pytest.raises(simcc.ScenarioError, match=f"{name} are both given"):
        simcc.ContactType(
            name="chat", talk_time=60, turns=simcc.Turns(work=60, think_time=30), **{name: other}
        )
