"""How contacts of the oracle choose among several queues."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from contact import Contact

if TYPE_CHECKING:
    from oracle import Center


def choose_queue(center: Center, contact: Contact) -> None:
    """The contact joins the queue with the shortest wait, if its type has a choice."""
    choice = center.scenario.routing.queue_choice.get(center.names[contact.queue_type])
    if choice is None:
        return
    queues = [center.names.index(name) for name in choice.among]

    def key(k: int) -> tuple[float, int]:
        return wait_in(center, contact, k, choice.by), -idle_agents(center, k)

    contact.queue_type = min(queues, key=key)  # the first of equal ones


def wait_in(center: Center, contact: Contact, k: int, by: str) -> float:
    """Minus one where somebody would answer at once, infinite where the queue is closed."""
    if center.opening.turns_away(k) or center.opening.waits(k):
        return math.inf
    before = contact.queue_type, contact.offered_at
    contact.queue_type, contact.offered_at = k, center.clock.now
    free = any(center.is_open(center.people.groups[g], contact) for g in center.options[k])
    contact.queue_type, contact.offered_at = before
    if free:
        return -1.0
    return len(center.queues[k]) if by == "fewest_waiting" else center.announcing.estimate(k, by)


def idle_agents(center: Center, k: int) -> int:
    return sum(len(center.people.groups[g].idle) for g in center.options[k])
