"""What really occurred in a run, counted: so that a comparison of logs cannot be an empty one."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import Any

import numpy as np

from simcc.engine.order import Order
from simcc.log import WRONG_QUEUE, AgentEvent, AgentLog, ContactLog, FollowedBy, Outcome
from simcc.model import HeadCounts, Scenario

DAY = 86400.0


def features(scenario: Scenario, contacts: ContactLog, agents: AgentLog) -> Counter[str]:
    """How often each thing occurred in one run."""
    found = Counter(Outcome(one).name for one in contacts.outcome)
    for reason, *deltas in zip(
        agents.reason, agents.scheduled_delta, agents.present_delta, agents.paid_delta, strict=True
    ):
        found[f"{AgentEvent(reason).name} {tuple(int(delta) for delta in deltas)}"] += 1
    found += parts(scenario)
    found["interrupted"] += contacts.cut.n
    found += ties(scenario, contacts, agents)
    found += called_back(contacts)
    for i in range(contacts.n):
        found.update(of_contact(scenario, contacts, i))
    return found


def parts(scenario: Scenario) -> Counter[str]:
    """The kinds of laws, arrivals and staff, and the end of the run."""
    found = Counter([scenario.horizon.after])
    found["several days"] += scenario.horizon.length > DAY
    for kind in scenario.contact_types:
        laws = [kind.talk_time, kind.patience, kind.after_call_work]
        laws += [*kind.talk_time_by_group.values(), *(kind.talk_time_by_interval or ())]
        found.update(type(law).__name__ for law in laws if law is not None)
        found["by group"] += bool(kind.talk_time_by_group)
        found["by interval"] += kind.talk_time_by_interval is not None
        found["scaled"] += kind.talk_scale_by_interval is not None
        found[type(kind.arrivals).__name__] += 1
        found["busyness"] += getattr(kind.arrivals, "busyness", None) is not None
    for group in scenario.agent_groups:
        found[type(group.staff).__name__] += 1
        if isinstance(group.staff, HeadCounts):
            found[group.staff.decrease] += 1
    return found


def of_contact(scenario: Scenario, log: ContactLog, i: int) -> list[str]:
    """What happened to contact i, in words."""
    kind = scenario.contact_types[log.queue_type[i]]
    outcome = Outcome(log.outcome[i])
    found = chosen_queue(scenario, log, i)
    if outcome == Outcome.SERVED:
        queued = log.n_ahead[i] >= 0
        found.append("answered from the queue" if queued else "answered on arrival")
        found.append("no talk time" if log.left_at[i] == log.answered_at[i] else "talk")
        found.append("no after-call work" if log.freed_at[i] == log.left_at[i] else "wrap")
        name = scenario.agent_groups[log.group[i]].name
        for option in scenario.routing.type_to_groups.get(kind.name, ()):
            if option.group == name:
                found.append(f"rank {option.rank}")
                found.append(f"idle needed {option.idle_needed}")
                if queued and log.answered_at[i] == log.offered_at[i] + option.after:
                    found.append("answered at the threshold")
    if len(log.turns) and log.turns[i] > 1 and log.think_time[i] > 0:
        found.append(f"chat in turns: {outcome.name}")
    if outcome == Outcome.WAITING and scenario.horizon.after == "drain":
        found.append("nobody comes any more")
    if outcome == Outcome.ABANDONED and log.left_at[i] == log.offered_at[i]:
        found.append("no patience at all")
    if outcome == Outcome.BLOCKED and scenario.lines is None:
        found.append("queue full")
    if outcome == Outcome.BLOCKED and kind.queue_capacity is None:
        found.append("lines full")
    if len(log.record) and log.record[i] >= 0:
        found += of_call(scenario, log, i)
    if len(log.asked_at):
        found += ["asked a colleague"] * (not np.isnan(log.asked_at[i]))
        found += ["handed over warm"] * bool(np.isfinite(log.released_at[i]))
        if log.leg[i] == 0:
            found.append(f"question {outcome.name}")
    if outcome == Outcome.BLOCKED and trunk_of(scenario, kind.name) is not None:
        found.append("in a trunk, blocked")
    return found + at_bot(scenario, log, i) + in_issue(log, i)


def chosen_queue(scenario: Scenario, log: ContactLog, i: int) -> list[str]:
    """By what contact i joined another queue than that of its type."""
    choice = scenario.routing.queue_choice.get(scenario.contact_types[log.contact_type[i]].name)
    if choice is None or log.queue_type[i] == log.contact_type[i] or np.isnan(log.offered_at[i]):
        return []
    joined = scenario.contact_types[log.queue_type[i]].name
    return [f"joined by {choice.by}"] if joined in choice.among else []


def trunk_of(scenario: Scenario, name: str) -> str | None:
    """The trunk that a type comes in by."""
    return next((one.name for one in scenario.trunks if name in one.types), None)


def of_call(scenario: Scenario, log: ContactLog, i: int) -> list[str]:
    of, outcome = scenario.contact_types[log.queue_type[i]].outbound, Outcome(log.outcome[i])
    found = [f"{of.mode} {outcome.name}", f"call {log.call[i]}"]
    end = log.left_at[i] if outcome == Outcome.MISMATCH else log.answered_at[i]
    if end > log.offered_at[i] > log.arrived_at[i]:
        found.append(f"waited, then {outcome.name}")
    later = log.outcome[i + of.records :: of.records][: of.attempts - log.call[i]]
    if outcome == Outcome.WRONG_PARTY and len(later) and later[0] != Outcome.NOT_ARRIVED:
        found.append("called again after a wrong party")
    return found


def called_back(log: ContactLog) -> Counter[str]:
    """How often, and with what success, those who asked for a callback were called."""
    _, calls = np.unique(log.callbacks.contact, return_counts=True)
    rang = log.callbacks.ended_at > log.callbacks.started_at
    reached = log.outcome[log.callbacks.contact] == Outcome.CALLED_BACK
    return Counter(
        {
            "called back in vain": int((~reached).sum()),
            "called back 3 times": int((calls > 2).sum()),
            "called back after ringing": int((rang & reached).sum()),
        }
    )


def in_issue(log: ContactLog, i: int) -> list[str]:
    if not len(log.issue):
        return []
    found = [FollowedBy(log.followed_by[i]).name, f"attempt {log.attempt[i]}", f"leg {log.leg[i]}"]
    if log.resolved[i]:
        found.append("resolved")
    return [*found, f"{Outcome(log.outcome[i]).name} then {found[0]}"]


def at_bot(scenario: Scenario, log: ContactLog, i: int) -> list[str]:
    b = bot_of(scenario, log, i)
    if b < 0:
        return ["in a wrong queue"] if b == WRONG_QUEUE else []
    bot, found = scenario.bots[b], []
    if np.isnan(log.bot_started_at[i]) and not np.isnan(log.offered_at[i]):
        found.append("passed a full bot")
    if log.bot_started_at[i] > log.arrived_at[i]:
        found.append("waited for a bot session")
        if bot.sessions is None and bot.sessions_per_minute:
            found.append("waited for a token")
    if bot.sessions is None and bot.sessions_per_minute and log.outcome[i] == Outcome.BOT_LOST:
        found.append("lost for want of a token")
    if not np.isnan(log.bot_ended_at[i]) and not np.isnan(log.offered_at[i]):
        other = log.queue_type[i] != log.contact_type[i]
        found.append("escalated to another queue" if other else "escalated")
    if not np.isnan(log.bot_started_at[i]):
        changes = (
            *("latency", "escalation_time", "contained_by_time", "contained_by_sessions"),
            "by_type",
        )
        found += [f"session with {name}" for name in changes if getattr(bot, name)]
        front = scenario.contact_types[log.contact_type[i]].bot
        found.append("session at the front" if bot.name == front else "session behind a bot")
    return found


def bot_of(scenario: Scenario, log: ContactLog, i: int) -> int:
    """The bot that contact i comes to; below 0: none."""
    if len(log.bot):
        return int(log.bot[i])
    if len(log.leg) and log.leg[i] != 1:
        return -1
    name = scenario.contact_types[log.contact_type[i]].bot
    return -1 if name is None else scenario.bot_index(name)


def dialler_instants(scenario: Scenario, log: ContactLog) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """When calls of lists were answered or given up, and when lists opened."""
    if not len(log.record):
        return np.empty(0)
    answered = np.isin(log.outcome, (Outcome.REACHED, Outcome.WRONG_PARTY))
    failed = np.isin(log.outcome, (Outcome.NO_ANSWER, Outcome.MISMATCH))
    return np.concatenate([log.answered_at[answered], log.left_at[failed]])


def ties(scenario: Scenario, log: ContactLog, agents: AgentLog) -> Counter[str]:
    """At how many instants two kinds of events met."""
    kinds: dict[float, set[Order]] = defaultdict(set)
    served, gone = log.outcome == Outcome.SERVED, log.outcome == Outcome.ABANDONED
    happened = {
        Order.CONTROL: agents.at[agents.reason != AgentEvent.LEFT],
        Order.SERVICE_END: np.concatenate([log.left_at[served], log.freed_at[served]]),
        Order.ABANDONMENT: log.left_at[gone],
        Order.BOT_END: log.bot_ended_at,
        Order.DIALLER: dialler_instants(scenario, log),
        Order.ARRIVAL: log.arrived_at[log.record < 0] if len(log.record) else log.arrived_at,
    }
    for kind, instants in happened.items():
        for instant in instants[instants <= log.ended_at]:
            kinds[instant].add(kind)
    for i in np.flatnonzero(log.n_ahead >= 0):
        name = scenario.contact_types[log.queue_type[i]].name
        for option in scenario.routing.type_to_groups.get(name, ()):
            instant = log.offered_at[i] + option.after
            end = log.answered_at[i] if served[i] else log.left_at[i]
            if option.after and not end < instant <= log.ended_at:
                kinds[instant].add(Order.WAIT_THRESHOLD)
    return Counter(
        f"{one.name} with {other.name}"
        for together in kinds.values()
        for one, other in itertools.combinations(sorted(together), 2)
    )
