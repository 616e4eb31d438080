"""An agent turns to a colleague: hands the customer over, or asks for help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import Flag, FrozenDict, Name, Part, Positive, Probability, Rule, Table
from simcc.model.laws import AnyLaw, finite_mean


def _briefing_is_warm(part: Any) -> Iterator[Problem]:
    if part.briefing is not None and not part.warm:
        yield Problem("briefing", "is given; it belongs to warm = true")


class Transfer(Part):
    """At the end of the talk the agent hands the customer over to the queue of another type.

    Parameters
    ----------
    to : str
        Contact type, whose queue the customer joins at once, past any bot: the next leg of the
        same attempt, with patience and work of its own.
    probability : float
    probability_by_group : {group: float}, optional
        Instead of it, where an agent of the group has served the contact.
    talk_factor, patience_factor : float, default 1
        Effect on the talk time and the patience of the next leg, more than 0.
    warm : bool, default False
        Whether the agent stays with the customer until a colleague answers or the customer leaves;
        after-call work comes then. If not (blind), the agent goes on at once.
    briefing : law, optional
        Warm: time for which the agent then talks to the colleague (s at unit speed of the
        colleague), before the colleague talks to the customer.

    Examples
    --------
    >>> Transfer(to="billing", probability=0.1, probability_by_group={"novices": 0.3}).to
    'billing'
    """

    to: Name
    probability: Probability
    probability_by_group: Table[Probability] = Field(default_factory=FrozenDict)
    talk_factor: Positive = 1.0
    patience_factor: Positive = 1.0
    warm: Flag = False
    briefing: AnyLaw | None = None
    rules: ClassVar[tuple[Rule, ...]] = (_briefing_is_warm, finite_mean("briefing"))


class Consult(Part):
    """Before the end of the talk the agent asks a colleague for help, and both are held.

    The question joins the queue of another type as a contact of its own, with a talk time and a
    patience of that type: how long the help takes, and how long the agent waits for it. When it has
    been answered, or given up, the talk is over. The customer waits on the line meanwhile.

    Parameters
    ----------
    to : str
        Contact type whose queue the question joins.
    probability : float
    probability_by_group : {group: float}, optional
        Instead of it, where an agent of the group serves the contact.

    Examples
    --------
    >>> Consult(to="expert help", probability=0.05).probability
    0.05
    """

    to: Name
    probability: Probability
    probability_by_group: Table[Probability] = Field(default_factory=FrozenDict)


def colleagues_of(kind: Any) -> list[tuple[str, Any]]:
    """Transfers and consults of a type, with the place of each within it."""
    return [
        (f"{field}[{i}]", one)
        for field in ("transfers", "consults")
        for i, one in enumerate(getattr(kind, field))
    ]


def keeps_agents(kind: Any) -> list[tuple[str, Any]]:
    """Those of them for which the agent stays until the colleague has answered."""
    return [(where, one) for where, one in colleagues_of(kind) if getattr(one, "warm", True)]


def has_colleagues(scenario: Any) -> bool:
    """Whether agents of a scenario may be held until a colleague has answered."""
    return any(keeps_agents(kind) for kind in scenario.contact_types)


def colleagues_within_one(kind: Any) -> Iterator[Problem]:
    """Rule: a customer is transferred once at most at the end of a talk, and so for consults."""
    for field in ("transfers", "consults"):
        yield from _within_one(field, getattr(kind, field))


def _within_one(field: str, given: Any) -> Iterator[Problem]:
    groups = {name for one in given for name in one.probability_by_group}
    for group in [None, *sorted(groups)]:
        total = sum(one.probability_by_group.get(group, one.probability) for one in given)
        if total > 1 + 1e-12:
            message = f"add up to {total:g}; must be at most 1 together"
            yield Problem(field, f"{message} (unit: a probability or share)")
            return
