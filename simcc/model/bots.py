"""A bot that talks to customers before people do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from simcc.errors import Problem
from simcc.model.base import (
    Amount,
    Count,
    Duration,
    FrozenDict,
    Many,
    Name,
    Part,
    Positive,
    PositiveCount,
    Probability,
    Rule,
    Table,
    plain,
)
from simcc.model.laws import AnyLaw, Law, finite_mean

Factor = Annotated[float, Field(strict=True, ge=0, le=1000), BeforeValidator(plain)]
SessionRate = Annotated[Positive, Field(le=1e6)]
WhereTo = Literal["wait", "agent", "lost"]
BY_TYPE = ("session_time", "escalation_time", "contained", "solves", "gives_up")


def _increasing(name: str) -> Rule:
    """Rule: the points of a curve increase, and each has a factor."""

    def rule(part: Any) -> Iterator[Problem]:
        points = getattr(part, name)
        for i, (one, other) in enumerate(pairwise(points)):
            if not one < other:
                message = f"is {other:g}, after {one:g}; must increase"
                yield Problem(f"{name}[{i + 1}]", message)
        if len(points) != len(part.factors):
            message = f"has {len(part.factors)} entries; must have {len(points)}, as {name}"
            yield Problem("factors", message)

    return rule


class FactorsByTime(Part):
    """Factors that change with the time of the simulation, linear between points.

    Parameters
    ----------
    times : sequence of durations
        From the start of the horizon, increasing. Before the first and after the last the factor
        stays as it is there.
    factors : sequence of float

    Examples
    --------
    >>> FactorsByTime(times=["0h", "2h"], factors=[1.0, 0.5]).times
    (0.0, 7200.0)
    """

    times: Many[Duration] = Field(min_length=1)
    factors: Many[Factor] = Field(min_length=1)
    rules: ClassVar[tuple[Rule, ...]] = (_increasing("times"),)


class FactorsBySessions(Part):
    """Factors that change with the number of sessions a bot has begun, linear between points.

    Parameters
    ----------
    sessions : sequence of int
        Begun before this one, in this replication; increasing.
    factors : sequence of float

    Examples
    --------
    >>> FactorsBySessions(sessions=[0, 5000], factors=[0.8, 1.0]).factors
    (0.8, 1.0)
    """

    sessions: Many[Count] = Field(min_length=1)
    factors: Many[Factor] = Field(min_length=1)
    rules: ClassVar[tuple[Rule, ...]] = (_increasing("sessions"),)


class BotForType(Part):
    """What is different where a bot talks to contacts of one type; what is left out is the bot's.

    Parameters
    ----------
    session_time, escalation_time : law, optional
    contained, solves, gives_up : float, optional
    misrouted : {type: share}, optional

    Examples
    --------
    >>> BotForType(contained=0.7).gives_up is None
    True
    """

    session_time: AnyLaw | None = None
    escalation_time: AnyLaw | None = None
    contained: Probability | None = None
    solves: Probability | None = None
    gives_up: Probability | None = None
    misrouted: Table[Probability] | None = None
    rules: ClassVar[tuple[Rule, ...]] = (
        finite_mean("session_time"),
        finite_mean("escalation_time"),
    )


def _shares_within_one(bot: Any) -> Iterator[Problem]:
    by_type = [(f"by_type.{name}.", one) for name, one in bot.by_type.items()]
    for place, own in [("", None), *by_type]:
        contained, gives_up = (_of(bot, own, name) for name in ("contained", "gives_up"))
        total = contained + gives_up
        if total > 1 + 1e-12:
            message = f"is {gives_up:g}, with contained {total:g}; must be at most 1 together"
            yield Problem(f"{place}gives_up", f"{message} (unit: a probability or share)")
            continue
        largest = _largest_factor(bot)
        if largest * contained + gives_up > 1 + 1e-12:
            message = f"is {contained:g}; with the largest factors, {largest:g}, and gives_up it"
            yield Problem(
                f"{place}contained",
                f"{message} must be at most 1, not {largest * contained + gives_up:g} "
                "(unit: a probability or share)",
            )


def _largest_factor(bot: Any) -> float:
    largest = 1.0
    for curve in (bot.contained_by_time, bot.contained_by_sessions):
        if curve is not None:
            largest *= max(curve.factors)
    return largest


def _misrouted_within_one(bot: Any) -> Iterator[Problem]:
    by_type = [(f"by_type.{name}.", one.misrouted) for name, one in bot.by_type.items()]
    for place, shares in [("", bot.misrouted), *by_type]:
        total = sum((shares or {}).values())
        if total > 1 + 1e-12:
            message = f"adds up to {total:g}; must be at most 1"
            yield Problem(f"{place}misrouted", f"{message} (unit: a probability or share)")


def _only_the_last_misroutes(bot: Any) -> Iterator[Problem]:
    if bot.then is not None and (bot.misrouted or any(x.misrouted for x in bot.by_type.values())):
        yield Problem("misrouted", f'is given beside then; it is "{bot.then}" that hands to people')


def _burst_of_a_limit(bot: Any) -> Iterator[Problem]:
    if bot.burst is not None and bot.sessions_per_minute is None:
        yield Problem("burst", "is given without sessions_per_minute, whose sessions it counts")


class Bot(Part):
    """A bot in front of one or more contact types, or behind another bot.

    Parameters
    ----------
    name : str
    sessions : int, optional
        Customers at a time at most; left out, any number.
    when_full : {"wait", "agent", "lost"}, default "wait"
        A customer who finds it full waits for a session, goes to the human queue, or is lost.
    sessions_per_minute : float, optional
        Limit of the vendor on sessions that begin, a token bucket: it is refilled at this rate, and
        a session takes one token. At most a million; left out, no limit.
    burst : int, optional
        Tokens that the bucket holds, full at the start; left out, those of one minute, at least 1.
    when_limited : {"wait", "agent", "lost"}, default "wait"
        What a customer does who finds no token.
    session_time : law
        Length of a session.
    escalation_time : law, optional
        Length of those that end with a hand-over; left out, as of all.
    latency : law, optional
        Added to the length of every session, and drawn apart from it.
    contained : float
        Probability that the customer leaves the bot as one it has dealt with.
    contained_by_time : FactorsByTime, optional
        Factor of ``contained`` by the instant at which the session begins.
    contained_by_sessions : FactorsBySessions, optional
        Factor of ``contained`` by the number of sessions that the bot has begun before.
    solves : float, default 1
        Share of the contained whose issue is really solved; the others leave unsolved, and may come
        back (a FollowUp when "falsely_contained").
    gives_up : float, default 0
        Probability that the customer leaves in the bot; the rest is handed on.
    then : str, optional
        Bot to which those go whom this one neither contains nor loses; left out, to people.
    escalate_to : str, optional
        Contact type whose queue takes the hand-over; left out, the contact's own. It is that of the
        bot in front that counts, also where bots behind it hand over.
    misrouted : {type: share}, optional
        Shares of those handed over to people that join the queue of a wrong type, and are handed to
        the right one at the end of the talk there. Not beside ``then``.
    talk_factor, patience_factor : float, default 1
        Effect of the hand-over on talk time and on patience, more than 0.
    cost_per_session, cost_per_minute : float, default 0
        Of each session, and of each minute of it (money).
    by_type : {type: BotForType}, optional
        What is different for contacts of some types.

    Examples
    --------
    >>> Bot(name="helper", session_time="1min", contained=0.3).when_full
    'wait'
    >>> bot = Bot(name="helper", session_time="1min", contained=0.3,
    ...           by_type={"orders": {"contained": 0.6}})
    >>> bot.by_type["orders"].contained
    0.6
    """

    name: Name
    sessions: PositiveCount | None = None
    when_full: WhereTo = "wait"
    sessions_per_minute: SessionRate | None = None
    burst: PositiveCount | None = None
    when_limited: WhereTo = "wait"
    session_time: AnyLaw
    escalation_time: AnyLaw | None = None
    latency: AnyLaw | None = None
    contained: Probability
    contained_by_time: FactorsByTime | None = None
    contained_by_sessions: FactorsBySessions | None = None
    solves: Probability = 1.0
    gives_up: Probability = 0.0
    then: Name | None = None
    escalate_to: Name | None = None
    misrouted: Table[Probability] = Field(default_factory=FrozenDict)
    talk_factor: Positive = 1.0
    patience_factor: Positive = 1.0
    cost_per_session: Amount = 0.0
    cost_per_minute: Amount = 0.0
    by_type: Table[BotForType] = Field(default_factory=FrozenDict)
    rules: ClassVar[tuple[Rule, ...]] = (
        _shares_within_one,
        _misrouted_within_one,
        _only_the_last_misroutes,
        _burst_of_a_limit,
        finite_mean("session_time"),
        finite_mean("escalation_time"),
        finite_mean("latency"),
    )


@dataclass(frozen=True)
class Terms:
    """What holds where a bot talks to contacts of one type; fields as those of the bot."""

    session_time: Law
    escalation_time: Law | None
    contained: float
    solves: float
    gives_up: float
    misrouted: dict[str, float]


def _of(bot: Any, own: Any, name: str) -> Any:
    """A field of the bot, or what one type has instead."""
    different = None if own is None else getattr(own, name)
    return getattr(bot, name) if different is None else different


def terms(bot: Bot, kind: str) -> Terms:
    """What holds where a bot talks to contacts of a type.

    >>> bot = Bot(name="b", session_time=60, contained=0.3, by_type={"x": {"contained": 0}})
    >>> terms(bot, "x").contained, terms(bot, "y").contained
    (0.0, 0.3)
    """
    own = bot.by_type.get(kind)
    fields = (*BY_TYPE, "misrouted")
    return Terms(**{name: _of(bot, own, name) for name in fields})


def chain(bots: Any, name: str | None) -> list[Any]:
    """The bot of a name and those behind it, in their order; each once, also where they circle."""
    by_name = {bot.name: bot for bot in bots}
    found: list[Any] = []
    while name in by_name and by_name[name] not in found:
        found.append(by_name[name])
        name = by_name[name].then
    return found


def wrong_queues(bots: Any, name: str | None, kind: str) -> list[str]:
    """Types whose queue contacts of a type may join by mistake, behind a bot of a name."""
    rows = [_of(bot, bot.by_type.get(kind), "misrouted") for bot in chain(bots, name)]
    return [wrong for row in rows for wrong, share in row.items() if share > 0]


def has_hand_overs(scenario: Any) -> bool:
    """Whether a bot hands contacts over to another bot or into wrong queues."""
    return any(
        bot.then or bot.misrouted or any(one.misrouted for one in bot.by_type.values())
        for bot in scenario.bots
    )


def is_ever_wrong(bot: Any) -> bool:
    """Whether some whom the bot contains are not helped."""
    own = [one.solves for one in bot.by_type.values() if one.solves is not None]
    return bool(min([bot.solves, *own]) < 1)
