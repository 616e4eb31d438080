"""What bots do with contacts, from the scenario to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine.following import offsets
from simcc.engine.records import BOT_AGENT, BOT_LOST, BOT_WAIT, BOTS, Bots
from simcc.inversion import LawTable
from simcc.model import Bot, Scenario
from simcc.model.bots import terms
from simcc.model.laws import Law

Arrays = dict[str, NDArray[Any]]
WHERE_TO = {"wait": BOT_WAIT, "agent": BOT_AGENT, "lost": BOT_LOST}
MINUTE = 60.0


def bot_tables(scenario: Scenario, table: LawTable) -> Any:
    """The record of a scenario's bots; ``table`` receives their laws."""
    bots = scenario.bots
    gaps = [MINUTE / bot.sessions_per_minute if bot.sessions_per_minute else 0.0 for bot in bots]
    arrays = {
        "then": np.array([scenario.bot_index(b.then) if b.then else -1 for b in bots], np.int64),
        "gap": np.array(gaps, np.float64),
        "bucket": np.array(
            [(_burst(bot) - 1) * gap for bot, gap in zip(bots, gaps, strict=True)], np.float64
        ),
        "when_limited": np.array([WHERE_TO[bot.when_limited] for bot in bots], np.int64),
        **_by_type(scenario, table),
        **_wrong_queues(scenario),
        **_factors("time", [_points(bot.contained_by_time, "times") for bot in bots]),
        **_factors("begun", [_points(bot.contained_by_sessions, "sessions") for bot in bots]),
    }
    return Bots(*(arrays[name] for name in BOTS))


def _burst(bot: Bot) -> int:
    """Tokens that the bucket holds; by default those of one minute."""
    return bot.burst or max(int(bot.sessions_per_minute or 1.0), 1)


def _by_type(scenario: Scenario, table: LawTable) -> Arrays:
    """Shares and laws by bot and type; -1: no law of its own."""
    each = [[terms(bot, kind.name) for kind in scenario.contact_types] for bot in scenario.bots]
    shape = len(scenario.bots), len(scenario.contact_types)

    def by_both(name: str, value: Any, dtype: type) -> Arrays:
        return {name: np.array([[value(t) for t in row] for row in each], dtype).reshape(shape)}

    def law(of: Law | None) -> int:
        return -1 if of is None else table.add(of)

    return {
        **by_both("contained", lambda here: here.contained, np.float64),
        **by_both("gives_up", lambda here: here.gives_up, np.float64),
        **by_both("solves", lambda here: here.solves, np.float64),
        **by_both("session_law", lambda here: law(here.session_time), np.int64),
        **by_both("escalation_law", lambda here: law(here.escalation_time), np.int64),
        "latency_law": np.array([law(bot.latency) for bot in scenario.bots], np.int64),
    }


def _wrong_queues(scenario: Scenario) -> Arrays:
    rows = [
        [*terms(bot, kind.name).misrouted.items()]
        for bot in scenario.bots
        for kind in scenario.contact_types
    ]
    flat = [pair for row in rows for pair in row]
    return {
        "wrong_from": offsets(rows),
        "wrong_queue": np.array([scenario.type_index(wrong) for wrong, _ in flat], np.int64),
        "wrong_share": np.array([share for _, share in flat], np.float64),
    }


def _points(curve: Any, name: str) -> list[tuple[float, float]]:
    return [] if curve is None else list(zip(getattr(curve, name), curve.factors, strict=True))


def _factors(name: str, curves: list[list[tuple[float, float]]]) -> Arrays:
    flat = [point for curve in curves for point in curve]
    return {
        f"{name}_from": offsets(curves),
        f"{name}_at": np.array([at for at, _ in flat], np.float64),
        f"{name}_factor": np.array([factor for _, factor in flat], np.float64),
    }
