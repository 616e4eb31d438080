"""Index policies: one score per pair of type and group; the best allowed pair is taken.

A policy scores the pairs that the routing tables allow: which group takes an arriving contact
(the pairs of its type), and which queue a free agent takes from (the pairs of its group). Equal
scores go to the pair that comes first in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from simcc.errors import Problem
from simcc.model.base import BY_KIND, Flag, FrozenDict, Many, Number, Part, Rule, tag
from simcc.model.policy_tables import ByPair, function_name, is_callable
from simcc.model.published_policies import (
    FastestServerFirst,
    GeneralisedCMu,
    LeastLoaded,
    MaxWeight,
    QueueRatio,
    RandomRouting,
    RoundRobin,
)


class LongestWait(Part):
    """The contact waiting longest; the agent idle longest.

    Score: wait + idle time. On an arrival the wait is the same for every group, and when an agent
    becomes free the idle time is the same for every type, so each choice is by the other.

    Examples
    --------
    >>> LongestWait()
    LongestWait(kind='longest_wait')
    """

    kind: Literal["longest_wait"] = "longest_wait"


class StaticPriority(Part):
    """Fixed priorities of pairs, the smallest first; then longest wait and longest idle.

    Parameters
    ----------
    priority : {type: number} or {type: {group: number}}
        A number holds for every group. Pairs not named have the type's own ``priority``.

    Examples
    --------
    >>> StaticPriority(priority={"sales": 0, "service": {"front": 1, "experts": 2}}).kind
    'static_priority'
    """

    kind: Literal["static_priority"] = "static_priority"
    priority: ByPair = Field(default_factory=FrozenDict)


class WeightBased(Part):
    """Affine in the longest wait and the longest idle time.

    Score: ``constant + wait_weight * wait + idle_weight * idle`` (waits and idle times in s), as
    in Chan, Koole and L'Ecuyer (2014), Dynamic call center routing policies using call waiting
    and agent idle times, Manufacturing & Service Operations Management 16(4).

    Parameters
    ----------
    wait_weight, idle_weight, constant : {type: number} or {type: {group: number}}
        A number holds for every group. Pairs not named have weights 1 and constant 0.

    Examples
    --------
    >>> policy = WeightBased(wait_weight={"sales": 2.0}, constant={"sales": {"experts": 30.0}})
    >>> policy.constant["sales"]["experts"]
    30.0
    """

    kind: Literal["weight_based"] = "weight_based"
    wait_weight: ByPair = Field(default_factory=FrozenDict)
    idle_weight: ByPair = Field(default_factory=FrozenDict)
    constant: ByPair = Field(default_factory=FrozenDict)


Function = Annotated[
    Callable[..., Any], BeforeValidator(is_callable), PlainSerializer(function_name)
]


def _memory_has_room(policy: Any) -> Iterator[Problem]:
    if policy.update is not None and not policy.state:
        message = "is given, and state is empty; give the memory's first values as state"
        yield Problem("update", message)
    if policy.random and not policy.state:
        message = "is true, and state is empty; state[0] is where the uniform goes"
        yield Problem("random", message)


class CustomPolicy(Part):
    """A policy of your own.

    Parameters
    ----------
    score : callable
        ``score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params) -> float``; the
        highest score wins. ``type`` and ``group`` are indices in the scenario's order, ``wait`` is
        that of the type's first contact and ``idle`` that of the group's agent idle longest (s),
        ``queue_lengths`` is by type, ``n_idle`` and ``n_busy`` are by group (int64 arrays, to be
        read only), ``params`` is the float64 array below. A plain Python function is asked by
        the kernel at every choice; decorated with ``@numba.njit`` it runs inside the kernel, with
        the same result. With a ``state`` it takes one more argument, ``state``, to be read only.
    params : sequence of float
        What the function reads, for example its weights.
    state : sequence of float
        The first values of the policy's memory, a float64 array; each replication has its own copy.
    update : callable, optional
        Called with the arguments of ``score`` for the pair that has been chosen, before it is
        carried out; it may write ``state``. Plain Python or ``@numba.njit``; only where both
        functions are compiled do they run inside the kernel.
    random : bool, default False
        Whether ``state[0]`` begins as a uniform of the replication, instead of the value given;
        :func:`simcc.uniform_at` makes more of it. It depends on the seed and the number of the
        replication only, and leaves everything that contacts bring as it is.

    Examples
    --------
    >>> def hurry(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    ...     return params[type] * wait + idle
    >>> CustomPolicy(score=hurry, params=[2.0, 1.0]).params
    (2.0, 1.0)
    """

    kind: Literal["custom"] = "custom"
    score: Function
    params: Many[Number] = ()
    state: Many[Number] = ()
    update: Function | None = None
    random: Flag = False
    rules: ClassVar[tuple[Rule, ...]] = (_memory_has_room,)


Policy = Annotated[
    Annotated[LongestWait, tag("longest_wait")]
    | Annotated[StaticPriority, tag("static_priority")]
    | Annotated[WeightBased, tag("weight_based")]
    | Annotated[QueueRatio, tag("queue_ratio")]
    | Annotated[GeneralisedCMu, tag("generalised_c_mu")]
    | Annotated[MaxWeight, tag("max_weight")]
    | Annotated[FastestServerFirst, tag("fastest_server_first")]
    | Annotated[LeastLoaded, tag("least_loaded")]
    | Annotated[RandomRouting, tag("random")]
    | Annotated[RoundRobin, tag("round_robin")]
    | Annotated[CustomPolicy, tag("custom")],
    BY_KIND,
]
PUBLISHED = (
    LongestWait,
    StaticPriority,
    WeightBased,
    QueueRatio,
    GeneralisedCMu,
    MaxWeight,
    FastestServerFirst,
    LeastLoaded,
    RandomRouting,
    RoundRobin,
)


def named_policy(value: Any) -> Any:
    """A policy written by its name alone, as files may, as a table of fields."""
    return {"kind": value} if isinstance(value, str) else value
