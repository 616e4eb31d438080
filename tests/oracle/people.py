"""The agents of the oracle: who is idle, who is due to leave, and the agent log."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from clock import Clock
from holding import Desk

from simcc.log import AgentEvent, AgentLog
from simcc.model import AgentGroup, FixedStaff, HeadCounts, Roster, Scenario

Deltas = tuple[int, int, int]  # of the numbers scheduled, present and paid


@dataclass(eq=False)
class Agent:
    """One person, in the group it works for now.

    ``counted``: by the head count of that group; not if it has a roster. ``leaves``: why it goes
    away once the contact in hand is done, if it does; ``moves_to``: the group it joins then.
    """

    number: int
    name: str
    home: int  # the group in which it began
    group: int
    counted: bool = True
    present: bool = False
    busy: bool = False
    idle_since: float = -1.0
    leaves: AgentEvent | None = None
    moves_to: int | None = None
    desk: Desk | None = None  # of an agent who may hold several contacts

    @property
    def used(self) -> Fraction:
        """Part of its attention that is taken."""
        return self.desk.used if self.desk else Fraction(0)


@dataclass(eq=False)
class Group:
    """The agents of one group. ``own``: in its plan; ``idle``: longest idle first.

    ``named``: a lower head count means particular agents; otherwise ``owed`` of those who are busy
    must go when they become free, whoever they are. ``luck``: of those particular agents, in the
    order of time. ``joined``: somebody came just now.
    """

    number: int
    name: str
    named: bool
    own: list[Agent]
    luck: Iterator[float] = field(default_factory=lambda: iter(()))
    joined: bool = False
    looks: bool = False  # whoever came
    idle: deque[Agent] = field(default_factory=deque)
    scheduled: int = 0
    owed: int = 0


@dataclass(frozen=True)
class Change:
    """What a plan changes at one instant: one agent, or the head count of a group."""

    at: float
    group: int
    what: AgentEvent
    agent: int = -1  # position in the group
    by: int = 0  # how many agents more


# At one instant an agent first comes back from a break, then (say) goes home.
FIRST_COME_THEN_GO = (
    AgentEvent.SHIFT_START,
    AgentEvent.BREAK_END,
    AgentEvent.BREAK_START,
    AgentEvent.SHIFT_END,
    AgentEvent.HEAD_COUNT,
)


def names(group: AgentGroup) -> list[str]:
    """Of the people in its plan; of a roster, in the order in which it first mentions them."""
    staff = group.staff
    if isinstance(staff, Roster):
        return list(dict.fromkeys(shift.agent for shift in staff.shifts))
    size = staff.agents if isinstance(staff, FixedStaff) else most(staff)
    return [f"{group.name} {n}" for n in range(1, size + 1)]


def most(staff: HeadCounts) -> int:
    """As many as the highest count; with names five times that, for those still in overtime."""
    highest = max(*staff.counts, staff.after_last or 0, 0)
    return 5 * highest if staff.decrease == "named" else highest


def plan(scenario: Scenario) -> list[Change]:
    """Every change of the scenario's staff, in time order."""
    changes: list[Change] = []
    for g, group in enumerate(scenario.agent_groups):
        staff = group.staff
        if isinstance(staff, FixedStaff):
            changes.append(Change(0.0, g, AgentEvent.HEAD_COUNT, by=staff.agents))
        elif isinstance(staff, Roster):
            changes += roster_changes(g, group)
        else:
            steps = [(0.0, 0), *counts(scenario, g)]
            for (_, before), (at, n) in itertools.pairwise(steps):
                changes.append(Change(at, g, AgentEvent.HEAD_COUNT, by=n - before))
    return sorted(
        changes, key=lambda one: (one.at, one.group, one.agent, FIRST_COME_THEN_GO.index(one.what))
    )


