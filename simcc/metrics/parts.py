"""The numerator and denominator of a metric, from the counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcc.metrics.counters import CENTER_COUNTERS, Counters, Floats

if TYPE_CHECKING:
    from simcc.metrics.metric import Metric, Scope


def scope_names(counters: Counters, scope: Scope) -> tuple[str, ...]:
    """Return the names of the scopes of a kind, as in tables: ``all``, ``type:NAME``, ..."""
    layout = counters.layout
    if scope == "all":
        return ("all",)
    names = {"type": layout.types, "group": layout.groups, "bot": layout.bots}[scope]
    return tuple(f"{scope}:{name}" for name in names)


def counter(counters: Counters, name: str, scope: Scope) -> Floats:
    """Return one counter, shape (R, intervals, scopes of the kind)."""
    if scope == "all":
        return counters.total(name)[..., None]
    if name == "time":
        return counters.center[..., [CENTER_COUNTERS.index(name)]]
    return {"type": counters.by_type, "group": counters.by_group, "bot": counters.by_bot}[scope](
        name
    )


def parts(counters: Counters, metric: Metric, scope: Scope) -> tuple[Floats, Floats]:
    """Return numerator and denominator, each of shape (R, intervals, scopes of the kind).

    Without a denominator, the second is 1.
    """
    above = metric.per * _add(counters, metric.numerator, scope)
    if not metric.denominator:
        return above, np.ones((1, 1, 1))
    return above, np.broadcast_to(_add(counters, metric.denominator, scope), above.shape)


def totals(counters: Counters, metric: Metric, scope: Scope) -> tuple[Floats, Floats]:
    """Return numerator and denominator of each replication over the window, shape (R, scopes).

    Of the kind "max" that is the largest and 1, of "day_share" the days that reach the target and
    those with contacts. Quantiles are no ratios.
    """
    above, below = parts(counters, metric, scope)
    if metric.kind == "max":
        above, below = above.max(axis=1), np.ones((1, 1))
    elif metric.kind == "day_share":
        days = counters.layout.days
        share, counts = shares_of_days(by_day(above, days), by_day(below, days))
        above, below = (share >= metric.required).sum(axis=1), counts.sum(axis=1)
    else:
        above, below = above.sum(axis=1), below.sum(axis=1)
    return np.asarray(above, np.float64), np.asarray(
        np.broadcast_to(below, above.shape), np.float64
    )


def shares_of_days(above: Floats, below: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the ratio of each day, NaN where the denominator is 0, and where it is not."""
    counts = below > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts, above / below, np.nan), counts


def _add(counters: Counters, names: tuple[str, ...], scope: Scope) -> Floats:
    first, *rest = names
    total = counter(counters, first, scope)
    for name in rest:
        sign = -1.0 if name.startswith("-") else 1.0
        total = total + sign * counter(counters, name.removeprefix("-"), scope)
    return total


def by_day(sums: Floats, days: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
    """Return sums by interval, shape (R, intervals, ...), as sums by day, shape (R, days, ...).

    >>> by_day(np.array([[1.0, 2.0, 4.0]]), np.array([0, 0, 1])).tolist()
    [[3.0, 4.0]]
    """
    first = np.flatnonzero(np.diff(days, prepend=-1))
    return np.add.reduceat(sums, first, axis=1)
