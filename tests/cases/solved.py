"""All cases of our own with their exact values; solved once, when first asked for."""

from __future__ import annotations

from functools import cache

import closed_forms
import own_models
from counters import parts, value
from exact import Counts, expected_counters
from own_models import FEWEST, Case, metrics_of

MARKOV = {one["id"]: one for one in own_models.all_cases()}
NAMES = [*MARKOV, *closed_forms.names()]


@cache
def counters(name: str) -> Counts:
    """Expected counters of a Markov case."""
    case = MARKOV[name]
    return expected_counters(case | {"metrics": metrics_of(case)}, case["cap"])


@cache
def case(name: str) -> Case:
    """A case with the metrics that a quick run can estimate, and their exact values.

    Metrics of what hardly ever happens are left out: without one event in a run there is no
    standard error.
    """
    if name not in MARKOV:
        return closed_forms.case(name)
    expected = counters(name)
    fewest = FEWEST / MARKOV[name]["replications"]
    metrics = [one for one in metrics_of(MARKOV[name]) if parts(one, expected)[0] >= fewest]
    return MARKOV[name] | {
        "metrics": [one | {"exact": value(one, expected)} for one in metrics]
    }  # fmt: skip
