"""A slip of a unit must not eat the memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from simcc.errors import Problem
from simcc.model.base import MOST_AGENTS
from simcc.model.checks.common import each, known_horizon, place
from simcc.model.horizon import Horizon
from simcc.periods import HOUR

MOST_CONTACTS = 2e8  # per replication
MOST_PHASES = 1e7


def agents_are_not_too_many(scenario: Any) -> Iterator[Problem]:
    """The agents fit into memory."""
    total = sum(most_agents(group.staff) for group in scenario.agent_groups)
    if total > MOST_AGENTS:
        message = f"have {total:,} agents together; must be at most {MOST_AGENTS:,}"
        yield Problem("agent_groups", message)


def most_agents(staff: Any) -> int:
    """The largest number of agents a group has at any time."""
    if staff.kind == "fixed":
        return int(staff.agents)
    if staff.kind == "head_counts":
        return int(max(*staff.counts, staff.after_last or 0))
    return len({shift.agent for shift in staff.shifts})


def contacts_are_not_too_many(scenario: Any) -> Iterator[Problem]:
    """The contacts fit into memory."""
    horizon = known_horizon(scenario)
    total = sum(expected(kind.arrivals, horizon) for kind in scenario.contact_types)
    lists = [kind.outbound for kind in scenario.contact_types if kind.outbound is not None]
    total += sum(one.records * one.attempts for one in lists)
    if total > MOST_CONTACTS:
        message = f"bring {total:.3g} contacts per replication; must be at most {MOST_CONTACTS:g}"
        yield Problem("contact_types", f"{message} (are the rates per hour?)")


def phases_are_not_too_many(scenario: Any) -> Iterator[Problem]:
    """The phases of alternating rates fit into memory."""
    length = known_horizon(scenario).length

    def check(kind: Any) -> Iterator[Problem]:
        means = getattr(kind.arrivals, "phase_means", ())
        if means and length / sum(means) > MOST_PHASES:
            where = f"{place('contact_types', kind)}.arrivals.phase_means"
            message = f"are {sum(means):g} together; must be at least"
            yield Problem(where, f"{message} {length / MOST_PHASES:g} (unit: seconds)")

    yield from each(scenario.contact_types, check)


def expected(arrivals: Any, horizon: Horizon) -> float:
    """Contacts that arrive in a replication, on average (an upper bound for linear rates)."""
    hours = horizon.length / HOUR
    if arrivals is None:
        found = 0.0
    elif arrivals.kind == "trace":
        found = len(arrivals.times)
    elif arrivals.kind == "poisson":
        found = arrivals.rate_per_hour * hours
    elif arrivals.kind == "linear":
        found = max(arrivals.rates_per_hour) * hours
    elif arrivals.kind == "markov":
        (first, second), (one, other) = arrivals.rates_per_hour, arrivals.phase_means
        found = (first * one + second * other) / (one + other) * hours
    else:
        edges = horizon.all_edges if arrivals.edges is None else arrivals.edges
        pieces = zip(pairwise(edges), arrivals.rates_per_hour, strict=False)
        inside = ((a, min(b, horizon.length), rate) for (a, b), rate in pieces)
        found = sum((b - a) * rate for a, b, rate in inside if a < b) / HOUR
    return float(found)
