"""What follows a contact of the oracle: a transfer, or the customer comes back."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import simpy
from contact import Contact, time_of

import simcc
from simcc.engine.order import Order
from simcc.log import BROKEN_OFF, WRONG_QUEUE, FollowedBy, Outcome
from simcc.model import Bot
from simcc.workload import queue_of

if TYPE_CHECKING:
    from oracle import Center

DrawStep = Callable[[int], Any]
ENDINGS = {
    Outcome.ABANDONED: "abandoned",
    Outcome.BALKED: "balked",
    Outcome.BLOCKED: "blocked",
    Outcome.CLOSED: "closed",
    Outcome.BOT_GAVE_UP: "gave_up",
    Outcome.BOT_LOST: "bot_lost",
    Outcome.NOT_REACHED: "not_reached",
}
NAMES = (
    *("patience", "talk", "wrap", "balking", "bot", "bot luck"),
    *("transfer", "resolution", "return", "delay", "tie", "callback"),
    "announcement",
)
OF_BOTS = ("bot latency", "misrouting")  # behind these, where some bot has latency or hands on
OF_CHATS = ("turns",)  # behind both, where there are chats in turns
OF_CALLBACKS = ("calls",)  # behind these, where callbacks take time
OF_COLLEAGUES = ("consult", "briefing")  # behind all, where agents are held for colleagues
ALL_NAMES = NAMES + OF_BOTS + OF_CHATS + OF_CALLBACKS + OF_COLLEAGUES
ALONG = (
    *("patience_time", "talk_time", "wrap_time", "balks", "transfer_luck", "resolution_luck"),
    *("return_luck", "delay_luck", "tie_luck", "callback_luck", "talk_factor"),
    "hearing_luck",
    "turn_luck",
    *("calls_luck", "consult_luck", "briefing_luck"),
)  # what a contact brings to people is the same behind one bot and behind several


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
        if contact.record >= 0 or contact.leg == 0:
            return  # nothing follows a call of a list or a question
        words = self.words(contact)
        if contact.followed_by != FollowedBy.TRANSFER:
            self.maybe_return(contact, words)

    def words(self, contact: Contact) -> set[str]:
        """How it ended, in the words of ``FollowUp.when``; a transfer happens here."""
        center = self.center
        if contact.outcome in BROKEN_OFF:
            return {"served", "unresolved"}
        if contact.outcome in SERVED:
            kind = center.types[contact.queue_type]
            group = center.scenario.agent_groups[contact.group].name
            if contact.bot == WRONG_QUEUE:
                right = queue_of(center.scenario, contact.contact_type)
                self.hand_over(contact, center.names[right])
                return set()
            total = 0.0
            for one in kind.transfers:
                total += one.probability_by_group.get(group, one.probability)
                if contact.transfer_luck < total:
                    new = self.hand_over(contact, one.to)
                    new.talk_factor = one.talk_factor
                    new.patience_time *= one.patience_factor
                    center.colleagues.hands_over(contact, new, one)
                    return set()
            chance = kind.resolution_by_group.get(group, kind.resolution)
            contact.resolved = contact.resolution_luck < chance
            return {"served", "resolved" if contact.resolved else "unresolved"}
        if contact.outcome == Outcome.CONTAINED:
            bot = center.sessions_of(contact).bot
            own = bot.by_type.get(center.names[contact.contact_type])
            unlike = own is not None and own.solves is not None
            contact.resolved = contact.resolution_luck < (own.solves if unlike else bot.solves)
            return {"contained"} if contact.resolved else {"contained", "falsely_contained"}
        return {ENDINGS[contact.outcome]}

    def maybe_return(self, contact: Contact, words: set[str]) -> None:
        center = self.center
        kind, total = center.types[contact.contact_type], 0.0
        for one in kind.follow_ups:
            if not words & set(one.when) or contact.attempt > (one.at_most or math.inf):
                continue
            chance = one.probability[min(contact.attempt, len(one.probability)) - 1]
            if contact.outcome in (*SERVED, *BROKEN_OFF):
                group = center.scenario.agent_groups[contact.group].name
                chance = one.probability_by_group.get(group, chance)
            total += chance
            if contact.return_luck < total:
                at = center.clock.now + time_of(one.delay, contact.delay_luck)
                if at >= center.scenario.horizon.length:
                    contact.followed_by = FollowedBy.RETURN_AFTER_END
                    return
                contact.followed_by = FollowedBy.RETURN
                new = self.add(contact, one.type or kind.name, at)
                new.talk_factor = one.talk_factor
                new.patience_time *= one.patience_factor
                return

    def hand_over(self, contact: Contact, name: str) -> Contact:
        """An agent hands a contact over to the queue of a type."""
        self.center.n_in_system += 1  # the customer keeps the line
        contact.followed_by = FollowedBy.TRANSFER
        k = self.center.names.index(name)
        return self.add(contact, name, self.center.clock.now, queue=k)

    def leads_elsewhere(self, contact: Contact, bot: Bot) -> bool:
        """Whether its bot hands a contact on to another bot, or into a wrong queue."""
        center, now = self.center, self.center.clock.now
        name = center.names[contact.contact_type]
        if contact.submitted:
            return False
        if bot.then is not None:
            contact.outcome = Outcome.PASSED_ON
            new = self.add(
                contact, name, now, contact.queue_type, list(center.bots).index(bot.then)
            )
            for attribute in ALONG:
                setattr(new, attribute, getattr(contact, attribute))
        else:
            own = bot.by_type.get(name)
            row = bot.misrouted if own is None or own.misrouted is None else own.misrouted
            levels = itertools.accumulate(row.values())
            wrong = [q for q, level in zip(row, levels, strict=True)
                     if contact.misrouting_luck < level]  # fmt: skip
            if not wrong:
                return False
            contact.outcome = Outcome.MISROUTED
            new = self.add(contact, name, now, center.names.index(wrong[0]), WRONG_QUEUE)
            new.patience_time *= bot.patience_factor
            new.talk_factor = bot.talk_factor
        contact.left_at = now
        contact.followed_by = FollowedBy.TRANSFER
        return True

    def add(
        self, contact: Contact, name: str, at: float, queue: int | None = None, bot: int = -1
    ) -> Contact:
        """The next leg in a queue or at a bot; or, if neither is given, the next attempt."""
        center, step, is_leg = self.center, contact.step + 1, queue is not None
        k = center.names.index(name)
        q = queue_of(center.scenario, k) if queue is None else queue
        b = bot if is_leg else center.front_bot(k)
        if step not in self.drawn:
            self.drawn[step] = self.draw_step(step)
        drawn = self.drawn[step][:, contact.issue].tolist()
        u = dict(zip(ALL_NAMES[: len(drawn)], drawn, strict=True))
        new = Contact(
            number=len(center.contacts),
            arrived_at=at,
            contact_type=k,
            queue_type=q,
            answered=center.clock.event(),
            **self.brings(k, q, b, at, u),
            issue=contact.issue,
            attempt=contact.attempt + (not is_leg),
            leg=contact.leg + 1 if is_leg else 1,
            step=step,
            bot=b,
        )
        center.contacts.append(new)
        self.n_to_come += 1
        center.clock.process(self.life(new))
        return new

    def life(self, contact: Contact) -> Generator[simpy.Event, object, None]:
        yield self.center.clock.at(contact.arrived_at, Order.ARRIVAL, contact.number)
        self.n_to_come -= 1
        yield from self.center.arrive(contact)

    def brings(self, k: int, q: int, b: int, at: float, u: dict[str, float]) -> dict[str, Any]:
        center = self.center
        queue = center.types[q]
        return {
            "patience_time": math.inf
            if queue.patience is None
            else time_of(queue.patience, u["patience"]),
            "talk_time": self.talk_time(queue, at, u["talk"]),
            "wrap_time": time_of(queue.after_call_work or simcc.Constant(value=0), u["wrap"]),
            "balks": u["balking"] < queue.balking,
            **self.brings_to_bot(center.names[k], b, u),
            "transfer_luck": u["transfer"],
            "resolution_luck": u["resolution"],
            "return_luck": u["return"],
            "delay_luck": u["delay"],
            "tie_luck": u["tie"],
            "callback_luck": u["callback"],
            "hearing_luck": u["announcement"],
            "turn_luck": u.get("turns", 0.0),
            "consult_luck": u.get("consult", 1.0),
            "briefing_luck": u.get("briefing", 0.0),
            "calls_luck": u.get("calls", 0.0),
        }

    def brings_to_bot(self, name: str, b: int, u: dict[str, float]) -> dict[str, float]:
        """A session time; the uniform itself where the law depends on how the session ends."""
        if b < 0:
            return {"bot_time": 0.0}
        bot = list(self.center.bots.values())[b].bot
        own = bot.by_type.get(name)
        session = own.session_time if own and own.session_time else bot.session_time
        by_end = bot.escalation_time or (own and own.escalation_time)
        return {
            "bot_time": u["bot"] if by_end else time_of(session, u["bot"]),
            "bot_luck": u["bot luck"],
            "bot_latency": time_of(bot.latency, u["bot latency"]) if bot.latency else 0.0,
            "misrouting_luck": u.get("misrouting", 1.0),
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