def counts(scenario: Scenario, g: int) -> Iterator[tuple[float, int]]:
    """From when on a group has how many agents."""
    staff = scenario.agent_groups[g].staff
    assert isinstance(staff, HeadCounts)
    edges = scenario.horizon.all_edges if staff.edges is None else staff.edges
    yield from zip(edges, staff.counts, strict=False)
    if staff.after_last is not None:
        yield edges[-1], staff.after_last


def roster_changes(g: int, group: AgentGroup) -> Iterator[Change]:
    """Starts and ends of shifts and breaks; shifts of one agent that meet are one."""
    for a, name in enumerate(names(group)):
        shifts = [shift for shift in group.staff.shifts if shift.agent == name]
        starts, ends = {shift.start for shift in shifts}, {shift.end for shift in shifts}
        breaks = [pause for shift in shifts for pause in shift.breaks]
        goes, returns = {start for start, _ in breaks}, {end for _, end in breaks}
        yield from (Change(at, g, AgentEvent.SHIFT_START, a) for at in starts - ends)
        yield from (Change(at, g, AgentEvent.SHIFT_END, a) for at in ends - starts)
        yield from (Change(at, g, AgentEvent.BREAK_START, a) for at in goes - returns)
        yield from (Change(at, g, AgentEvent.BREAK_END, a) for at in returns - goes)


