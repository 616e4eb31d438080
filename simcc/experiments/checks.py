"""Checks of the arguments that experiments share."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from simcc.engine.arguments import number
from simcc.errors import SimulationError
from simcc.metrics import catalogue
from simcc.model import Scenario
from simcc.model.messages import shown, suggestion


def one_of(value: Any, what: str, allowed: Collection[str]) -> None:
    """Raise SimulationError unless a value is one of some words."""
    if value not in allowed:
        words = " or ".join(f'"{one}"' for one in allowed)
        raise SimulationError(f"{what} is {shown(value)}; it must be {words}")


def probability(value: Any, what: str) -> float:
    """A number between 0 and 1, both excluded; SimulationError otherwise."""
    found = number(value, what, above=0.0, most=1.0)
    if found == 1:
        raise SimulationError(f"{what} is 1; it must be less than 1 (unit: a probability)")
    return found


def known_metrics(scenarios: Mapping[str, Scenario], metrics: Collection[str] | None) -> None:
    """Raise SimulationError unless every scenario has every metric."""
    if metrics is None:
        return
    if isinstance(metrics, str) or not isinstance(metrics, Collection) or not metrics:
        raise SimulationError(f"metrics is {shown(metrics)}; it must be a list of names")
    for name, scenario in scenarios.items():
        known = sorted({one.name for one in catalogue(scenario)})
        for metric in metrics:
            if metric not in known:
                hint = suggestion(str(metric), known)
                raise SimulationError(f'metrics: there is no "{metric}" in "{name}"; {hint}')


def known_scenario(name: Any, what: str, scenarios: Mapping[str, Any]) -> None:
    """Raise SimulationError unless there is a scenario of that name."""
    if name not in scenarios:
        hint = suggestion(str(name), list(scenarios))
        raise SimulationError(f"{what} is {shown(name)}; there is no such scenario, {hint}")
