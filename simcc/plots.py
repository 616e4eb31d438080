"""Plots of a result. Every function takes an ``ax``, or makes one, and returns it.

Lines are estimates, bands their confidence intervals. Times are local clock times. ``observed``,
where offered, is a table of what a real center did: columns ``scope`` ("interval"), ``name``
("HH:MM") and any of ``offered``, ``served``, ``within_20s`` (...), ``agents``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from simcc.metrics import service_level_name
from simcc.metrics.parts import by_day, parts

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simcc.metrics import Counters, Metric
    from simcc.model import Scenario

INK, SOFT = "#1c2733", "#8795a1"
OFFERED, SERVED, ABANDONED, LEVEL, BUSY = "#2a6fbb", "#3f9b6c", "#c8553d", "#2a6fbb", "#e09f3e"


class Run(Protocol):
    """What the plots need of a result."""

    scenario: Scenario
    sums: Counters

    def intervals(self) -> pd.DataFrame:
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
    about = type or "all contacts"
    n = result.sums.replications
    title = f"{result.scenario.name}: {about}, {n} replication{'s' * (n != 1)}"
    ax.set_title(title, loc="left", color=INK, fontweight="bold", pad=22, parse_math=False)
    bottoms, heights = (0.73, 0.365, 0.0), (0.27, 0.27, 0.27)
    panels = [ax.inset_axes((0.0, b, 1.0, h)) for b, h in zip(bottoms, heights, strict=True)]
    volume(result, panels[0], type=type, observed=observed)
    service_level(result, panels[1], type=type, observed=observed)
    staffing(result, panels[2], observed=observed)
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
    """Draw contacts offered and abandoned per interval of arrival."""
    ax = _axes(ax)
    table = _intervals(result, _scope(type))
    for metric, color in (("offered", OFFERED), ("served", SERVED), ("abandoned", ABANDONED)):
        _band(result, ax, table[table["metric"] == metric], color, metric)
    _dots(result, ax, observed, "offered", OFFERED)
    ax.set_ylim(bottom=0)
    return _finish(result, ax, f"contacts per {_minutes(result)}")


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
        Acceptable wait (s); by default that of the target, else the first threshold.
    observed : pandas.DataFrame, optional
        What really happened, drawn as dots.

    Returns
    -------
    matplotlib Axes
    """
    ax = _axes(ax)
    target = _target(result, type)
    denominator = "offered" if target is None else target.denominator
    if threshold is None:
        threshold = result.scenario.thresholds[0] if target is None else target.within
    table = _intervals(result, _scope(type))
    name = service_level_name(threshold, denominator)
    words = denominator.replace("_", " ")
    words = words if words.startswith("excl") else f"of {words}"
    label = f"within {threshold:g} s, {words}"
    _band(result, ax, table[table["metric"] == name], LEVEL, label)
    if target is not None and target.within == threshold:
        ax.axhline(target.share, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        ax.annotate(
            f"target {target.share:.0%}", (1, target.share), xycoords=("axes fraction", "data"),
            xytext=(-4, 3), textcoords="offset points", ha="right", va="bottom", color=INK,
            fontsize="small",
        )  # fmt: skip
    _dots(result, ax, observed, f"within_{threshold:g}s", LEVEL)
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
    table = _intervals(result, "all" if group is None else f"group:{group}")
    staffed = table[table["metric"] == "staffed"]["estimate"].to_numpy()
    ax.stairs(staffed, _hours(result), color=INK, linewidth=1.6, label="agents scheduled")
    busy = table[table["metric"] == "mean_busy"]
    _band(result, ax, busy, BUSY, "agents busy")
    edges = _hours(result)
    ax.stairs(busy["estimate"].to_numpy(), edges, color=BUSY, fill=True, alpha=0.25)
    _dots(result, ax, observed, "agents", INK)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return _finish(result, ax, "agents")


def queue(result: Run, ax: Axes | None = None, *, type: str | None = None) -> Axes:
    """Draw the mean and the largest number of contacts waiting per interval."""
    ax = _axes(ax)
    table = _intervals(result, _scope(type))
    _band(result, ax, table[table["metric"] == "max_queue"], SOFT, "largest in the interval")
    _band(result, ax, table[table["metric"] == "mean_queue"], ABANDONED, "mean")
    ax.set_ylim(bottom=0)
    return _finish(result, ax, "contacts waiting")


def days(result: Run, ax: Axes | None = None, *, type: str | None = None) -> Axes:
    """Draw how many days had which service level, with the target if there is one."""
    ax = _axes(ax)
    target = _target(result, type)
    shares = _daily(result, type)
    shown = shares if target is None else np.append(shares, target.share)
    low, high = shown.min(initial=1.0), shown.max(initial=0.0)
    width = max((high - low) / 30, 0.005)
    bins = np.arange(np.floor(low / width), np.ceil(high / width) + 2) * width
    ax.hist(shares, bins=bins, color=LEVEL, alpha=0.75)
    if target is not None:
        met = float(np.mean(shares >= target.share)) if len(shares) else float("nan")
        ax.axvline(target.share, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
        title = f"{met:.0%} of {len(shares)} days reach {target.share:.0%}"
        ax.set_title(title, loc="right", color=INK, fontsize="medium")
    ax.xaxis.set_major_formatter(_percent)
    threshold = result.scenario.thresholds[0] if target is None else target.within
    ax.set_xlabel(f"service level of the day, within {threshold:g} s")
    return _style(ax, "days")


def _daily(result: Run, type: str | None) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the service level of every day of every replication that had contacts."""
    from simcc.metrics import catalogue

    target = _target(result, type)
    threshold = result.scenario.thresholds[0] if target is None else target.within
    denominator = "offered" if target is None else target.denominator
    name = service_level_name(threshold, denominator)
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


def _intervals(result: Run, scope: str) -> pd.DataFrame:
    table = result.intervals()
    found = table[table["scope"] == scope]
    if found.empty:
        raise ValueError(f"there is no {scope!r} in this result")
    return found


def _hours(result: Run) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the edges of the intervals in local hours since the first midnight."""
    first = result.scenario.horizon.timestamps()[0]
    start = first.hour + first.minute / 60 + first.second / 3600
    edges = result.sums.layout.edges
    return np.asarray(start + (edges - edges[0]) / 3600)


def _minutes(result: Run) -> str:
    minutes = result.scenario.horizon.interval / 60
    return f"{minutes:g} minutes" if minutes < 60 or minutes % 60 else f"{minutes / 60:g} h"


def _band(result: Run, ax: Axes, rows: pd.DataFrame, color: str, label: str) -> None:
    """Draw estimates as steps with their intervals as a band."""
    edges = _hours(result)
    values = rows["estimate"].to_numpy()
    low, high = rows["low"].to_numpy(), rows["high"].to_numpy()
    ax.stairs(values, edges, color=color, linewidth=1.6, label=label, baseline=None)
    x, twice = np.repeat(edges, 2)[1:-1], np.repeat(np.arange(len(values)), 2)
    ax.fill_between(x, low[twice], high[twice], color=color, alpha=0.2, linewidth=0)


def _dots(result: Run, ax: Axes, observed: pd.DataFrame | None, column: str, color: str) -> None:
    """Draw what was observed in the middle of each interval."""
    if observed is None or column not in observed:
        return
    rows = observed[observed["scope"] == "interval"] if "scope" in observed else observed
    clock = rows["name"].str.split(":", expand=True).astype(float)
    middle = clock[0] + clock[1] / 60 + result.scenario.horizon.interval / 7200
    ax.plot(
        middle, rows[column], "o", color=color, markersize=4.5, markeredgecolor="white",
        label="observed", zorder=3,
    )  # fmt: skip


def _percent(share: float, _: Any = None) -> str:
    return f"{share:.0%}"


def _clock(hour: float, _: Any = None) -> str:
    minutes = round(60 * hour)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _finish(result: Run, ax: Axes, heading: str) -> Axes:
    """Label the time of day and place the legend above the panel."""
    from matplotlib.ticker import MultipleLocator

    edges = _hours(result)
    span = edges[-1] - edges[0]
    steps = [step for step in (0.25, 0.5, 1, 2, 3, 6, 12, 24) if span / step <= 13]
    ax.xaxis.set_major_locator(MultipleLocator(steps[0] if steps else 24 * np.ceil(span / 312)))
    ax.xaxis.set_major_formatter(_clock)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel("local time")
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1.02), ncols=4, frameon=False, fontsize="small",
        borderaxespad=0, handlelength=1.4,
    )  # fmt: skip
    return _style(ax, heading)


def _style(ax: Axes, heading: str) -> Axes:
    ax.set_title(heading, loc="left", color=INK, fontsize="medium")
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(SOFT)
    ax.tick_params(color=SOFT, labelcolor=INK)
    ax.grid(axis="y", color="#e6ebef", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax
