"""Centers that shocks are applied to."""

from __future__ import annotations

from typing import Any

import simcc

HOUR = 3600.0
HORIZON = simcc.Horizon(length="4h", interval="30min")
ROSTER = simcc.Roster(
    shifts=[
        simcc.Shift(agent=f"agent {i}", start=600 * i, end="4h", breaks=[("2h", "2h15min")])
        for i in range(5)
    ]
)


def arrivals() -> dict[str, Any]:
    """One of each kind."""
    return {
        "poisson": simcc.PoissonArrivals(rate_per_hour=60, busyness=simcc.Busyness(cv=0.2)),
        "rates": simcc.RateArrivals(rates_per_hour=[30, 60, 90, 60, 60, 30, 30, 20]),
        "edges": simcc.RateArrivals(rates_per_hour=[40, 80], edges=["0h", "1h40min", "5h"]),
        "linear": simcc.LinearRateArrivals(times=["0h", "2h", "4h"], rates_per_hour=[20, 80, 20]),
        "trace": simcc.TraceArrivals(times=[40.0 * i for i in range(300)]),
        "markov": simcc.MarkovArrivals(rates_per_hour=[20, 120], phase_means=["20min", "10min"]),
    }


def mixed(**changes: Any) -> simcc.Scenario:
    """A type of each kind of arrivals, one behind a bot, and each kind of staff."""
    types = [
        simcc.ContactType(
            name=name,
            arrivals=one,
            talk_time=simcc.Gamma(mean="2min", cv=0.8),
            after_call_work=simcc.Exponential(mean=15),
            patience=simcc.Exponential(mean="90s"),
            bot="helper" if name in ("poisson", "rates") else None,
        )
        for name, one in arrivals().items()
    ]
    names = list(arrivals())
    counts = simcc.HeadCounts(counts=[3, 4, 5, 5, 4, 3, 3, 2])
    groups = [
        simcc.AgentGroup(name="fixed", skills=names[:3], staff=simcc.FixedStaff(agents=6)),
        simcc.AgentGroup(name="counts", skills=names[2:], staff=counts),
        simcc.AgentGroup(name="roster", skills=names, staff=ROSTER),
    ]
    bot = simcc.Bot(name="helper", session_time=simcc.Exponential(mean=60), contained=0.4)
    fields: dict[str, Any] = {
        "horizon": HORIZON,
        "contact_types": types,
        "agent_groups": groups,
        "bots": [bot],
        "targets": [simcc.Target(share=0.7, within=20)],
    }
    return simcc.Scenario(**{**fields, **changes})


def one_type(**changes: Any) -> simcc.Scenario:
    """One type, one group."""
    fields: dict[str, Any] = {
        "name": "voice",
        "arrivals": simcc.PoissonArrivals(rate_per_hour=60),
        "talk_time": simcc.Lognormal(mean="4min", cv=1.1),
        "patience": simcc.Exponential(mean="3min"),
    }
    group = simcc.AgentGroup(name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=5))
    voice = simcc.ContactType(**{**fields, **changes})
    return simcc.Scenario(horizon=HORIZON, contact_types=[voice], agent_groups=[group])


def work(scenario: simcc.Scenario, replication: int = 0, seed: int = 1) -> Any:
    """What the contacts of a replication bring."""
    return simcc.Simulation(scenario, seed=seed, replication=replication).workload
