"""Agents of the oracle who are held until a colleague has answered: consults, warm transfers."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy
from contact import Contact, time_of

from simcc.engine.order import Order
from simcc.log import WRONG_QUEUE
from simcc.model import Consult, Transfer

if TYPE_CHECKING:
    from oracle import Center


class Colleagues:
    """Who asks whom, and who waits with a customer."""

    def __init__(self, center: Center) -> None:
        self.center = center

    def consult(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """At the end of the talk: the agent perhaps asks a colleague, and the talk goes on."""
        center = self.center
        one = self.whom_to_ask(contact)
        if one is None:
            return
        contact.asked_at = center.clock.now
        contact.left_at = contact.freed_at = math.nan
        center.n_in_system += 1
        k = center.names.index(one.to)
        question = center.following.add(contact, one.to, center.clock.now, queue=k)
        question.leg, contact.step = 0, question.step
        question.over = center.clock.event()
        yield question.over
        contact.left_at = center.clock.now
        self.goes_on(contact, contact.left_at)
        yield center.clock.at(contact.left_at, Order.SERVICE_END, contact.number)

    def whom_to_ask(self, contact: Contact) -> Consult | None:
        if contact.submitted or contact.leg == 0 or contact.bot == WRONG_QUEUE:
            return None
        kind, total = self.center.types[contact.queue_type], 0.0
        group = self.center.scenario.agent_groups[contact.group].name
        for one in kind.consults:
            total += one.probability_by_group.get(group, one.probability)
            if contact.consult_luck < total:
                return one
        return None

    def hands_over(self, contact: Contact, new: Contact, transfer: Transfer) -> None:
        """The agent hands a customer over, and stays if that is done warm."""
        if transfer.warm:
            contact.freed_at, contact.released_at = math.nan, math.inf
            new.over = contact.kept = self.center.clock.event()
            if transfer.briefing is not None:
                new.briefing = time_of(transfer.briefing, contact.briefing_luck)

    def stay(self, contact: Contact) -> Generator[simpy.Event, Any, None]:
        """The agent stays until a colleague has been briefed, or the customer has left."""
        if contact.kept is not None:
            briefing = yield contact.kept
            contact.released_at = self.center.clock.now + briefing
            self.goes_on(contact, contact.released_at)

    def goes_on(self, contact: Contact, instant: float) -> None:
        """The agent of a contact begins with the after-call work."""
        group = self.center.people.groups[contact.group]
        contact.freed_at = instant + contact.wrap_time / self.center.speed(contact, group)

    def is_answered(self, contact: Contact, speed: float) -> None:
        """A colleague answers: is briefed first, if the contact comes warm."""
        if contact.over is not None and contact.leg > 0:
            contact.over.succeed(contact.briefing / speed)
            contact.over = None

    def is_over(self, contact: Contact) -> None:
        """A contact has come to its end, and whoever waits for it may know."""
        if contact.over is not None:
            contact.over.succeed(0.0)
            contact.over = None
