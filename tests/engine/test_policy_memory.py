"""Policies with memory, and those that draw at random: what they see, what stays the same."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

import simcc
from simcc.counter_draws import uniform_at
from simcc.instances import m_design, x_design
from simcc.jit import ENABLED


def fair(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    return wait - state[group]


def count(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[group] += params[0]


def drawn(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    return uniform_at(state[0], 10 * state[1] + group) + wait


def count_draws(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[1] += 1.0


FAIR = simcc.CustomPolicy(score=fair, params=[1.0], state=[0.0, 0.0, 0.0], update=count)
DRAWN = simcc.CustomPolicy(score=drawn, state=[0.0, 0.0], update=count_draws, random=True)
POLICIES = {
    "fair": FAIR,
    "drawn": DRAWN,
    "random": simcc.RandomRouting(),
    "round_robin": simcc.RoundRobin(),
}


def contacts(policy: Any, seed: int, **options: Any) -> Any:
    of = m_design(policy=policy, length="2h")
    return simcc.simulate(of, seed=seed, record="contacts", **options).contacts()


@pytest.mark.parametrize("name", POLICIES)
def test_any_number_of_workers(name: str, test_seed: int) -> None:
    one, two = (
        contacts(POLICIES[name], test_seed, replications=6, workers=workers) for workers in (1, 2)
    )
    assert one.equals(two)


@pytest.mark.parametrize("name", POLICIES)
def test_each_replication_is_the_same_alone(name: str, test_seed: int) -> None:
    """It begins with the first values, whatever happened in the others."""
    several = contacts(POLICIES[name], test_seed, replications=3)
    alone = simcc.Simulation(
        m_design(policy=POLICIES[name], length="2h"), seed=test_seed, replication=2
    )
    alone.run()
    third = several[several.replication == 2]
    np.testing.assert_array_equal(third.answered_at, alone.contact_log.answered_at)
    np.testing.assert_array_equal(third.arrived_at, alone.contact_log.arrived_at)


@pytest.mark.parametrize("name", POLICIES)
def test_customers_are_the_same(name: str, test_seed: int) -> None:
    usual, other = (
        contacts(policy, test_seed, replications=2) for policy in (None, POLICIES[name])
    )
    assert not usual.equals(other)
    np.testing.assert_array_equal(usual.arrived_at, other.arrived_at)
    both = (usual.outcome == "abandoned").to_numpy() & (other.outcome == "abandoned").to_numpy()
    assert both.sum() > 5
    patience = [(one.left_at - one.offered_at)[both] for one in (usual, other)]
    np.testing.assert_allclose(*patience, rtol=0, atol=1e-6)


def test_random_choices_differ_between_replications_and_seeds(test_seed: int) -> None:
    """The first contact of type a, with everybody idle, goes to either of its groups."""
    firsts = set()
    for seed in (test_seed, test_seed + 1):
        log = contacts(simcc.RandomRouting(among="groups"), seed, replications=40)
        first = log.groupby("replication").head(1)
        assert set(first[first.contact_type == "a"].group) == {"g1", "g3"}
        firsts.add(tuple(first.group))
    assert len(firsts) == 2


@pytest.mark.parametrize("form", ["plain", "compiled"])
def test_an_update_sees_the_choice_before_it_is_carried_out(form: str) -> None:
    """One contact on arrival, at 0 s, and one that has waited for 60 s: by hand."""

    def score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
        return 1.0 if state[0] >= 0.0 else 0.0

    def note(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
        state[0] += 100000.0 * n_idle[0] + 10000.0 * n_busy[0] + 1000.0 * queue_lengths[0] + wait

    if form == "compiled" and ENABLED:
        score, note = numba.njit(score), numba.njit(note)
    kind = simcc.ContactType(
        name="a", arrivals=simcc.TraceArrivals(times=[0, 40]), talk_time=100, patience=500
    )
    of = simcc.Scenario(
        horizon=simcc.Horizon(length=3600, interval=900),
        contact_types=[kind],
        agent_groups=[simcc.AgentGroup(name="g", skills=["a"], staff=simcc.FixedStaff(agents=1))],
        routing=simcc.Routing(policy=simcc.CustomPolicy(score=score, state=[0.0], update=note)),
    )
    simulation = simcc.Simulation(of, seed=1)
    simulation.run()
    remembered = simulation._replication.state.queues.params[-1]
    at_once = 100000.0 * 1 + 10000.0 * 0 + 1000.0 * 0 + 0.0
    later = 100000.0 * 1 + 10000.0 * 0 + 1000.0 * 1 + 60.0
    assert remembered == at_once + later


def test_one_compiled_function_alone_is_asked_as_python(test_seed: int) -> None:
    mixed = FAIR.replace(score=numba.njit(fair))
    assert contacts(mixed, test_seed, replications=2).equals(
        contacts(FAIR, test_seed, replications=2)
    )


def eight(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    return 0.0


def not_numbers(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state.append(type)


BAD = [
    (FAIR.replace(score=eight), "score", "params, state)"),
    (FAIR.replace(update=eight), "update", "params, state)"),
    (simcc.CustomPolicy(score=fair), "score", "n_busy, params)"),
]
if ENABLED:
    compiled = {"score": numba.njit(fair), "update": numba.njit(not_numbers)}
    BAD.append((FAIR.replace(**compiled), "update", "does not compile"))


@pytest.mark.parametrize(("policy", "field", "word"), BAD)
def test_wrong_functions_are_refused(policy: Any, field: str, word: str) -> None:
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.simulate(x_design(policy=policy), replications=1)
    (problem,) = caught.value.problems
    assert problem.place == f"routing.policy.{field}"
    assert word in problem.message


def test_an_update_that_fails_is_the_users_error() -> None:
    def fails(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        simcc.simulate(x_design(policy=FAIR.replace(update=fails)), replications=1)
