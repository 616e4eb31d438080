"""Trunk groups: lines that some contact types share."""

from __future__ import annotations

from pydantic import Field

from simcc.model.base import Many, Name, Part, PositiveCount


class Trunk(Part):
    """Lines shared by contact types: a contact who finds them all taken is blocked.

    A line is taken by everybody who waits in the queues of the types or talks to an agent from
    there, not by whoever talks to a bot or waits for a callback. Whom an agent hands over keeps a
    line, and is never blocked.

    Parameters
    ----------
    name : str
    types : list of contact types
        A type belongs to one trunk at most.
    lines : int

    Examples
    --------
    >>> Trunk(name="sales number", types=["sales", "orders"], lines=30).lines
    30
    """

    name: Name
    types: Many[Name] = Field(min_length=1)
    lines: PositiveCount
