"""Contacts of the oracle that others interrupt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from contact import NEVER, Contact
from people import Agent

from simcc.log import INTERRUPTION_SCHEMA, InterruptionLog, Outcome

if TYPE_CHECKING:
    from oracle import Center


class Interrupting:
    """Talks that may be interrupted, in the order in which they began, and what became of them."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self.talks: list[tuple[Contact, Agent]] = []
        self.rows: list[tuple[float, ...]] = []

    def begin(self, contact: Contact, agent: Agent) -> None:
        if self.center.types[contact.queue_type].interruption:
            self.talks.append((contact, agent))

    def end(self, contact: Contact) -> None:
        self.talks = [one for one in self.talks if one[0] is not contact]

    def free_agent_for(self, contact: Contact) -> Agent | None:
        """An agent who sets the talk begun last aside, in the best group that has one."""
        center, name = self.center, self.center.names[contact.queue_type]
        best = None
        for g, option in center.options[contact.queue_type].items():
            opens_at = contact.offered_at + option.after
            if option.idle_needed > 1 or center.clock.now < opens_at:
                continue
            mine = [one for one in self.talks if self.may_stop(*one, g, name)]
            if mine:
                key = option.rank, -mine[-1][0].resumed_at
                if best is None or key < best[0]:
                    best = key, mine[-1]
        if best is None:
            return None
        self.set_aside(*best[1])
        center.begin(contact, best[1][1])
        return best[1][1]

    def may_stop(self, talk: Contact, agent: Agent, g: int, name: str) -> bool:
        """Whether an agent of group ``g`` sets a talk aside for a contact of a type."""
        group = self.center.people.groups[g]
        stays = agent.leaves is None and agent.moves_to in (None, g) and not group.owed
        return agent.group == g and stays and name in self.rule(talk).by

    def rule(self, contact: Contact):  # type: ignore[no-untyped-def]
        return self.center.types[contact.queue_type].interruption

    def set_aside(self, contact: Contact, agent: Agent) -> None:
        """The contact returns to the head of its queue."""
        center, now = self.center, self.center.clock.now
        queue = center.queues[contact.queue_type]
        group = center.people.groups[agent.group]
        self.end(contact)
        self.rows.append(
            (contact.number, agent.number, group.number, contact.resumed_at, now, len(queue),
             sum(map(len, center.queues)))
        )  # fmt: skip
        start = contact.resumed_at if self.rule(contact).then == "restart" else now
        contact.work_left = (contact.left_at - start) * center.speed(contact, group)
        contact.outcome = Outcome.INTERRUPTED
        contact.interruptions += 1
        contact.resumed_at = contact.left_at = contact.freed_at = NEVER
        contact.answered = center.clock.event()
        contact.cut.succeed()
        queue.insert(0, contact)
        for other in center.people.groups:
            other.looks = other.looks or bool(other.idle)
        center.let_groups_look()
        for after in {one.after for one in center.options[contact.queue_type].values()}:
            if contact.offered_at + after > now:
                center.clock.process(center.reach_threshold(contact, contact.offered_at + after))
        center.n_talking[contact.queue_type] -= 1
        center.tell_watchers(contact.queue_type)

    def log(self) -> InterruptionLog:
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(INTERRUPTION_SCHEMA)
        return InterruptionLog(
            **{
                column.name: np.array(values, column.dtype)
                for column, values in zip(INTERRUPTION_SCHEMA, columns, strict=True)
            }
        )
