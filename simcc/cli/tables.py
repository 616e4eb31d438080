"""Tables for a terminal: the headline figures, and the observed day beside the simulated one."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simcc.result import Result

HEADLINE = re.compile(
    r"arrivals|offered|served|abandoned|blocked|contained|abandonment|service_level_[\d.e+]+s|asa"
    r"|mean_wait|wait_p90|aht|occupancy|utilisation|mean_queue|max_queue|probability_day_meets_.*"
)
Row = tuple[str, ...]


def headline(result: Result) -> str:
    """The figures of the whole center that people ask for first, with their intervals."""
    summary = result.summary()
    rows: list[Row] = [("whole center", "estimate", "95 % interval", "unit")]
    for row in summary[summary["scope"] == "all"].itertuples():
        if HEADLINE.fullmatch(row.metric):
            interval = f"{figure(row.low, row.unit)} .. {figure(row.high, row.unit)}"
            unknown = math.isnan(row.low)
            rows.append(
                (
                    row.metric,
                    figure(row.estimate, row.unit),
                    "-" if unknown else interval,
                    "%" if row.unit == "share" else row.unit,
                )
            )
    days = "replication" if result.replications == 1 else "replications"
    title = f"{result.scenario.name}, {result.replications} {days}, seed {result.seed}"
    return f"{title}\n\n{aligned(rows)}"


def observed_beside_simulated(path: Path, result: Result) -> str:
    """The rows of a CSV (scope, metric, observed) with the simulated figures beside them."""
    import pandas as pd

    both = pd.read_csv(path).merge(result.summary(), on=["scope", "metric"], how="left")
    rows: list[Row] = [("scope", "metric", "observed", "simulated", "95 % interval", "unit")]
    for row in both.itertuples():
        unit = str(row.unit)
        rows.append(
            (
                row.scope,
                row.metric,
                figure(row.observed, unit),
                figure(row.estimate, unit),
                f"{figure(row.low, unit)} .. {figure(row.high, unit)}",
                "%" if unit == "share" else unit,
            )
        )
    return aligned(rows)


def aligned(rows: list[Row]) -> str:
    """Rows as columns: words to the left, figures to the right.

    >>> print(aligned([("metric", "estimate", "unit"), ("asa", "55.5", "s")]))
    metric  estimate  unit
    asa         55.5  s
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    numeric = [any(_is_figure(cell) for cell in column[1:]) for column in columns]
    lines = []
    for row in rows:
        cells = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _is_figure(cell: str) -> bool:
    return cell[:1].isdigit() or (cell[:1] == "-" and cell[1:2].isdigit())


def figure(value: float, unit: str) -> str:
    """A number as a person reads it, in its column's unit; shares are given in percent.

    >>> figure(0.0692, "share"), figure(55.52, "s"), figure(12345.6, "contacts"), figure(0.31, "s")
    ('6.9', '55.5', '12,346', '0.31')
    >>> figure(float("nan"), "s")
    '-'
    """
    if math.isnan(value):
        return "-"
    if unit == "share":
        return f"{100 * value:.1f}"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
