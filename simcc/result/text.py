"""The main figures of a result as text: what a terminal and a notebook show of it first."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simcc.metrics import service_level_name
from simcc.metrics.catalogue import LEVELS
from simcc.plots import of_whom
from simcc.result.tables import Row, summary_rows

if TYPE_CHECKING:
    from simcc.metrics import Counters
    from simcc.model import Scenario, Target

HEADLINE = (
    "arrivals", "contained", "offered", "served", "abandoned", "balked", "blocked", "in_progress",
    "abandonment", "containment", "asa", "wait_p90", "aht", "occupancy", "mean_queue", "max_queue",
)  # fmt: skip
ALWAYS = ("offered", "served", "abandoned")  # other counts are left out where they are zero
INTERVAL = "95 % interval"
Cells = tuple[str, ...]


def headline(scenario: Scenario, counters: Counters) -> list[Cells]:
    """Return the main figures of the whole center as cells, under a row of headings."""
    levels = [service_level_name(x) for x in sorted({float(x) for x in scenario.thresholds})]
    rows = summary_rows(scenario, counters, 0.95, ("all",), {*HEADLINE, *levels})
    return [
        ("whole center", "estimate", INTERVAL, "unit"),
        *(
            (row[1], *estimate(row), words(row[6]))
            for row in rows
            if _tells(row) and (row[1] != "arrivals" or scenario.bots)  # else all are offered
        ),
    ]


def _tells(row: Row) -> bool:
    _, metric, value, _, _, _, unit = row
    return value > 0 or metric in ALWAYS or (unit != "contacts" and not math.isnan(value))


def targets(scenario: Scenario, counters: Counters) -> list[Cells]:
    """Return what became of the targets as cells, under a row of headings; empty without any."""
    head = ("target", "reached, %", INTERVAL, "days that reach it, %", INTERVAL)
    return [head, *_targets(scenario, counters)] if scenario.targets else []


def _targets(scenario: Scenario, counters: Counters) -> Iterator[Cells]:
    names = [(_level_name(target), days_name(target)) for target in scenario.targets]
    wanted = {name for pair in names for name in pair}
    rows = summary_rows(scenario, counters, 0.95, ("all", "type"), wanted)
    found = {(row[0], row[1]): row for row in rows}
    for target, (level, days) in zip(scenario.targets, names, strict=True):
        scope = f"type:{target.type}" if target.type else "all"
        yield (
            target_words(target),
            *estimate(found[scope, level]),
            *estimate(found[scope, days]),
        )


def _level_name(target: Target) -> str:
    return service_level_name(target.within, target.denominator)


def days_name(target: Target) -> str:
    suffix, _ = LEVELS[target.denominator]
    return f"probability_day_meets_{target.share:g}_in_{target.within:g}s{suffix}"


def target_words(target: Target) -> str:
    """Say a target in words.

    >>> from simcc.model import Target
    >>> target_words(Target(share=0.8, within=20, type="sales", denominator="served"))
    'sales: 80 % within 20 s, of the served'
    """
    who, whom = target.type or "all contacts", of_whom(target.denominator)
    return f"{who}: {100 * target.share:g} % within {target.within:g} s, {whom}"


def estimate(row: Row) -> tuple[str, str]:
    """Return estimate and interval of a row of the summary as a person reads them."""
    _, _, value, low, high, _, unit = row
    return figure(value, unit), between(low, high, unit)


def between(low: float, high: float, unit: str) -> str:
    """Return an interval as a person reads it; "-" where there is none.

    >>> between(0.0534, 0.0639, "share"), between(float("nan"), float("nan"), "s")
    ('5.3 .. 6.4', '-')
    """
    if math.isnan(low) and math.isnan(high):
        return "-"
    return f"{figure(low, unit)} .. {figure(high, unit)}"


def words(unit: str) -> str:
    """Return the unit that figures are shown in."""
    return "%" if unit == "share" else unit


def figure(value: float, unit: str) -> str:
    """Return a number as a person reads it, in its column's unit; shares are given in percent.

    >>> figure(0.0692, "share"), figure(55.52, "s"), figure(12345.6, "contacts"), figure(0.31, "s")
    ('6.9', '55.5', '12,346', '0.31')
    >>> figure(3.0, "contacts"), figure(float("nan"), "s")
    ('3', '-')
    """
    if math.isnan(value):
        return "-"
    if unit == "share":
        return f"{100 * value:.1f}"
    if unit == "score":
        return f"{value:.3f}"
    if unit == "contacts" and value == round(value):
        return f"{value:,.0f}"
    digits = 0 if abs(value) >= 999.5 else 1 if abs(value) >= 9.995 else 2
    return f"{value:,.{digits}f}"


def aligned(rows: Sequence[Cells]) -> str:
    """Return rows as lines with columns: words to the left, figures to the right.

    >>> print(aligned([("metric", "estimate", "unit"), ("asa", "55.5", "s"), ("aht", "-", "s")]))
    metric  estimate  unit
    asa         55.5  s
    aht            -  s
    """
    columns = [_even(column) for column in zip(*rows, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    numeric = [any(_is_figure(cell.strip()) for cell in column[1:]) for column in columns]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        ).rstrip()
        for row in zip(*columns, strict=True)
    )


def _even(column: Cells) -> Cells:
    """Pad the upper ends of intervals, so that their dots stand below each other."""
    ends = [cell.partition(" .. ")[2] for cell in column]
    width = max(map(len, ends))
    return tuple(
        f"{cell[: -len(end)]}{end.rjust(width)}" if end else cell
        for cell, end in zip(column, ends, strict=True)
    )


def _is_figure(cell: str) -> bool:
    return cell == "-" or cell[:1].isdigit() or (cell[:1] == "-" and cell[1:2].isdigit())


def as_html(rows: Sequence[Cells]) -> str:
    """Return rows as an HTML table, the first one as its head."""

    def line(row: Cells, tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"

    body = "".join(line(row, "td") for row in rows[1:])
    return f"<table><thead>{line(rows[0], 'th')}</thead><tbody>{body}</tbody></table>"
