"""The pictures of a tuning: candidates in order, and over their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.errors import SimulationError
from simcc.experiments.parameters import Choice, Continuous
from simcc.model.messages import suggestion
from simcc.plots.drawing import INK, SOFT, axes, legend, style
from simcc.result.text import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simcc.experiments.search import Candidate
    from simcc.experiments.tuned import Tuning

BLUE, GREEN = "#2a6fbb", "#3f9b6c"


def draw_trials(tuning: Tuning, ax: Axes | None) -> Axes:
    """Draw the estimates of the first stage in order, the best so far, and the fresh estimate."""
    ax, per = axes(ax), _per(tuning)
    first = per * np.array([one.first for one in tuning.candidates])
    keeps = np.array([tuning.keeps_bounds(one) for one in tuning.candidates])
    number = np.arange(1, len(first) + 1)
    if not keeps.all():
        ax.plot(
            number[~keeps], first[~keeps], "o", color=SOFT, markerfacecolor="none",
            label="misses a constraint",
        )  # fmt: skip
    ax.plot(number[keeps], first[keeps], "o", color=BLUE, alpha=0.6, label="first stage")
    best = np.maximum.accumulate if tuning.goal == "max" else np.minimum.accumulate
    worst = -np.inf if tuning.goal == "max" else np.inf
    so_far = best(np.where(keeps & np.isfinite(first), first, worst))
    ax.step(number, np.where(np.isfinite(so_far), so_far, np.nan), color=INK, where="post",
            linewidth=1.2, label="best so far")  # fmt: skip
    _fresh(tuning, ax, 1.05 * len(first) + 1, per)
    ax.set_xlabel("candidate")
    ax.set_ylabel(_label(tuning))
    legend(ax)
    return style(ax, "")


def _fresh(tuning: Tuning, ax: Axes, x: float, per: float) -> None:
    row = tuning.summary().iloc[0]
    low, middle, high = (per * float(row[name]) for name in ("low", "estimate", "high"))
    ax.plot([x, x], [low, high], color=GREEN, linewidth=2.4, solid_capstyle="butt")
    ax.plot(
        x, middle, "D", color=GREEN, markeredgecolor="white", label="choice, fresh seeds", zorder=3
    )


def draw_parameters(tuning: Tuning, names: tuple[str, ...], ax: Axes | None) -> Axes:
    """Draw the objective over one parameter, or as colors over two."""
    if len(names) not in (1, 2):
        raise SimulationError(f"{len(names)} parameters are named; it must be one or two")
    for name in names:
        if name not in tuning.parameters:
            hint = suggestion(str(name), list(tuning.parameters))
            raise SimulationError(f'there is no parameter "{name}"; {hint}')
    ax, per = axes(ax), _per(tuning)
    order = sorted(tuning.candidates, key=lambda one: one.stage)
    sizes = [18 + 22 * one.stage for one in order]
    values = per * np.array([one.first for one in order])
    x = _along(tuning, names[0], order, ax.xaxis)
    star: dict[str, Any] = {
        "marker": "*",
        "s": 260,
        "color": GREEN,
        "edgecolor": "white",
        "zorder": 4,
    }
    chosen = next(i for i, one in enumerate(order) if one.values == tuning.best)
    if len(names) == 1:
        ax.scatter(x, values, s=sizes, color=BLUE, alpha=0.55, linewidth=0)
        ax.scatter(x[chosen], values[chosen], **star)
        ax.set_ylabel(_label(tuning))
    else:
        y = _along(tuning, names[1], order, ax.yaxis)
        dots = ax.scatter(x, y, s=sizes, c=values, cmap="viridis", alpha=0.9, linewidth=0)
        ax.scatter(x[chosen], y[chosen], **star)
        bar = ax.figure.colorbar(dots, ax=ax)
        bar.set_label(_label(tuning))
    return style(
        ax, "first stage, the same customers for all\nlarger: in more stages; star: the choice"
    )


def _along(tuning: Tuning, name: str, order: list[Candidate], axis: Any) -> Any:
    """Places of the candidates along an axis, which is labelled."""
    one = tuning.parameters[name]
    axis.set_label_text(name)
    if isinstance(one, Choice):
        axis.set_ticks(range(len(one.values)), [str(value)[:24] for value in one.values])
        return np.array([one.values.index(each.values[name]) for each in order])
    if isinstance(one, Continuous) and one.log:
        axis._set_axes_scale("log")
    elif not isinstance(one, Continuous):
        axis.get_major_locator().set_params(integer=True)
    return np.array([each.values[name] for each in order])


def _per(tuning: Tuning) -> float:
    return 100.0 if tuning.objective.unit == "share" else 1.0


def _label(tuning: Tuning) -> str:
    unit = words(tuning.objective.unit)
    return f"{tuning.objective.name} ({unit})" if unit else tuning.objective.name
