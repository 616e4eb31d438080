"""Plots of a result. Every function takes an ``ax``, or makes one, and returns it.

Lines are estimates, bands their 95 % confidence intervals (none with one replication). Times are
local clock times. ``observed``, where offered, is a table of what a real center did, drawn as dots:
columns ``scope`` (as in ``result.summary()``), ``interval`` ("08:30"; the rows without are not
drawn), ``metric`` (a name of the catalogue), ``observed``, and ``low`` and ``high`` if known.
"""

from __future__ import annotations

from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from simcc.metrics import service_level_name
from simcc.metrics.parts import by_day, parts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simcc.metrics import Counters, Metric
    from simcc.model import Scenario

INK, SOFT = "#1c2733", "#8795a1"
OFFERED, SERVED, ABANDONED, LEVEL, BUSY = "#2a6fbb", "#3f9b6c", "#c8553d", "#2a6fbb", "#e09f3e"
DASHED = (0, (4, 3))
DAY = 86_400.0


class Run(Protocol):
    """What the plots need of a result."""

    scenario: Scenario
    sums: Counters

    def intervals(
        self, *, level: float = ..., scope: str | None = ..., metrics: Sequence[str] | None = ...
    ) -> pd.DataFrame:
        """Return metrics per interval."""


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
    ax = _axes(ax)
    ax.set_axis_off()
    n = result.sums.replications
    about = f"{type or 'all contacts'}, {n} replication{'s' * (n != 1)}"
    shown = [name for name, has in (("bands", n > 1), ("bars", _has_bars(observed))) if has]
    intervals = f"; {' and '.join(shown)}: 95 % intervals" if shown else ""
    title = f"{shorten(result.scenario.name, 40, placeholder=' ...')}: {about}{intervals}"
    ax.set_title(title, loc="left", color=INK, fontweight="bold", pad=24, parse_math=False)
    bottoms, heights = (0.73, 0.365, 0.0), (0.27, 0.27, 0.27)
    panels = [ax.inset_axes((0.0, b, 1.0, h)) for b, h in zip(bottoms, heights, strict=True)]
    volume(result, panels[0], type=type, observed=observed)
    service_level(result, panels[1], type=type, observed=observed)
    staffing(result, panels[2], observed=observed)
    if type is not None:
        panels[2].set_title("agents of all groups", loc="left", color=INK, fontsize="medium")
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
    ax = _axes(ax)
    scope = _scope(type)
    for metric, color in (("offered", OFFERED), ("served", SERVED), ("abandoned", ABANDONED)):
        _band(result, ax, scope, metric, color, metric)
    _dots(result, ax, observed, scope, "offered", OFFERED)
    _dots(result, ax, observed, scope, "abandoned", ABANDONED)
    ax.set_ylim(bottom=0)
    return _finish(result, ax, f"contacts per {_interval(result)}")


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
    ax = _axes(ax)
    target = _target(result, type)
    default, denominator = _level(result, type)
    threshold = default if threshold is None else float(threshold)
    counted = result.sums.layout.thresholds
    if threshold not in counted:
        among = ", ".join(f"{x:g}" for x in counted)
        raise ValueError(f"threshold is {threshold:g} s; it must be one of {among} s")
    name = service_level_name(threshold, denominator)
    label = f"within {threshold:g} s, {of_whom(denominator)}"
    _band(result, ax, _scope(type), name, LEVEL, label)
    if target is not None and target.within == threshold:
        ax.axhline(target.share, color=INK, linewidth=1.2, linestyle=DASHED, label=_goal(target))
    _dots(result, ax, observed, _scope(type), name, LEVEL)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(_percent)
    return _finish(result, ax, "service level")


def staffing(
    result: Run,
    ax: Axes | None = None,
    *,
    group: str | None = None,
    observed: pd.DataFrame | None = None,
) -> Axes:
    """Draw the mean number of agents scheduled and busy per interval."""
    from matplotlib.ticker import MaxNLocator

    ax = _axes(ax)
    scope = "all" if group is None else f"group:{group}"
    _band(result, ax, scope, "staffed", INK, "agents scheduled")
    busy = _band(result, ax, scope, "mean_busy", BUSY, "agents busy")
    ax.stairs(busy, _edges(result), color=BUSY, fill=True, alpha=0.25)
    _dots(result, ax, observed, scope, "staffed", INK)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return _finish(result, ax, "agents")


def queue(result: Run, ax: Axes | None = None, *, type: str | None = None) -> Axes:
    """Draw the mean and the largest number of contacts waiting per interval."""
    ax = _axes(ax)
    most = "most at once" if result.sums.replications == 1 else "most at once, mean"
    _band(result, ax, _scope(type), "max_queue", SOFT, most)
    _band(result, ax, _scope(type), "mean_queue", ABANDONED, "mean")
    ax.set_ylim(bottom=0)
    return _finish(result, ax, "contacts waiting")


def days(result: Run, ax: Axes | None = None, *, type: str | None = None) -> Axes:
    """Draw how many days had which service level, with the target if there is one."""
    from matplotlib.ticker import MaxNLocator

    ax = _axes(ax)
    target = _target(result, type)
    shares = _daily(result, type)
    ax.hist(shares, bins=np.linspace(0, 1, 41).tolist(), color=LEVEL, alpha=0.75)
    if target is not None:
        met = np.count_nonzero(shares >= target.share)
        label = f"{_goal(target)}, reached on {met} of {len(shares)} days"
        ax.axvline(target.share, color=INK, linewidth=1.2, linestyle=DASHED, label=label)
        _legend(ax)
    threshold, denominator = _level(result, type)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(_percent)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_xlabel(f"service level of the day, within {threshold:g} s, {of_whom(denominator)}")
    return _style(ax, "days")


