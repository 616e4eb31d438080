"""A type of contact: how it arrives, what work it brings, how long it waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from simcc.errors import Problem
from simcc.model.announcements import Announcement
from simcc.model.arrivals import Arrivals
from simcc.model.base import (
    Amount,
    Count,
    Duration,
    Flag,
    FrozenDict,
    Integer,
    Many,
    Name,
    Part,
    Positive,
    PositiveDuration,
    Probability,
    Rule,
    Table,
    Text,
)
from simcc.model.callbacks import Callback
from simcc.model.colleagues import Consult, Transfer, colleagues_within_one
from simcc.model.follow_ups import FollowUp, follow_ups_within_one
from simcc.model.hours import Hours
from simcc.model.interruptions import Interruption
from simcc.model.laws import AnyLaw, finite_mean
from simcc.model.outbound import Outbound, nothing_but_calls
from simcc.model.outcomes import Sale
from simcc.model.turns import Turns

MOST_TURNS = 10_000  # of a chat, on average
ONE_WAY = "may be given in one way only"


def _one_talk_time(part: Any) -> Iterator[Problem]:
    if part.talk_time_by_interval is not None and part.talk_time is not None:
        yield Problem("talk_time", f"and talk_time_by_interval are both given; it {ONE_WAY}")
    if part.talk_time_by_group:
        for name in ("talk_time_by_interval", "talk_scale_by_interval"):
            if getattr(part, name) is not None:
                yield Problem(name, f"and talk_time_by_group are both given; talk time {ONE_WAY}")


def _no_calls_back(part: Any) -> Iterator[Problem]:
    if part.interruption is not None and part.callback is not None:
        yield Problem("interruption", "and callback are both given; a type may have only one")


def _set_aside_is_not_sent_away(part: Any) -> Iterator[Problem]:
    if part.interruption and part.hours and part.hours.at_closing == "sent_away":
        message = 'is "sent_away", and interruption is given: who was answered is not sent away'
        yield Problem("hours.at_closing", message)


def _turns_stand_alone(part: Any) -> Iterator[Problem]:
    for name in ("callback", "interruption"):
        if part.turns is not None and getattr(part, name) is not None:
            yield Problem("turns", f"and {name} are both given; a type may have only one")


def _turns_are_not_too_many(part: Any) -> Iterator[Problem]:
    if part.turns is None or part.talk_time is None:
        return
    work, talk = part.turns.work.mean(), part.talk_time.mean()
    if talk > MOST_TURNS * work:
        message = f"has mean {work:g} s, the talk time {talk:g} s; must be at least 1 part in"
        yield Problem("turns.work", f"{message} {MOST_TURNS:,} of it (unit: seconds)")


class ContactType(Part):
    """A type of contact.

    Parameters
    ----------
    name : str
    channel : str, default "voice"
        A label.
    arrivals : Arrivals, optional
        Left out, only a bot's hand-over, a transfer or a follow-up leads to the type.
    outbound : Outbound, optional
        Instead of arrivals, a list of customers whom agents call.
    talk_time : law
        At speed 1. May be left out if one of the next two says everything.
    talk_time_by_group : {group: law}, optional
        Where it depends on who serves.
    talk_time_by_interval : sequence of law, optional
        By the interval of arrival, one per interval of the horizon.
    talk_scale_by_interval : sequence of float, optional
        Factors of the talk time by the interval of arrival, more than 0.
    after_call_work : law, optional
        The customer has gone, the agent is busy.
    patience : law, optional
        Time a customer is willing to wait; left out, for ever. Of those who answer the calls of a
        predictive dialer: left out, they are cut off where no agent is idle.
    balking : float, default 0
        Probability of leaving rather than waiting at all.
    deadline : duration, optional
        Time from reaching the queue to the end of the talk, such as the answer to an e-mail, within
        which a contact is on time.
    hours : Hours, optional
        When the queue is open; left out, always.
    head_start : duration, default 0
        Between equal ranks a contact counts as if it had waited that much longer.
    queue_capacity : int, optional
        Waiting contacts of this type at most; more are blocked.
    priority : int, default 1
        The smaller is served first, where no routing table says otherwise.
    bot : str, optional
        Name of the bot in front.
    announcement : Announcement, optional
        If those who would have to wait are told how long.
    callback : Callback, optional
        If those who would have to wait may ask to be called back.
    interruption : Interruption, optional
        If contacts of other types may interrupt those of this one.
    turns : Turns, optional
        If it is a chat in which the customer thinks between two answers; its groups then hold
        several contacts at once, and talk time is all the work of the agent on it.
    transfers : sequence of Transfer, optional
        To whom an agent hands the customer over at the end of the talk; the shares add up to at
        most 1.
    consults : sequence of Consult, optional
        Whom an agent asks for help before the end of the talk; the shares add up to at most 1.
    resolution : float, default 1
        Probability that an agent who talks to the customer last resolves the issue.
    resolution_by_group : {group: float}, optional
        Where it depends on who serves.
    follow_ups : sequence of FollowUp, optional
        When the customer comes back. Of those that hold after one ending, at most one happens, so
        their probabilities add up to at most 1.
    cost_per_contact : float, default 0
        Of each contact that comes in, or of each call of a list (money).
    sale : Sale, optional
        What customers buy who are served in the queue of the type, or talked to as the right party
        of a call.
    complaint : bool, default False
        Whether contacts of the type are complaints, which are counted.

    Examples
    --------
    >>> voice = ContactType(name="voice", talk_time="3min", patience={"law": "gamma",
    ...                     "mean": "2min", "cv": 0.5})
    >>> voice.talk_time, voice.patience.mean()
    (Constant(kind='constant', value=180.0), 120.0)
    """

    name: Name
    channel: Text = "voice"
    arrivals: Arrivals | None = None
    outbound: Outbound | None = None
    talk_time: AnyLaw | None = None
    talk_time_by_group: Table[AnyLaw] = Field(default_factory=FrozenDict)
    talk_time_by_interval: Many[AnyLaw] | None = None
    talk_scale_by_interval: Many[Positive] | None = None
    after_call_work: AnyLaw | None = None
    patience: AnyLaw | None = None
    balking: Probability = 0.0
    deadline: PositiveDuration | None = None
    head_start: Duration = 0.0
    hours: Hours | None = None
    queue_capacity: Count | None = None
    priority: Integer = 1
    bot: Name | None = None
    announcement: Announcement | None = None
    callback: Callback | None = None
    interruption: Interruption | None = None
    turns: Turns | None = None
    transfers: Many[Transfer] = ()
    consults: Many[Consult] = ()
    resolution: Probability = 1.0
    resolution_by_group: Table[Probability] = Field(default_factory=FrozenDict)
    follow_ups: Many[FollowUp] = ()
    cost_per_contact: Amount = 0.0
    sale: Sale | None = None
    complaint: Flag = False
    rules: ClassVar[tuple[Rule, ...]] = (
        _one_talk_time,
        finite_mean("talk_time"),
        finite_mean("talk_time_by_group"),
        finite_mean("talk_time_by_interval"),
        finite_mean("after_call_work"),
        follow_ups_within_one,
        colleagues_within_one,
        _no_calls_back,
        _set_aside_is_not_sent_away,
        _turns_stand_alone,
        _turns_are_not_too_many,
        nothing_but_calls,
    )
