"""A random index policy for any scenario; scores of one's own as plain Python and compiled."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
from scenarios import Draw, scenario

import simcc
from simcc.counter_draws import uniform_at

Score = Callable[..., float]


def hurry(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    return params[type] * wait + idle


def long_queues_and_idle_groups(
    type, group, wait, idle, queue_lengths, n_idle, n_busy, params
):  # fmt: skip
    return params[0] * queue_lengths[type] + n_idle[group] / (n_idle[group] + n_busy[group])


def whole_numbers(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    return queue_lengths[type] - n_busy[group]


def picky(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    """Refuses pairs until the wait is long enough, in both ways of refusing."""
    if wait < params[0] and (type + group) % 2 == 1:
        return math.nan
    if idle < params[1] and n_idle[group] < 2:
        return -math.inf
    return wait / (1.0 + idle)


def indifferent(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    return 0.0


def fair(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    return wait + idle - params[0] * state[group]


def count(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[group] += 1.0


def spared(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    """Waits compared with what they have been; refuses types that have waited little so far."""
    if state[type] < 0.0:
        return -math.inf
    return wait - state[type] + params[1] * n_idle[group]


def average(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[type] += 0.125 * (wait - state[type])
    state[0] += idle - n_busy[group]
    return state[type]


def explore(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    """Now and then a pair at random, otherwise the longest wait."""
    if uniform_at(state[0], state[1]) < 0.5:
        return uniform_at(state[0], 1000 * (1 + state[1]) + 10 * type + group)
    return wait + idle


def count_choices(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[1] += 1.0


SCORES = (hurry, long_queues_and_idle_groups, whole_numbers, picky, indifferent)
WITH_MEMORY = ((fair, count), (spared, average), (fair, None), (explore, count_choices))
compiled: Callable[[Score], Score] = cache(numba.njit)
KINDS = (
    "longest_wait",
    "static_priority",
    "weight_based",
    "queue_ratio",
    "generalised_c_mu",
    "max_weight",
    "fastest_server_first",
    "least_loaded",
    "random",
    "round_robin",
    "custom",
    "memory",
)


def policy(seed: int, kind: str, form: Callable[[Score], Score] = lambda score: score) -> Any:
    """A policy of a kind for scenario number ``seed``; ``form``: of functions of one's own."""
    of, draw = scenario(seed), Draw(seed)
    draw.rng = np.random.default_rng([seed, 2])
    names = [one.name for one in of.contact_types]
    groups = [one.name for one in of.agent_groups]
    if kind == "static_priority":
        return simcc.StaticPriority(
            priority=by_pair(draw, names, groups, (0.0, 1.0, 1.000001, 1e9))
        )
    if kind == "weight_based":
        return simcc.WeightBased(
            wait_weight=by_pair(draw, names, groups, (0.5, 1.0, 2.0)),
            idle_weight=by_pair(draw, names, groups, (-1.0, 0.0, 1.0)),
            constant=by_pair(draw, names, groups, (0.0, draw.unit)),
        )
    if kind in ("custom", "memory"):
        params = [float(draw.ticks(1, 6)) for _ in range(max(2, len(names)))]
        if kind == "custom":
            return simcc.CustomPolicy(score=form(draw.one_of(SCORES)), params=params)
        score, update = draw.one_of(WITH_MEMORY)
        return simcc.CustomPolicy(
            score=form(score),
            params=params,
            state=[draw.ticks(0, 2) for _ in range(max(2, len(names), len(groups)))],
            update=form(update) if update else None,
            random=score is explore,
        )
    return published(draw, kind, names, groups)


def published(draw: Draw, kind: str, names: list[str], groups: list[str]) -> Any:
    """A policy of the literature, with parameters drawn at random."""
    shares, weights = (0.5, 1.0, 2.0, 4.0), (0.25, 1.0, 3.0)
    if kind == "queue_ratio":
        return simcc.QueueRatio(
            queue_share=by_name(draw, names, shares), idle_share=by_name(draw, groups, shares)
        )
    if kind == "generalised_c_mu":
        exponent = draw.one_of((1.0, 1.5, 2.0, 3.0))
        return simcc.GeneralisedCMu(cost=by_name(draw, names, weights), exponent=exponent)
    if kind == "max_weight":
        exponent = draw.one_of((0.5, 1.0, 2.0))
        return simcc.MaxWeight(weight=by_name(draw, names, weights), exponent=exponent)
    if kind == "random":
        among = draw.one_of(("agents", "groups"))
        return simcc.RandomRouting(among=among, weight=by_name(draw, groups, weights))
    return {
        "longest_wait": simcc.LongestWait,
        "fastest_server_first": simcc.FastestServerFirst,
        "least_loaded": simcc.LeastLoaded,
        "round_robin": simcc.RoundRobin,
    }[kind]()


def by_name(draw: Draw, names: list[str], values: tuple[float, ...]) -> dict[str, float]:
    """A table that says something on some names."""
    return {name: draw.one_of(values) for name in draw.some_of(names)}


def by_pair(draw: Draw, names: list[str], groups: list[str], values: tuple[float, ...]) -> Any:
    """A table that says something on some types: one number, or numbers by group."""
    table: dict[str, Any] = {}
    for name in draw.some_of(names):
        table[name] = draw.one_of(values)
        if draw.chance(0.6):
            table[name] = {group: draw.one_of(values) for group in draw.some_of(groups)}
            if draw.chance(0.5):
                table[name]["*"] = draw.one_of(values)
    return table


@cache
def with_policy(
    seed: int, kind: str, form: Callable[[Score], Score] = lambda score: score
) -> simcc.Scenario:
    """Scenario number ``seed`` with such a policy; its tables say which pairs are allowed."""
    of = scenario(seed)
    return of.replace(
        routing=of.routing.replace(policy=policy(seed, kind, form), equal_ranks="longest_wait")
    )
