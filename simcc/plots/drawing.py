"""What the plots are made of: steps with bands, dots for what was observed, an axis of local time.

A horizon of more than ``MOST_STEPS`` intervals is drawn day by day.
"""

from __future__ import annotations

from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from simcc import estimation
from simcc.metrics import catalogue
from simcc.metrics.counters import Floats
from simcc.metrics.parts import by_day, parts, scope_names

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simcc.metrics import Counters, Metric
    from simcc.metrics.metric import Scope
    from simcc.model import Scenario

INK, SOFT = "#1c2733", "#8795a1"
DAY = 86_400.0
MOST_STEPS = 700  # two weeks of half hours; more of them are a smear


class Run(Protocol):
    """What the plots need of a result."""

    scenario: Scenario
    sums: Counters


def axes(ax: Axes | None) -> Axes:
    """Return the given axes, or Matplotlib's current ones."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.gca()


def daily(result: Run) -> bool:
    """Tell whether a step is a day instead of an interval."""
    return result.sums.layout.n_intervals > MOST_STEPS


def step_name(result: Run) -> str:
    """Return the length of a step in words.

    >>> from types import SimpleNamespace as Some
    >>> sums = Some(layout=Some(n_intervals=48))
    >>> step_name(Some(scenario=Some(horizon=Some(interval=900.0)), sums=sums))
    '15 min'
    """
    minutes = DAY / 60 if daily(result) else result.scenario.horizon.interval / 60
    if minutes in (60, 1440):
        return {60: "hour", 1440: "day"}[int(minutes)]
    return f"{minutes:g} min" if minutes < 60 or minutes % 60 else f"{minutes / 60:g} h"


def _first_of_days(result: Run) -> Any:
    return np.flatnonzero(np.diff(result.sums.layout.days, prepend=-1))


def edges(result: Run) -> Floats:
    """Return the edges of the steps in Matplotlib's days."""
    found = result.sums.layout.edges
    start = _dates().date2num(result.scenario.horizon.timestamps()[0].to_pydatetime())
    shown = np.append(found[_first_of_days(result)], found[-1]) if daily(result) else found
    return np.asarray(start + (shown - found[0]) / DAY)


def _dates() -> Any:  # untyped upstream
    from matplotlib import dates

    return dates


def counted(result: Run, scope: str, name: str) -> tuple[Metric, Floats, Floats]:
    """Return a metric with its numerators and denominators, each of shape (R, intervals).

    Raises
    ------
    ValueError
        If the result has no such scope.
    """
    kind: Scope = scope.partition(":")[0]  # type: ignore[assignment]
    metric = next(one for one in catalogue(result.scenario) if one.name == name)
    names = scope_names(result.sums, kind)
    if scope not in names:
        raise ValueError(f"there is no {scope!r} in this result; there are {', '.join(names)}")
    above, below = parts(result.sums, metric, kind)
    below = np.broadcast_to(below, above.shape)
    return metric, above[..., names.index(scope)], below[..., names.index(scope)]


def estimates(result: Run, scope: str, name: str) -> estimation.Estimate:
    """Estimate a metric of each step."""
    metric, above, below = counted(result, scope, name)
    if daily(result):
        days = result.sums.layout.days
        if metric.kind == "max":
            return estimation.mean(np.maximum.reduceat(above, _first_of_days(result), axis=1))
        above = by_day(above, days)
        below = by_day(below, days) if metric.denominator else np.ones((1, 1))
    return estimation.ratio(above, below)


def band(result: Run, ax: Axes, scope: str, name: str, color: str, label: str) -> Floats:
    """Draw the estimates of a metric as steps with their intervals as a band; return them."""
    found, at = estimates(result, scope, name), edges(result)
    most = 1.0 if "service_level" in name else np.inf
    ax.stairs(found.estimate, at, color=color, linewidth=1.6, label=label, baseline=None)
    x, twice = np.repeat(at, 2)[1:-1], np.repeat(np.arange(len(found.estimate)), 2)
    low, high = (np.clip(end, 0.0, most)[twice] for end in (found.low, found.high))
    ax.fill_between(x, low, high, color=color, alpha=0.2, linewidth=0)
    return found.estimate


def has_bars(observed: pd.DataFrame | None) -> bool:
    """Tell whether what was observed comes with intervals."""
    return observed is not None and {"low", "high"} <= set(observed.columns)


def dots(
    result: Run, ax: Axes, observed: pd.DataFrame | None, scope: str, name: str, color: str
) -> None:
    """Draw what was observed in the middle of each interval, on every day of the horizon.

    Raises
    ------
    ValueError
        If no clock time of the observed intervals is one of the result's.
    """
    if observed is None or daily(result):
        return
    rows = observed[(observed["scope"] == scope) & (observed["metric"] == name)]
    rows = rows[rows["interval"].notna()].set_index("interval")
    if rows.empty:
        return
    rows = rows.reindex(result.scenario.horizon.timestamps().strftime("%H:%M"))
    known = rows["observed"].notna().to_numpy()
    if not known.any():
        raise ValueError("no interval of `observed` is the start of an interval of the result")
    at, rows = edges(result), rows[known]
    middle = ((at[1:] + at[:-1]) / 2)[known]
    if has_bars(rows):
        ax.vlines(middle, rows["low"], rows["high"], color=color, linewidth=1, alpha=0.55)
    is_first = "observed" not in ax.get_legend_handles_labels()[1]
    ax.plot(
        middle, rows["observed"], "o", color=color, markersize=4.5, markeredgecolor="white",
        label="observed" if is_first else None, zorder=3,
    )  # fmt: skip


def percent(share: float, _: Any = None) -> str:
    """Return a share as the label of a tick.

    >>> percent(0.8)
    '80 %'
    """
    return f"{100 * share:.0f} %"


def finish(result: Run, ax: Axes, heading: str) -> Axes:
    """Label the time and place the legend above the panel."""
    at, zone = edges(result), result.scenario.horizon.timestamps().tz
    n_days = len(result.scenario.horizon.day_edges) - 1
    most = 13 if n_days == 1 else 9
    ax.xaxis.set_major_locator(_dates().AutoDateLocator(tz=zone, minticks=4, maxticks=most))
    ax.xaxis.set_major_formatter(partial(_when, zone, n_days))
    ax.set_xlim(at[0], at[-1])
    ax.set_xlabel("local time")
    legend(ax)
    return style(ax, heading)


def _when(zone: tzinfo | None, n_days: int, at: float, _: Any = None) -> str:
    """Return the local clock time; at the start of a day of several, its date."""
    when = _dates().num2date(at, tz=zone)
    if n_days == 1 or when.hour or when.minute:
        return f"{when:%H:%M}"
    return f"{when:%a} {when.day} {when:%b}" if n_days < 32 else f"{when.day} {when:%b %Y}"


def legend(ax: Axes) -> None:
    """Place the legend above the panel, to the right."""
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1.02), ncols=4, frameon=False, fontsize="small",
        borderaxespad=0, handlelength=1.4, columnspacing=1.4,
    )  # fmt: skip


def style(ax: Axes, heading: str) -> Axes:
    """Give the panel its heading and quiet lines."""
    ax.set_title(heading, loc="left", color=INK, fontsize="medium")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(SOFT)
    ax.tick_params(color=SOFT, labelcolor=INK)
    ax.grid(axis="y", color="#e6ebef", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax
