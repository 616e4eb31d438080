"""Erlang A whose rate is that of a busy or a quiet day, and its exact figures."""

from __future__ import annotations

from functools import lru_cache

from scipy import stats
from scipy.integrate import quad

import simcc
from simcc.theory import erlang_a

RATE, TALK, PATIENCE = 60.0, 180.0, 120.0
AGENTS, CV = 4, 0.25
SHORT = {"length": "2h", "interval": "30min", "warmup": "30min", "cooldown": "30min"}


def center(cv: float = CV, types: int = 1, agents: int = AGENTS) -> simcc.Scenario:
    """Types with agents and busyness of their own: each is a center for itself."""
    names = [f"line {k + 1}" for k in range(types)]
    busyness = simcc.Busyness(cv=cv) if cv else None
    return simcc.Scenario(
        name="busy",
        horizon=simcc.Horizon(**SHORT),
        contact_types=[
            simcc.ContactType(
                name=name,
                arrivals=simcc.PoissonArrivals(rate_per_hour=RATE, busyness=busyness),
                talk_time=simcc.Exponential(mean=TALK),
                patience=simcc.Exponential(mean=PATIENCE),
            )
            for name in names
        ],
        agent_groups=[
            simcc.AgentGroup(name=name, skills=[name], staff=simcc.FixedStaff(agents=agents))
            for name in names
        ],
        targets=[simcc.Target(share=0.8, within=20)],
    )


@lru_cache
def exact(cv: float = CV, agents: int = AGENTS) -> dict[str, float]:
    """Figures of Erlang A with a gamma rate: totals of all days, numerators over denominators."""
    factor = stats.gamma(1 / cv**2, scale=cv**2) if cv else None

    def over_days(figure: str, weight: str) -> float:
        def one(u: float) -> float:
            rate = RATE * (1.0 if factor is None else float(factor.ppf(u)))
            of = erlang_a(agents, rate, TALK, PATIENCE)
            value = of.service_level(20) if figure == "service_level" else getattr(of, figure)
            served = rate * (1 - of.p_abandon)
            return value * {"offered": rate, "served": served, "time": 1.0}[weight]

        return one(0.5) if factor is None else quad(one, 0, 1, limit=200)[0]

    lost, offered = over_days("p_abandon", "offered"), RATE
    return {
        "abandonment": lost / offered,
        "service_level_20s_offered": over_days("service_level", "offered") / offered,
        "asa": over_days("asa", "served") / (offered - lost),
        "occupancy": over_days("occupancy", "time"),
        "offered": offered,
    }


METRICS = ("service_level_20s_offered", "asa", "abandonment", "occupancy", "offered")
