"""Callbacks: against an exact chain, by hand, and by bad input."""

from __future__ import annotations

from typing import Any

import pytest
from markov import Chain

import simcc
from simcc.log import Outcome

HOUR = 3600.0
TALK, PATIENCE = 180.0, 120.0  # s
SEVERAL = 5.0  # standard errors


def center(agents: int, rate: float, callback: simcc.Callback) -> simcc.Scenario:
    return simcc.Scenario(
        horizon=simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h"),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
                talk_time=simcc.Exponential(mean=TALK),
                patience=simcc.Exponential(mean=PATIENCE),
                callback=callback,
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=agents))
        ],
    )


def chain(agents: int, rate: float, of: simcc.Callback, most: int = 40) -> Chain:
    """A state is how many are busy, wait in the line, and wait to be called back."""

    def dialled(busy: int, asked: int) -> tuple[int, int, int]:
        while asked and agents - busy >= of.idle_needed:
            busy, asked = busy + 1, asked - 1
        return busy, 0, asked

    def step(state: Any) -> Any:
        busy, line, asked = state
        arrive = rate / HOUR
        if busy < agents:
            yield arrive, (busy + 1, line, asked)
        else:
            accept = of.accepts if line >= of.min_waiting and asked < most else 0.0
            if accept:
                yield arrive * accept, (busy, line, asked + 1)
            if line < most:
                yield arrive * (1 - accept), (busy, line + 1, asked)
        if busy:
            yield busy / TALK, (busy, line - 1, asked) if line else dialled(busy - 1, asked)
        if line:
            yield line / PATIENCE, (busy, line - 1, asked)

    return Chain((0, 0, 0), step)


@pytest.mark.parametrize(
    ("agents", "rate", "accepts", "min_waiting", "idle_needed"),
    [(3, 50.0, 0.5, 0, 1), (4, 70.0, 1.0, 2, 1), (4, 60.0, 0.6, 1, 2)],
)
def test_exact(
    agents: int, rate: float, accepts: float, min_waiting: int, idle_needed: int, test_seed: int
) -> None:
    offer = simcc.Callback(accepts=accepts, min_waiting=min_waiting, idle_needed=idle_needed)
    exact = chain(agents, rate, offer)
    result = simcc.simulate(center(agents, rate, offer), replications=40, seed=test_seed)
    table = result.summary().set_index(["scope", "metric"])
    asking = exact.mean(lambda state: accepts * (state[0] == agents and state[1] >= min_waiting))
    waiting, line = exact.mean(lambda state: state[2]), exact.mean(lambda state: state[1])
    known = {
        ("all", "callback_share"): asking,
        ("all", "mean_callbacks"): waiting,
        ("all", "callback_wait"): waiting / (asking * rate / HOUR),
        ("all", "mean_queue"): line,
        ("all", "abandonment"): line / PATIENCE / (rate / HOUR),
        ("all", "p_wait"): exact.mean(lambda state: state[0] == agents) - asking,
        ("group:agents", "occupancy"): exact.mean(lambda state: state[0] / agents),
    }
    for key, value in known.items():
        row = table.loc[key]
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


def day(times: list[float], agents: int = 1, **offer: Any) -> Any:
    """Calls of 100 s; everybody who is offered a callback accepts."""
    of = simcc.Scenario(
        horizon=simcc.Horizon(length="1h"),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.TraceArrivals(times=times),
                talk_time=100,
                callback=simcc.Callback(accepts=1.0, **offer),
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=agents))
        ],
    )
    sim = simcc.Simulation(of, seed=1)
    sim.run()
    return sim


def test_who_waits_in_the_line_goes_first() -> None:
    """The third finds one waiting and leaves the line; the fourth does so too, and comes after."""
    log = day([0.0, 10.0, 20.0, 30.0], min_waiting=1).contact_log
    assert log.answered_at.tolist() == [0.0, 100.0, 200.0, 300.0]
    asked = Outcome.CALLED_BACK
    assert log.outcome.tolist() == [Outcome.SERVED, Outcome.SERVED, asked, asked]
    assert log.n_ahead.tolist() == [-1, 0, -1, -1]


def test_idle_agents_are_kept_for_callers() -> None:
    """Of two agents one must stay idle: both are, from 150 on, and then one calls."""
    log = day([0.0, 50.0, 60.0], agents=2, idle_needed=2).contact_log
    assert log.answered_at.tolist() == [0.0, 50.0, 150.0]


def test_the_day_ends_with_the_last_callback() -> None:
    sim = day([3590.0, 3595.0, 3599.0])
    assert sim.contact_log.answered_at.tolist() == [3590.0, 3690.0, 3790.0]
    assert sim.env.now == 3890.0


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"accepts": 1.5}, "accepts", ["1.5", "at most 1", "probability"]),
        ({}, "accepts", ["missing"]),
        ({"accepts": 0.5, "min_waiting": -1}, "min_waiting", ["-1", "at least 0"]),
        ({"accepts": 0.5, "idle_needed": 0}, "idle_needed", ["0", "at least 1"]),
        ({"accepts": 0.5, "accept": 1}, "accept", ["not a field", "accepts"]),
    ],
)
def test_refused(fields: dict[str, Any], place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.Callback(**fields)
    (problem,) = raised.value.problems
    assert problem.place == place
    assert all(word in problem.message for word in words), problem.message
