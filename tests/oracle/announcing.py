"""What customers of the oracle are told about their wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from contact import Contact

from simcc.model import ContactType, Scenario

if TYPE_CHECKING:
    from oracle import Center


class Announcing:
    """The estimates of a center, and what those who hear them do."""

    def __init__(self, center: Center) -> None:
        self.center = center
        self.last_wait = [0.0 for _ in center.types]
        self.mean_work = [mean_work(kind, center.scenario) for kind in center.types]

    def estimate(self, k: int, how: str) -> float:
        center, queue = self.center, self.center.queues[k]
        if how == "last_answered":
            return self.last_wait[k]
        if how == "head_of_line":
            return center.clock.now - queue[0].offered_at if queue else 0.0
        speed = sum(
            center.scenario.agent_groups[agent.group].skills[center.names[k]]
            for agent in center.people.everyone
            if agent.group in center.options[k]
            and (agent.busy or bool(agent.desk and agent.desk.held))
        )
        return (len(queue) + 1) * self.mean_work[k] / (speed or 1.0)

    def leaves(self, contact: Contact) -> bool:
        """Whether a contact leaves when told its wait; if it stays, its patience may change."""
        told = self.center.types[contact.queue_type].announcement
        if told is None:
            return False
        wait = self.estimate(contact.queue_type, told.estimate)
        reached = [step for step in told.steps if step.wait <= wait]
        if not reached:
            return False
        contact.patience_time *= reached[-1].patience_factor
        return contact.hearing_luck < reached[-1].leaves

    def offers_callback(self, k: int) -> bool:
        offer = self.center.types[k].callback
        return self.estimate(k, offer.estimate) >= offer.min_wait

    def note(self, contact: Contact) -> None:
        """A contact is answered for the first time."""
        self.last_wait[contact.queue_type] = self.center.clock.now - contact.offered_at


def mean_work(kind: ContactType, scenario: Scenario) -> float:
    """Of all laws alike, talk and after-call work together."""
    laws = [kind.talk_time]
    if kind.talk_time_by_interval:
        laws = kind.talk_time_by_interval
    if kind.talk_time_by_group:
        laws = [
            kind.talk_time_by_group.get(group.name, kind.talk_time)
            for group in scenario.agent_groups
            if kind.name in group.skills
        ]
    talk = float(np.mean([law.mean() for law in laws]))
    if kind.talk_scale_by_interval:
        talk *= float(np.mean(kind.talk_scale_by_interval))
    return talk + (kind.after_call_work.mean() if kind.after_call_work else 0.0)
