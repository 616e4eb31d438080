"""The tornado: how far each shock moves a metric, the largest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simcc.experiments.directions import better
from simcc.plots.drawing import INK, axes, style
from simcc.result.text import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simcc.experiments.limits import Held
    from simcc.experiments.stress_result import Bar

WORSE, BETTER, NEITHER = "#c8553d", "#3f9b6c", "#2a6fbb"
HEIGHT, PALE = 0.62, 0.5
LONGEST = 44  # characters of a label


def draw(
    bars: Sequence[Bar],
    metric: str,
    scope: str,
    base: float,
    unit: str,
    limit: Held | None,
    confidence: float,
    ax: Axes | None,
) -> Axes:
    """Draw a bar for each shock from the value without one, with the interval of the change."""
    ax = axes(ax)
    per = 100.0 if unit == "share" else 1.0
    for row, bar in enumerate(bars):
        apart = len(bar.changes) > 1 and bar.changes[0][0] * bar.changes[1][0] > 0
        for turned, (change, low, high) in enumerate(bar.changes):
            place = row + (HEIGHT / 4 if turned else -HEIGHT / 4) * apart
            ax.barh(
                place, per * change, HEIGHT / (1 + apart), left=per * base,
                color=_color(metric, change), alpha=PALE if turned else 1.0,
            )  # fmt: skip
            ends = [per * (base + one) for one in (low, high)]
            ax.plot(ends, [place, place], color=INK, linewidth=1.4, solid_capstyle="butt")
    ax.axvline(per * base, color=INK, linewidth=1.0)
    if limit is not None:
        ax.axvline(per * limit.limit, color=INK, linewidth=1.0, linestyle="--")
        ax.annotate(
            "target", (per * limit.limit, 0), (4, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=INK, fontsize="small",
        )  # fmt: skip
    ax.set_yticks(range(len(bars)), [_short(bar.shock) for bar in bars])
    ax.set_ylim(len(bars) - 0.5, -0.5)
    where = "" if scope == "all" else f", {scope}"
    ax.set_xlabel(f"{metric}{where} ({words(unit)})")
    colors = ", red: worse, green: better" if better(metric) else ""
    lines = f"lines: {100 * confidence:g} % intervals, all at once"
    if any(len(bar.changes) > 1 for bar in bars):
        lines += "; paler: the shock turned round"
    style(ax, f"From {per * base:.3g} without a shock{colors}\n{lines}")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#e6ebef", linewidth=0.8)
    ax.tick_params(axis="y", length=0)
    return ax


def _color(metric: str, change: float) -> str:
    way = better(metric)
    if not way:
        return NEITHER
    return BETTER if (change > 0) == (way == "more") else WORSE


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 3]}..."
