"""What follows a contact that has ended: the customer comes back later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field

from simcc.errors import Problem
from simcc.model.base import (
    FrozenDict,
    Name,
    Part,
    Positive,
    PositiveCount,
    Probability,
    Rule,
    Table,
    as_tuple,
)
from simcc.model.bots import has_hand_overs, is_ever_wrong
from simcc.model.laws import AnyLaw, finite_mean

# The words for how a contact ends, and the endings that tell apart all they could mean.
Ending = Literal[
    "abandoned", "balked", "blocked",
    "served", "resolved", "unresolved",
    "contained", "falsely_contained", "gave_up", "bot_lost", "closed", "not_reached",
]  # fmt: skip
ENDINGS = (
    "abandoned", "balked", "blocked", "resolved", "unresolved",
    "well_contained", "falsely_contained", "gave_up", "bot_lost", "closed", "not_reached",
)  # fmt: skip
BOTH = {"served": ("resolved", "unresolved"), "contained": ("well_contained", "falsely_contained")}
PEOPLE = ("served", "resolved", "unresolved")


def _as_many(value: Any) -> Any:
    """One word or number as a list of it."""
    return (value,) if isinstance(value, str | int | float) else as_tuple(value)


_T = TypeVar("_T")
_OneOrMany = Annotated[tuple[_T, ...], Field(strict=True), BeforeValidator(_as_many)]


def _by_group_after_people(part: Any) -> Iterator[Problem]:
    if part.probability_by_group and not set(part.when) <= set(PEOPLE):
        words = '"served", "resolved" or "unresolved"'
        yield Problem("probability_by_group", f"needs an agent; when must be {words} only")


def _endings_differ(part: Any) -> Iterator[Problem]:
    for i, ending in enumerate(part.when):
        if ending in part.when[:i]:
            yield Problem(f"when[{i}]", f'is "{ending}", which is there already')


def _takes_time(part: Any) -> Iterator[Problem]:
    if part.delay.mean() == 0:
        yield Problem("delay", "has mean 0; must be more than 0 (unit: seconds)")


class FollowUp(Part):
    """The customer comes back: a new contact of the same issue, its next attempt.

    Parameters
    ----------
    when : ending or list of endings
        "abandoned", "balked" or "blocked" (a redial); "served", or only "resolved" or "unresolved"
        (a repeat contact, see ``ContactType.resolution``); "contained" (either way), or only
        "falsely_contained" (the bot left it unsolved), "gave_up", "bot_lost"; "closed" (it came
        outside the opening hours, or was sent away at their end); "not_reached" (the customer asked
        for a callback and did not pick up).
    probability : float or list of float
        By the number of the attempt that ended so, the first, the second and so on; the last holds
        for all later ones.
    probability_by_group : {group: float}, optional
        Instead of it, where an agent of the group has served the contact.
    delay : law
        Time from the end of the contact to the next. One that falls after the horizon's end does
        not take place.
    type : str, optional
        As which contact type the customer comes back; left out, as the same.
    at_most : int, optional
        It happens after the first so many attempts of an issue only; left out, after any.
    talk_factor, patience_factor : float, default 1
        Effect on the talk time and the patience of the new contact, more than 0.

    Examples
    --------
    >>> FollowUp(when="abandoned", probability=[0.5, 0.3], delay="10min").probability
    (0.5, 0.3)
    """

    when: _OneOrMany[Ending] = Field(min_length=1, max_length=11)
    probability: _OneOrMany[Probability] = Field(min_length=1, max_length=1000)
    probability_by_group: Table[Probability] = Field(default_factory=FrozenDict)
    delay: AnyLaw
    type: Name | None = None
    at_most: PositiveCount | None = None
    talk_factor: Positive = 1.0
    patience_factor: Positive = 1.0
    rules: ClassVar[tuple[Rule, ...]] = (
        _by_group_after_people,
        _endings_differ,
        finite_mean("delay"),
        _takes_time,
    )


def endings_of(follow_up: Any) -> set[str]:
    """Which of ``ENDINGS`` a follow-up holds after."""
    return {one for word in follow_up.when for one in BOTH.get(word, (word,))}


def follow_ups_within_one(kind: Any) -> Iterator[Problem]:
    """Rule: of the follow-ups after one ending at most one happens."""
    longest = max((len(one.probability) for one in kind.follow_ups), default=0)
    groups = {name for one in kind.follow_ups for name in one.probability_by_group}
    for ending in ENDINGS:
        mine = [one for one in kind.follow_ups if ending in endings_of(one)]
        for attempt in range(longest):
            for group in [None, *sorted(groups)]:
                total = sum(_probability(one, attempt, group) for one in mine)
                if total > 1 + 1e-12:
                    message = f'add up to {total:g} after "{ending}"; must be at most 1 together'
                    yield Problem("follow_ups", f"{message} (unit: a probability or share)")
                    return


def _probability(follow_up: Any, attempt: int, group: str | None) -> float:
    if follow_up.at_most is not None and attempt >= follow_up.at_most:
        return 0.0
    usual = follow_up.probability[min(attempt, len(follow_up.probability) - 1)]
    return float(follow_up.probability_by_group.get(group, usual))


def has_follow_ups(scenario: Any) -> bool:
    """Whether contacts of a scenario may be handed on, remain unresolved or come again."""
    return (
        has_hand_overs(scenario)
        or any(
            kind.transfers
            or kind.consults
            or kind.follow_ups
            or kind.resolution < 1
            or kind.resolution_by_group
            for kind in scenario.contact_types
        )
        or any(is_ever_wrong(bot) for bot in scenario.bots)
    )
