"""Counters: what a replication adds up, by interval and type, group or pair; never a ratio.

Contact counters belong to the interval in which the contact *arrived*, even if it is offered,
answered or done later; ``abandoned_evt``, ``queue_max`` and ``interruptions`` belong to the
interval of the event, and times (``..._time``) are integrals over exactly the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simcc.metrics.prices import PRICED_BY_GROUP, PRICED_BY_TYPE, Prices
from simcc.model.bots import chain

if TYPE_CHECKING:
    from simcc.model import ContactType, Scenario

Floats = npt.NDArray[np.float64]

# By queue type. The order of each tuple is the order in memory; the passes rely on it.
TYPE_COUNTERS = (
    "offered", "served", "abandoned", "balked", "blocked", "queued", "in_queue_at_end",
    "wait_served_sum", "wait_abandoned_sum", "talk_sum", "wrap_sum", "abandoned_evt",
    "queue_time", "busy_time", "queue_max", "queue_at_start",
    "callbacks", "called_back", "callback_wait_sum", "callback_time",
    "interruptions", "due", "on_time", "age_at_start", "closed",
)  # fmt: skip
# By the type as which the contact came in.
ORIGIN_COUNTERS = (
    "arrivals", "bot_offered", "bot_sessions", "bot_full", "bot_wait_sum", "contained", "gave_up",
    "escalated", "bot_lost", "in_bot_at_end", "bot_time", "helped", "bounced_back", "passed_on",
    "misrouted", "escalated_busy_time", "bot_session_sum",
)  # fmt: skip
# Of these, what a type counts at its first bot only, not at those behind it.
AT_FRONT = ("bot_offered", "bot_full")
AT_BOTS = (*ORIGIN_COUNTERS, "bot_cost")
# Where contacts may follow others, by the type as which a contact came; those of resolved issues
# belong to the type and the interval of the issue's first contact.
ISSUE_COUNTERS = (
    "issues", "resolved_issues", "resolved_at_first", "repeats", "transferred_in",
    "offered_repeat", "abandoned_repeat",
)  # fmt: skip
GROUP_COUNTERS = (
    "served", "talk_sum", "wrap_sum", "busy_time", "talk_time", "wrap_time",
    "staffed_time", "present_time", "paid_time", "overtime", "occupied_time",
)  # fmt: skip
# Where they are asked for: by queue type, but for satisfaction, which is of issues.
OUTCOME_COUNTERS = (
    "answered", "sales", "revenue", "rated", "satisfaction_sum",
    "chats", "left_in_chat", "timed_out", "turns", "chat_sum", "think_sum", "silent_sum",
    "sale_calls", "consults", "consult_sum", "warm_transfers", "hand_over_sum",
)  # fmt: skip
SALE_COUNTERS = ("answered", "sales", "revenue")  # by group
# Of outbound calls, by type; of these, agents' time by group too.
CALL_COUNTERS = (
    "attempts", "connects", "right_party_contacts", "wrong_party_contacts", "mismatches",
    "records_done", "records_left", "dialling_time", "held_calls", "hold_time_sum",
)  # fmt: skip
# Where callbacks take time, by queue type.
CALLBACK_COUNTERS = (
    "callbacks_called",
    "callbacks_not_reached",
    "callback_calls",
    "callback_first_wait_sum",
)
PAIR_COUNTERS = ("served", "busy_time")
CENTER_COUNTERS = ("time", "queue_max")
AGENT_COUNTERS = ("served", "talk_time", "wrap_time", "staffed_time", "present_time", "paid_time")
# What the pass adds up by pair; the sums by type and by group follow from these.
PAIR_SUMS = ("served", "talk_sum", "wrap_sum", "talk_time", "wrap_time")

MEANINGS = {
    "arrivals": "contacts that came in, by the type as which they came",
    "offered": "contacts that reached the human queue, also those turned away there",
    "served": "contacts answered by an agent",
    "abandoned": "contacts that left the queue unserved, balked included",
    "balked": "contacts that left at once rather than wait",
    "blocked": "contacts turned away: all lines or places in the queue taken, or closed",
    "queued": "contacts that joined the queue",
    "in_queue_at_end": "contacts waiting when the run ends",
    "wait_served_sum": "time in queue of the served (s)",
    "wait_abandoned_sum": "time in queue of the abandoned (s)",
    "talk_sum": "whole talk time of the served (s)",
    "wrap_sum": "whole after-call work for the served (s)",
    "served_le_20": "contacts served after a wait of at most 20 s",
    "abandoned_le_20": "contacts that abandoned within 20 s, balked included",
    "abandoned_evt": "contacts that abandoned during the interval, whenever they arrived",
    "queue_time": "integral of the number waiting (s)",
    "queue_max": "most waiting at once; not a sum",
    "queue_at_start": "contacts waiting when the interval begins",
    "callbacks": "contacts that asked for a callback instead of waiting",
    "called_back": "contacts that were called back and answered",
    "callback_wait_sum": "time from the request until those called back answered (s)",
    "callback_time": "integral of the number who wait to be called back (s)",
    "interruptions": "services interrupted during the interval",
    "due": "contacts with a deadline, but for those unfinished at the end of the run, and not late",
    "on_time": "of these, those whose talk ended by the deadline",
    "closed": "of the blocked, those who came outside the opening hours or were sent away then",
    "age_at_start": "time since the contacts that wait as the interval begins were offered (s)",
    "time": "length of the interval, as far as the run went (s)",
    "busy_time": "integral of the number of contacts that agents handle, overtime included (s)",
    "occupied_time": "integral of the number of agents who handle any (s)",
    "talk_time": "part of it in talk (s)",
    "wrap_time": "part of it in after-call work (s)",
    "staffed_time": "integral of the number of agents scheduled to work (s)",
    "present_time": "integral of the number of agents at work, overtime included (s)",
    "paid_time": "integral of the number of agents paid, breaks included (s)",
    "overtime": "present less scheduled (s); the last interval includes what follows closing",
    "issues": "customers who came in for the first time",
    "resolved_issues": "of these, those whose issue was resolved in the end",
    "resolved_at_first": "of these, those whose first attempt resolved it for good",
    "repeats": "contacts of customers who came back",
    "transferred_in": "contacts handed over by an agent of another queue",
    "offered_repeat": "contacts offered that are a second or later attempt",
    "abandoned_repeat": "contacts abandoned that are a second or later attempt",
    "attempts": "outbound calls begun",
    "connects": "outbound calls that somebody answered",
    "right_party_contacts": "outbound calls in which the right party talked to an agent",
    "wrong_party_contacts": "outbound calls in which somebody else talked to an agent",
    "mismatches": "outbound calls that were answered, and no agent was idle or soon enough",
    "records_done": "records of lists of which it was the last call",
    "records_left": "records of lists not done when the run ends; in the last interval",
    "dialling_time": "part of busy_time in which agents dial or wait for an answer, also to "
    "callbacks (s)",
    "held_calls": "outbound calls that were answered and had to wait for an agent",
    "hold_time_sum": "time that they waited (s)",
    "callbacks_called": "contacts that were called back, whether they answered or not",
    "callbacks_not_reached": "of these, those who did not answer at the last attempt either",
    "callback_calls": "calls to them",
    "callback_first_wait_sum": "time from their request to the first call (s)",
    "bot_offered": "contacts of types with a bot",
    "bot_sessions": "contacts that had a session",
    "bot_full": "contacts that found the bot full, down or at its limit",
    "bot_wait_sum": "time waited for a session (s)",
    "contained": "contacts that the bot dealt with",
    "gave_up": "contacts that left the bot unserved",
    "escalated": "contacts handed from the bot to the human queue",
    "bot_lost": "contacts lost because the bot was full, down or at its limit",
    "in_bot_at_end": "contacts at the bot when the run ends",
    "bot_time": "integral of the number of sessions (s)",
    "bot_session_sum": "time in session of those who had one (s)",
    "answered": "contacts answered by an agent, those called back and sale_calls included",
    "sale_calls": "calls of lists that sell in which the right party talked to an agent",
    "sales": "chance of a sale of each of them, by who served",
    "revenue": "the same times the value of a sale (money)",
    "rated": "issues whose satisfaction is known",
    "satisfaction_sum": "satisfaction with each of them",
    "consults": "contacts whose agents asked a colleague",
    "consult_sum": "time from these questions to their ends (s)",
    "warm_transfers": "contacts handed over by agents who stayed until they were answered",
    "hand_over_sum": "time that these agents stayed after the talk (s)",
    "chats": "chats in turns that were answered and are over by the end of the run",
    "left_in_chat": "of these, those whose customers left in the middle",
    "timed_out": "of these, those closed since the customer was silent",
    "turns": "turns that the agents have begun in them",
    "chat_sum": "time from the answer to the end of them, without after-call work (s)",
    "think_sum": "part of it in which the customer was silent (s)",
    "silent_sum": "part of that in the silences that ended with a time-out (s)",
    "helped": "contacts that the bot dealt with and whose issue is resolved",
    "bounced_back": "contacts that the bot dealt with and whose customers come back",
    "passed_on": "contacts handed from the bot to another bot",
    "misrouted": "contacts handed from the bot into a wrong queue",
    "escalated_busy_time": "part of busy_time for contacts that had a session, and their next legs",
}

# Histogram of waits: bin 0 holds exactly 0 s, then 2**SUB_BINS_LOG2 equal bins per octave from
# 2**FIRST_BIN_OCTAVE s (8 ms) to 2**LAST_BIN_OCTAVE s (12 days): 1.6 to 3.1 % wide.
SUB_BINS_LOG2 = 5
FIRST_BIN_OCTAVE = -7
LAST_BIN_OCTAVE = 20
N_BINS = 1 + ((LAST_BIN_OCTAVE - FIRST_BIN_OCTAVE) << SUB_BINS_LOG2)

MAX_WHOLE_BATCHES = 50
MAX_INTERVAL_BATCHES = 10
MAX_INTERVAL_HISTOGRAMS = 900  # intervals x types; beyond it, quantiles per interval are left out
MAX_PAIR_CELLS = 20_000  # intervals x pairs; beyond it, pairs are kept for the whole window only


def bin_edges() -> Floats:
    """Return the edges of bins 1, 2, ... of the histograms of waits (s); N_BINS of them.

    >>> edges = bin_edges()
    >>> float(edges[0]), float(edges[-1])
    (0.0078125, 1048576.0)
    """
    octaves = np.arange(FIRST_BIN_OCTAVE, LAST_BIN_OCTAVE)
    steps = 1 + np.arange(1 << SUB_BINS_LOG2) / (1 << SUB_BINS_LOG2)
    edges = (2.0**octaves)[:, None] * steps
    return np.append(edges.ravel(), 2.0**LAST_BIN_OCTAVE)


def _members(whose: Sequence[int], size: int) -> Floats:
    """Return a matrix that adds up columns by whose they are; -1: nobody's."""
    return np.equal.outer(np.asarray(whose, np.int64), np.arange(size)).astype(np.float64)


