"""The canonical designs of skill-based routing, by the letters that they are drawn as.

The letters are those of O. Garnett and A. Mandelbaum (2000), An introduction to skills-based
routing and its operational complexities, teaching note, Technion. All laws are exponential, so with
few agents and lines each design is a small Markov chain. Sizes and rates by default are our own.

Each design takes the same arguments:

rates_per_hour
    Contacts per hour, by type.
agents
    How many, by group.
talk_times
    Means by type (s, or a text such as "3min").
patience
    Mean (s, or a text); None: they wait for ever.
away_speed
    Speed of agents with types that are not their group's own; 1 with their own.
lines
    Contacts in the system at most; None: no limit.
policy
    An index policy; None: the longest wait, and the agent idle longest.
length
    Of the horizon; its interval is an hour, or the whole if that is shorter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simcc.errors import SimulationError
from simcc.model import (
    AgentGroup,
    ContactType,
    Exponential,
    FixedStaff,
    Horizon,
    PoissonArrivals,
    Routing,
    Scenario,
)
from simcc.model.policies import Policy
from simcc.periods import seconds

Duration = float | str
AWAY = 0.8


def v_design(
    rates_per_hour: Sequence[float] = (90, 45),
    agents: Sequence[int] = (8,),
    talk_times: Sequence[Duration] = ("3min", "4min"),
    patience: Duration | None = "5min",
    lines: int | None = None,
    policy: Policy | str | None = None,
    length: Duration = "8h",
) -> Scenario:
    """V: types a and b, one group that serves both; the only choice is whom to serve next.

    Parameters are those of :mod:`simcc.instances.designs`.

    Examples
    --------
    >>> v_design(agents=(5,)).agent_groups[0].staff.agents
    5
    """
    groups = {"g1": {"a": 1.0, "b": 1.0}}
    parts = _parts("ab", groups, rates_per_hour, agents, talk_times, patience)
    return _scenario("V design", parts, lines, policy, length)


def n_design(
    rates_per_hour: Sequence[float] = (90, 50),
    agents: Sequence[int] = (4, 5),
    talk_times: Sequence[Duration] = ("3min", "4min"),
    patience: Duration | None = "5min",
    away_speed: float = AWAY,
    lines: int | None = None,
    policy: Policy | str | None = None,
    length: Duration = "8h",
) -> Scenario:
    """N: group g1 serves type a, group g2 its own type b and also a.

    Parameters are those of :mod:`simcc.instances.designs`. The N is studied by J. M. Harrison
    (1998), Heavy traffic analysis of a system with parallel servers: asymptotic optimality of
    discrete-review policies, Annals of Applied Probability 8(3), 822-848.

    Examples
    --------
    >>> [list(group.skills) for group in n_design().agent_groups]
    [['a'], ['b', 'a']]
    """
    groups = {"g1": {"a": 1.0}, "g2": {"b": 1.0, "a": away_speed}}
    parts = _parts("ab", groups, rates_per_hour, agents, talk_times, patience)
    return _scenario("N design", parts, lines, policy, length)


def x_design(
    rates_per_hour: Sequence[float] = (80, 60),
    agents: Sequence[int] = (4, 4),
    talk_times: Sequence[Duration] = ("3min", "4min"),
    patience: Duration | None = "5min",
    away_speed: float = AWAY,
    lines: int | None = None,
    policy: Policy | str | None = None,
    length: Duration = "8h",
) -> Scenario:
    """X: group g1 for type a, group g2 for type b, and each helps the other.

    Parameters are those of :mod:`simcc.instances.designs`. O. Perry and W. Whitt (2009), Responding
    to unexpected overloads in large-scale service systems, Management Science 55(8), 1353-1367,
    study when such help does harm.

    Examples
    --------
    >>> dict(x_design(away_speed=0.5).agent_groups[0].skills)
    {'a': 1.0, 'b': 0.5}
    """
    groups = {"g1": {"a": 1.0, "b": away_speed}, "g2": {"b": 1.0, "a": away_speed}}
    parts = _parts("ab", groups, rates_per_hour, agents, talk_times, patience)
    return _scenario("X design", parts, lines, policy, length)


def w_design(
    rates_per_hour: Sequence[float] = (50, 50, 50),
    agents: Sequence[int] = (4, 4),
    talk_times: Sequence[Duration] = ("3min", "3min", "3min"),
    patience: Duration | None = "5min",
    lines: int | None = None,
    policy: Policy | str | None = None,
    length: Duration = "8h",
) -> Scenario:
    """W: group g1 serves types a and b, group g2 types b and c.

    Parameters are those of :mod:`simcc.instances.designs`.

    Examples
    --------
    >>> [list(group.skills) for group in w_design().agent_groups]
    [['a', 'b'], ['b', 'c']]
    """
    groups = {"g1": {"a": 1.0, "b": 1.0}, "g2": {"b": 1.0, "c": 1.0}}
    parts = _parts("abc", groups, rates_per_hour, agents, talk_times, patience)
    return _scenario("W design", parts, lines, policy, length)


def m_design(
    rates_per_hour: Sequence[float] = (75, 55),
    agents: Sequence[int] = (3, 3, 2),
    talk_times: Sequence[Duration] = ("3min", "4min"),
    patience: Duration | None = "5min",
    away_speed: float = AWAY,
    lines: int | None = None,
    policy: Policy | str | None = None,
    length: Duration = "8h",
) -> Scenario:
    """M: group g1 for type a, group g2 for type b, and group g3 for both, at the away speed.

    Parameters are those of :mod:`simcc.instances.designs`.

    Examples
    --------
    >>> dict(m_design().agent_groups[2].skills)
    {'a': 0.8, 'b': 0.8}
    """
    groups = {"g1": {"a": 1.0}, "g2": {"b": 1.0}, "g3": {"a": away_speed, "b": away_speed}}
    parts = _parts("ab", groups, rates_per_hour, agents, talk_times, patience)
    return _scenario("M design", parts, lines, policy, length)


def _parts(
    types: str,
    groups: Mapping[str, Mapping[str, float]],
    rates: Sequence[float],
    agents: Sequence[int],
    talk_times: Sequence[Duration],
    patience: Duration | None,
) -> tuple[tuple[ContactType, ...], tuple[AgentGroup, ...]]:
    """The contact types and the agent groups of a design."""
    for name, values, of in (
        ("rates_per_hour", rates, list(types)),
        ("agents", agents, list(groups)),
        ("talk_times", talk_times, list(types)),
    ):
        if len(values) != len(of):
            have = f"{name} has {len(values)} entries"
            raise SimulationError(f"{have}; it must have {len(of)}, one for each of {of}")
    kinds = tuple(
        ContactType(
            name=name,
            arrivals=PoissonArrivals(rate_per_hour=rate),
            talk_time=Exponential(mean=_s(talk)),
            patience=None if patience is None else Exponential(mean=_s(patience)),
        )
        for name, rate, talk in zip(types, rates, talk_times, strict=True)
    )
    return kinds, tuple(
        AgentGroup(name=name, skills=dict(skills), staff=FixedStaff(agents=number))
        for (name, skills), number in zip(groups.items(), agents, strict=True)
    )


def _s(time: Duration) -> float:
    """A time in s."""
    return seconds(time) if isinstance(time, str) else time


def _scenario(
    name: str,
    parts: tuple[tuple[ContactType, ...], tuple[AgentGroup, ...]],
    lines: int | None,
    policy: Any,
    length: Duration,
) -> Scenario:
    kinds, groups = parts
    whole = _s(length)
    return Scenario(
        name=name,
        horizon=Horizon(length=whole, interval=min(3600.0, whole)),
        contact_types=kinds,
        agent_groups=groups,
        thresholds=(20.0,),
        lines=lines,
        routing=Routing(policy=policy),
    )
