"""What waiting, giving up and being turned away cost, from one instant to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcc.engine.arguments import index_of, number
from simcc.engine.records import NEXT_ARRIVAL
from simcc.engine.state import State
from simcc.errors import SimulationError
from simcc.log import BROKEN_OFF, Outcome
from simcc.model import Scenario

Floats = NDArray[np.float64]
Cost = float | Mapping[str, float]
HOUR = 3600.0

TO_COME, WAITS, ANSWERED, LOST, NEVER_OFFERED = range(5)
_STATUS = np.full(max(Outcome) + 1, NEVER_OFFERED)
_STATUS[[Outcome.NOT_ARRIVED, Outcome.IN_BOT]] = TO_COME
_STATUS[Outcome.WAITING] = WAITS
_STATUS[[Outcome.SERVED, *BROKEN_OFF]] = ANSWERED
_STATUS[[Outcome.ABANDONED, Outcome.BALKED, Outcome.BLOCKED, Outcome.CLOSED]] = LOST
_GAVE_UP = (Outcome.ABANDONED, Outcome.BALKED)


def by_type(cost: Cost, what: str, scenario: Scenario) -> Floats:
    """A cost by type: one number for all, or by name, 0 for types not named.

    Raises
    ------
    SimulationError
        If a type is unknown or a number is negative.
    """
    types = scenario.contact_types
    if not isinstance(cost, Mapping):
        return np.full(len(types), number(cost, what))
    found = np.zeros(len(types))
    for name, value in cost.items():
        found[index_of(types, name, f"contact type of {what}")] = number(value, f"{what} of {name}")
    return found


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs by type of queue.

    Attributes
    ----------
    waiting : float64[types]
        Per contact and second of waiting in the queue.
    outcome : float64[types, outcomes]
        Per contact that ends so.
    """

    waiting: Floats
    outcome: Floats

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        wait_cost_per_hour: Cost,
        abandonment_cost: Cost,
        blocking_cost: Cost,
    ) -> Costs:
        """The costs of a scenario, checked."""
        outcome = np.zeros((len(scenario.contact_types), len(_STATUS)))
        given_up = by_type(abandonment_cost, "abandonment_cost", scenario)
        outcome[:, _GAVE_UP] = given_up[:, np.newaxis]
        outcome[:, Outcome.BLOCKED] = by_type(blocking_cost, "blocking_cost", scenario)
        waiting = by_type(wait_cost_per_hour, "wait_cost_per_hour", scenario) / HOUR
        if not (waiting.any() or outcome.any()):
            raise SimulationError("wait_cost_per_hour: all costs are 0; there is nothing to learn")
        return cls(waiting, outcome)


class Ledger:
    """The costs of one replication so far.

    Between two looks a queue has grown and shrunk. What its contacts have waited meanwhile is
    taken from the log, row by row, so the sum is exact.

    Parameters
    ----------
    costs : Costs
    state : State
    """

    def __init__(self, costs: Costs, state: State) -> None:
        self._costs, self._state = costs, state
        self._open = np.empty(0, np.int64)  # contacts that have come and may still cost something
        self._next_arrival, self._next_added = 0, state.n_workload
        self._at = 0.0

    def up_to(self, now: float) -> float:
        """The cost since the last call, up to an instant (s)."""
        rows = self._rows()
        log = self._state.log
        outcome, queue = log.outcome[rows], self._state.work.queue_type[rows]
        status = _STATUS[outcome]
        end = np.select(
            [status == ANSWERED, status == LOST], [log.answered_at[rows], log.left_at[rows]], now
        )
        offered = (status != TO_COME) & (status != NEVER_OFFERED)
        since = np.where(offered, log.offered_at[rows], now)
        waited = np.where(offered, end - np.maximum(since, self._at), 0.0)
        self._open, self._at = rows[status <= WAITS], now
        return float(
            self._costs.waiting[queue] @ waited + self._costs.outcome[queue, outcome].sum()
        )

    def _rows(self) -> NDArray[np.int64]:
        """Contacts that were open, and those that have come since."""
        next_arrival = int(self._state.queues.count[NEXT_ARRIVAL])
        next_added = self._state.n_contacts
        come = np.arange(self._next_arrival, next_arrival)
        added = np.arange(self._next_added, next_added)
        self._next_arrival, self._next_added = next_arrival, next_added
        return np.concatenate([self._open, come, added])
