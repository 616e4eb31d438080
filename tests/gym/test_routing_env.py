"""The environment is the engine: same contacts, exact costs, and Gymnasium's rules."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simcc
from simcc.log import Outcome

pytest.importorskip("gymnasium")

WAIT_COST = {"a": 6.0, "b": 30.0}
GIVING_UP = {"a": 1.0, "b": 4.0}
N_DESIGN = simcc.instances.n_design(length="3h")


def stopped(scenario: simcc.Scenario) -> simcc.Scenario:
    return scenario.replace(horizon=scenario.horizon.replace(after="stop"))


def with_bot_and_returns() -> simcc.Scenario:
    bot = simcc.Bot(name="bot", session_time=simcc.Exponential(mean="1min"), contained=0.3)
    kinds = [
        kind.replace(
            bot="bot" if kind.name == "a" else None,
            balking=0.1,
            follow_ups=[simcc.FollowUp(when="abandoned", probability=0.7, delay="2min")],
        )
        for kind in N_DESIGN.contact_types
    ]
    return N_DESIGN.replace(contact_types=kinds, bots=[bot], lines=14)


def chats() -> simcc.Scenario:
    few = simcc.instances.n_design(length="3h", agents=(1, 2))
    two = simcc.Concurrency(most=2, speed=[1, 0.6])
    return few.replace(agent_groups=[g.replace(concurrency=two) for g in few.agent_groups])


CENTERS = {
    "N": N_DESIGN,
    "N, cut": stopped(N_DESIGN),
    "X, few lines": simcc.instances.x_design(length="2h", lines=9),
    "bot and returns": with_bot_and_returns(),
    "chats": chats(),
}
each_center = pytest.mark.parametrize("scenario", CENTERS.values(), ids=CENTERS.keys())


def whims(env: simcc.gym.RoutingEnv) -> Any:
    """Values that depend on the observation in a way that no sensible policy would."""
    weights = np.random.default_rng(5).normal(size=(env.n_actions, len(env.observation_names)))
    return lambda observation: np.sin(weights @ np.asarray(observation, np.float64))


def run(env: simcc.gym.RoutingEnv, values: Any, **reset: Any) -> list[float]:
    """Rewards of an episode."""
    observation, _ = env.reset(**reset)
    rewards, over = [], False
    while not over:
        action = env.best_action(values(observation))
        observation, reward, terminated, truncated, info = env.step(np.int64(action))
        assert not info["invalid_action"]
        rewards.append(reward)
        over = terminated or truncated
    return rewards


def as_simulated(scenario: simcc.Scenario, policy: Any, seed: int, number: int) -> pd.DataFrame:
    routed = scenario.replace(routing=scenario.routing.replace(policy=policy))
    result = simcc.simulate(
        routed, replications=1, seed=seed, first_replication=number, record="contacts"
    )
    return result.contacts()


def columns(env: simcc.gym.RoutingEnv) -> dict[str, Any]:
    return env.contact_log.columns()


def assert_same_log(env: simcc.gym.RoutingEnv, contacts: pd.DataFrame) -> None:
    log = columns(env)
    for name in ("arrived_at", "offered_at", "answered_at", "left_at", "freed_at"):
        np.testing.assert_array_equal(log[name], contacts[name].to_numpy(), err_msg=name)


@each_center
@pytest.mark.parametrize("idling", [True, False])
def test_gymnasiums_own_check(scenario: simcc.Scenario, idling: bool) -> None:
    from gymnasium.utils.env_checker import check_env

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # queues have no largest length, and the environment is not made by name
        warnings.filterwarnings("ignore", ".*maximum value is infinity")
        warnings.filterwarnings("ignore", ".*not having a spec")
        check_env(simcc.gym.RoutingEnv(scenario, idling=idling, abandonment_cost=2.0))


@each_center
@pytest.mark.parametrize("idling", [True, False])
def test_what_is_learnt_does_the_same_as_a_policy(scenario: simcc.Scenario, idling: bool) -> None:
    env = simcc.gym.RoutingEnv(scenario, idling=idling, observe="counts")
    values = whims(env)
    run(env, values, seed=3)
    run(env, values)  # goes on with the next replication
    assert env.replication == 1
    assert_same_log(env, as_simulated(scenario, simcc.gym.as_policy(env, values), 3, 1))


@pytest.mark.parametrize("name", ["N", "N, cut", "X, few lines"])
def test_static_priority_is_the_same_as_in_the_kernel(name: str) -> None:
    """Type b first; of groups the first that is not the one that would be kept for b."""
    scenario = CENTERS[name]
    env = simcc.gym.RoutingEnv(scenario, observe="counts", idling=False)
    run(env, lambda observation: [0, 2, 1, 3, 4], seed=8)
    priority = {"a": {"g1": 3, "g2": 4}, "b": {"g1": 1, "g2": 2}}
    assert_same_log(env, as_simulated(scenario, simcc.StaticPriority(priority=priority), 8, 0))


def cost_by_row(log: dict[str, Any], until: float, n_types: int = 2) -> float:
    """The cost of a contact log, contact by contact."""
    names, cost = "ab"[:n_types], 0.0
    for offered, answered, left, outcome, queue in zip(
        *(log[name] for name in ("offered_at", "answered_at", "left_at", "outcome", "queue_type")),
        strict=True,
    ):
        if np.isnan(offered) or offered > until:
            continue
        end = answered if not np.isnan(answered) else left if not np.isnan(left) else until
        cost += WAIT_COST[names[queue]] / 3600 * (end - offered)
        if outcome in (Outcome.ABANDONED, Outcome.BALKED):
            cost += GIVING_UP[names[queue]]
        if outcome == Outcome.BLOCKED:
            cost += 9.0
    return cost


@each_center
@pytest.mark.parametrize("idling", [True, False])
def test_rewards_add_up_to_the_cost_of_the_log(scenario: simcc.Scenario, idling: bool) -> None:
    env = simcc.gym.RoutingEnv(
        scenario,
        wait_cost_per_hour=WAIT_COST,
        abandonment_cost=GIVING_UP,
        blocking_cost=9.0,
        idling=idling,
    )
    rewards = run(env, whims(env), seed=2)
    log = columns(env)
    ended = {int(outcome) for outcome in log["outcome"]}
    assert {Outcome.SERVED, Outcome.ABANDONED} <= ended
    until = scenario.horizon.length if scenario.horizon.after == "stop" else np.inf
    assert -sum(rewards) == pytest.approx(cost_by_row(log, until), rel=1e-9)
    assert len(rewards) > 50


def by_hand(**options: Any) -> simcc.gym.RoutingEnv:
    """One agent; a at 0 s, then b, a and b; talks of 60 s."""
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.TraceArrivals(times=times),
            talk_time=simcc.Constant(value=60),
            patience=simcc.Constant(value=100),
        )
        for name, times in (("a", [0, 20]), ("b", [10, 30]))
    ]
    group = simcc.AgentGroup(name="g", skills=["a", "b"], staff=simcc.FixedStaff(agents=1))
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length="10min", interval="10min"),
        contact_types=kinds,
        agent_groups=[group],
    )
    return simcc.gym.RoutingEnv(
        scenario, wait_cost_per_hour={"a": 3600, "b": 7200}, abandonment_cost={"a": 5}, **options
    )


def test_steps_by_hand() -> None:
    """The agent takes a, b at 60 s, then nobody more: a gives up at 120 s, b at 130 s."""
    env = by_hand()
    names = dict(zip(env.observation_names, itertools.count(), strict=False))
    observation, info = env.reset(seed=0)
    assert observation[names["contact:a"]] == 1
    assert info["action_mask"].tolist() == [1, 1, 0, 0]
    observation, reward, *_, info = env.step(np.int64(1))  # the agent takes a
    assert info["time"] == 60
    assert info["action_mask"].tolist() == [1, 0, 1, 1]
    assert reward == pytest.approx(-(40 + 2 * (50 + 30)))
    assert [observation[names[name]] for name in ("queue:a", "queue:b", "idle:g")] == [1, 2, 1]
    assert observation[names["agent:g"]] == 1
    assert observation[names["contact:a"]] == 0
    assert observation[names["wait:b"]] == pytest.approx(50 / 60)
    assert observation[names["time"]] == pytest.approx(60 / 600)
    observation, reward, terminated, _, info = env.step(np.int64(3))  # b
    assert info["time"] == 120  # the talk ends before the patience of a, at the same instant
    assert reward == pytest.approx(-(60 + 2 * 60))
    assert not terminated
    observation, reward, terminated, truncated, info = env.step(np.int64(0))  # nobody
    assert (terminated, truncated) == (True, False)
    assert reward == pytest.approx(-(5 + 2 * 10))
    assert info["action_mask"].tolist() == [1, 0, 0, 0]
    assert not observation[names["agent:g"]]


def test_without_idling_only_real_choices_are_asked() -> None:
    env = by_hand(idling=False)
    _, info = env.reset(seed=0)
    assert info["time"] == 60
    assert info["action_mask"].tolist() == [0, 0, 1, 1]
    _, reward, terminated, *_ = env.step(np.int64(3))
    assert not terminated  # a and b wait at 120 s
    assert reward == pytest.approx(-(40 + 2 * (50 + 30) + 60 + 2 * 60))


@pytest.mark.parametrize("idling", [True, False])
def test_an_action_that_is_not_allowed(idling: bool) -> None:
    """It counts as nobody, or as the first of the tables, and costs what was said."""
    reference, env = by_hand(idling=idling), by_hand(idling=idling, invalid_cost=7.0)
    reference.reset(seed=0)
    env.reset(seed=0)
    wrong, instead = (2, 0) if idling else (1, 2)
    one, other = reference.step(np.int64(instead)), env.step(np.int64(wrong))
    assert other[1] == pytest.approx(one[1] - 7.0)
    assert (one[-1]["invalid_action"], other[-1]["invalid_action"]) == (False, True)
    np.testing.assert_array_equal(one[0], other[0])


def test_same_seed_same_customers() -> None:
    env = simcc.gym.RoutingEnv(N_DESIGN)
    arrived = []
    for reset in ({"seed": 4}, {}, {"seed": 4}, {"options": {"replication": 1}}):
        run(env, whims(env), **reset)
        arrived.append(columns(env)["arrived_at"])
    np.testing.assert_array_equal(arrived[0], arrived[2])
    np.testing.assert_array_equal(arrived[1], arrived[3])
    assert len(arrived[0]) != len(arrived[1]) or (arrived[0] != arrived[1]).any()
    np.testing.assert_array_equal(
        arrived[0], as_simulated(N_DESIGN, simcc.LongestWait(), 4, 0)["arrived_at"]
    )


def test_a_day_without_decisions() -> None:
    scenario = stopped(
        N_DESIGN.replace(
            contact_types=[
                kind.replace(arrivals=simcc.TraceArrivals(times=[]))
                for kind in N_DESIGN.contact_types
            ]
        )
    )
    env = simcc.gym.RoutingEnv(scenario)
    _, info = env.reset(seed=1)
    assert info["action_mask"].tolist() == [1, 0, 0, 0, 0]
    _, reward, terminated, truncated, _ = env.step(np.int64(0))
    assert (reward, terminated, truncated) == (0.0, False, True)


def test_equal_values_go_to_the_tables_first_choice() -> None:
    env = by_hand()
    env.reset(seed=0)
    assert env.best_action([0, 0, 9, 9]) == 1
    env.step(np.int64(1))
    assert env.best_action([1, 9, 1, 1]) == 2
    assert env.best_action([1, 9, 0, 1]) == 3
    assert env.best_action([2, 9, 0, 1]) == 0


BAD = [
    ({"wait_cost_per_hour": -1}, "wait_cost_per_hour is -1; it must be a number, at least 0"),
    ({"wait_cost_per_hour": {"c": 1}}, 'there is no contact type of wait_cost_per_hour "c"'),
    ({"abandonment_cost": {"a": "x"}}, "abandonment_cost of a is 'x'; it must be a number"),
    ({"blocking_cost": float("nan")}, "blocking_cost is nan"),
    ({"wait_cost_per_hour": 0}, "all costs are 0"),
    ({"invalid_cost": -2}, "invalid_cost is -2"),
    ({"idling": 1}, "idling is 1; it must be True or False"),
    ({"observe": "some"}, 'observe is "some"; it must be "all" or "counts"'),
]


@pytest.mark.parametrize(("options", "message"), BAD, ids=[str(options) for options, _ in BAD])
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(simcc.SimulationError) as caught:
        simcc.gym.RoutingEnv(N_DESIGN, **options)
    assert message in str(caught.value)


def test_scenarios_that_are_refused() -> None:
    kinds = list(N_DESIGN.contact_types)
    kinds[0] = kinds[0].replace(callback=simcc.Callback(accepts=0.5))
    with pytest.raises(simcc.SimulationError, match='"a" has callback'):
        simcc.gym.RoutingEnv(N_DESIGN.replace(contact_types=kinds))
    with pytest.raises(simcc.SimulationError, match=r"must be a simcc\.Scenario"):
        simcc.gym.RoutingEnv("center.toml")  # type: ignore[arg-type]


def test_bad_use() -> None:
    env = simcc.gym.RoutingEnv(N_DESIGN)
    with pytest.raises(simcc.SimulationError, match="call reset"):
        env.step(np.int64(0))
    with pytest.raises(simcc.SimulationError, match='options: there is no "day"'):
        env.reset(options={"day": 1})
    with pytest.raises(simcc.SimulationError, match="replication is -1"):
        env.reset(options={"replication": -1})
    env.reset(seed=1)
    with pytest.raises(
        simcc.SimulationError, match="action is 5; it must be a whole number from 0 to 4"
    ):
        env.step(np.int64(5))
    run(env, whims(env))
    with pytest.raises(simcc.SimulationError, match="the episode is over"):
        env.step(np.int64(0))


def test_bad_policies() -> None:
    env = simcc.gym.RoutingEnv(N_DESIGN, observe="counts")
    with pytest.raises(simcc.SimulationError, match="does not see waits"):
        simcc.gym.as_policy(simcc.gym.RoutingEnv(N_DESIGN), whims(env))
    with pytest.raises(simcc.SimulationError, match="values is 3; it must be a function"):
        simcc.gym.as_policy(env, 3)  # type: ignore[arg-type]
    table = {"a": [simcc.GroupOption(group="g2", after="10s")]}
    late = N_DESIGN.replace(routing=simcc.Routing(type_to_groups=table))
    with pytest.raises(simcc.SimulationError, match='has an "after"'):
        simcc.gym.as_policy(simcc.gym.RoutingEnv(late, observe="counts"), whims(env))
    for wrong in ([1.0, 2.0], [0, 0, 0, 0, np.nan]):
        policy = simcc.gym.as_policy(env, lambda _, wrong=wrong: wrong)
        with pytest.raises(simcc.SimulationError, match="must be 5 finite numbers"):
            as_simulated(N_DESIGN, policy, 1, 0)


def test_gymnasium_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simcc.gym, "find_spec", lambda name: None)
    with pytest.raises(simcc.SimulationError, match=r'pip install "simcc\[gym\]"'):
        simcc.gym.RoutingEnv  # noqa: B018
