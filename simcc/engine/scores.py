"""Scores of the policies that come with the library, compiled, and what they read.

A policy has a score for the choice of a group, when a contact arrives, and one for the choice of a
type, when an agent is free; for most they are the same. Only those in use are compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.counter_draws import uniform_at
from simcc.engine.announcing import mean_work
from simcc.jit import jit
from simcc.model import (
    FastestServerFirst,
    GeneralisedCMu,
    LeastLoaded,
    LongestWait,
    MaxWeight,
    QueueRatio,
    RandomRouting,
    Scenario,
    StaticPriority,
    WeightBased,
)
from simcc.model.policy_tables import value_of_pair

# s; at least this much between two ranks, which is more than a wait and an idle time together
RANK_STEP = 1e7
SHORTEST_WORK = 1e-9  # s; in place of no work at all

Floats = NDArray[np.float64]
Score = Callable[..., float]


@dataclass(frozen=True)
class Scores:
    """How one policy scores.

    Attributes
    ----------
    group_score, type_score : callable
        When a contact arrives; when an agent is free.
    params : float64 array
        What they read, and behind it the first values of what the policy remembers.
    update : callable or None
        What the policy remembers when a pair has been chosen.
    luck_at : int or None
        Where in params a uniform of the replication stands, if the policy draws at random.
    """

    group_score: Score
    type_score: Score
    params: Floats
    update: Score | None = None
    luck_at: int | None = None


@jit
def no_score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return 0.0


@jit
def _longest_wait(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return wait + idle


@jit
def _by_rank(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return wait + idle - params[type * n_idle.size + group]


@jit
def _weight_based(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    pair = 3 * (type * n_idle.size + group)
    return params[pair] + params[pair + 1] * wait + params[pair + 2] * idle


@jit
def _queue_ratio(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    queue, free = queue_lengths[type], n_idle[group]
    too_long = queue - params[type] * queue_lengths.sum()
    too_idle = free - params[queue_lengths.size + group] * n_idle.sum()
    return too_long + too_idle


@jit
def _c_mu_of_types(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return params[1 + type * n_idle.size + group] * wait ** params[0]


@jit
def _of_pair(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return params[1 + type * n_idle.size + group]


@jit
def _max_weight(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    waiting = max(queue_lengths[type], 1)
    return params[1 + type * n_idle.size + group] * float(waiting) ** params[0]


@jit
def _least_loaded(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return -n_busy[group] / (n_busy[group] + n_idle[group])


@jit
def _random_group(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    # of exponential times with the weights as rates, the first is each with the right probability
    n_groups = n_idle.size
    luck, n_chosen = params[1 + n_groups], int(params[2 + n_groups])
    weight = params[1 + group]
    if params[0] == 1.0:
        weight *= n_idle[group]
    return math.log(1.0 - uniform_at(luck, n_chosen * n_groups + group)) / weight


@jit
def _count_choice(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    params[2 + n_idle.size] += 1.0
    return 0.0


@jit
def _turn(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    n_groups = n_idle.size
    return -float((group - int(params[type]) - 1 + n_groups) % n_groups)


@jit
def _take_turn(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    params[type] = float(group)
    return 0.0


def scores_of(policy: Any, scenario: Scenario) -> Scores:
    """How a policy that comes with the library scores in a scenario."""
    if isinstance(policy, LongestWait):
        return Scores(_longest_wait, _longest_wait, np.zeros(1))
    if isinstance(policy, StaticPriority):
        ranks = _ranks(_priorities(policy, scenario), scenario)
        return Scores(_by_rank, _by_rank, ranks)
    if isinstance(policy, WeightBased):
        return Scores(_weight_based, _weight_based, _weights(policy, scenario))
    if isinstance(policy, QueueRatio):
        shares = (
            _shares(policy.queue_share, scenario.contact_types),
            _shares(policy.idle_share, scenario.agent_groups),
        )
        return Scores(_queue_ratio, _queue_ratio, np.concatenate(shares))
    if isinstance(policy, GeneralisedCMu):
        slopes = policy.exponent * _of_types(policy.cost, scenario) * service_rates(scenario)
        params = np.append(policy.exponent - 1.0, slopes.ravel())
        return Scores(_of_pair, _c_mu_of_types, params)
    if isinstance(policy, MaxWeight):
        weights = _of_types(policy.weight, scenario) * service_rates(scenario)
        params = np.append(policy.exponent, weights.ravel())
        return Scores(_max_weight, _max_weight, params)
    if isinstance(policy, FastestServerFirst):
        return Scores(_by_rank, _longest_wait, _ranks(-service_rates(scenario).ravel(), scenario))
    if isinstance(policy, LeastLoaded):
        return Scores(_least_loaded, _longest_wait, np.zeros(1))
    if isinstance(policy, RandomRouting):
        chances = [policy.weight.get(group.name, 1.0) for group in scenario.agent_groups]
        params = np.array([policy.among == "agents", *chances, 0.0, 0.0], np.float64)
        return Scores(_random_group, _longest_wait, params, _count_choice, len(params) - 2)
    last = np.full(len(scenario.contact_types), -1.0)
    return Scores(_turn, _longest_wait, last, _take_turn)


def service_rates(scenario: Scenario) -> Floats:
    """Contacts of each type (row) that an agent of each group (column) serves per s of work."""
    rates = np.zeros((len(scenario.contact_types), len(scenario.agent_groups)))
    for k, kind in enumerate(scenario.contact_types):
        for g, group in enumerate(scenario.agent_groups):
            if kind.name in group.skills:
                work = mean_work(kind, [group.name])
                rates[k, g] = group.skills[kind.name] / max(work, SHORTEST_WORK)
    return rates


def _priorities(policy: StaticPriority, scenario: Scenario) -> Floats:
    own = {kind.name: float(kind.priority) for kind in scenario.contact_types}
    return _by_pair(scenario, lambda k, g: [value_of_pair(policy.priority, k, g, own[k])])


def _ranks(values: Floats, scenario: Scenario) -> Floats:
    """What is taken off a pair's score so that the smallest value comes first."""
    ranks = np.unique(values, return_inverse=True)[1]
    return ranks.astype(np.float64) * max(RANK_STEP, 4 * scenario.horizon.length)


def _weights(policy: WeightBased, scenario: Scenario) -> Floats:
    return _by_pair(
        scenario,
        lambda k, g: [
            value_of_pair(policy.constant, k, g, 0.0),
            value_of_pair(policy.wait_weight, k, g, 1.0),
            value_of_pair(policy.idle_weight, k, g, 1.0),
        ],
    )


def _by_pair(scenario: Scenario, values: Callable[[str, str], list[float]]) -> Floats:
    rows = [
        values(kind.name, group.name)
        for kind in scenario.contact_types
        for group in scenario.agent_groups
    ]
    return np.array(rows, np.float64).ravel()


def _shares(table: Any, parts: Any) -> Floats:
    """Numbers by name, 1 for those not named, divided by their sum."""
    numbers = np.array([table.get(part.name, 1.0) for part in parts], np.float64)
    shares: Floats = numbers / numbers.sum()
    return shares


def _of_types(table: Any, scenario: Scenario) -> Floats:
    """Numbers by type as a column, 1 for those not named."""
    numbers = [table.get(kind.name, 1.0) for kind in scenario.contact_types]
    return np.array(numbers, np.float64).reshape(-1, 1)
