"""The observed figures of the averaged day: what a simulation is compared with.

One row per scope, interval and metric, in the words of simcc's own tables. Estimates and intervals
come from the same functions, with the kept days in place of replications.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from simcc import estimation
from simcc.metrics import service_level_name

from .log import EDGES, Log

THRESHOLDS = (20, 60)  # seconds
TARGET_SHARE, TARGET_WITHIN = 0.8, 20  # an assumption: the center's own target is not known
DAY_PROBABILITIES = (0.1, 0.5, 0.9)
RATIOS = {
    "offered": ("offered", None),
    "served": ("served", None),
    "abandoned": ("abandoned", None),
    **{service_level_name(x): (f"served_{x}s", "offered") for x in THRESHOLDS},
    "asa": ("wait_sum", "served"),
    "abandonment": ("abandoned", "offered"),
    "talk_time": ("talk_sum", "served"),
}
COLUMNS = ("scope", "interval", "metric", "observed", "low", "high")
Row = tuple[Any, ...]


def clock(seconds: float) -> str:
    """Seconds after midnight as HH:MM."""
    return f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"


def observed(log: Log, names: dict[int, str], agents: np.ndarray) -> pd.DataFrame:
    """Means over the kept days: of the whole day, each half hour and each queue.

    Parameters
    ----------
    log : Log
    names : dict
        Public name of each queue.
    agents : ndarray, shape (days, half hours)
        Agents present.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; `interval` is empty for the whole day, `low` and `high` bound the 95 %
        interval that the days give.
    """
    sums = _sums(log)
    by_slot = sums.groupby(["day", "slot"]).sum()
    clocks = [clock(edge) for edge in EDGES.tolist()]
    days = sums.groupby("day").sum()
    rows = [
        *_rows("all", "", days),
        *_of_days(days),
        _row("all", "", "staffed", agents.mean(axis=1)),
    ]
    for slot, start in enumerate(clocks):
        rows += _rows("all", start, by_slot.xs(slot, level="slot").reindex(log.days, fill_value=0))
        rows.append(_row("all", start, "staffed", agents[:, slot]))
    for queue, own in sums.groupby("queue"):
        of_day = own.groupby("day").sum().reindex(log.days, fill_value=0)
        rows += _rows(f"type:{names[queue]}", "", of_day)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = {f"type:{name}": place for place, name in enumerate(names.values(), start=1)}
    return table.sort_values("scope", key=lambda s: s.map(order).fillna(0), kind="stable")


def _sums(log: Log) -> pd.DataFrame:
    """What each call adds to the sums, with its day, half hour and queue."""
    calls = log.kept
    served = calls["served"]
    flags = {
        "offered": 1,
        "served": served.astype(int),
        "abandoned": (~served).astype(int),
        "wait_sum": calls["wait"].where(served, 0.0),
        "talk_sum": calls["talk"].fillna(0.0),
    }
    within = {f"served_{x}s": (served & (calls["wait"] <= x)).astype(int) for x in THRESHOLDS}
    keys = {key: calls[key] for key in ("day", "slot", "queue")}
    return pd.DataFrame(keys | flags | within)


def _rows(scope: str, interval: str, days: pd.DataFrame) -> Iterator[Row]:
    for metric, (above, below) in RATIOS.items():
        yield _row(scope, interval, metric, days[above], days[below] if below else None)


def _row(scope: str, interval: str, metric: str, above: Any, below: Any = None) -> Row:
    found = estimation.ratio(above, 1.0 if below is None else below)
    return (scope, interval, metric, *_rounded(found, share=_is_share(metric)))


def _is_share(metric: str) -> bool:
    return metric == "abandonment" or "service_level" in metric or "probability" in metric


def _rounded(found: estimation.Estimate, *, share: bool) -> list[float]:
    """Estimate and ends of the interval, cut at what is possible, to few digits."""
    ends = np.array([found.estimate, found.low, found.high], dtype=np.float64)
    return [float(x) for x in np.clip(ends, 0, 1 if share else np.inf).round(4 if share else 2)]


def _of_days(days: pd.DataFrame) -> Iterator[Row]:
    """How the kept days differ: how many reach the target, and quantiles of the service level."""
    level = (days[f"served_{TARGET_WITHIN}s"] / days["offered"]).to_numpy()[:, None]
    reached = estimation.share_of_days(level >= TARGET_SHARE, np.ones_like(level, dtype=bool))
    name = f"probability_day_meets_{TARGET_SHARE:g}_in_{TARGET_WITHIN:g}s_offered"
    yield ("all", "", name, *_rounded(reached, share=True))
    for p in DAY_PROBABILITIES:
        found = estimation.quantile_of_days(level, p)
        name = f"day_p{100 * p:g}_{service_level_name(TARGET_WITHIN)}"
        yield ("all", "", name, *_rounded(found, share=True))


def spread(log: Log) -> dict[str, float]:
    """How the kept days differ: calls, and the day's abandonment."""
    calls = log.kept.groupby("day")["served"].agg(["size", "mean"])
    abandonment = 1 - calls["mean"]
    return {
        "calls_sd": calls["size"].std(),
        "abandonment_sd": abandonment.std(),
        "abandonment_low": abandonment.min(),
        "abandonment_high": abandonment.max(),
    }
