"""A scenario as plain data, with a bit of everything; tests change it in one place."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import simcc

CENTER: dict[str, Any] = {
    "name": "center",
    "lines": 60,
    "thresholds": [20, "1min"],
    "horizon": {
        "start": "2024-03-04T08:00",
        "time_zone": "Europe/Amsterdam",
        "length": "2h",
        "interval": "30min",
    },
    "contact_types": [
        {
            "name": "service",
            "arrivals": {
                "kind": "rates",
                "rates_per_hour": [80, 100, 120, 110],
                "busyness": {"cv": 0.1, "shared": "day"},
            },
            "talk_time": {"law": "gamma", "mean": "4min", "cv": 0.7},
            "after_call_work": {"law": "exponential", "mean": 20},
            "patience": {"law": "survival", "times": [60, 120], "survival": [0.9, 0.8]},
            "balking": 0.02,
            "queue_capacity": 40,
            "bot": "helper",
            "transfers": [
                {"to": "sales", "probability": 0.05, "probability_by_group": {"front": 0.1}}
            ],
            "resolution": 0.8,
            "resolution_by_group": {"experts": 0.9},
            "follow_ups": [
                {
                    "when": ["abandoned", "balked", "blocked"],
                    "probability": [0.6, 0.3],
                    "delay": {"law": "exponential", "mean": "10min"},
                    "at_most": 3,
                    "patience_factor": 0.9,
                },
                {
                    "when": "unresolved",
                    "probability": 0.5,
                    "probability_by_group": {"front": 0.6},
                    "delay": "1h",
                    "type": "sales",
                    "talk_factor": 0.8,
                },
                {"when": "falsely_contained", "probability": 0.4, "delay": "30min"},
            ],
            "cost_per_contact": 0.2,
        },
        {
            "name": "sales",
            "arrivals": {
                "kind": "linear",
                "times": [0, "1h", "2h"],
                "rates_per_hour": [10, 30, 20],
                "busyness": {"cv": 0.1, "shared": "day"},
            },
            "talk_time_by_group": {
                "front": {"law": "lognormal", "mean": "6min", "cv": 1.1},
                "experts": {"law": "erlang", "k": 2, "mean": "5min"},
            },
            "patience": {"law": "weibull", "shape": 1.3, "scale": "4min"},
            "priority": 0,
            "sale": {
                "probability": 0.1,
                "probability_by_group": {"experts": 0.2},
                "value": 50,
            },
        },
        {
            "name": "mail",
            "channel": "email",
            "arrivals": {"kind": "trace", "times": [5.0, 5.0, 600.0]},
            "talk_time": {"law": "scipy", "name": "burr12", "args": [3.0, 2.0], "scale": 300.0},
            "talk_scale_by_interval": [1.0, 1.1, 1.0, 0.9],
        },
    ],
    "bots": [
        {
            "name": "helper",
            "sessions": 30,
            "when_full": "agent",
            "session_time": "1min",
            "contained": 0.25,
            "solves": 0.7,
            "gives_up": 0.05,
            "talk_factor": 0.9,
            "cost_per_session": 0.1,
            "cost_per_minute": 0.05,
        }
    ],
    "agent_groups": [
        {
            "name": "front",
            "skills": ["service", "sales"],
            "staff": {"kind": "head_counts", "counts": [9, 11, 12, 12]},
            "cost_per_hour": 30,
            "overtime_factor": 1.5,
        },
        {
            "name": "experts",
            "skills": {"sales": 1.0, "service": 1.1, "mail": 1.2},
            "staff": {
                "kind": "roster",
                "shifts": [
                    {"agent": "Ann", "start": 0, "end": "2h", "breaks": [["1h", "75min"]]},
                    {"agent": "Ben", "start": 0, "end": "1h"},
                ],
            },
        },
        {"name": "night", "skills": ["mail"], "staff": {"kind": "fixed", "agents": 2}},
    ],
    "routing": {
        "type_to_groups": {
            "service": [
                {"group": "front"},
                {"group": "experts", "rank": 2, "after": "45s", "idle_needed": 2},
            ]
        },
        "group_to_types": {"experts": [{"type": "sales"}, {"type": "service", "rank": 2}]},
    },
    "targets": [{"share": 0.8, "within": "20s", "type": "service"}],
    "satisfaction": {"base": 0.9, "per_minute_waiting": 0.02, "unresolved": 0.4},
}
REMOVED = object()


def center() -> dict[str, Any]:
    """A fresh copy."""
    return copy.deepcopy(CENTER)


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The center with values set or removed at paths such as ``bots.0.contained``."""
    data = center()
    for path, value in changes:
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place: Any = data
        for step in steps:
            place = place[step]
        if value is REMOVED:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            place[last] = value
    return data


def problems(data: Any) -> dict[str, str]:
    """Message of each place that is wrong with a scenario."""
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.Scenario.from_dict(data)
    return {problem.place: problem.message for problem in caught.value.problems}


def assert_refused(change: tuple[str, Any], place: str, words: list[str]) -> None:
    """The center with a value changed is refused for a place, with a message that has the words."""
    found = problems(changed(change))
    assert place in found, found
    for word in words:
        assert word in found[place], found