def _daily(result: Run, type: str | None) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the service level of every day of every replication that had contacts."""
    from simcc.metrics import catalogue

    name = service_level_name(*_level(result, type))
    metric: Metric = next(one for one in catalogue(result.scenario) if one.name == name)
    place = 0 if type is None else result.scenario.type_index(type)
    above, below = parts(result.sums, metric, "all" if type is None else "type")
    which = result.sums.layout.days
    hits, contacts = by_day(above[..., place], which), by_day(below[..., place], which)
    known = contacts > 0
    return np.asarray(hits[known] / contacts[known])


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.gca()


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


def _edges(result: Run) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the edges of the intervals in Matplotlib's days."""
    edges = result.sums.layout.edges
    first = _dates().date2num(result.scenario.horizon.timestamps()[0].to_pydatetime())
    return np.asarray(first + (edges - edges[0]) / DAY)


def _dates() -> Any:  # untyped upstream
    from matplotlib import dates

    return dates


def _interval(result: Run) -> str:
    minutes = result.scenario.horizon.interval / 60
    if minutes in (60, 1440):
        return {60: "hour", 1440: "day"}[int(minutes)]
    return f"{minutes:g} min" if minutes < 60 or minutes % 60 else f"{minutes / 60:g} h"


def _band(
    result: Run, ax: Axes, scope: str, metric: str, color: str, label: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Draw estimates as steps with their intervals as a band, and return them."""
    rows = result.intervals(scope=scope, metrics=(metric,))
    if rows.empty:
        raise ValueError(f"there is no {scope!r} in this result")
    edges = _edges(result)
    values, low, high = (rows[name].to_numpy() for name in ("estimate", "low", "high"))
    ax.stairs(values, edges, color=color, linewidth=1.6, label=label, baseline=None)
    x, twice = np.repeat(edges, 2)[1:-1], np.repeat(np.arange(len(values)), 2)
    ax.fill_between(x, low[twice], high[twice], color=color, alpha=0.2, linewidth=0)
    return np.asarray(values)


def _dots(
    result: Run, ax: Axes, observed: pd.DataFrame | None, scope: str, metric: str, color: str
) -> None:
    """Draw what was observed in the middle of each interval, on every day of the horizon."""
    if observed is None:
        return
    rows = observed[(observed["scope"] == scope) & (observed["metric"] == metric)]
    rows = rows[rows["interval"].notna()].set_index("interval")
    if rows.empty:
        return
    edges = _edges(result)
    middle = (edges[1:] + edges[:-1]) / 2
    rows = rows.reindex(result.scenario.horizon.timestamps().strftime("%H:%M"))
    values = rows["observed"].to_numpy()
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("no interval of `observed` is the start of an interval of the result")
    label = None if "observed" in ax.get_legend_handles_labels()[1] else "observed"
    if _has_bars(rows):
        ax.vlines(
            middle[known], rows["low"].to_numpy()[known], rows["high"].to_numpy()[known],
            color=color, linewidth=1, alpha=0.55, zorder=2.5,
        )  # fmt: skip
    ax.plot(
        middle[known], values[known], "o", color=color, markersize=4.5, markeredgecolor="white",
        label=label, zorder=3,
    )  # fmt: skip


def _has_bars(observed: pd.DataFrame | None) -> bool:
    return observed is not None and {"low", "high"} <= set(observed.columns)


def _percent(share: float, _: Any = None) -> str:
    return f"{100 * share:.0f} %"


def _finish(result: Run, ax: Axes, heading: str) -> Axes:
    """Label the time and place the legend above the panel."""
    edges = _edges(result)
    zone = result.scenario.horizon.timestamps().tz
    n_days = len(result.scenario.horizon.day_edges) - 1
    most = 13 if n_days == 1 else 9
    ax.xaxis.set_major_locator(_dates().AutoDateLocator(tz=zone, minticks=4, maxticks=most))
    ax.xaxis.set_major_formatter(partial(_when, zone, n_days))
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel("local time")
    _legend(ax)
    return _style(ax, heading)


def _when(zone: tzinfo | None, n_days: int, at: float, _: Any = None) -> str:
    """Return the local clock time; at the start of a day of several, its date."""
    when = _dates().num2date(at, tz=zone)
    if n_days == 1 or when.hour or when.minute:
        return f"{when:%H:%M}"
    return f"{when:%a} {when.day} {when:%b}" if n_days < 32 else f"{when.day} {when:%b %Y}"


def _legend(ax: Axes) -> None:
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1.02), ncols=4, frameon=False, fontsize="small",
        borderaxespad=0, handlelength=1.4, columnspacing=1.4,
    )  # fmt: skip


def _style(ax: Axes, heading: str) -> Axes:
    ax.set_title(heading, loc="left", color=INK, fontsize="medium")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(SOFT)
    ax.tick_params(color=SOFT, labelcolor=INK)
    ax.grid(axis="y", color="#e6ebef", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax
