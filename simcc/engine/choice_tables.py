"""Tables of the choice among queues."""

from __future__ import annotations

from typing import Any

import numpy as np

from simcc.engine.following import offsets
from simcc.engine.records import CHOICES, Choices
from simcc.model import Scenario
from simcc.model.queue_choice import WAYS


def choice_tables(scenario: Scenario) -> Any:
    """The queues that contacts of each type choose from, and how."""
    choices = [scenario.routing.queue_choice.get(kind.name) for kind in scenario.contact_types]
    queues = [one.among if one else () for one in choices]
    tables = {
        "choice_from": offsets(queues),
        "queue": np.array([scenario.type_index(x) for each in queues for x in each], np.int64),
        "by": np.array([WAYS.index(one.by) if one else 0 for one in choices], np.int64),
    }
    return Choices(*(tables[name] for name in CHOICES))
