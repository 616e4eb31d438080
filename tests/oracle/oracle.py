"""The engine's oracle: a contact center as a plain SimPy model, one process per contact.

Written to be obviously right, not fast, and apart from the engine: it shares only the words
(``Order``, ``Outcome``, ``AgentEvent``) and the tables by which a uniform becomes a talk time where
that depends on who serves. Fed the same scenario and the same workload, both must give the same
logs, bit for bit.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
import simpy
from clock import Clock
from contact import CONTAINED, ESCALATES, Contact, Sessions, contact_of, time_of
from people import Agent, Group, People, plan

from simcc.engine.order import Order
from simcc.log import CONTACT_SCHEMA, AgentLog, ContactLog, Outcome
from simcc.model import GroupOption, Scenario
from simcc.workload import Workload

Act = tuple[float, str, Mapping[str, Any]]


class Center:
    """The state of the center, and the processes that change it.

    Parameters
    ----------
    scenario : Scenario
    workload : Workload
    acts : sequence of (instant, method, arguments)
        What a user's process does: "move_agents", "bot_down" or "bot_up", as in ``Simulation``.
    order : sequence of Order
        What happens first at one instant; tests of the ties change it.
    """

    def __init__(
        self,
        scenario: Scenario,
        workload: Workload,
        acts: Sequence[Act] = (),
        order: Sequence[Order] = tuple(Order),
    ) -> None:
        self.scenario = scenario
        self.clock = Clock(order)
        self.types = scenario.contact_types
        self.names = [kind.name for kind in self.types]
        self.queues: list[list[Contact]] = [[] for _ in self.types]
        self.people = People(scenario)
        self.bots = {bot.name: Sessions(bot) for bot in scenario.bots}
        self.options = [self.options_of(name) for name in self.names]
        self.ranks = [self.ranks_of(g) for g in range(len(scenario.agent_groups))]
        self.lines = math.inf if scenario.lines is None else scenario.lines
        self.n_in_system = 0  # waiting or talking, to people
        self.n_in_progress = 0  # arrived, and neither gone nor holding an agent any more
        self.contacts = [
            contact_of(workload, number, self.clock.event()) for number in range(len(workload))
        ]
        self.steps_of = {
            "move_agents": [self.move_agents],
            "bot_down": [self.begin_outage, self.clear_line],
            "bot_up": [self.bot_up],
        }
        self.clock.process(self.management(acts))
        for contact in self.contacts:
            self.clock.process(self.life(contact))

    # ------------------------------------------------------------------ the routing tables

    def options_of(self, name: str) -> dict[int, GroupOption]:
        """Which groups may take a type, in the order of its table; without one, all that can."""
        groups = self.scenario.agent_groups
        table = self.scenario.routing.type_to_groups.get(name)
        if table is not None:
            return {self.scenario.group_index(option.group): option for option in table}
        return {
            g: GroupOption(group=group.name)
            for g, group in enumerate(groups)
            if name in group.skills
        }

    def ranks_of(self, g: int) -> dict[int, int]:
        """The rank of each type for an agent of group ``g`` who becomes free."""
        group = self.scenario.agent_groups[g]
        table = self.scenario.routing.group_to_types.get(group.name)
        if table is not None:
            return {self.names.index(option.type): option.rank for option in table}
        priorities = {kind.name: kind.priority for kind in self.types}
        return {self.names.index(name): priorities[name] for name in group.skills}

    def is_open(self, group: Group, contact: Contact) -> bool:
        """Whether the group may take the contact now, which has waited since it was offered."""
        option = self.options[contact.queue_type].get(group.number)
        if option is None:  # the type's own table does not name the group: no conditions
            return bool(group.idle)
        enough = len(group.idle) >= option.idle_needed
        return enough and self.clock.now >= contact.offered_at + option.after

    # ------------------------------------------------------------------ the two choices

    def choose_group(self, contact: Contact) -> Group | None:
        """For a contact: best rank, then the agent idle longest, then the order of the table."""
        groups = [self.people.groups[g] for g in self.options[contact.queue_type]]
        open_ones = [group for group in groups if self.is_open(group, contact)]
        options = self.options[contact.queue_type]
        return min(
            open_ones,
            key=lambda group: (options[group.number].rank, group.idle[0].idle_since),
            default=None,
        )

    def choose_contact(self, group: Group) -> Contact | None:
        """For a group with an idle agent: best rank, then the longest wait."""
        ranks = self.ranks[group.number]
        heads = [self.queues[k][0] for k in ranks if self.queues[k]]
        return min(
            (head for head in heads if self.is_open(group, head)),
            key=lambda head: (ranks[head.queue_type], head.offered_at, head.number),
            default=None,
        )

    def answer(self, contact: Contact, group: Group) -> None:
        """The head of a queue goes to the group's agent who has been idle longest."""
        self.queues[contact.queue_type].remove(contact)
        contact.answered.succeed(self.people.take(group))

    def look_at_queues(self, group: Group) -> None:
        """Serve as long as the group has an idle agent and finds somebody it may take."""
        while group.idle:
            contact = self.choose_contact(group)
            if contact is None:
                return
            self.answer(contact, group)

    # ------------------------------------------------------------------ the life of a contact

    def life(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """The process of one contact, from its arrival until nothing of it is left to do."""
        yield self.clock.at(contact.arrived_at, Order.ARRIVAL, contact.number)
        self.n_in_progress += 1
        wants_people = True
        if self.types[contact.contact_type].bot is not None:
            wants_people = yield from self.talk_to_bot(contact)
        if wants_people:
            agent = yield from self.reach_agent(contact)
            if agent is not None:
                yield from self.be_served(contact, agent)
        self.n_in_progress -= 1

    def talk_to_bot(self, contact: Contact) -> Generator[simpy.Event, object, bool]:
        """Whether the contact goes on to people."""
        sessions = self.bots[self.types[contact.contact_type].bot]
        contact.outcome = Outcome.IN_BOT
        instead = sessions.turns_away
        if instead is None:
            sessions.n_busy += 1
        elif instead == "wait":
            my_turn = self.clock.event()
            sessions.line.append(my_turn)
            instead = yield my_turn
        if instead == "agent":
            return True
        if instead == "lost":
            self.leave(contact, Outcome.BOT_LOST)
            return False
        failed = yield from self.hold_session(contact, sessions)
        if failed or contact.bot_luck == ESCALATES:
            contact.patience_time *= sessions.bot.patience_factor
            return True
        contained = contact.bot_luck == CONTAINED
        self.leave(contact, Outcome.CONTAINED if contained else Outcome.BOT_GAVE_UP)
        return False

    def hold_session(
        self, contact: Contact, sessions: Sessions
    ) -> Generator[simpy.Event, object, bool]:
        """A session from now on; whether it ends before its time because the bot fails."""
        fails = sessions.fails[contact.number] = self.clock.event()
        contact.bot_started_at = self.clock.now
        ends_at = self.clock.now + contact.bot_time
        yield fails | self.clock.at(ends_at, Order.BOT_END, contact.number)
        contact.bot_ended_at = self.clock.now
        del sessions.fails[contact.number]
        sessions.n_busy -= 1
        sessions.fill()
        return fails.triggered

    def reach_agent(self, contact: Contact) -> Generator[simpy.Event, object, Agent | None]:
        """The agent who answers; None if none does."""
        queue = self.queues[contact.queue_type]
        kind = self.types[contact.queue_type]
        contact.offered_at = self.clock.now
        if self.n_in_system >= self.lines:
            self.leave(contact, Outcome.BLOCKED)
            return None
        # nobody overtakes the queue of its own type
        group = None if queue else self.choose_group(contact)
        if group is not None:
            self.n_in_system += 1
            return self.people.take(group)
        if kind.queue_capacity is not None and len(queue) >= kind.queue_capacity:
            self.leave(contact, Outcome.BLOCKED)
            return None
        if contact.balks:
            self.leave(contact, Outcome.BALKED)
            return None
        return (yield from self.wait(contact))

    def wait(self, contact: Contact) -> Generator[simpy.Event, object, Agent | None]:
        """Wait in the queue until an agent answers or patience ends; the agent, if one does."""
        queue = self.queues[contact.queue_type]
        contact.outcome = Outcome.WAITING
        contact.n_ahead = len(queue)
        contact.n_ahead_all = sum(len(one) for one in self.queues)
        queue.append(contact)
        self.n_in_system += 1
        for after in {option.after for option in self.options[contact.queue_type].values()}:
            if after > 0:
                self.clock.process(self.reach_threshold(contact, self.clock.now + after))
        gives_up = self.clock.event()  # never, unless
        if contact.patience_time < math.inf:
            gives_up_at = self.clock.now + contact.patience_time
            gives_up = self.clock.at(gives_up_at, Order.ABANDONMENT, contact.number)
        yield contact.answered | gives_up
        if contact.answered.triggered:
            return contact.answered.value
        queue.remove(contact)
        self.n_in_system -= 1
        self.leave(contact, Outcome.ABANDONED)
        return None

    def reach_threshold(
        self, contact: Contact, instant: float
    ) -> Generator[simpy.Event, object, None]:
        """A contact has waited so long that another group opens for it, if it is the head."""
        yield self.clock.at(instant, Order.WAIT_THRESHOLD, contact.number)
        if contact in self.queues[contact.queue_type][:1]:
            group = self.choose_group(contact)
            if group is not None:
                self.answer(contact, group)

    def be_served(self, contact: Contact, agent: Agent) -> Generator[simpy.Event, object, None]:
        """Talk, then after-call work; then the agent looks for the next contact."""
        group = self.people.groups[agent.group]
        speed = self.scenario.agent_groups[agent.group].skills[self.names[contact.queue_type]]
        contact.outcome = Outcome.SERVED
        contact.agent, contact.group = agent.number, group.number
        contact.answered_at = self.clock.now
        contact.left_at = contact.answered_at + self.talk_time(contact, group) / speed
        contact.freed_at = contact.left_at + contact.wrap_time / speed
        yield self.clock.at(contact.left_at, Order.SERVICE_END, contact.number)
        self.n_in_system -= 1
        yield self.clock.at(contact.freed_at, Order.SERVICE_END, contact.number)
        if self.people.free(agent, self.clock.now):
            self.look_at_queues(self.people.groups[agent.group])

    def talk_time(self, contact: Contact, group: Group) -> float:
        """At unit speed, with the effect of the hand-over by a bot."""
        kind = self.types[contact.queue_type]
        talk = contact.talk_time
        if kind.talk_time_by_group:
            name = self.scenario.agent_groups[group.number].name
            talk = time_of(kind.talk_time_by_group.get(name, kind.talk_time), talk)
        if not math.isnan(contact.bot_ended_at):
            talk = talk * self.bots[self.types[contact.contact_type].bot].bot.talk_factor
        return talk

    def leave(self, contact: Contact, outcome: Outcome) -> None:
        """The contact is gone without having been served."""
        contact.outcome = outcome
        contact.left_at = self.clock.now

    # ------------------------------------------------------------------ the plan of the staff

    def management(self, acts: Sequence[Act]) -> Generator[simpy.Event, object, None]:
        """All changes of one instant come first; then the groups that got somebody look."""
        steps = [(change.at, partial(self.people.apply, change)) for change in plan(self.scenario)]
        for at, name, given in acts:
            steps += [(at, partial(step, **given)) for step in self.steps_of[name]]
        steps.sort(key=itemgetter(0))
        for instant, together in itertools.groupby(steps, itemgetter(0)):
            yield self.clock.at(instant, Order.CONTROL)
            for _, step in together:
                step(now=instant)
                yield self.clock.at(instant, Order.CONTROL, 1)  # those it wakes go on before
            for group in self.people.groups:
                if any(agent.came_at == instant for agent in group.idle):
                    self.look_at_queues(group)

    def move_agents(self, group: str, to: str, number: int, now: float) -> None:
        index = self.scenario.group_index
        self.people.move(index(group), index(to), number, now)

    def begin_outage(self, bot: str, fail_sessions: bool, contacts: str, now: float) -> None:
        """No new sessions; perhaps those that have begun end, by contact number."""
        sessions = self.bots[bot]
        sessions.down = contacts
        for contact in sorted(sessions.fails) if fail_sessions else ():
            sessions.fails[contact].succeed()

    def clear_line(self, bot: str, fail_sessions: bool, contacts: str, now: float) -> None:
        """Those who wait for a session do what newcomers do during the outage."""
        while self.bots[bot].line and contacts != "wait":
            self.bots[bot].line.popleft().succeed(contacts)

    def bot_up(self, bot: str, now: float) -> None:
        self.bots[bot].down = None
        self.bots[bot].fill()

    # ------------------------------------------------------------------ the run and its log

    def run(self, until: float | None) -> None:
        """Run to the end of the scenario, or to an instant before it."""
        horizon = self.scenario.horizon
        self.clock.run(until=until or horizon.length)
        if until is None and horizon.after == "drain":
            while self.n_in_progress and self.clock.peek() < math.inf:
                self.clock.step()

    def logs(self, until: float | None) -> tuple[ContactLog, AgentLog]:
        """Contact log and agent log; a drain ends with the last thing that either names."""
        arrays = {
            name: np.array([getattr(contact, name) for contact in self.contacts], dtype)
            for name, dtype, *_ in CONTACT_SCHEMA
        }
        agents = self.people.log()
        ended_at = until or self.scenario.horizon.length
        if until is None and self.scenario.horizon.after == "drain":
            instants = [arrays[name] for name in arrays if name.endswith("_at")] + [agents.at]
            ended_at = max(ended_at, np.nanmax(np.concatenate(instants), initial=0.0))
        if not self.bots:
            arrays["bot_started_at"] = arrays["bot_ended_at"] = np.empty(0)
        return ContactLog(**arrays, ended_at=float(ended_at)), agents


def simulate(
    scenario: Scenario,
    workload: Workload,
    *,
    acts: Sequence[Act] = (),
    order: Sequence[Order] = tuple(Order),
    until: float | None = None,
) -> tuple[ContactLog, AgentLog]:
    """Contact log and agent log of one replication, or of its part before ``until``.

    ``acts`` and ``order`` as in ``Center``.
    """
    center = Center(scenario, workload, acts, order)
    center.run(until)
    return center.logs(until)
