"""What happened to the contacts, one event after the other: the contact log as an event log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcc.log import BROKEN_OFF, OF_LISTS, ContactLog, Floats, FollowedBy, Outcome

if TYPE_CHECKING:
    from simcc.model import Scenario

Bools = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]
NONE = -1
CALLED_LATER = (Outcome.CALLBACK_ASKED, Outcome.CALLING, Outcome.NOT_REACHED)


class Activity(NamedTuple):
    """What an event may be, who does it, and whether it concerns a human queue."""

    name: str
    by: str = "customer"
    in_queue: bool = False


# In the order in which the events of one contact and one instant are listed.
ACTIVITIES = (
    Activity("arrived"),
    Activity("bot session started", by="bot"),
    Activity("bot session ended", by="bot"),
    Activity("contained", by="bot"),
    Activity("gave up in bot", by="bot"),
    Activity("lost at bot", by="bot"),
    Activity("passed on", by="bot"),
    Activity("misrouted", by="bot"),
    Activity("escalated", by="bot", in_queue=True),
    Activity("balked", in_queue=True),
    Activity("blocked", in_queue=True),
    Activity("closed", in_queue=True),
    Activity("asked for callback", in_queue=True),
    Activity("joined queue", in_queue=True),
    Activity("abandoned", in_queue=True),
    Activity("not reached", in_queue=True),
    Activity("answered", by="agent", in_queue=True),
    Activity("called back", by="agent", in_queue=True),
    Activity("resumed", by="agent", in_queue=True),
    Activity("interrupted", by="agent", in_queue=True),
    Activity("left in chat", by="agent"),
    Activity("timed out", by="agent"),
    Activity("asked colleague", by="agent"),
    Activity("talk ended", by="agent"),
    Activity("transferred", by="agent"),
    Activity("colleague briefed", by="agent"),
    Activity("after-call work ended", by="agent"),
)
CODES = {activity.name: code for code, activity in enumerate(ACTIVITIES)}
_ENDS = {
    "contained": Outcome.CONTAINED,
    "gave up in bot": Outcome.BOT_GAVE_UP,
    "lost at bot": Outcome.BOT_LOST,
    "passed on": Outcome.PASSED_ON,
    "misrouted": Outcome.MISROUTED,
    "balked": Outcome.BALKED,
    "blocked": Outcome.BLOCKED,
    "closed": Outcome.CLOSED,
    "not reached": Outcome.NOT_REACHED,
    "abandoned": Outcome.ABANDONED,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """The events of one replication, by issue and in time order within it; one array each.

    ``activity`` is an index into ``ACTIVITIES``, ``at`` seconds from the start; ``agent`` and
    ``group`` are -1 where no agent acts, ``bot`` where no bot does.
    """

    replication: int
    issue: Index
    contact: Index
    activity: Index
    at: Floats
    agent: Index
    group: Index
    bot: Index
    contact_type: Index
    queue_type: Index
    attempt: Index
    leg: Index

    @property
    def n(self) -> int:
        """Number of events."""
        return len(self.at)


@dataclass(frozen=True, kw_only=True, eq=False)
class EventLog:
    """The events of a run and the names that they refer to.

    Parameters
    ----------
    scenario : Scenario
    agents : sequence of (str, str)
        Name and group of each agent.
    parts : sequence of Events
        One per replication.
    """

    scenario: Scenario
    agents: Sequence[tuple[str, str]]
    parts: Sequence[Events]

    @property
    def types(self) -> list[str]:
        """Names of the contact types."""
        return [one.name for one in self.scenario.contact_types]

    @property
    def groups(self) -> list[str]:
        """Names of the agent groups."""
        return [one.name for one in self.scenario.agent_groups]

    @property
    def bots(self) -> list[str]:
        """Names of the bots."""
        return [one.name for one in self.scenario.bots]


def event_log(
    scenario: Scenario,
    logs: Sequence[ContactLog],
    agents: Sequence[tuple[str, str]],
    first_replication: int = 0,
) -> EventLog:
    """Return the events of the contact logs, one part per replication."""
    parts = [_events(scenario, log, first_replication + r) for r, log in enumerate(logs)]
    return EventLog(scenario=scenario, agents=agents, parts=parts)


def _events(scenario: Scenario, log: ContactLog, replication: int) -> Events:
    linked = len(log.issue) == log.n
    issue_of = log.issue if linked else np.arange(log.n)
    found = [
        *_by_contact(log, scenario.horizon.after == "stop"),
        *_interrupted_spells(log),
    ]
    contact, activity, at, agent, group = (
        np.concatenate(part) for part in zip(*found, strict=True)
    )
    # a contact that follows another has the higher number
    order = np.lexsort((activity, contact, at, issue_of[contact]))
    contact, activity, at = contact[order], activity[order], at[order]
    by = np.array([one.by for one in ACTIVITIES])[activity]
    bot_of = np.array([_bot_of(scenario, k) for k in range(len(scenario.contact_types))], np.int64)
    bots = log.bot if len(log.bot) == log.n else bot_of[log.contact_type]
    once = np.ones(log.n, np.int64)
    columns: dict[str, npt.NDArray[Any]] = {
        "issue": issue_of[contact],
        "agent": np.where(by == "agent", agent[order], NONE),
        "group": np.where(by == "agent", group[order], NONE),
        "bot": np.where(by == "bot", bots[contact], NONE),
        "contact_type": log.contact_type[contact],
        "queue_type": log.queue_type[contact],
        "attempt": (log.attempt if linked else once)[contact],
        "leg": (log.leg if linked else once)[contact],
    }
    return Events(replication=replication, contact=contact, activity=activity, at=at, **columns)


# contacts, codes of activities, instants, agents and groups
Found = tuple[npt.NDArray[Any], ...]


def _by_contact(log: ContactLog, stops: bool) -> Iterator[Found]:
    """Events that a contact has once at most, from its row of the log."""
    for name, at in _instants(log, stops):
        rows = np.flatnonzero(~np.isnan(at))
        code = np.full(len(rows), CODES[name])
        yield rows, code, at[rows], log.agent[rows], log.group[rows]


def _interrupted_spells(log: ContactLog) -> Iterator[Found]:
    """Start and end of the spells of service that were cut short."""
    cut = log.cut
    _, first = np.unique(cut.contact, return_index=True)
    start = np.full(cut.n, CODES["resumed"])
    start[first] = CODES["answered"]
    yield cut.contact, start, cut.started_at, cut.agent, cut.group
    end = np.full(cut.n, CODES["interrupted"])
    yield cut.contact, end, cut.interrupted_at, cut.agent, cut.group


def _bot_of(scenario: Scenario, k: int) -> int:
    bot = scenario.contact_types[k].bot
    return NONE if bot is None else scenario.bot_index(bot)


def _instants(log: ContactLog, stops: bool) -> Iterator[tuple[str, Floats]]:
    """When each activity happened to each contact (s); NaN: never, or not by the end of the run."""
    outcome = log.outcome
    first_leg = log.leg == 1 if len(log.leg) == log.n else np.ones(log.n, bool)
    came = ~np.isin(outcome, (Outcome.NOT_ARRIVED, *OF_LISTS))
    yield "arrived", _where(came & first_leg, log.arrived_at)
    if len(log.bot_started_at) == log.n:
        yield "bot session started", log.bot_started_at
        yield "bot session ended", log.bot_ended_at
        yield "escalated", _where(~np.isnan(log.bot_ended_at), log.offered_at)
    for name, end in _ENDS.items():
        yield name, _where(outcome == end, log.left_at)
    asked = np.isin(outcome, (*CALLED_LATER, Outcome.CALLED_BACK))
    yield "asked for callback", _where(asked, log.offered_at)
    yield "joined queue", _where(log.n_ahead >= 0, log.offered_at)
    whole = log.interruptions == 0 if len(log.interruptions) == log.n else np.ones(log.n, bool)
    answered = np.isin(outcome, (Outcome.SERVED, *BROKEN_OFF))
    yield "answered", _where(answered & whole, log.answered_at)
    if len(log.resumed_at) == log.n:
        yield "resumed", _where(answered & ~whole, log.resumed_at)
    yield "called back", _where(outcome == Outcome.CALLED_BACK, log.answered_at)
    yield "left in chat", _where(outcome == Outcome.LEFT_IN_CHAT, log.left_at)
    yield "timed out", _where(outcome == Outcome.TIMED_OUT, log.left_at)
    served = (outcome == Outcome.SERVED) | (outcome == Outcome.CALLED_BACK)
    yield from _ends_of_service(log, served, stops)


def _ends_of_service(log: ContactLog, served: Bools, stops: bool) -> Iterator[tuple[str, Floats]]:
    """Instants that are scheduled at the answer: a run may have ended before."""

    def happened(at: Floats) -> Bools:
        return at < log.ended_at if stops else at <= log.ended_at

    if len(log.asked_at) == log.n:
        yield "asked colleague", log.asked_at
    yield "talk ended", _where(served & happened(log.left_at), log.left_at)
    if len(log.followed_by) == log.n:
        yield (
            "transferred",
            _where(served & (log.followed_by == FollowedBy.TRANSFER), log.left_at),
        )
    start = log.left_at
    if len(log.released_at) == log.n:
        yield "colleague briefed", _where(happened(log.released_at), log.released_at)
        start = np.fmax(log.left_at, log.released_at)
    worked = served & (log.freed_at > start) & happened(log.freed_at)
    yield "after-call work ended", _where(worked, log.freed_at)


def _where(rows: Bools, at: Floats) -> Floats:
    return np.where(rows, at, np.nan)
