"""Groups of agents: what they can do and when they are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from simcc.errors import Problem
from simcc.model.arrivals import increasing, one_more_edge, starts_at_zero
from simcc.model.base import (
    BY_KIND,
    Amount,
    Duration,
    FrozenDict,
    HeadCount,
    Many,
    Name,
    Part,
    Positive,
    PositiveDuration,
    Rule,
    Share,
    Table,
    as_tuple,
    plain,
    tag,
)
from simcc.periods import in_words


class FixedStaff(Part):
    """The same number of agents all the time.

    Parameters
    ----------
    agents : int
        At least 0.
    """

    kind: Literal["fixed"] = "fixed"
    agents: HeadCount


class HeadCounts(Part):
    """A number of agents that changes at known instants.

    Parameters
    ----------
    counts : sequence of int
        Agents.
    edges : sequence of duration, optional
        Instants between which the counts hold, from 0, one more than counts; left out, the counts
        belong to the intervals of the horizon.
    after_last : int, optional
        Agents after the last edge; left out, the last count stays.
    decrease : {"headcount", "named"}, default "headcount"
        When the count falls: idle agents leave first, busy ones are owed until the count is
        reached; or particular agents leave as they become free, drawn at random whatever they do.

    Examples
    --------
    >>> HeadCounts(counts=[3, 5, 4]).counts
    (3, 5, 4)
    """

    kind: Literal["head_counts"] = "head_counts"
    counts: Many[HeadCount] = Field(min_length=1)
    edges: Many[Duration] | None = None
    after_last: HeadCount | None = None
    decrease: Literal["headcount", "named"] = "headcount"
    rules: ClassVar[tuple[Rule, ...]] = (
        increasing("edges"),
        one_more_edge("counts"),
        starts_at_zero("edges"),
    )

    def changes(self, intervals: Sequence[float]) -> list[tuple[float, int]]:
        """Instants (s) and how many agents more, or fewer, from then on.

        ``intervals`` are the edges (s) of the horizon's intervals, for counts without edges.
        """
        edges = list(intervals) if self.edges is None else list(self.edges)
        steps = list(zip(edges, self.counts, strict=False))
        if self.after_last is not None:
            steps.append((edges[-1], self.after_last))
        by = pairwise([(0.0, 0), *steps])
        return [(at, number - before) for (_, before), (at, number) in by if number != before]


def _end_after_start(shift: Any) -> Iterator[Problem]:
    if shift.end <= shift.start:
        message = f"is {in_words(shift.end)}; must be after start, {in_words(shift.start)}"
        yield Problem("end", f"{message} (unit: seconds)")


def _breaks_have_length(shift: Any) -> Iterator[Problem]:
    for i, (start, end) in enumerate(shift.breaks):
        if end <= start:
            message = f"ends at {in_words(end)}; must end after its start, {in_words(start)}"
            yield Problem(f"breaks[{i}]", f"{message} (unit: seconds)")


def _breaks_inside_shift(shift: Any) -> Iterator[Problem]:
    for i, (start, end) in enumerate(shift.breaks):
        if start < shift.start or end > shift.end:
            message = f"is {in_words(start)} to {in_words(end)}; must be inside the shift,"
            shift_is = f"{in_words(shift.start)} to {in_words(shift.end)}"
            yield Problem(f"breaks[{i}]", f"{message} {shift_is} (unit: seconds)")


def _breaks_apart(shift: Any) -> Iterator[Problem]:
    for i, ((_, end), (start, _)) in enumerate(pairwise(shift.breaks), start=1):
        if start < end:
            message = f"starts at {in_words(start)}; must be after the break before it,"
            yield Problem(f"breaks[{i}]", f"{message} which ends at {in_words(end)}")


Break = Annotated[tuple[Duration, PositiveDuration], Field(strict=True), BeforeValidator(as_tuple)]


class Shift(Part):
    """A shift of one agent.

    At its end, or at a break, the agent finishes the contact in hand and then leaves.

    Parameters
    ----------
    agent : str
        Name; the same for all shifts of one person.
    start, end : duration
        Instants, in seconds from the start of the simulation.
    breaks : sequence of (start, end)
        Inside the shift, in order, not overlapping.

    Examples
    --------
    >>> Shift(agent="Ann", start=0, end="8h", breaks=[("4h", "4h30min")]).breaks
    ((14400.0, 16200.0),)
    """

    agent: Name
    start: Duration
    end: PositiveDuration
    breaks: Many[Break] = ()
    rules: ClassVar[tuple[Rule, ...]] = (
        _end_after_start,
        _breaks_have_length,
        _breaks_inside_shift,
        _breaks_apart,
    )


def _shifts_apart(roster: Any) -> Iterator[Problem]:
    by_agent: dict[str, list[tuple[float, float, int]]] = {}
    for i, shift in enumerate(roster.shifts):
        by_agent.setdefault(shift.agent, []).append((shift.start, shift.end, i))
    for agent, shifts in by_agent.items():
        for (_, end, _), (start, _, i) in pairwise(sorted(shifts)):
            if start < end:
                message = f"starts at {in_words(start)}, before another shift of {agent} ends at"
                yield Problem(f"shifts[{i}]", f"{message} {in_words(end)}; must not overlap")


class Roster(Part):
    """Named agents with their shifts.

    Parameters
    ----------
    shifts : sequence of Shift
        An agent may have several that do not overlap.
    """

    kind: Literal["roster"] = "roster"
    shifts: Many[Shift] = Field(min_length=1)
    rules: ClassVar[tuple[Rule, ...]] = (_shifts_apart,)


def _speeds_within_most(part: Any) -> Iterator[Problem]:
    if len(part.speed) > part.most:
        message = f"has {len(part.speed)} entries; must have at most {part.most}, as most says"
        yield Problem("speed", message)


class Concurrency(Part):
    """Agents who hold several contacts at once, such as chats.

    A new contact goes to the agent who has most attention left. It waits only if nobody has enough
    of it left.

    Parameters
    ----------
    most : int
        Contacts that an agent holds at once at most.
    share : {contact type: float}, optional
        Part of an agent's attention that one contact of the type takes, in (0, 1]; 1 blocks all
        others. Left out, 1 / most.
    speed : list of float, default [1]
        How fast each contact advances while the agent holds 1, 2, ... of them, more than 0; the
        last holds for all further numbers.
    mode : {"dynamic", "fixed_at_start"}, default "dynamic"
        The speed follows the number held at any moment, so that the work left is rescaled whenever
        it changes; or stays what it is as the contact starts, itself included.
    ties : {"longest", "random"}, default "longest"
        Of agents with equally much attention left, the one for whom that has been so longest, or
        any of them.

    Examples
    --------
    >>> Concurrency(most=3, speed=[1.0, 0.8, 0.7], share={"voice": 1.0}).share
    {'voice': 1.0}
    """

    most: Annotated[int, Field(strict=True, ge=1, le=100), BeforeValidator(plain)]
    share: Table[Share] = Field(default_factory=FrozenDict)
    speed: Annotated[Many[Positive], Field(min_length=1)] = (1.0,)
    mode: Literal["dynamic", "fixed_at_start"] = "dynamic"
    ties: Literal["longest", "random"] = "longest"
    rules: ClassVar[tuple[Rule, ...]] = (_speeds_within_most,)


Staff = Annotated[
    Annotated[FixedStaff, tag("fixed")]
    | Annotated[HeadCounts, tag("head_counts")]
    | Annotated[Roster, tag("roster")],
    BY_KIND,
]


def _speeds(value: Any) -> Any:
    """A list of types as a table with speed 1 for each."""
    names = as_tuple(value)
    if not isinstance(names, tuple):
        return value
    seen = set()
    for i, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError(f"has {name!r:.60} at place {i + 1}; must be names of contact types")
        if name in seen:
            raise ValueError(f'names "{name}" twice; each type must be named once')
        seen.add(name)
    return dict.fromkeys(names, 1.0)


def _has_a_skill(group: Any) -> Iterator[Problem]:
    if not group.skills:
        yield Problem("skills", "are empty; must name at least one contact type")


class AgentGroup(Part):
    """Agents with the same skills.

    Parameters
    ----------
    name : str
    skills : list of contact types, or {contact type: speed}
        Talk time and after-call work are divided by the speed, more than 0; a list means 1.
    staff : FixedStaff, HeadCounts or Roster
        Who is there when.
    concurrency : Concurrency, optional
        If its agents hold several contacts at once; left out, they hold one.
    cost_per_hour : float, default 0
        Of one agent, for each hour paid, breaks included (money).
    overtime_factor : float, default 1
        How many times as much each hour costs that is worked beyond the schedule.

    Examples
    --------
    >>> AgentGroup(name="front", skills=["sales"], staff=FixedStaff(agents=5)).skills
    {'sales': 1.0}
    """

    name: Name
    skills: Annotated[Table[Positive], BeforeValidator(_speeds)]
    staff: Staff
    concurrency: Concurrency | None = None
    cost_per_hour: Amount = 0.0
    overtime_factor: Amount = 1.0
    rules: ClassVar[tuple[Rule, ...]] = (_has_a_skill,)

    @classmethod
    def file_fields(cls) -> list[str]:
        """Names of the fields as files write them."""
        costs = ["cost_per_hour", "overtime_factor"]
        return ["name", "skills", "agents", "roster", "concurrency", *costs]


def most_held(group: Any) -> int:
    """Contacts that an agent of a group may hold at once."""
    return 1 if group.concurrency is None else int(group.concurrency.most)


def has_random_ties(group: Any) -> bool:
    """Whether it is drawn which of several agents of a group takes a contact."""
    return most_held(group) > 1 and group.concurrency.ties == "random"
