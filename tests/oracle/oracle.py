"""The engine's oracle: a contact center as a plain SimPy model, one process per contact.

Written to be obviously right, not fast, and apart from the engine: it shares only the words
(``Order``, ``Outcome``, ``AgentEvent``) and the tables by which a uniform becomes a talk time where
that depends on who serves. Fed the same scenario and the same workload, both must give the same
logs, bit for bit.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import simpy
from announcing import Announcing
from calling import Calling
from clock import LOOK, PLAN, Clock, Told
from colleagues import Colleagues
from contact import Contact, contact_of, time_of
from following import DrawStep, Following
from interrupting import Interrupting
from lists import Lists
from opening import Opening, opening_times
from people import Agent, Group, People, plan
from queue_choice import choose_queue
from scoring import NEVER, Policy, Score
from sessions import Sessions
from turns import converse

from simcc.engine.order import Order
from simcc.log import BROKEN_OFF, CONTACT_SCHEMA, AgentLog, ContactLog, Outcome
from simcc.model import GroupOption, Scenario
from simcc.model.bots import has_hand_overs
from simcc.model.colleagues import has_colleagues
from simcc.model.follow_ups import has_follow_ups
from simcc.model.turns import has_turns
from simcc.workload import Workload


class Center:
    """The state of the center, and the processes that change it.

    Parameters
    ----------
    scenario : Scenario
    workload : Workload
    order : sequence of Order
        What happens first at one instant; tests of the ties change it.
    draw_step : callable, optional
        Uniforms of the contacts that follow others, by step: by attribute and issue.
    policy_luck : float, default 0
        From which a policy that draws at random draws.
    """

    def __init__(
        self,
        scenario: Scenario,
        workload: Workload,
        order: Sequence[Order] = tuple(Order),
        draw_step: DrawStep | None = None,
        policy_luck: float = 0.0,
    ) -> None:
        self.scenario = scenario
        self.clock = Clock(order)
        self.types = scenario.contact_types
        self.names = [kind.name for kind in self.types]
        self.queues: list[list[Contact]] = [[] for _ in self.types]
        self.people = People(scenario, workload.leave_luck, self.clock)
        self.bots = {bot.name: Sessions(bot, b, self.clock) for b, bot in enumerate(scenario.bots)}
        self.options = [self.options_of(name) for name in self.names]
        self.ranks = [self.ranks_of(g) for g in range(len(scenario.agent_groups))]
        self.policy = Policy(scenario, policy_luck) if scenario.routing.policy else None
        self.lines = math.inf if scenario.lines is None else scenario.lines
        self.n_in_system = 0  # waiting or talking, to people
        self.n_talking = [0 for _ in self.types]
        self.following = Following(self, draw_step)
        self.colleagues = Colleagues(self)
        self.interrupting = Interrupting(self)
        self.opening = Opening(self)
        self.announcing = Announcing(self)
        self.calling = Calling(self)
        self.n_in_progress = 0  # arrived, and neither gone nor holding an agent any more
        self.contacts = [
            contact_of(workload, number, self.clock.event()) for number in range(len(workload))
        ]
        self.watchers: list[tuple[int, int, Told]] = []  # queue, level, whom to tell
        self.told: list[Told] = []
        self.clock.process(self.management())
        self.lists = Lists(self)
        self.lists.begin()
        for contact in self.contacts:
            contact.bot = self.front_bot(contact.contact_type)
            if contact.record < 0:
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
        if group.idle and group.idle[0].desk and not group.idle[0].desk.has_room(contact):
            return False
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
        if self.policy is not None:
            open_ones.sort(key=lambda group: options[group.number].rank)
            return self.by_policy([(group, contact) for group in open_ones], True)[0]
        return min(
            open_ones,
            key=lambda group: (options[group.number].rank, group.idle[0].idle_since),
            default=None,
        )

    def choose_contact(self, group: Group) -> Contact | None:
        """For a group with an idle agent: best rank, then the longest wait."""
        ranks = self.ranks[group.number]
        heads = [self.queues[k][0] for k in ranks if self.queues[k] and not self.opening.waits(k)]
        open_ones = [head for head in heads if self.is_open(group, head)]
        if self.policy is not None:
            open_ones.sort(key=lambda head: ranks[head.queue_type])
            return self.by_policy([(group, head) for head in open_ones], False)[1]
        return min(
            open_ones,
            key=lambda head: (ranks[head.queue_type], self.since(head), head.number),
            default=None,
        )

    def since(self, contact: Contact) -> float:
        """Since when a contact counts as waiting, or by when it is due, where ranks are equal."""
        kind = self.types[contact.queue_type]
        if self.scenario.routing.equal_ranks == "earliest_deadline":
            return contact.offered_at + (kind.deadline - kind.head_start)
        return contact.offered_at + -kind.head_start

    def by_policy(self, pairs: list[tuple[Group, Contact]], of_groups: bool) -> tuple[Any, Any]:
        """The pair that the policy takes, of groups for a contact or of contacts for a group."""
        self.policy.of_groups = of_groups
        group, contact = self.best_score(pairs)
        if group is not None:
            self.policy.remember(self, group, contact)
        return group, contact

    def score(self, group: Group, contact: Contact) -> Score:
        """What the policy gives a pair."""
        return self.policy.score(self, group, contact)

    def best_score(self, pairs: Iterable[tuple[Group, Contact]]) -> tuple[Any, Any]:
        """The pair that a policy scores highest, the first of equal ones; of none two times None.

        Pairs whose score is -inf or no number at all are never taken.
        """
        scored = [(self.score(*pair), pair) for pair in pairs]
        allowed = [one for one in scored if one[0] > NEVER]
        return max(allowed, key=itemgetter(0), default=(None, (None, None)))[1]

    def answer(self, contact: Contact, group: Group) -> None:
        """The head of a queue goes to the group's agent who has been idle longest."""
        self.queues[contact.queue_type].remove(contact)
        contact.answered.succeed(self.take(group, contact))

    def take(self, group: Group, contact: Contact) -> Agent:
        """The first of the group's idle agents begins to serve, perhaps beside others."""
        agent = self.people.take(group, contact.tie_luck)
        self.begin(contact, agent)
        if agent.desk:
            self.people.list_again(agent, self.clock.now)
            group.joined = True  # another agent may have attention left
            self.let_groups_look()
        return agent

    def begin(self, contact: Contact, agent: Agent) -> None:
        """An agent begins to serve a contact, or goes on with it."""
        now, group = self.clock.now, self.people.groups[agent.group]
        speed = self.speed(contact, group)
        self.colleagues.is_answered(contact, speed)
        self.n_talking[contact.queue_type] += 1
        talk = contact.work_left if contact.interruptions else self.talk_time(contact, group)
        asked = contact.outcome in (Outcome.CALLBACK_ASKED, Outcome.CALLING)
        if not asked and not contact.interruptions:
            self.announcing.note(contact)
        contact.outcome = Outcome.CALLED_BACK if asked else Outcome.SERVED
        contact.server, contact.agent, contact.group = agent, agent.number, group.number
        contact.resumed_at = now
        if not contact.interruptions:
            contact.answered_at = now
        if agent.desk:
            contact.held = agent.desk.take(contact, talk / speed)
            return
        contact.left_at = now + talk / speed
        contact.freed_at = contact.left_at + contact.wrap_time / speed
        contact.cut = self.clock.event()
        self.interrupting.begin(contact, agent)

    def speed(self, contact: Contact, group: Group) -> float:
        """Of the group's agents with contacts of this queue."""
        return self.scenario.agent_groups[group.number].skills[self.names[contact.queue_type]]

    def look_at_queues(self, group: Group) -> None:
        """Serve as long as the group has an idle agent and finds somebody it may take."""
        while group.idle:
            contact = self.choose_contact(group)
            if contact is not None:
                self.answer(contact, group)
            elif not (
                self.lists.take_from_hold(group)
                or self.calling.call(group)
                or self.lists.dial(group)
            ):
                return

    def trunk_is_full(self, k: int) -> bool:
        """Whether all lines of the trunk that a type comes in by are taken."""
        for trunk in self.scenario.trunks:
            if self.names[k] in trunk.types:
                mine = [self.names.index(name) for name in trunk.types]
                taken = sum(len(self.queues[q]) + self.n_talking[q] for q in mine)
                return taken >= trunk.lines
        return False

    # ------------------------------------------------------------------ the life of a contact

    def life(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """The process of one contact, from its arrival until nothing of it is left to do."""
        yield self.clock.at(contact.arrived_at, Order.ARRIVAL, contact.number)
        yield from self.arrive(contact)

    def arrive(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """From the instant of its arrival on."""
        self.n_in_progress += 1
        wants_people = True
        if contact.bot >= 0:
            wants_people = yield from self.talk_to_bot(contact)
        if wants_people:
            agent = yield from self.reach_agent(contact)
            if agent is not None:
                yield from self.be_served(contact)
        self.n_in_progress -= 1

    def front_bot(self, k: int) -> int:
        """Number of the bot in front of a type; -1: none."""
        name = self.types[k].bot
        return -1 if name is None else list(self.bots).index(name)

    def sessions_of(self, contact: Contact) -> Sessions:
        """The bot that a contact has come to."""
        return list(self.bots.values())[contact.bot]

    def talk_to_bot(self, contact: Contact) -> Generator[simpy.Event, object, bool]:
        """Whether the contact goes on to people."""
        sessions = self.sessions_of(contact)
        contact.outcome = Outcome.IN_BOT
        instead = sessions.turns_away
        if instead is None:
            sessions.begin()
        elif instead == "wait":
            instead = yield sessions.wait()
        if instead == "agent":
            return True
        if instead == "lost":
            self.leave(contact, Outcome.BOT_LOST)
            return False
        end = yield from self.hold_session(contact, sessions)
        if end == "contained" or end == "gives up":
            self.leave(contact, Outcome.CONTAINED if end == "contained" else Outcome.BOT_GAVE_UP)
            return False
        if end == "escalates" and self.following.leads_elsewhere(contact, sessions.bot):
            return False
        contact.patience_time *= sessions.bot.patience_factor
        return True

    def hold_session(
        self, contact: Contact, sessions: Sessions
    ) -> Generator[simpy.Event, object, str]:
        """A session from now on; how it ends, which may be that the bot fails."""
        fails = sessions.fails[contact.number] = self.clock.event()
        contact.bot_started_at = self.clock.now
        end, time = sessions.settle(contact, self.names[contact.contact_type])
        yield fails | self.clock.at(self.clock.now + time, Order.BOT_END, contact.number)
        contact.bot_ended_at = self.clock.now
        del sessions.fails[contact.number]
        sessions.n_busy -= 1
        sessions.fill()
        return "fails" if fails.triggered else end

    def reach_agent(self, contact: Contact) -> Generator[simpy.Event, object, Agent | None]:
        """The agent who answers; None if none does."""
        choose_queue(self, contact)
        queue = self.queues[contact.queue_type]
        kind = self.types[contact.queue_type]
        contact.offered_at = self.clock.now
        has_line = contact.leg != 1 and contact.bot == -1
        if self.opening.turns_away(contact.queue_type):
            self.n_in_system -= has_line
            self.leave(contact, Outcome.CLOSED)
            return None
        if not has_line:
            if self.n_in_system >= self.lines or self.trunk_is_full(contact.queue_type):
                self.leave(contact, Outcome.BLOCKED)
                return None
            self.n_in_system += 1
        if not self.opening.waits(contact.queue_type):
            group = self.choose_group(contact)
            if group is not None:
                return self.take(group, contact)
            agent = None if queue else self.interrupting.free_agent_for(contact)
            if agent is not None:
                return agent
        if kind.queue_capacity is not None and len(queue) >= kind.queue_capacity:
            self.n_in_system -= 1
            self.leave(contact, Outcome.BLOCKED)
            return None
        if contact.balks or self.announcing.leaves(contact):
            self.n_in_system -= 1
            self.leave(contact, Outcome.BALKED)
            return None
        accepts = self.calling.accepts(contact)
        if accepts and self.announcing.offers_callback(contact.queue_type):
            return (yield from self.calling.wait(contact))
        return (yield from self.wait(contact))

    def wait(self, contact: Contact) -> Generator[simpy.Event, object, Agent | None]:
        """Wait in the queue until an agent answers or patience ends; the agent, if one does."""
        queue = self.queues[contact.queue_type]
        contact.outcome = Outcome.WAITING
        contact.n_ahead = len(queue)
        contact.n_ahead_all = sum(len(one) for one in self.queues)
        queue.append(contact)
        self.tell_watchers(contact.queue_type)
        for after in {option.after for option in self.options[contact.queue_type].values()}:
            if after > 0:
                self.clock.process(self.reach_threshold(contact, self.clock.now + after))
        gives_up = self.clock.event()  # never, unless
        if contact.patience_time < math.inf:
            gives_up_at = self.clock.now + contact.patience_time
            gives_up = self.clock.at(gives_up_at, Order.ABANDONMENT, contact.number)
        answered, contact.sent_away = contact.answered, self.clock.event()
        yield answered | gives_up | contact.sent_away
        if answered.triggered:
            return answered.value
        if contact.sent_away.triggered:
            return None
        queue.remove(contact)
        self.n_in_system -= 1
        self.lists.idle_look()
        self.leave(contact, Outcome.ABANDONED)
        return None

    def reach_threshold(
        self, contact: Contact, instant: float
    ) -> Generator[simpy.Event, object, None]:
        """A contact has waited so long that another group opens for it, if it is the head."""
        yield self.clock.at(instant, Order.WAIT_THRESHOLD, contact.number)
        waits = self.opening.waits(contact.queue_type)
        if contact in self.queues[contact.queue_type][:1] and not waits:
            group = self.choose_group(contact)
            if group is not None:
                self.answer(contact, group)
                return
            agent = self.interrupting.free_agent_for(contact)
            if agent is not None:
                self.queues[contact.queue_type].remove(contact)
                contact.answered.succeed(agent)

    def be_served(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        """Talk, then after-call work; then the agent looks for the next contact."""
        while not contact.server.desk:
            cut = contact.cut
            if not cut.triggered:  # at the very instant of the answer
                yield cut | self.clock.at(contact.left_at, Order.SERVICE_END, contact.number)
            if not cut.triggered:
                break
            yield contact.answered
        agent = contact.server
        group = self.people.groups[agent.group]
        if agent.desk:
            yield from self.be_held(contact, agent, contact.wrap_time / self.speed(contact, group))
            return
        self.interrupting.end(contact)
        yield from self.colleagues.consult(contact)
        self.n_talking[contact.queue_type] -= 1
        self.n_in_system -= 1
        self.tell_of_end(contact)
        self.following.after(contact)
        if contact.freed_at > self.clock.now:
            self.colleagues.is_over(contact)
        yield from self.colleagues.stay(contact)
        yield self.clock.at(contact.freed_at, Order.SERVICE_END, contact.number)
        if self.people.free(agent, self.clock.now):
            self.look_at_queues(self.people.groups[agent.group])
        self.colleagues.is_over(contact)

    def be_held(
        self, contact: Contact, agent: Agent, wrap: float
    ) -> Generator[simpy.Event, object, None]:
        """The same beside other contacts, at whatever pace these leave."""
        desk, held = agent.desk, contact.held
        turns = self.types[contact.queue_type].turns
        if turns is None:
            yield held.over
        else:
            group = self.people.groups[agent.group]
            talk, speed = self.talk_time(contact, group), self.speed(contact, group)
            yield from converse(contact, turns, desk, speed, talk)
        if contact.outcome in BROKEN_OFF:
            wrap = 0.0
        contact.left_at = self.clock.now
        self.n_talking[contact.queue_type] -= 1
        self.n_in_system -= 1
        self.tell_of_end(contact)
        self.following.after(contact)
        self.colleagues.is_over(contact)
        if wrap > 0 or contact.submitted:
            desk.go_on(held, wrap)
            yield held.over
        contact.freed_at = self.clock.now
        desk.let_go(held)
        self.people.free_place(agent, self.clock.now)
        self.let_groups_look()

    def talk_time(self, contact: Contact, group: Group) -> float:
        """At unit speed, with the effect of the hand-over by a bot."""
        kind = self.types[contact.queue_type]
        talk = contact.talk_time
        if kind.talk_time_by_group:
            name = self.scenario.agent_groups[group.number].name
            talk = time_of(kind.talk_time_by_group.get(name, kind.talk_time), talk)
        talk = talk * contact.talk_factor
        if not math.isnan(contact.bot_ended_at):
            talk = talk * self.sessions_of(contact).bot.talk_factor
        return talk + contact.briefing

    def leave(self, contact: Contact, outcome: Outcome) -> None:
        """The contact is gone without having been served."""
        contact.outcome = outcome
        contact.left_at = self.clock.now
        self.tell_of_end(contact)
        self.following.after(contact)
        self.colleagues.is_over(contact)

    # ------------------------------------------------------------------ whoever wants to know

    def tell(self, event: Told, value: Any) -> None:
        self.told.append(event.succeed(value))

    def tell_watchers(self, k: int) -> None:
        """A queue has grown."""
        length = len(self.queues[k])
        for one in [one for one in self.watchers if one[0] == k and length > one[1]]:
            self.watchers.remove(one)
            self.tell(one[2], length)

    def tell_of_end(self, contact: Contact) -> None:
        """A contact has come to its end."""
        if contact.ended is None:
            return
        served = contact.outcome in (Outcome.SERVED, Outcome.CALLED_BACK, *BROKEN_OFF)
        wait = (contact.answered_at if served else contact.left_at) - contact.offered_at
        name = self.people.everyone[contact.agent].name if served else None
        what = (contact.number, contact.outcome, wait, contact.answered_at, name)
        self.tell(contact.ended, what)

    # ------------------------------------------------------------------ the plan of the staff

    def management(self) -> Generator[simpy.Event, object, None]:
        """Carries out the plan: all changes of one instant come first, then the groups look."""
        staff, hours = plan(self.scenario), opening_times(self.scenario)
        for instant in sorted({change.at for change in staff} | {at for at, _, _ in hours}):
            yield self.clock.at(instant, Order.CONTROL, PLAN)
            for change in staff:
                if change.at == instant:
                    self.people.apply(change, instant)
            for at, k, state in hours:
                if at == instant:
                    self.opening.set(k, state)
            self.let_groups_look()

    def let_groups_look(self) -> None:
        """Once all that a plan or a user changes now is done."""
        after_all = self.clock.at(self.clock.now, Order.CONTROL, LOOK)
        after_all.callbacks.append(lambda _: self.look())

    def idle_look(self) -> None:
        """All groups with idle agents look once more, before anything else happens."""
        for group in self.people.groups:
            group.looks = group.looks or bool(group.idle)
        self.let_groups_look()

    def look(self) -> None:
        """Groups that somebody has joined look at the queues, unless whoever came is gone again."""
        for group in self.people.groups:
            holders = self.people.desk(group.number) is not None
            somebody_new = any(agent.idle_since == self.clock.now for agent in group.idle)
            if group.joined or group.looks:
                looks, group.joined, group.looks = group.looks, False, False
                if somebody_new or holders or looks:
                    self.look_at_queues(group)

    # ------------------------------------------------------------------ the run and its log

    def run(self, until: float | None) -> None:
        """Run to the end of the scenario, or to an instant before it."""
        horizon = self.scenario.horizon
        self.clock.run(until=until or horizon.length)
        if until is None and horizon.after == "drain":
            while self.clock.peek() < math.inf and self.is_something_left():
                self.clock.step()

    def is_something_left(self) -> bool:
        """Whether a contact is in progress, or somebody who was told has not heard it yet."""
        unheard = any(not event.processed for event in self.told)
        in_progress = self.n_in_progress or self.following.n_to_come
        return bool(in_progress) or unheard or not self.clock.is_at_rest

    def logs(self, until: float | None) -> tuple[ContactLog, AgentLog]:
        """Contact log and agent log; a drain ends with the last thing that either names."""
        arrays = {
            name: np.array([getattr(contact, name) for contact in self.contacts], dtype)
            for name, dtype, *_ in CONTACT_SCHEMA
        }
        agents, calls = self.people.log(), self.calling.log()
        ended_at = until or self.scenario.horizon.length
        if until is None and self.scenario.horizon.after == "drain":
            instants = [arrays[name] for name in arrays if name.endswith("_at")]
            named = np.concatenate([*instants, agents.at, calls.ended_at])
            ended_at = max(ended_at, named[np.isfinite(named)].max(initial=0.0))
        if not has_follow_ups(self.scenario):
            for name in ("issue", "attempt", "leg", "resolved", "followed_by"):
                arrays[name] = arrays[name][:0]
        if not has_hand_overs(self.scenario):
            arrays["bot"] = arrays["bot"][:0]
        if not self.bots:
            arrays["bot_started_at"] = arrays["bot_ended_at"] = np.empty(0)
        if not any(kind.interruption for kind in self.types):
            for name in ("resumed_at", "interruptions"):
                arrays[name] = arrays[name][:0]
        if not has_turns(self.scenario):
            arrays["turns"], arrays["think_time"] = arrays["turns"][:0], arrays["think_time"][:0]
        if not has_colleagues(self.scenario):
            arrays["asked_at"] = arrays["released_at"] = np.empty(0)
        if not self.lists.lists:
            arrays["record"] = arrays["call"] = np.empty(0, np.int32)
        cut = self.interrupting.log()
        log = ContactLog(**arrays, ended_at=float(ended_at), cut=cut, callbacks=calls)
        return log, agents


def simulate(
    scenario: Scenario,
    workload: Workload,
    *,
    order: Sequence[Order] = tuple(Order),
    until: float | None = None,
) -> tuple[ContactLog, AgentLog]:
    """Contact log and agent log of one replication, or of its part before ``until``."""
    center = Center(scenario, workload, order)
    center.run(until)
    return center.logs(until)
