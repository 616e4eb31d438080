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
WITH_STATE = SCORE.return_type(*SCORE.args, SCORE.args[-1])

Function = Callable[..., float]


@dataclass(frozen=True)
class BoundPolicy:
    """A policy of one scenario.

    Attributes
    ----------
    mode : int
        TABLES, COMPILED or ASKED.
    params : float64 array
        Its parameters, and behind them the first values of what it remembers; each replication
        copies them.
    group_score, type_score, update : callable
        For the kernel, when a contact arrives, when an agent is free, and when a pair has been
        chosen; stand-ins where they are not used.
    has_update : bool
    luck_at : int or None
        Where in params a uniform of the replication stands, if the policy draws at random.
    asked, asked_update : callable or None
        Plain Python functions, if Python must be asked.
    """

    mode: int
    params: NDArray[np.float64]
    group_score: Function
    type_score: Function
    update: Function
    has_update: bool = False
    luck_at: int | None = None
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
        return BoundPolicy(TABLES, np.zeros(1), unused, unused, unused)
    if isinstance(policy, CustomPolicy):
        return _bind_custom(policy, unused)
    scores = scores_of(policy, scenario)
    return BoundPolicy(
        COMPILED,
        scores.params,
        _typed(scores.group_score),
        _typed(scores.type_score),
        _typed(scores.update) if scores.update else unused,
        scores.update is not None,
        scores.luck_at,
    )


def _bind_custom(policy: CustomPolicy, unused: Function) -> BoundPolicy:
    params = policy.params or (0.0,)
    size = len(params) if policy.state else None  # where the state begins
    numbers = np.array((*params, *policy.state), np.float64)
    given = {"score": policy.score}
    if policy.update is not None:
        given["update"] = policy.update
    names = ARGUMENTS if size is None else (*ARGUMENTS, "state")
    plain = {field: getattr(function, "py_func", function) for field, function in given.items()}
    for field, function in plain.items():
        _check_arguments(field, function, names)
    more: Any = {"has_update": "update" in given, "luck_at": size if policy.random else None}
    if ENABLED and all(hasattr(function, "py_func") for function in given.values()):
        score = _own_score(policy.score, size)
        update = _own_update(policy.update, size) if "update" in given else unused
        return BoundPolicy(COMPILED, numbers, score, score, update, **more)
    asked = {field: _split(function, size) for field, function in plain.items()}
    more |= {"asked": _with_check(asked["score"], plain["score"])}
    more |= {"asked_update": asked.get("update")}
    return BoundPolicy(ASKED, numbers, unused, unused, unused, **more)


def _check_arguments(field: str, function: Function, names: tuple[str, ...]) -> None:
    try:
        inspect.signature(function).bind(*names)
    except TypeError:
        message = f"takes other arguments than ({', '.join(names)})"
        raise ScenarioError([Problem(f"routing.policy.{field}", message)]) from None


@lru_cache(maxsize=128)
def _own_score(score: Any, size: int | None) -> Any:
    """A compiled score as the kernel calls it; the state is what stands behind the parameters."""
    if size is None:
        return _typed(score)
    _typed(score, "score", WITH_STATE)

    def split(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
        own, state = params[:size], params[size:]
        return score(type, group, wait, idle, queue_lengths, n_idle, n_busy, own, state)

    return _typed(numba.njit(split))


@lru_cache(maxsize=128)
def _own_update(update: Any, size: int) -> Any:
    """A compiled update as the kernel calls it, whatever it returns."""
    _typed(update, "update", WITH_STATE.args)

    def split(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):  # type: ignore[no-untyped-def]
        own, state = params[:size], params[size:]
        update(type, group, wait, idle, queue_lengths, n_idle, n_busy, own, state)
        return 0.0

    return _typed(numba.njit(split))


def _split(function: Function, size: int | None) -> Function:
    """A plain function as the kernel's functions call it."""
    if size is None:
        return function
    return lambda *given: function(*given[:-1], given[-1][:size], given[-1][size:])


def _with_check(score: Function, own: Function) -> Function:
    return lambda *given: checked(score(*given), own)


def _typed(function: Any, field: str = "score", signature: Any = SCORE) -> Any:
    """The function compiled for the one signature that the kernel calls."""
    if not ENABLED:
        return function
    try:
        function.compile(signature)
    except Exception as error:  # Numba raises many kinds
        first = str(error).strip().splitlines()[0]
        names = ARGUMENTS if signature is SCORE else (*ARGUMENTS, "state")
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
