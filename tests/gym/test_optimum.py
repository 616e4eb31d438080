"""An N design whose best policy keeps an agent for the dear type: against its decision process."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from decision_process import Design, Solved

import simcc
from simcc.jit import ENABLED

pytest.importorskip("gymnasium")

SEVERAL = 5.0  # standard errors
MANY = 30 if ENABLED else 4  # replications
COST = {"a": 1.0, "b": 10.0}  # of a customer who gives up
SIZE = {"rates_per_hour": (60, 20), "agents": (1, 2), "talk_times": ("3min", "3min"), "lines": 12}


def design(idling: bool) -> Design:
    return Design(
        arrivals=(60, 20),
        agents=(1, 2),
        service=((20, 20), (0, 20)),
        giving_up=12,
        lines=12,
        wait_cost=(0, 0),
        abandonment_cost=(1, 10),
        idling=idling,
    )


def center(length: str = "52h", policy: Any = None) -> simcc.Scenario:
    n = simcc.instances.n_design(**SIZE, away_speed=1.0, length=length, policy=policy)
    horizon = simcc.Horizon(length=length, interval=length, warmup="2h", after="stop")
    return n.replace(horizon=horizon)


def cost_per_hour(result: simcc.Result) -> tuple[float, float]:
    """Estimate and standard error."""
    lost = result.counters("type").groupby(["replication", "type"])["abandoned"].sum().unstack()
    hours = (result.scenario.horizon.length - result.scenario.horizon.warmup) / 3600
    cost = sum(price * lost[kind] for kind, price in COST.items()) / hours
    return float(cost.mean()), float(cost.sem())


def best_values(env: simcc.gym.RoutingEnv, solved: Solved) -> Any:
    """Minus the least future cost after each action."""
    of = solved.design

    def ahead(state: Any) -> float:
        return -solved.by_state[state]

    def values(observation: Any) -> list[float]:
        a, b, _, _, busy_1, busy_2, asks_a, asks_b, _, _ = map(int, observation)
        queue, busy = (a, b), ((busy_1, busy_2), (0, 0))  # whom they serve makes no difference
        found = [-1e9] * env.n_actions
        if asks_a or asks_b:
            more = (a + asks_a, b + asks_b)
            if of.idling:
                found[0] = ahead((more, busy))
            for g in (0, 1):
                if of.idle(busy, g) > 0:
                    row = (busy_1 + (g == 0), busy_2 + (g == 1))
                    found[1 + g] = ahead((queue, (row, (0, 0))))
            return found
        g = int(observation[9])
        if of.idling:
            found[0] = ahead((queue, busy))
        row = (busy_1 + (g == 0), busy_2 + (g == 1))
        for k in (0, 1):
            if queue[k] and (g == 1 or k == 0):
                taken = (a - (k == 0), b - (k == 1)), (row, (0, 0))
                found[3 + k] = max(ahead(state) for state in of.once_free(taken, g))
        return found

    return values


@pytest.mark.parametrize("idling", [True, False])
def test_the_optimal_policy_costs_what_the_decision_process_says(idling: bool) -> None:
    solved = Solved(design(idling))
    scenario = center()
    env = simcc.gym.RoutingEnv(scenario, abandonment_cost=COST, idling=idling, observe="counts")
    policy = simcc.gym.as_policy(env, best_values(env, solved))
    result = simcc.simulate(center(policy=policy), replications=MANY, seed=3)
    found, error = cost_per_hour(result)
    assert abs(found - solved.per_hour) < SEVERAL * error
    assert error < 0.02 * solved.per_hour * (1 if ENABLED else 3)


def test_keeping_an_agent_pays() -> None:
    """The two optima are so far apart that the test above tells them apart."""
    assert Solved(design(True)).per_hour < 0.8 * Solved(design(False)).per_hour


def test_the_rewards_of_the_optimal_policy_are_its_cost() -> None:
    solved = Solved(design(True))
    env = simcc.gym.RoutingEnv(
        center("22h"), wait_cost_per_hour=0, abandonment_cost=COST, observe="counts"
    )
    values = best_values(env, solved)
    costs = []
    for episode in range(8 if ENABLED else 2):
        observation, _ = env.reset(seed=9 if episode == 0 else None)
        cost, over = 0.0, False
        while not over:
            action = np.int64(env.best_action(values(observation)))
            observation, reward, terminated, truncated, _ = env.step(action)
            cost, over = cost - reward, terminated or truncated
        costs.append(cost / 22)
    error = np.std(costs, ddof=1) / len(costs) ** 0.5
    # two of 22 hours begin with an empty center, which may cost up to 1 / 11 less
    assert -SEVERAL * error - solved.per_hour / 11 < np.mean(costs) - solved.per_hour
    assert np.mean(costs) - solved.per_hour < SEVERAL * error


def test_a_single_server_is_erlangs() -> None:
    """The decision process itself: one type and no choice is Erlang A with blocking."""
    one = Design(
        arrivals=(30,), agents=(2,), service=((20,),), giving_up=12, lines=40,
        wait_cost=(1,), abandonment_cost=(0,), idling=False,
    )  # fmt: skip
    theory = simcc.theory.erlang_a(2, 30, 180, 300)
    assert Solved(one).per_hour == pytest.approx(theory.mean_queue, rel=1e-6)
