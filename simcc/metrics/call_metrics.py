"""The metrics of the calls that agents make: callbacks that take time, and those of lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simcc.metrics.metric import DURING, Metric, Scope, counts
from simcc.model.callbacks import has_timed_callbacks
from simcc.model.outbound import has_holds, has_outbound

if TYPE_CHECKING:
    from simcc.model import Scenario

TYPES: tuple[Scope, ...] = ("all", "type")


def calls_made(scenario: Scenario | None) -> Iterator[Metric]:
    """Yield the metrics of the calls that agents make; without a scenario, all of them."""
    timed = scenario is None or has_timed_callbacks(scenario)
    lists = scenario is None or has_outbound(scenario)
    if timed:
        yield from timed_callbacks()
    if lists:
        yield from outbound_calls()
    if scenario is None or has_holds(scenario):
        yield from holds()
    if timed or lists:
        yield Metric(
            name="mean_dialling", title="mean number of agents who dial or wait for an answer",
            unit="agents", scopes=("all", "type", "group"), period=DURING,
            numerator=("dialling_time",), denominator=("time",),
        )  # fmt: skip


def timed_callbacks() -> Iterator[Metric]:
    """Yield the metrics of callbacks that take time."""
    yield from counts(
        "contacts",
        TYPES,
        ("callbacks_called", "contacts that were called back, whether they answered or not"),
        ("callbacks_not_reached", "contacts that did not answer the last call back either"),
    )
    yield from counts("calls", TYPES, ("callback_calls", "calls to those who asked for one"))
    for name, title, unit, above, below in (
        ("callback_reach_rate", "share reached of the callbacks that are over", "share",
         "called_back", "called_back callbacks_not_reached"),
        ("callback_first_wait", "mean time from the request to the first call", "s",
         "callback_first_wait_sum", "callbacks_called"),
        ("calls_per_callback", "calls per contact that was called back", "ratio",
         "callback_calls", "callbacks_called"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit=unit, scopes=TYPES,
            numerator=(above,), denominator=tuple(below.split()),
        )  # fmt: skip


def holds() -> Iterator[Metric]:
    """Yield the metrics of calls that were answered and had to wait for an agent."""
    for name, title, unit, above in (
        ("hold_share", "share of the answered outbound calls that waited for an agent", "share",
         "held_calls"),
        ("hold_time", "mean wait for an agent of those who answered outbound calls", "s",
         "hold_time_sum"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit=unit, scopes=TYPES,
            numerator=(above,), denominator=("connects",),
        )  # fmt: skip


def outbound_calls() -> Iterator[Metric]:
    """Yield the metrics of the calls of lists."""
    yield from counts(
        "calls",
        TYPES,
        ("attempts", "outbound calls begun"),
        ("connects", "outbound calls that somebody answered"),
        ("right_party_contacts", "outbound calls in which the right party talked to an agent"),
        ("mismatches", "outbound calls that were answered, and no agent was idle or soon enough"),
        ("records_done", "records of lists of which it was the last call"),
    )
    yield Metric(
        name="records_left", title="records of lists not done when the run ends", unit="records",
        scopes=TYPES, kind="mean", period=DURING, numerator=("records_left",),
    )  # fmt: skip
    for name, title, above, below in (
        ("connect_rate", "share of the outbound calls that somebody answered",
         "connects", "attempts"),
        ("right_party_rate", "share of the outbound calls with the right party",
         "right_party_contacts", "attempts"),
        ("mismatch_share", "share of the answered outbound calls that found no agent",
         "mismatches", "connects"),
    ):  # fmt: skip
        yield Metric(
            name=name, title=title, unit="share", scopes=TYPES,
            numerator=(above,), denominator=(below,),
        )  # fmt: skip
