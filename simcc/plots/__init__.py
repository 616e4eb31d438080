"""Plots of a result. Every function takes an ``ax``, or makes one, and returns it.

Lines are estimates, bands their 95 % confidence intervals (none with one replication). Times are
local clock times; a horizon of more than 700 intervals is drawn day by day.

``observed``, where offered, is a table of what a real center did, drawn as dots if intervals are
drawn: columns ``scope`` (as in ``result.summary()``), ``interval`` ("08:30"; rows without are not
drawn), ``metric`` (a name of the catalogue), ``observed``, and ``low`` and ``high`` if known.
"""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.metrics import service_level_name
from simcc.metrics.counters import Floats
from simcc.metrics.parts import by_day
from simcc.plots.drawing import (
    INK,
    SOFT,
    Run,
    axes,
    band,
    counted,
    daily,
    dots,
    edges,
    finish,
    has_bars,
    legend,
    percent,
    step_name,
    style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Plot", "day", "day_figure", "days", "of_whom", "queue", "service_level", "staffing", "volume",
]  # fmt: skip

OFFERED, SERVED, ABANDONED, LEVEL, BUSY = "#2a6fbb", "#3f9b6c", "#c8553d", "#2a6fbb", "#e09f3e"
DASHED = (0, (4, 3))


class Plot:
    """The plots of one result, as methods: ``result.plot.day(ax=ax)``."""

    def __init__(self, result: Run) -> None:
        self._result = result

    def day(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Volume, service level and staffing, one above the other; see :func:`day`."""
        return day(self._result, ax, **options)

    def volume(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Contacts per interval; see :func:`volume`."""
        return volume(self._result, ax, **options)

    def service_level(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Service level per interval; see :func:`service_level`."""
        return service_level(self._result, ax, **options)

    def staffing(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Agents scheduled and busy per interval; see :func:`staffing`."""
        return staffing(self._result, ax, **options)

    def queue(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Contacts waiting per interval; see :func:`queue`."""
        return queue(self._result, ax, **options)

    def days(self, ax: Axes | None = None, **options: Any) -> Axes:
        """How the service level varies from day to day; see :func:`days`."""
        return days(self._result, ax, **options)


def day_figure(result: Run, observed: pd.DataFrame | None = None, **options: Any) -> Figure:
    """Return a figure of :func:`day`, made without pyplot: it opens no window."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 8.0), layout="constrained")
    FigureCanvasAgg(figure)
    day(result, figure.subplots(), observed=observed, **options)
    return figure


def day(
    result: Run,
    ax: Axes | None = None,
    *,
    type: str | None = None,
    observed: pd.DataFrame | None = None,
) -> Axes:
    """Draw volume, service level and staffing in three panels that share the time of day.

    Parameters
    ----------
    result : Result
    ax : matplotlib Axes, optional
        Its place is divided among the panels.
    type : str, optional
        Of this contact type only; staffing stays that of the whole center.
    observed : pandas.DataFrame, optional
        What really happened, drawn as dots.

    Returns
    -------
    matplotlib Axes
        `ax`; the panels are its ``child_axes``.
    """
    ax = axes(ax)
    ax.set_axis_off()
    n = result.sums.replications
    about = f"{type or 'all contacts'}, {n} replication{'s' * (n != 1)}"
    bars = has_bars(observed) and not daily(result)
    shown = [name for name, is_drawn in (("bands", n > 1), ("bars", bars)) if is_drawn]
    intervals = f"; {' and '.join(shown)}: 95 % intervals" if shown else ""
    title = f"{shorten(result.scenario.name, 40, placeholder=' ...')}: {about}{intervals}"
    ax.set_title(title, loc="left", color=INK, fontweight="bold", pad=24, parse_math=False)
    bottoms, heights = (0.73, 0.365, 0.0), (0.27, 0.27, 0.27)
    panels = [ax.inset_axes((0.0, b, 1.0, h)) for b, h in zip(bottoms, heights, strict=True)]
    volume(result, panels[0], type=type, observed=observed)
    service_level(result, panels[1], type=type, observed=observed)
    staffing(result, panels[2], observed=observed)
    if type is not None:
        style(panels[2], f"agents of all groups, mean per {step_name(result)}")
    for panel in panels[:2]:
        panel.set_xlabel("")
        panel.tick_params(labelbottom=False)
    return ax


def volume(
    result: Run,
    ax: Axes | None = None,
    *,
    type: str | None = None,
    observed: pd.DataFrame | None = None,
) -> Axes:
    """Draw contacts offered, served and abandoned per interval of arrival."""
    ax = axes(ax)
    scope = _scope(type)
    for metric, color in (("offered", OFFERED), ("served", SERVED), ("abandoned", ABANDONED)):
        band(result, ax, scope, metric, color, metric)
    dots(result, ax, observed, scope, "offered", OFFERED)
    dots(result, ax, observed, scope, "abandoned", ABANDONED)
    ax.set_ylim(bottom=0)
    return finish(result, ax, f"contacts per {step_name(result)}")


def service_level(
    result: Run,
    ax: Axes | None = None,
    *,
    type: str | None = None,
    threshold: float | None = None,
    observed: pd.DataFrame | None = None,
) -> Axes:
    """Draw the service level per interval, with the target if there is one.

    Parameters
    ----------
    result : Result
    ax : matplotlib Axes, optional
    type : str, optional
        Of this contact type only.
    threshold : float, optional
        Acceptable wait (s), one of the scenario's; by default that of the target, else its first.
    observed : pandas.DataFrame, optional
        What really happened, drawn as dots.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If nothing was counted within the threshold.
    """
    ax = axes(ax)
    target = _target(result, type)
    default, denominator = _level(result, type)
    threshold = default if threshold is None else float(threshold)
    if threshold not in result.sums.layout.thresholds:
        among = ", ".join(f"{x:g}" for x in result.sums.layout.thresholds)
        raise ValueError(f"threshold is {threshold:g} s; it must be one of {among} s")
    name = service_level_name(threshold, denominator)
    label = f"within {threshold:g} s, {of_whom(denominator)}"
    band(result, ax, _scope(type), name, LEVEL, label)
    if target is not None and target.within == threshold:
        ax.axhline(target.share, color=INK, linewidth=1.2, linestyle=DASHED, label=_goal(target))
    dots(result, ax, observed, _scope(type), name, LEVEL)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(percent)
    return finish(result, ax, f"service level per {step_name(result)}")


def staffing(
    result: Run,
    ax: Axes | None = None,
    *,
    group: str | None = None,
    observed: pd.DataFrame | None = None,
) -> Axes:
    """Draw the mean number of agents scheduled and busy per interval."""
    from matplotlib.ticker import MaxNLocator

    ax = axes(ax)
    scope = "all" if group is None else f"group:{group}"
    band(result, ax, scope, "staffed", INK, "agents scheduled")
    busy = band(result, ax, scope, "mean_busy", BUSY, "agents busy")
    ax.stairs(busy, edges(result), color=BUSY, fill=True, alpha=0.25)
    dots(result, ax, observed, scope, "staffed", INK)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return finish(result, ax, f"agents, mean per {step_name(result)}")


def queue(result: Run, ax: Axes | None = None, *, type: str | None = None) -> Axes:
    """Draw the mean and the largest number of contacts waiting per interval."""
    ax = axes(ax)
    most = "most at once" if result.sums.replications == 1 else "most at once, mean"
    band(result, ax, _scope(type), "max_queue", SOFT, most)
    band(result, ax, _scope(type), "mean_queue", ABANDONED, "mean")
    ax.set_ylim(bottom=0)
    return finish(result, ax, f"contacts waiting per {step_name(result)}")


def days(result: Run, ax: Axes | None = None, *, type: str | None = None) -> Axes:
    """Draw how many days had which service level, with the target if there is one."""
    from matplotlib.ticker import MaxNLocator

    ax = axes(ax)
    target = _target(result, type)
    shares = _shares(result, type)
    ax.hist(shares, bins=np.linspace(0, 1, 41).tolist(), color=LEVEL, alpha=0.75)
    if target is not None:
        met = np.count_nonzero(shares >= target.share)
        label = f"{_goal(target)}, reached on {met} of {len(shares)} days"
        ax.axvline(target.share, color=INK, linewidth=1.2, linestyle=DASHED, label=label)
        legend(ax)
    threshold, denominator = _level(result, type)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(percent)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_xlabel(f"service level of the day, within {threshold:g} s, {of_whom(denominator)}")
    return style(ax, "days")


def _shares(result: Run, type: str | None) -> Floats:
    """Return the service level of every day of every replication that had contacts."""
    name = service_level_name(*_level(result, type))
    _, above, below = counted(result, _scope(type), name)
    hits, contacts = (by_day(sums, result.sums.layout.days) for sums in (above, below))
    known = contacts > 0
    return np.asarray(hits[known] / contacts[known])


def _scope(type: str | None) -> str:
    return "all" if type is None else f"type:{type}"


def _target(result: Run, type: str | None) -> Any:
    """Return the first target of the type, or of all; None if there is none."""
    return next((one for one in result.scenario.targets if one.type == type), None)


def _level(result: Run, type: str | None) -> tuple[float, str]:
    """Return threshold (s) and denominator of the service level to show."""
    target = _target(result, type)
    if target is None:
        return float(result.scenario.thresholds[0]), "offered"
    return float(target.within), target.denominator


def of_whom(denominator: str) -> str:
    """Say of which contacts a service level is the share.

    >>> of_whom("excluding_short_abandons")
    'of the offered without short abandons'
    """
    return {
        "offered": "of the offered",
        "served": "of the served",
        "excluding_short_abandons": "of the offered without short abandons",
        "handled": "or abandoned so, of the offered",
    }[denominator]


def _goal(target: Any) -> str:
    return f"target {100 * target.share:g} %"
