"""Experiments with scenarios: compare, select, tune, stress, simulate until precise enough."""

from simcc.experiments.breaking import breaking_point
from simcc.experiments.breaking_result import BreakingPoint
from simcc.experiments.comparing import compare
from simcc.experiments.comparison import Comparison
from simcc.experiments.derivatives import Sensitivity, sensitivity
from simcc.experiments.factors import Containment, HandleTime, HeadCount, Patience, Volume
from simcc.experiments.indices import Sobol
from simcc.experiments.limits import Limit
from simcc.experiments.objective import AtLeast, AtMost, Formula
from simcc.experiments.parameters import Choice, Continuous, Integer
from simcc.experiments.places import with_values
from simcc.experiments.precision import PrecisionWarning, simulate_until
from simcc.experiments.ranking import Ranking, rank
from simcc.experiments.reduced import Reduced
from simcc.experiments.reducing import simulate_reduced, with_controls
from simcc.experiments.sampling import sobol
from simcc.experiments.shaken import shake
from simcc.experiments.shaken_result import Shaken
from simcc.experiments.steady import SteadyState, steady_state
from simcc.experiments.stress_result import Stress
from simcc.experiments.stressing import stress
from simcc.experiments.tuned import Tuning
from simcc.experiments.tuning import tune
from simcc.experiments.variants import with_policies

__all__ = [
    "AtLeast",
    "AtMost",
    "BreakingPoint",
    "Choice",
    "Comparison",
    "Containment",
    "Continuous",
    "Formula",
    "HandleTime",
    "HeadCount",
    "Integer",
    "Limit",
    "Patience",
    "PrecisionWarning",
    "Ranking",
    "Reduced",
    "Sensitivity",
    "Shaken",
    "Sobol",
    "SteadyState",
    "Stress",
    "Tuning",
    "Volume",
    "breaking_point",
    "compare",
    "rank",
    "sensitivity",
    "shake",
    "simulate_reduced",
    "simulate_until",
    "sobol",
    "steady_state",
    "stress",
    "tune",
    "with_controls",
    "with_policies",
    "with_values",
]
