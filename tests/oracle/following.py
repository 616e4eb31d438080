"""What follows a contact of the oracle: a transfer, or the customer comes back."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import simpy
from contact import Contact, time_of

import simcc
from simcc.engine.order import Order
from simcc.log import FollowedBy, Outcome
from simcc.workload import queue_of

if TYPE_CHECKING:
    from oracle import Center

DrawStep = Callable[[int], Any]
ENDINGS = {
    Outcome.ABANDONED: "abandoned",
    Outcome.BALKED: "balked",
    Outcome.BLOCKED: "blocked",
    Outcome.BOT_GAVE_UP: "gave_up",
    Outcome.BOT_LOST: "bot_lost",
}
NAMES = (
    *("patience", "talk", "wrap", "balking", "bot", "bot luck"),
    *("transfer", "resolution", "return", "delay", "tie", "callback"),
)


SERVED = (Outcome.SERVED, Outcome.CALLED_BACK)


class Following:
    """The contacts that follow others in a center."""

    def __init__(self, center: Center, draw_step: DrawStep | None) -> None:
        self.center, self.draw_step = center, draw_step
        self.drawn: dict[int, Any] = {}
        self.n_to_come = 0

    def after(self, contact: Contact) -> None:
        """A contact has ended: what follows is decided by what it brought."""
        if contact.submitted:
            return
        words = self.words(contact)
        if contact.followed_by != FollowedBy.TRANSFER:
            self.maybe_return(contact, words)

    def words(self, contact: Contact) -> set[str]:
        """How it ended, in the words of ``FollowUp.when``; a transfer happens here."""
        center = self.center
        if contact.outcome in SERVED:
            kind = center.types[contact.queue_type]
            group = center.scenario.agent_groups[contact.group].name
            total = 0.0
            for one in kind.transfers:
                total += one.probability_by_group.get(group, one.probability)
                if contact.transfer_luck < total:
                    contact.followed_by = FollowedBy.TRANSFER
                    center.n_in_system += 1  # the customer keeps the line
                    new = self.add(contact, one.to, center.clock.now, True)
                    new.talk_factor = one.talk_factor
                    new.patience_time *= one.patience_factor
                    return set()
            chance = kind.resolution_by_group.get(group, kind.resolution)
            contact.resolved = contact.resolution_luck < chance
            return {"served", "resolved" if contact.resolved else "unresolved"}
        if contact.outcome == Outcome.CONTAINED:
            bot = center.bots[center.types[contact.contact_type].bot].bot
            contact.resolved = contact.resolution_luck < bot.solves
            return {"contained"} if contact.resolved else {"contained", "falsely_contained"}
        return {ENDINGS[contact.outcome]}

    def maybe_return(self, contact: Contact, words: set[str]) -> None:
        center = self.center
        kind, total = center.types[contact.contact_type], 0.0
        for one in kind.follow_ups:
            if not words & set(one.when) or contact.attempt > (one.at_most or math.inf):
                continue
            chance = one.probability[min(contact.attempt, len(one.probability)) - 1]
            if contact.outcome in SERVED:
                group = center.scenario.agent_groups[contact.group].name
                chance = one.probability_by_group.get(group, chance)
            total += chance
            if contact.return_luck < total:
                at = center.clock.now + time_of(one.delay, contact.delay_luck)
                if at >= center.scenario.horizon.length:
                    contact.followed_by = FollowedBy.RETURN_AFTER_END
                    return
                contact.followed_by = FollowedBy.RETURN
                new = self.add(contact, one.type or kind.name, at, False)
                new.talk_factor = one.talk_factor
                new.patience_time *= one.patience_factor
                return

    def add(self, contact: Contact, name: str, at: float, is_transfer: bool) -> Contact:
        center, step = self.center, contact.step + 1
        k = center.names.index(name)
        q = k if is_transfer else queue_of(center.scenario, k)
        if step not in self.drawn:
            self.drawn[step] = self.draw_step(step)
        u = dict(zip(NAMES, self.drawn[step][:, contact.issue].tolist(), strict=True))
        new = Contact(
            number=len(center.contacts),
            arrived_at=at,
            contact_type=k,
            queue_type=q,
            answered=center.clock.event(),
            **self.brings(k, q, at, u),
            issue=contact.issue,
            attempt=contact.attempt + (not is_transfer),
            leg=contact.leg + 1 if is_transfer else 1,
            step=step,
        )
        center.contacts.append(new)
        self.n_to_come += 1
        center.clock.process(self.life(new))
        return new

    def life(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        yield self.center.clock.at(contact.arrived_at, Order.ARRIVAL, contact.number)
        self.n_to_come -= 1
        yield from self.center.arrive(contact)

    def brings(self, k: int, q: int, at: float, u: dict[str, float]) -> dict[str, Any]:
        center = self.center
        kind, queue = center.types[k], center.types[q]
        bot = center.bots[kind.bot].bot if kind.bot else None
        luck = 0
        if bot is not None:
            contained = u["bot luck"] < bot.contained
            luck = 1 if contained else 2 * (u["bot luck"] < bot.contained + bot.gives_up)
        return {
            "patience_time": math.inf
            if queue.patience is None
            else time_of(queue.patience, u["patience"]),
            "talk_time": self.talk_time(queue, at, u["talk"]),
            "wrap_time": time_of(queue.after_call_work or simcc.Constant(value=0), u["wrap"]),
            "balks": u["balking"] < queue.balking,
            "bot_time": time_of(bot.session_time, u["bot"]) if bot else 0.0,
            "bot_luck": luck,
            "transfer_luck": u["transfer"],
            "resolution_luck": u["resolution"],
            "return_luck": u["return"],
            "delay_luck": u["delay"],
            "tie_luck": u["tie"],
            "callback_luck": u["callback"],
        }

    def talk_time(self, queue: Any, at: float, u: float) -> float:
        """At unit speed; the uniform itself where the law depends on who serves."""
        if queue.talk_time_by_group:
            return u
        interval = int(at / self.center.scenario.horizon.interval)
        law, scale = queue.talk_time, 1.0
        if queue.talk_time_by_interval:
            law = queue.talk_time_by_interval[min(interval, len(queue.talk_time_by_interval) - 1)]
        if queue.talk_scale_by_interval:
            scales = queue.talk_scale_by_interval
            scale = scales[min(interval, len(scales) - 1)]
        return scale * time_of(law, u) if law else 0.0
