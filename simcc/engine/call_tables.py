"""Callbacks: how they take time and when they are offered, from the scenario to arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine.following import offsets
from simcc.engine.records import CALLING, Calling
from simcc.inversion import LawTable
from simcc.model import Scenario
from simcc.model.callbacks import offered_hours, rings


def call_tables(scenario: Scenario, table: LawTable) -> Any:
    """The record of a scenario's callbacks by type; the table receives their laws."""
    offers = [kind.callback for kind in scenario.contact_types]
    hours = [offered_hours(one, scenario.horizon.day_edges) for one in offers]
    flat = [one for each in hours for one in each]

    def laws(name: str) -> NDArray[np.int64]:
        found = [getattr(one, name, None) for one in offers]
        return np.array([-1 if law is None else table.add(law) for law in found], np.int64)

    arrays = {
        "later_law": laws("later"),
        "ring_law": laws("ring_time"),
        "retry_law": laws("retry_delay"),
        "rings": np.array([rings(one) for one in offers], np.int64),
        "answers": np.array([one.answers if one else 1.0 for one in offers], np.float64),
        "attempts": np.array([one.attempts if one else 1 for one in offers], np.int64),
        "open_from": offsets(hours),
        "open_at": np.array([start for start, _ in flat], np.float64),
        "close_at": np.array([end for _, end in flat], np.float64),
    }
    return Calling(*(arrays[name] for name in CALLING))
