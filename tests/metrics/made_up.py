"""Scenarios and random logs that need no simulation: consistent row by row, not as a queue."""

from __future__ import annotations

from typing import Any

import numpy as np

import simcc
from simcc.log import AgentEvent, AgentLog, ContactLog, Outcome
from simcc.metrics import Reducer
from simcc.model.bots import has_hand_overs
from simcc.model.follow_ups import has_follow_ups
from simcc.result import Result

NOT_CALLED = [Outcome.CALLBACK_ASKED, Outcome.CALLING, Outcome.NOT_REACHED]
FINAL = [Outcome.SERVED, Outcome.SERVED, Outcome.ABANDONED, Outcome.BALKED, Outcome.BLOCKED]


def scenario(
    n_types: int = 2,
    n_groups: int = 2,
    *,
    bot: bool = False,
    returns: bool = False,
    calls: bool = False,
    hands_on: bool = False,
    horizon: dict[str, Any] | None = None,
    **changes: Any,
) -> simcc.Scenario:
    """Types t0, t1, ... that every group but the last can do; the last one lacks t0.

    With ``hands_on``, the bot in front of t0 has another behind it, which misroutes.
    """
    names = [f"t{k}" for k in range(n_types)]
    bots = [simcc.Bot(name="helper", session_time=60, contained=0.3)] if bot else []
    if hands_on:
        wrong = {names[-1]: 0.2} if n_types > 1 else {}
        strong = simcc.Bot(name="strong", session_time=60, contained=0.3, misrouted=wrong)
        bots = [bots[0].replace(then="strong"), strong]
    return simcc.Scenario(
        horizon=simcc.Horizon(**(horizon or {"length": 7200, "interval": 1800})),
        contact_types=[
            simcc.ContactType(
                name=name,
                arrivals=simcc.PoissonArrivals(rate_per_hour=10),
                talk_time=simcc.Exponential(mean=100),
                bot="helper" if bot and k == 0 else None,
                resolution=0.7 if returns else 1.0,
                callback=simcc.Callback(accepts=0.5) if calls else None,
            )
            for k, name in enumerate(names)
        ],
        agent_groups=[
            simcc.AgentGroup(
                name=f"g{g}",
                skills=names if g == 0 or g < n_groups - 1 or n_types == 1 else names[1:],
                staff=simcc.FixedStaff(agents=5),
            )
            for g in range(n_groups)
        ],
        bots=bots,
        **changes,
    )


