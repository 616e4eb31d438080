"""What the notebooks on heavy traffic and on large centers show, against theory."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import pytest

import simcc
from simcc.engine.setup import Setup
from simcc.jit import ENABLED

SEVERAL = 5.0  # standard errors
MANY = 20 if ENABLED else 4  # replications
HOUR = 3600.0

# One agent, quadratic costs of waiting: c (per h squared), mean talk time (h), share of the load
COST = np.array([1.0, 4.0, 1.0, 0.25])
TALK = np.array([120.0, 180.0, 300.0, 240.0]) / HOUR
SHARE = np.array([0.3, 0.2, 0.2, 0.3])
NAMES = "abcd"
LOADS = (0.8, 0.9, 0.96)
RULES = {
    "first come": simcc.LongestWait(),
    "static": simcc.StaticPriority(priority=dict(zip(NAMES, (-COST / TALK).tolist(), strict=True))),
    "generalised": simcc.GeneralisedCMu(
        cost=dict(zip(NAMES, COST.tolist(), strict=True)), exponent=2
    ),
}


def single_agent(load: float, rule: str) -> simcc.Scenario:
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.PoissonArrivals(rate_per_hour=load * share / talk),
            talk_time=simcc.Exponential(mean=talk * HOUR),
        )
        for name, share, talk in zip(NAMES, SHARE, TALK, strict=True)
    ]
    agent = simcc.AgentGroup(name="agent", skills=list(NAMES), staff=simcc.FixedStaff(agents=1))
    length = hours_at(load) * HOUR
    return simcc.Scenario(
        horizon=simcc.Horizon(length=length, interval=length),
        contact_types=kinds,
        agent_groups=[agent],
        routing=simcc.Routing(policy=RULES[rule]),
    )


def hours_at(load: float) -> float:
    return (200 if ENABLED else 10) / (1 - load)


@cache
def seen(load: float, rule: str) -> Any:
    """By replication, in the mean over time: cost per hour, and work of those who wait (h)."""
    scenario, hours = single_agent(load, rule), hours_at(load)
    setup, rows = Setup(scenario), []
    for replication in range(MANY):
        sim = simcc.Simulation(scenario, seed=1, replication=replication, setup=setup)
        sim.run()
        log = sim.contact_log
        wait = (log.answered_at - log.offered_at) / HOUR
        rows.append((COST[log.queue_type] @ wait**2 / hours, TALK[log.queue_type] @ wait / hours))
    return np.array(rows)


def exact(load: float) -> tuple[float, float]:
    """Mean and second moment (h) of the work in M/G/1 (Takács)."""
    rate = load * SHARE / TALK
    mean = (rate * 2 * TALK**2).sum() / 2 / (1 - load)
    return float(mean), float(2 * mean**2 + (rate * 6 * TALK**3).sum() / 3 / (1 - load))


def assert_mean(found: Any, expected: float) -> None:
    error = found.std(ddof=1) / len(found) ** 0.5
    assert abs(found.mean() - expected) < SEVERAL * error


@pytest.mark.parametrize("load", LOADS[:2])
@pytest.mark.parametrize("rule", RULES)
def test_no_rule_changes_the_work(load: float, rule: str) -> None:
    """Kleinrock's conservation law: the loads times the mean waits add up to the same."""
    assert_mean(seen(load, rule)[:, 1], load * exact(load)[0])


@pytest.mark.parametrize("load", LOADS[:2])
def test_first_come_costs_what_takacs_says(load: float) -> None:
    rate = load * SHARE / TALK
    assert_mean(seen(load, "first come")[:, 0], exact(load)[1] * float(rate @ COST))


def relative(load: float, rule: str) -> Any:
    """Cost over the asymptotic bound, by replication, without the luck of the customers."""
    first = seen(load, "first come")[:, 0]
    factor = float((SHARE / TALK) @ COST * ((SHARE * TALK) @ (1 / COST))) * load**2
    found = seen(load, rule)[:, 0]
    whole = found.mean() / first.mean()
    return factor * (whole + (found - whole * first) / first.mean())


