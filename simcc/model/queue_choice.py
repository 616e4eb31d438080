"""The choice of a queue: contacts of a type join one of several queues when they reach people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simcc.model.announcements import ESTIMATES
from simcc.model.base import Many, Name, Part

WAYS = (*ESTIMATES, "fewest_waiting")


class QueueChoice(Part):
    """Contacts of a type join the one of several queues that promises the shortest wait.

    Each queue has agents of its own, at another site for instance. A queue whose agents could
    answer at once comes first, the one with the most idle agents first of all; one that is closed
    comes last; of equal ones the first in the list is taken. A contact stays in the queue that it
    has joined.

    Parameters
    ----------
    among : sequence of str
        Contact types whose queues can be joined, at least two; may hold the type itself.
    by : {"queue_length", "last_answered", "head_of_line", "fewest_waiting"}
        What is compared. "queue_length" is the shortest expected delay: those who wait and the
        contact, times the mean work of the queue's type, by the speed of all agents at work for it;
        "fewest_waiting" is the shortest queue; "last_answered" and "head_of_line" predict the wait
        from that of others.

    Notes
    -----
    W. Whitt (1986), Deciding which queue to join: some counterexamples, Operations Research 34(1),
    55-62, on the shortest queue and the shortest expected delay; R. Ibrahim and W. Whitt (2009),
    Real-time delay estimation based on delay history, Manufacturing & Service Operations Management
    11(3), 397-415, on the predictions.

    Examples
    --------
    >>> QueueChoice(among=["north", "south"]).by
    'queue_length'
    """

    among: Many[Name] = Field(min_length=2)
    by: Literal["queue_length", "last_answered", "head_of_line", "fewest_waiting"] = "queue_length"
