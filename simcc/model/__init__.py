"""Frozen, checked description of a contact center: no randomness, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simcc.model.agents import AgentGroup, Concurrency, FixedStaff, HeadCounts, Roster, Shift, Staff
from simcc.model.announcements import Announcement, Step
from simcc.model.arrivals import (
    Arrivals,
    Busyness,
    LinearRateArrivals,
    MarkovArrivals,
    PoissonArrivals,
    RateArrivals,
    TraceArrivals,
)
from simcc.model.bots import Bot, BotForType, FactorsBySessions, FactorsByTime
from simcc.model.callbacks import Callback
from simcc.model.colleagues import Consult, Transfer
from simcc.model.contacts import ContactType
from simcc.model.follow_ups import FollowUp
from simcc.model.horizon import Horizon
from simcc.model.hours import Hours
from simcc.model.interruptions import Interruption
from simcc.model.laws import (
    AnyLaw,
    Constant,
    Erlang,
    Exponential,
    Gamma,
    Hyperexponential,
    Law,
    Lognormal,
    Sample,
    ScipyLaw,
    SurvivalCurve,
    Uniform,
    Weibull,
)
from simcc.model.outbound import Outbound
from simcc.model.outcomes import Sale, Satisfaction
from simcc.model.policies import CustomPolicy, LongestWait, Policy, StaticPriority, WeightBased
from simcc.model.published_policies import (
    FastestServerFirst,
    GeneralisedCMu,
    LeastLoaded,
    MaxWeight,
    QueueRatio,
    RandomRouting,
    RoundRobin,
)
from simcc.model.queue_choice import QueueChoice
from simcc.model.routing import GroupOption, Routing, TypeOption
from simcc.model.scenario import Scenario
from simcc.model.targets import Target
from simcc.model.trunks import Trunk
from simcc.model.turns import Turns

if TYPE_CHECKING:
    from simcc.model.files import load
    from simcc.model.schema import json_schema

_LATER = {"load": "simcc.model.files", "json_schema": "simcc.model.schema"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        from importlib import import_module

        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AgentGroup",
    "Announcement",
    "AnyLaw",
    "Arrivals",
    "Bot",
    "BotForType",
    "Busyness",
    "Callback",
    "Concurrency",
    "Constant",
    "Consult",
    "ContactType",
    "CustomPolicy",
    "Erlang",
    "Exponential",
    "FactorsBySessions",
    "FactorsByTime",
    "FastestServerFirst",
    "FixedStaff",
    "FollowUp",
    "Gamma",
    "GeneralisedCMu",
    "GroupOption",
    "HeadCounts",
    "Horizon",
    "Hours",
    "Hyperexponential",
    "Interruption",
    "Law",
    "LeastLoaded",
    "LinearRateArrivals",
    "Lognormal",
    "LongestWait",
    "MarkovArrivals",
    "MaxWeight",
    "Outbound",
    "PoissonArrivals",
    "Policy",
    "QueueChoice",
    "QueueRatio",
    "RandomRouting",
    "RateArrivals",
    "Roster",
    "RoundRobin",
    "Routing",
    "Sale",
    "Sample",
    "Satisfaction",
    "Scenario",
    "ScipyLaw",
    "Shift",
    "Staff",
    "StaticPriority",
    "Step",
    "SurvivalCurve",
    "Target",
    "TraceArrivals",
    "Transfer",
    "Trunk",
    "Turns",
    "TypeOption",
    "Uniform",
    "Weibull",
    "WeightBased",
    "json_schema",
    "load",
]
