"""Announcements: against an exact chain, by hand, and by bad input."""

from __future__ import annotations

from typing import Any

import pytest
from markov import Chain

import simcc

HOUR = 3600.0
TALK, PATIENCE = 180.0, 200.0  # s
SEVERAL = 5.0  # standard errors


def test_exact_with_the_length_of_the_queue(test_seed: int) -> None:
    """Who is told n * 180 s / 3 or more leaves with a chance that grows: a birth-death chain."""
    agents, rate = 3, 75.0
    steps = [simcc.Step(wait=100, leaves=0.3), simcc.Step(wait=200, leaves=0.7)]
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h"),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
                talk_time=simcc.Exponential(mean=TALK),
                patience=simcc.Exponential(mean=PATIENCE),
                announcement=simcc.Announcement(estimate="queue_length", steps=steps),
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["voice"], staff=simcc.FixedStaff(agents=agents))
        ],
    )

    def leaves(n: int) -> float:
        told = (n - agents + 1) * TALK / agents
        return 0.0 if n < agents or told < 100 else 0.3 if told < 200 else 0.7

    def step(n: int) -> Any:
        if n < 200:
            yield rate / HOUR * (1 - leaves(n)), n + 1
        if n:
            yield min(n, agents) / TALK + max(n - agents, 0) / PATIENCE, n - 1

    exact = Chain(0, step)
    table = simcc.simulate(scenario, replications=40, seed=test_seed).summary()
    rows = table.set_index(["scope", "metric"])
    queue = exact.mean(lambda n: max(n - agents, 0))
    for metric, value in (
        ("balking", exact.mean(leaves)),
        ("mean_queue", queue),
        ("abandonment", exact.mean(leaves) + queue / PATIENCE / (rate / HOUR)),
    ):
        row = rows.loc["all", metric]
        assert row["std_error"] > 0
        assert abs(row["estimate"] - value) <= SEVERAL * row["std_error"], metric


def outcomes(
    times: list[float], estimate: str, steps: list[dict[str, float]], **fields: Any
) -> Any:
    """The log of contacts that take 100 s each, of one agent."""
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length="1h", interval="1h"),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.TraceArrivals(times=times),
                talk_time=100,
                announcement={"estimate": estimate, "steps": steps} if steps else None,
                **fields,
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["voice"], staff=simcc.FixedStaff(agents=1))
        ],
    )
    return simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()


def test_the_last_one_answered() -> None:
    """Answered at 100 s after 90 s: who comes later is told 90 s, until 200 s when it is 175 s."""
    steps = [{"wait": 90, "leaves": 1}]
    log = outcomes([0, 10, 25, 101, 250], "last_answered", steps)
    assert log["outcome"].tolist() == ["served", "served", "served", "balked", "balked"]


def test_the_head_of_the_line() -> None:
    """It waits since 10 s: who comes at 60 s is told 50 s."""
    log = outcomes([0, 10, 59, 60], "head_of_line", [{"wait": 50, "leaves": 1}])
    assert log["outcome"].tolist() == ["served", "served", "served", "balked"]


def test_those_who_stay_have_another_patience() -> None:
    steps = [{"wait": 150, "patience_factor": 0.5}, {"wait": 250, "patience_factor": 2}]
    log = outcomes([0, 10, 20, 30], "queue_length", steps, patience=150)
    # told 100, 200 and 300 s: patience of 150, 75 and 300 s
    assert log["outcome"].tolist() == ["served", "served", "abandoned", "served"]
    assert log["left_at"][2] == 20 + 75


def test_a_callback_is_offered_from_an_expected_wait_on() -> None:
    offer = simcc.Callback(accepts=1, min_wait=150)
    log = outcomes([0, 10, 20], "queue_length", [], callback=offer)
    assert log["outcome"].tolist() == ["served", "served", "called_back"]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"estimate": "guess", "steps": [{"wait": 1}]}, "estimate"),
        ({"estimate": "head_of_line", "steps": []}, "steps"),
        ({"estimate": "head_of_line", "steps": [{"wait": 9}, {"wait": 9}]}, "must increase"),
        ({"estimate": "head_of_line", "steps": [{"wait": 9, "leaves": 2}]}, "leaves"),
        ({"estimate": "head_of_line", "steps": [{"wait": 9, "patience_factor": 0}]}, "patience"),
    ],
)
def test_bad_input(told: dict[str, Any], message: str) -> None:
    with pytest.raises(simcc.ScenarioError) as error:
        simcc.ContactType(name="voice", talk_time=60, announcement=told)
    assert message in str(error.value)
