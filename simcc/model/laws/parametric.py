"""Laws with a name and a few parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import (
    Duration,
    Many,
    Positive,
    PositiveCount,
    PositiveDuration,
    Probability,
    Rule,
    Variation,
)
from simcc.model.laws.base import Floats, Law, sensible_mean
from simcc.periods import in_words


class Constant(Law):
    """Always the same time.

    Parameters
    ----------
    value : duration
        At least 0 s.

    Examples
    --------
    >>> Constant(value="3min").mean()
    180.0
    """

    kind: Literal["constant"] = "constant"
    value: Duration

    def ppf(self, u: ArrayLike) -> Floats:
        return np.full(np.shape(u), self.value)

    def sf(self, t: ArrayLike) -> Floats:
        return np.where(np.asarray(t) < self.value, 1.0, 0.0)

    def mean(self) -> float:
        return self.value


class Exponential(Law):
    """Memoryless.

    Parameters
    ----------
    mean : duration
        More than 0 s.

    Examples
    --------
    >>> float(Exponential(mean=60).sf(60).round(4))
    0.3679
    """

    kind: Literal["exponential"] = "exponential"
    mean_time: PositiveDuration = Field(alias="mean")

    def ppf(self, u: ArrayLike) -> Floats:
        return _exponential_ppf(u) * self.mean_time

    def isf(self, q: ArrayLike) -> Floats:
        return _exponential_isf(q) * self.mean_time

    def sf(self, t: ArrayLike) -> Floats:
        return np.exp(-_positive(t) / self.mean_time)

    def mean(self) -> float:
        return self.mean_time


class Lognormal(Law):
    """Its logarithm is normal; the usual fit of talk times.

    Parameters
    ----------
    mean : duration
        More than 0 s.
    cv : float
        Standard deviation over mean, in [0.001, 100].

    Examples
    --------
    >>> float(Lognormal(mean=100, cv=1).ppf(0.5).round(2))  # the median: mean / sqrt(1 + cv**2)
    70.71
    """

    kind: Literal["lognormal"] = "lognormal"
    mean_time: PositiveDuration = Field(alias="mean")
    cv: Variation

    @property
    def _sigma(self) -> float:
        return math.sqrt(math.log1p(self.cv**2))

    def ppf(self, u: ArrayLike) -> Floats:
        from scipy.special import ndtri

        sigma = self._sigma
        return np.asarray(self.mean_time * np.exp(sigma * ndtri(u) - sigma**2 / 2))

    def isf(self, q: ArrayLike) -> Floats:
        from scipy.special import ndtri

        sigma = self._sigma
        return np.asarray(self.mean_time * np.exp(-sigma * ndtri(q) - sigma**2 / 2))

    def sf(self, t: ArrayLike) -> Floats:
        from scipy.special import ndtr

        sigma = self._sigma
        with np.errstate(divide="ignore"):
            x = np.log(_positive(t) / self.mean_time) / sigma + sigma / 2
        return np.asarray(ndtr(-x))

    def mean(self) -> float:
        return self.mean_time


class Gamma(Law):
    """Gamma law.

    Parameters
    ----------
    mean : duration
        More than 0 s.
    cv : float
        Standard deviation over mean, in [0.001, 100]; 1 gives the exponential law.

    Examples
    --------
    >>> float(Gamma(mean=60, cv=1).sf(60).round(4))
    0.3679
    """

    kind: Literal["gamma"] = "gamma"
    mean_time: PositiveDuration = Field(alias="mean")
    cv: Variation

    def ppf(self, u: ArrayLike) -> Floats:
        return _gamma_ppf(u, self.cv**-2, self.mean_time)

    def isf(self, q: ArrayLike) -> Floats:
        return _gamma_isf(q, self.cv**-2, self.mean_time)

    def sf(self, t: ArrayLike) -> Floats:
        return _gamma_sf(t, self.cv**-2, self.mean_time)

    def mean(self) -> float:
        return self.mean_time


class Erlang(Law):
    """Sum of k exponential stages.

    Parameters
    ----------
    k : int
        Number of stages, 1 to 1,000,000.
    mean : duration
        Mean of the whole, more than 0 s.

    Examples
    --------
    >>> Erlang(k=3, mean="3min").mean()
    180.0
    """

    kind: Literal["erlang"] = "erlang"
    k: Annotated[PositiveCount, Field(le=10**6)]
    mean_time: PositiveDuration = Field(alias="mean")

    def ppf(self, u: ArrayLike) -> Floats:
        return _gamma_ppf(u, self.k, self.mean_time)

    def isf(self, q: ArrayLike) -> Floats:
        return _gamma_isf(q, self.k, self.mean_time)

    def sf(self, t: ArrayLike) -> Floats:
        return _gamma_sf(t, self.k, self.mean_time)

    def mean(self) -> float:
        return self.mean_time


class Weibull(Law):
    """Survival exp(-(t / scale)**shape).

    Parameters
    ----------
    shape : float
        More than 0; below 1 the hazard falls, above 1 it rises.
    scale : duration
        More than 0 s.

    Examples
    --------
    >>> Weibull(shape=1, scale=60).mean()
    60.0
    """

    kind: Literal["weibull"] = "weibull"
    shape: Positive
    scale: PositiveDuration
    rules: ClassVar[tuple[Rule, ...]] = (sensible_mean,)

    def ppf(self, u: ArrayLike) -> Floats:
        return self.scale * _exponential_ppf(u) ** (1 / self.shape)

    def isf(self, q: ArrayLike) -> Floats:
        return self.scale * _exponential_isf(q) ** (1 / self.shape)

    def sf(self, t: ArrayLike) -> Floats:
        return np.exp(-((_positive(t) / self.scale) ** self.shape))

    def mean(self) -> float:
        try:
            return self.scale * math.gamma(1 + 1 / self.shape)
        except OverflowError:
            return math.inf


def _one_prob_per_mean(law: Any) -> Iterator[Problem]:
    if len(law.probs) != len(law.means):
        message = f"has {len(law.probs)} numbers; must have one for each of the {len(law.means)}"
        yield Problem("probs", f"{message} means")


def _probs_sum_to_one(law: Any) -> Iterator[Problem]:
    total = math.fsum(law.probs)
    if abs(total - 1) > 1e-9:
        yield Problem("probs", f"add up to {total:.12g}; must add up to 1")


class Hyperexponential(Law):
    """With probability ``probs[i]`` exponential with mean ``means[i]``.

    Parameters
    ----------
    probs : sequence of float
        In [0, 1], adding up to 1.
    means : sequence of duration
        More than 0 s each.

    Examples
    --------
    >>> Hyperexponential(probs=[0.9, 0.1], means=["1min", "10min"]).mean()
    114.0
    """

    kind: Literal["hyperexponential"] = "hyperexponential"
    probs: Many[Probability] = Field(min_length=1)
    means: Many[PositiveDuration] = Field(min_length=1)
    rules: ClassVar[tuple[Rule, ...]] = (_one_prob_per_mean, _probs_sum_to_one)

    def ppf(self, u: ArrayLike) -> Floats:
        return self._time_of_hazard(_exponential_ppf(u))

    def isf(self, q: ArrayLike) -> Floats:
        return self._time_of_hazard(_exponential_isf(q))

    def _time_of_hazard(self, y: Floats) -> Floats:
        """Time at which the cumulated hazard reaches y."""
        with np.errstate(divide="ignore"):
            starts = [m * (y + np.log(p)) for p, m in zip(self.probs, self.means, strict=True)]
        t = np.maximum(np.max(starts, axis=0), 0.0)
        # The cumulated hazard is concave: Newton from the left climbs to the root, never past it.
        for _ in range(100):
            hazard, slope = self._hazard(np.where(np.isfinite(t), t, 0.0))
            step = np.where(np.isfinite(t), (y - hazard) / slope, 0.0)
            t = t + np.maximum(step, 0.0)
            if not (step > 1e-15 * t).any():
                break
        return np.asarray(t)

    def _hazard(self, t: Floats) -> tuple[Floats, Floats]:
        """Cumulated hazard -log P(T > t), precise near 0 and far out, and its slope."""
        probs, means = np.array(self.probs), np.array(self.means)
        x = -t[..., None] / means
        top = np.max(np.where(probs > 0, x, -np.inf), axis=-1, keepdims=True)
        parts = probs * np.exp(x - top)
        alive = parts.sum(axis=-1)
        below = -(probs * np.expm1(x)).sum(axis=-1)
        with np.errstate(divide="ignore"):
            near = -np.log1p(-np.minimum(below, 0.5))
        hazard = np.where(below < 0.5, near, -(np.log(alive) + top[..., 0]))
        return hazard, (parts / means).sum(axis=-1) / alive

    def sf(self, t: ArrayLike) -> Floats:
        t = _positive(t)
        parts = [p * np.exp(-t / m) for p, m in zip(self.probs, self.means, strict=True)]
        return np.asarray(np.sum(parts, axis=0))

    def mean(self) -> float:
        return math.fsum(p * m for p, m in zip(self.probs, self.means, strict=True))


def _low_below_high(law: Any) -> Iterator[Problem]:
    if law.low >= law.high:
        low, high = in_words(law.low), in_words(law.high)
        yield Problem("high", f"is {high}; must be more than low, which is {low} (unit: seconds)")


class Uniform(Law):
    """Any time between two, equally likely.

    Parameters
    ----------
    low, high : duration
        0 s <= low < high.

    Examples
    --------
    >>> Uniform(low="1min", high="3min").mean()
    120.0
    """

    kind: Literal["uniform"] = "uniform"
    low: Duration
    high: PositiveDuration
    rules: ClassVar[tuple[Rule, ...]] = (_low_below_high,)

    def ppf(self, u: ArrayLike) -> Floats:
        return np.asarray(self.low + np.asarray(u, float) * (self.high - self.low))

    def sf(self, t: ArrayLike) -> Floats:
        return np.clip((self.high - np.asarray(t, float)) / (self.high - self.low), 0.0, 1.0)

    def mean(self) -> float:
        return (self.low + self.high) / 2


def _positive(t: ArrayLike) -> Floats:
    """Negative times as 0: nothing has happened before."""
    return np.asarray(np.maximum(np.asarray(t, float), 0.0))


def _exponential_ppf(u: ArrayLike) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log1p(-np.asarray(u, float)))


def _exponential_isf(q: ArrayLike) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(np.asarray(q, float)))


def _gamma_ppf(u: ArrayLike, shape: float, mean: float) -> Floats:
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(shape, u) * (mean / shape))


def _gamma_isf(q: ArrayLike, shape: float, mean: float) -> Floats:
    from scipy.special import gammainccinv

    return np.asarray(gammainccinv(shape, q) * (mean / shape))


def _gamma_sf(t: ArrayLike, shape: float, mean: float) -> Floats:
    from scipy.special import gammaincc

    return np.asarray(gammaincc(shape, _positive(t) * (shape / mean)))
