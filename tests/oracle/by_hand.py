"""Small days whose contacts are given by hand, for tests worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from oracle import Center
from user import User

import simcc
from simcc.log import AgentEvent, AgentLog, ContactLog, Outcome
from simcc.workload import Workload, queue_of

HOUR = 3600.0
NAN = pytest.approx(math.nan, nan_ok=True)


def voice(name: str = "voice", **fields: Any) -> simcc.ContactType:
    """A type; what its contacts bring is given by hand."""
    fields = {"talk_time": 60, "arrivals": simcc.PoissonArrivals(rate_per_hour=1), **fields}
    return simcc.ContactType(name=name, **fields)


def group(name: str, skills: Any, staff: Any) -> simcc.AgentGroup:
    staff = simcc.FixedStaff(agents=staff) if isinstance(staff, int) else staff
    return simcc.AgentGroup(name=name, skills=skills, staff=staff)


def center(types: list[Any], groups: list[Any], after: str = "drain", **more: Any) -> Any:
    horizon = simcc.Horizon(length=HOUR, interval=900, after=after)
    return simcc.Scenario(horizon=horizon, contact_types=types, agent_groups=groups, **more)


def day(
    scenario: simcc.Scenario,
    *contacts: dict[str, Any],
    acts: Sequence[Any] = (),
    leave_luck: Sequence[float] = (),
) -> tuple[ContactLog, AgentLog]:
    """Logs of contacts given as dicts; what is left out is no patience limit, 60 s of talk.

    ``acts``: (instant, method, arguments), what a user's process does. ``leave_luck``: of the
    particular agents who leave.
    """
    usual = {"type": 0, "talk": 60.0, "wrap": 0.0, "patience": math.inf, "balks": False,
             "bot": 0.0, "luck": 1.0}  # fmt: skip
    rows = [{**usual, **one} for one in contacts]

    def column(name: str, dtype: type) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype)

    kinds = column("type", np.int32)
    queues = np.array([queue_of(scenario, k) for k in range(len(scenario.contact_types))])
    workload = Workload(
        ended_arrivals=np.append(column("at", float), math.inf),
        contact_type=kinds,
        queue_type=queues[kinds].astype(np.int32),
        patience_time=column("patience", float),
        talk_time=column("talk", float),
        wrap_time=column("wrap", float),
        balks=column("balks", bool),
        bot_time=column("bot", float),
        bot_luck=column("luck", float) if scenario.bots else np.empty(0),
        leave_luck=np.array(leave_luck, float),
    )
    center = Center(scenario, workload)
    steps = [step for at, *act in acts for step in (("at", at), tuple(act))]
    User(center).follow(steps, [])
    center.run(until=None)
    return center.logs(until=None)


def outcomes(log: ContactLog) -> list[Outcome]:
    return [Outcome(one) for one in log.outcome]


def rows(log: AgentLog) -> list[tuple[Any, ...]]:
    """Rows of the agent log as (at, agent, deltas, why)."""
    columns = (log.at, log.agent, log.scheduled_delta, log.present_delta, log.paid_delta)
    return [
        (float(at), int(agent), (int(s), int(p), int(paid)), AgentEvent(why))
        for at, agent, s, p, paid, why in zip(*columns, log.reason, strict=True)
    ]


def bot(**fields: Any) -> simcc.Bot:
    return simcc.Bot(**{"name": "bot", "session_time": 60, "contained": 0.3, **fields})


def shift(agent: str, start: float, end: float, *breaks: tuple[float, float]) -> simcc.Shift:
    return simcc.Shift(agent=agent, start=start, end=end, breaks=breaks)