class People:
    """All groups, and the log of comings and goings."""

    def __init__(
        self, scenario: Scenario, leave_luck: Iterable[float] = (), clock: Clock | None = None
    ) -> None:
        self.scenario, self.clock = scenario, clock
        self.everyone: list[Agent] = []
        self.groups: list[Group] = []
        lucks = iter(leave_luck)
        for g, group in enumerate(scenario.agent_groups):
            named = getattr(group.staff, "decrease", "") == "named"
            self.groups.append(Group(g, group.name, named, []))
            for name in names(group):
                self.groups[g].own.append(self.hire(name, g, not isinstance(group.staff, Roster)))
            if named:
                falls = -sum(min(change.by, 0) for change in plan(scenario) if change.group == g)
                self.groups[g].luck = iter(list(itertools.islice(lucks, falls)))
        self.rows: list[tuple[float, int, int, int, int, int, int]] = []

    def hire(self, name: str, group: int, counted: bool = True) -> Agent:
        """One more person, off duty."""
        self.everyone.append(Agent(len(self.everyone), name, group, group, counted))
        self.everyone[-1].desk = self.desk(group)
        return self.everyone[-1]

    def desk(self, group: int) -> Desk | None:
        """Where an agent of a group holds several contacts, if they do so there."""
        of = self.scenario.agent_groups[group].concurrency
        names = [kind.name for kind in self.scenario.contact_types]
        return None if of is None or of.most == 1 else Desk(self.clock, of, names)

    def is_listed(self, agent: Agent) -> bool:
        return agent in self.groups[agent.group].idle

    def list_again(self, agent: Agent, now: float) -> None:
        """An agent who holds contacts, and stays, may take more: the group looks at its queues."""
        group = self.groups[agent.group]
        if agent.leaves is None and agent.moves_to is None and agent.desk.has_any_room:
            self.get_idle(agent, now)
            group.joined = True

    def free_place(self, agent: Agent, now: float) -> None:
        """An agent has done one of the contacts it held."""
        group = self.groups[agent.group]
        if self.is_listed(agent):
            group.idle.remove(agent)
        if agent.desk.held:
            self.list_again(agent, now)
        elif self.free(agent, now):
            self.groups[agent.group].joined = True

    def take(self, group: Group, luck: float = 0.0) -> Agent:
        """The agent of the group who has been idle longest starts to work; or one drawn by luck.

        Of those who have as much attention left as the first of the list.
        """
        of = self.scenario.agent_groups[group.number].concurrency
        place = 0
        if of is not None and of.most > 1 and of.ties == "random":
            equal = sum(agent.used == group.idle[0].used for agent in group.idle)
            place = math.floor(luck * equal)
        agent = group.idle[place]
        group.idle.remove(agent)
        agent.busy = True
        return agent

    def free(self, agent: Agent, now: float) -> bool:
        """An agent's work is done; whether it is ready for more."""
        group = self.groups[agent.group]
        if group.owed and agent in self.staying(group):
            group.owed -= 1
            agent.leaves = AgentEvent.HEAD_COUNT
        agent.busy = False
        if agent.leaves is None:
            if agent.moves_to is not None:
                self.change_group(agent, now)
            self.get_idle(agent, now)
            return True
        paid = 0 if agent.leaves == AgentEvent.BREAK_START else -1
        agent.present, agent.leaves = False, None
        self.note(now, agent.number, group, (0, -1, paid), AgentEvent.LEFT)
        if agent.moves_to is not None:  # it comes back to the other group
            self.change_group(agent, now, (0, 0, 1 + paid))
        return False

    def apply(self, change: Change, now: float) -> None:
        """Carry out one change of the plan."""
        group = self.groups[change.group]
        if change.what == AgentEvent.HEAD_COUNT:
            luck = list(itertools.islice(group.luck, -change.by)) if change.by < 0 else []
            self.change_head_count(group, change.by, now, luck)
            return
        agent = group.own[change.agent]
        if change.what in (AgentEvent.SHIFT_START, AgentEvent.BREAK_END):
            self.come(agent, change.what, now)
        else:
            self.go(agent, change.what, now)

    def come(self, agent: Agent, why: AgentEvent, now: float) -> None:
        """An agent is due: it comes, or, if it never got away, it need not leave any more."""
        group = self.groups[agent.group]
        group.scheduled += 1
        if agent.present:
            agent.leaves = None
            self.note(now, agent.number, group, (1, 0, 0), why)
            if agent.desk and agent.desk.held and not self.is_listed(agent):
                self.list_again(agent, now)
            return
        paid = 0 if why == AgentEvent.BREAK_END else 1
        agent.present, group.joined = True, True
        self.get_idle(agent, now)
        self.note(now, agent.number, group, (1, 1, paid), why)

    def go(self, agent: Agent, why: AgentEvent, now: float) -> None:
        """An agent may leave: at once if it is idle, else when its contact is done."""
        group = self.groups[agent.group]
        group.scheduled -= 1
        if agent.busy:
            if self.is_listed(agent):
                group.idle.remove(agent)
            agent.leaves = why
            self.note(now, agent.number, group, (-1, 0, 0), why)
            return
        paid = 0 if why == AgentEvent.BREAK_START else -1
        agent.present = False
        group.idle.remove(agent)
        self.note(now, agent.number, group, (-1, -1, paid), why)

    # ------------------------------------------------------------------ head counts

    def counted_in(self, group: Group) -> list[Agent]:
        """Those without a roster who belong to the group now: first its own, then all others."""
        others = [agent for agent in self.everyone if agent not in group.own]
        return [
            agent for agent in group.own + others if agent.group == group.number and agent.counted
        ]

    def staying(self, group: Group) -> list[Agent]:
        """Those of them who are on duty and neither about to leave nor to move."""
        return [
            agent
            for agent in self.counted_in(group)
            if agent.present and agent.leaves is None and agent.moves_to is None
        ]

    def change_head_count(
        self, group: Group, change: int, now: float, luck: Sequence[float]
    ) -> None:
        for _ in range(change):
            self.one_more(group, now)
        for i in range(-change):
            self.one_less(group, now, luck[i] if group.named else math.nan)

    def one_more(self, group: Group, now: float) -> None:
        """A departure still owed is called off; else somebody comes who is off, or stays."""
        if group.owed:
            group.owed -= 1
            group.scheduled += 1
            self.note(now, -1, group, (1, 0, 0), AgentEvent.HEAD_COUNT)
            return
        counted = self.counted_in(group)
        away = [agent for agent in counted if not agent.present]
        leaving = [agent for agent in counted if agent.present and agent.leaves]
        for agent in [*away, *leaving][:1]:
            why = AgentEvent.SHIFT_START if group.named else AgentEvent.HEAD_COUNT
            self.come(agent, why, now)

    def one_less(self, group: Group, now: float, luck: float) -> None:
        """One drawn by luck goes, if that is the rule; else the longest idle; else one is owed."""
        staying = self.staying(group)
        idle = [agent for agent in group.idle if agent.counted]
        if group.named:
            if staying:
                chosen = staying[math.floor(luck * len(staying))]
                self.go(chosen, AgentEvent.SHIFT_END, now)
        elif idle and not idle[0].busy:
            self.go(idle[0], AgentEvent.HEAD_COUNT, now)
        elif self.desk(group.number):  # somebody in particular finishes what it holds
            for agent in [*idle, *sorted(staying, key=lambda one: one.number)][:1]:
                self.go(agent, AgentEvent.SHIFT_END, now)
        elif group.owed < len(staying):
            group.owed += 1
            group.scheduled -= 1
            self.note(now, -1, group, (-1, 0, 0), AgentEvent.HEAD_COUNT)

    # ------------------------------------------------------------------ moves

    def move(self, group: int, to: int, number: int, now: float) -> int:
        """Agents join another group: the longest idle first, then the busy ones, when free.

        Of the busy ones those with the lowest numbers, but not those whom the head count needs to
        go home. How many.
        """
        old = self.groups[group]
        busy = [
            agent
            for agent in self.everyone
            if agent.group == group
            and agent.busy
            and not agent.leaves
            and agent.moves_to is None
            and agent not in old.idle
        ]
        counted = [agent for agent in busy if agent.counted]
        going_home = counted[len(counted) - old.owed :]
        movable = [*old.idle, *(agent for agent in busy if agent not in going_home)]
        for agent in movable[:number]:
            agent.moves_to = to
            if agent in old.idle:
                old.idle.remove(agent)
            if not agent.busy:
                self.change_group(agent, now)
                self.groups[to].joined = True
                self.get_idle(agent, now)
        return len(movable[:number])

    def change_group(self, agent: Agent, now: float, counts: Deltas = (1, 1, 1)) -> None:
        """An agent joins the group it is to move to; ``counts``: as what it counted before."""
        old, new = self.groups[agent.group], self.groups[agent.moves_to]
        agent.group, agent.moves_to = new.number, None
        agent.desk = self.desk(new.number)
        old.scheduled, new.scheduled = old.scheduled - counts[0], new.scheduled + counts[0]
        if any(counts):
            minus = (-counts[0], -counts[1], -counts[2])
            self.note(now, agent.number, old, minus, AgentEvent.MOVED)
            self.note(now, agent.number, new, counts, AgentEvent.MOVED)

    def get_idle(self, agent: Agent, now: float) -> None:
        """Behind those with no less attention left."""
        agent.idle_since = now
        idle = self.groups[agent.group].idle
        place = len(idle)
        while place and idle[place - 1].used > agent.used:
            place -= 1
        idle.insert(place, agent)

    def note(
        self,
        now: float,
        agent: int,
        group: Group,
        deltas: Deltas,
        why: AgentEvent,
    ) -> None:
        """A row of the agent log."""
        self.rows.append((now, agent, group.number, *deltas, int(why)))

    def log(self) -> AgentLog:
        columns = list(zip(*self.rows, strict=True)) or [()] * 7
        at, agent, group, scheduled, present, paid, reason = columns
        return AgentLog(
            at=np.array(at, np.float64),
            agent=np.array(agent, np.int32),
            group=np.array(group, np.int32),
            scheduled_delta=np.array(scheduled, np.int8),
            present_delta=np.array(present, np.int8),
            paid_delta=np.array(paid, np.int8),
            reason=np.array(reason, np.int8),
        )
