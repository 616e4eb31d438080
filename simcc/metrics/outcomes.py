"""What the log says of sales and of satisfaction; only where a scenario asks for them.

Contacts and issues are looked at as whole arrays: these passes are not compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcc.log import BROKEN_OFF, OF_LISTS, FollowedBy, Outcome

if TYPE_CHECKING:
    from simcc.log import ContactLog
    from simcc.model import Satisfaction, Scenario

Floats = npt.NDArray[np.float64]

ANSWERED = (Outcome.SERVED, Outcome.CALLED_BACK, Outcome.INTERRUPTED, *BROKEN_OFF)
DEALT_WITH = (Outcome.SERVED, Outcome.CALLED_BACK, Outcome.CONTAINED)
LEFT_UNSERVED = (
    *(Outcome.ABANDONED, Outcome.BALKED, Outcome.BLOCKED, Outcome.CLOSED),
    *(Outcome.BOT_GAVE_UP, Outcome.BOT_LOST, Outcome.NOT_REACHED),
)


def sale_tables(scenario: Scenario) -> tuple[Floats, Floats]:
    """Return the chance of a sale by type and group, and the value of one by type."""
    types, groups = scenario.contact_types, scenario.agent_groups
    chance, value = np.zeros((len(types), len(groups))), np.zeros(len(types))
    for k, kind in enumerate(types):
        if kind.sale is not None:
            by_group = kind.sale.probability_by_group
            chance[k] = [by_group.get(group.name, kind.sale.probability) for group in groups]
            value[k] = kind.sale.value
    return chance, value


def sales_of(log: ContactLog, chance: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the contacts that were answered, and the expected number of sales of each.

    Of the calls of lists, those of lists that sell.
    """
    sells = np.asarray(chance.any(axis=1))
    reached = (log.outcome == Outcome.REACHED) & sells[log.queue_type]
    answered = np.flatnonzero(np.isin(log.outcome, ANSWERED) | reached)
    stayed = ~np.isin(log.outcome[answered], BROKEN_OFF)
    expected = chance[log.queue_type[answered], log.group[answered]] * stayed
    if len(log.followed_by):
        handed_over = log.followed_by[answered] == FollowedBy.TRANSFER
        expected = np.where(handed_over, 0.0, expected)
    return answered, expected


def satisfaction_of(log: ContactLog, formula: Satisfaction) -> tuple[npt.NDArray[np.intp], Floats]:
    """Return the first contact of every issue that has begun, and the satisfaction with each.

    Waits are those for people, until the answer, the customer leaves, or the run ends.
    """
    n = log.n
    came = ~np.isin(log.outcome, (Outcome.NOT_ARRIVED, *OF_LISTS))
    if len(log.leg):
        came &= log.leg > 0  # the others are questions of agents
    rows = np.flatnonzero(came)
    issue = log.issue if len(log.issue) else np.arange(n)
    last = np.zeros(n, dtype=np.int64)
    last[issue[rows]] = rows  # the greatest: what follows is behind what it follows
    first = np.flatnonzero(came & (issue == np.arange(n)))
    end = last[first]
    waits = np.bincount(issue[rows], _waits(log)[rows], n)[first]
    loss = formula.per_minute_waiting * waits / 60.0
    loss += formula.unresolved * ~_resolved(log)[end]
    loss += formula.left_unserved * np.isin(log.outcome, LEFT_UNSERVED)[end]
    if len(log.issue):
        transfers = np.bincount(issue[rows], log.leg[rows] > 1, n)[first]
        loss += formula.per_further_attempt * (log.attempt[end] - 1)
        loss += formula.per_transfer * transfers
    return first, np.clip(formula.base - loss, 0.0, 1.0)


def _waits(log: ContactLog) -> Floats:
    """Time between reaching people and the answer, or leaving, or the end of the run (s)."""
    until = np.where(np.isnan(log.left_at), log.ended_at, log.left_at)
    until = np.where(np.isin(log.outcome, ANSWERED), log.answered_at, until)
    return np.where(np.isnan(log.offered_at), 0.0, until - log.offered_at)


def _resolved(log: ContactLog) -> npt.NDArray[np.bool_]:
    if not len(log.issue):
        return np.asarray(np.isin(log.outcome, DEALT_WITH))
    return np.asarray((log.resolved == 1) & (log.followed_by == FollowedBy.NOTHING))
