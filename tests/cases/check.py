"""The statistical rule of shared/cases/README.md: no false alarms, no empty passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import stdtrit

Floats = np.ndarray
Samples = Mapping[str, tuple[Floats, Floats]]  # numerator and denominator of each metric
Verdict = Literal["PASS", "FAIL", "INCONCLUSIVE"]

FAMILY_LEVEL = 1e-4
LEAST_REPLICATIONS = 40
SLACK = 1e-4  # a relative deviation below it is never a failure
EXACT = 1e-9  # relative; for a metric without variance


@dataclass(frozen=True)
class Finding:
    """What one run says of one metric.

    error: standard error of the estimate. t: standard errors between estimate and reference.
    rejected: sign of a rejection, 0 for none.
    """

    name: str
    exact: float
    estimate: float
    error: float
    t: float
    half_width: float
    rejected: int
    verdict: Verdict

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.verdict}, exact {self.exact:.8g}, estimate {self.estimate:.8g} "
            f"+- {self.error:.2g} (t = {self.t:+.2f})"
        )


def bound_of(n_metrics: int, replications: int) -> float:
    """Return the standard errors beyond which the rule rejects, so many metrics being checked."""
    return float(stdtrit(replications - 1, 1 - FAMILY_LEVEL / n_metrics / 2))


def evaluate(metric: Mapping[str, Any], pair: tuple[Floats, Floats], bound: float) -> Finding:
    """Judge one run of one metric.

    Parameters
    ----------
    metric : mapping
        With ``name`` and ``exact``; ``reference_se`` and ``rounding`` of published estimates.
    pair : (float64[R], float64[R])
        Numerator and denominator of each replication.
    bound : float
        Standard errors that a deviation may have; :func:`bound_of` gives the rule's.
    """
    above, below = pair
    n = len(above)
    if n < LEAST_REPLICATIONS:
        raise ValueError(f"{n} replications; the rule needs {LEAST_REPLICATIONS}")
    exact = metric["exact"]
    residual = above - exact * below
    scale = abs(float(below.mean()))
    off = float(residual.mean()) / scale
    error = float(residual.std(ddof=1)) / np.sqrt(n) / scale
    error = float(np.hypot(error, metric.get("reference_se") or 0.0))
    beyond = max(abs(off) - (metric.get("rounding") or 0.0), 0.0)
    if error <= EXACT * max(abs(exact), 1.0):
        t, rejects = 0.0, beyond > EXACT * max(abs(exact), 1.0)
    else:
        t = float(np.copysign(beyond / error, off))
        rejects = abs(t) > bound and beyond > SLACK * abs(exact)
    half_width = bound * error
    verdict: Verdict = "PASS" if half_width <= tolerance(metric["name"], exact) else "INCONCLUSIVE"
    return Finding(
        name=metric["name"],
        exact=exact,
        estimate=float(above.sum() / below.sum()),
        error=error,
        t=t,
        half_width=half_width,
        rejected=int(np.sign(off)) if rejects else 0,
        verdict="FAIL" if rejects else verdict,
    )


# kind: relative and floor for the whole run, relative and floor for one interval
TOLERANCES = {
    "probability": (0.01, 0.003, 0.03, 0.012),
    "rate": (0.01, 0.0, 0.03, 0.0),
    "wait": (0.03, 0.3, 0.08, 1.5),
    "level": (0.03, 0.01, 0.08, 0.03),
    "count": (0.03, 0.0, 0.08, 0.4),
}


def kind_of(name: str) -> str:
    """Return what a metric is, by the name of the published cases.

    >>> [kind_of(name) for name in ("voice.sl_20_offered@2", "A.mean_wait_s", "G.mean_busy_on_A")]
    ['probability', 'wait', 'level']
    """
    what = name.partition("@")[0].rpartition(".")[2]
    if what.startswith(("p_", "sl_")) or what == "utilisation":
        return "probability"
    if what.endswith("_per_s"):
        return "rate"
    if what.startswith("mean_") and what.endswith("_s"):
        return "wait"
    return "level" if what.startswith("mean_") else "count"


def tolerance(name: str, exact: float) -> float:
    """Return the half-width that a metric must reach."""
    share, floor, interval_share, interval_floor = TOLERANCES[kind_of(name)]
    if "@" in name:
        share, floor = interval_share, interval_floor
    return max(share * abs(exact), floor)


def two_stage(
    metrics: list[dict[str, Any]],
    sample: Callable[[int, int], Samples],
    replications: int,
    seed: int,
    bound: float | None = None,
) -> list[Finding]:
    """Judge all metrics of a case; a rejection counts only if a longer fresh run repeats it.

    Parameters
    ----------
    metrics : list of dict
    sample : callable
        ``sample(replications, seed)`` gives numerators and denominators by name.
    replications, seed : int
        Of the first run; the second has four times as many and other seeds.
    bound : float, optional
        Standard errors that a deviation may have; by default the rule's for these metrics alone.
    """
    if bound is None:
        bound = bound_of(len(metrics), replications)
    first = sample(replications, seed)
    found = [evaluate(one, first[one["name"]], bound) for one in metrics]
    if not any(one.rejected for one in found):
        return found
    again = sample(4 * replications, seed + 1)
    repeated = [evaluate(one, again[one["name"]], bound) for one in metrics]
    return [
        _second_opinion(one, other) if one.rejected else one
        for one, other in zip(found, repeated, strict=True)
    ]


def _second_opinion(first: Finding, second: Finding) -> Finding:
    if first.rejected == second.rejected:
        return second
    fits = second.half_width <= tolerance(second.name, second.exact)
    return Finding(**{**vars(second), "verdict": "PASS" if fits else "INCONCLUSIVE"})
