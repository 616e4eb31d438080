"""The lists of outbound calls, from the scenario to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcc.engine.following import offsets
from simcc.engine.records import LISTS, Lists
from simcc.model import Outbound, Scenario
from simcc.model.outbound import by_interval, open_hours


def list_tables(scenario: Scenario) -> tuple[Any, list[tuple[float, int]]]:
    """The record of a scenario's lists by type, and when which of them opens (s), in order."""
    kinds = scenario.contact_types
    lists = [kind.outbound for kind in kinds]
    hours = [open_hours(x, scenario.horizon.day_edges) if x else [] for x in lists]
    flat = [one for each in hours for one in each]
    arrays = {
        "records": np.array([x.records if x else 0 for x in lists], np.int64),
        "predictive": np.array([x is not None and x.mode == "predictive" for x in lists], np.int64),
        "pace": np.array([x.pace if x else 0.0 for x in lists], np.float64),
        "mismatch_limit": np.array([_limit(x) for x in lists], np.float64),
        "idle_needed": np.array([x.idle_needed if x else 1 for x in lists], np.int64),
        "open_from": offsets(hours),
        "open_at": np.array([start for start, _ in flat], np.float64),
        "close_at": np.array([end for _, end in flat], np.float64),
        "right": _parties(scenario, "right_party"),
        "wrong": _parties(scenario, "wrong_party"),
        "waits": np.array(
            [kind.outbound is not None and kind.patience is not None for kind in kinds], np.int64
        ),
        "wrong_again": np.array([x is not None and x.wrong_party_retries for x in lists], np.int64),
    }
    opens = sorted((start, k) for k, each in enumerate(hours) for start, _ in each)
    return Lists(*(arrays[name] for name in LISTS)), opens


def _limit(of: Outbound | None) -> float:
    """The share of mismatches beyond which the pace falls; 1: it never does."""
    return 1.0 if of is None or of.mismatch_limit is None else of.mismatch_limit


def _parties(scenario: Scenario, party: str) -> Any:
    """Probabilities that a party answers, by type and interval."""
    kinds, n = scenario.contact_types, scenario.horizon.n_intervals
    if all(kind.outbound is None for kind in kinds):
        n = 1
    found = np.zeros((len(kinds), n))
    for k, kind in enumerate(kinds):
        if kind.outbound is not None:
            found[k] = by_interval(kind.outbound, party)
    return found
