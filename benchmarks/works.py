"""The works that throughput is measured on; lengths of time are in mean service times of 100 s."""

from __future__ import annotations

import simcc

UNIT = 100.0  # s; one mean service time
HOUR = 3600.0
W2_CV = 1.2
W2_TYPES = 6


def group_types(g: int) -> list[int]:
    """Types of group g in work 2."""
    types = {g % 6, (g + 1) % 6}
    if g >= 6:
        types.add((g + 3) % 6)
    return sorted(types)


def horizon(contacts: int, rate: float) -> simcc.Horizon:
    """Arrivals on [0, contacts / rate) units, then drain; one interval."""
    length = contacts / rate * UNIT
    return simcc.Horizon(length=length, interval=length)


def work_1(contacts: int) -> simcc.Scenario:
    """One queue: 100 agents, 105 contacts per mean service time, patience of mean 2."""
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=105 * HOUR / UNIT),
        talk_time=simcc.Exponential(mean=UNIT),
        patience=simcc.Exponential(mean=2 * UNIT),
    )
    agents = simcc.AgentGroup(name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=100))
    return simcc.Scenario(
        name="work 1",
        horizon=horizon(contacts, 105),
        contact_types=[voice],
        agent_groups=[agents],
    )


def lognormal_types(n: int, rate: float) -> list[simcc.ContactType]:
    """Types with lognormal service and patience of mean 1.5; the rate is per unit and type."""
    return [
        simcc.ContactType(
            name=f"type {k}",
            arrivals=simcc.PoissonArrivals(rate_per_hour=rate * HOUR / UNIT),
            talk_time=simcc.Lognormal(mean=UNIT, cv=W2_CV),
            patience=simcc.Exponential(mean=1.5 * UNIT),
        )
        for k in range(n)
    ]


def skilled_groups(skills: list[list[int]], agents: int) -> list[simcc.AgentGroup]:
    """A group of as many agents for each list of the types they can do."""
    return [
        simcc.AgentGroup(
            name=f"group {g}",
            skills=[f"type {k}" for k in types],
            staff=simcc.FixedStaff(agents=agents),
        )
        for g, types in enumerate(skills)
    ]


def work_2(contacts: int) -> simcc.Scenario:
    """Six types, ten overlapping groups of 20 agents, lognormal service, load 195 erlangs."""
    groups = skilled_groups([group_types(g) for g in range(10)], agents=20)
    tables = {
        f"type {k}": [
            simcc.GroupOption(group=f"group {g}", rank=g) for g in range(10) if k in group_types(g)
        ]
        for k in range(W2_TYPES)
    }
    return simcc.Scenario(
        name="work 2",
        horizon=horizon(contacts, 195),
        contact_types=lognormal_types(W2_TYPES, rate=32.5),
        agent_groups=groups,
        routing=simcc.Routing(type_to_groups=tables),
    )


def wide(contacts: int, n_types: int, n_groups: int) -> simcc.Scenario:
    """Like work 2 with other numbers of types and groups; each group has three skills."""
    agents = max(1, round(200 / n_groups))
    load = 0.975 * agents * n_groups
    skills = [sorted({(g + step) % n_types for step in (0, 1, 3)}) for g in range(n_groups)]
    return simcc.Scenario(
        name="wide",
        horizon=horizon(contacts, load),
        contact_types=lognormal_types(n_types, rate=load / n_types),
        agent_groups=skilled_groups(skills, agents),
    )


def rostered_day(rostered: bool) -> simcc.Scenario:
    """A day of 12 hours and 200 agents: each with a shift, lunch and two breaks, or all fixed."""
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=1600),
        talk_time=simcc.Lognormal(mean=240, cv=1.0),
        patience=simcc.Exponential(mean=300),
    )
    staff: simcc.Roster | simcc.FixedStaff = simcc.FixedStaff(agents=115)
    if rostered:
        staff = simcc.Roster(shifts=[_shift(a) for a in range(200)])
    return simcc.Scenario(
        name="rostered day" if rostered else "fixed day",
        horizon=simcc.Horizon(start="2024-03-04T08:00", length="12h"),
        contact_types=[voice],
        agent_groups=[simcc.AgentGroup(name="agents", skills=["voice"], staff=staff)],
    )


def _shift(a: int) -> simcc.Shift:
    """Eight hours with lunch and two breaks, at starts and breaks five minutes apart."""
    start = 300.0 * (a % 48)
    breaks = [(start + at, start + at + took) for at, took in (
        (6000.0 + 300 * (a % 3), 900.0), (13500.0 + 300 * (a % 5), 1800.0),
        (21600.0 + 300 * (a % 4), 900.0),
    )]  # fmt: skip
    return simcc.Shift(agent=f"agent {a}", start=start, end=start + 8 * HOUR, breaks=breaks)
