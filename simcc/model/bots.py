"""A bot that talks to customers before people do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from simcc.errors import Problem
from simcc.model.base import Amount, Name, Part, Positive, PositiveCount, Probability, Rule
from simcc.model.laws import AnyLaw, finite_mean


def _shares_within_one(bot: Any) -> Iterator[Problem]:
    total = bot.contained + bot.gives_up
    if total > 1 + 1e-12:
        message = f"is {bot.gives_up:g}, with contained {total:g}; must be at most 1 together"
        yield Problem("gives_up", f"{message} (unit: a probability or share)")


class Bot(Part):
    """A bot in front of one or more contact types.

    Parameters
    ----------
    name : str
    sessions : int, optional
        Customers at a time at most; left out, any number.
    when_full : {"wait", "agent", "lost"}, default "wait"
        A customer who finds it full waits for a session, goes to the human queue, or is lost.
    session_time : law
        Length of a session.
    contained : float
        Probability that the customer leaves the bot as one it has dealt with.
    solves : float, default 1
        Share of the contained whose issue is really solved; the others leave unsolved, and may come
        back (a FollowUp when "falsely_contained").
    gives_up : float, default 0
        Probability that the customer leaves in the bot; the rest is handed to people.
    escalate_to : str, optional
        Contact type whose queue takes the hand-over; left out, the contact's own.
    talk_factor, patience_factor : float, default 1
        Effect of the hand-over on talk time and on patience, more than 0.
    cost_per_session, cost_per_minute : float, default 0
        Of each session, and of each minute of it (money).

    Examples
    --------
    >>> Bot(name="helper", session_time="1min", contained=0.3).when_full
    'wait'
    """

    name: Name
    sessions: PositiveCount | None = None
    when_full: Literal["wait", "agent", "lost"] = "wait"
    session_time: AnyLaw
    contained: Probability
    solves: Probability = 1.0
    gives_up: Probability = 0.0
    escalate_to: Name | None = None
    talk_factor: Positive = 1.0
    patience_factor: Positive = 1.0
    cost_per_session: Amount = 0.0
    cost_per_minute: Amount = 0.0
    rules: ClassVar[tuple[Rule, ...]] = (_shares_within_one, finite_mean("session_time"))
