"""The index policies of the oracle: what a pair of group and contact is worth."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.model import CustomPolicy, LongestWait, Scenario, StaticPriority

if TYPE_CHECKING:
    from contact import Contact
    from oracle import Center
    from people import Group

Score = tuple[float, ...]
NEVER: Score = (-math.inf,)


def scoring(scenario: Scenario) -> Callable[[Center, Group, Contact], Score] | None:
    """How the scenario's policy scores; None: it has none, the tables' ranks decide."""
    policy = scenario.routing.policy
    if policy is None:
        return None

    def score(center: Center, group: Group, contact: Contact) -> Score:
        name = center.names[contact.queue_type]
        wait = center.clock.now - contact.offered_at
        idle = center.clock.now - group.idle[0].idle_since
        if isinstance(policy, CustomPolicy):
            return (own_score(policy, center, group, contact, wait, idle),)
        if isinstance(policy, LongestWait):
            return (wait + idle,)
        if isinstance(policy, StaticPriority):
            own = center.types[contact.queue_type].priority
            return (-entry(policy.priority, name, group.name, own), wait + idle)
        constant = entry(policy.constant, name, group.name, 0.0)
        wait_weight = entry(policy.wait_weight, name, group.name, 1.0)
        idle_weight = entry(policy.idle_weight, name, group.name, 1.0)
        return (constant + wait_weight * wait + idle_weight * idle,)

    return score


def entry(table: Any, name: str, group: str, otherwise: float) -> float:
    """Of a pair; a number for the type holds for every group not named."""
    for key in (group, "*"):
        if name in table and key in table[name]:
            return float(table[name][key])
    return otherwise


def own_score(
    policy: CustomPolicy, center: Center, group: Group, contact: Contact, wait: float, idle: float
) -> float:
    """A score of one's own, in plain Python."""
    people = center.people
    n_busy = [
        sum(agent.busy and agent.group == other.number for agent in people.everyone)
        for other in people.groups
    ]
    return float(
        getattr(policy.score, "py_func", policy.score)(
            contact.queue_type,
            group.number,
            wait,
            idle,
            np.array([len(queue) for queue in center.queues]),
            np.array([len(other.idle) for other in people.groups]),
            np.array(n_busy),
            np.array(policy.params or (0.0,)),
        )
    )
