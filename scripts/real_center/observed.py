"""The observed figures of the averaged day: what a simulation is compared with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .log import EDGES, Log


def clock(seconds: float) -> str:
    """Seconds after midnight as HH:MM."""
    return f"{int(seconds) // 3600:02d}:{int(seconds) % 3600 // 60:02d}"


def observed(log: Log, names: dict[int, str], agents: np.ndarray) -> pd.DataFrame:
    """Counts per kept day and ratios of totals, for the day, each half hour and each queue."""
    calls = log.kept
    n_days = len(log.days)
    clocks = {slot: clock(edge) for slot, edge in enumerate(EDGES.tolist())}
    parts = [
        _figures(calls, pd.Series("day", calls.index), n_days).assign(scope="day"),
        _figures(calls, calls["slot"].map(clocks), n_days).assign(scope="interval"),
        _figures(calls, calls["queue"].map(names), n_days).assign(scope="type"),
    ]
    table = pd.concat(parts).reset_index(names="name")
    table["agents"] = np.nan
    table.loc[table["scope"] == "interval", "agents"] = agents
    table.loc[table["scope"] == "day", "agents"] = agents.mean()
    columns = ["scope", "name"] + [c for c in table.columns if c not in ("scope", "name")]
    return table[columns]


def _figures(calls: pd.DataFrame, by: pd.Series, n_days: int) -> pd.DataFrame:
    served = calls["served"]
    flags = pd.DataFrame(
        {
            "offered": True,
            "served": served,
            "abandoned": ~served,
            "served_20s": served & (calls["wait"] <= 20),
            "served_60s": served & (calls["wait"] <= 60),
            "wait_sum": calls["wait"].where(served, 0.0),
            "talk_sum": calls["talk"].fillna(0.0),
        }
    )
    sums = flags.groupby(by).sum()
    return pd.DataFrame(
        {
            "offered": (sums["offered"] / n_days).round(2),
            "served": (sums["served"] / n_days).round(2),
            "abandoned": (sums["abandoned"] / n_days).round(2),
            "abandonment": (sums["abandoned"] / sums["offered"]).round(4),
            "within_20s": (sums["served_20s"] / sums["offered"]).round(4),
            "within_60s": (sums["served_60s"] / sums["offered"]).round(4),
            "mean_wait_s": (sums["wait_sum"] / sums["served"]).round(1),
            "mean_talk_s": (sums["talk_sum"] / sums["served"]).round(1),
        }
    )


def spread(log: Log) -> dict[str, float]:
    """How the kept days differ: standard deviation and extremes of the day's abandonment."""
    by_day = 1 - log.kept.groupby("day")["served"].mean()
    within = log.kept.assign(hit=log.kept["served"] & (log.kept["wait"] <= 20))
    by_day_20 = within.groupby("day")["hit"].mean()
    return {
        "abandonment_sd": by_day.std(),
        "abandonment_low": by_day.min(),
        "abandonment_high": by_day.max(),
        "within_20s_sd": by_day_20.std(),
    }
