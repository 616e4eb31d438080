"""A user's process: the same steps beside the engine and beside the oracle.

A process is written as steps, ``(word, arguments)``. Words that wait: "at" (an instant, skipped if
it is over), "until_longer" (``queue_exceeds``) and "until_ended" (the number of a submission). All
other words are methods of ``simcc.Simulation``, and of the oracle's ``User``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

from clock import USER, Told
from contact import Contact, brought
from people import Group

from simcc import Simulation
from simcc.engine.order import Order

if TYPE_CHECKING:
    from oracle import Center

Step = tuple[str, Any]
Seen = list[Any]  # per step: instant, word, value, and the state of the center after it
Draw = Callable[[int, float, int], dict[str, Any]]  # type, instant, number -> what it brings
Leavers = Callable[[str, int, int], Any]  # group, number of the act, how many -> their luck
ATTRIBUTES = {
    "patience": "patience_time",
    "talk_time": "talk_time",
    "after_call_work": "wrap_time",
    "session_time": "bot_time",
}


# ---------------------------------------------------------------------- beside the engine


def carry_out(
    simulation: Simulation, steps: Sequence[Step], seen: Seen
) -> Generator[Any, Any, Any]:
    """The process beside the engine."""
    submitted = []
    for word, given in steps:
        value = None
        if word == "at":
            if given < simulation.env.now:
                continue
            yield simulation.env.at(given)
        elif word == "until_longer":
            value = yield simulation.queue_exceeds(**given)
        elif word == "until_ended":
            ended = yield submitted[given]
            value = (ended.contact, ended.outcome, ended.wait_time, ended.answered_at, ended.agent)
        elif word == "submit":
            submitted.append(simulation.submit(**given))
        else:
            value = getattr(simulation, word)(**given)
        seen.append((float(simulation.env.now), word, value, state_of(simulation)))


def state_of(simulation: Simulation) -> Any:
    """All that a process can read."""
    of = simulation.scenario
    groups = [group.name for group in of.agent_groups]
    return (
        [simulation.queue_length(kind.name) for kind in of.contact_types],
        [simulation.n_sessions(bot.name) for bot in of.bots],
        [simulation.n_idle(name) for name in groups],
        [simulation.n_busy(name) for name in groups],
        [simulation.n_scheduled(name) for name in groups],
        [simulation.agent_states(name) for name in groups],
    )


# ---------------------------------------------------------------------- beside the oracle


class User:
    """What a user's process may do to the oracle's center, and see of it.

    Parameters
    ----------
    center : Center
    draw : callable
        What a submitted contact brings.
    leavers : callable
        The luck of agents sent home.
    """

    def __init__(
        self, center: Center, draw: Draw | None = None, leavers: Leavers | None = None
    ) -> None:
        self.center, self.clock, self.draw, self.leavers = center, center.clock, draw, leavers
        self.n_acts: Counter[str] = Counter()
        self.n_submitted = 0

    def follow(self, steps: Sequence[Step], seen: Seen) -> None:
        """Start the process."""
        self.clock.process(self.carry_out(steps, seen))

    def carry_out(self, steps: Sequence[Step], seen: Seen) -> Generator[Any, Any, Any]:
        submitted = []
        yield self.clock.at(self.clock.now, Order.CONTROL, USER)
        for word, given in steps:
            value = None
            if word == "at":
                if given < self.clock.now:
                    continue
                yield self.clock.at(given, Order.CONTROL, USER)
            elif word == "until_longer":
                value = yield self.queue_exceeds(**given)
            elif word == "until_ended":
                value = yield submitted[given]
            elif word == "submit":
                submitted.append(self.submit(**given))
            elif word == "bot_down":  # those whose sessions fail go before those in the line
                self.begin_outage(given["bot"], given["contacts"], given["fail_sessions"])
                yield self.clock.then()
                self.clear_line(given["bot"], given["contacts"])
            else:
                value = getattr(self, word)(**given)
            yield self.clock.then()  # contacts that this wakes go on before the next step
            seen.append((self.clock.now, word, value, self.state()))

    def state(self) -> Any:
        """All that a process can read, as in ``state_of``."""
        center, people = self.center, self.center.people
        members = [[a for a in people.everyone if a.group == g.number] for g in people.groups]
        return (
            [len(queue) for queue in center.queues],
            [sessions.n_busy for sessions in center.bots.values()],
            [len(group.idle) for group in people.groups],
            [sum(agent.busy for agent in one) for one in members],
            [group.scheduled for group in people.groups],
            [
                [(a.name, "busy" if a.busy else "idle" if a.present else "off") for a in one]
                for one in members
            ],
        )

    # ------------------------------------------------------------------ waits

    def queue_exceeds(self, type: str, level: int) -> Told:
        event = Told(self.clock)
        k = self.center.names.index(type)
        length = len(self.center.queues[k])
        if length > level:
            event.succeed(length)
        else:
            self.center.watchers.append((k, level, event))
        return event

    def submit(self, type: str, **given: Any) -> Told:
        """A contact that arrives now."""
        center = self.center
        while any(group.joined or group.looks for group in center.people.groups):
            center.look()  # whoever waits is served before a newcomer
        k, now = center.names.index(type), self.clock.now
        brings = brought(self.draw(k, now, self.n_submitted))
        self.n_submitted += 1
        for name, value in given.items():
            brings[ATTRIBUTES[name]] = math.inf if value is None else value
        contact = Contact(
            **brings,
            number=len(center.contacts),
            issue=len(center.contacts),
            submitted=True,
            arrived_at=now,
            answered=self.clock.event(),
            ended=Told(self.clock),
            bot=center.front_bot(k),
        )
        center.contacts.append(contact)
        self.clock.process(center.arrive(contact))
        return contact.ended

    # ------------------------------------------------------------------ acts

    def group(self, name: str) -> Group:
        return self.center.people.groups[self.center.scenario.group_index(name)]

    def change_head_count(self, group: str, change: int) -> None:
        """More: as many new people are found as are to come, though others may come first."""
        one, people = self.group(group), self.center.people
        for _ in range(change):
            began_here = [agent for agent in people.everyone if agent.home == one.number]
            people.hire(f"{group} {len(began_here) + 1}", one.number)
        luck = []
        if self.leavers is not None:
            luck = self.leavers(group, self.n_acts[group], max(-change, 0))
        self.n_acts[group] += 1
        people.change_head_count(one, change, self.clock.now, luck)
        self.center.let_groups_look()

    def set_head_count(self, group: str, agents: int) -> None:
        self.change_head_count(group, agents - self.group(group).scheduled)

    def move_agents(self, group: str, to: str, number: int) -> int:
        old, new = self.group(group), self.group(to)
        moved = self.center.people.move(old.number, new.number, number, self.clock.now)
        self.center.let_groups_look()
        return moved

    def begin_outage(self, bot: str, contacts: str, fail_sessions: bool) -> None:
        """No new sessions; perhaps those that have begun end, by contact number."""
        sessions = self.center.bots[bot]
        sessions.down = contacts
        for contact in sorted(sessions.fails) if fail_sessions else ():
            sessions.fails[contact].succeed()

    def clear_line(self, bot: str, contacts: str) -> None:
        """Those who wait for a session do what newcomers do during the outage."""
        while self.center.bots[bot].line and contacts != "wait":
            self.center.bots[bot].line.popleft().succeed(contacts)

    def bot_degrade(self, bot: str, contained_factor: float, time_factor: float) -> None:
        sessions = self.center.bots[bot]
        sessions.contained_factor, sessions.time_factor = contained_factor, time_factor

    def bot_restore(self, bot: str) -> None:
        self.bot_degrade(bot, 1.0, 1.0)

    def bot_up(self, bot: str) -> None:
        self.center.bots[bot].down = None
        self.center.bots[bot].fill()
