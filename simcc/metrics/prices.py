"""Money and complaints: counters that follow from others by the scenario's prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from simcc.model import Scenario

Floats = npt.NDArray[np.float64]

PRICED_BY_TYPE = ("bot_cost", "contact_cost", "complaints")
PRICED_BY_GROUP = ("paid_hours", "staff_cost")
PRICED = {
    "bot_cost": "cost_per_session bot_sessions + cost_per_minute bot_session_sum / 60 (money)",
    "contact_cost": "cost_per_contact (arrivals + attempts) (money)",
    "complaints": "arrivals of the types that are complaints",
    "paid_hours": "(paid_time - (present_time - staffed_time) + overtime) / 3600: a late break is "
    "not paid twice (h)",
    "staff_cost": "the same with overtime_factor overtime, times cost_per_hour (money)",
}
HOUR, MINUTE = 3600.0, 60.0


@dataclass(frozen=True, eq=False)
class Prices:
    """What things cost, and which types are complaints, by index.

    Attributes
    ----------
    per_session, per_minute : float64[bots + 1]
        Money; the last for no bot.
    per_contact : float64[types]
        Money.
    complaint : float64[types]
        1 for complaints, else 0.
    per_hour, overtime_factor : float64[groups]
        Money; times as much.
    """

    per_session: Floats
    per_minute: Floats
    per_contact: Floats
    complaint: Floats
    per_hour: Floats
    overtime_factor: Floats

    @classmethod
    def of(cls, scenario: Scenario) -> Prices:
        """The prices of a scenario."""
        types, groups = scenario.contact_types, scenario.agent_groups
        return cls(
            per_session=_floats([*(bot.cost_per_session for bot in scenario.bots), 0.0]),
            per_minute=_floats([*(bot.cost_per_minute for bot in scenario.bots), 0.0]),
            per_contact=_floats(kind.cost_per_contact for kind in types),
            complaint=_floats(kind.complaint for kind in types),
            per_hour=_floats(group.cost_per_hour for group in groups),
            overtime_factor=_floats(group.overtime_factor for group in groups),
        )

    def of_sessions(self, bots: Sequence[int], sessions: Floats, seconds: Floats) -> Floats:
        """Return the cost of numbers of sessions, and of the time in them, of each of the bots."""
        which = np.asarray(bots, np.int64)
        by_minute = self.per_minute[which] * seconds / MINUTE
        return np.asarray(self.per_session[which] * sessions + by_minute)

    def by_type(self, name: str, counter: Callable[[str], Floats]) -> Floats:
        """Return the contact costs or the complaints; ``counter`` gives the counter of a name."""
        each = self.per_contact if name == "contact_cost" else self.complaint
        if name == "contact_cost":  # calls of lists do not arrive
            return each * (counter("arrivals") + counter("attempts"))
        return each * counter("arrivals")

    def by_group(self, name: str, counter: Callable[[str], Floats]) -> Floats:
        """Return one of ``PRICED_BY_GROUP``; ``counter`` gives those that it is made of."""
        over, during = counter("overtime"), counter("present_time") - counter("staffed_time")
        planned = counter("paid_time") - during
        if name == "paid_hours":
            return (planned + over) / HOUR
        return self.per_hour * (planned + self.overtime_factor * over) / HOUR


def _floats(values: Any) -> Floats:
    return np.array(list(values), dtype=np.float64)
