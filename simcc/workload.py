"""The workload: what each contact of a replication brings, before anyone decides anything.

Row i is contact i, in the order of arrival. Everything is drawn here, from streams named by
contact type and attribute, so a contact is the same under any routing, staffing or number of
workers. Nothing is drawn under a condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.arrivals_sampling import ArrivalPlan
from simcc.buffers import Take, fresh
from simcc.heap import replace
from simcc.inversion import LawTable, quantile
from simcc.jit import jit
from simcc.model import ContactType, HeadCounts, Outbound, Scenario
from simcc.model.agents import has_random_ties
from simcc.model.bots import chain, has_hand_overs, terms, wrong_queues
from simcc.model.callbacks import has_timed_callbacks
from simcc.model.colleagues import has_colleagues, keeps_agents
from simcc.model.follow_ups import has_follow_ups
from simcc.model.laws import Law
from simcc.model.outbound import has_holds, has_outbound
from simcc.model.turns import has_turns
from simcc.streams import Streams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]


# What later contacts of an issue draw, in the words of the streams.
ATTRIBUTES = (
    "patience", "talk", "wrap", "balking", "bot", "bot luck",
    "transfer", "resolution", "return", "delay", "tie", "callback", "announcement",
)  # fmt: skip
# The same of scenarios whose bots need them, behind these.
OF_BOTS = ("bot latency", "misrouting")
# The same of scenarios with chats in turns, behind both.
OF_CHATS = ("turns",)
# The same of scenarios whose agents may ask colleagues, behind all of them.
OF_COLLEAGUES = ("consult", "briefing")
LUCKS = ("transfer_luck", "resolution_luck", "return_luck", "delay_luck")


# The same of scenarios whose callbacks take time, behind all of these.
OF_CALLBACKS = ("calls",)


# What outbound calls bring besides.
OF_CALLS = ("dial_time", "dial_luck", "wrong_time", "retry_delay")


def _nothing() -> Floats:
    return np.empty(0)


@dataclass
class Workload:
    """What n contacts bring; times in seconds.

    Attributes
    ----------
    ended_arrivals : float64[n + 1]
        Sorted instants of arrival from the start of the simulation, and an infinite one at the end.
    contact_type, queue_type : int32[n]
        The type it arrives as, and the human queue it belongs to (differs after a bot).
    patience_time : float64[n]
        Infinite if it never gives up.
    talk_time : float64[n]
        At unit speed; for types whose law depends on the group, the uniform in [0, 1) that the
        engine turns into a time when it knows the group.
    wrap_time : float64[n]
        After-call work at unit speed.
    balks : bool[n]
        Leaves at once if it would have to wait.
    bot_time : float64[n]
        Length of its bot session (0 without a bot); for types whose law depends on how the session
        ends, the uniform that the engine turns into a time when it knows.
    bot_luck : float64[n]
        Uniforms that say who is contained or gives up; of length 0 without bots.
    bot_latency : float64[n]
        What the bot's latency adds to its session; of length 0 if no bot has any.
    misrouting_luck : float64[n]
        Uniforms that say who is handed to a wrong queue; of length 0 if nobody is.
    transfer_luck, resolution_luck, return_luck, delay_luck : float64[n]
        Uniforms that say what follows; of length 0 if nothing follows any contact.
    tie_luck : float64[n]
        Uniforms that settle ties between agents; of length 0 if none do.
    calls_luck : float64[n]
        Uniforms that all draws of callbacks come from (:mod:`simcc.counter_draws`): when they are
        due, how long it rings, who picks up; of length 0 if they are due at once and do not ring.
    hearing_luck : float64[n]
        Uniforms that say who leaves on hearing the expected wait; of length 0 if nobody is told.
    callback_luck : float64[n]
        Uniforms that say who accepts a callback; of length 0 if none is offered.
    turn_luck : float64[n]
        Uniforms that all draws of chats in turns come from (:mod:`simcc.counter_draws`); of length
        0 without such chats.
    consult_luck, briefing_luck : float64[n]
        Uniforms that say whose agent asks a colleague, and how long a briefing takes; of length 0
        if no agent is held for a colleague.
    dial_time, wrong_time, retry_delay : float64[n]
        Of outbound calls: how long it rings, talk with a wrong party at unit speed, and how long
        after a call without success the record is due again; of length 0 without lists.
    dial_luck : float64[n]
        Uniforms that say who answers.
    record, call : int32[n]
        The record that is called, and for the how-manieth time; -1 and 0 for all other contacts.
    n_calls : int
        Rows of outbound calls: the last ones, list by list and in each call by call. They have no
        instant of arrival (infinite).
    leave_luck : float64[departures]
        A uniform for each agent whom a falling head count with ``decrease="named"`` sends home:
        which one it is. Group by group, in the order of time.
    """

    ended_arrivals: Floats
    contact_type: NDArray[np.int32]
    queue_type: NDArray[np.int32]
    patience_time: Floats
    talk_time: Floats
    wrap_time: Floats
    balks: NDArray[np.bool_]
    bot_time: Floats
    bot_luck: Floats = field(default_factory=_nothing)
    bot_latency: Floats = field(default_factory=_nothing)
    misrouting_luck: Floats = field(default_factory=_nothing)
    transfer_luck: Floats = field(default_factory=_nothing)
    resolution_luck: Floats = field(default_factory=_nothing)
    return_luck: Floats = field(default_factory=_nothing)
    delay_luck: Floats = field(default_factory=_nothing)
    tie_luck: Floats = field(default_factory=_nothing)
    callback_luck: Floats = field(default_factory=_nothing)
    calls_luck: Floats = field(default_factory=_nothing)
    hearing_luck: Floats = field(default_factory=_nothing)
    turn_luck: Floats = field(default_factory=_nothing)
    consult_luck: Floats = field(default_factory=_nothing)
    briefing_luck: Floats = field(default_factory=_nothing)
    dial_time: Floats = field(default_factory=_nothing)
    dial_luck: Floats = field(default_factory=_nothing)
    wrong_time: Floats = field(default_factory=_nothing)
    retry_delay: Floats = field(default_factory=_nothing)
    record: Rows = field(default_factory=lambda: np.empty(0, np.int32))
    call: Rows = field(default_factory=lambda: np.empty(0, np.int32))
    n_calls: int = 0
    leave_luck: Floats = field(default_factory=_nothing)

    @property
    def arrived_at(self) -> Floats:
        """Sorted instants of arrival (s), float64[n]."""
        return self.ended_arrivals[:-1]

    def __len__(self) -> int:
        return len(self.ended_arrivals) - 1


@jit
def _merge(times, start, arrived_at, contact_type, row):  # type: ignore[no-untyped-def]
    """Merge sorted blocks of arrival times, each with an infinite one at its end.

    Block k begins at ``start[k]``; ``row`` receives each contact's place in the order.
    """
    n_types = start.size
    heads = np.full(n_types + 1, np.inf)
    keys = np.arange(n_types + 1)
    at = start.copy()
    for k in range(n_types):
        heads[k] = times[at[k]]
    for first in range((n_types >> 1) - 1, -1, -1):
        replace(heads, keys, n_types, first, heads[first], keys[first])
    for i in range(arrived_at.size):
        k = keys[0]
        arrived_at[i] = heads[0]
        contact_type[i] = k
        row[at[k]] = i
        at[k] += 1
        replace(heads, keys, n_types, 0, times[at[k]], k)


@jit
def _invert(laws, law, u, row, out):  # type: ignore[no-untyped-def]
    """Times of one type's contacts by one law."""
    for j in range(u.size):
        out[row[j]] = quantile(laws, law, u[j])


