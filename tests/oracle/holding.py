"""Agents of the oracle who hold several contacts at once: exact processor sharing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import simpy

from simcc.engine.order import Order
from simcc.model import Concurrency

if TYPE_CHECKING:
    from clock import Clock
    from contact import Contact


@dataclass(eq=False)
class Held:
    """A talk or an after-call work that an agent does beside others.

    ``left``: work left (s) as it was when the number held changed last; where the pace is kept, the
    instant of the end. ``over``: for the process of the contact.
    """

    contact: Contact
    number: int  # of the phase: talk before after-call work of the same contact
    left: float
    pace: float
    over: simpy.Event
    until: float = math.inf  # how long the customer waits for the answer, or is silent
    thinks: bool = False


@dataclass(eq=False)
class Desk:
    """What one agent holds."""

    clock: Clock
    of: Concurrency
    names: list[str]
    held: list[Held] = field(default_factory=list)
    since: float = 0.0
    plan: int = 0  # counts the plans of the next end: only the last one holds

    def share(self, contact: Contact) -> Fraction:
        """Attention that a contact takes: a multiple of 1 / 5040, rounded down."""
        share = self.of.share.get(self.names[contact.queue_type], 1 / self.of.most)
        return Fraction(int(share * 5040 + 1e-6), 5040)

    @property
    def used(self) -> Fraction:
        return sum((self.share(one.contact) for one in self.held), Fraction(0))

    def has_room(self, contact: Contact) -> bool:
        return len(self.held) < self.of.most and self.used + self.share(contact) <= 1

    @property
    def has_any_room(self) -> bool:
        return len(self.held) < self.of.most and self.used < 1

    @property
    def pace(self) -> float:
        n_active = sum(not one.thinks for one in self.held)
        return self.of.speed[min(n_active, len(self.of.speed)) - 1]

    @property
    def is_dynamic(self) -> bool:
        return self.of.mode == "dynamic"

    def catch_up(self) -> None:
        """The work left as it is now."""
        if self.is_dynamic and self.held:
            done = (self.clock.now - self.since) * self.pace
            for one in self.held:
                one.left -= 0.0 if one.thinks else done
        self.since = self.clock.now

    def take(self, contact: Contact, work: float) -> Held:
        """Begin a talk."""
        self.catch_up()
        one = Held(contact, 2 * contact.number, work, 1.0, self.clock.event())
        self.held.append(one)
        if not self.is_dynamic:
            one.pace = self.pace
            one.left = self.clock.now + work / one.pace
        self.plan_next()
        return one

    def next_turn(self, one: Held, work: float, patience: float) -> None:
        """The customer has written, and the agent goes to work; or the first turn of a chat."""
        self.catch_up()
        one.thinks, one.left = False, work
        one.until = self.clock.now + patience
        one.over = self.clock.event()
        self.plan_next()

    def rest(self, one: Held, until: float) -> None:
        """The slot rests until the customer writes, or is given up."""
        self.catch_up()
        one.thinks, one.until = True, until
        one.over = self.clock.event()
        self.plan_next()

    def go_on(self, one: Held, work: float) -> None:
        """Go on with after-call work in the same place."""
        self.catch_up()
        one.number += 1
        one.thinks, one.until = False, math.inf
        one.left = work if self.is_dynamic else self.clock.now + work / one.pace
        one.over = self.clock.event()
        self.plan_next()

    def let_go(self, one: Held) -> None:
        self.catch_up()
        self.held.remove(one)
        self.plan_next()

    def end_of(self, one: Held) -> float:
        """When something happens to it next, as far as is known now."""
        return one.until if one.thinks else min(self.end_of_work(one), one.until)

    def end_of_work(self, one: Held) -> float:
        if not self.is_dynamic:
            return one.left
        return max(self.clock.now, self.clock.now + one.left / self.pace)

    def plan_next(self) -> None:
        """Let the next end happen at its instant, unless the number held changes before."""
        self.plan += 1
        if self.held:
            mine, one = self.plan, min(self.held, key=lambda one: (self.end_of(one), one.number))
            event = self.clock.at(self.end_of(one), Order.SERVICE_END, one.contact.number)
            quits = not one.thinks and one.until < self.end_of_work(one)
            event.callbacks.append(lambda _: self.end(one, mine, quits))

    def end(self, one: Held, plan: int, quits: bool) -> Any:
        """Tell the contact; whether it is the customer who has had enough."""
        if plan == self.plan:
            self.plan += 1
            one.over.succeed(quits)
