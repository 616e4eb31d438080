"""The counters of one replication, computed in the most obvious way: the reference of the tests."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import Any

from simcc.log import AgentLog, ContactLog, FollowedBy, Outcome

OFFERED = (
    *(Outcome.WAITING, Outcome.SERVED, Outcome.ABANDONED, Outcome.BALKED, Outcome.BLOCKED),
    *(Outcome.CALLBACK_ASKED, Outcome.CALLED_BACK, Outcome.CALLING, Outcome.NOT_REACHED),
)
CALLBACKS = OFFERED[-4:]
Sums = dict[tuple[str, int, int], float]  # (counter, interval, type or group) -> sum


def overlap(start: float, end: float, low: float, high: float) -> float:
    """Length of the part of [start, end) that lies in [low, high)."""
    return max(0.0, min(end, high) - max(start, low))


def interval_of(at: float, edges: list[float]) -> int | None:
    for n, (low, high) in enumerate(itertools.pairwise(edges)):
        if low <= at < high:
            return n
    return None


def rows(log: ContactLog) -> list[dict[str, Any]]:
    found = [
        dict(zip(log.columns(), row, strict=True))
        for row in zip(*log.columns().values(), strict=True)
    ]
    for row in found:
        row.setdefault("bot_started_at", math.nan)
        row.setdefault("bot_ended_at", math.nan)
    return found


def by_type(log: ContactLog, edges: list[float], thresholds: list[float]) -> Sums:
    """Counters by queue type, and the arrivals."""
    sums: Sums = defaultdict(float)
    intervals = list(enumerate(itertools.pairwise(edges)))
    for row in rows(log):
        if row["outcome"] == Outcome.NOT_ARRIVED:
            continue
        at = interval_of(row["arrived_at"], edges)
        if row.get("leg", 1) == 1 and at is not None:
            sums["arrivals", at, row["contact_type"]] += 1
        if row["outcome"] not in OFFERED:
            continue
        q, outcome = row["queue_type"], Outcome(row["outcome"])
        called = outcome == Outcome.CALLED_BACK
        served = outcome == Outcome.SERVED
        gone = outcome in (Outcome.ABANDONED, Outcome.BALKED)
        end = row["answered_at"] if served else row["left_at"] if gone else log.ended_at
        wait = end - row["offered_at"]
        if outcome in CALLBACKS:
            end = row["answered_at"] if called else log.ended_at
            end = row["left_at"] if outcome == Outcome.NOT_REACHED else end
            wait = end - row["offered_at"]
        counts = {
            "offered": 1,
            "callbacks": outcome in CALLBACKS,
            "called_back": called,
            "callback_wait_sum": wait if called else 0,
            "served": served,
            "abandoned": gone,
            "balked": outcome == Outcome.BALKED,
            "blocked": outcome == Outcome.BLOCKED,
            "queued": row["n_ahead"] >= 0,
            "in_queue_at_end": outcome == Outcome.WAITING,
            "wait_served_sum": wait if served else 0,
            "wait_abandoned_sum": wait if gone else 0,
            "talk_sum": row["left_at"] - row["answered_at"] if served else 0,
            "wrap_sum": row["freed_at"] - row["left_at"] if served else 0,
        }
        for x in thresholds:
            counts[f"served_le_{x:g}"] = served and wait <= x
            counts[f"abandoned_le_{x:g}"] = gone and wait <= x
        arrived = interval_of(row["arrived_at"], edges)
        for name, value in counts.items():
            if arrived is not None:
                sums[name, arrived, q] += value
        left = interval_of(row["left_at"], edges)
        if gone and left is not None:
            sums["abandoned_evt", left, q] += 1
        for n, (low, high) in intervals:
            if counts["callbacks"]:
                sums["callback_time", n, q] += overlap(row["offered_at"], end, low, high)
            if row["n_ahead"] >= 0:
                sums["queue_time", n, q] += overlap(row["offered_at"], end, low, high)
                sums["queue_at_start", n, q] += row["offered_at"] < low < end
                if row["offered_at"] < low < end:
                    sums["age_at_start", n, q] += low - row["offered_at"]
            if served or called:
                stop = min(row["freed_at"], log.ended_at)
                sums["busy_time", n, q] += overlap(row["answered_at"], stop, low, high)
    count_queue_max(sums, log, edges)
    return sums


def by_deadline(log: ContactLog, edges: list[float], deadlines: list[float | None]) -> Sums:
    """Who is due, and who of them is on time."""
    sums: Sums = defaultdict(float)
    for row in rows(log):
        deadline, outcome = deadlines[row["queue_type"]], Outcome(row["outcome"])
        if outcome not in OFFERED or deadline is None:
            continue
        due_at = row["offered_at"] + deadline
        known = not math.isnan(row["left_at"]) and row["left_at"] <= log.ended_at
        done = known and outcome in (Outcome.SERVED, Outcome.CALLED_BACK)
        arrived = interval_of(row["arrived_at"], edges)
        if arrived is not None:
            sums["due", arrived, row["queue_type"]] += known or due_at <= log.ended_at
            sums["on_time", arrived, row["queue_type"]] += done and row["left_at"] <= due_at
    return sums


def by_bot(log: ContactLog, edges: list[float], front: list[int]) -> tuple[Sums, Sums]:
    """Counters of bots, by the type as which contacts came and by bot; ``front``: of each type."""
    of_types: Sums = defaultdict(float)
    of_bots: Sums = defaultdict(float)
    sources: dict[int, tuple[int, int]] = {}  # issue -> type and bot of its last session
    for i, row in enumerate(rows(log)):
        if row["outcome"] == Outcome.NOT_ARRIVED:
            continue
        k, first, issue = row["contact_type"], row.get("leg", 1) == 1, row.get("issue", i)
        b = row["bot"] if "bot" in row else front[k] if first else -1
        source = None if first else sources.get(issue)
        if b >= 0:
            source = (k, b) if row["bot_ended_at"] <= log.ended_at else None
            for name, value in at_bot(row).items():
                at = interval_of(row["arrived_at"], edges)
                if at is not None:
                    of_bots[name, at, b] += value
                    if first or name not in ("bot_offered", "bot_full"):
                        of_types[name, at, k] += value
            spell(of_types, of_bots, "bot_time", (k, b), row["bot_started_at"],
                  row["bot_ended_at"], log.ended_at, edges)  # fmt: skip
            took = min(row["bot_ended_at"], log.ended_at) - row["bot_started_at"]
            if math.isnan(row["bot_ended_at"]):
                took = log.ended_at - row["bot_started_at"]
            at = interval_of(row["arrived_at"], edges)
            if at is not None and row["bot_started_at"] <= log.ended_at:
                of_types["bot_session_sum", at, k] += took
                of_bots["bot_session_sum", at, b] += took
        sources[issue] = source
        if source is not None:
            spell(of_types, of_bots, "escalated_busy_time", source, row["answered_at"],
                  row["freed_at"], log.ended_at, edges)  # fmt: skip
    return of_types, of_bots


def spell(
    of_types: Sums, of_bots: Sums, name: str, where: tuple[int, int], start: float, end: float,
    ended_at: float, edges: list[float],
) -> None:  # fmt: skip
    """A spell, cut at the end of the run; none if it has no start."""
    if math.isnan(start):
        return
    end = ended_at if math.isnan(end) else min(end, ended_at)
    for n, (low, high) in enumerate(itertools.pairwise(edges)):
        of_types[name, n, where[0]] += overlap(start, end, low, high)
        of_bots[name, n, where[1]] += overlap(start, end, low, high)


def at_bot(row: dict[str, Any]) -> dict[str, float]:
    outcome, started = Outcome(row["outcome"]), row["bot_started_at"]
    had, contained = not math.isnan(started), outcome == Outcome.CONTAINED
    back = (FollowedBy.RETURN, FollowedBy.RETURN_AFTER_END)
    return {
        "bot_offered": 1,
        "bot_sessions": had,
        "bot_full": not had or started > row["arrived_at"],
        "bot_wait_sum": started - row["arrived_at"] if had else 0,
        "contained": contained,
        "gave_up": outcome == Outcome.BOT_GAVE_UP,
        "escalated": had and outcome in (*OFFERED, Outcome.MISROUTED),
        "bot_lost": outcome == Outcome.BOT_LOST,
        "in_bot_at_end": outcome == Outcome.IN_BOT,
        "helped": contained and row.get("resolved", 1),
        "bounced_back": contained and row.get("followed_by") in back,
        "passed_on": outcome == Outcome.PASSED_ON,
        "misrouted": outcome == Outcome.MISROUTED,
    }


def by_issue(log: ContactLog, edges: list[float]) -> Sums:
    """Counters of issues, by the type that a contact, or the first of its issue, came as."""
    sums: Sums = defaultdict(float)
    all_rows = rows(log)
    for row in all_rows:
        if row["outcome"] == Outcome.NOT_ARRIVED:
            continue
        at, k = interval_of(row["arrived_at"], edges), row["contact_type"]
        again = row["attempt"] > 1
        if at is not None:
            sums["transferred_in", at, k] += row["leg"] > 1 and row.get("bot", -1) == -1
            sums["repeats", at, k] += row["leg"] == 1 and again
            sums["issues", at, k] += row["leg"] == 1 and not again
            if again and row["outcome"] in OFFERED:
                gone = row["outcome"] in (Outcome.ABANDONED, Outcome.BALKED)
                sums["offered_repeat", at, row["queue_type"]] += 1
                sums["abandoned_repeat", at, row["queue_type"]] += gone
        first = all_rows[row["issue"]]
        came = interval_of(first["arrived_at"], edges)
        if came is not None and row["resolved"] and row["followed_by"] == 0:
            sums["resolved_issues", came, first["contact_type"]] += 1
            sums["resolved_at_first", came, first["contact_type"]] += not again
    return sums


def count_queue_max(sums: Sums, log: ContactLog, edges: list[float]) -> None:
    types = {row["queue_type"] for row in rows(log)}
    for n in range(len(edges) - 1):
        for q in types:
            sums["queue_max", n, q] = sums["queue_at_start", n, q]
    for row in rows(log):
        n = interval_of(row["offered_at"], edges)
        if row["n_ahead"] >= 0 and n is not None:
            key = ("queue_max", n, row["queue_type"])
            sums[key] = max(sums[key], row["n_ahead"] + 1)


def by_group(log: ContactLog, agent_log: AgentLog, edges: list[float], closing: bool) -> Sums:
    """Counters by agent group; `closing`: the last interval takes all later overtime."""
    sums: Sums = defaultdict(float)
    for row in rows(log):
        called = row["outcome"] == Outcome.CALLED_BACK
        if row["outcome"] != Outcome.SERVED and not called:
            continue
        g, arrived = row["group"], interval_of(row["arrived_at"], edges)
        left = min(row["left_at"], log.ended_at)
        freed = min(row["freed_at"], log.ended_at)
        if arrived is not None and not called:
            sums["served", arrived, g] += 1
            sums["talk_sum", arrived, g] += row["left_at"] - row["answered_at"]
            sums["wrap_sum", arrived, g] += row["freed_at"] - row["left_at"]
        for n, (low, high) in enumerate(itertools.pairwise(edges)):
            sums["talk_time", n, g] += overlap(row["answered_at"], left, low, high)
            sums["wrap_time", n, g] += overlap(left, freed, low, high)
            sums["busy_time", n, g] += overlap(row["answered_at"], freed, low, high)
            sums["occupied_time", n, g] += overlap(row["answered_at"], freed, low, high)
    for j in range(agent_log.n):
        g, at = int(agent_log.group[j]), agent_log.at[j]
        scheduled, present = int(agent_log.scheduled_delta[j]), int(agent_log.present_delta[j])
        for n, (low, high) in enumerate(itertools.pairwise(edges)):
            stay = overlap(at, log.ended_at, low, high)
            sums["staffed_time", n, g] += scheduled * stay
            sums["present_time", n, g] += present * stay
            sums["paid_time", n, g] += int(agent_log.paid_delta[j]) * stay
            last = closing and n == len(edges) - 2
            stay = overlap(at, log.ended_at, low, math.inf if last else high)
            sums["overtime", n, g] += (present - scheduled) * stay
    return sums
