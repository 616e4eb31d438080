"""Whether scenarios can be compared: the same time, the same customers, the same yardsticks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simcc.errors import Problem, ScenarioError, SimulationError
from simcc.model import Horizon, Scenario
from simcc.model.messages import shown

YARDSTICKS = ("targets", "thresholds", "satisfaction")
LONGEST_NAME = 200


def check_scenarios(scenarios: Any, least: int = 2) -> dict[str, Scenario]:
    """Return scenarios by name as a dict.

    Raises
    ------
    SimulationError
        If they are not a mapping from names to scenarios, or fewer than ``least``.
    """
    if not isinstance(scenarios, Mapping):
        raise SimulationError(
            f"scenarios is {shown(scenarios)}; it must be a mapping from names to scenarios"
        )
    for name, one in scenarios.items():
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            what = f"must be text of 1 to {LONGEST_NAME} characters"
            raise SimulationError(f"scenarios: the name {shown(name)} {what}")
        if not isinstance(one, Scenario):
            raise SimulationError(
                f'scenarios["{name}"] is {shown(one)}; it must be a simcc.Scenario'
            )
    if len(scenarios) < least:
        raise SimulationError(f"scenarios are {len(scenarios)}; there must be at least {least}")
    return dict(scenarios)


def check_comparable(scenarios: Mapping[str, Scenario], *, same_customers: bool = True) -> None:
    """Raise ScenarioError with everything that makes scenarios incomparable with the first."""
    (first, one), *others = scenarios.items()
    problems = [
        problem
        for name, other in others
        for problem in mismatches(
            f'scenarios["{name}"]', other, f'"{first}"', one, same_customers=same_customers
        )
    ]
    if problems:
        raise ScenarioError(problems)


def mismatches(
    place: str, scenario: Scenario, than: str, other: Scenario, *, same_customers: bool = True
) -> Iterator[Problem]:
    """Yield what makes a scenario, named ``place``, incomparable with another, named ``than``."""
    yield from _horizons(place, scenario, than, other)
    if same_customers:
        yield from _customers(place, scenario, than, other)
    yield from _yardsticks(place, scenario, than, other)


def _horizons(place: str, scenario: Scenario, than: str, other: Scenario) -> Iterator[Problem]:
    for field in Horizon.model_fields:
        ours, theirs = getattr(scenario.horizon, field), getattr(other.horizon, field)
        if ours != theirs:
            message = f"is {shown(ours)}; must be as in {than}, {shown(theirs)}"
            unit = " (unit: seconds)" if isinstance(theirs, float) else ""
            yield Problem(f"{place}.horizon.{field}", message + unit)


def _customers(place: str, scenario: Scenario, than: str, other: Scenario) -> Iterator[Problem]:
    """Contacts come in as the same types and at the same rates."""
    theirs, ours = (
        {kind.name: kind.arrivals for kind in one.contact_types if kind.arrivals is not None}
        for one in (other, scenario)
    )
    for name in dict.fromkeys([*theirs, *ours]):
        where = f'{place}.contact_types["{name}"].arrivals'
        if name not in ours:
            yield Problem(where, f"are missing; must be as in {than}, for the same customers")
        elif name not in theirs:
            yield Problem(where, f"are not in {than}; the customers must be the same")
        elif theirs[name] != ours[name]:
            yield Problem(where, f"differ from those in {than}; the customers must be the same")


def _yardsticks(place: str, scenario: Scenario, than: str, other: Scenario) -> Iterator[Problem]:
    for field in YARDSTICKS:
        if getattr(scenario, field) != getattr(other, field):
            message = f"differ from those in {than}; both must be measured in the same way"
            yield Problem(f"{place}.{field}", message)