@jit
def _invert_by_interval(  # type: ignore[no-untyped-def]
    laws, chosen, scale, width, arrived_at, u, row, out
):
    """The same where law and scale depend on the interval of arrival."""
    last = chosen.size - 1
    for j in range(u.size):
        i = min(int(arrived_at[row[j]] / width), last)
        out[row[j]] = scale[i] * quantile(laws, chosen[i], u[j])


@dataclass(frozen=True)
class _Leg:
    """How the contacts of one arriving type draw an attribute from their uniforms.

    By one law; or by a law and a scale per interval; or by cumulated ``shares``: 1 below the first,
    2 up to the sum of both, 0 above; or not at all: the engine needs the uniform itself.
    """

    stream: str
    law: int | None = None
    laws: Ints | None = None
    scale: Floats | None = None
    shares: tuple[float, ...] | None = None


def _fill(
    leg: _Leg, laws: Any, interval: float, arrived_at: Floats, u: Floats, row: Rows, out: Any
) -> None:
    """Turn the uniforms of one type's contacts into an attribute, at their rows."""
    if leg.law is not None:
        _invert(laws, leg.law, u, row, out)
    elif leg.laws is not None:
        _invert_by_interval(laws, leg.laws, leg.scale, interval, arrived_at, u, row, out)
    elif leg.shares is not None:
        out[row] = _lucky(u, leg.shares)
    else:
        out[row] = u


