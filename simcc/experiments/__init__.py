"""Experiments with scenarios: compare them, select the best, simulate until precise enough."""

from simcc.experiments.comparing import compare
from simcc.experiments.comparison import Comparison
from simcc.experiments.variants import with_policies

__all__ = ["Comparison", "compare", "with_policies"]
