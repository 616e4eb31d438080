"""The metrics of outcomes: costs, sales, satisfaction, complaints, chats broken off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simcc.metrics.chats import chats
from simcc.metrics.colleagues import colleagues
from simcc.metrics.counters import OUTCOME_COUNTERS, SALE_COUNTERS
from simcc.metrics.metric import BOTH, DURING, Metric, Scope
from simcc.metrics.prices import PRICED_BY_GROUP, PRICED_BY_TYPE
from simcc.model.colleagues import has_colleagues
from simcc.model.follow_ups import has_follow_ups
from simcc.model.outcomes import has_complaints, has_costs, has_sales
from simcc.model.turns import has_turns

if TYPE_CHECKING:
    from simcc.model import Scenario

COSTS = ("staff_cost", "bot_cost", "contact_cost")
ALL: tuple[Scope, ...] = ("all",)
TYPES: tuple[Scope, ...] = ("all", "type")


def outcomes(scenario: Scenario | None) -> Iterator[Metric]:
    """Yield the metrics of the outcomes that a scenario has; without one, all of them."""
    if scenario is None or has_costs(scenario):
        yield from costs(scenario)
    if scenario is None or has_sales(scenario):
        yield from sales()
    if scenario is None or scenario.satisfaction is not None:
        yield satisfaction()
    if scenario is None or has_complaints(scenario):
        yield from complaints(scenario)
    if scenario is None or has_turns(scenario):
        yield from chats()
    if scenario is None or has_colleagues(scenario):
        yield from colleagues()


def outcome_counters(scenario: Scenario) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the counters behind these metrics, by type and by group, that a scenario has."""
    used = {name for one in outcomes(scenario) for name in (*one.numerator, *one.denominator)}
    by_type = (*OUTCOME_COUNTERS, *PRICED_BY_TYPE)
    by_group = (*SALE_COUNTERS, *PRICED_BY_GROUP)
    return tuple(filter(used.__contains__, by_type)), tuple(filter(used.__contains__, by_group))


def issue_counters(scenario: Scenario | None) -> tuple[tuple[str, ...], ...]:
    """Return the counters of issues, of those resolved, and of those resolved at first.

    Where no contact follows another, each contact is an issue, resolved if anyone dealt with it.
    """
    if scenario is None or has_follow_ups(scenario):
        return ("issues",), ("resolved_issues",), ("resolved_at_first",)
    resolved: tuple[str, ...] = ("served", "called_back", "contained")
    if scenario is not None and has_turns(scenario):
        resolved += ("-left_in_chat", "-timed_out")
    return ("arrivals",), resolved, resolved


def costs(scenario: Scenario | None) -> Iterator[Metric]:
    """Yield the metrics of costs."""
    _, resolved, _ = issue_counters(scenario)
    yield Metric(
        name="paid_hours", title="agent hours paid, overtime included", unit="h",
        scopes=("all", "group"), kind="mean", period=DURING, numerator=("paid_hours",),
    )  # fmt: skip
    yield Metric(
        name="staff_cost", title="cost of agents, overtime included", unit="money",
        scopes=("all", "group"), kind="mean", period=DURING, numerator=("staff_cost",),
    )  # fmt: skip
    yield Metric(
        name="bot_cost", title="cost of bot sessions", unit="money",
        scopes=("all", "type", "bot"), kind="mean", numerator=("bot_cost",),
    )  # fmt: skip
    yield Metric(
        name="contact_cost", title="cost of contacts that come in and of calls, by their number",
        unit="money", scopes=TYPES, kind="mean", numerator=("contact_cost",),
    )  # fmt: skip
    yield Metric(
        name="total_cost", title="cost of agents, bots and contacts", unit="money",
        scopes=ALL, kind="mean", period=BOTH, numerator=COSTS,
    )  # fmt: skip
    for name, title, below in (
        ("cost_per_contact", "total cost per contact that came in", ("arrivals",)),
        ("cost_per_resolved_issue", "total cost per issue that was resolved", resolved),
    ):
        yield Metric(
            name=name, title=title, unit="money", scopes=ALL, period=BOTH,
            numerator=COSTS, denominator=below,
        )  # fmt: skip


def sales() -> Iterator[Metric]:
    """Yield the metrics of sales."""
    every: tuple[Scope, ...] = ("all", "type", "group")
    yield Metric(
        name="sales", title="expected number of sales, given who served", unit="sales",
        scopes=every, kind="mean", numerator=("sales",),
    )  # fmt: skip
    yield Metric(
        name="conversion", title="expected sales per contact answered", unit="share",
        scopes=every, numerator=("sales",), denominator=("answered",),
    )  # fmt: skip
    yield Metric(
        name="revenue", title="expected value of the sales", unit="money",
        scopes=every, kind="mean", numerator=("revenue",),
    )  # fmt: skip
    yield Metric(
        name="revenue_per_contact", unit="money", scopes=TYPES,
        title="expected value of the sales per contact offered, or reached by a list that sells",
        numerator=("revenue",), denominator=("offered", "sale_calls"),
    )  # fmt: skip


def satisfaction() -> Metric:
    """Return the metric of satisfaction."""
    return Metric(
        name="satisfaction", title="mean satisfaction with how issues went, 0 to 1",
        unit="score", scopes=TYPES, numerator=("satisfaction_sum",), denominator=("rated",),
    )  # fmt: skip


def complaints(scenario: Scenario | None) -> Iterator[Metric]:
    """Yield the metrics of complaints."""
    issues, _, _ = issue_counters(scenario)
    yield Metric(
        name="complaints", title="contacts that are complaints", unit="contacts",
        scopes=TYPES, kind="mean", numerator=("complaints",),
    )  # fmt: skip
    yield Metric(
        name="complaints_per_1000_issues", title="complaints per 1,000 customers who came in",
        unit="per 1000", scopes=ALL, numerator=("complaints",), denominator=issues, per=1000.0,
    )  # fmt: skip
