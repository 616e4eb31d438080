"""Centers whose numbers are published; where each number is from stands with the function."""

from __future__ import annotations

import math
from datetime import datetime
from importlib.resources import as_file, files

from simcc.model import (
    AgentGroup,
    ContactType,
    Exponential,
    FixedStaff,
    GroupOption,
    Horizon,
    Hours,
    PoissonArrivals,
    RateArrivals,
    Routing,
    Scenario,
    SurvivalCurve,
    Trunk,
    TypeOption,
    Uniform,
    load,
)

MINUTE, HOUR = 60.0, 3600.0


def telethon(volunteers: int = 12, lines: int = 24) -> Scenario:
    """One morning, 6 to 10 o'clock, of a pledge drive on public radio.

    E. Buist and P. L'Ecuyer (2005), A Java library for simulating contact centers, Proceedings of
    the Winter Simulation Conference, 556-565; the numbers are those of its example Telethon,
    adapted from Rockwell's Arena Contact Center Edition (``doc/examples/telethon.tex`` in
    umontreal-simul/contactcenters): 50 donors per hour, talk time exponential with mean 10 min, 12
    volunteers, 24 lines. Patience is exponential with mean 2 min, and whoever has waited 2 min
    leaves a message and goes; at 10 o'clock all who wait are sent away. One queue, one group: an
    instance for staffing and lines, with nothing to route. Results that are published with it, per
    week of five mornings: 963.1 served, 36.8 gone without, 0.3 sent away.

    Parameters
    ----------
    volunteers, lines : int

    Examples
    --------
    >>> telethon().lines
    24
    """
    donor = ContactType(
        name="donor",
        arrivals=PoissonArrivals(rate_per_hour=50),
        talk_time=Exponential(mean=10 * MINUTE),
        patience=_at_most(mean=2 * MINUTE, most=2 * MINUTE),
        hours=Hours(open=((0.0, 4 * HOUR),), at_closing="sent_away"),
    )
    group = AgentGroup(
        name="volunteers", skills={"donor": 1.0}, staff=FixedStaff(agents=volunteers)
    )
    return Scenario(
        name="telethon",
        horizon=Horizon(length=4 * HOUR, interval=HOUR),
        contact_types=(donor,),
        agent_groups=(group,),
        lines=lines,
        thresholds=(MINUTE,),
    )


def _at_most(mean: float, most: float) -> SurvivalCurve:
    """An exponential time, cut off where everybody left ends; straight within each second."""
    times = tuple(float(t) for t in range(1, int(most) + 1))
    alive = tuple(math.exp(-t / mean) for t in times)
    return SurvivalCurve(times=times, survival=alive, tail="last")


def bank(savings: int = 3, checking: int = 4) -> Scenario:
    """One working day, 8 to 17 o'clock, of a bank with two groups of specialists.

    The numbers are those of the example Bank of the ContactCenters library (Buist and L'Ecuyer
    2005, see :func:`telethon`; Table "Input data for the Bank contact center" in
    ``doc/examples/bank.tex``), adapted from Rockwell's Arena Contact Center Edition: calls about
    savings, checking and account balance at 4, 40 and 100 per hour in the first hour and half of it
    afterwards; talk times exponential with means 5, 5 and 1 min, times 0.75 with the specialist;
    patience uniform on 3 to 5, 3 to 5 and 2.5 to 3.5 min; 15 lines. Specialists prefer their own
    type, then whoever has waited longest. Calls about the balance go to the agent idle longest;
    there the original draws one of the idle agents.

    Parameters
    ----------
    savings, checking : int
        Specialists.

    Examples
    --------
    >>> [kind.name for kind in bank().contact_types]
    ['savings', 'checking', 'balance']
    """
    faster = 1 / 0.75
    kinds = [
        _bank_type("savings", 4, 5, (3, 5)),
        _bank_type("checking", 40, 5, (3, 5)),
        _bank_type("balance", 100, 1, (2.5, 3.5)),
    ]
    names = [kind.name for kind in kinds]
    own = ("savings", "checking")
    groups = [
        AgentGroup(
            name=f"{name} specialists",
            skills={kind: faster if kind == name else 1.0 for kind in names},
            staff=FixedStaff(agents=agents),
            cost_per_hour=cost,
        )
        for name, agents, cost in zip(own, (savings, checking), (12.0, 7.5), strict=True)
    ]
    return Scenario(
        name="bank",
        horizon=Horizon(start=datetime(2024, 3, 4, 8), length=9 * HOUR, interval=HOUR),
        contact_types=tuple(kinds),
        agent_groups=tuple(groups),
        trunks=(Trunk(name="lines", types=tuple(names), lines=15),),
        routing=Routing(
            type_to_groups={
                kind: tuple(
                    GroupOption(group=f"{name} specialists", rank=int(kind in own and kind != name))
                    for name in own
                )
                for kind in names
            },
            group_to_types={
                f"{name} specialists": tuple(
                    TypeOption(type=kind, rank=int(kind != name)) for kind in names
                )
                for name in own
            },
        ),
        thresholds=(20.0, 30.0, 60.0, 90.0),
    )


def _bank_type(
    name: str, first_hour: float, talk: float, patience: tuple[float, float]
) -> ContactType:
    """A type of call to the bank; times in min."""
    low, high = (MINUTE * end for end in patience)
    return ContactType(
        name=name,
        arrivals=RateArrivals(rates_per_hour=(first_hour, *[first_hour / 2] * 8)),
        talk_time=Exponential(mean=talk * MINUTE),
        patience=Uniform(low=low, high=high),
        hours=Hours(open=((0.0, 9 * HOUR),), at_closing="sent_away"),
    )


def real_center() -> Scenario:
    """An average Tuesday, 8 to 20 o'clock, of a multi-skill contact center in Rotterdam.

    11 queues, 15 groups, 6,260 calls a day, busyness shared by all queues; its numbers are
    aggregates of a call log of 2014. Where they come from, and how far the scenario is from the
    center: ``simcc/examples/real_center/README.md``.

    Examples
    --------
    >>> len(real_center().agent_groups)
    15
    """
    with as_file(files("simcc") / "examples" / "real_center") as folder:
        return load(folder / "real_center.toml")
