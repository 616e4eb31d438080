"""Laws given by data: a sample, or a survival curve."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import SMALLEST, Duration, Many, Probability, Rule
from simcc.model.laws.base import Floats, Law


class Sample(Law):
    """The observed values themselves, each equally likely.

    Parameters
    ----------
    values : sequence of duration
        At least one, in any order.

    Examples
    --------
    >>> Sample(values=[30, 60, 60, 90]).ppf([0.1, 0.9]).tolist()
    [30.0, 90.0]
    """

    kind: Literal["sample"] = "sample"
    values: Many[Duration] = Field(min_length=1)

    def ppf(self, u: ArrayLike) -> Floats:
        place = (np.asarray(u, float) * len(self.values)).astype(np.int64)
        return np.sort(self.values)[np.minimum(place, len(self.values) - 1)]

    def sf(self, t: ArrayLike) -> Floats:
        below = np.searchsorted(np.sort(self.values), np.asarray(t, float), side="right")
        return np.asarray(1.0 - below / len(self.values))

    def mean(self) -> float:
        return math.fsum(self.values) / len(self.values)


def _one_level_per_time(law: Any) -> Iterator[Problem]:
    if len(law.times) != len(law.survival):
        message = f"has {len(law.survival)} numbers; must have one for each of the"
        yield Problem("survival", f"{message} {len(law.times)} times")


def _times_increase(law: Any) -> Iterator[Problem]:
    if 0 < law.times[0] < SMALLEST:
        yield Problem("times[0]", f"is {law.times[0]:g}; must be 0 or at least {SMALLEST:g}")
    for i, (before, after) in enumerate(pairwise(law.times), start=1):
        if after - before < SMALLEST:
            message = f"is {after:g}; must be more than the time before it, {before:g}"
            yield Problem(f"times[{i}]", f"{message} (unit: seconds)")
            return


def _survival_falls_from_one(law: Any) -> Iterator[Problem]:
    if law.times[0] == 0 and law.survival[0] != 1:
        yield Problem(
            "survival[0]",
            f"is {law.survival[0]:g}; must be 1 at time 0 "
            "(a share that does not wait at all is `balking`)",
        )
    for i, (before, after) in enumerate(pairwise(law.survival), start=1):
        if after > before:
            message = f"is {after:g}; must be at most the level before it, {before:g}"
            yield Problem(f"survival[{i}]", message)
            return


def _tail_can_be_told(law: Any) -> Iterator[Problem]:
    if law.tail == "exponential" and law.survival[-1] == 1:
        yield Problem(
            "tail",
            "is exponential, but survival is still 1 at the last point, so there is no hazard to "
            'go on with; add points or use "last" or "never"',
        )
    if law.times[-1] == 0:
        yield Problem("times", "end at 0; must have a point after it (unit: seconds)")


class SurvivalCurve(Law):
    """A survival curve, as the Kaplan-Meier method gives it; linear between its points.

    Parameters
    ----------
    times : sequence of duration
        Increasing. A point of survival 1 at time 0 is implied if the first is later.
    survival : sequence of float
        P(T > time), falling, in [0, 1].
    tail : {"exponential", "last", "never"}, default "exponential"
        What lies beyond the last point, with survival s at time t: the mean hazard so far,
        -log(s) / t, goes on; or everybody left ends at t; or they never end (patience only).

    Examples
    --------
    >>> curve = SurvivalCurve(times=[60, 120], survival=[0.8, 0.5])
    >>> curve.ppf([0.1, 0.35, 0.75]).round(3).tolist()
    [30.0, 90.0, 240.0]
    """

    kind: Literal["survival"] = "survival"
    times: Many[Duration] = Field(min_length=1)
    survival: Many[Probability] = Field(min_length=1)
    tail: Literal["exponential", "last", "never"] = "exponential"
    rules: ClassVar[tuple[Rule, ...]] = (
        _one_level_per_time,
        _times_increase,
        _survival_falls_from_one,
        _tail_can_be_told,
    )

    def _points(self) -> tuple[Floats, Floats]:
        times, alive = np.array(self.times), np.array(self.survival)
        if times[0] > 0:
            times, alive = np.r_[0.0, times], np.r_[1.0, alive]
        return times, alive

    def ppf(self, u: ArrayLike) -> Floats:
        times, alive = self._points()
        level = 1.0 - np.asarray(u, float)
        high = np.clip(np.searchsorted(-alive, -level, side="right"), 1, len(times) - 1)
        drop = alive[high - 1] - alive[high]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(drop > 0, (alive[high - 1] - level) / drop, 0.0)
            inside = times[high - 1] + share * (times[high] - times[high - 1])
            return np.where(level < alive[-1], self._beyond(level), inside)

    def _beyond(self, level: Floats) -> Floats:
        """Times at which survival levels below the last one are reached."""
        if self.tail == "never":
            return np.full(level.shape, math.inf)
        if self.tail == "last" or self.survival[-1] == 0:
            return np.full(level.shape, self.times[-1])
        return np.asarray(self.times[-1] * np.log(level) / math.log(self.survival[-1]))

    def sf(self, t: ArrayLike) -> Floats:
        times, alive = self._points()
        t = np.asarray(t, float)
        inside = np.interp(t, times, alive)
        if self.tail == "never":
            return np.asarray(inside)
        if self.tail == "last":
            return np.where(t >= times[-1], 0.0, inside)
        beyond = alive[-1] ** (np.maximum(t, 0.0) / times[-1])
        return np.asarray(np.where(t > times[-1], beyond, inside))

    def mean(self) -> float:
        times, alive = self._points()
        inside = float(np.sum(np.diff(times) * (alive[1:] + alive[:-1]) / 2))
        last = float(alive[-1])
        if last == 0 or self.tail == "last":
            return inside
        if self.tail == "never":
            return math.inf
        return inside - last * float(times[-1]) / math.log(last)