def within_names(thresholds: Sequence[float]) -> tuple[str, ...]:
    """Return the names of the counters of contacts served and abandoned within each threshold.

    >>> within_names([20.0, 0.5])
    ('served_le_20', 'served_le_0.5', 'abandoned_le_20', 'abandoned_le_0.5')
    """
    return tuple(f"{what}_le_{x:g}" for what in ("served", "abandoned") for x in thresholds)


def _list_of(kind: ContactType) -> tuple[int, int, bool, bool, bool]:
    """What the calls of a type's list are counted by; see ``Layout.lists``."""
    of = kind.outbound
    if of is None:
        return 0, 0, False, False, False
    ahead, waits = of.mode == "predictive", kind.patience is not None
    return of.records, of.attempts, ahead, of.wrong_party_retries, waits


@dataclass(frozen=True, eq=False)
class Layout:
    """Names behind the axes of the counters of a scenario.

    Attributes
    ----------
    types, groups, bots : tuple of str
    bot_of : tuple of int
        Bot of each type, -1 for none.
    stages : tuple of (int, int)
        (type, bot) of the bots that types get to from other bots.
    pairs : tuple of (int, int)
        (type, group) of each pair, in the order of types.
    thresholds : tuple of float
        Reported waits (s): those of the scenario and of its targets, increasing.
    lists : tuple of (int, int, bool, bool, bool)
        Of each type: records to call, calls of each at most, whether they ring ahead of agents,
        whether a wrong party's record is called again, and whether who answers waits for an agent.
    edges : float64 array
        Edges of the intervals of the counting window (s).
    days : int array
        Day of each interval, from 0.
    prices : Prices
    """

    types: tuple[str, ...]
    groups: tuple[str, ...]
    bots: tuple[str, ...]
    bot_of: tuple[int, ...]
    stages: tuple[tuple[int, int], ...]
    pairs: tuple[tuple[int, int], ...]
    thresholds: tuple[float, ...]
    lists: tuple[tuple[int, int, bool, bool, bool], ...]
    edges: Floats
    days: npt.NDArray[np.int64]
    prices: Prices

    @classmethod
    def of(cls, scenario: Scenario) -> Layout:
        """Lay out the counters of a scenario."""
        types = tuple(one.name for one in scenario.contact_types)
        bots = tuple(one.name for one in scenario.bots)
        horizon = scenario.horizon
        edges = np.asarray(horizon.edges, dtype=np.float64)
        targets = {float(target.within) for target in scenario.targets}
        return cls(
            types=types,
            groups=tuple(one.name for one in scenario.agent_groups),
            bots=bots,
            bot_of=tuple(bots.index(t.bot) if t.bot else -1 for t in scenario.contact_types),
            stages=tuple(
                (k, bots.index(bot.name))
                for k, kind in enumerate(scenario.contact_types)
                for bot in chain(scenario.bots, kind.bot)[1:]
            ),
            pairs=tuple(
                (k, g)
                for k, name in enumerate(types)
                for g, group in enumerate(scenario.agent_groups)
                if name in group.skills
            ),
            thresholds=tuple(sorted(targets | {float(x) for x in scenario.thresholds})),
            lists=tuple(map(_list_of, scenario.contact_types)),
            edges=edges,
            days=np.searchsorted(horizon.day_edges, edges[:-1], side="right") - 1,
            prices=Prices.of(scenario),
        )

    @property
    def n_intervals(self) -> int:
        """Number of intervals."""
        return len(self.edges) - 1

    @cached_property
    def type_counters(self) -> tuple[str, ...]:
        """Names of the counters by queue type, those within a threshold included."""
        return TYPE_COUNTERS + within_names(self.thresholds)

    @property
    def pair_intervals(self) -> int:
        """Intervals kept for the pairs: all, or 1 (the whole window) where that is too much."""
        return self.n_intervals if self.n_intervals * len(self.pairs) <= MAX_PAIR_CELLS else 1

    @property
    def histogram_intervals(self) -> int:
        """Intervals that have histograms of waits of their own; 0 if none."""
        several = self.n_intervals > 1
        few = self.n_intervals * len(self.types) <= MAX_INTERVAL_HISTOGRAMS
        return self.n_intervals if several and few else 0


