"""Lists, rates and shifts fit the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, known_horizon, place
from simcc.periods import in_words


def lists_have_one_per_interval(scenario: Any) -> Iterator[Problem]:
    """Lists by interval are as long as the horizon."""
    n = known_horizon(scenario).n_intervals

    def check(kind: Any) -> Iterator[Problem]:
        for name in ("talk_time_by_interval", "talk_scale_by_interval"):
            found = getattr(kind, name)
            if found is not None:
                yield from _length(f"{place('contact_types', kind)}.{name}", found, n)

    yield from each(scenario.contact_types, check)


def counts_have_one_per_interval(scenario: Any) -> Iterator[Problem]:
    """Head counts without edges are as many as intervals."""
    n = known_horizon(scenario).n_intervals

    def check(group: Any) -> Iterator[Problem]:
        if group.staff.kind == "head_counts" and group.staff.edges is None:
            where = f"{place('agent_groups', group)}.staff.counts"
            yield from _length(where, group.staff.counts, n)

    yield from each(scenario.agent_groups, check)


def _length(where: str, found: Any, n: int) -> Iterator[Problem]:
    if len(found) != n:
        message = f"has {len(found)} entries; must have {n}, one for each interval of the horizon"
        yield Problem(where, message)


def arrivals_cover_the_horizon(scenario: Any) -> Iterator[Problem]:
    """Rates are given for the whole horizon; replayed arrivals fall in it."""
    horizon = known_horizon(scenario)

    def check(kind: Any) -> Iterator[Problem]:
        arrivals = kind.arrivals
        where = f"{place('contact_types', kind)}.arrivals"
        if arrivals is None:
            return
        if arrivals.kind == "rates" and arrivals.edges is None:
            rates = arrivals.rates_per_hour
            yield from _length(f"{where}.rates_per_hour", rates, horizon.n_intervals)
        elif arrivals.kind == "rates":
            yield from _covers(f"{where}.edges", arrivals.edges, horizon.length)
        elif arrivals.kind == "linear":
            yield from _covers(f"{where}.times", arrivals.times, horizon.length)
        elif arrivals.kind == "trace" and arrivals.times and arrivals.times[-1] >= horizon.length:
            late = next(i for i, at in enumerate(arrivals.times) if at >= horizon.length)
            message = f"is {arrivals.times[late]:g}; must be before the end of the horizon,"
            yield Problem(f"{where}.times[{late}]", f"{message} {horizon.length:g} (unit: seconds)")

    yield from each(scenario.contact_types, check)


def _covers(where: str, instants: Any, length: float) -> Iterator[Problem]:
    if instants[-1] < length:
        message = f"end at {in_words(instants[-1])}; must cover the horizon, which ends at"
        yield Problem(where, f"{message} {in_words(length)} (unit: seconds)")


def shared_busyness_agrees(scenario: Any) -> Iterator[Problem]:
    """Types that share a day's factor give it the same variation."""
    first: dict[str, Any] = {}

    def check(kind: Any) -> Iterator[Problem]:
        busyness = getattr(kind.arrivals, "busyness", None)
        if busyness is None or busyness.shared is None:
            return
        before = first.setdefault(busyness.shared, kind)
        cv = before.arrivals.busyness.cv
        if busyness.cv != cv:
            where = f"{place('contact_types', kind)}.arrivals.busyness.cv"
            message = f'is {busyness.cv:g}; must be {cv:g} as for "{before.name}", which shares'
            yield Problem(where, f'{message} "{busyness.shared}"')

    yield from each(scenario.contact_types, check)


def shifts_start_in_the_horizon(scenario: Any) -> Iterator[Problem]:
    """Every shift begins before the end."""
    length = known_horizon(scenario).length

    def check(group: Any) -> Iterator[Problem]:
        if group.staff.kind != "roster":
            return
        for i, shift in enumerate(group.staff.shifts):
            if shift.start >= length:
                where = f"{place('agent_groups', group)}.staff.shifts[{i}].start"
                message = f"is {in_words(shift.start)}; must be before the end of the horizon,"
                yield Problem(where, f"{message} {in_words(length)} (unit: seconds)")

    yield from each(scenario.agent_groups, check)
