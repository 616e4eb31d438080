"""Contact-center simulation: SimPy's clock outside, a compiled kernel inside."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from simcc import gym, instances, metrics, model, plots, theory
    from simcc.assessment import Assessment, assess_bot
    from simcc.counter_draws import uniform_at
    from simcc.errors import (
        OutputError,
        Problem,
        ScenarioError,
        SimccError,
        SimulationError,
        StoreError,
    )
    from simcc.experiments import (
        Comparison,
        PrecisionWarning,
        Ranking,
        SteadyState,
        compare,
        rank,
        simulate_until,
        steady_state,
        with_policies,
    )
    from simcc.model import (
        AgentGroup,
        Announcement,
        Bot,
        BotForType,
        Busyness,
        Callback,
        Concurrency,
        Constant,
        Consult,
        ContactType,
        CustomPolicy,
        Erlang,
        Exponential,
        FactorsBySessions,
        FactorsByTime,
        FastestServerFirst,
        FixedStaff,
        FollowUp,
        Gamma,
        GeneralisedCMu,
        GroupOption,
        HeadCounts,
        Horizon,
        Hours,
        Hyperexponential,
        Interruption,
        Law,
        LeastLoaded,
        LinearRateArrivals,
        Lognormal,
        LongestWait,
        MarkovArrivals,
        MaxWeight,
        Outbound,
        PoissonArrivals,
        QueueRatio,
        RandomRouting,
        RateArrivals,
        Roster,
        RoundRobin,
        Routing,
        Sale,
        Sample,
        Satisfaction,
        Scenario,
        ScipyLaw,
        Shift,
        StaticPriority,
        Step,
        SurvivalCurve,
        Target,
        TraceArrivals,
        Transfer,
        Trunk,
        Turns,
        TypeOption,
        Uniform,
        Weibull,
        WeightBased,
        json_schema,
        load,
    )
    from simcc.replicate import simulate
    from simcc.result import Result
    from simcc.simulation import Simulation

__all__ = [
    "AgentGroup",
    "Announcement",
    "Assessment",
    "Bot",
    "BotForType",
    "Busyness",
    "Callback",
    "Comparison",
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
    "OutputError",
    "PoissonArrivals",
    "PrecisionWarning",
    "Problem",
    "QueueRatio",
    "RandomRouting",
    "Ranking",
    "RateArrivals",
    "Result",
    "Roster",
    "RoundRobin",
    "Routing",
    "Sale",
    "Sample",
    "Satisfaction",
    "Scenario",
    "ScenarioError",
    "ScipyLaw",
    "Shift",
    "SimccError",
    "Simulation",
    "SimulationError",
    "StaticPriority",
    "SteadyState",
    "Step",
    "StoreError",
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
    "assess_bot",
    "compare",
    "gym",
    "instances",
    "json_schema",
    "load",
    "metrics",
    "model",
    "plots",
    "rank",
    "simulate",
    "simulate_until",
    "steady_state",
    "theory",
    "uniform_at",
    "with_policies",
]

_ERRORS = (
    "OutputError",
    "Problem",
    "ScenarioError",
    "SimccError",
    "SimulationError",
    "StoreError",
)
_EXPERIMENTS = (
    *("Comparison", "PrecisionWarning", "Ranking", "SteadyState"),
    *("compare", "rank", "simulate_until", "steady_state", "with_policies"),
)
_SUBMODULES = ("gym", "instances", "metrics", "model", "plots", "theory")
_MODULE_OF = {
    **dict.fromkeys(__all__, "simcc.model"),
    **dict.fromkeys(_ERRORS, "simcc.errors"),
    **dict.fromkeys(_EXPERIMENTS, "simcc.experiments"),
    "Assessment": "simcc.assessment",
    "Result": "simcc.result",
    "Simulation": "simcc.simulation",
    "assess_bot": "simcc.assessment",
    "simulate": "simcc.replicate",
    "uniform_at": "simcc.counter_draws",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: heavy libraries wait until then."""
    if name in _SUBMODULES:
        return import_module(f"simcc.{name}")
    if name in _MODULE_OF:
        found = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
