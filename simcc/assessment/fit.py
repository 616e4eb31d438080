"""Whether two scenarios can be compared: the same time, the same customers, the same yardsticks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem, ScenarioError
from simcc.model import Horizon, Scenario
from simcc.model.messages import shown

YARDSTICKS = ("targets", "thresholds", "satisfaction")


def check_pair(without: Any, with_: Any) -> None:
    """Raise ScenarioError with everything that makes two scenarios incomparable."""
    for name, one in (("without", without), ("with_", with_)):
        if not isinstance(one, Scenario):
            raise ScenarioError([Problem(name, f"is {shown(one)}; must be a simcc.Scenario")])
    problems = [*_horizons(without, with_), *_customers(without, with_)]
    problems += [*_yardsticks(without, with_), *_bots(with_)]
    if problems:
        raise ScenarioError(problems)


def _horizons(without: Scenario, with_: Scenario) -> Iterator[Problem]:
    for field in Horizon.model_fields:
        one, other = getattr(without.horizon, field), getattr(with_.horizon, field)
        if one != other:
            message = f"is {shown(other)}; must be as in without, {shown(one)}"
            unit = " (unit: seconds)" if isinstance(one, float) else ""
            yield Problem(f"with_.horizon.{field}", message + unit)


def _customers(without: Scenario, with_: Scenario) -> Iterator[Problem]:
    """Contacts come in as the same types and at the same rates."""
    ours, theirs = (
        {kind.name: kind.arrivals for kind in one.contact_types if kind.arrivals is not None}
        for one in (without, with_)
    )
    for name in dict.fromkeys([*ours, *theirs]):
        place = f'with_.contact_types["{name}"].arrivals'
        if name not in theirs:
            yield Problem(place, "are missing; must be as in without, for the same customers")
        elif name not in ours:
            yield Problem(place, "are not in without; the customers must be the same")
        elif ours[name] != theirs[name]:
            yield Problem(place, "differ from those in without; the customers must be the same")


def _yardsticks(without: Scenario, with_: Scenario) -> Iterator[Problem]:
    for field in YARDSTICKS:
        if getattr(without, field) != getattr(with_, field):
            message = "differ from those in without; both must be measured in the same way"
            yield Problem(f"with_.{field}", message)


def _bots(with_: Scenario) -> Iterator[Problem]:
    if not any(kind.bot for kind in with_.contact_types):
        where = "with_.bots" if not with_.bots else "with_.contact_types"
        message = "are none" if not with_.bots else "name no bot"
        yield Problem(where, f"{message}; must have a bot in front of at least one contact type")
