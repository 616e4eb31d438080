"""The index policies of the oracle: what a pair of group and contact is worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.counter_draws import uniform_at
from simcc.model import Scenario

if TYPE_CHECKING:
    from contact import Contact
    from oracle import Center
    from people import Group

Score = tuple[float, ...]
NEVER: Score = (-math.inf,)


class Policy:
    """A scenario's policy: scores, and what it remembers of its choices.

    ``of_groups``: whether groups are compared for one contact, or contacts for one group.
    """

    def __init__(self, scenario: Scenario, luck: float) -> None:
        self.of = scenario.routing.policy
        self.scenario, self.luck = scenario, luck
        self.of_groups = True
        self.n_chosen = 0
        self.last_group: dict[int, int] = {}
        self.own = np.array(getattr(self.of, "state", ()) or (0.0,))
        if getattr(self.of, "random", False):
            self.own[0] = luck

    def score(self, center: Center, group: Group, contact: Contact) -> Score:
        """How a pair is scored; of two, the larger wins."""
        wait = center.clock.now - contact.offered_at
        idle = center.clock.now - group.idle[0].idle_since
        return getattr(self, self.of.kind)(center, group, contact, wait, idle)  # type: ignore[no-any-return]

    def remember(self, center: Center, group: Group, contact: Contact) -> None:
        """A pair has been chosen, and nothing else has happened since."""
        self.n_chosen += 1
        self.last_group[contact.queue_type] = group.number
        if getattr(self.of, "update", None) is not None:
            wait = center.clock.now - contact.offered_at
            idle = center.clock.now - group.idle[0].idle_since
            plain(self.of.update)(*self.seen(center, group, contact, wait, idle), self.own)

    # ------------------------------------------------------------------ by kind

    def longest_wait(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        return (wait + idle,)

    def static_priority(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        kind = self.scenario.contact_types[contact.queue_type]
        return (-entry(self.of.priority, kind.name, group.name, kind.priority), wait + idle)

    def weight_based(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        pair = self.name(contact), group.name
        constant = entry(self.of.constant, *pair, 0.0)
        return (
            constant
            + entry(self.of.wait_weight, *pair, 1.0) * wait
            + entry(self.of.idle_weight, *pair, 1.0) * idle,
        )

    def queue_ratio(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        kinds = [kind.name for kind in self.scenario.contact_types]
        groups = [one.name for one in self.scenario.agent_groups]
        waiting = [len(queue) for queue in center.queues]
        free = [len(one.idle) for one in center.people.groups]
        p = share(self.of.queue_share, kinds, self.name(contact))
        v = share(self.of.idle_share, groups, group.name)
        queue = waiting[contact.queue_type] - p * sum(waiting)
        return (queue + (free[group.number] - v * sum(free)),)

    def generalised_c_mu(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        d, c = self.of.exponent, self.of.cost.get(self.name(contact), 1.0)
        rate = d * c * self.rate(group, contact)
        return (rate if self.of_groups else rate * math.pow(wait, d - 1),)

    def max_weight(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        w = self.of.weight.get(self.name(contact), 1.0)
        waiting = float(len(center.queues[contact.queue_type]) or 1)
        return (w * self.rate(group, contact) * math.pow(waiting, self.of.exponent),)

    def fastest_server_first(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        return (self.rate(group, contact), idle) if self.of_groups else (wait,)

    def least_loaded(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        if not self.of_groups:
            return (wait,)
        busy = n_busy(center)[group.number]
        return (-(busy / (busy + len(group.idle))),)

    def random(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        """The first of exponential times, whose rates are the weights, wins."""
        if not self.of_groups:
            return (wait,)
        place = self.n_chosen * len(center.people.groups) + group.number
        weight = self.of.weight.get(group.name, 1.0)
        if self.of.among == "agents":
            weight *= len(group.idle)
        return (-(-math.log(1.0 - uniform_at(self.luck, place)) / weight),)

    def round_robin(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        if not self.of_groups:
            return (wait,)
        order = list(range(len(center.people.groups)))
        last = self.last_group.get(contact.queue_type, -1)
        turn = order[last + 1 :] + order[: last + 1]
        return (-turn.index(group.number),)

    def custom(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> Score:
        given = self.seen(center, group, contact, wait, idle)
        if self.of.state:
            given = (*given, self.own.copy())  # it is to be read only
        return (float(plain(self.of.score)(*given)),)

    # ------------------------------------------------------------------ what they use

    def name(self, contact: Contact) -> str:
        return self.scenario.contact_types[contact.queue_type].name

    def rate(self, group: Group, contact: Contact) -> float:
        """Contacts per s of work: speed by mean time at speed 1, over the intervals."""
        kind = self.scenario.contact_types[contact.queue_type]
        law = kind.talk_time_by_group.get(group.name, kind.talk_time)
        laws = kind.talk_time_by_interval or ([law] if law else [])
        talk = float(np.mean([one.mean() for one in laws])) if laws else 0.0
        talk *= float(np.mean(kind.talk_scale_by_interval or [1.0]))
        wrap = kind.after_call_work.mean() if kind.after_call_work else 0.0
        speed = self.scenario.agent_groups[group.number].skills[kind.name]
        return float(speed / max(talk + wrap, 1e-9))

    def seen(
        self, center: Center, group: Group, contact: Contact, wait: float, idle: float
    ) -> tuple[Any, ...]:
        """The arguments of a function of one's own."""
        return (
            contact.queue_type,
            group.number,
            wait,
            idle,
            np.array([len(queue) for queue in center.queues]),
            np.array([len(other.idle) for other in center.people.groups]),
            np.array(n_busy(center)),
            np.array(self.of.params or (0.0,)),
        )


def entry(table: Any, name: str, group: str, otherwise: float) -> float:
    """Of a pair; a number for the type holds for every group not named."""
    for key in (group, "*"):
        if name in table and key in table[name]:
            return float(table[name][key])
    return otherwise


def share(table: Any, names: list[str], name: str) -> float:
    """One number by name of all of them, 1 for those not named."""
    return float(table.get(name, 1.0) / sum(table.get(one, 1.0) for one in names))


def n_busy(center: Center) -> list[int]:
    """Agents who work, by group."""
    people = center.people
    return [
        sum(agent.busy and agent.group == other.number for agent in people.everyone)
        for other in people.groups
    ]


def plain(function: Any) -> Any:
    """A function as Python, though it may be compiled."""
    return getattr(function, "py_func", function)
