"""Index policies made ready for the kernel: a compiled score, or one that Python is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine.records import ASKED, COMPILED, SCORE, TABLES
from simcc.errors import Problem, ScenarioError, SimulationError
from simcc.jit import ENABLED, jit
from simcc.model import CustomPolicy, LongestWait, Scenario, StaticPriority, WeightBased
from simcc.model.policies import value_of_pair

PRIORITY_STEP = 1e7  # s; at least this much between two priorities
ARGUMENTS = "type, group, wait, idle, queue_lengths, n_idle, n_busy, params"


@dataclass(frozen=True)
class BoundPolicy:
    """A policy of one scenario.

    Attributes
    ----------
    mode : int
        TABLES, COMPILED or ASKED.
    params : float64 array
    compiled : callable
        Score for the kernel; a stand-in where it is not used.
    asked : callable or None
        Plain Python score, if Python must be asked.
    """

    mode: int
    params: NDArray[np.float64]
    compiled: Callable[..., float]
    asked: Callable[..., float] | None = None


@jit
def _no_score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return 0.0


@jit
def _longest_wait(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return wait + idle


@jit
def _static_priority(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    return wait + idle - params[type * n_idle.size + group]


@jit
def _weight_based(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
    pair = 3 * (type * n_idle.size + group)
    return params[pair] + params[pair + 1] * wait + params[pair + 2] * idle


def bind_policy(scenario: Scenario) -> BoundPolicy:
    """Score and parameters of the scenario's policy; mode TABLES if it has none.

    Raises
    ------
    ScenarioError
        If a score of one's own does not take the right arguments or does not compile.
    """
    policy = scenario.routing.policy
    nothing = np.zeros(1)
    if policy is None:
        return BoundPolicy(TABLES, nothing, _typed(_no_score))
    if isinstance(policy, LongestWait):
        return BoundPolicy(COMPILED, nothing, _typed(_longest_wait))
    if isinstance(policy, StaticPriority):
        own = {kind.name: float(kind.priority) for kind in scenario.contact_types}
        priority = _by_pair(scenario, lambda k, g: [value_of_pair(policy.priority, k, g, own[k])])
        rank = np.unique(priority, return_inverse=True)[1]
        # more than a wait and an idle time together, so a priority always decides first
        params = rank.astype(np.float64) * max(PRIORITY_STEP, 4 * scenario.horizon.length)
        return BoundPolicy(COMPILED, params, _typed(_static_priority))
    if isinstance(policy, WeightBased):
        params = _by_pair(
            scenario,
            lambda k, g: [
                value_of_pair(policy.constant, k, g, 0.0),
                value_of_pair(policy.wait_weight, k, g, 1.0),
                value_of_pair(policy.idle_weight, k, g, 1.0),
            ],
        )
        return BoundPolicy(COMPILED, params, _typed(_weight_based))
    return _bind_custom(policy)


def _by_pair(scenario: Scenario, values: Callable[[str, str], list[float]]) -> NDArray[np.float64]:
    rows = [
        values(kind.name, group.name)
        for kind in scenario.contact_types
        for group in scenario.agent_groups
    ]
    return np.array(rows, np.float64).ravel()


def _bind_custom(policy: CustomPolicy) -> BoundPolicy:
    params = np.array(policy.params or (0.0,), np.float64)
    python = getattr(policy.score, "py_func", policy.score)
    _check_arguments(python)
    if ENABLED and hasattr(policy.score, "py_func"):
        return BoundPolicy(COMPILED, params, _typed(policy.score))
    return BoundPolicy(ASKED, params, _typed(_no_score), python)


def _check_arguments(score: Callable[..., float]) -> None:
    try:
        inspect.signature(score).bind(*range(8))
    except TypeError:
        message = f"takes other arguments than ({ARGUMENTS})"
        raise ScenarioError([Problem("routing.policy.score", message)]) from None


def _typed(score: Any) -> Any:
    """The function compiled for the one signature that the kernel calls."""
    if not ENABLED:
        return score
    try:
        score.compile(SCORE)
    except Exception as error:  # Numba raises many kinds
        first = str(error).strip().splitlines()[0]
        message = f"does not compile: {first}; a score takes ({ARGUMENTS}) and returns a float"
        raise ScenarioError([Problem("routing.policy.score", message)]) from error
    return score


def checked(score: Any, policy: Callable[..., float]) -> float:
    """A Python policy's score as a float.

    Raises
    ------
    SimulationError
        If it is not a number.
    """
    try:
        return float(score)
    except (TypeError, ValueError):
        name = getattr(policy, "__qualname__", repr(policy))
        raise SimulationError(f"policy {name} returned {score!r}; a score is a number") from None
