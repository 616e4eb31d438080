"""Who serves what, and who was there: inferred from answered calls alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .log import EDGES, INTERVAL, NO_WAIT, Log

SKILL_SHARE = 0.02  # an agent serves a queue from this share of the own calls ...
RARE_SHARE = 0.25  # ... or from this part of the queue's share in all calls (rare queues)
SKILL_CALLS = 2  # but never on fewer calls
WAITING = 20  # seconds of waiting calls in a gap beyond which the agent was away
LONGEST_GAP = 1800  # seconds without a call beyond which the agent was away
_DAY = 86_400 + 3_600  # seconds of a day's grid; calls end a little after closing


def infer_skills(calls: pd.DataFrame, queues: list[int]) -> dict[int, frozenset[int]]:
    """Queues of each agent, from the answered calls of all weekdays in the log."""
    answered = calls[calls["served"] & (calls["day"].dt.day_of_week < 5)]
    counts = answered.groupby(["agent", "queue"]).size().unstack(fill_value=0)
    shares = counts.div(counts.sum(axis=1), axis=0)
    queue_share = counts.sum() / counts.to_numpy().sum()
    threshold = (RARE_SHARE * queue_share).clip(upper=SKILL_SHARE)
    serves = shares.ge(threshold, axis=1) & (counts >= SKILL_CALLS)
    serves = serves[queues]
    return {int(agent): frozenset(row.index[row]) for agent, row in serves.iterrows() if row.any()}


def stretches(log: Log, skills: dict[Any, frozenset[int]]) -> tuple[pd.DataFrame, np.ndarray]:
    """When each agent was there, and how long an agent takes between two calls.

    Returns
    -------
    presence : DataFrame
        `day`, `agent`, `start`, `end` (seconds after midnight): first to last call of the day,
        minus gaps of over 30 minutes or with over 20 s in which calls of the agent's queues waited.
    gaps : ndarray of float64
        Seconds from the end of a call to the answer of the next, where a call of the agent's queues
        was waiting at that end and the gap counts as presence.
    """
    rows: list[tuple[Any, ...]] = []
    gaps: list[np.ndarray] = []
    for day, calls in log.calls.groupby("day"):
        waiting = _waiting(calls)
        nobody = np.zeros(_DAY, dtype=bool)
        for agent, own in calls[calls["served"]].groupby("agent"):
            if agent not in skills:
                continue
            lines = [waiting[queue] for queue in sorted(skills[agent]) if queue in waiting]
            busy = np.logical_or.reduce(lines) if lines else nobody
            answered = (own["arrived"] + own["wait"]).to_numpy()
            order = np.argsort(answered, kind="stable")
            answered, ended = answered[order], own["end"].to_numpy()[order]
            away, queued = _away(answered, ended, busy)
            starts = answered[np.concatenate([[True], away])]
            ends = ended[np.concatenate([away, [True]])]
            rows += [(day, agent, a, b) for a, b in zip(starts, ends, strict=True)]
            gaps.append((answered[1:] - ended[:-1])[queued & ~away])
    presence = pd.DataFrame(rows, columns=["day", "agent", "start", "end"])
    return presence, np.concatenate(gaps)


def _waiting(calls: pd.DataFrame) -> dict[int, np.ndarray]:
    """For each queue, second by second: is a call waiting?"""
    found: dict[Any, np.ndarray] = {}
    for queue, own in calls[calls["wait"] > NO_WAIT].groupby("queue"):
        change = np.zeros(_DAY + 1, dtype=np.int64)
        start = own["arrived"].to_numpy().astype(int)
        np.add.at(change, start, 1)
        np.add.at(change, np.minimum(start + own["wait"].to_numpy().astype(int), _DAY), -1)
        found[queue] = np.cumsum(change)[:-1] > 0
    return found


def _away(
    answered: np.ndarray, ended: np.ndarray, busy: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each gap between calls: was the agent away; was a call waiting when it began?"""
    start, stop = ended[:-1].astype(int), answered[1:].astype(int)
    total = np.concatenate([[0], np.cumsum(busy)])
    waited = total[np.maximum(stop, start)] - total[start]
    away = (stop > start) & ((waited > WAITING) | (stop - start > LONGEST_GAP))
    return away, busy[start]


def overlaps(presence: pd.DataFrame) -> np.ndarray:
    """Agents present on average in each half hour, per stretch (rows) and half hour (columns)."""
    start = presence["start"].to_numpy()[:, None]
    end = presence["end"].to_numpy()[:, None]
    seconds: np.ndarray = np.minimum(end, EDGES + INTERVAL) - np.maximum(start, EDGES)
    return seconds.clip(min=0) / INTERVAL
