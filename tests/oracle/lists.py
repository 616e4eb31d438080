"""Lists of customers to call, of the oracle: who calls them, and what becomes of the calls."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy
from contact import Contact, time_of
from people import Agent, Group

from simcc.engine.order import Order
from simcc.log import Outcome

if TYPE_CHECKING:
    from oracle import Center

# Of the dialler's events at one instant: calls end, then records come due, then lists open.
# Behind all else those who wait for an agent hang up.
ENDS, DUE, OPENS = range(3)
HANGS_UP = 5
APART = 1 << 40


class Lists:
    """The lists of a center, by contact type."""

    def __init__(self, center: Center) -> None:
        self.center, self.clock = center, center.clock
        self.lists = {
            k: kind.outbound for k, kind in enumerate(center.types) if kind.outbound is not None
        }
        self.calls: dict[tuple[int, int, int], Contact] = {}
        self.fresh: dict[int, list[Contact]] = {k: [] for k in self.lists}
        self.again: dict[int, list[Contact]] = {k: [] for k in self.lists}
        self.n_dialling = dict.fromkeys(self.lists, 0)
        self.n_connects = dict.fromkeys(self.lists, 0)
        self.n_mismatches = dict.fromkeys(self.lists, 0)
        self.on_hold: list[Contact] = []

    def begin(self) -> None:
        """All calls that may be needed are known; the instants at which lists open, too."""
        for contact in self.center.contacts:
            if contact.record >= 0:
                k = contact.contact_type
                contact.arrived_at = math.nan
                self.calls[k, contact.record, contact.call] = contact
                if contact.call == 1:
                    self.fresh[k].append(contact)
        for k in self.lists:
            for start, _ in self.hours(k):
                self.clock.process(self.open(k, start))

    def hours(self, k: int) -> list[tuple[float, float]]:
        """From when until when a list is open."""
        days = self.center.scenario.horizon.day_edges
        if not self.lists[k].hours:
            return [(0.0, days[-1])]
        return [
            (day + start, min(day + end, days[i + 1]))
            for i, day in enumerate(days[:-1])
            for start, end in self.lists[k].hours
            if day + start < days[i + 1]
        ]

    def open(self, k: int, at: float) -> Generator[simpy.Event, object, None]:
        yield self.clock.at(at, Order.DIALLER, OPENS * APART + k)
        self.idle_look()

    def idle_look(self) -> None:
        """All groups with idle agents look once more, before anything else happens."""
        if self.lists:
            self.center.idle_look()

    # ------------------------------------------------------------------ who calls whom

    def dial(self, group: Group) -> bool:
        """An idle agent of the group calls, or the dialer for it; whether an agent is taken."""
        if not self.may_call(group):
            return False
        ranks = self.center.ranks[group.number]
        for k in sorted(ranks, key=lambda k: ranks[k]):
            if k not in self.lists or len(group.idle) < self.lists[k].idle_needed:
                continue
            if not self.has_call(k):
                continue
            if self.lists[k].mode == "progressive":
                self.call(k, self.center.people.take(group, 0.0))
                return True
            while self.n_dialling[k] < self.most(k) and self.has_call(k):
                self.call(k, None)
        return False

    def may_call(self, group: Group) -> bool:
        return not any(self.center.queues[k] for k in self.center.ranks[group.number])

    def has_call(self, k: int) -> bool:
        is_open = any(start <= self.clock.now < end for start, end in self.hours(k))
        return is_open and bool(self.again[k] or self.fresh[k])

    def most(self, k: int) -> int:
        """Calls that may ring at once."""
        of = self.lists[k]
        groups = [self.center.people.groups[g] for g in self.center.options[k]]
        idle = sum(
            max(len(group.idle) - of.idle_needed + 1, 0) for group in groups if self.may_call(group)
        )
        pace, limit = of.pace, of.mismatch_limit
        if limit is not None and self.n_mismatches[k] > limit * self.n_connects[k]:
            pace = min(pace, 1.0)
        return math.floor(pace * idle)

    # ------------------------------------------------------------------ a call

    def call(self, k: int, agent: Agent | None) -> None:
        contact = (self.again[k] or self.fresh[k]).pop(0)
        contact.outcome = Outcome.DIALLING
        contact.arrived_at = contact.offered_at = self.clock.now
        contact.server = agent
        if agent is not None:
            contact.agent, contact.group = agent.number, agent.group
        self.n_dialling[k] += 1
        self.center.n_in_progress += 1
        self.clock.process(self.ring(contact))

    def ring(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """From the beginning of a call until its agent is free again."""
        k, of = contact.contact_type, self.lists[contact.contact_type]
        ends_at = self.clock.now + contact.dial_time
        yield self.clock.at(ends_at, Order.DIALLER, ENDS * APART + contact.number)
        self.n_dialling[k] -= 1
        who = self.who_answers(contact)
        self.n_connects[k] += who is not None
        if who is not None and self.waits(k):
            contact.offered_at = self.clock.now
        if who is not None and of.mode == "predictive":
            contact.server = self.agent_for(k)
        waits = who is not None and contact.server is None and self.waits(k)
        if waits:
            self.put_on_hold(contact)
        elif who is None or contact.server is None:
            self.hang_up(contact, Outcome.NO_ANSWER if who is None else Outcome.MISMATCH)
        else:
            self.connect(contact, who)
        if of.mode == "predictive":
            self.idle_look()
        if waits:
            yield from self.hold(contact)
        if contact.answered_at == contact.answered_at:
            yield from self.center.be_served(contact)
        self.center.n_in_progress -= 1

    def who_answers(self, contact: Contact) -> Outcome | None:
        of, horizon = self.lists[contact.contact_type], self.center.scenario.horizon
        i = min(int(contact.arrived_at / horizon.interval), horizon.n_intervals - 1)
        right = of.right_party_by_interval[i] if of.right_party_by_interval else of.right_party
        wrong = of.wrong_party_by_interval[i] if of.wrong_party_by_interval else of.wrong_party
        if contact.dial_luck < right:
            return Outcome.REACHED
        return Outcome.WRONG_PARTY if contact.dial_luck < right + wrong else None

    def waits(self, k: int) -> bool:
        """Whether those who answer wait for an agent."""
        return self.center.types[k].patience is not None

    def put_on_hold(self, contact: Contact) -> None:
        contact.outcome = Outcome.ON_HOLD
        self.on_hold.append(contact)
        self.center.n_in_system += 1

    def hold(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """Until an agent talks to whoever answered, or that is too late."""
        hangs_up = self.clock.event()  # never, unless
        if contact.patience_time < math.inf:
            at = self.clock.now + contact.patience_time
            hangs_up = self.clock.at(at, Order.DIALLER, HANGS_UP * APART + contact.number)
        yield contact.answered | hangs_up
        if not contact.answered.triggered:
            self.on_hold.remove(contact)
            self.center.n_in_system -= 1
            self.hang_up(contact, Outcome.MISMATCH)
            self.idle_look()

    def take_from_hold(self, group: Group) -> bool:
        """An idle agent takes whoever has waited longest since the answer; whether one does."""
        mine = [one for one in self.on_hold if one.contact_type in self.center.ranks[group.number]]
        if not mine:
            return False
        contact = min(mine, key=lambda one: (one.offered_at, one.number))
        self.on_hold.remove(contact)
        self.center.n_in_system -= 1
        contact.server = self.center.people.take(group, 0.0)
        who = self.who_answers(contact)
        assert who is not None
        self.connect(contact, who)
        contact.answered.succeed()
        return True

    def agent_for(self, k: int) -> Agent | None:
        """Best rank, then the agent idle longest, then the order of the table."""
        options = self.center.options[k]
        groups = [self.center.people.groups[g] for g in options]
        some = [group for group in groups if group.idle]
        if not some:
            return None
        rank = {group.number: options[group.number].rank for group in some}
        best = min(some, key=lambda one: (rank[one.number], one.idle[0].idle_since))
        return self.center.people.take(best, 0.0)

    def connect(self, contact: Contact, who: Outcome) -> None:
        agent, now = contact.server, self.clock.now
        group = self.center.people.groups[agent.group]
        talk, wrap = contact.wrong_time, 0.0
        if who == Outcome.REACHED:
            talk, wrap = self.of_right_party(contact, group), contact.wrap_time
        speed = self.center.speed(contact, group)
        contact.outcome, contact.agent, contact.group = who, agent.number, group.number
        contact.answered_at = contact.resumed_at = now
        contact.left_at = now + talk / speed
        contact.freed_at = contact.left_at + wrap / speed
        contact.cut = self.clock.event()
        self.center.n_in_system += 1
        if who == Outcome.WRONG_PARTY and self.lists[contact.contact_type].wrong_party_retries:
            self.call_again(contact, contact.left_at)

    def of_right_party(self, contact: Contact, group: Group) -> float:
        kind: Any = self.center.types[contact.contact_type]
        if not kind.talk_time_by_group:
            return contact.talk_time
        name = self.center.scenario.agent_groups[group.number].name
        return time_of(kind.talk_time_by_group.get(name, kind.talk_time), contact.talk_time)

    def hang_up(self, contact: Contact, outcome: Outcome) -> None:
        now, agent = self.clock.now, contact.server
        contact.outcome, contact.left_at = outcome, now
        self.n_mismatches[contact.contact_type] += outcome == Outcome.MISMATCH
        self.call_again(contact, now)
        if agent is not None:
            contact.freed_at = now
            if self.center.people.free(agent, now):
                self.center.people.groups[agent.group].joined = True
                self.center.let_groups_look()

    def call_again(self, contact: Contact, ended_at: float) -> None:
        """The record is due again some time after the end of a call, if it may be."""
        following = self.calls.get((contact.contact_type, contact.record, contact.call + 1))
        due_at = ended_at + contact.retry_delay
        if following is not None and due_at < self.center.scenario.horizon.length:
            self.clock.process(self.come_due(following, due_at))

    def come_due(self, contact: Contact, at: float) -> Generator[simpy.Event, object, None]:
        yield self.clock.at(at, Order.DIALLER, DUE * APART + contact.number)
        self.again[contact.contact_type].append(contact)
        self.idle_look()
