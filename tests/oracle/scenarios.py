"""Random small scenarios, one per integer seed: busy, valid by construction, full of ties.

Half of them live on a grid of whole ticks, so that arrivals, service ends, abandonments, bot
sessions, thresholds and shift changes fall on the same instants again and again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from bot_options import with_options
from call_options import with_call_options, with_timed_callback
from list_options import with_lists

import simcc
from simcc.model.agents import most_held

WHEN_FULL = ("wait", "agent", "lost")
SPEEDS = (0.5, 1.0, 1.0, 2.0)


class Draw:
    """Chance for one scenario: a generator, with the choices that the parts below need.

    ``tick`` is the grid (s); ``unit`` a typical talk time (s); on the grid if ``whole``.
    """

    def __init__(self, seed: Any) -> None:
        self.rng = np.random.default_rng(seed)
        self.whole = self.chance(0.6)
        self.unit, self.length, self.interval = self.one_of(
            ((120.0, 3600.0, 900.0), (240.0, 7200.0, 1800.0), (7200.0, 259200.0, 21600.0))
        )
        self.tick = self.unit / 8

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def one_of(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def whole_number(self, low: int, high: int) -> int:
        """At least ``low``, at most ``high``."""
        return int(self.rng.integers(low, high + 1))

    def some_of(self, choices: Sequence[Any], at_least: int = 1) -> list[Any]:
        """A few of them, in random order."""
        n = self.whole_number(min(at_least, len(choices)), len(choices))
        return [choices[i] for i in self.rng.permutation(len(choices))[:n]]

    def ticks(self, low: int, high: int) -> float:
        """A duration on the grid."""
        return self.tick * self.whole_number(low, high)

    def instants(self, n: int, end: float) -> list[float]:
        """n different instants on the grid in [0, end], sorted."""
        grid = np.arange(int(end / self.tick) + 1)
        return (self.tick * np.sort(self.rng.choice(grid, n, replace=False))).tolist()

    def law(self, mean: float) -> simcc.Law:
        """A law with about this mean (s), of few different ones, so that tables are reused."""
        mean *= self.one_of((0.5, 1.0, 1.5))
        if self.whole:
            ticks = max(round(mean / self.tick), 1)
            values = self.tick * self.rng.integers(0, 2 * ticks + 1, 6)
            some = simcc.Sample(values=values)
            return self.one_of((some, some, simcc.Constant(value=self.tick * ticks)))
        return self.one_of(
            (
                simcc.Exponential(mean=mean),
                simcc.Lognormal(mean=mean, cv=1.0),
                simcc.Gamma(mean=mean, cv=0.5),
                simcc.Weibull(shape=1.5, scale=mean),
                simcc.Erlang(k=2, mean=mean),
                simcc.Hyperexponential(probs=[0.3, 0.7], means=[2 * mean, 0.5 * mean]),
                simcc.Uniform(low=0, high=2 * mean),
                simcc.Constant(value=mean),
            )
        )


def like(other: Draw, seed: Any) -> Draw:
    """Chance of its own, on the same grid and horizon."""
    draw = Draw(seed)
    for name in ("whole", "unit", "length", "interval", "tick"):
        setattr(draw, name, getattr(other, name))
    return draw


@cache
def scenario(seed: int) -> simcc.Scenario:
    """The scenario number ``seed``; the same number gives the same scenario."""
    draw = Draw(seed)
    names = [f"t{k}" for k in range(draw.whole_number(1, 4))]
    groups = agent_groups(draw, names)
    bots = [bot(draw, b, names) for b in range(draw.whole_number(0, 2))]
    types = contact_types(draw, names, groups, bots)
    if Draw([seed, 1]).chance(0.5):
        types, bots = with_follow_ups(Draw([seed, 1]), names, groups, types, bots)
    if Draw([seed, 3]).chance(0.3):
        types = [with_callback(Draw([seed, 3, k]), kind) for k, kind in enumerate(types)]
    if Draw([seed, 2]).chance(0.3):
        groups = with_concurrency(Draw([seed, 2]), groups)
    if Draw([seed, 4]).chance(0.4):
        types = with_interruptions(Draw([seed, 4]), types, groups)
    if Draw([seed, 5]).chance(0.3):
        types = [with_deadline(Draw([seed, 5, k]), kind) for k, kind in enumerate(types)]
    if Draw([seed, 9]).chance(0.25):
        types = [with_hours(Draw([seed, 9, k]), kind, draw.length) for k, kind in enumerate(types)]
    if Draw([seed, 10]).chance(0.3):
        types = [with_announcement(Draw([seed, 10, k]), kind) for k, kind in enumerate(types)]
    if Draw([seed, 6]).chance(0.6):
        bots = with_options(Draw([seed, 6]), types, bots)
    if Draw([seed, 7]).chance(0.4):
        types, groups = with_turns(Draw([seed, 7]), types, groups)
    if Draw([seed, 8]).chance(0.6):
        types, groups = with_lists(like(draw, [seed, 8]), types, groups)
        names = [kind.name for kind in types]
        types = [with_call_options(like(draw, [seed, 13, k]), x) for k, x in enumerate(types)]
    types = [with_timed_callback(like(draw, [seed, 12, k]), x, groups) for k, x in enumerate(types)]
    if Draw([seed, 11]).chance(0.4):
        types = with_colleagues(like(draw, [seed, 11]), types, groups)
    return simcc.Scenario(
        name=f"random {seed}",
        horizon=simcc.Horizon(
            length=draw.length, interval=draw.interval, after=draw.one_of(("drain", "stop"))
        ),
        contact_types=types,
        agent_groups=groups,
        bots=bots,
        routing=routing(draw, names, groups).replace(
            queue_choice=queue_choice(Draw([seed, 15]), types),
            equal_ranks="earliest_deadline"
            if all(one.deadline for one in types if one.outbound is None)
            else "longest_wait",
        ),
        lines=draw.whole_number(3, 12) if draw.chance(0.25) else None,
        trunks=trunks(Draw([seed, 14]), types) if Draw([seed, 14]).chance(0.25) else (),
    )


# ---------------------------------------------------------------------- people


def agent_groups(draw: Draw, names: list[str]) -> list[simcc.AgentGroup]:
    """One to four groups; together they can do everything."""
    n_groups = draw.whole_number(1, 4)
    skills = [set(draw.some_of(names)) for _ in range(n_groups)]
    for name in names:
        skills[draw.whole_number(0, n_groups - 1)].add(name)
    return [
        simcc.AgentGroup(
            name=f"g{g}",
            skills={name: draw.one_of(SPEEDS) for name in names if name in skills[g]},
            staff=draw.one_of((fixed, head_counts, roster))(draw, g),
        )
        for g in range(n_groups)
    ]


def with_callback(draw: Draw, kind: simcc.ContactType) -> simcc.ContactType:
    """Perhaps with the offer to call back."""
    if draw.chance(0.4):
        return kind
    offer = simcc.Callback(
        accepts=draw.one_of((0.5, 1.0)),
        min_waiting=draw.whole_number(0, 2),
        idle_needed=draw.one_of((1, 1, 2)),
    )
    return kind.replace(callback=offer)


def with_interruptions(
    draw: Draw, types: list[simcc.ContactType], groups: list[simcc.AgentGroup]
) -> list[simcc.ContactType]:
    """Some types are interrupted by some of those that agents who hold one contact share."""
    changed = []
    for kind in types:
        others = {
            name
            for group in groups
            if kind.name in group.skills
            and (group.concurrency is None or group.concurrency.most == 1)
            for name in group.skills
        }
        others = sorted(others - {kind.name})
        if others and kind.callback is None and draw.chance(0.7):
            rule = simcc.Interruption(
                by=draw.some_of(others), then=draw.one_of(("resume", "restart"))
            )
            kind = kind.replace(interruption=rule)
        changed.append(kind)
    return changed


def with_hours(draw: Draw, kind: simcc.ContactType, length: float) -> simcc.ContactType:
    """Perhaps with one or two openings, and any way of closing."""
    if draw.chance(0.3):
        return kind
    edges = draw.instants(draw.one_of((2, 4)), length)
    outside = draw.one_of(("turned_away", "waits"))
    away = outside == "turned_away" and not kind.interruption and draw.chance(0.6)
    return kind.replace(
        hours=simcc.Hours(
            open=list(zip(edges[::2], edges[1::2], strict=True)),
            outside=outside,
            at_closing="sent_away" if away else "finish",
        )
    )


def with_announcement(draw: Draw, kind: simcc.ContactType) -> simcc.ContactType:
    """Told the wait by any estimate, and perhaps called back only if it is long."""
    how = ("queue_length", "last_answered", "head_of_line")
    steps = [
        simcc.Step(
            wait=draw.unit * i / 4,
            leaves=draw.one_of((0.0, 0.3, 0.8)),
            patience_factor=draw.one_of((0.5, 1.0, 2.0)),
        )
        for i in draw.some_of((0, 1, 2))
    ]
    steps.sort(key=lambda step: step.wait)
    kind = kind.replace(announcement=simcc.Announcement(estimate=draw.one_of(how), steps=steps))
    if kind.callback is not None and draw.chance(0.7):
        offer = kind.callback.replace(min_wait=draw.unit / 4, estimate=draw.one_of(how))
        kind = kind.replace(callback=offer)
    return kind


def with_deadline(draw: Draw, kind: simcc.ContactType) -> simcc.ContactType:
    """Due at some time, and perhaps ahead of others."""
    return kind.replace(
        deadline=draw.ticks(2, 20), head_start=draw.ticks(1, 6) if draw.chance(0.5) else 0.0
    )


def with_concurrency(draw: Draw, groups: list[simcc.AgentGroup]) -> list[simcc.AgentGroup]:
    """Some groups hold several contacts at once."""
    return [
        group.replace(concurrency=concurrency(draw, list(group.skills)))
        if draw.chance(0.6)
        else group
        for group in groups
    ]


def concurrency(draw: Draw, skills: list[str]) -> simcc.Concurrency:
    most = draw.whole_number(1, 4)
    speed: list[float] = draw.one_of(([1.0], [1.0, 0.5], [1.0, 0.75, 0.5]))
    return simcc.Concurrency(
        most=most,
        share={name: draw.one_of((1.0, 0.4, 0.25)) for name in draw.some_of(skills, 0)},
        speed=speed[:most],
        mode=draw.one_of(("dynamic", "fixed_at_start")),
        ties=draw.one_of(("longest", "random")),
    )


def with_turns(
    draw: Draw, types: list[simcc.ContactType], groups: list[simcc.AgentGroup]
) -> tuple[list[simcc.ContactType], list[simcc.AgentGroup]]:
    """Some types are chats in turns; all groups that can serve them hold several."""
    some = draw.some_of([kind.name for kind in types])
    changed = [
        kind.replace(turns=turns(draw), callback=None, interruption=None)
        if kind.name in some
        else kind
        for kind in types
    ]
    held = [
        group.replace(
            concurrency=concurrency(draw, list(group.skills)).replace(
                most=draw.whole_number(3, 4), mode="dynamic"
            )
        )
        if set(some) & set(group.skills)
        else group
        for group in groups
    ]
    return [without_lost_rules(kind, held) for kind in changed], held


def without_lost_rules(
    kind: simcc.ContactType, groups: list[simcc.AgentGroup]
) -> simcc.ContactType:
    """Interruptions only where a group still has agents who hold one contact at a time."""
    if kind.interruption is None:
        return kind
    one_at_a_time = [
        set(group.skills)
        for group in groups
        if group.concurrency is None or group.concurrency.most == 1
    ]
    by = [
        name
        for name in kind.interruption.by
        if any({kind.name, name} <= skills for skills in one_at_a_time)
    ]
    return kind.replace(interruption=kind.interruption.replace(by=by) if by else None)


def turns(draw: Draw) -> simcc.Turns:
    silence = draw.one_of((0.0, 0.0, 0.2))
    timeout = draw.ticks(2, 12) if silence or draw.chance(0.4) else None
    work = draw.law(draw.unit / 2)
    return simcc.Turns(
        work=work if work.mean() > 0 else draw.tick,
        think_time=draw.law(draw.unit / 2),
        patience=draw.law(draw.unit) if draw.chance(0.6) else None,
        silence=silence,
        timeout=timeout,
    )


def fixed(draw: Draw, g: int) -> simcc.FixedStaff:
    return simcc.FixedStaff(agents=draw.whole_number(1, 3))


def head_counts(draw: Draw, g: int) -> simcc.HeadCounts:
    """Numbers that go up and down, per interval or between instants on the grid."""
    n = round(draw.length / draw.interval)
    edges = None
    if draw.chance(0.5):
        n *= 4
        edges = [0.0, *(draw.tick + at for at in draw.instants(n, 1.2 * draw.length))]
    return simcc.HeadCounts(
        counts=[draw.whole_number(0, 4) for _ in range(n)],
        edges=edges,
        after_last=draw.one_of((None, 1, 2)),
        decrease=draw.one_of(("headcount", "named")),
    )


def roster(draw: Draw, g: int) -> simcc.Roster:
    """A few agents with one to three shifts each, which may meet."""
    shifts = []
    for a in range(draw.whole_number(1, 4)):
        edges = draw.instants(2 * draw.whole_number(1, 3), 1.2 * draw.length)
        if len(edges) > 2 and draw.chance(0.4):
            edges[2] = edges[1]  # the second shift begins where the first ends
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if start < draw.length or not shifts:
                start = min(start, draw.length - draw.tick)
                breaks = pauses(draw, start, end)
                shifts.append(simcc.Shift(agent=f"g{g}-{a}", start=start, end=end, breaks=breaks))
    return simcc.Roster(shifts=shifts)


def pauses(draw: Draw, start: float, end: float) -> list[tuple[float, float]]:
    """Up to three breaks in a shift; some meet each other or the ends of the shift."""
    inside = np.arange(start + draw.tick, end, draw.tick)
    n = min(draw.whole_number(0, 3), len(inside) // 2)
    edges = np.sort(draw.rng.choice(inside, 2 * n, replace=False)).tolist()
    if n and draw.chance(0.2):
        edges[0] = start
    if n and draw.chance(0.2):
        edges[-1] = end
    if n > 1 and draw.chance(0.2):
        edges[2] = edges[1]
    return list(zip(edges[::2], edges[1::2], strict=True))


# ---------------------------------------------------------------------- customers


def contact_types(
    draw: Draw, names: list[str], groups: list[simcc.AgentGroup], bots: list[simcc.Bot]
) -> list[simcc.ContactType]:
    """Types whose load together is about what the agents can do.

    The first type always arrives; one that its bot hands contacts over to need not.
    """
    front = {name: draw.one_of(bots) if bots and draw.chance(0.7) else None for name in names}
    types = []
    for name in names:
        first = front[names[0]]
        only_fed = name != names[0] and first and first.escalate_to == name and draw.chance(0.3)
        skilled = [group.name for group in groups if name in group.skills]
        per_hour = draw.rng.uniform(1.0, 2.2) * len(groups) / len(names) * 3600 / draw.unit
        types.append(
            simcc.ContactType(
                name=name,
                arrivals=None if only_fed else arrivals(draw, per_hour),
                patience=patience(draw),
                after_call_work=draw.law(draw.unit / 4) if draw.chance(0.4) else None,
                balking=0.25 if draw.chance(0.3) else 0.0,
                queue_capacity=draw.whole_number(0, 4) if draw.chance(0.3) else None,
                priority=draw.whole_number(0, 2),
                bot=front[name].name if front[name] and not only_fed else None,
                **talk_time(draw, skilled),
            )
        )
    return types


def patience(draw: Draw) -> Any:
    """Any law, a survival curve, or none."""
    if draw.chance(0.2):
        return None
    if draw.whole or draw.chance(0.7):
        return draw.law(draw.unit)
    return simcc.SurvivalCurve(
        times=[0.25 * draw.unit, draw.unit, 2 * draw.unit],
        survival=[0.9, 0.5, 0.3],
        tail=draw.one_of(("exponential", "last", "never")),
    )


def talk_time(draw: Draw, skilled: list[str]) -> dict[str, Any]:
    """One law, or laws by group or by interval, or one law scaled by interval."""
    n = round(draw.length / draw.interval)
    kind = draw.whole_number(0, 5)
    if kind == 0:
        return {"talk_time_by_group": {name: draw.law(draw.unit) for name in skilled}}
    if kind == 1:
        some = draw.some_of(skilled)
        return {
            "talk_time": draw.law(draw.unit),
            "talk_time_by_group": {name: draw.law(draw.unit) for name in some},
        }
    if kind == 2:
        return {"talk_time_by_interval": [draw.law(draw.unit) for _ in range(n)]}
    if kind == 3:
        scale = [draw.one_of((0.5, 1.0, 2.0)) for _ in range(n)]
        return {"talk_time": draw.law(draw.unit), "talk_scale_by_interval": scale}
    return {"talk_time": draw.law(draw.unit)}


def arrivals(draw: Draw, per_hour: float) -> Any:
    """Arrivals of any kind with about this rate; on the grid usually a replay."""
    expected = per_hour * draw.length / 3600
    n = round(draw.length / draw.interval)
    if draw.whole and draw.chance(0.8):
        grid = draw.rng.integers(0, int(draw.length / draw.tick), draw.rng.poisson(expected) + 1)
        return simcc.TraceArrivals(times=np.sort(grid) * draw.tick)
    kind = draw.whole_number(0, 5)
    busyness = None
    if draw.chance(0.4):
        busyness = simcc.Busyness(cv=0.5, shared=draw.one_of((None, "day")))
    if kind == 0:
        return simcc.PoissonArrivals(rate_per_hour=per_hour, busyness=busyness)
    if kind == 1:
        rates = per_hour * draw.rng.uniform(0, 2, n)
        return simcc.RateArrivals(rates_per_hour=rates, busyness=busyness)
    if kind == 2:
        edges = [0.0, draw.length / 3, draw.length / 2, draw.length]
        rates = per_hour * draw.rng.uniform(0, 2, 3)
        return simcc.RateArrivals(rates_per_hour=rates, edges=edges, busyness=busyness)
    if kind == 3:
        times = [0.0, draw.length / 2, draw.length]
        rates = per_hour * np.array([0, 2, 0])
        return simcc.LinearRateArrivals(times=times, rates_per_hour=rates, busyness=busyness)
    if kind == 4:
        means = [2 * draw.unit, 4 * draw.unit]
        return simcc.MarkovArrivals(rates_per_hour=[2 * per_hour, per_hour / 2], phase_means=means)
    return simcc.TraceArrivals(times=np.sort(draw.rng.uniform(0, draw.length, round(expected))))


def with_follow_ups(
    draw: Draw,
    names: list[str],
    groups: list[simcc.AgentGroup],
    types: list[simcc.ContactType],
    bots: list[simcc.Bot],
) -> tuple[list[simcc.ContactType], list[simcc.Bot]]:
    """Customers who come back for any reason, and who are handed from queue to queue."""
    changed = []
    for kind in types:
        skilled = [group.name for group in groups if kind.name in group.skills]
        changes: dict[str, Any] = {
            "follow_ups": [follow_up(draw, names, skilled) for _ in range(draw.whole_number(0, 2))],
            "resolution": draw.one_of((1.0, 0.6)),
        }
        if draw.chance(0.3):
            changes["resolution_by_group"] = dict.fromkeys(draw.some_of(skilled), 0.3)
        if draw.chance(0.4):
            by_group = dict.fromkeys(draw.some_of(skilled), 0.4) if draw.chance(0.5) else {}
            changes["transfers"] = [
                simcc.Transfer(
                    to=draw.one_of(names),
                    probability=0.2,
                    probability_by_group=by_group,
                    talk_factor=draw.one_of((0.5, 1.0)),
                    patience_factor=draw.one_of((1.0, 2.0)),
                )
                for _ in range(draw.whole_number(1, 2))
            ]
        changed.append(kind.replace(**changes))
    return changed, [
        one.replace(solves=draw.one_of((1.0, 0.5)), gives_up=draw.one_of((one.gives_up, 0.3)))
        for one in bots
    ]


def with_colleagues(
    draw: Draw, types: list[simcc.ContactType], groups: list[simcc.AgentGroup]
) -> list[simcc.ContactType]:
    """Agents who hold one contact ask colleagues, whom they wait for with patience."""
    askable = [kind.name for kind in types if kind.callback is None and kind.outbound is None]
    holders = {name for group in groups if most_held(group) > 1 for name in group.skills}
    changed, asked = [], set()
    for kind in types:
        if kind.name in holders or kind.outbound is not None or not askable:
            changed.append(kind)
            continue
        skilled = [group.name for group in groups if kind.name in group.skills]
        transfers = [one.replace(to=draw.one_of(askable), warm=True) for one in kind.transfers]
        if draw.chance(0.5):
            briefing = draw.law(draw.unit / 4)
            transfers = [one.replace(briefing=briefing) for one in transfers]
        consults = [
            simcc.Consult(
                to=draw.one_of(askable),
                probability=0.2,
                probability_by_group=dict.fromkeys(draw.some_of(skilled, 0), 0.4),
            )
            for _ in range(draw.whole_number(0, 2))
        ]
        asked |= {one.to for one in (*transfers, *consults)}
        changed.append(kind.replace(transfers=transfers, consults=consults))
    return [
        kind.replace(patience=draw.law(4 * draw.unit))
        if kind.name in asked and (kind.patience is None or math.isinf(kind.patience.mean()))
        else kind
        for kind in changed
    ]


def trunks(draw: Draw, types: list[simcc.ContactType]) -> list[simcc.Trunk]:
    """One or two trunks that take in some of the types."""
    names = draw.some_of([kind.name for kind in types if kind.outbound is None])
    cut = draw.whole_number(0, len(names))
    return [
        simcc.Trunk(name=f"trunk {i}", types=some, lines=draw.whole_number(1, 8))
        for i, some in enumerate((names[:cut], names[cut:]))
        if some
    ]


def follow_up(draw: Draw, names: list[str], skilled: list[str]) -> simcc.FollowUp:
    people = draw.chance(0.4)
    when = draw.some_of(("resolved", "unresolved", "served") if people else (
        *("abandoned", "balked", "blocked", "closed", "contained", "falsely_contained"),
        *("gave_up", "bot_lost", "unresolved"),
    ))  # fmt: skip
    return simcc.FollowUp(
        when=when,
        probability=draw.one_of((0.4, 0.5, [0.5, 0.2])),
        probability_by_group=dict.fromkeys(draw.some_of(skilled), 0.1) if people else {},
        delay=simcc.Sample(values=[draw.ticks(0, 8), draw.ticks(1, 16)])
        if draw.whole
        else simcc.Exponential(mean=2 * draw.unit),
        type=draw.one_of(names) if draw.chance(0.3) else None,
        at_most=draw.whole_number(1, 3) if draw.chance(0.5) else None,
        talk_factor=draw.one_of((0.5, 1.0, 2.0)),
        patience_factor=draw.one_of((0.5, 1.0, 2.0)),
    )


def bot(draw: Draw, b: int, names: list[str]) -> simcc.Bot:
    return simcc.Bot(
        name=f"bot{b}",
        sessions=draw.whole_number(1, 3) if draw.chance(0.8) else None,
        when_full=draw.one_of(WHEN_FULL),
        session_time=draw.law(draw.unit / 2),
        contained=draw.one_of((0.0, 0.2, 0.4)),
        gives_up=draw.one_of((0.0, 0.1)),
        escalate_to=draw.one_of(names) if draw.chance(0.5) else None,
        talk_factor=draw.one_of((0.5, 1.0, 2.0)),
        patience_factor=draw.one_of((0.5, 1.0, 2.0)),
    )


# ---------------------------------------------------------------------- routing


def routing(draw: Draw, names: list[str], groups: list[simcc.AgentGroup]) -> simcc.Routing:
    """Each table of each type and group is there or not, names all pairs or some."""
    type_to_groups, group_to_types = {}, {}
    for name in names:
        skilled = [group.name for group in groups if name in group.skills]
        if draw.chance(0.6):
            type_to_groups[name] = [group_option(draw, group) for group in draw.some_of(skilled)]
    for group in groups:
        if draw.chance(0.4):
            group_to_types[group.name] = [
                simcc.TypeOption(type=name, rank=draw.whole_number(1, 2))
                for name in draw.some_of(list(group.skills))
            ]
    return simcc.Routing(type_to_groups=type_to_groups, group_to_types=group_to_types)


def queue_choice(draw: Draw, types: list[simcc.ContactType]) -> dict[str, simcc.QueueChoice]:
    """Perhaps contacts of one type join its own queue or another one's."""
    able = [
        kind.name for kind in types if not (kind.outbound or kind.turns or kind.talk_time_by_group)
    ]
    if len(able) < 2 or draw.chance(0.7):
        return {}
    among = list(draw.rng.permutation(able)[: draw.whole_number(2, len(able))].tolist())
    ways = ("queue_length", "last_answered", "head_of_line", "fewest_waiting")
    return {draw.one_of(among): simcc.QueueChoice(among=among, by=draw.one_of(ways))}


def group_option(draw: Draw, group: str) -> simcc.GroupOption:
    return simcc.GroupOption(
        group=group,
        rank=draw.whole_number(1, 2),
        after=draw.ticks(1, 6) if draw.chance(0.4) else 0.0,
        idle_needed=2 if draw.chance(0.3) else 1,
    )
