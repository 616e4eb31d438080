"""The way back: what was learnt, as a routing policy of a scenario."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simcc.errors import SimulationError
from simcc.gym.observation import Floats32, counts_of
from simcc.gym.routing_env import RoutingEnv
from simcc.model import CustomPolicy

Counts = tuple[int, ...]
CACHED = 1 << 18  # situations whose values are kept


def as_policy(env: RoutingEnv, values: Callable[[Floats32], ArrayLike]) -> CustomPolicy:
    """A policy that takes the allowed action of largest value, for the environment's scenario.

    Parameters
    ----------
    env : RoutingEnv
        With ``observe="counts"``.
    values : callable
        Takes an observation and returns a value for each action, the larger the better: those of a
        Q network, log-probabilities, or 1 for the action to take and 0 for the others. It must
        depend on the observation only: its answers are kept and used again.

    Returns
    -------
    CustomPolicy
        In plain Python, to be used as ``scenario.replace(routing=...)`` or in
        :func:`simcc.with_policies`. It chooses as :meth:`RoutingEnv.best_action` does.

    Raises
    ------
    SimulationError
        If the environment observes what a policy does not see, or the tables have an ``after``; in
        a simulation, if the values are not one finite number for each action.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.instances.v_design(length="1h")
    >>> env = simcc.gym.RoutingEnv(scenario, idling=False, observe="counts")
    >>> b_first = simcc.gym.as_policy(env, lambda observation: [0, 0, 0, 1])
    >>> both = simcc.with_policies(scenario, {"longest wait": simcc.LongestWait(), "b": b_first})
    >>> simcc.compare(both, replications=5, seed=1)
    <Comparison of 'longest wait', 'b': 5 replications, seed 1>
    """
    _check(env, values)
    n_groups, n_actions, idling = len(env.scenario.agent_groups), env.n_actions, env.idling

    @lru_cache(maxsize=CACHED)
    def kept(lengths: Counts, idle: Counts, busy: Counts, asks_group: bool, what: int) -> Any:
        return _checked(values(counts_of(lengths, idle, busy, asks_group, what)), n_actions)

    def score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params) -> float:  # type: ignore[no-untyped-def]
        asks_group = wait == 0.0  # whoever stands in a queue has waited
        counts = (tuple(array.tolist()) for array in (queue_lengths, n_idle, n_busy))
        found = kept(*counts, asks_group, type if asks_group else group)
        value = found[1 + group if asks_group else 1 + n_groups + type]
        return -math.inf if idling and value < found[0] else value

    return CustomPolicy(score=score)


def _check(env: Any, values: Any) -> None:
    if not isinstance(env, RoutingEnv):
        raise SimulationError(f"env is {env!r}; it must be a simcc.gym.RoutingEnv")
    if not callable(values):
        raise SimulationError(f"values is {values!r}; it must be a function of an observation")
    if env.observe != "counts":
        raise SimulationError(
            'env: observes "all"; a policy does not see waits and times, so it takes a RoutingEnv '
            'with observe="counts"'
        )
    for options in env.scenario.routing.type_to_groups.values():
        if any(option.after > 0 for option in options):
            raise SimulationError(
                'env: routing.type_to_groups has an "after"; a policy cannot tell whether a '
                "contact that has waited asks, or an agent"
            )


def _checked(values: ArrayLike, n_actions: int) -> list[float]:
    found = np.asarray(values, np.float64)
    if found.shape != (n_actions,) or not np.isfinite(found).all():
        raise SimulationError(
            f"values returned {values!r}; it must be {n_actions} finite numbers, one for each "
            "action"
        )
    return list(found.tolist())
