"""Callbacks of the oracle: when they are due, and what becomes of the calls."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy
from contact import Contact, time_of
from people import Agent, Group

from simcc.counter_draws import uniform_at
from simcc.engine.order import Order
from simcc.log import CALLBACK_SCHEMA, CallbackLog, Outcome
from simcc.model import Callback

if TYPE_CHECKING:
    from oracle import Center

# Of the calls' events at one instant, behind those of lists: answers, then callbacks come due.
ANSWERS, DUE = 3, 4
APART = 1 << 40


class Calling:
    """The callbacks of a center: those due, by type, and the rows of their log."""

    def __init__(self, center: Center) -> None:
        self.center, self.clock = center, center.clock
        self.due: list[list[Contact]] = [[] for _ in center.types]
        self.rows: list[tuple[float, ...]] = []
        self.is_logged = any(
            one is not None and (one.later is not None or self.rings(one))
            for one in (kind.callback for kind in center.types)
        )

    def rings(self, offer: Callback) -> bool:
        return offer.ring_time is not None or offer.answers < 1

    def offer(self, contact: Contact) -> Callback:
        return self.center.types[contact.queue_type].callback

    def accepts(self, contact: Contact) -> bool:
        """Whether a contact that would have to wait asks for a callback instead."""
        offer = self.offer(contact)
        if offer is None or len(self.center.queues[contact.queue_type]) < offer.min_waiting:
            return False
        return contact.callback_luck < offer.accepts and self.is_offered(offer)

    def is_offered(self, offer: Callback) -> bool:
        """Whether it is one of the hours of the offer."""
        days = self.center.scenario.horizon.day_edges
        if not offer.hours:
            return True
        begun = [day for day in days[:-1] if day <= self.clock.now]
        today = self.clock.now - begun[-1]
        within = any(start <= today < end for start, end in offer.hours)
        return within and self.clock.now < days[-1]

    def wait(self, contact: Contact) -> Generator[simpy.Event, object, Agent | None]:
        """Out of the line, until an agent has called and the contact has answered, if it does."""
        self.center.n_in_system -= 1
        contact.outcome = Outcome.CALLBACK_ASKED
        contact.due_at = self.clock.now
        if self.offer(contact).later is None:
            self.due[contact.queue_type].append(contact)
        else:
            self.await_call(contact, time_of(self.offer(contact).later, self.luck(contact, 0)))
        yield contact.answered
        return contact.answered.value

    def luck(self, contact: Contact, place: int) -> float:
        return float(uniform_at(contact.calls_luck, place))

    def await_call(self, contact: Contact, delay: float) -> None:
        contact.due_at = self.clock.now + delay
        if contact.due_at < self.center.scenario.horizon.length:
            self.clock.process(self.come_due(contact))
        else:
            self.center.n_in_progress -= 1  # nobody will call

    def come_due(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        yield self.clock.at(contact.due_at, Order.DIALLER, DUE * APART + contact.number)
        self.due[contact.queue_type].append(contact)
        self.center.idle_look()

    def call(self, group: Group) -> bool:
        """Whom an idle agent calls back, if nobody waits whom the group may serve."""
        center = self.center
        kinds = [k for k in center.ranks[group.number] if not center.opening.waits(k)]
        if any(center.queues[k] for k in kinds):
            return False
        heads = [self.due[k][0] for k in kinds if self.due[k]]
        heads = [one for one in heads if len(group.idle) >= self.offer(one).idle_needed]
        desk = group.idle[0].desk
        heads = [one for one in heads if desk is None or desk.has_room(one)]
        if not heads:
            return False
        contact = min(heads, key=lambda one: (one.due_at, one.number))
        self.due[contact.queue_type].remove(contact)
        center.n_in_system += 1
        if self.rings(self.offer(contact)):
            self.ring(contact, center.people.take(group, contact.tie_luck))
        else:
            agent = center.take(group, contact)
            self.note(contact, agent, 0.0)
            contact.answered.succeed(agent)
        return True

    def note(self, contact: Contact, agent: Agent, ring: float) -> None:
        now = self.clock.now
        self.rows.append((contact.number, agent.number, agent.group, now, now + ring))

    def ring(self, contact: Contact, agent: Agent) -> None:
        """An agent calls."""
        law = self.offer(contact).ring_time
        place = 3 * contact.calls_made
        time = 0.0 if law is None else time_of(law, self.luck(contact, place + 1))
        self.note(contact, agent, time)
        contact.outcome = Outcome.CALLING
        contact.agent, contact.group = agent.number, agent.group
        contact.calls_made += 1
        self.clock.process(self.end(contact, agent, self.clock.now + time, place))

    def end(
        self, contact: Contact, agent: Agent, at: float, place: int
    ) -> Generator[simpy.Event, object, None]:
        """The customer picks up, or does not."""
        center, offer = self.center, self.offer(contact)
        yield self.clock.at(at, Order.DIALLER, ANSWERS * APART + contact.number)
        if self.luck(contact, place + 2) < offer.answers:
            center.begin(contact, agent)
            contact.answered.succeed(agent)
            return
        contact.agent = contact.group = -1
        center.n_in_system -= 1
        if center.people.free(agent, at):
            center.people.groups[agent.group].joined = True
            center.let_groups_look()
        if contact.calls_made < offer.attempts:
            contact.outcome = Outcome.CALLBACK_ASKED
            self.await_call(contact, time_of(offer.retry_delay, self.luck(contact, place + 3)))
        else:
            center.leave(contact, Outcome.NOT_REACHED)
            contact.answered.succeed(None)

    def log(self) -> CallbackLog:
        rows = self.rows if self.is_logged else []
        columns = zip(*rows, strict=True) if rows else [()] * len(CALLBACK_SCHEMA)
        return CallbackLog(
            **{
                column.name: np.array(values, column.dtype)
                for column, values in zip(CALLBACK_SCHEMA, columns, strict=True)
            }
        )
