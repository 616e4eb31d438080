"""Index policies made ready for the kernel: compiled scores, or one that Python is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from simcc.engine.records import ASKED, COMPILED, SCORE, TABLES
from simcc.engine.scores import no_score, scores_of
from simcc.errors import Problem, ScenarioError, SimulationError
from simcc.jit import ENABLED
from simcc.model import CustomPolicy, Scenario

ARGUMENTS = ("type", "group", "wait", "idle", "queue_lengths", "n_idle", "n_busy", "params")
SCORE_WITHOUT_STATE = SCORE.return_type(*SCORE.args[:-1])

Function = Callable[..., float]


@dataclass(frozen=True)
class BoundPolicy:
    """A policy of one scenario.

    Attributes
    ----------
    mode : int
        TABLES, COMPILED or ASKED.
    params : float64 array
    memory : float64 array
        Its first values; each replication copies it.
    group_score, type_score, update : callable
        For the kernel, when a contact arrives, when an agent is free, and when a pair has been
        chosen; stand-ins where they are not used.
    has_update : bool
    is_random : bool
        Whether the memory begins with a uniform of the replication.
    asked, asked_update : callable or None
        Plain Python functions, if Python must be asked.
    """

    mode: int
    params: NDArray[np.float64]
    memory: NDArray[np.float64]
    group_score: Function
    type_score: Function
    update: Function
    has_update: bool = False
    is_random: bool = False
    asked: Function | None = None
    asked_update: Function | None = None


def bind_policy(scenario: Scenario) -> BoundPolicy:
    """Scores and parameters of the scenario's policy; mode TABLES if it has none.

    Raises
    ------
    ScenarioError
        If a function of one's own does not take the right arguments or does not compile.
    """
    policy = scenario.routing.policy
    unused = _typed(no_score)
    if policy is None:
        return BoundPolicy(TABLES, np.zeros(1), np.zeros(1), unused, unused, unused)
    if isinstance(policy, CustomPolicy):
        return _bind_custom(policy, unused)
    scores = scores_of(policy, scenario)
    return BoundPolicy(
        COMPILED,
        scores.params,
        scores.memory,
        _typed(scores.group_score),
        _typed(scores.type_score),
        _typed(scores.update) if scores.update else unused,
        scores.update is not None,
        scores.is_random,
    )


def _bind_custom(policy: CustomPolicy, unused: Function) -> BoundPolicy:
    params = np.array(policy.params or (0.0,), np.float64)
    memory = np.array(policy.state or (0.0,), np.float64)
    given = {"score": policy.score}
    if policy.update is not None:
        given["update"] = policy.update
    names = (*ARGUMENTS, "state") if policy.state else ARGUMENTS
    for field, function in given.items():
        _check_arguments(field, getattr(function, "py_func", function), names)
    has_update = policy.update is not None
    if ENABLED and all(hasattr(function, "py_func") for function in given.values()):
        score = _own_score(policy.score, bool(policy.state))
        update = _own_update(policy.update) if has_update else unused
        return BoundPolicy(
            *(COMPILED, params, memory, score, score, update),
            has_update,
            policy.random,
        )
    plain = {field: getattr(function, "py_func", function) for field, function in given.items()}
    asked, asked_update = _asked_score(plain["score"], bool(policy.state)), plain.get("update")
    return BoundPolicy(
        *(ASKED, params, memory, unused, unused, unused),
        has_update,
        policy.random,
        asked=asked,
        asked_update=asked_update,
    )


def _check_arguments(field: str, function: Function, names: tuple[str, ...]) -> None:
    try:
        inspect.signature(function).bind(*names)
    except TypeError:
        message = f"takes other arguments than ({', '.join(names)})"
        raise ScenarioError([Problem(f"routing.policy.{field}", message)]) from None


@lru_cache(maxsize=128)
def _own_score(score: Any, has_state: bool) -> Any:
    """A compiled score as the kernel calls it, always with the state."""
    if has_state:
        return _typed(score, "score", (*ARGUMENTS, "state"))
    _typed(score, "score", ARGUMENTS, SCORE_WITHOUT_STATE)

    def with_state(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):  # type: ignore[no-untyped-def]
        return score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params)

    return _typed(numba.njit(with_state))


@lru_cache(maxsize=128)
def _own_update(update: Any) -> Any:
    """A compiled update as the kernel calls it, whatever it returns."""
    _typed(update, "update", (*ARGUMENTS, "state"), SCORE.args)

    def returns_nothing(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):  # type: ignore[no-untyped-def]
        update(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state)
        return 0.0

    return _typed(numba.njit(returns_nothing))


def _asked_score(score: Function, has_state: bool) -> Function:
    """A plain score as the kernel's functions call it; what it returns is checked."""
    if has_state:
        return lambda *given: checked(score(*given), score)
    return lambda *given: checked(score(*given[:-1]), score)


def _typed(
    function: Any, field: str = "score", names: tuple[str, ...] = (), signature: Any = SCORE
) -> Any:
    """The function compiled for the one signature that the kernel calls."""
    if not ENABLED:
        return function
    try:
        function.compile(signature)
    except Exception as error:  # Numba raises many kinds
        first = str(error).strip().splitlines()[0]
        returned = " and returns a float" if field == "score" else ""
        message = f"does not compile: {first}; it takes ({', '.join(names)}){returned}"
        raise ScenarioError([Problem(f"routing.policy.{field}", message)]) from error
    return function


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
