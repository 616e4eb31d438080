"""Read the call log: one weekday, ordinary days only, the queues that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

OPENING = 8 * 3600  # seconds after midnight; the weekday's half hours run from here ...
CLOSING = 20 * 3600  # ... to here
INTERVAL = 1800  # seconds
EDGES = np.arange(OPENING, CLOSING, INTERVAL)
NO_WAIT = 2  # seconds: the log shows a wait of 0 to 2 s where there was none

HOLIDAYS = pd.to_datetime(
    [
        "2014-01-01",  # New Year
        "2014-04-18",  # Good Friday
        "2014-04-21",  # Easter Monday
        "2014-05-05",  # Liberation Day
        "2014-05-29",  # Ascension Day
        "2014-06-09",  # Whit Monday
    ]
)
ODD_SHARE = 0.25  # a day with a total further than this from the weekday's median is odd
TEMPORARY_SHARE = 0.05  # so is a day on which queues that are not kept took more than this


@dataclass(frozen=True)
class Log:
    """Calls of one weekday: what is kept, and what was left out.

    Attributes
    ----------
    calls : DataFrame
        Calls of the kept days, all queues: `day`, `arrived` and `end` (seconds after midnight),
        `queue`, `agent`, `served`, `wait` and `talk` (seconds; `end` and `talk` are NaN if not
        answered).
    days : DatetimeIndex
        The kept days.
    odd_days : dict
        The days left out and why.
    queues : list of int
        Codes of the kept queues, largest first.
    """

    calls: pd.DataFrame
    days: pd.DatetimeIndex
    odd_days: dict[pd.Timestamp, str]
    queues: list[int]

    @property
    def kept(self) -> pd.DataFrame:
        """Calls of the kept queues that arrived within opening hours, with their half hour."""
        calls = self.calls
        inside = (calls["arrived"] >= OPENING) & (calls["arrived"] < CLOSING)
        calls = calls[inside & calls["queue"].isin(self.queues)]
        return calls.assign(slot=((calls["arrived"] - OPENING) // INTERVAL).astype(int))


def read_calls(path: str | Path) -> pd.DataFrame:
    """Every call of the log, in seconds after midnight (columns as in `Log.calls`)."""
    raw = pd.read_parquet(path)
    day = raw["arrived_at"].dt.normalize()
    arrived = (raw["arrived_at"] - day).dt.total_seconds()
    served = raw["answered_after_s"].notna() & raw["agent"].notna()
    seconds = {
        name: raw[name].astype("float64")
        for name in ("answered_after_s", "transfer_after_s", "ended_after_s")
    }
    # the agent is free when the call is handed over or the customer hangs up, whichever is first
    end = seconds["transfer_after_s"].fillna(np.inf).clip(upper=seconds["ended_after_s"])
    wait = seconds["answered_after_s"].where(served, seconds["ended_after_s"])
    calls = pd.DataFrame(
        {
            "day": day,
            "arrived": arrived,
            "queue": raw["queue"].astype(int),
            "agent": raw["agent"].where(served).fillna(-1).astype(int),
            "served": served,
            "wait": wait,
            "talk": (end - wait).where(served),
            "end": (arrived + end).where(served),
        }
    )
    return calls[raw["ended_after_s"].notna()]


def select(calls: pd.DataFrame, weekday: int) -> Log:
    """Keep the ordinary days of one weekday (0 is Monday) and the queues seen on most of them."""
    calls = calls[calls["day"].dt.day_of_week == weekday]
    totals = calls.groupby("day").size()
    queues = _regular_queues(calls, len(totals))
    temporary = (~calls["queue"].isin(queues)).groupby(calls["day"]).mean()
    odd_days = {}
    for day in pd.DatetimeIndex(totals.index):
        deviation = totals.loc[day] / totals.median() - 1
        if day in HOLIDAYS or day - pd.Timedelta(days=1) in HOLIDAYS:
            odd_days[day] = "public holiday or the day after one"
        elif abs(deviation) > ODD_SHARE:
            odd_days[day] = f"{deviation:+.0%} calls against the median"
        elif temporary.loc[day] > TEMPORARY_SHARE:
            odd_days[day] = f"{temporary.loc[day]:.0%} of the calls in a temporary queue"
    days = pd.DatetimeIndex(totals.index).difference(pd.DatetimeIndex(list(odd_days)))
    return Log(calls[calls["day"].isin(days)], days, odd_days, queues)


def _regular_queues(calls: pd.DataFrame, n_days: int) -> list[int]:
    """Queues with calls on at least half of the days and one call a day, largest first."""
    by_queue = calls.groupby("queue")["day"].agg(["size", "nunique"])
    regular = by_queue[(by_queue["nunique"] >= n_days / 2) & (by_queue["size"] >= n_days)]
    return [int(queue) for queue in regular.sort_values("size", ascending=False).index]