@pytest.mark.skipif(not ENABLED, reason="needs long runs")
def test_the_generalised_rule_approaches_the_bound() -> None:
    """The gap to 1 closes with the load, and at each it is below static priority's limit, 1.36."""
    ratios = [relative(load, "generalised") for load in LOADS]
    for lower, higher in itertools.pairwise(ratios):
        error = np.hypot(lower.std(ddof=1), higher.std(ddof=1)) / MANY**0.5
        assert abs(1 - higher.mean()) + SEVERAL * error < abs(1 - lower.mean())
    static = relative(LOADS[-1], "static") - ratios[-1]
    assert static.mean() > SEVERAL * static.std(ddof=1) / MANY**0.5


# Many agents, one group: shares of the arrivals and wished shares of the queue
ARRIVING = {"a": 0.5, "b": 0.3, "c": 0.2}
WISHED = {"a": 0.2, "b": 0.3, "c": 0.5}
SIZES = (9, 36, 144) if ENABLED else (9,)


@cache
def large(agents: int) -> simcc.Result:
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.PoissonArrivals(rate_per_hour=20 * agents * share),
            talk_time=simcc.Exponential(mean=180),
            patience=simcc.Exponential(mean=360),
        )
        for name, share in ARRIVING.items()
    ]
    group = simcc.AgentGroup(
        name="agents", skills=list(ARRIVING), staff=simcc.FixedStaff(agents=agents)
    )
    hours = max(10, 800 // agents)
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length=f"{hours}h", interval="1h", warmup="1h", after="stop"),
        contact_types=kinds,
        agent_groups=[group],
        routing=simcc.Routing(policy=simcc.QueueRatio(queue_share=WISHED)),
    )
    return simcc.simulate(scenario, replications=MANY, seed=2, record="contacts")


def mean_queues(agents: int) -> Any:
    """By replication and type."""
    result = large(agents)
    times = result.counters("type").groupby(["replication", "type"])["queue_time"].sum().unstack()
    horizon = result.scenario.horizon
    return times[list(WISHED)] / (horizon.length - horizon.warmup)


@pytest.mark.parametrize("agents", SIZES)
def test_the_sum_of_the_queues_is_erlang_as(agents: int) -> None:
    """All types talk and wait alike, so a rule for types leaves the sum as it is, exactly."""
    theory = simcc.theory.erlang_a(agents, 20 * agents, 180, 360)
    assert_mean(mean_queues(agents).sum(axis=1).to_numpy(), theory.mean_queue)


def distance(agents: int) -> Any:
    """By replication: mean of |Q_k - p_k Q| / sqrt(n), as contacts find it that wait."""
    contacts = large(agents).contacts()
    contacts = contacts[contacts["n_ahead_all"] >= 0]
    share = contacts["contact_type"].map(WISHED).astype(float)
    away = (contacts["n_ahead"] - share * contacts["n_ahead_all"]).abs() / agents**0.5
    return away.groupby(contacts["replication"]).mean().to_numpy()


@pytest.mark.skipif(not ENABLED, reason="needs long runs")
def test_queues_collapse_onto_the_wished_shares() -> None:
    """Distances shrink beside the queues as the center grows, and mean queues take their shares."""
    found = [distance(agents) for agents in SIZES]
    queues = [mean_queues(agents) for agents in SIZES]
    for i in range(len(SIZES) - 1):
        error = np.hypot(found[i].std(ddof=1), found[i + 1].std(ddof=1)) / MANY**0.5
        assert found[i].mean() - found[i + 1].mean() > SEVERAL * error
    wished = np.array(list(WISHED.values()))
    away = [abs((one.sum() / one.sum().sum()).to_numpy() - wished).max() for one in queues]
    # per replication, the share of c lies above the share of the arrivals, and rises
    shares = [(one["c"] / one.sum(axis=1)).to_numpy() for one in queues]
    for lower, higher in itertools.pairwise(shares):
        error = np.hypot(lower.std(ddof=1), higher.std(ddof=1)) / MANY**0.5
        assert higher.mean() - lower.mean() > SEVERAL * error
    assert away[-1] < away[0]
