"""Opening hours of a type, and what happens outside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from simcc.errors import Problem
from simcc.model.base import Duration, Many, Part, PositiveDuration, Rule, as_tuple
from simcc.periods import in_words

Span = Annotated[tuple[Duration, PositiveDuration], Field(strict=True), BeforeValidator(as_tuple)]


def _spans_in_order(part: Any) -> Iterator[Problem]:
    for i, (start, end) in enumerate(part.open):
        if end <= start:
            message = f"ends at {in_words(end)}; must end after its start, {in_words(start)}"
            yield Problem(f"open[{i}]", f"{message} (unit: seconds)")
    for i, ((_, end), (start, _)) in enumerate(pairwise(part.open), start=1):
        if start <= end:
            message = f"starts at {in_words(start)}; must be after the one before it,"
            yield Problem(f"open[{i}]", f"{message} which ends at {in_words(end)} (unit: seconds)")


def _who_waits_is_not_sent_away(part: Any) -> Iterator[Problem]:
    if part.outside == "waits" and part.at_closing == "sent_away":
        message = 'is "sent_away", and outside is "waits": who waits is there at the next opening'
        yield Problem("at_closing", message)


class Hours(Part):
    """When the queue of a type is open.

    Parameters
    ----------
    open : sequence of (start, end)
        Instants from the start of the simulation, in order and apart; open in [start, end).
    outside : {"turned_away", "waits"}, default "turned_away"
        What a contact does that reaches the queue at another time: it leaves at once; or it waits,
        and agents take nobody from the queue until it opens, as with mail that is worked in the
        morning only.
    at_closing : {"finish", "sent_away"}, default "finish"
        Who waits at the end of an opening is still served, or is sent away. With "waits" everybody
        stays until the next opening. Talks go on in any case.

    Examples
    --------
    >>> Hours(open=[("8h", "12h"), ("13h", "17h")]).open[1]
    (46800.0, 61200.0)
    """

    open: Many[Span] = Field(min_length=1)
    outside: Literal["turned_away", "waits"] = "turned_away"
    at_closing: Literal["finish", "sent_away"] = "finish"
    rules: ClassVar[tuple[Rule, ...]] = (_spans_in_order, _who_waits_is_not_sent_away)
