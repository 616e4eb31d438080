"""Tables of what customers are told about their wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simcc.engine.following import offsets
from simcc.engine.records import TOLD, Told
from simcc.model import ContactType, Scenario
from simcc.model.announcements import ESTIMATES


def has_estimates(scenario: Scenario) -> bool:
    """Whether anybody's wait is estimated during the run."""
    predicted = (one.by == "last_answered" for one in scenario.routing.queue_choice.values())
    return any(predicted) or any(
        kind.announcement is not None or (kind.callback is not None and kind.callback.min_wait > 0)
        for kind in scenario.contact_types
    )


def told_tables(scenario: Scenario) -> Any:
    """The tables of the announcements and of what callbacks wait for, by type."""
    kinds = scenario.contact_types
    told = [kind.announcement for kind in kinds]
    steps = [one.steps if one else () for one in told]
    flat = [step for each in steps for step in each]
    calls = [kind.callback for kind in kinds]
    tables = {
        "estimate": np.array([ESTIMATES.index(one.estimate) if one else 0 for one in told]),
        "mean_work": np.array(
            [mean_work(kind, _able(scenario, kind)) for kind in kinds], np.float64
        ),
        "step_from": offsets(steps),
        "step_wait": np.array([step.wait for step in flat], np.float64),
        "step_leaves": np.array([step.leaves for step in flat], np.float64),
        "step_patience": np.array([step.patience_factor for step in flat], np.float64),
        "callback_wait": np.array([one.min_wait if one else 0.0 for one in calls], np.float64),
        "callback_estimate": np.array(
            [ESTIMATES.index(one.estimate) if one else 0 for one in calls]
        ),
    }
    return Told(*(tables[name] for name in TOLD))


def _able(scenario: Scenario, kind: ContactType) -> list[str]:
    return [group.name for group in scenario.agent_groups if kind.name in group.skills]


def mean_work(kind: ContactType, groups: Sequence[str]) -> float:
    """Mean talk time and after-call work of a type at speed 1, over some groups and intervals."""
    laws = list(kind.talk_time_by_interval or ())
    if kind.talk_time_by_group:
        chosen = [kind.talk_time_by_group.get(name, kind.talk_time) for name in groups]
        laws = [law for law in chosen if law is not None]
    elif not laws and kind.talk_time is not None:
        laws = [kind.talk_time]
    talk = float(np.mean([law.mean() for law in laws])) if laws else 0.0
    scale = float(np.mean(kind.talk_scale_by_interval)) if kind.talk_scale_by_interval else 1.0
    wrap = kind.after_call_work.mean() if kind.after_call_work else 0.0
    return talk * scale + wrap
