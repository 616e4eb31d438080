"""Callbacks that take time: against exact chains, by hand, and by bad input."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from markov import Chain

import simcc
from simcc.jit import ENABLED
from simcc.log import Outcome

HOUR = 3600.0
TALK, RING, RETRY, LATER = 180.0, 25.0, 400.0, 300.0  # s
MANY = 40 if ENABLED else 20  # replications
SEVERAL = 5.0  # standard errors
LONG = simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h")


def center(rate: float, callback: simcc.Callback, agents: int = 1, **fields: Any) -> simcc.Scenario:
    """One queue, all of whose times are exponential."""
    given = {"talk_time": simcc.Exponential(mean=TALK)} | fields
    arrivals = simcc.PoissonArrivals(rate_per_hour=rate)
    staff = simcc.FixedStaff(agents=agents)
    return simcc.Scenario(
        horizon=LONG,
        contact_types=[
            simcc.ContactType(name="voice", arrivals=arrivals, callback=callback, **given)
        ],
        agent_groups=[simcc.AgentGroup(name="agents", skills=["voice"], staff=staff)],
    )


def check(of: simcc.Scenario, known: dict[tuple[str, str], float], seed: int) -> None:
    """Estimates of many days are those that are known, up to a few standard errors."""
    table = (
        simcc.simulate(of, replications=MANY, seed=seed).summary().set_index(["scope", "metric"])
    )
    for key, value in known.items():
        row = table.loc[key]
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


IDLE, TALKS = 0, -1


def two_attempts(rate: float, answers: float, most: int = 7) -> Chain:
    """One agent; who would wait asks for a callback.

    A state is what the agent does (idle, talks, or waits for an answer at attempt 1 or 2), the
    attempts of those who are due, first come first served, and how many wait for their second.
    """

    def goes_on(due: tuple[int, ...], again: int) -> Any:
        return (due[0], due[1:], again) if due else (IDLE, (), again)

    def step(state: Any) -> Any:
        agent, due, again = state
        if agent == IDLE:
            yield rate / HOUR, (TALKS, due, again)
        elif len(due) + again < most:
            yield rate / HOUR, (agent, (*due, 1), again)
        if again:
            called = (*due, 2)
            busy = agent != IDLE
            yield again / RETRY, (agent, called, again - 1) if busy else goes_on(called, again - 1)
        if agent == TALKS:
            yield 1 / TALK, goes_on(due, again)
        elif agent != IDLE:
            yield answers / RING, (TALKS, due, again)
            yield (1 - answers) / RING, goes_on(due, again + (agent == 1))

    return Chain((IDLE, (), 0), step)


@pytest.mark.parametrize(("rate", "answers"), [(6.0, 0.5), (5.0, 0.2)])
def test_two_attempts_are_a_chain(rate: float, answers: float, test_seed: int) -> None:
    exact = two_attempts(rate, answers)
    offer = simcc.Callback(
        accepts=1.0, ring_time=simcc.Exponential(mean=RING), answers=answers,
        attempts=2, retry_delay=simcc.Exponential(mean=RETRY),
    )  # fmt: skip
    asking = rate / HOUR * exact.mean(lambda state: state[0] != IDLE)
    rings = exact.mean(lambda state: state[0] in (1, 2))
    given_up = (1 - answers) / RING * exact.mean(lambda state: state[0] == 2)
    reached = answers / RING * rings
    known = {
        ("all", "callback_share"): asking / (rate / HOUR),
        ("all", "mean_callbacks"): exact.mean(
            lambda state: len(state[1]) + state[2] + (state[0] in (1, 2))
        ),
        ("all", "mean_dialling"): rings,
        ("group:agents", "mean_dialling"): rings,
        ("group:agents", "occupancy"): exact.mean(lambda state: state[0] != IDLE),
        ("all", "mean_busy"): exact.mean(lambda state: state[0] != IDLE),
        ("all", "callbacks_not_reached"): given_up * 100 * HOUR,
        ("all", "called_back"): reached * 100 * HOUR,
        ("all", "callback_calls"): rings / RING * 100 * HOUR,
        ("all", "callback_first_wait"): exact.mean(lambda state: state[1].count(1)) / asking,
    }
    check(center(rate, offer), known, test_seed)


def many_attempts(agents: int, rate: float, answers: float, most: int = 25) -> Chain:
    """A state is how many talk, ring, are due, and will be: nobody is given up."""

    def dialled(talk: int, ring: int, due: int, later: int) -> tuple[int, int, int, int]:
        more = min(due, agents - talk - ring)
        return talk, ring + more, due - more, later

    def step(state: Any) -> Any:
        talk, ring, due, later = state
        if talk + ring < agents:
            yield rate / HOUR, (talk + 1, ring, due, later)
        elif later < most:
            yield rate / HOUR, (talk, ring, due, later + 1)
        if later and due < most:
            yield later / LATER, dialled(talk, ring, due + 1, later - 1)
        if talk:
            yield talk / TALK, dialled(talk - 1, ring, due, later)
        if ring:
            yield ring / RING * answers, (talk + 1, ring - 1, due, later)
            if later < most:
                again = dialled(talk, ring - 1, due, later + 1)
                yield ring / RING * (1 - answers), again

    return Chain((0, 0, 0, 0), step)


def test_later_slots_without_end_are_a_chain(test_seed: int) -> None:
    """The first slot is as far away as all others; so many attempts are as good as any number."""
    agents, rate, answers = 2, 20.0, 0.4
    exact = many_attempts(agents, rate, answers)
    delay = simcc.Exponential(mean=LATER)
    offer = simcc.Callback(
        accepts=1.0, later=delay, ring_time=simcc.Exponential(mean=RING), answers=answers,
        attempts=1000, retry_delay=delay,
    )  # fmt: skip
    asking = rate / HOUR * exact.mean(lambda state: state[0] + state[1] == agents)
    open_cases = exact.mean(lambda state: sum(state[1:]))
    known = {
        ("all", "mean_callbacks"): open_cases,
        ("all", "callback_wait"): open_cases / asking,
        ("all", "mean_dialling"): exact.mean(lambda state: state[1]),
        ("group:agents", "occupancy"): exact.mean(lambda state: sum(state[:2])) / agents,
        ("all", "calls_per_callback"): 1 / answers,
    }
    check(center(rate, offer, agents), known, test_seed)


@pytest.mark.parametrize(("answers", "attempts"), [(0.3, 4), (0.7, 2), (0.5, 1)])
def test_calls_are_geometric_and_cut_off(answers: float, attempts: int, test_seed: int) -> None:
    offer = simcc.Callback(
        accepts=1.0, ring_time=20, answers=answers, attempts=attempts, retry_delay=600
    )
    reached = 1 - (1 - answers) ** attempts
    known = {("all", "callback_reach_rate"): reached}
    if attempts > 1:
        known["all", "calls_per_callback"] = reached / answers
    check(center(30.0, offer, 2), known, test_seed)


# ---------------------------------------------------------------------- by hand


def day(
    times: list[float], agents: int = 1, length: str = "1h", kind: Any = None, **offer: Any
) -> Any:
    """Calls of 100 s; everybody who is offered a callback accepts."""
    of = simcc.Scenario(
        horizon=simcc.Horizon(length=length),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.TraceArrivals(times=times),
                talk_time=100,
                callback=simcc.Callback(accepts=1.0, **offer),
                **(kind or {}),
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=agents))
        ],
    )
    return simcc.Simulation(of, seed=1)


def log_of(*given: Any, **more: Any) -> Any:
    sim = day(*given, **more)
    sim.run()
    return sim.contact_log


def test_it_rings_and_the_agent_is_held() -> None:
    log = log_of([0.0, 10.0, 20.0], ring_time=15)
    assert log.answered_at.tolist() == [0.0, 115.0, 230.0]
    assert log.callbacks.contact.tolist() == [1, 2]
    assert log.callbacks.started_at.tolist() == [100.0, 215.0]
    assert log.callbacks.ended_at.tolist() == [115.0, 230.0]
    assert log.callbacks.agent.tolist() == log.callbacks.group.tolist() == [0, 0]


def test_callers_come_before_those_who_are_due_but_not_before_those_who_ring() -> None:
    """The third finds the agent waiting for an answer, and is due once the second was talked to."""
    log = log_of([0.0, 10.0, 105.0], ring_time=15, min_waiting=0)
    assert log.answered_at.tolist() == [0.0, 115.0, 230.0]


def test_who_never_answers_is_called_so_many_times_and_then_given_up() -> None:
    log = log_of([0.0, 10.0], ring_time=15, answers=0.0, attempts=3, retry_delay=60)
    assert log.callbacks.started_at.tolist() == [100.0, 175.0, 250.0]
    assert log.outcome.tolist() == [Outcome.SERVED, Outcome.NOT_REACHED]
    assert log.left_at.tolist() == [100.0, 265.0]
    assert math.isnan(log.answered_at[1])
    assert log.agent.tolist() == [0, -1]


def test_a_later_slot() -> None:
    """The second asks at 10 and is due at 310; the third calls meanwhile and is answered."""
    log = log_of([0.0, 10.0, 250.0, 300.0], later=300)
    assert log.answered_at.tolist() == [0.0, 350.0, 250.0, 600.0]
    assert log.callbacks.started_at.tolist() == log.callbacks.ended_at.tolist() == [350.0, 600.0]


def test_the_one_that_has_been_due_longest_goes_first() -> None:
    """Nobody picks up: both are called at 100, and again at 150, in the same order."""
    log = log_of([0.0, 10.0, 20.0], answers=0.0, attempts=2, retry_delay=50)
    assert log.callbacks.contact.tolist() == [1, 2, 1, 2]
    assert log.callbacks.started_at.tolist() == [100.0, 100.0, 150.0, 150.0]


def test_what_would_be_due_after_the_horizon_is_not_called() -> None:
    log = log_of([3400.0, 3450.0, 3575.0], ring_time=10, answers=0.0, attempts=9, retry_delay=60)
    assert log.callbacks.contact.tolist() == [1, 1, 2]
    assert log.outcome.tolist() == [Outcome.SERVED, Outcome.CALLBACK_ASKED, Outcome.CALLBACK_ASKED]
    assert log.ended_at == 3600.0
    later = log_of([3500.0, 3550.0], later=50)
    assert later.outcome.tolist() == [Outcome.SERVED, Outcome.CALLBACK_ASKED]
    assert later.ended_at == 3600.0
    assert later.callbacks.n == 0


def test_hours_of_the_offer() -> None:
    """Outside the hours those who would have to wait do so."""
    log = log_of([0.0, 10.0, 60.0, 70.0, 80.0], hours=[(20, 70), (80, 90)])
    asked = [Outcome.SERVED, Outcome.SERVED, Outcome.CALLED_BACK, Outcome.SERVED]
    assert log.outcome.tolist() == [*asked, Outcome.CALLED_BACK]
    assert log.answered_at.tolist() == [0.0, 100.0, 300.0, 200.0, 400.0]


def test_hours_are_those_of_each_day() -> None:
    again = [86400.0, 86410.0, 86430.0]
    log = log_of([0.0, 10.0, 30.0, *again], length="2d", hours=[(20, 70)])
    assert (log.outcome == Outcome.CALLED_BACK).tolist() == 2 * [False, False, True]


def test_a_line_is_taken_while_it_rings() -> None:
    """Of two lines it rings on one from 100 on, and the third contact waits on the other."""
    of = day([0.0, 10.0, 102.0, 104.0, 130.0], ring_time=15, hours=[(0, 50)]).scenario
    sim = simcc.Simulation(of.replace(lines=2), seed=1)
    sim.run()
    assert sim.contact_log.outcome.tolist()[2:4] == [Outcome.SERVED, Outcome.BLOCKED]


def test_the_customer_who_was_not_reached_comes_back() -> None:
    redial = simcc.FollowUp(when="not_reached", probability=1, delay=500, talk_factor=0.5)
    kind = {"follow_ups": [redial]}
    log = log_of([0.0, 10.0], ring_time=15, answers=0.0, kind=kind)
    assert log.arrived_at.tolist() == [0.0, 10.0, 615.0]
    assert log.attempt.tolist() == [1, 1, 2]
    assert log.answered_at[2] == 615.0
    assert log.left_at[2] == 665.0


def test_what_a_process_sees() -> None:
    """Submitted, called back twice in vain; the agent is busy while it rings."""
    sim = day([0.0], ring_time=15, answers=0.0, attempts=2, retry_delay=60)
    seen: list[Any] = []

    def process() -> Any:
        yield sim.env.timeout(10)
        ended = sim.submit("voice")
        for at in (50.0, 105.0, 120.0, 180.0):
            yield sim.env.at(at)
            seen.append(sim.agent_states("agents")[0][1])
        seen.append((yield ended))
        seen.append(sim.env.now)

    sim.process(process())
    sim.run()
    *states, what, now = seen
    assert states == ["busy", "busy", "idle", "busy"]
    assert what.outcome == Outcome.NOT_REACHED
    assert what.wait_time == 180.0
    assert what.agent is None
    assert now == 190.0


def test_many_agents_call_at_once() -> None:
    """More calls than there is room for at first."""
    times = [0.0] * 700 + [1.0] * 700
    log = log_of(times, agents=700, ring_time=10, answers=1.0)
    assert (log.answered_at == np.repeat([0.0, 110.0], 700)).all()
    assert sorted(log.callbacks.contact.tolist()) == list(range(700, 1400))
    assert sorted(log.callbacks.agent.tolist()) == list(range(700))


def test_the_luck_of_a_contact_is_its_own() -> None:
    """Who picks up at which attempt does not depend on the staffing or on other contacts."""
    offer = {"ring_time": 15, "answers": 0.5, "attempts": 8, "retry_delay": 30}
    alone, more = (log_of([0.0, 10.0, 20.0], agents=n, **offer) for n in (1, 2))
    called = log_of([0.0, 10.0, 20.0, 21.0, 22.0], **offer)
    calls = [(log.callbacks.contact == 2).sum() for log in (alone, called)]
    assert calls[0] == calls[1]
    assert (more.callbacks.contact == 2).sum() == calls[0]


def test_tables_of_a_run() -> None:
    of = day([0.0, 10.0], ring_time=15, answers=0.0).scenario
    result = simcc.simulate(of, replications=2, seed=1, record="contacts")
    calls = result.callbacks()
    assert calls["contact"].tolist() == [1, 1]
    assert calls["agent"].tolist() == 2 * ["agents 1"]
    assert calls["started_at"].tolist() == [100.0, 100.0]
    journeys = result.journeys()
    assert journeys["outcome"].tolist() == 2 * ["served", "not_reached"]
    assert journeys["last_left_at"].tolist() == 2 * [100.0, 115.0]
    events = result.event_log()
    assert events["activity"][events["contact"] == 1].tolist() == 2 * [
        "arrived", "asked for callback", "not reached",
    ]  # fmt: skip
    counters = result.counters("group")
    assert counters["dialling_time"].tolist()[0] == 15.0
    assert counters["busy_time"].sum() == 2 * 115.0
    by_type = result.counters("type")
    assert by_type["callbacks_not_reached"].sum() == by_type["callback_calls"].sum() == 2


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"answers": 1.5}, "answers", ["1.5", "at most 1", "probability"]),
        ({"attempts": 0}, "attempts", ["0", "at least 1"]),
        ({"attempts": 3}, "retry_delay", ["missing", "3", "seconds"]),
        ({"ring_time": -1}, "ring_time", ["-1", "seconds"]),
        ({"later": "soon"}, "later", ["soon"]),
        ({"retry_delay": -5}, "retry_delay", ["-5", "seconds"]),
        ({"retry_delay": 0}, "retry_delay", ["mean 0", "more than 0", "seconds"]),
        ({"hours": [(50, 50)]}, "hours[0]", ["50", "end later", "seconds"]),
        ({"hours": [(0, 50), (40, 60)]}, "hours[1]", ["40", "hours[0]", "apart"]),
    ],
)
def test_refused(fields: dict[str, Any], place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.Callback(**({"accepts": 0.5} | fields))
    (problem,) = raised.value.problems
    assert problem.place == place
    assert all(word in problem.message for word in words), problem.message


@pytest.mark.parametrize("fields", [{"answers": 0.9}, {"ring_time": 5}])
def test_agents_for_whom_it_rings_hold_one_contact(fields: dict[str, Any]) -> None:
    of = center(5.0, simcc.Callback(accepts=0.5, later=60))
    (group,) = of.agent_groups
    several = group.replace(concurrency=simcc.Concurrency(most=2))
    of = of.replace(agent_groups=[several])
    (kind,) = of.contact_types
    rings = kind.replace(callback=simcc.Callback(accepts=0.5, **fields))
    with pytest.raises(simcc.ScenarioError) as raised:
        of.replace(contact_types=[rings])
    (problem,) = raised.value.problems
    assert problem.place == 'agent_groups["agents"].skills'
    assert "must hold one contact" in problem.message


FILE = """
[horizon]
length = "2h"

[[contact_types]]
name = "voice"
talk_time = "2min"
arrivals = { rate_per_hour = 30 }
callback = { accepts = 0.5, hours = [["30min", "1h"]], later = { law = "uniform", low = 0, \
high = "1h" }, ring_time = 20, answers = 0.7, attempts = 3, retry_delay = "15min" }

[[agent_groups]]
name = "agents"
skills = ["voice"]
agents = 3
"""


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "calls.toml"
    path.write_text(FILE)
    (voice,) = simcc.load(path).contact_types
    assert voice.callback == simcc.Callback(
        accepts=0.5, hours=[(1800, 3600)], later=simcc.Uniform(low=0, high=3600), ring_time=20,
        answers=0.7, attempts=3, retry_delay=900,
    )  # fmt: skip
    again = simcc.Scenario.from_dict(simcc.load(path).to_dict())
    assert again == simcc.load(path)