def _lucky(u: Floats, shares: tuple[float, ...]) -> NDArray[np.int8]:
    levels = np.cumsum(shares)
    drawn = np.searchsorted(levels, u, side="right") + 1
    return np.where(drawn > len(levels), 0, drawn).astype(np.int8)


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
        self._legs = [
            self._type_legs(kind, self._kinds[queue], laws)
            for kind, queue in zip(self._kinds, self._queues, strict=True)
        ]
        self._looked_at = self._attributes_looked_at(laws)

    def _attributes_looked_at(self, laws: LawTable) -> set[str]:
        """Of the attributes that later contacts draw, those that some contact looks at."""
        found = {"bot", "bot luck", *OF_BOTS} if self._scenario.bots else set()
        as_they_come = zip(self._kinds, self._legs, strict=True)
        as_transferred = ((kind, self._type_legs(kind, kind, laws)) for kind in self._kinds)
        for kind, legs in (*as_they_come, *as_transferred):
            found |= {leg.stream.removeprefix(f"{kind.name}/") for leg in legs.values()}
        return found

    def _type_legs(self, kind: ContactType, queue: ContactType, laws: LawTable) -> dict[str, _Leg]:
        """How contacts of a type that join a queue draw what they bring."""
        legs = {
            "patience_time": _leg(f"{kind.name}/patience", queue.patience, laws),
            "wrap_time": _leg(f"{kind.name}/wrap", queue.after_call_work, laws),
            "talk_time": self._talk(f"{kind.name}/talk", queue, laws),
        }
        if queue.balking > 0:
            legs["balks"] = _Leg(f"{kind.name}/balking", shares=(queue.balking,))
        if kind.bot is not None:
            legs |= self._at_bot(kind, laws)
        if queue.callback is not None:
            legs["callback_luck"] = _Leg(f"{kind.name}/callback")
            if self.has_timed_callbacks:
                legs["calls_luck"] = _Leg(f"{kind.name}/calls")
        if queue.announcement is not None:
            legs["hearing_luck"] = _Leg(f"{kind.name}/announcement")
        if queue.turns is not None:
            legs["turn_luck"] = _Leg(f"{kind.name}/turns")
        if keeps_agents(queue):
            legs["consult_luck"] = _Leg(f"{kind.name}/consult")
            legs["briefing_luck"] = _Leg(f"{kind.name}/briefing")
        if self.has_ties:
            legs["tie_luck"] = _Leg(f"{kind.name}/tie")
        if kind.outbound is not None:
            legs |= _calls(kind.name, kind.outbound, laws)
        legs |= self._lucks(kind, queue)
        return {attribute: leg for attribute, leg in legs.items() if leg is not None}

    def has_escalation_time(self, k: int) -> bool:
        """Whether the session time of type k depends on how the session ends."""
        bots, name = chain(self._scenario.bots, self._kinds[k].bot), self._kinds[k].name
        return bool(bots) and terms(bots[0], name).escalation_time is not None

    def _at_bot(self, kind: ContactType, laws: LawTable) -> dict[str, _Leg | None]:
        bot = chain(self._scenario.bots, kind.bot)[0]
        here, stream = terms(bot, kind.name), f"{kind.name}/bot"
        session = _leg(stream, here.session_time, laws)
        legs = {
            "bot_time": session if here.escalation_time is None else _Leg(stream),
            "bot_luck": _Leg(f"{stream} luck"),
            "bot_latency": _leg(f"{stream} latency", bot.latency, laws),
        }
        if wrong_queues(self._scenario.bots, kind.bot, kind.name):
            legs["misrouting_luck"] = _Leg(f"{kind.name}/misrouting")
        return legs

    def _lucks(self, kind: ContactType, queue: ContactType) -> dict[str, _Leg]:
        """The uniforms that say what follows a contact, as far as anything may."""
        legs = {}
        bots = chain(self._scenario.bots, kind.bot)
        if queue.transfers:
            legs["transfer_luck"] = _Leg(f"{kind.name}/transfer")
        unsure = queue.resolution < 1 or queue.resolution_by_group
        if unsure or any(terms(bot, kind.name).solves < 1 for bot in bots):
            legs["resolution_luck"] = _Leg(f"{kind.name}/resolution")
        if kind.follow_ups:
            legs["return_luck"] = _Leg(f"{kind.name}/return")
            legs["delay_luck"] = _Leg(f"{kind.name}/delay")
        return legs

    def _talk(self, stream: str, queue: ContactType, laws: LawTable) -> _Leg | None:
        if queue.talk_time_by_group:
            return _Leg(stream)
        if queue.talk_time_by_interval is None and queue.talk_scale_by_interval is None:
            return _leg(stream, queue.talk_time, laws)
        chosen = queue.talk_time_by_interval or [law for law in (queue.talk_time,) if law]
        scale = queue.talk_scale_by_interval or (1.0,)
        n = max(len(chosen), len(scale))
        numbers = np.array([laws.add(law) for law in chosen], np.int64)
        return _Leg(stream, laws=np.resize(numbers, n), scale=np.resize(np.array(scale, float), n))

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
        work, rows = _in_order(blocks, take)
        if self.has_lists:
            work, rows = _with_calls(work, rows, self._kinds)
        if not all("patience_time" in legs for legs in self._legs):
            work.patience_time.fill(np.inf)
        if self.has_ties:
            work.tie_luck = take("tie_luck", len(work))
        for name in self._some_bring():
            setattr(work, name, take(name, len(work), zero=True))
        if self.has_follow_ups:
            for name in LUCKS:
                setattr(work, name, take(name, len(work), zero=True))
            work.resolution_luck[len(work) - work.n_calls :] = 1.0  # nothing follows a call
        if self._queues != list(range(len(self._kinds))):
            work.queue_type = np.asarray(self._queues, np.int32)[work.contact_type]
        u = take("uniform", CHUNK)
        for k, row in enumerate(rows):
            for attribute, leg in self._legs[k].items():
                generator, out = streams.open(leg.stream, replication), getattr(work, attribute)
                for arrived_at, some, its in _chunks(work.arrived_at, row, out):
                    generator.random(out=u[: len(some)])
                    _fill(leg, laws, self._interval, arrived_at, u[: len(some)], some, its)
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
        work, _ = _in_order([np.array([at, np.inf])], fresh)
        work.patience_time.fill(np.inf)
        work.tie_luck = np.zeros(int(self.has_ties))
        for name in self._some_bring():
            setattr(work, name, np.zeros(1))
        for attribute, leg in self._legs[k].items():
            if attribute in LUCKS:
                continue  # nothing follows a submitted contact
            u = streams.open(f"\x1fsubmitted/{leg.stream}", replication, number).random(1)
            out = getattr(work, attribute)
            _fill(leg, laws, self._interval, work.arrived_at, u, _EACH[:1], out)
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


