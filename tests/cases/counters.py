"""The counters of the case language: how a metric is written, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

_T = TypeVar("_T")


def parts(metric: dict[str, Any], counters: Mapping[str, _T]) -> tuple[Any, Any]:
    """Return numerator and denominator of a metric, from counters by name."""
    return _sum(metric["num"], counters), _sum(metric["den"], counters)


def value(metric: dict[str, Any], expected: Mapping[str, float]) -> float:
    """Return E[num] / E[den] of a metric; NaN where the denominator is 0."""
    above, below = parts(metric, expected)
    return float(above / below) if below else float("nan")


def _sum(terms: Any, counters: Mapping[str, Any]) -> Any:
    total: Any = 0.0
    for term in terms if isinstance(terms, list) else [terms]:
        if isinstance(term, str):
            sign = -1.0 if term.startswith("-") else 1.0
            total = total + sign * counters[term.removeprefix("-")]
        else:
            total = total + term
    return total


def names_of(case: dict[str, Any]) -> list[str]:
    """Return the counters that the metrics of a case name."""
    found = []
    for metric in case["metrics"]:
        for terms in (metric["num"], metric["den"]):
            for term in terms if isinstance(terms, list) else [terms]:
                if isinstance(term, str):
                    found.append(term.removeprefix("-"))
    return list(dict.fromkeys(found))


def thresholds_of(case: dict[str, Any]) -> list[float]:
    """Return the waits (s) "within" which a case counts: those it lists and those it uses."""
    used = (re.search(r"_le_([0-9.e+-]+)", name) for name in names_of(case))
    asked = {float(found[1]) for found in used if found}
    return sorted(asked | {float(x) for x in case["model"].get("thresholds_s") or []})
