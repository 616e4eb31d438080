"""Chats in turns: the agent works on an answer, then the customer thinks, and so on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from simcc.errors import Problem
from simcc.model.base import Part, PositiveDuration, Probability, Rule
from simcc.model.laws import AnyLaw, finite_mean


def _work_takes_time(part: Any) -> Iterator[Problem]:
    if not part.work.mean() > 0:
        yield Problem("work", "takes no time; its mean must be more than 0 (unit: seconds)")


def _silence_times_out(part: Any) -> Iterator[Problem]:
    if part.silence > 0 and part.timeout is None:
        message = "is missing: with silence above 0 some customers never write again"
        yield Problem("timeout", f"{message} (unit: seconds)")


class Turns(Part):
    """How a chat goes back and forth between the agent and the customer.

    The talk time of the contact type is all the work that a chat takes of an agent. In each turn
    the agent does a part of it, ``work``; then the customer thinks and writes for ``think_time``,
    and the next turn begins. The chat ends, without a further pause, with the turn in which the
    talk time has been worked off. While the customer thinks, the chat keeps its slot and takes
    nothing of the agent's speed: that follows the number of chats which are not thinking.

    With an exponential talk time of mean T and exponential work of mean w, the number of turns is
    geometric with mean 1 + T / w; with both constant, it is T / w rounded up.

    Parameters
    ----------
    work : law
        Agent's work in one turn, at speed 1, as talk time is.
    think_time : law
        From the end of a turn to the customer's next message.
    patience : law, optional
        How long the customer waits for the answer in each turn, from the beginning of the turn:
        from the own message, or from the instant of being answered in the first. Who waits longer
        leaves in the middle of the chat. Left out, nobody does.
    silence : float, default 0
        Probability, after each turn, that the customer never writes again.
    timeout : duration, optional
        A chat in which the customer has been silent for so long is closed. Left out, none is.

    Examples
    --------
    >>> turns = Turns(work={"law": "exponential", "mean": "40s"}, think_time="30s", silence=0.05,
    ...               timeout="5min")
    >>> turns.timeout
    300.0
    """

    work: AnyLaw
    think_time: AnyLaw
    patience: AnyLaw | None = None
    silence: Probability = 0.0
    timeout: PositiveDuration | None = None
    rules: ClassVar[tuple[Rule, ...]] = (
        finite_mean("think_time"),
        _work_takes_time,
        _silence_times_out,
    )


def has_turns(scenario: Any) -> bool:
    """Whether any contacts of a scenario are chats in turns."""
    return any(kind.turns is not None for kind in scenario.contact_types)
