"""The metrics of outbound calls."""

from __future__ import annotations

from collections.abc import Iterator

from simcc.metrics.metric import DURING, Metric, Scope, counts

TYPES: tuple[Scope, ...] = ("all", "type")


def outbound_calls() -> Iterator[Metric]:
    """Yield the metrics of the calls of lists."""
    yield from counts(
        "calls",
        TYPES,
        ("attempts", "outbound calls begun"),
        ("connects", "outbound calls that somebody answered"),
        ("right_party_contacts", "outbound calls in which the right party talked to an agent"),
        ("mismatches", "outbound calls that were answered when no agent was idle"),
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
    yield Metric(
        name="mean_dialling", title="mean number of agents who dial or wait for an answer",
        unit="agents", scopes=("all", "type", "group"), period=DURING,
        numerator=("dialling_time",), denominator=("time",),
    )  # fmt: skip
