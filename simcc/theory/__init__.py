"""Queueing formulas, the cross-checks beside a simulation.

Times are in seconds, rates per hour, offered loads in erlangs, fractions in [0, 1]; patience and
service laws are anything with a survival function ``sf``. What each model assumes is in the
docstring of its function.
"""

from simcc.theory._check import Law
from simcc.theory._service_level import Denominator
from simcc.theory.agents_needed import agents_needed_a, agents_needed_b, agents_needed_c
from simcc.theory.erlang import ErlangB, ErlangC, erlang_b, erlang_c, erlangs
from simcc.theory.erlang_a import ErlangA, erlang_a
from simcc.theory.infinite import mean_offered_load, offered_load, pointwise_load
from simcc.theory.patience import GeneralPatience, general_patience
from simcc.theory.staffing import (
    IntervalStaffing,
    garnett_beta,
    garnett_p_wait,
    halfin_whitt_beta,
    halfin_whitt_p_wait,
    modified_offered_load,
    square_root_staffing,
)

__all__ = [
    "Denominator",
    "ErlangA",
    "ErlangB",
    "ErlangC",
    "GeneralPatience",
    "IntervalStaffing",
    "Law",
    "agents_needed_a",
    "agents_needed_b",
    "agents_needed_c",
    "erlang_a",
    "erlang_b",
    "erlang_c",
    "erlangs",
    "garnett_beta",
    "garnett_p_wait",
    "general_patience",
    "halfin_whitt_beta",
    "halfin_whitt_p_wait",
    "mean_offered_load",
    "modified_offered_load",
    "offered_load",
    "pointwise_load",
    "square_root_staffing",
]
