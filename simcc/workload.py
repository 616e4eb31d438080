"""The workload: what each contact of a replication brings, before anyone decides anything.

Row i is contact i, in the order of arrival. Everything is drawn here, from streams named by
contact type and attribute, so a contact is the same under any routing, staffing or number of
workers. Nothing is drawn under a condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simcc.arrival_order import NOBODY, in_order, with_calls
from simcc.arrivals_sampling import ArrivalPlan
from simcc.attributes import CHUNK, EACH, Draw, chunks, draw_of, fill
from simcc.brought import (
    ATTRIBUTES,
    LUCKS,
    OF_BOTS,
    OF_CALLBACKS,
    OF_CALLS,
    OF_CHATS,
    OF_COLLEAGUES,
    Floats,
    Workload,
)
from simcc.buffers import Take, fresh
from simcc.inversion import LawTable
from simcc.model import ContactType, HeadCounts, Outbound, Scenario
from simcc.model.agents import has_random_ties
from simcc.model.bots import chain, has_hand_overs, terms, wrong_queues
from simcc.model.callbacks import has_timed_callbacks
from simcc.model.colleagues import has_colleagues, keeps_agents
from simcc.model.follow_ups import has_follow_ups
from simcc.model.outbound import has_holds, has_outbound
from simcc.model.turns import has_turns
from simcc.streams import Streams

__all__ = [
    "ATTRIBUTES",
    "LUCKS",
    "OF_BOTS",
    "OF_CALLBACKS",
    "OF_CALLS",
    "OF_CHATS",
    "OF_COLLEAGUES",
    "Workload",
    "WorkloadPlan",
    "draw_leavers",
    "queue_of",
]
_BROUGHT = ("patience_time", "talk_time", "wrap_time", "balks", "bot_time")


class WorkloadPlan:
    """How to draw workloads of a scenario; built once, used by every replication.

    Parameters
    ----------
    scenario : Scenario
    laws : LawTable
        Receives the scenario's laws; also used by the engine.
    """

    def __init__(self, scenario: Scenario, laws: LawTable) -> None:
        self._scenario = scenario
        self._interval = scenario.horizon.interval
        self._kinds = scenario.contact_types
        self._queues = [queue_of(scenario, k) for k in range(len(self._kinds))]
        self._choose_queue = bool(scenario.routing.queue_choice)
        self._arrivals = [
            ArrivalPlan(kind, scenario.horizon, laws) if kind.arrivals is not None else None
            for kind in self._kinds
        ]
        self._leavers = _named_leavers(scenario)
        self.has_bots = bool(scenario.bots)
        self.has_follow_ups = has_follow_ups(scenario)
        self.has_callbacks = any(kind.callback is not None for kind in scenario.contact_types)
        self.has_announcements = any(kind.announcement for kind in scenario.contact_types)
        self.has_interruptions = any(kind.interruption for kind in scenario.contact_types)
        self.has_ties = any(map(has_random_ties, scenario.agent_groups))
        self.has_hand_overs = has_hand_overs(scenario)
        self.has_lists = has_outbound(scenario)
        self.has_holds = has_holds(scenario)
        self.has_latency = any(bot.latency is not None for bot in scenario.bots)
        self.has_turns = has_turns(scenario)
        self.has_colleagues = has_colleagues(scenario)
        self.has_timed_callbacks = has_timed_callbacks(scenario)
        needed = [
            (OF_BOTS, self.has_hand_overs or self.has_latency),
            (OF_CHATS, self.has_turns),
            (OF_CALLBACKS, self.has_timed_callbacks),
            (OF_COLLEAGUES, self.has_colleagues),
        ]
        self.attributes = (*ATTRIBUTES, *_up_to_the_last(needed))
        self._draws = [
            self._type_draws(kind, self._kinds[queue], laws)
            for kind, queue in zip(self._kinds, self._queues, strict=True)
        ]
        self._looked_at = self._attributes_looked_at(laws)

    def _attributes_looked_at(self, laws: LawTable) -> set[str]:
        """Of the attributes that later contacts draw, those that some contact looks at."""
        found = {"bot", "bot luck", *OF_BOTS} if self._scenario.bots else set()
        as_they_come = zip(self._kinds, self._draws, strict=True)
        as_transferred = ((kind, self._type_draws(kind, kind, laws)) for kind in self._kinds)
        for kind, draws in (*as_they_come, *as_transferred):
            found |= {draw.stream.removeprefix(f"{kind.name}/") for draw in draws.values()}
        return found

    def _type_draws(self, kind: ContactType, queue: ContactType, laws: LawTable) -> dict[str, Draw]:
        """How contacts of a type that join a queue draw what they bring."""
        draws = {
            "patience_time": draw_of(f"{kind.name}/patience", queue.patience, laws),
            "wrap_time": draw_of(f"{kind.name}/wrap", queue.after_call_work, laws),
            "talk_time": self._talk(f"{kind.name}/talk", queue, laws),
        }
        if queue.balking > 0:
            draws["balks"] = Draw(f"{kind.name}/balking", shares=(queue.balking,))
        if kind.bot is not None:
            draws |= self._at_bot(kind, laws)
        if queue.callback is not None:
            draws["callback_luck"] = Draw(f"{kind.name}/callback")
            if self.has_timed_callbacks:
                draws["calls_luck"] = Draw(f"{kind.name}/calls")
        if queue.announcement is not None:
            draws["hearing_luck"] = Draw(f"{kind.name}/announcement")
        if queue.turns is not None:
            draws["turn_luck"] = Draw(f"{kind.name}/turns")
        if keeps_agents(queue):
            draws["consult_luck"] = Draw(f"{kind.name}/consult")
            draws["briefing_luck"] = Draw(f"{kind.name}/briefing")
        if self.has_ties:
            draws["tie_luck"] = Draw(f"{kind.name}/tie")
        if kind.outbound is not None:
            draws |= _calls(kind.name, kind.outbound, laws)
        draws |= self._lucks(kind, queue)
        return {attribute: draw for attribute, draw in draws.items() if draw is not None}

    def has_escalation_time(self, k: int) -> bool:
        """Whether the session time of type k depends on how the session ends."""
        bots, name = chain(self._scenario.bots, self._kinds[k].bot), self._kinds[k].name
        return bool(bots) and terms(bots[0], name).escalation_time is not None

    def _at_bot(self, kind: ContactType, laws: LawTable) -> dict[str, Draw | None]:
        bot = chain(self._scenario.bots, kind.bot)[0]
        here, stream = terms(bot, kind.name), f"{kind.name}/bot"
        session = draw_of(stream, here.session_time, laws)
        draws = {
            "bot_time": session if here.escalation_time is None else Draw(stream),
            "bot_luck": Draw(f"{stream} luck"),
            "bot_latency": draw_of(f"{stream} latency", bot.latency, laws),
        }
        if wrong_queues(self._scenario.bots, kind.bot, kind.name):
            draws["misrouting_luck"] = Draw(f"{kind.name}/misrouting")
        return draws

    def _lucks(self, kind: ContactType, queue: ContactType) -> dict[str, Draw]:
        """The uniforms that say what follows a contact, as far as anything may."""
        draws = {}
        bots = chain(self._scenario.bots, kind.bot)
        if queue.transfers:
            draws["transfer_luck"] = Draw(f"{kind.name}/transfer")
        unsure = queue.resolution < 1 or queue.resolution_by_group
        if unsure or any(terms(bot, kind.name).solves < 1 for bot in bots):
            draws["resolution_luck"] = Draw(f"{kind.name}/resolution")
        if kind.follow_ups:
            draws["return_luck"] = Draw(f"{kind.name}/return")
            draws["delay_luck"] = Draw(f"{kind.name}/delay")
        return draws

    def _talk(self, stream: str, queue: ContactType, laws: LawTable) -> Draw | None:
        if queue.talk_time_by_group:
            return Draw(stream)
        if queue.talk_time_by_interval is None and queue.talk_scale_by_interval is None:
            return draw_of(stream, queue.talk_time, laws)
        chosen = queue.talk_time_by_interval or [law for law in (queue.talk_time,) if law]
        scale = queue.talk_scale_by_interval or (1.0,)
        n = max(len(chosen), len(scale))
        numbers = np.array([laws.add(law) for law in chosen], np.int64)
        return Draw(stream, laws=np.resize(numbers, n), scale=np.resize(np.array(scale, float), n))

    def sample(self, streams: Streams, replication: int, laws: Any, take: Take = fresh) -> Workload:
        """Workload of a replication.

        Parameters
        ----------
        streams : Streams
        replication : int
        laws : record
            Of the law table.
        take : callable
            Gives the memory, see :mod:`simcc.buffers`.
        """
        blocks = [
            plan.sample(streams, replication, laws, take) if plan is not None else NOBODY
            for plan in self._arrivals
        ]
        work, rows = in_order(blocks, take)
        if self.has_lists:
            work, rows = with_calls(work, rows, self._kinds)
        if not all("patience_time" in draws for draws in self._draws):
            work.patience_time.fill(np.inf)
        if self.has_ties:
            work.tie_luck = take("tie_luck", len(work))
        for name in self._some_bring():
            setattr(work, name, take(name, len(work), zero=True))
        if self.has_follow_ups:
            for name in LUCKS:
                setattr(work, name, take(name, len(work), zero=True))
            work.resolution_luck[len(work) - work.n_calls :] = 1.0  # nothing follows a call
        if self._choose_queue or self._queues != list(range(len(self._kinds))):
            work.queue_type = np.asarray(self._queues, np.int32)[work.contact_type]
        u = take("uniform", CHUNK)
        for k, row in enumerate(rows):
            for attribute, draw in self._draws[k].items():
                generator, out = streams.open(draw.stream, replication), getattr(work, attribute)
                for arrived_at, some, its in chunks(work.arrived_at, row, out):
                    generator.random(out=u[: len(some)])
                    fill(draw, laws, self._interval, arrived_at, u[: len(some)], some, its)
        lucks = [streams.open(_leaving(group), replication).random(n) for group, n in self._leavers]
        work.leave_luck = np.concatenate([np.empty(0), *lucks])
        return work

    def _some_bring(self) -> list[str]:
        """Attributes that the contacts of some scenarios bring, and not those of others."""
        has = {
            "callback_luck": self.has_callbacks,
            "calls_luck": self.has_timed_callbacks,
            "hearing_luck": self.has_announcements,
            "bot_luck": bool(self._scenario.bots),
            "bot_latency": self.has_latency,
            "misrouting_luck": self.has_hand_overs,
            "turn_luck": self.has_turns,
            "consult_luck": self.has_colleagues,
            "briefing_luck": self.has_colleagues,
            **dict.fromkeys(OF_CALLS, self.has_lists),
        }
        return [name for name, drawn in has.items() if drawn]

    def draw_step(
        self, work: Workload, streams: Streams, replication: int, step: int, out: Floats
    ) -> None:
        """Uniforms for the contacts that follow, each issue's number ``step`` after its first.

        Parameters
        ----------
        work : Workload
        streams : Streams
        replication, step : int
        out : float64 array, shape (attributes, issues)
            Written; an attribute that no contact of the scenario looks at is left as it is.
        """
        rows = [np.flatnonzero(work.contact_type == k) for k in range(len(self._kinds))]
        for name, uniform in zip(self.attributes, out, strict=True):
            if name not in self._looked_at:
                continue
            for kind, row in zip(self._kinds, rows, strict=True):
                generator = streams.open(f"{kind.name}/{name}", replication, step)
                if len(row) == len(uniform):
                    generator.random(out=uniform)
                else:
                    uniform[row] = generator.random(len(row))

    def draw_one(
        self, k: int, at: float, streams: Streams, replication: int, number: int, laws: Any
    ) -> dict[str, Any]:
        """What one more contact of type k brings, that arrives at an instant (s).

        The ``number`` of the draw makes it a different one; the workload's own streams are not
        touched.
        """
        work, _ = in_order([np.array([at, np.inf])], fresh)
        work.patience_time.fill(np.inf)
        work.tie_luck = np.zeros(int(self.has_ties))
        for name in self._some_bring():
            setattr(work, name, np.zeros(1))
        for attribute, draw in self._draws[k].items():
            if attribute in LUCKS:
                continue  # nothing follows a submitted contact
            u = streams.open(f"\x1fsubmitted/{draw.stream}", replication, number).random(1)
            out = getattr(work, attribute)
            fill(draw, laws, self._interval, work.arrived_at, u, EACH[:1], out)
        brought = (*_BROUGHT, *self._some_bring(), *(["tie_luck"] if self.has_ties else []))
        drawn = {name: getattr(work, name)[0] for name in brought}
        return drawn | {"contact_type": k, "queue_type": self._queues[k]}


def _up_to_the_last(needed: Sequence[tuple[tuple[str, ...], bool]]) -> list[str]:
    """Attributes of all parts up to the last that is needed: each has its place."""
    last = max((i for i, (_, there) in enumerate(needed) if there), default=-1)
    return [name for names, _ in needed[: last + 1] for name in names]


def draw_leavers(group: str, streams: Streams, replication: int, number: int, size: int) -> Floats:
    """Uniforms for ``size`` agents of a group whom a process sends home in its act ``number``."""
    return streams.open(f"\x1fprocess/{_leaving(group)}", replication, number).random(size)


def _leaving(group: str) -> str:
    """Name of the stream that says who leaves; the mark keeps it apart from any type's name."""
    return f"\x1fleaving/{group}"


def _named_leavers(scenario: Scenario) -> list[tuple[str, int]]:
    """Groups with ``decrease="named"``, and how many leave in the whole plan."""
    edges = scenario.horizon.all_edges
    return [
        (group.name, -sum(min(by, 0) for _, by in group.staff.changes(edges)))
        for group in scenario.agent_groups
        if isinstance(group.staff, HeadCounts) and group.staff.decrease == "named"
    ]


def queue_of(scenario: Scenario, k: int) -> int:
    """Index of the human queue of contact type k: its own, or where its bot escalates to."""
    kind = scenario.contact_types[k]
    if kind.bot is None:
        return k
    bot = scenario.bots[scenario.bot_index(kind.bot)]
    return k if bot.escalate_to is None else scenario.type_index(bot.escalate_to)


def _calls(name: str, calls: Outbound, laws: LawTable) -> dict[str, Draw | None]:
    """What the calls of a list draw."""
    return {
        "dial_time": draw_of(f"{name}/dial", calls.dial_time, laws),
        "dial_luck": Draw(f"{name}/answer"),
        "wrong_time": draw_of(f"{name}/wrong party", calls.wrong_party_time, laws),
        "retry_delay": draw_of(f"{name}/retry", calls.retry_delay, laws),
    }