NOBODY = np.array([np.inf])
CHUNK = 8192  # uniforms drawn at a time, so that they stay in the processor's cache
_EACH = np.arange(CHUNK, dtype=np.int32)
_BROUGHT = ("patience_time", "talk_time", "wrap_time", "balks", "bot_time")


def queue_of(scenario: Scenario, k: int) -> int:
    """Index of the human queue of contact type k: its own, or where its bot escalates to."""
    kind = scenario.contact_types[k]
    if kind.bot is None:
        return k
    bot = scenario.bots[scenario.bot_index(kind.bot)]
    return k if bot.escalate_to is None else scenario.type_index(bot.escalate_to)


def _chunks(arrived_at: Floats, row: Rows | None, out: Any) -> Iterator[tuple[Floats, Rows, Any]]:
    """Some rows of a type at a time, with the arrays they count in; None stands for all rows."""
    n = len(arrived_at) if row is None else len(row)
    for first in range(0, n, CHUNK):
        some = slice(first, min(first + CHUNK, n))
        if row is None:
            yield arrived_at[some], _EACH[: some.stop - first], out[some]
        else:
            yield arrived_at, row[some], out


def _leg(stream: str, law: Law | None, laws: LawTable) -> _Leg | None:
    return None if law is None else _Leg(stream, laws.add(law))


