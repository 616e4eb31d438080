"""Index policies: one score per pair of type and group; the best allowed pair is taken.

A policy scores the pairs that the routing tables allow: which group takes an arriving contact
(the pairs of its type), and which queue a free agent takes from (the pairs of its group). Equal
scores go to the pair that comes first in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from simcc.model.base import BY_KIND, FrozenDict, Many, Name, Number, Part, tag

ByGroup = Annotated[dict[Name, Number], AfterValidator(FrozenDict), PlainSerializer(dict)]


def _same_for_all_groups(value: Any) -> Any:
    """A table by type in which a plain number stands for every group."""
    if not isinstance(value, Mapping):
        return value
    return {
        kind: one if isinstance(one, Mapping) else {EVERY_GROUP: one} for kind, one in value.items()
    }


EVERY_GROUP = "*"  # key of a number that holds for every group not named
ByPair = Annotated[
    dict[Name, ByGroup],
    BeforeValidator(_same_for_all_groups),
    AfterValidator(FrozenDict),
    PlainSerializer(dict),
]


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


def _callable(value: Any) -> Any:
    if not callable(value):
        raise ValueError(
            "a policy of your own is a Python function; a scenario file cannot name one, "
            "its policies are longest_wait, static_priority and weight_based"
        )
    return value


def _function_name(score: Any) -> str:
    function = getattr(score, "py_func", score)
    return f"{function.__module__}.{function.__qualname__}"


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
        the same result.
    params : sequence of float
        What the function reads, for example its weights.

    Examples
    --------
    >>> def hurry(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    ...     return params[type] * wait + idle
    >>> CustomPolicy(score=hurry, params=[2.0, 1.0]).params
    (2.0, 1.0)
    """

    kind: Literal["custom"] = "custom"
    score: Annotated[
        Callable[..., float], BeforeValidator(_callable), PlainSerializer(_function_name)
    ]
    params: Many[Number] = ()


Policy = Annotated[
    Annotated[LongestWait, tag("longest_wait")]
    | Annotated[StaticPriority, tag("static_priority")]
    | Annotated[WeightBased, tag("weight_based")]
    | Annotated[CustomPolicy, tag("custom")],
    BY_KIND,
]


def named_policy(value: Any) -> Any:
    """A policy written by its name alone, as files may, as a table of fields."""
    return {"kind": value} if isinstance(value, str) else value


def value_of_pair(
    table: Mapping[str, Mapping[str, float]], kind: str, group: str, default: float
) -> float:
    """Entry of a table by pair; the type's number for every group, or the default, otherwise.

    Examples
    --------
    >>> value_of_pair({"sales": {"*": 2.0, "experts": 3.0}}, "sales", "front", 1.0)
    2.0
    """
    row = table.get(kind, {})
    return row.get(group, row.get(EVERY_GROUP, default))