@dataclass(frozen=True, eq=False)
class Counters:
    """The sums of R replications.

    Attributes
    ----------
    types : float64 array, shape (R, intervals, types, counters)
        By queue type; counters as in ``layout.type_counters``.
    origins : float64 array, shape (R, intervals, types, ORIGIN_COUNTERS)
        By the type as which the contact came in; of bots, the bot in front of it.
    stages : float64 array, shape (R, intervals, stages, ORIGIN_COUNTERS)
        The same of the bots behind others.
    issues : float64 array, shape (R, intervals, types, ISSUE_COUNTERS)
    outcomes : float64 array, shape (R, intervals, types, OUTCOME_COUNTERS)
    calls : float64 array, shape (R, intervals, types, CALL_COUNTERS)
    callbacks : float64 array, shape (R, intervals, types, CALLBACK_COUNTERS)
    dialling : float64 array, shape (R, intervals, groups)
        The counter ``dialling_time`` by group.
    groups : float64 array, shape (R, intervals, groups, GROUP_COUNTERS)
    sales : float64 array, shape (R, intervals, groups, SALE_COUNTERS)
    pairs : float64 array, shape (R, intervals or 1, pairs, PAIR_COUNTERS)
    center : float64 array, shape (R, intervals, CENTER_COUNTERS)
    waits : uint32 array, shape (batches, types, 2, N_BINS)
        Histograms of the waits of the served and the abandoned; while counting, replication r is
        in batch ``r * batches // R``.
    interval_waits : uint32 array, shape (fewer batches, intervals or 0, types, 2, N_BINS)
    agents : float64 array, shape (R, agents or 0, AGENT_COUNTERS)
        Sums of each agent over the window, if asked for.
    """

    layout: Layout
    types: Floats
    origins: Floats
    stages: Floats
    issues: Floats
    outcomes: Floats
    calls: Floats
    callbacks: Floats
    dialling: Floats
    groups: Floats
    sales: Floats
    pairs: Floats
    center: Floats
    waits: npt.NDArray[np.uint32]
    interval_waits: npt.NDArray[np.uint32]
    agents: Floats

    @classmethod
    def zeros(
        cls, layout: Layout, replications: int, n_agents: int = 0, batches: int | None = None
    ) -> Counters:
        """Return counters of zero with room for a number of replications.

        Their waits are kept by ``batches`` of them, by default as many as there may be.
        """
        n, k, g = layout.n_intervals, len(layout.types), len(layout.groups)
        batches = batches or min(replications, MAX_WHOLE_BATCHES)
        few = min(replications, MAX_INTERVAL_BATCHES)
        cells = layout.histogram_intervals
        return cls(
            layout=layout,
            types=np.zeros((replications, n, k, len(layout.type_counters))),
            origins=np.zeros((replications, n, k, len(ORIGIN_COUNTERS))),
            stages=np.zeros((replications, n, len(layout.stages), len(ORIGIN_COUNTERS))),
            issues=np.zeros((replications, n, k, len(ISSUE_COUNTERS))),
            outcomes=np.zeros((replications, n, k, len(OUTCOME_COUNTERS))),
            calls=np.zeros((replications, n, k, len(CALL_COUNTERS))),
            callbacks=np.zeros((replications, n, k, len(CALLBACK_COUNTERS))),
            dialling=np.zeros((replications, n, g)),
            groups=np.zeros((replications, n, g, len(GROUP_COUNTERS))),
            sales=np.zeros((replications, n, g, len(SALE_COUNTERS))),
            pairs=np.zeros(
                (replications, layout.pair_intervals, len(layout.pairs), len(PAIR_COUNTERS))
            ),
            center=np.zeros((replications, n, len(CENTER_COUNTERS))),
            waits=np.zeros((batches, k, 2, N_BINS), dtype=np.uint32),
            interval_waits=np.zeros((few, cells, k, 2, N_BINS), dtype=np.uint32),
            agents=np.zeros((replications, n_agents, len(AGENT_COUNTERS))),
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Counters]) -> Counters:
        """Return the counters of several runs of one scenario as those of one run."""
        names = [field.name for field in fields(cls) if field.name != "layout"]
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return cls(layout=parts[0].layout, **arrays)

    @property
    def replications(self) -> int:
        """Number of replications R."""
        return len(self.types)

    def batch(self, replication: int, histograms: npt.NDArray[Any]) -> int:
        """Return the batch that a replication belongs to."""
        return replication * len(histograms) // self.replications

    def by_type(self, name: str) -> Floats:
        """Return a counter by queue or origin type, shape (R, intervals, types)."""
        if name in AT_BOTS:
            in_front, behind = self._at_bots(name)
            if not self.layout.stages or name in AT_FRONT:
                return in_front
            return in_front + behind @ _members(
                [k for k, _ in self.layout.stages], len(self.layout.types)
            )
        if name in ISSUE_COUNTERS:
            return self.issues[..., ISSUE_COUNTERS.index(name)]
        if name in OUTCOME_COUNTERS:
            return self.outcomes[..., OUTCOME_COUNTERS.index(name)]
        if name in CALL_COUNTERS:
            return self.calls[..., CALL_COUNTERS.index(name)]
        if name in CALLBACK_COUNTERS:
            return self.callbacks[..., CALLBACK_COUNTERS.index(name)]
        if name in PRICED_BY_TYPE:
            return self.layout.prices.by_type(name, self.by_type)
        return self.types[..., self.layout.type_counters.index(name)]

    def by_group(self, name: str) -> Floats:
        """Return a counter by agent group, shape (R, intervals, groups)."""
        if name == "dialling_time":
            return self.dialling
        if name in SALE_COUNTERS:
            return self.sales[..., SALE_COUNTERS.index(name)]
        if name in PRICED_BY_GROUP:
            return self.layout.prices.by_group(name, self.by_group)
        return self.groups[..., GROUP_COUNTERS.index(name)]

    def by_bot(self, name: str) -> Floats:
        """Return an origin counter by bot, shape (R, intervals, bots)."""
        in_front, behind = self._at_bots(name)
        n = len(self.layout.bots)
        found = in_front @ _members(self.layout.bot_of, n)
        return np.asarray(found + behind @ _members([b for _, b in self.layout.stages], n))

    def _at_bots(self, name: str) -> tuple[Floats, Floats]:
        """Return a counter of the bots in front, by type, and of those behind them, by stage."""
        if name != "bot_cost":
            number = ORIGIN_COUNTERS.index(name)
            return self.origins[..., number], self.stages[..., number]
        of_sessions = self.layout.prices.of_sessions
        sums = [self._at_bots(part) for part in ("bot_sessions", "bot_session_sum")]
        (in_front, behind), (seconds_in_front, seconds_behind) = sums
        return (
            of_sessions(self.layout.bot_of, in_front, seconds_in_front),
            of_sessions([b for _, b in self.layout.stages], behind, seconds_behind),
        )

    def total(self, name: str) -> Floats:
        """Return a counter of the whole center, shape (R, intervals)."""
        if name in CENTER_COUNTERS:
            return self.center[..., CENTER_COUNTERS.index(name)]
        by_type = (
            *ORIGIN_COUNTERS,
            *ISSUE_COUNTERS,
            *OUTCOME_COUNTERS,
            *PRICED_BY_TYPE,
            *CALL_COUNTERS,
            *CALLBACK_COUNTERS,
        )
        if name in (*by_type, *self.layout.type_counters):
            return np.asarray(self.by_type(name).sum(axis=-1))
        return np.asarray(self.by_group(name).sum(axis=-1))
