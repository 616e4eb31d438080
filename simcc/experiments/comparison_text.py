"""The main figures of a comparison as text: what a terminal and a notebook show of it first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simcc.metrics import service_level_name
from simcc.result.text import Cells, between, figure, words

if TYPE_CHECKING:
    from simcc.experiments.comparison import EstimateRow, Row
    from simcc.model import Scenario

MAIN = ("abandonment", "asa", "occupancy", "satisfaction", "total_cost")
MOST_COLUMNS = 5
MOST_ROWS = 40


def headline(scenario: Scenario) -> list[str]:
    """Return the names of the main metrics of a scenario."""
    levels = [service_level_name(one.within, one.denominator) for one in scenario.targets]
    levels = levels or [service_level_name(x) for x in scenario.thresholds]
    return [*dict.fromkeys(levels), *MAIN]


def side_by_side(rows: Sequence[EstimateRow], names: Sequence[str]) -> list[Cells]:
    """Return metrics of scenarios: a column for each scenario, or a row if they are many."""
    best = "probability of being best, %"
    if len(names) > MOST_COLUMNS:
        long: list[Cells] = [("whole center", "scenario", "estimate", "unit", best)]
        return long + [
            (
                row.metric, row.scenario, figure(row.estimate, row.unit), words(row.unit),
                _chance(row),
            )
            for row in rows
        ]  # fmt: skip
    table: list[Cells] = [("whole center", *names, "unit", best)]
    for metric in dict.fromkeys(row.metric for row in rows):
        mine = [row for row in rows if row.metric == metric]
        chances = " / ".join(filter(None, map(_chance, mine)))
        unit = mine[0].unit
        values = (figure(row.estimate, unit) for row in mine)
        table.append((metric, *values, words(unit), chances))
    return table


def _chance(row: EstimateRow) -> str:
    known = not math.isnan(row.probability_best)
    return figure(row.probability_best, "share") if known else ""


def compared(rows: Sequence[Row], confidence: float) -> list[Cells]:
    """Return differences with their intervals."""
    interval = f"{100 * confidence:g} % interval"
    table: list[Cells] = [("metric", "scenario", "against", "difference", interval, "unit", "")]
    for row in rows[:MOST_ROWS]:
        table.append(
            (
                row.metric, row.scenario, row.against, figure(row.difference, row.unit),
                between(row.low, row.high, row.unit), words(row.unit), row.meaning,
            )
        )  # fmt: skip
    left = len(rows) - MOST_ROWS
    if left > 0:
        table.append((f"... and {left} more", *[""] * 6))
    return table
