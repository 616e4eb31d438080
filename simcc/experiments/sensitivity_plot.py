"""The pictures of sensitivity: derivatives as bars, and indices of Sobol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.errors import SimulationError
from simcc.plots.drawing import INK, axes, style
from simcc.result.text import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simcc.experiments.derivatives import Row
    from simcc.experiments.indices import SobolRow

MORE, LESS, LIGHT = "#2a6fbb", "#c8553d", "#9dc3e6"


def rows_of(rows: Sequence[Any], metric: str, scope: str) -> list[Any]:
    """Return the rows of one metric; SimulationError if there is none."""
    found = [row for row in rows if (row.scope, row.metric) == (scope, metric)]
    if not found:
        raise SimulationError(f'there is no "{metric}" of "{scope}" here; see .table()')
    return found


def draw_derivatives(rows: Sequence[Row], confidence: float, ax: Axes | None) -> Axes:
    """Draw the derivatives of one metric as bars, the largest on top."""
    ax, unit = axes(ax), rows[0].unit
    rows = sorted(rows, key=lambda row: -abs(row.derivative))
    per = 100.0 if unit == "share" else 1.0
    place = np.arange(len(rows))
    value = per * np.array([row.derivative for row in rows])
    ends = per * np.array([[row.low, row.high] for row in rows]).T
    colors = [MORE if x >= 0 else LESS for x in value]
    ax.barh(place, value, color=colors, height=0.62)
    ax.errorbar(value, place, xerr=np.abs(ends - value), fmt="none", ecolor=INK, capsize=3)
    ax.axvline(0, color=INK, linewidth=1.0)
    ax.set_yticks(place, [f"{row.factor}, +{row.per}" for row in rows])
    ax.invert_yaxis()
    scope = "" if rows[0].scope == "all" else f", {rows[0].scope}"
    points = "percentage points" if unit == "share" else words(unit)
    ax.set_xlabel(f"change of {rows[0].metric}{scope}\n({points})")
    style(ax, f"{100 * confidence:g} % intervals")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#e6ebef", linewidth=0.8)
    return ax


def draw_indices(rows: Sequence[SobolRow], confidence: float, ax: Axes | None) -> Axes:
    """Draw first-order and total indices side by side."""
    ax = axes(ax)
    rows = sorted(rows, key=lambda row: -row.total)
    place = np.arange(len(rows))
    for shift, color, name in ((-0.19, MORE, "first"), (0.19, LIGHT, "total")):
        values = np.array([getattr(row, name) for row in rows])
        half = np.array([getattr(row, f"{name}_half_width") for row in rows])
        label = {"first": "on its own (first order)", "total": "with interactions (total)"}[name]
        ax.barh(place + shift, values, height=0.36, color=color, label=label)
        ax.errorbar(values, place + shift, xerr=half, fmt="none", ecolor=INK, capsize=3)
    ax.axvline(0, color=INK, linewidth=1.0)
    ax.set_yticks(place, [f"{row.factor}\n{row.range}" for row in rows])
    ax.invert_yaxis()
    scope = "" if rows[0].scope == "all" else f", {rows[0].scope}"
    ax.set_xlabel(f"share of the variance\nof {rows[0].metric}{scope}")
    style(ax, f"{100 * confidence:g} % intervals")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#e6ebef", linewidth=0.8)
    ax.legend(loc="lower right", frameon=False, fontsize="small")
    return ax
