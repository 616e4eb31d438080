"""What comes of contacts: sales, satisfaction, complaints, costs. All off unless given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from simcc.model.base import Amount, FrozenDict, Part, Probability, Table


class Sale(Part):
    """What customers buy who are served: each contact is a chance of a sale.

    No sale is drawn: a contact served by group g counts as ``probability_by_group[g]`` of a sale,
    which is its expected number given who served it. A contact at whose end the customer is handed
    over to another queue sells nothing; the next one may.

    Parameters
    ----------
    probability : float
        That a contact which an agent serves ends in a sale.
    probability_by_group : {group: float}, optional
        Instead of it, where an agent of the group serves.
    value : float
        Of one sale (money).

    Examples
    --------
    >>> Sale(probability=0.1, probability_by_group={"experts": 0.2}, value=50).value
    50.0
    """

    probability: Probability
    probability_by_group: Table[Probability] = Field(default_factory=FrozenDict)
    value: Amount
    units: ClassVar[Mapping[str, str]] = {"value": "money"}


class Satisfaction(Part):
    """Satisfaction with how an issue went, from 0 to 1: linear, and cut at both ends.

    A customer who has waited w minutes in queues, in a attempts with t transfers, all contacts
    of the issue together, is satisfied with it to the degree::

        base - per_minute_waiting w - per_further_attempt (a - 1) - per_transfer t
             - unresolved, if the issue was not resolved for good
             - left_unserved, if its last contact was: abandoned, balked, blocked, or lost by a bot

    or 0 if that is less, or 1 if that is more.

    Parameters
    ----------
    base : float, default 1
        Of an issue that is resolved at once.
    per_minute_waiting, per_further_attempt, per_transfer, unresolved, left_unserved : float
        What is taken off, at least 0; default 0.

    Examples
    --------
    >>> Satisfaction(base=0.9, per_minute_waiting=0.02, unresolved=0.4).per_transfer
    0.0
    """

    base: Probability = 1.0
    per_minute_waiting: Amount = 0.0
    per_further_attempt: Amount = 0.0
    per_transfer: Amount = 0.0
    unresolved: Amount = 0.0
    left_unserved: Amount = 0.0


def has_costs(scenario: Any) -> bool:
    """Whether anything in a scenario has a price."""
    return (
        any(group.cost_per_hour for group in scenario.agent_groups)
        or any(bot.cost_per_session or bot.cost_per_minute for bot in scenario.bots)
        or any(kind.cost_per_contact for kind in scenario.contact_types)
    )


def has_sales(scenario: Any) -> bool:
    """Whether contacts of any type of a scenario may sell something."""
    return any(kind.sale is not None for kind in scenario.contact_types)


def has_complaints(scenario: Any) -> bool:
    """Whether any type of a scenario is complaints."""
    return any(kind.complaint for kind in scenario.contact_types)
