"""The agents of the oracle: who is idle, who is due to leave, and the agent log."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from simcc.log import AgentEvent, AgentLog
from simcc.model import AgentGroup, FixedStaff, HeadCounts, Roster, Scenario

Deltas = tuple[int, int, int]  # of the numbers scheduled, present and paid


@dataclass(eq=False)
class Agent:
    """One person, in the group it works for now.

    ``leaves``: why it goes away once the contact in hand is done, if it does; ``moves_to``: the
    group it joins then.
    """

    number: int
    group: int
    present: bool = False
    busy: bool = False
    came_at: float = -1.0
    idle_since: float = -1.0
    leaves: AgentEvent | None = None
    moves_to: int | None = None


@dataclass(eq=False)
class Group:
    """The agents of one group. ``idle``: longest idle first.

    ``owed``: how many of those who are busy must go when they become free, whoever they are
    (head counts only).
    """

    number: int
    agents: list[Agent]
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
    n: int = -1  # the new head count


# At one instant an agent first comes back from a break, then (say) goes home.
FIRST_COME_THEN_GO = (
    AgentEvent.SHIFT_START,
    AgentEvent.BREAK_END,
    AgentEvent.BREAK_START,
    AgentEvent.SHIFT_END,
    AgentEvent.HEAD_COUNT,
)


def size(group: AgentGroup) -> int:
    """Number of people the group ever has."""
    staff = group.staff
    if isinstance(staff, FixedStaff):
        return staff.agents
    if isinstance(staff, HeadCounts):
        return max(*staff.counts, staff.after_last or 0, 0)
    return len(names(staff))


def names(roster: Roster) -> list[str]:
    """Names of the agents in the order in which the roster first mentions them."""
    return list(dict.fromkeys(shift.agent for shift in roster.shifts))


def plan(scenario: Scenario) -> list[Change]:
    """Every change of the scenario's staff, in time order."""
    changes: list[Change] = []
    for g, group in enumerate(scenario.agent_groups):
        staff = group.staff
        if isinstance(staff, FixedStaff):
            changes.append(Change(0.0, g, AgentEvent.HEAD_COUNT, n=staff.agents))
        elif isinstance(staff, Roster):
            changes += roster_changes(g, staff)
        elif staff.decrease == "headcount":
            changes += [Change(at, g, AgentEvent.HEAD_COUNT, n=n) for at, n in counts(scenario, g)]
        else:
            changes += named_changes(g, counts(scenario, g))
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


def named_changes(g: int, counts: Iterator[tuple[float, int]]) -> Iterator[Change]:
    """With n agents scheduled these are the first n: the last to come is the first to go."""
    before = 0
    for at, n in counts:
        yield from (Change(at, g, AgentEvent.SHIFT_START, a) for a in range(before, n))
        yield from (Change(at, g, AgentEvent.SHIFT_END, a) for a in range(n, before))
        before = n


def roster_changes(g: int, roster: Roster) -> Iterator[Change]:
    """Starts and ends of shifts and breaks; shifts of one agent that meet are one."""
    for a, name in enumerate(names(roster)):
        shifts = [shift for shift in roster.shifts if shift.agent == name]
        starts, ends = {shift.start for shift in shifts}, {shift.end for shift in shifts}
        breaks = [pause for shift in shifts for pause in shift.breaks]
        goes, returns = {start for start, _ in breaks}, {end for _, end in breaks}
        yield from (Change(at, g, AgentEvent.SHIFT_START, a) for at in starts - ends)
        yield from (Change(at, g, AgentEvent.SHIFT_END, a) for at in ends - starts)
        yield from (Change(at, g, AgentEvent.BREAK_START, a) for at in goes - returns)
        yield from (Change(at, g, AgentEvent.BREAK_END, a) for at in returns - goes)


class People:
    """All groups, and the log of comings and goings."""

    def __init__(self, scenario: Scenario) -> None:
        number = itertools.count()
        self.groups = [
            Group(g, [Agent(next(number), g) for _ in range(size(group))])
            for g, group in enumerate(scenario.agent_groups)
        ]
        self.rows: list[tuple[float, int, int, int, int, int, int]] = []

    def take(self, group: Group) -> Agent:
        """The agent of the group who has been idle longest starts to work."""
        agent = group.idle.popleft()
        agent.busy = True
        return agent

    def free(self, agent: Agent, now: float) -> bool:
        """An agent's work is done; whether it is ready for more."""
        group = self.groups[agent.group]
        agent.busy = False
        if group.owed:
            group.owed -= 1
            agent.leaves = AgentEvent.HEAD_COUNT
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
            self.set_head_count(group, change.n, now)
            return
        agent = group.agents[change.agent]
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
            return
        paid = 0 if why == AgentEvent.BREAK_END else 1
        agent.present, agent.came_at = True, now
        self.get_idle(agent, now)
        self.note(now, agent.number, group, (1, 1, paid), why)

    def go(self, agent: Agent, why: AgentEvent, now: float) -> None:
        """An agent may leave: at once if it is idle, else when its contact is done."""
        group = self.groups[agent.group]
        group.scheduled -= 1
        if agent.busy:
            agent.leaves = why
            self.note(now, agent.number, group, (-1, 0, 0), why)
            return
        paid = 0 if why == AgentEvent.BREAK_START else -1
        agent.present = False
        group.idle.remove(agent)
        self.note(now, agent.number, group, (-1, -1, paid), why)

    def set_head_count(self, group: Group, n: int, now: float) -> None:
        """More: departures still owed are called off, then people come, lowest number first.

        Fewer: idle agents go first, longest idle first; the rest is owed by those who are busy.
        """
        why = AgentEvent.HEAD_COUNT
        while group.scheduled < n:
            if group.owed:
                group.owed -= 1
                group.scheduled += 1
                self.note(now, -1, group, (1, 0, 0), why)
            else:
                self.come(next(agent for agent in group.agents if not agent.present), why, now)
        while group.scheduled > n:
            if group.idle:
                self.go(group.idle[0], why, now)
            else:
                group.owed += 1
                group.scheduled -= 1
                self.note(now, -1, group, (-1, 0, 0), why)

    def move(self, group: int, to: int, number: int, now: float) -> None:
        """Agents join another group: the longest idle first, then the busy ones, when free.

        Of the busy ones, those with the lowest numbers.
        """
        idle = list(self.groups[group].idle)
        busy = [
            agent
            for home in self.groups
            for agent in home.agents
            if agent.group == group and agent.busy and not agent.leaves and agent.moves_to is None
        ]
        for agent in (idle + busy)[:number]:
            agent.moves_to = to
            if not agent.busy:
                self.groups[group].idle.remove(agent)
                self.change_group(agent, now)
                agent.came_at = now
                self.get_idle(agent, now)

    def change_group(self, agent: Agent, now: float, counts: Deltas = (1, 1, 1)) -> None:
        """An agent joins the group it is to move to; ``counts``: as what it counted before."""
        old, new = self.groups[agent.group], self.groups[agent.moves_to]
        agent.group, agent.moves_to = new.number, None
        old.scheduled, new.scheduled = old.scheduled - counts[0], new.scheduled + counts[0]
        if any(counts):
            minus = (-counts[0], -counts[1], -counts[2])
            self.note(now, agent.number, old, minus, AgentEvent.MOVED)
            self.note(now, agent.number, new, counts, AgentEvent.MOVED)

    def get_idle(self, agent: Agent, now: float) -> None:
        agent.idle_since = now
        self.groups[agent.group].idle.append(agent)

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