def contact_log(of: simcc.Scenario, n: int, seed: int, *, grid: float = 10.0) -> ContactLog:
    """Random contacts whose instants are multiples of `grid`, so that they meet interval edges."""
    rng = np.random.default_rng(seed)
    length, n_types = of.horizon.length, len(of.contact_types)

    def some_time(mean: float) -> np.ndarray:
        return grid * np.floor(rng.exponential(mean, n) / grid)

    arrived = np.sort(grid * np.floor(rng.uniform(0, length, n) / grid))
    ended_at = float(rng.choice([length / 2, length, length + 600]))
    origin = rng.integers(0, n_types, n)
    has_bot = np.array([one.bot is not None for one in of.contact_types])[origin]
    leg = 1 + rng.integers(0, 2, n)
    hands_on = has_hand_overs(of)
    bot = np.where(has_bot, 0, -1)
    if hands_on:
        bot = np.where(leg > 1, rng.choice([-2, -1, 1], n), bot)
        bot = np.where((bot == 1) & ~has_bot, -1, bot)
        has_bot = bot >= 0
    bot_started = np.where(has_bot & (rng.random(n) < 0.8), arrived + some_time(5), np.nan)
    bot_ended = bot_started + some_time(400)  # often into the next interval
    offered = np.where(np.isnan(bot_ended), arrived, bot_ended)
    outcome = rng.choice(FINAL, n)
    wait = some_time(40) * (rng.random(n) < 0.7) * (outcome <= Outcome.ABANDONED)
    queued = (wait > 0) & (outcome <= Outcome.ABANDONED)
    end = offered + wait
    outcome = np.where(end > ended_at, Outcome.WAITING, outcome)
    queued |= outcome == Outcome.WAITING
    in_bot = np.isfinite(bot_started) & (rng.random(n) < 0.4)
    ends = [Outcome.CONTAINED, Outcome.BOT_GAVE_UP]
    ends += [Outcome.PASSED_ON, Outcome.MISROUTED] if hands_on else []
    outcome = np.where(in_bot, rng.choice(ends, n), outcome)
    outcome = np.where(
        np.isnan(bot_started) & has_bot & (rng.random(n) < 0.3), Outcome.BOT_LOST, outcome
    )
    outcome = np.where((offered > ended_at) & has_bot, Outcome.IN_BOT, outcome)
    bot_ended = np.where((outcome == Outcome.IN_BOT) & (rng.random(n) < 0.5), np.nan, bot_ended)
    outcome = np.where(arrived >= ended_at, Outcome.NOT_ARRIVED, outcome)
    reached = (outcome >= Outcome.WAITING) & (outcome <= Outcome.BLOCKED)
    served = outcome == Outcome.SERVED
    left = np.where(served, end + some_time(120), end)
    final = outcome >= Outcome.SERVED
    left = np.where(np.isin(outcome, ends), bot_ended, left)
    calls = any(one.callback is not None for one in of.contact_types)
    skilled = [
        [g for g, group in enumerate(of.agent_groups) if one.name in group.skills]
        for one in of.contact_types
    ]
    callback = reached & (outcome != Outcome.BLOCKED) & calls & (rng.random(n) < 0.3)
    called = callback & served
    not_called = rng.choice(NOT_CALLED, n)
    # who still waits at the end has not been given up
    not_called = np.where(final, not_called, np.minimum(not_called, Outcome.CALLING))
    outcome = np.where(callback, np.where(called, Outcome.CALLED_BACK, not_called), outcome)
    left = np.where(callback & ~called & (outcome != Outcome.NOT_REACHED), np.nan, left)
    queued &= ~callback
    group = np.array([rng.choice(skilled[k]) for k in origin], dtype=np.int32).reshape(n)
    ahead = np.where(queued & reached, rng.integers(0, 6, n), -1)
    nothing = np.empty(0)
    final &= ~callback | called | (outcome == Outcome.NOT_REACHED)
    follows = has_follow_ups(of)
    attempt = 1 + rng.integers(0, 3, n)
    issue = rng.integers(0, np.arange(n) + 1) * (attempt * leg > 1) + np.arange(n) * (
        attempt * leg == 1
    )
    resolved, followed_by = rng.integers(0, 2, n) * final, rng.integers(0, 4, n)

    def of_issue(values: np.ndarray, dtype: type) -> np.ndarray:
        return values.astype(dtype) if follows else np.empty(0, dtype)

    return ContactLog(
        arrived_at=arrived,
        contact_type=origin.astype(np.int32),
        queue_type=origin.astype(np.int32),
        offered_at=np.where(reached, offered, np.nan),
        answered_at=np.where(served, end, np.nan),
        left_at=np.where(final, left, np.nan),
        freed_at=np.where(served, left + some_time(20), np.nan),
        agent=np.where(served, group * 5 + rng.integers(0, 5, n), -1).astype(np.int32),
        group=np.where(served, group, -1).astype(np.int32),
        n_ahead=ahead.astype(np.int32),
        n_ahead_all=np.where(ahead >= 0, ahead + 1, -1).astype(np.int32),
        outcome=outcome.astype(np.int8),
        bot_started_at=bot_started if of.bots else nothing,
        bot_ended_at=bot_ended if of.bots else nothing,
        issue=of_issue(issue, np.int32),
        attempt=of_issue(attempt, np.int32),
        leg=of_issue(leg, np.int32),
        resolved=of_issue(resolved, np.int8),
        followed_by=of_issue(followed_by, np.int8),
        bot=bot.astype(np.int32) if hands_on else np.empty(0, np.int32),
        ended_at=ended_at,
    )  # fmt: skip


def agent_log(of: simcc.Scenario, seed: int, ended_at: float, *, grid: float = 10.0) -> AgentLog:
    """Five agents per group from the start; then random departures, some in overtime."""
    rng = np.random.default_rng(seed)
    events: list[tuple[float, int, int, int, int, int, int]] = []
    for g in range(len(of.agent_groups)):
        for a in range(5 * g, 5 * g + 5):
            events.append((0.0, a, g, 1, 1, 1, AgentEvent.SHIFT_START))
            due = grid * float(rng.integers(0, 2 * of.horizon.length / grid))
            late = grid * float(rng.integers(0, 60)) if rng.random() < 0.5 else 0.0
            events.append((due, a, g, -1, 0, 0, AgentEvent.SHIFT_END))
            events.append((due + late, a, g, 0, -1, -1, AgentEvent.LEFT))
    rows = np.array(sorted(row for row in events if row[0] <= ended_at), dtype=np.float64)
    return AgentLog(
        at=rows[:, 0].copy(),
        agent=rows[:, 1].astype(np.int32),
        group=rows[:, 2].astype(np.int32),
        scheduled_delta=rows[:, 3].astype(np.int8),
        present_delta=rows[:, 4].astype(np.int8),
        paid_delta=rows[:, 5].astype(np.int8),
        reason=rows[:, 6].astype(np.int8),
    )


def result(of: simcc.Scenario, replications: int, *, n: int = 200, keep: bool = False) -> Result:
    """A result of made-up replications."""
    n_agents = 5 * len(of.agent_groups)
    reducer = Reducer(of, n_agents=n_agents if keep else 0)
    sums = reducer.counters(replications)
    logs = [contact_log(of, n, seed, grid=1.0) for seed in range(replications)]
    agent_logs = [agent_log(of, r, log.ended_at) for r, log in enumerate(logs)]
    for r, (log, of_agents) in enumerate(zip(logs, agent_logs, strict=True)):
        reducer.reduce(log, of_agents, sums, r)
    agents = [(f"agent-{a}", of.agent_groups[a // 5].name) for a in range(n_agents)]
    kept = {"contact_logs": logs, "agent_logs": agent_logs} if keep else {}
    return Result(of, sums, seed=1, agents=agents, **kept)
