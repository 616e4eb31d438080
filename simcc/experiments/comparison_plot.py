"""The picture of a comparison: differences with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simcc.experiments.directions import better
from simcc.plots.drawing import INK, SOFT, axes, style
from simcc.result.text import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simcc.experiments.comparison import BestRow, Row

GREEN, RED, BLUE = "#3f9b6c", "#c8553d", "#2a6fbb"
COLORS = {
    "better": GREEN, "worse": RED, "higher": BLUE, "lower": BLUE,
    "best": GREEN, "not the best": RED,
}  # fmt: skip


def draw(rows: Sequence[Row], confidence: float, ax: Axes | None) -> Axes:
    """Draw the rows of one metric, one below the other."""
    ax = _intervals(rows, [f"{row.scenario} - {row.against}" for row in rows], ax)
    ax.set_xlabel(f"difference of {_unit(rows[0])}")
    together = "" if len(rows) == 1 else ", all at once"
    colors = "\ngreen: better, red: worse" if better(rows[0].metric) else ""
    style(ax, f"{100 * confidence:g} % intervals{together}{colors}")
    return _along_x(ax)


def draw_best(rows: Sequence[BestRow], confidence: float, ax: Axes | None) -> Axes:
    """Draw the rows of one metric against the best of the others, one below the other."""
    ax = _intervals(rows, [row.scenario for row in rows], ax)
    ax.set_xlabel(f"{_unit(rows[0])}\nless that of the best of the others")
    style(ax, f"{100 * confidence:g} % intervals, all at once\ngreen: best, red: not the best")
    return _along_x(ax)


def _intervals(rows: Sequence[Row | BestRow], names: Sequence[str], ax: Axes | None) -> Axes:
    """Draw an interval for each row, and 0."""
    ax = axes(ax)
    per = 100.0 if rows[0].unit == "share" else 1.0
    ax.axvline(0, color=INK, linewidth=1.0, zorder=1)
    for place, row in enumerate(rows):
        color = COLORS.get(row.meaning, SOFT)
        low, middle, high = (per * x for x in (row.low, row.difference, row.high))
        ax.plot([low, high], [place, place], color=color, linewidth=2.4, solid_capstyle="butt")
        ax.plot(middle, place, "o", color=color, markersize=6, markeredgecolor="white", zorder=3)
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    return ax


def _unit(row: Row | BestRow) -> str:
    scope = "" if row.scope == "all" else f", {row.scope}"
    return (
        f"{row.metric}{scope} ({'percentage points' if row.unit == 'share' else words(row.unit)})"
    )


def _along_x(ax: Axes) -> Axes:
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#e6ebef", linewidth=0.8)
    return ax
