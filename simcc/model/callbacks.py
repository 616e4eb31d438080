"""Callbacks: a customer leaves the line and is called back when agents have time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from simcc.errors import Problem
from simcc.model.announcements import Estimate
from simcc.model.base import (
    Count,
    Duration,
    Many,
    Part,
    PositiveCount,
    PositiveDuration,
    Probability,
    Rule,
)
from simcc.model.daily import hours_are_in_order, on_each_day
from simcc.model.laws import AnyLaw, finite_mean


def _delay_is_given(part: Any) -> Iterator[Problem]:
    if part.attempts > 1 and part.retry_delay is None:
        yield Problem("retry_delay", f"is missing, as attempts is {part.attempts} (unit: seconds)")
    if part.retry_delay is not None and part.retry_delay.mean() == 0:
        yield Problem("retry_delay", "has mean 0; must be more than 0 (unit: seconds)")


class Callback(Part):
    """The offer of a callback to contacts that would have to wait (virtual hold).

    It is made to a contact that cannot be answered at once, does not balk and finds room in its
    queue. Who accepts leaves the line and keeps the place among the callbacks, or asks for a later
    slot. A callback is dialled by an agent who would else be idle: when nobody waits in the queues
    that the agent may serve; of those that are due, the one that has been due longest.

    The agent is held while it rings. Whoever does not pick up is due again after ``retry_delay``,
    and after the last attempt the contact has ended, not reached. What would be due only after the
    horizon is not dialled any more.

    Parameters
    ----------
    accepts : float
        Probability that the offer is accepted.
    min_waiting : int, default 0
        Contacts waiting in the queue of the type from which on the offer is made.
    min_wait : duration, default 0
        Expected wait from which on the offer is made, as well.
    estimate : {"queue_length", "last_answered", "head_of_line"}, default "queue_length"
        How that wait is estimated, see :class:`Announcement`.
    hours : sequence of (duration, duration), optional
        From when until when the offer is made, since the start of each day; left out, always.
    later : law, optional
        From the request until the callback is due (s); left out, it is due at once.
    idle_needed : int, default 1
        A callback is dialled only if at least that many agents of the group are idle.
    ring_time : law, optional
        From the beginning of a call until the customer picks up or the agent gives up (s); left
        out, 0.
    answers : float, default 1
        Probability that the customer picks up, at each attempt.
    attempts : int, default 1
        Calls of one customer at most.
    retry_delay : law, optional
        From the end of a call without answer until the callback is due again (s); needed if
        ``attempts`` is more than 1.

    Examples
    --------
    >>> Callback(accepts=0.6, min_waiting=5).idle_needed
    1
    >>> calls = Callback(accepts=0.6, ring_time=15, answers=0.7, attempts=3, retry_delay="20min")
    >>> calls.retry_delay.mean()
    1200.0
    """

    accepts: Probability
    min_waiting: Count = 0
    min_wait: Duration = 0.0
    estimate: Estimate = "queue_length"
    hours: Many[tuple[Duration, PositiveDuration]] = ()
    later: AnyLaw | None = None
    idle_needed: PositiveCount = 1
    ring_time: AnyLaw | None = None
    answers: Probability = 1.0
    attempts: PositiveCount = 1
    retry_delay: AnyLaw | None = None
    rules: ClassVar[tuple[Rule, ...]] = (
        _delay_is_given,
        hours_are_in_order,
        finite_mean("later"),
        finite_mean("ring_time"),
        finite_mean("retry_delay"),
    )


def rings(callback: Callback | None) -> bool:
    """Whether it rings before the customer answers, if anybody does.

    >>> rings(Callback(accepts=0.5)), rings(Callback(accepts=0.5, answers=0.9))
    (False, True)
    """
    return callback is not None and (callback.ring_time is not None or callback.answers < 1)


def has_timed_callbacks(scenario: Any) -> bool:
    """Whether a callback of a scenario is due later than at once, or rings."""
    offers = [kind.callback for kind in scenario.contact_types]
    return any(rings(one) or (one is not None and one.later is not None) for one in offers)


def offered_hours(callback: Callback | None, day_edges: Any) -> list[tuple[float, float]]:
    """From when until when (s from the start) callbacks are offered, in order."""
    if callback is None or not callback.hours:
        return [(0.0, float("inf"))]
    return on_each_day(callback.hours, day_edges)
