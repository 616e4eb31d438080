"""The picture of a comparison: differences with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simcc.experiments.directions import better
from simcc.plots.drawing import INK, SOFT, axes, style
from simcc.result.text import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simcc.experiments.comparison import Row

COLORS = {"better": "#3f9b6c", "worse": "#c8553d", "higher": "#2a6fbb", "lower": "#2a6fbb"}


def draw(rows: Sequence[Row], confidence: float, ax: Axes | None) -> Axes:
    """Draw the rows of one metric, one below the other."""
    ax = axes(ax)
    unit = rows[0].unit
    per = 100.0 if unit == "share" else 1.0
    ax.axvline(0, color=INK, linewidth=1.0, zorder=1)
    for place, row in enumerate(rows):
        color = COLORS.get(row.meaning, SOFT)
        low, middle, high = (per * x for x in (row.low, row.difference, row.high))
        ax.plot([low, high], [place, place], color=color, linewidth=2.4, solid_capstyle="butt")
        ax.plot(middle, place, "o", color=color, markersize=6, markeredgecolor="white", zorder=3)
    ax.set_yticks(range(len(rows)), [f"{row.scenario} - {row.against}" for row in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    scope = "" if rows[0].scope == "all" else f", {rows[0].scope}"
    points = "percentage points" if unit == "share" else words(unit)
    ax.set_xlabel(f"difference of {rows[0].metric}{scope} ({points})")
    together = "" if len(rows) == 1 else ", all at once"
    colors = "\ngreen: better, red: worse" if better(rows[0].metric) else ""
    style(ax, f"{100 * confidence:g} % intervals{together}{colors}")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#e6ebef", linewidth=0.8)
    return ax
