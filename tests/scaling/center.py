"""A small busy center, and what it means that two results are the same."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np

import simcc
from simcc.metrics import Counters

REPLICATIONS = 40


def center(agents: int = 5, hours: int = 4, **changes: object) -> simcc.Scenario:
    """Calls behind a bot and mail; customers come back."""
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=90),
        talk_time=simcc.Lognormal(mean="4min", cv=1.1),
        patience=simcc.Exponential(mean="2min"),
        bot="helper",
        follow_ups=[simcc.FollowUp(when="abandoned", probability=0.5, delay="10min")],
    )
    mail = simcc.ContactType(
        name="mail",
        arrivals=simcc.PoissonArrivals(rate_per_hour=20),
        talk_time=simcc.Gamma(mean="3min", cv=0.5),
    )
    bot = simcc.Bot(name="helper", session_time=simcc.Gamma(mean=60, cv=0.7), contained=0.3)
    group = simcc.AgentGroup(
        name="agents", skills=["voice", "mail"], staff=simcc.FixedStaff(agents=agents)
    )
    given = {
        "name": "center",
        "horizon": simcc.Horizon(length=f"{hours}h", interval="30min"),
        "contact_types": [voice, mail],
        "bots": [bot],
        "agent_groups": [group],
        "targets": [simcc.Target(share=0.8, within=20)],
    }
    return simcc.Scenario(**(given | changes))  # type: ignore[arg-type]


def arrays(sums: Counters) -> dict[str, np.ndarray]:
    """The arrays of counters by name."""
    return {one.name: getattr(sums, one.name) for one in fields(sums) if one.name != "layout"}


def assert_same_bits(found: Counters, expected: Counters) -> None:
    mine, theirs = arrays(found), arrays(expected)
    for name in theirs:
        assert mine[name].dtype == theirs[name].dtype
        assert mine[name].shape == theirs[name].shape
        assert mine[name].tobytes() == theirs[name].tobytes(), name


def digest(result: simcc.Result) -> str:
    """Of all counters."""
    found = hashlib.sha256()
    for array in arrays(result.sums).values():
        found.update(array.tobytes())
    return found.hexdigest()
