"""Who may take what, and in which order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simcc.model.base import (
    Duration,
    FrozenDict,
    Integer,
    Many,
    Name,
    Part,
    PositiveCount,
    Table,
)
from simcc.model.policies import Policy, named_policy
from simcc.model.queue_choice import QueueChoice


class GroupOption(Part):
    """A group that may take an arriving contact of a type.

    Parameters
    ----------
    group : str
    rank : int, default 1
        Smaller ranks are tried first; between equal ranks the agent idle longest.
    after : duration, default 0
        Opens once the contact has waited that long.
    idle_needed : int, default 1
        The type may take an agent only if at least that many of the group are idle.
    """

    group: Name
    rank: Integer = 1
    after: Duration = 0.0
    idle_needed: PositiveCount = 1


class TypeOption(Part):
    """A type that an agent of a group may take when free.

    Parameters
    ----------
    type : str
    rank : int, default 1
        Smaller ranks are tried first; between equal ranks the contact waiting longest.
    """

    type: Name
    rank: Integer = 1


class Routing(Part):
    """Two tables, neither derived from the other; what is left out follows the skills.

    Parameters
    ----------
    type_to_groups : {contact type: [GroupOption, ...]}, optional
        Which group an arriving contact goes to.
    group_to_types : {agent group: [TypeOption, ...]}, optional
        Which contact a free agent takes.
    equal_ranks : {"longest_wait", "earliest_deadline"}, default "longest_wait"
        Of the heads of queues of equal rank, a free agent takes the one that has waited longest,
        its type's ``head_start`` included; or the one due first, the head start taken off, which
        asks for a ``deadline`` of every type.
    queue_choice : {contact type: QueueChoice}, optional
        Types whose contacts join one of several queues when they reach people.
    policy : policy, optional
        An index policy (:mod:`simcc.model.policies`) that chooses among the pairs the tables allow,
        instead of their ranks. Text names one: "longest_wait".
    """

    type_to_groups: Table[Many[GroupOption]] = Field(default_factory=FrozenDict)
    group_to_types: Table[Many[TypeOption]] = Field(default_factory=FrozenDict)
    equal_ranks: Literal["longest_wait", "earliest_deadline"] = "longest_wait"
    queue_choice: Table[QueueChoice] = Field(default_factory=FrozenDict)
    policy: Annotated[Policy | None, BeforeValidator(named_policy)] = None
