"""Index policies in steady state: against exact Markov chains of small designs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from markov import Chain

import simcc
from simcc.jit import ENABLED

HOUR = 3600.0
MANY = 40 if ENABLED else 8  # replications
LENGTH, WARMUP = 130.0, 10.0  # h
SEVERAL = 5.0  # standard errors
PATIENCE = 300.0  # s

Busy = tuple[tuple[int, ...], ...]  # by type and group
State = tuple[tuple[int, ...], Busy, Any]  # types of those who wait in order, busy agents, memory


@dataclass(frozen=True)
class Design:
    """A design in numbers: by type, by group, and rates of service (per h) by type and group."""

    arrivals: Sequence[float]
    agents: Sequence[int]
    service: Sequence[Sequence[float]]  # 0: the group cannot
    lines: int


@dataclass(frozen=True)
class Seen:
    """What a rule may look at: the design, who waits, and idle agents by group."""

    of: Design
    queue: tuple[int, ...]
    idle: tuple[int, ...]

    def waiting(self, k: int) -> int:
        return self.queue.count(k)


# A rule of groups gives weights to groups (the largest probability mass where it is no lottery), of
# types a value; the memory is what ``remember`` makes of it after each choice.
@dataclass(frozen=True)
class Rule:
    """How a policy chooses, written apart from it."""

    groups: Callable[[Seen, int, list[int], Any], dict[int, float]]
    types: Callable[[Seen, int, list[int]], int]
    first: Any = ()
    remember: Callable[[Any, int, int], Any] = lambda memory, k, g: memory


def steps_of(of: Design, rule: Rule) -> Callable[[State], Iterator[tuple[float, State]]]:
    """The transitions of a state: rates per hour and states."""
    types, groups = range(len(of.arrivals)), range(len(of.agents))

    def seen(queue: tuple[int, ...], busy: Busy) -> Seen:
        idle = tuple(of.agents[g] - sum(busy[k][g] for k in types) for g in groups)
        return Seen(of, queue, idle)

    def changed(busy: Busy, k: int, g: int, by: int) -> Busy:
        return tuple(
            tuple(n + by * ((i, j) == (k, g)) for j, n in enumerate(row))
            for i, row in enumerate(busy)
        )

    def step(state: State) -> Iterator[tuple[float, State]]:
        queue, busy, memory = state
        full = len(queue) + sum(map(sum, busy)) >= of.lines
        for k in types:
            if full:
                break
            view = seen(queue, busy)
            able = [g for g in groups if of.service[k][g] > 0 and view.idle[g] > 0]
            if not able:
                yield of.arrivals[k], ((*queue, k), busy, memory)
                continue
            weights = rule.groups(view, k, able, memory)
            for g, weight in weights.items():
                rate = of.arrivals[k] * weight / sum(weights.values())
                yield rate, (queue, changed(busy, k, g, 1), rule.remember(memory, k, g))
        for i in range(len(queue)):
            yield HOUR / PATIENCE, (queue[:i] + queue[i + 1 :], busy, memory)
        for k in types:
            for g in groups:
                if not busy[k][g]:
                    continue
                rate, left = busy[k][g] * of.service[k][g], changed(busy, k, g, -1)
                heads = [j for j in types if j in queue and of.service[j][g] > 0]
                if not heads:
                    yield rate, (queue, left, memory)
                    continue
                j = rule.types(seen(queue, left), g, heads)
                i = queue.index(j)
                after = rule.remember(memory, j, g)
                yield rate, (queue[:i] + queue[i + 1 :], changed(left, j, g, 1), after)

    return step


def exact(of: Design, rule: Rule) -> dict[tuple[str, str], float]:
    """Mean numbers waiting by type, busy agents by group, and the probability to be blocked."""
    nobody: Busy = tuple(tuple(0 for _ in of.agents) for _ in of.arrivals)
    chain = Chain(((), nobody, rule.first), steps_of(of, rule))
    values = {
        ("type:" + "abc"[k], "mean_queue"): chain.mean(lambda state, k=k: state[0].count(k))
        for k in range(len(of.arrivals))
    }
    for g, agents in enumerate(of.agents):
        busy = chain.mean(lambda state, g=g: sum(row[g] for row in state[1]))
        values[f"group:g{g + 1}", "occupancy"] = busy / agents
    full = chain.mean(lambda state: len(state[0]) + sum(map(sum, state[1])) == of.lines)
    return {**values, ("all", "blocking"): full}


# ---------------------------------------------------------------------- the rules


def largest(score: Callable[[int], Any], of: list[int]) -> int:
    return max(of, key=score)  # the first of equal ones


def surely(g: int) -> dict[int, float]:
    return {g: 1.0}


def most_idle(shares: Sequence[float]) -> Callable[..., dict[int, float]]:
    return lambda seen, k, able, _: surely(
        largest(lambda g: round(seen.idle[g] - shares[g] * sum(seen.idle), 9), able)
    )


def fastest(seen: Seen, k: int, able: list[int], _: Any) -> dict[int, float]:
    return surely(largest(lambda g: seen.of.service[k][g], able))


def longest_wait(seen: Seen, g: int, heads: list[int]) -> int:
    return next(k for k in seen.queue if k in heads)


def longest_queue(shares: Sequence[float]) -> Callable[..., int]:
    return lambda seen, g, heads: largest(
        lambda k: round(seen.waiting(k) - shares[k] * len(seen.queue), 9), heads
    )


def dearest(costs: Sequence[float]) -> Callable[..., int]:
    return lambda seen, g, heads: largest(lambda k: costs[k] * seen.of.service[k][g], heads)


def heaviest(weights: Sequence[float], alpha: float) -> Callable[..., int]:
    return lambda seen, g, heads: largest(
        lambda k: round(weights[k] * seen.waiting(k) ** alpha * seen.of.service[k][g], 9), heads
    )


def idlest(seen: Seen, k: int, able: list[int], _: Any) -> dict[int, float]:
    """The smallest share of busy agents."""
    return surely(largest(lambda g: seen.idle[g] / seen.of.agents[g], able))


def next_in_turn(seen: Seen, k: int, able: list[int], last: tuple[int, ...]) -> dict[int, float]:
    order = [*range(last[k] + 1, len(seen.idle)), *range(last[k] + 1)]
    return surely(next(g for g in order if g in able))


def note_group(last: tuple[int, ...], k: int, g: int) -> tuple[int, ...]:
    return (*last[:k], g, *last[k + 1 :])


POLICIES = {
    "queue_ratio": (
        simcc.QueueRatio(queue_share={"a": 3.0}, idle_share={"g1": 2.0}),
        lambda n: Rule(
            most_idle([2 / (n + 1), *[1 / (n + 1)] * (n - 1)]), longest_queue([0.75, 0.25])
        ),
    ),
    "c_mu": (
        simcc.GeneralisedCMu(cost={"b": 3.0}, exponent=1.0),
        lambda n: Rule(fastest, dearest([1.0, 3.0])),
    ),
    "max_weight": (
        simcc.MaxWeight(weight={"a": 2.0}, exponent=2.0),
        lambda n: Rule(fastest, heaviest([2.0, 1.0], 2.0)),
    ),
    "fastest_server_first": (
        simcc.FastestServerFirst(),
        lambda n: Rule(fastest, longest_wait),
    ),
    "least_loaded": (simcc.LeastLoaded(), lambda n: Rule(idlest, longest_wait)),
    "random_agent": (
        simcc.RandomRouting(),
        lambda n: Rule(lambda seen, k, able, _: {g: seen.idle[g] for g in able}, longest_wait),
    ),
    "random_group": (
        simcc.RandomRouting(among="groups", weight={"g1": 5.0}),
        lambda n: Rule(
            lambda seen, k, able, _: {g: 5.0 if g == 0 else 1.0 for g in able}, longest_wait
        ),
    ),
    "round_robin": (
        simcc.RoundRobin(),
        lambda n: Rule(next_in_turn, longest_wait, (-1, -1), note_group),
    ),
}


def fewest_so_far(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    """To the group that has had fewer contacts than the other, as counted modulo 3."""
    return wait - state[group]


def count_modulo(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[group] = (state[group] + 1.0) % params[0]


def fewest(seen: Seen, k: int, able: list[int], counts: tuple[int, ...]) -> dict[int, float]:
    return surely(largest(lambda g: -counts[g], able))


POLICIES["own_memory"] = (
    simcc.CustomPolicy(score=fewest_so_far, params=[3.0], state=[0.0, 0.0], update=count_modulo),
    lambda n: Rule(
        fewest,
        longest_wait,
        (0, 0),
        lambda counts, k, g: note_group(counts, g, (counts[g] + 1) % 3),
    ),
)
MU = (15.0, 12.0)  # contacts of each type per h and agent in its own group
AWAY = 0.75
DESIGNS = {
    "N": (Design((30, 22), (2, 2), ((15, 15 * AWAY), (0, 12)), 8), simcc.instances.n_design),
    "X": (
        Design((22, 26), (1, 3), ((15, 15 * AWAY), (12 * AWAY, 12)), 8),
        simcc.instances.x_design,
    ),
    "V": (Design((24, 20), (3,), ((15,), (12,)), 9), simcc.instances.v_design),
    "M": (
        Design((24, 18), (1, 1, 2), ((15, 0, 15 * AWAY), (0, 12, 12 * AWAY)), 7),
        simcc.instances.m_design,
    ),
}
CASES = [
    (design, policy)
    for design in ("N", "X")
    for policy in POLICIES
] + [
    *(("V", policy) for policy in ("queue_ratio", "c_mu", "max_weight")),
    *(("M", policy) for policy in ("queue_ratio", "fastest_server_first", "round_robin")),
    ("M", "random_agent"),
]  # fmt: skip


def simulated(design: str, policy: Any, seed: int) -> Any:
    """The summary by scope and metric, from the hours after the warm-up."""
    of, instance = DESIGNS[design]
    away = {} if design == "V" else {"away_speed": AWAY}
    scenario = instance(
        rates_per_hour=of.arrivals,
        agents=of.agents,
        talk_times=[HOUR / rate for rate in MU],
        patience=PATIENCE,
        lines=of.lines,
        policy=policy,
        **away,
    )
    scenario = scenario.replace(
        horizon=simcc.Horizon(
            length=LENGTH * HOUR, interval=(LENGTH - WARMUP) * HOUR, warmup=WARMUP * HOUR
        )
    )
    table = simcc.simulate(scenario, replications=MANY, seed=seed).summary()
    return table.set_index(["scope", "metric"])


@pytest.mark.parametrize(("design", "name"), CASES)
def test_steady_state(design: str, name: str, test_seed: int) -> None:
    policy, rule = POLICIES[name]
    if name == "own_memory" and ENABLED:
        import numba

        policy = policy.replace(score=numba.njit(policy.score), update=numba.njit(policy.update))
    of = DESIGNS[design][0]
    table = simulated(design, policy, test_seed)
    for key, value in exact(of, rule(len(of.agents))).items():
        row = table.loc[key]
        assert row.std_error < 0.2 * value  # it can fail
        assert abs(row.estimate - value) < SEVERAL * row.std_error, (key, value, row.estimate)


@pytest.mark.parametrize("design", ["N", "X"])
def test_the_chains_tell_the_policies_apart(design: str) -> None:
    """Each is so far from another that a policy that is none of its own would be seen."""
    of = DESIGNS[design][0]
    found = {name: exact(of, rule(len(of.agents))) for name, (_, rule) in POLICIES.items()}
    for name, values in found.items():
        for other, others in found.items():
            far = max(abs(values[key] / others[key] - 1) for key in values)
            assert name == other or far > 0.004, (name, other, far)
