"""Outbound calls: a list of customers whom agents, or a dialer, call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np

from simcc.errors import Problem
from simcc.model.base import (
    Duration,
    Flag,
    Many,
    Part,
    Positive,
    PositiveCount,
    PositiveDuration,
    Probability,
    Rule,
)
from simcc.model.daily import hours_are_in_order, on_each_day
from simcc.model.laws import AnyLaw, finite_mean

# What has no meaning for contacts that never come by themselves, and what it is if left out.
NOT_OF_LISTS = {
    **dict.fromkeys(("arrivals", "deadline", "queue_capacity", "bot", "hours", "announcement")),
    **dict.fromkeys(("turns", "callback", "interruption")),
    **dict.fromkeys(("talk_time_by_interval", "talk_scale_by_interval")),
    **dict.fromkeys(("balking", "head_start"), 0.0),
    **dict.fromkeys(("transfers", "follow_ups"), ()),
    **{"resolution": 1.0, "resolution_by_group": {}, "complaint": False},
}


def _answers_within_one(part: Any) -> Iterator[Problem]:
    right, wrong = (np.atleast_1d(one) for one in (by_interval(part, w) for w in PARTIES))
    if len(right) > 1 and len(wrong) > 1 and len(right) != len(wrong):
        return  # said elsewhere
    if (right + wrong > 1 + 1e-9).any():
        most = float((right + wrong).max())
        yield Problem(
            "wrong_party", f"and right_party are {most:g} together; must be at most 1 (a share)"
        )


def _one_way_each(part: Any) -> Iterator[Problem]:
    if part.right_party is None and part.right_party_by_interval is None:
        yield Problem("right_party", "is missing (unit: a probability or share)")
    if part.right_party is not None and part.right_party_by_interval is not None:
        yield Problem("right_party", "and right_party_by_interval are both given; give one of them")
    if part.wrong_party > 0 and part.wrong_party_by_interval is not None:
        yield Problem("wrong_party", "and wrong_party_by_interval are both given; give one of them")


def _times_are_given(part: Any) -> Iterator[Problem]:
    wrong = part.wrong_party > 0 or any(part.wrong_party_by_interval or ())
    if wrong and part.wrong_party_time is None:
        yield Problem("wrong_party_time", "is missing, as wrong parties answer (unit: seconds)")
    if part.attempts > 1 and part.retry_delay is None:
        yield Problem("retry_delay", f"is missing, as attempts is {part.attempts} (unit: seconds)")


def _wrong_parties_are_called_again(part: Any) -> Iterator[Problem]:
    if part.wrong_party_retries and part.attempts == 1:
        yield Problem(
            "wrong_party_retries", "is true, and attempts is 1; must be more than 1 to call again"
        )


def _options_of_predictive(part: Any) -> Iterator[Problem]:
    if part.mode != "progressive":
        return
    if part.pace != 1.0:
        yield Problem(
            "pace", f'is {part.pace:g}; only with mode = "predictive" it may differ from 1'
        )
    if part.mismatch_limit is not None:
        yield Problem("mismatch_limit", 'is given; it belongs to mode = "predictive"')


class Outbound(Part):
    """A list of customers to call, instead of arrivals.

    Calls are made by agents who would else be idle: with ``"progressive"`` (and preview) dialling
    an agent is taken for the call and waits while it rings; with ``"predictive"`` dialling a dialer
    rings ahead of the agents, and whoever answers and finds no idle agent is cut off, a mismatch;
    with the ``patience`` of the contact type, not before that time is over.
    A call is begun only while at least ``idle_needed`` agents of the group are idle, nobody waits
    in the queues that the group may serve, the list is open, and the horizon has not ended. Records
    that come due again go before those never called. Whoever could not be reached, or was cut off,
    is called again after ``retry_delay``, up to ``attempts`` calls in all; a record is done when
    somebody has been talked to, the right party or (without ``wrong_party_retries``) a wrong one,
    or after its last attempt.

    Parameters
    ----------
    records : int
        Customers on the list.
    mode : {"progressive", "predictive"}, default "progressive"
    dial_time : law
        From the beginning of the call until somebody answers or the call is given up (s); for
        preview dialling with the time that the agent looks at the record.
    right_party : float, optional
        Probability that the person wanted answers.
    right_party_by_interval : sequence of float, optional
        The same by the interval in which the call begins, one per interval of the horizon.
    wrong_party : float, default 0
        Probability that somebody else answers.
    wrong_party_by_interval : sequence of float, optional
    wrong_party_time : law, optional
        Talk with somebody else (s), without after-call work; needed if there are such.
    wrong_party_retries : bool, default False
        Whether a record is due again after a talk with a wrong party, ``retry_delay`` after its
        end.
    attempts : int, default 1
        Calls of one record at most.
    retry_delay : law, optional
        From the end of a call without success until the record is due again (s).
    idle_needed : int, default 1
        Idle agents of a group from which on it makes calls.
    hours : sequence of (duration, duration), optional
        From when until when calls are begun, since the start of each day; left out, always.
    pace : float, default 1
        Predictive: calls that ring at once per agent that calls are made for, rounded down. Of a
        group these are its idle agents, less ``idle_needed`` - 1.
    mismatch_limit : float, optional
        Predictive: while the share of mismatches in the calls answered so far is above it, the pace
        is at most 1.

    Examples
    --------
    >>> calls = Outbound(records=500, dial_time=20, right_party=0.3, attempts=3, retry_delay="2h")
    >>> calls.mode, calls.retry_delay.mean()
    ('progressive', 7200.0)
    """

    records: PositiveCount
    mode: Literal["progressive", "predictive"] = "progressive"
    dial_time: AnyLaw
    right_party: Probability | None = None
    right_party_by_interval: Many[Probability] | None = None
    wrong_party: Probability = 0.0
    wrong_party_by_interval: Many[Probability] | None = None
    wrong_party_time: AnyLaw | None = None
    wrong_party_retries: Flag = False
    attempts: PositiveCount = 1
    retry_delay: AnyLaw | None = None
    idle_needed: PositiveCount = 1
    hours: Many[tuple[Duration, PositiveDuration]] = ()
    pace: Positive = 1.0
    mismatch_limit: Probability | None = None
    rules: ClassVar[tuple[Rule, ...]] = (
        _one_way_each,
        _answers_within_one,
        _times_are_given,
        _wrong_parties_are_called_again,
        _options_of_predictive,
        hours_are_in_order,
        finite_mean("dial_time"),
        finite_mean("wrong_party_time"),
        finite_mean("retry_delay"),
    )


PARTIES = ("right_party", "wrong_party")


def by_interval(outbound: Any, party: str) -> Any:
    """Probabilities that a party answers, by interval or one for all."""
    found = getattr(outbound, f"{party}_by_interval")
    return (getattr(outbound, party) or 0.0) if found is None else found


def nothing_but_calls(part: Any) -> Iterator[Problem]:
    """A type whose contacts are called has no part of a life that begins with an arrival."""
    if part.outbound is None:
        return
    for name, left_out in NOT_OF_LISTS.items():
        if getattr(part, name) != left_out:
            yield Problem(name, "and outbound are both given; contacts of a list are only called")
    if part.patience is not None and part.outbound.mode != "predictive":
        yield Problem(
            "patience",
            'is given, and the mode of outbound is "progressive": its agents hold each call',
        )


def open_hours(outbound: Outbound, day_edges: tuple[float, ...]) -> list[tuple[float, float]]:
    """From when until when (s from the start) calls of a list are begun, in order.

    Examples
    --------
    >>> calls = Outbound(records=5, dial_time=20, right_party=1.0, hours=[("9h", "17h")])
    >>> open_hours(calls, (0.0, 86400.0, 100000.0))
    [(32400.0, 61200.0)]
    """
    if not outbound.hours:
        return [(0.0, day_edges[-1])]
    return on_each_day(outbound.hours, day_edges)


def has_holds(scenario: Any) -> bool:
    """Whether those who answer the calls of a list may wait for an agent."""
    kinds = scenario.contact_types
    return any(kind.outbound is not None and kind.patience is not None for kind in kinds)


def has_outbound(scenario: Any) -> bool:
    """Whether a scenario has a list to call."""
    return any(kind.outbound is not None for kind in scenario.contact_types)
