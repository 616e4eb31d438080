"""The arrays of a replication's state before anything has happened; each replication copies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine import records
from simcc.engine.calling import CALL_ROW, CALL_TIME
from simcc.engine.control import ControlPlan
from simcc.engine.interrupting import CUT_ROW, CUT_TIME
from simcc.engine.records import BOT_UP, N_COUNTS, OFF
from simcc.log import AGENT_SCHEMA
from simcc.model import Scenario
from simcc.model.agents import most_held
from simcc.workload import LUCKS, OF_CALLS, WorkloadPlan

Named = dict[str, NDArray[Any]]
SPARE = 256  # entries of the heaps at first; they grow when the kernel asks
NEVER = np.iinfo(np.int64).max
ROWS = [field for field in records.AGENTS if field.startswith("row_")]  # as in AGENT_SCHEMA
OF_ISSUE = ("issue", "attempt", "leg", "resolved", "followed_by")
OF_SPELLS = ("resumed_at", "interruptions")
OF_TURNS = ("turns", "think_time")
OF_COLLEAGUES = ("asked_at", "released_at")
OF_CALLBACKS = ("calls_luck", "due_at", "calls_made")
_OF_LISTS = ("list_next", "list_end", "list_last", "dialling", "connects", "mismatches")


def absent_columns(plan: WorkloadPlan) -> frozenset[str]:
    """Arrays by contact that a scenario does not need."""
    absent = set()
    if not plan.has_bots:
        absent |= {"bot_started_at", "bot_ended_at", "bot_luck", "bot_fate"}
    if not plan.has_latency:
        absent |= {"bot_latency"}
    if not plan.has_hand_overs:
        absent |= {"misrouting_luck", "bot"}
    if not plan.has_follow_ups:
        absent |= {*OF_ISSUE, *LUCKS, "step", "talk_factor"}
    if not plan.has_ties:
        absent |= {"tie_luck"}
    if not plan.has_callbacks:
        absent |= {"callback_luck"}
    if not plan.has_timed_callbacks:
        absent |= set(OF_CALLBACKS)
    if not plan.has_announcements:
        absent |= {"hearing_luck"}
    if not plan.has_interruptions:
        absent |= {*OF_SPELLS, "work_left"}
    if not plan.has_turns:
        absent |= {*OF_TURNS, "turn_luck", "talk_left"}
    if not plan.has_colleagues:
        absent |= {*OF_COLLEAGUES, "consult_luck", "briefing_luck", "asked_by", "briefing_time"}
    if not plan.has_lists:
        absent |= set(OF_CALLS)
    return frozenset(absent)


def queues_at_start(scenario: Scenario, timers_kept: int, params: NDArray[np.float64]) -> Named:
    """The queues, the bots and their clocks; what belongs to contacts is not among it."""
    n_types, n_bots = len(scenario.contact_types), len(scenario.bots)
    spare = SPARE + timers_kept
    return {
        "head": np.full(n_types, -1, np.int64),
        "tail": np.full(n_types, -1, np.int64),
        "length": np.zeros(n_types, np.int64),
        "talking": np.zeros(n_types, np.int64),
        "callback_head": np.full(n_types, -1, np.int64),
        "callback_tail": np.full(n_types, -1, np.int64),
        "call_rows": np.zeros(CALL_ROW * SPARE, np.int64),
        "call_times": np.zeros(CALL_TIME * SPARE),
        "quit_times": np.full(spare, np.inf),
        "quit_keys": np.zeros(spare, np.int64),
        "timer_times": np.full(spare, np.inf),
        "timer_keys": np.zeros(spare, np.int64),
        "return_times": np.full(SPARE, np.inf),
        "return_keys": np.zeros(SPARE, np.int64),
        "closed": np.zeros(n_types, np.int64),
        "last_wait": np.zeros(n_types),
        "patience_effect": np.ones(1),
        "watch_level": np.full(n_types, NEVER, np.int64),
        "bot_busy": np.zeros(n_bots, np.int64),
        "bot_mode": np.full(n_bots, BOT_UP, np.int64),
        "bot_head": np.full(n_bots, -1, np.int64),
        "bot_tail": np.full(n_bots, -1, np.int64),
        "bot_begun": np.zeros(n_bots, np.int64),
        "bot_refilled": np.full(n_bots, -np.inf),
        "bot_waits": np.zeros(n_bots, np.int64),
        "bot_factor": np.ones(n_bots),
        "bot_slowness": np.ones(n_bots),
        **{name: np.zeros(n_types, np.int64) for name in _OF_LISTS},
        "ready_head": np.full(n_types, -1, np.int64),
        "ready_tail": np.full(n_types, -1, np.int64),
        "hold_head": np.full(n_types, -1, np.int64),
        "hold_tail": np.full(n_types, -1, np.int64),
        "clock": np.zeros(1),
        "count": np.zeros(N_COUNTS, np.int64),
        "params": params,
    }


def agents_at_start(scenario: Scenario, plan: ControlPlan, slots: int) -> Named:
    """All agents off duty, each with a number of slots for contacts, and an empty log of them."""
    n, n_groups = len(plan.group), len(scenario.agent_groups)
    by_group = ("head", "tail", "n_idle", "n_busy", "owed", "pending")
    arrays: Named = {name: np.zeros(n_groups, np.int64) for name in by_group}
    arrays["head"].fill(-1)
    arrays["tail"].fill(-1)
    arrays |= {
        "group": plan.group.copy(),
        "target": plan.group.copy(),
        "due": np.full(n, OFF, np.int64),
        "counted": plan.counted.copy(),
        "idle_since": np.zeros(n),
        "next": np.full(n, -1, np.int64),
        "previous": np.full(n, -1, np.int64),
        "most": np.array([most_held(one) for one in scenario.agent_groups], np.int64),
        "n_held": np.zeros(n, np.int64),
        "n_active": np.zeros(n, np.int64),
        "used": np.zeros(n, np.int64),
        "since": np.zeros(n),
        "slot_key": np.zeros(n * slots, np.int64),
        "slot_left": np.zeros(n * slots),
        "slot_rest": np.zeros(n * slots),
        "slot_pause": np.zeros(n * slots, np.int64),
        "slot_until": np.full(n * slots, np.inf),
        "next_end": np.full(n, np.inf),
        "next_key": np.full(n, -1, np.int64),
        "next_quits": np.zeros(n, np.int64),
        "held_times": np.full(SPARE, np.inf),
        "held_keys": np.zeros(SPARE, np.int64),
        "handed": np.zeros(3),
        "talk": np.full(n, -1, np.int64),
        "talk_next": np.full(n, -1, np.int64),
        "talk_previous": np.full(n, -1, np.int64),
        "talk_head": np.full(n_groups, -1, np.int64),
        "talk_tail": np.full(n_groups, -1, np.int64),
        "cut_rows": np.zeros(CUT_ROW * SPARE, np.int64),
        "cut_times": np.zeros(CUT_TIME * SPARE),
        "done_times": np.full(n + 2, np.inf),
        "done_keys": np.zeros(n + 2, np.int64),
    }
    for field, column in zip(ROWS, AGENT_SCHEMA, strict=True):
        arrays[field] = np.zeros(plan.most_rows + 16, column.dtype)
    return arrays
