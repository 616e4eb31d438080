"""Announcements: customers who would have to wait are told how long, and some leave."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar, Literal

from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import Duration, Many, Part, Positive, Probability, Rule
from simcc.periods import in_words

Estimate = Literal["queue_length", "last_answered", "head_of_line"]
ESTIMATES = ("queue_length", "last_answered", "head_of_line")


class Step(Part):
    """What customers do who are told a wait of at least so long.

    Parameters
    ----------
    wait : duration
        The wait that they are told, at least.
    leaves : float, default 0
        Probability of leaving at once; they count as balked.
    patience_factor : float, default 1
        Effect on the patience of those who stay, more than 0.

    Examples
    --------
    >>> Step(wait="5min", leaves=0.3).wait
    300.0
    """

    wait: Duration
    leaves: Probability = 0.0
    patience_factor: Positive = 1.0


def _waits_increase(part: Any) -> Iterator[Problem]:
    for i, (one, other) in enumerate(pairwise(part.steps), start=1):
        if other.wait <= one.wait:
            message = f"is {in_words(other.wait)}, after {in_words(one.wait)}; must increase"
            yield Problem(f"steps[{i}].wait", f"{message} (unit: seconds)")


class Announcement(Part):
    """The expected wait is told to those who would have to wait.

    The estimates are those of Ibrahim and Whitt (2009): "queue_length", those who wait and the
    customer, times the mean work of the type, by the speed of all agents busy in the groups that
    may take it; "last_answered", the wait of whoever of the type was answered last; "head_of_line",
    the wait so far of whoever waits longest. The last two are 0 if there is nobody.

    Parameters
    ----------
    estimate : {"queue_length", "last_answered", "head_of_line"}
    steps : sequence of Step
        With waits that increase; the last one that the estimate reaches holds. Below the first
        nothing changes.

    Examples
    --------
    >>> told = Announcement(
    ...     estimate="head_of_line", steps=[{"wait": "1min", "leaves": 0.2}, {"wait": "5min",
    ...     "leaves": 0.5, "patience_factor": 1.5}])
    >>> told.steps[1].leaves
    0.5
    """

    estimate: Estimate
    steps: Many[Step] = Field(min_length=1)
    rules: ClassVar[tuple[Rule, ...]] = (_waits_increase,)
