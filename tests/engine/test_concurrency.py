"""Agents who hold several contacts: against exact chains, by hand, and by bad input."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from markov import Chain

import simcc

HOUR = 3600.0
MEAN, PATIENCE = 600.0, 300.0  # s
SEVERAL = 5.0  # standard errors


def center(agents: int, rate: float, **concurrency: Any) -> simcc.Scenario:
    """Chats with exponential work and patience, in steady state after ten hours."""
    return simcc.Scenario(
        horizon=simcc.Horizon(length="115h", interval="100h", warmup="10h", cooldown="5h"),
        contact_types=[
            simcc.ContactType(
                name="chat",
                channel="chat",
                arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
                talk_time=simcc.Exponential(mean=MEAN),
                patience=simcc.Exponential(mean=PATIENCE),
            )
        ],
        agent_groups=[
            simcc.AgentGroup(
                name="agents",
                skills=["chat"],
                staff=simcc.FixedStaff(agents=agents),
                concurrency=simcc.Concurrency(**concurrency),
            )
        ],
    )


def desks(agents: int, rate: float, most: int, speed: list[float], queue: int = 60) -> Chain:
    """Dynamic: a state is how many each agent holds, in order, and how many wait."""

    def step(state: Any) -> Any:
        held, waiting = state
        least = min(held)
        if least < most:
            fewest = [i for i, n in enumerate(held) if n == least]
            yield rate / HOUR, (changed(held, fewest[0], 1), 0)
        elif waiting < queue:
            yield rate / HOUR, (held, waiting + 1)
        for i, n in enumerate(held):
            if n:
                end = n * speed[n - 1] / MEAN
                yield end, (held, waiting - 1) if waiting else (changed(held, i, -1), 0)
        if waiting:
            yield waiting / PATIENCE, (held, waiting - 1)

    return Chain(((0,) * agents, 0), step)


def changed(held: tuple[int, ...], i: int, by: int) -> tuple[int, ...]:
    return tuple(sorted(n + by * (j == i) for j, n in enumerate(held)))


def desks_at_start(agents: int, rate: float, speed: list[float], queue: int = 60) -> Chain:
    """Two chats at most, each at the speed of its start: an agent is a sorted tuple of speeds."""

    def step(state: Any) -> Any:
        held, waiting = state
        least = min(map(len, held))
        if least < 2:
            fewest = [i for i, one in enumerate(held) if len(one) == least]
            for i in fewest:
                one = (*held[i], speed[least])
                yield rate / HOUR / len(fewest), (replaced(held, i, one), 0)
        elif waiting < queue:
            yield rate / HOUR, (held, waiting + 1)
        for i, one in enumerate(held):
            for j, pace in enumerate(one):
                rest = one[:j] + one[j + 1 :]
                if waiting:
                    yield pace / MEAN, (replaced(held, i, (*rest, speed[1])), waiting - 1)
                else:
                    yield pace / MEAN, (replaced(held, i, rest), 0)
        if waiting:
            yield waiting / PATIENCE, (held, waiting - 1)

    return Chain((((),) * agents, 0), step)


def replaced(held: Any, i: int, one: tuple[float, ...]) -> Any:
    return tuple(sorted(tuple(sorted(one)) if j == i else old for j, old in enumerate(held)))


def check(of: simcc.Scenario, chain: Chain, rate: float, most: int, seed: int) -> None:
    result = simcc.simulate(of, replications=40, seed=seed)
    table = result.summary().set_index(["scope", "metric"])

    def n(state: Any) -> int:
        return sum(one if isinstance(one, int) else len(one) for one in state[0])

    agents = len(chain.states[0][0])
    exact = {
        ("all", "p_wait"): chain.mean(lambda state: n(state) == most * agents),
        ("all", "mean_queue"): chain.mean(lambda state: state[1]),
        ("all", "abandonment"): chain.mean(lambda state: state[1]) / PATIENCE / (rate / HOUR),
        ("group:agents", "mean_busy"): chain.mean(n),
        ("group:agents", "occupancy"): chain.mean(
            lambda state: sum(bool(one) for one in state[0]) / agents
        ),
    }
    for key, value in exact.items():
        row = table.loc[key]
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


@pytest.mark.parametrize(
    ("agents", "rate", "most", "speed"),
    [(1, 9.0, 3, [1.0, 0.8, 0.7]), (3, 25.0, 3, [1.0, 0.7, 0.5]), (4, 40.0, 2, [1.0, 1.0])],
)
@pytest.mark.parametrize("ties", ["longest", "random"])
def test_processor_sharing(
    agents: int, rate: float, most: int, speed: list[float], ties: str, test_seed: int
) -> None:
    of = center(agents, rate, most=most, speed=speed, ties=ties)
    check(of, desks(agents, rate, most, speed), rate, most, test_seed)


@pytest.mark.parametrize(("agents", "rate"), [(1, 8.0), (3, 26.0)])
def test_speed_fixed_at_the_start(agents: int, rate: float, test_seed: int) -> None:
    speed = [1.0, 0.4]
    of = center(agents, rate, most=2, speed=speed, mode="fixed_at_start", ties="random")
    check(of, desks_at_start(agents, rate, speed), rate, 2, test_seed)


def test_the_chains_tell_the_modes_apart() -> None:
    """The two chains differ by far more than the noise of the runs above."""
    idle = [
        chain.mean(lambda state: not state[0][0])
        for chain in (desks(1, 8.0, 2, [1.0, 0.4]), desks_at_start(1, 8.0, [1.0, 0.4]))
    ]
    assert idle[0] > 1.4 * idle[1]


def test_without_a_loss_of_speed_slots_are_agents() -> None:
    """Two agents with three slots at full speed are six agents: Erlang A."""
    exact = simcc.theory.erlang_a(6, 40.0, MEAN, PATIENCE)
    chain = desks(2, 40.0, 3, [1.0, 1.0, 1.0])
    assert chain.mean(lambda state: state[1]) == pytest.approx(exact.mean_queue, rel=1e-9)


# ---------------------------------------------------------------------- by hand


def by_hand(times: list[float], talk: float, types: int = 1, **concurrency: Any) -> Any:
    kinds = [
        simcc.ContactType(
            name=f"t{k}",
            arrivals=simcc.TraceArrivals(times=times[k::types]),
            talk_time=talk,
        )
        for k in range(types)
    ]
    of = simcc.Scenario(
        horizon=simcc.Horizon(length="1h"),
        contact_types=kinds,
        agent_groups=[
            simcc.AgentGroup(
                name="agents",
                skills=[kind.name for kind in kinds],
                staff=simcc.FixedStaff(agents=1),
                concurrency=simcc.Concurrency(**concurrency),
            )
        ],
    )
    sim = simcc.Simulation(of, seed=1)
    sim.run()
    return sim


def test_work_left_is_rescaled() -> None:
    """100 s each: alone until 40; together at half speed until 160; then alone again."""
    log = by_hand([0.0, 40.0], 100.0, most=2, speed=[1.0, 0.5]).contact_log
    assert log.left_at.tolist() == [160.0, 200.0]


def test_speed_at_the_start_is_kept() -> None:
    """The second starts as one of two, at half speed, and keeps it; the first keeps its own."""
    sim = by_hand([0.0, 40.0], 100.0, most=2, speed=[1.0, 0.5], mode="fixed_at_start")
    assert sim.contact_log.left_at.tolist() == [100.0, 240.0]


def test_a_call_blocks_chats_and_chats_block_a_call() -> None:
    """t0 is a call that takes the whole agent, t1 are chats that take 0.4 each."""
    sim = by_hand([0.0, 10.0, 300.0, 250.0], 100.0, types=2, most=5, share={"t0": 1.0, "t1": 0.4})
    log = sim.contact_log
    answered = dict(zip(log.arrived_at.tolist(), log.answered_at.tolist(), strict=True))
    assert answered == {0.0: 0.0, 10.0: 100.0, 250.0: 250.0, 300.0: 350.0}


def test_occupied_is_the_union_of_what_an_agent_holds(test_seed: int) -> None:
    sim = simcc.Simulation(center(3, 25.0, most=3, speed=[1.0, 0.7, 0.5]), seed=test_seed)
    sim.run()
    log, (start, end) = sim.contact_log, sim.scenario.horizon.window
    total = 0.0
    for a in range(3):
        mine = log.agent == a
        changes = sorted(
            [(at, 1) for at in log.answered_at[mine]] + [(at, -1) for at in log.freed_at[mine]]
        )
        level = 0
        for (at, by), (then, _) in itertools.pairwise(changes):
            level += by
            total += (level > 0) * max(0.0, min(then, end) - max(at, start))
    assert sim.result().sums.total("occupied_time").sum() == pytest.approx(total)


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"most": 0}, "most", ["0", "at least 1"]),
        ({"most": 2.5}, "most", ["2.5", "whole number"]),
        ({"most": 2, "speed": []}, "speed", ["at least 1"]),
        ({"most": 2, "speed": [1, 0]}, "speed[1]", ["0", "more than 0"]),
        ({"most": 2, "speed": [1, 1, 1]}, "speed", ["3 entries", "at most 2"]),
        ({"most": 2, "share": {"chat": 1.5}}, 'share["chat"]', ["1.5", "at most 1"]),
        ({"most": 2, "share": {"chat": 0}}, 'share["chat"]', ["0", "at least"]),
        ({"most": 2, "mode": "fast"}, "mode", ['"fast"', "dynamic"]),
        ({"most": 2, "ties": "first"}, "ties", ['"first"', "longest"]),
        ({"most": 2, "slots": 2}, "slots", ["not a field"]),
    ],
)
def test_refused(fields: dict[str, Any], place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as raised:
        simcc.Concurrency(**fields)
    (problem,) = raised.value.problems
    assert problem.place.replace(".chat", '["chat"]') == place
    assert all(word in problem.message for word in words), problem.message


def test_a_share_of_no_skill_is_refused() -> None:
    with pytest.raises(simcc.ScenarioError, match="skill of the group"):
        center(1, 1.0, most=2, share={"voice": 1.0})
