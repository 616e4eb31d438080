"""How many days are how bad, with shocks of random sizes and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simcc.estimation import Floats
from simcc.plots.drawing import INK, axes, style
from simcc.result.text import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simcc.experiments.shaken_result import Figure

BEFORE, AFTER = "#7f8c97", "#c8553d"


def draw(figure: Figure, before: Floats, after: Floats, ax: Axes | None) -> Axes:
    """Draw the share of days up to each value, without the shocks and with them."""
    ax = axes(ax)
    metric, scope = figure.of
    per = 100.0 if metric.unit == "share" else 1.0
    for values, color, label in ((before, BEFORE, "no shocks"), (after, AFTER, "with shocks")):
        shares = 100 * np.arange(1, len(values) + 1) / max(len(values), 1)
        ax.step(per * np.sort(values), shares, where="post", color=color, label=label)
    if figure.held is not None:
        ax.axvline(per * figure.held.limit, color=INK, linestyle="--", linewidth=1.0)
    where = "" if scope == "all" else f" of {scope}"
    ax.set_xlabel(f"{metric.name}{where} ({words(metric.unit)})")
    ax.set_ylabel("% of days up to here")
    ax.set_ylim(0, 100)
    ax.legend(loc="upper left", frameon=False)
    return style(ax, figure.label)
