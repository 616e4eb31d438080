"""How contacts of a type arrive."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import (
    BY_KIND,
    Duration,
    Many,
    Name,
    Part,
    PositiveDuration,
    Rate,
    Rule,
    Variation,
    tag,
)


class Busyness(Part):
    """A factor of mean 1, one gamma draw per day, that multiplies the day's rates.

    Parameters
    ----------
    cv : float
        Standard deviation of the factor, in [0.001, 100].
    shared : str, optional
        Types that name the same key have the same factor.
    """

    cv: Variation
    shared: Name | None = None


def increasing(name: str, *, ties: bool = False) -> Rule:
    """Rule: the instants of a field are in order."""

    def check(part: Any) -> Iterator[Problem]:
        instants = getattr(part, name)
        for i, (before, after) in enumerate(pairwise(instants or ()), start=1):
            if after < before or (after == before and not ties):
                allowed = "at least" if ties else "more than"
                message = f"is {after:g}; must be {allowed} the one before it, {before:g}"
                yield Problem(f"{name}[{i}]", f"{message} (unit: seconds)")
                return

    return check


def one_more_edge(name: str) -> Rule:
    """Rule: as many values as there are intervals between the edges."""

    def check(part: Any) -> Iterator[Problem]:
        n = len(getattr(part, name))
        if part.edges is not None and len(part.edges) != n + 1:
            message = f"has {len(part.edges)} instants; must have {n + 1}, one more than {name}"
            yield Problem("edges", message)

    return check


def starts_at_zero(name: str) -> Rule:
    """Rule: the first instant of a field is the start of the simulation."""

    def check(part: Any) -> Iterator[Problem]:
        instants = getattr(part, name)
        if instants and instants[0] != 0:
            yield Problem(f"{name}[0]", f"is {instants[0]:g}; must be 0 (unit: seconds)")

    return check


class PoissonArrivals(Part):
    """A Poisson process of constant rate.

    Parameters
    ----------
    rate_per_hour : float
        Contacts per hour.
    busyness : Busyness, optional
    """

    kind: Literal["poisson"] = "poisson"
    rate_per_hour: Rate
    busyness: Busyness | None = None


class RateArrivals(Part):
    """A Poisson process whose rate is constant on each interval.

    Parameters
    ----------
    rates_per_hour : sequence of float
        Contacts per hour.
    edges : sequence of duration, optional
        Instants between which the rates hold, one more than rates; left out, the rates belong to
        the intervals of the horizon.
    busyness : Busyness, optional
    """

    kind: Literal["rates"] = "rates"
    rates_per_hour: Many[Rate] = Field(min_length=1)
    edges: Many[Duration] | None = None
    busyness: Busyness | None = None
    rules: ClassVar[tuple[Rule, ...]] = (
        increasing("edges"),
        one_more_edge("rates_per_hour"),
        starts_at_zero("edges"),
    )


def _one_rate_per_time(part: Any) -> Iterator[Problem]:
    if len(part.rates_per_hour) != len(part.times):
        message = f"has {len(part.rates_per_hour)} numbers; must have one for each of the"
        yield Problem("rates_per_hour", f"{message} {len(part.times)} times")


class LinearRateArrivals(Part):
    """A Poisson process whose rate is linear between points.

    Parameters
    ----------
    times : sequence of duration
        Instants, from 0 to the end of the horizon or later.
    rates_per_hour : sequence of float
        Contacts per hour at each.
    busyness : Busyness, optional
    """

    kind: Literal["linear"] = "linear"
    times: Many[Duration] = Field(min_length=2)
    rates_per_hour: Many[Rate] = Field(min_length=2)
    busyness: Busyness | None = None
    rules: ClassVar[tuple[Rule, ...]] = (
        increasing("times"),
        _one_rate_per_time,
        starts_at_zero("times"),
    )


class TraceArrivals(Part):
    """Real arrival instants, the same in every replication.

    Parameters
    ----------
    times : sequence of duration
        Instants in seconds from the start, sorted; equal ones are allowed.
    """

    kind: Literal["trace"] = "trace"
    times: Many[Duration]
    rules: ClassVar[tuple[Rule, ...]] = (increasing("times", ties=True),)


class MarkovArrivals(Part):
    """A Poisson process whose rate alternates between two, each for an exponential time.

    Starts in the first phase; also known as a Markov-modulated Poisson process.

    Parameters
    ----------
    rates_per_hour : two floats
        Contacts per hour in each phase.
    phase_means : two durations
        Mean length of each phase.
    """

    kind: Literal["markov"] = "markov"
    rates_per_hour: Many[Rate] = Field(min_length=2, max_length=2)
    phase_means: Many[PositiveDuration] = Field(min_length=2, max_length=2)


Arrivals = Annotated[
    Annotated[PoissonArrivals, tag("poisson")]
    | Annotated[RateArrivals, tag("rates")]
    | Annotated[LinearRateArrivals, tag("linear")]
    | Annotated[TraceArrivals, tag("trace")]
    | Annotated[MarkovArrivals, tag("markov")],
    BY_KIND,
]
