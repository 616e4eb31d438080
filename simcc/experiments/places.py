"""A scenario with other values at places that are named by their path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcc.errors import SimulationError
from simcc.model import Scenario
from simcc.model.base import Part
from simcc.model.messages import shown, suggestion

Changes = dict[tuple[str, ...], Any]  # from what is left of each path to the value


def with_values(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """Return a scenario with other values at some places.

    Parameters
    ----------
    scenario : Scenario
    values : mapping
        From a place to its value. A place is the names of fields, of the parts of a list and of the
        entries of a table, with dots between them, such as ``"agent_groups.front.staff.agents"``,
        ``"contact_types.sales.patience.mean"`` or ``"routing.policy.cost.sales"``. Parts of a list
        that have no names are counted from 0. An entry that a table does not have is added.

    Returns
    -------
    Scenario

    Raises
    ------
    SimulationError
        If there is no such place; the message names it.
    ScenarioError
        If a value is not allowed there.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.instances.n_design(policy=simcc.GeneralisedCMu())
    >>> changed = simcc.with_values(
    ...     scenario, {"routing.policy.cost.a": 2.0, "agent_groups.g1.staff.agents": 5})
    >>> changed.routing.policy.cost, changed.agent_groups[0].staff.agents
    ({'a': 2.0}, 5)
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    if not isinstance(values, Mapping):
        raise SimulationError(f"values is {shown(values)}; it must be a mapping from places")
    for place in values:
        if not isinstance(place, str) or not all(place.split(".")):
            raise SimulationError(f"values: the place {shown(place)} must be names with dots")
    found = _changed(scenario, {tuple(place.split(".")): x for place, x in values.items()}, "")
    assert isinstance(found, Scenario)
    return found


def _changed(part: Any, changes: Changes, place: str) -> Any:
    """Return a part with all changes below it made at once, so that it is checked once."""
    if () in changes:
        return changes[()]
    below: dict[str, Changes] = {}
    for (first, *rest), value in changes.items():
        below.setdefault(first, {})[tuple(rest)] = value
    if isinstance(part, Part):
        return _part(part, below, place)
    if isinstance(part, tuple):
        return _list(part, below, place)
    if isinstance(part, dict):
        changed = {
            key: _changed(part.get(key, {}), inner, _inside(place, key))
            for key, inner in below.items()
        }
        return {**part, **changed}
    raise SimulationError(f'"{place}" is {shown(part)}, which has no "{next(iter(below))}"')


def _part(part: Part, below: dict[str, Changes], place: str) -> Part:
    fields = {field.alias or name: name for name, field in type(part).model_fields.items()}
    changed = {}
    for key, inner in below.items():
        if key not in fields:
            raise _unknown(place, key, list(fields))
        changed[key] = _changed(getattr(part, fields[key]), inner, _inside(place, key))
    return part.replace(**changed)


def _list(parts: tuple[Any, ...], below: dict[str, Changes], place: str) -> tuple[Any, ...]:
    names = [str(getattr(one, "name", i)) for i, one in enumerate(parts)]
    found = list(parts)
    for key, inner in below.items():
        if key not in names:
            raise _unknown(place, key, names)
        i = names.index(key)
        found[i] = _changed(parts[i], inner, _inside(place, key))
    return tuple(found)


def _inside(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _unknown(place: str, key: str, known: list[str]) -> SimulationError:
    where = f'"{place}"' if place else "a scenario"
    return SimulationError(f'{where} has no "{key}"; {suggestion(key, known)}')
