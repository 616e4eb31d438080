"""Experiments with scenarios: compare, rank, stress them, simulate until precise enough."""

from simcc.experiments.breaking import breaking_point
from simcc.experiments.breaking_result import BreakingPoint
from simcc.experiments.comparing import compare
from simcc.experiments.comparison import Comparison
from simcc.experiments.limits import Limit
from simcc.experiments.precision import PrecisionWarning, simulate_until
from simcc.experiments.ranking import Ranking, rank
from simcc.experiments.steady import SteadyState, steady_state
from simcc.experiments.stress_result import Stress
from simcc.experiments.stressing import stress
from simcc.experiments.variants import with_policies

__all__ = [
    "BreakingPoint",
    "Comparison",
    "Limit",
    "PrecisionWarning",
    "Ranking",
    "SteadyState",
    "Stress",
    "breaking_point",
    "compare",
    "rank",
    "simulate_until",
    "steady_state",
    "stress",
    "with_policies",
]
