"""Experiments with scenarios: compare them, select the best, simulate until precise enough."""

from simcc.experiments.comparing import compare
from simcc.experiments.comparison import Comparison
from simcc.experiments.precision import PrecisionWarning, simulate_until
from simcc.experiments.ranking import Ranking, rank
from simcc.experiments.reduced import Reduced
from simcc.experiments.reducing import simulate_reduced, with_controls
from simcc.experiments.steady import SteadyState, steady_state
from simcc.experiments.variants import with_policies

__all__ = [
    "Comparison",
    "PrecisionWarning",
    "Ranking",
    "Reduced",
    "SteadyState",
    "compare",
    "rank",
    "simulate_reduced",
    "simulate_until",
    "steady_state",
    "with_controls",
    "with_policies",
]
