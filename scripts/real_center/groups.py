"""Merge agents into groups and round mean presence to head counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import pandas as pd

from .log import INTERVAL
from .presence import overlaps

SMALLEST = 4.0  # agent-hours a day below which a group is absorbed by the most similar one

Skills = frozenset[int]
Label = TypeVar("Label")


def mean_heads(
    presence: pd.DataFrame, labels: Iterable[Label], n_days: int
) -> dict[Label, np.ndarray]:
    """Mean number of agents present per half hour and label, most agent-hours first."""
    found: dict[Label, np.ndarray] = {}
    for label, row in zip(labels, overlaps(presence), strict=True):
        found[label] = found.get(label, 0.0) + row / n_days
    return dict(sorted(found.items(), key=lambda item: -_hours(item[1])))


def absorb(heads: dict[Skills, np.ndarray]) -> dict[Skills, Skills]:
    """Merge small sets into the most similar larger one (Jaccard), smallest first.

    Returns the set of the group that each set ends in. The absorbing group keeps its own queues;
    a set that is the only one to serve a queue stays.
    """
    left = dict(heads)
    group = {own: own for own in heads}
    fixed: set[Skills] = set()
    while small := [s for s in left if s not in fixed and _hours(left[s]) < SMALLEST]:
        own = min(small, key=lambda s: (_hours(left[s]), sorted(s)))
        others = [s for s in left if s != own]
        if own - frozenset().union(*others):
            fixed.add(own)
            continue
        best = max(others, key=lambda s: (_jaccard(own, s), _hours(left[s]), sorted(s)))
        left[best] = left[best] + left.pop(own)
        group = {s: best if end == own else end for s, end in group.items()}
    return group


def _hours(row: np.ndarray) -> float:
    return float(row.sum()) * INTERVAL / 3600


def _jaccard(one: Skills, other: Skills) -> float:
    return len(one & other) / len(one | other)


def round_heads(mean: np.ndarray, serves: np.ndarray, volumes: np.ndarray) -> np.ndarray:
    """Whole head counts per group and half hour.

    Each half hour's total is rounded, and reached group by group by largest remainder.

    Parameters
    ----------
    mean : ndarray, shape (n_groups, n_slots)
    serves : ndarray of bool, shape (n_groups, n_queues)
    volumes : ndarray, shape (n_queues, n_slots)

    Raises
    ------
    ValueError
        If a queue with calls is left without anybody to serve it.
    """
    heads: np.ndarray = np.floor(mean).astype(int)
    for slot in range(mean.shape[1]):
        missing = int(np.rint(mean[:, slot].sum())) - heads[:, slot].sum()
        order = np.argsort(heads[:, slot] - mean[:, slot], kind="stable")
        heads[order[:missing], slot] += 1
    alone = np.argwhere((serves.T.astype(int) @ heads == 0) & (volumes > 0))
    if len(alone):
        raise ValueError(f"calls without an agent at (queue, half hour) {alone.tolist()}")
    return heads
