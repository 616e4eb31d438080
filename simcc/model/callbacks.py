"""Callbacks: a customer leaves the line and is called back when agents have time."""

from __future__ import annotations

from simcc.model.announcements import Estimate
from simcc.model.base import Count, Duration, Part, PositiveCount, Probability


class Callback(Part):
    """The offer of a callback to contacts that would have to wait (virtual hold).

    It is made to a contact that cannot be answered at once, does not balk and finds room in its
    queue. Who accepts leaves the line, keeps the place among the callbacks, never gives up and
    always answers. A callback is dialled by an agent who would else be idle: when nobody waits in
    the queues that the agent may serve, the longest request first.

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
    idle_needed : int, default 1
        A callback is dialled only if at least that many agents of the group are idle.

    Examples
    --------
    >>> Callback(accepts=0.6, min_waiting=5).idle_needed
    1
    """

    accepts: Probability
    min_waiting: Count = 0
    min_wait: Duration = 0.0
    estimate: Estimate = "queue_length"
    idle_needed: PositiveCount = 1