def _calls(name: str, calls: Outbound, laws: LawTable) -> dict[str, _Leg | None]:
    """What the calls of a list draw."""
    return {
        "dial_time": _leg(f"{name}/dial", calls.dial_time, laws),
        "dial_luck": _Leg(f"{name}/answer"),
        "wrong_time": _leg(f"{name}/wrong party", calls.wrong_party_time, laws),
        "retry_delay": _leg(f"{name}/retry", calls.retry_delay, laws),
    }


def _with_calls(
    work: Workload, rows: list[Rows | None], kinds: Sequence[ContactType]
) -> tuple[Workload, list[Rows | None]]:
    """The contacts, and behind them the calls of all lists; and the rows of each type."""
    n = len(work)
    lists = [(k, kind.outbound) for k, kind in enumerate(kinds) if kind.outbound is not None]
    sizes = [of.records * of.attempts for _, of in lists]
    more = sum(sizes)
    contact_type = np.append(work.contact_type, np.repeat([k for k, _ in lists], sizes))
    record = [np.full(n, -1), *(np.tile(np.arange(of.records), of.attempts) for _, of in lists)]
    call = [np.zeros(n), *(np.repeat(np.arange(of.attempts) + 1, of.records) for _, of in lists)]
    longer = Workload(
        ended_arrivals=np.append(work.ended_arrivals, np.full(more, np.inf)),
        contact_type=contact_type.astype(np.int32),
        queue_type=contact_type.astype(np.int32),
        patience_time=np.empty(n + more),
        talk_time=np.empty(n + more),
        wrap_time=np.zeros(n + more),
        balks=np.zeros(n + more, np.bool_),
        bot_time=np.zeros(n + more),
        record=np.concatenate(record).astype(np.int32),
        call=np.concatenate(call).astype(np.int32),
        n_calls=more,
    )
    if len(rows) == 1:
        rows = [np.arange(n, dtype=np.int32)]
    first = n
    for (k, _), size in zip(lists, sizes, strict=True):
        rows[k] = np.arange(first, first + size, dtype=np.int32)
        first += size
    return longer, rows


def _in_order(blocks: list[Floats], take: Take) -> tuple[Workload, list[Rows | None]]:
    """Contacts of all types in the order of arrival, and the rows of each type; None: all rows.

    Each block ends with an infinite time, and so does the array behind ``arrived_at``.
    """
    sizes = np.array([len(block) for block in blocks], np.int64)
    stop = np.cumsum(sizes)
    start = stop - sizes
    n = int(stop[-1]) - len(blocks)
    rows: list[Rows | None] = [None]
    if len(blocks) == 1:
        ended = blocks[0]
        contact_type = take("contact_type", n, np.int32, zero=True)
    else:
        ended, contact_type = take("arrived_at", n + 1), take("contact_type", n, np.int32)
        # two columns of the log serve here, before the engine uses them
        times = np.concatenate(blocks, out=take("answered_at", int(stop[-1])))
        row = take("agent", int(stop[-1]), np.int32)
        _merge(times, start, ended[:n], contact_type, row)
        ended[n] = np.inf
        rows = [row[a : b - 1] for a, b in zip(start, stop, strict=True)]
    work = Workload(
        ended_arrivals=ended,
        contact_type=contact_type,
        queue_type=contact_type,
        patience_time=take("patience_time", n),
        talk_time=take("talk_time", n),
        wrap_time=take("wrap_time", n, zero=True),
        balks=take("balks", n, np.bool_, zero=True),
        bot_time=take("bot_time", n, zero=True),
    )
    return work, rows
