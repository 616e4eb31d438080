"""Small centers whose exact figures Erlang's formulas give."""

from __future__ import annotations

import simcc
from simcc.theory import ErlangA, erlang_a

RATE, TALK, PATIENCE = 100.0, 180.0, 120.0


def center(agents: int, *, length: str = "3h", rate: float = RATE) -> simcc.Scenario:
    """Erlang A: half an hour to settle, and half an hour to finish undisturbed."""
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
        talk_time=simcc.Exponential(mean=TALK),
        patience=simcc.Exponential(mean=PATIENCE),
    )
    group = simcc.AgentGroup(
        name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=agents), cost_per_hour=30
    )
    return simcc.Scenario(
        name=f"{agents} agents",
        horizon=simcc.Horizon(length=length, interval="30min", warmup="30min", cooldown="30min"),
        contact_types=[voice],
        agent_groups=[group],
        targets=[simcc.Target(share=0.8, within=20)],
    )


def exact(agents: int, rate: float = RATE) -> ErlangA:
    """The formulas for :func:`center`."""
    return erlang_a(agents, rate, TALK, PATIENCE)
