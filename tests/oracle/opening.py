"""When the queues of the oracle are open."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from simcc.engine.order import Order
from simcc.log import Outcome
from simcc.model import Scenario

if TYPE_CHECKING:
    from oracle import Center

LAST = 1 << 49  # of all that waits in a queue at an instant
OPEN = ""


def opening_times(scenario: Scenario) -> list[tuple[float, int, str]]:
    """Instants at which a queue opens or closes: its number, and its new state."""
    found = []
    for k, kind in enumerate(scenario.contact_types):
        if kind.hours is not None:
            outside, closing = kind.hours.outside, kind.hours.at_closing
            starts, ends = zip(*kind.hours.open, strict=True)
            if 0.0 not in starts:
                found.append((0.0, k, outside))
            found += [(start, k, OPEN) for start in starts]
            found += [(end, k, "sent_away" if closing == "sent_away" else outside) for end in ends]
    return found


class Opening:
    """The states of the queues: open, "turned_away" or "waits"."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self.state = [OPEN for _ in center.types]

    def set(self, k: int, state: str) -> None:
        """A queue opens or closes now."""
        center = self.center
        self.state[k] = "turned_away" if state == "sent_away" else state
        if state == OPEN:
            for group in center.people.groups:
                group.looks = group.looks or bool(group.idle)
        elif state == "sent_away":
            center.clock.process(self.send_away(k))

    def turns_away(self, k: int) -> bool:
        return self.state[k] == "turned_away"

    def waits(self, k: int) -> bool:
        return self.state[k] == "waits"

    def send_away(self, k: int) -> Generator[simpy.Event, object, None]:
        """One after the other, once all else that waits has had its turn."""
        center = self.center
        while True:
            yield center.clock.at(center.clock.now, Order.WAIT_THRESHOLD, LAST + k)
            if not center.queues[k]:
                return
            contact = center.queues[k].pop(0)
            contact.sent_away.succeed()
            center.n_in_system -= 1
            center.leave(contact, Outcome.CLOSED)
