"""How much variance is saved, and how often intervals hold, where the exact values are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import busy_centers
import numpy as np
import pandas as pd

import simcc
from simcc.result.tables import SUMMARY_COLUMNS, summary_rows

CONFIDENCE = 0.95
RATIOS = ("service_level_20s_offered", "asa", "abandonment", "occupancy")


@dataclass(frozen=True)
class Saving:
    """One metric by one method.

    Attributes
    ----------
    center, method, metric : str
    held, experiments : int
        Intervals that hold the exact value, of so many.
    reported, seen : float
        The mean variance ratio that experiments report, and the variance of their estimates over
        that of plain runs of the same size.
    half_width : float
        Mean.
    bias : float
        Of the mean estimate, in its standard errors.
    """

    center: str
    method: str
    metric: str
    held: int
    experiments: int
    reported: float
    seen: float
    half_width: float
    bias: float

    @property
    def share(self) -> float:
        """Of the intervals that hold."""
        return self.held / self.experiments

    @property
    def error(self) -> float:
        """Standard error of the share, were it as promised."""
        return float(np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / self.experiments))

    @property
    def error_of_seen(self) -> float:
        """Relative standard error of the ratio of two sample variances."""
        return float(np.sqrt(4 / (self.experiments - 1)))


def centers() -> dict[str, simcc.Scenario]:
    """Erlang A with busy and quiet days, one line or two, and without."""
    return {
        "one line": busy_centers.center(),
        "two lines": busy_centers.center(types=2),
        "no busyness": busy_centers.center(cv=0),
    }


def savings(name: str, experiments: int, replications: int, seed: int) -> Iterator[Saving]:
    """All methods on a center; experiment e has seed ``seed + e``."""
    center = centers()[name]
    exact = busy_centers.exact(0.0 if name == "no busyness" else busy_centers.CV)
    run = partial(simcc.simulate, center, replications=replications)
    tables = {"plain": [], "controls": []}
    for e in range(experiments):
        result = run(seed=seed + e)
        rows = summary_rows(center, result.sums, CONFIDENCE, ("all",), set(RATIOS))
        tables["plain"].append(_of(pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))))
        tables["controls"].append(_of(simcc.with_controls(result, metrics=RATIOS).summary()))
    busy = ("stratified", "rqmc") if name != "no busyness" else ()
    for method in ("antithetic", *busy):
        again = partial(
            simcc.simulate_reduced, center, method, replications=replications, metrics=RATIOS
        )
        tables[method] = _run(again, experiments, seed)
    plain = np.array(tables["plain"])
    for method, found in tables.items():
        yield from _savings(name, method, np.array(found), plain, exact)


def _run(again: Callable[..., simcc.Reduced], experiments: int, seed: int) -> list[np.ndarray]:
    return [_of(again(seed=seed + e).summary()) for e in range(experiments)]


def _of(table: pd.DataFrame) -> np.ndarray:
    """Estimate, ends of the interval and variance ratio of each metric."""
    rows = table[table["scope"] == "all"].set_index("metric").loc[list(RATIOS)]
    return rows.reindex(columns=["estimate", "low", "high", "variance_ratio"]).to_numpy(float)


def _savings(
    center: str, method: str, found: np.ndarray, plain: np.ndarray, exact: dict[str, float]
) -> Iterator[Saving]:
    n = len(found)
    for m, metric in enumerate(RATIOS):
        estimate, low, high, ratio = found[:, m].T
        true, spread = exact[metric], estimate.std(ddof=1)
        yield Saving(
            center,
            method,
            metric,
            held=int(((low <= true) & (true <= high)).sum()),
            experiments=n,
            reported=1.0 if method == "plain" else float(ratio.mean()),
            seen=float(spread**2 / plain[:, m, 0].var(ddof=1)),
            half_width=float((high - low).mean() / 2),
            bias=float((estimate.mean() - true) / spread * np.sqrt(n)),
        )
