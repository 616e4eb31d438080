"""Spells of the day, such as those in which callbacks are offered or lists are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from simcc.errors import Problem

Spells = Sequence[tuple[float, float]]


def hours_are_in_order(part: Any) -> Iterator[Problem]:
    """Rule: each spell of ``hours`` ends after it begins, and not after the next one begins."""
    for i, (start, end) in enumerate(part.hours):
        if not start < end:
            yield Problem(
                f"hours[{i}]",
                f"begins at {start:g} and ends at {end:g}; must end later (unit: seconds)",
            )
    for i, ((_, end), (start, _)) in enumerate(pairwise(part.hours)):
        if start < end:
            yield Problem(
                f"hours[{i + 1}]",
                f"begins at {start:g}, before hours[{i}] ends; "
                "must be in order and apart (unit: seconds)",
            )


def on_each_day(hours: Spells, day_edges: Sequence[float]) -> list[tuple[float, float]]:
    """From when until when (s from the start) the spells of each day last, in order.

    Parameters
    ----------
    hours : sequence of (float, float)
        Seconds since the start of a day.
    day_edges : sequence of float
        Where days begin, and the end of the last (s from the start).

    Examples
    --------
    >>> on_each_day([(32400.0, 61200.0)], (0.0, 86400.0, 100000.0))
    [(32400.0, 61200.0)]
    """
    return [
        (day + start, min(day + end, next_day))
        for day, next_day in pairwise(day_edges)
        for start, end in hours
        if day + start < next_day
    ]
