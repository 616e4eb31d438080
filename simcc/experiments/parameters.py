"""What tuning may change: numbers within bounds, or one of some values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from simcc.engine.arguments import whole
from simcc.errors import SimulationError
from simcc.model.base import LARGEST
from simcc.model.messages import shown


@dataclass(frozen=True)
class Integer:
    """A whole number from ``low`` to ``high``, both included.

    Parameters
    ----------
    low, high : int

    Raises
    ------
    SimulationError
        If they are not whole numbers, or low is not below high.

    Examples
    --------
    >>> list(Integer(2, 4).values)
    [2, 3, 4]
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            whole(getattr(self, name), f"Integer: {name}")
        _in_order("Integer", self.low, self.high)

    @property
    def values(self) -> Sequence[int]:
        """All of them."""
        return range(self.low, self.high + 1)

    def holds(self, value: Any) -> bool:
        """Whether it may have a value."""
        return isinstance(value, int) and not isinstance(value, bool) and value in self.values


@dataclass(frozen=True)
class Continuous:
    """A number from ``low`` to ``high``.

    Parameters
    ----------
    low, high : float
    log : bool, default False
        Factors count, not differences: 0.1 is as far from 1 as 1 from 10. ``low`` is more than 0.

    Raises
    ------
    SimulationError
        If they are not finite numbers, low is not below high, or not above 0 with ``log``.

    Examples
    --------
    >>> Continuous(0.1, 10, log=True).holds(3.5)
    True
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            value = getattr(self, name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (is_number and abs(value) <= LARGEST):
                raise SimulationError(
                    f"Continuous: {name} is {shown(value)}; it must be a number, at most "
                    f"{LARGEST:g} in size"
                )
        _in_order("Continuous", self.low, self.high)
        if self.log and self.low <= 0:
            raise SimulationError(
                f"Continuous: low is {self.low!r}; with log=True it must be more than 0"
            )

    @property
    def values(self) -> None:
        """There are too many to name."""
        return None

    def holds(self, value: Any) -> bool:
        """Whether it may have a value."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and self.low <= value <= self.high


@dataclass(frozen=True)
class Choice:
    """One of some values, in no order: policies, words, tables.

    Parameters
    ----------
    values : sequence
        At least two, all different.

    Raises
    ------
    SimulationError
        If they are no sequence of at least two different values.

    Examples
    --------
    >>> Choice(["longest_wait", "round_robin"]).holds("round_robin")
    True
    """

    values: Sequence[Any]

    def __post_init__(self) -> None:
        if isinstance(self.values, str) or not isinstance(self.values, Sequence):
            raise SimulationError(f"Choice: values is {shown(self.values)}; it must be a list")
        values = tuple(self.values)
        if len(values) < 2 or any(one in values[:i] for i, one in enumerate(values)):
            raise SimulationError(
                f"Choice: values is {shown(self.values)}; it must be at least two different values"
            )
        object.__setattr__(self, "values", values)

    def holds(self, value: Any) -> bool:
        """Whether it may have a value."""
        return value in self.values


Parameter = Integer | Continuous | Choice
Values = dict[str, Any]  # of parameters, by name


def _in_order(what: str, low: float, high: float) -> None:
    if not low < high:
        raise SimulationError(f"{what}: low is {low!r}; it must be less than high, {high!r}")


def check_parameters(parameters: Any) -> dict[str, Parameter]:
    """Return parameters by name; SimulationError unless they are a mapping of some."""
    if not isinstance(parameters, Mapping) or not parameters:
        raise SimulationError(
            f"parameters is {shown(parameters)}; it must be a mapping from names to "
            "simcc.Integer, simcc.Continuous or simcc.Choice"
        )
    for name, one in parameters.items():
        if not isinstance(name, str) or not name:
            raise SimulationError(f"parameters: the name {shown(name)} must be text")
        if not isinstance(one, Parameter):
            raise SimulationError(
                f'parameters["{name}"] is {shown(one)}; it must be a simcc.Integer, '
                "simcc.Continuous or simcc.Choice"
            )
    return dict(parameters)


def check_values(values: Any, parameters: Mapping[str, Parameter], what: str) -> Values:
    """Return values of all parameters; SimulationError unless each has one that it may have."""
    if not isinstance(values, Mapping) or set(values) != set(parameters):
        names = ", ".join(parameters)
        raise SimulationError(
            f"{what} is {shown(values)}; it must be a mapping with a value for each of {names}"
        )
    for name, one in parameters.items():
        if not one.holds(values[name]):
            raise SimulationError(f'{what}["{name}"] is {shown(values[name])}; allowed: {one}')
    return {name: values[name] for name in parameters}


def how_many(parameters: Mapping[str, Parameter]) -> float:
    """Return the number of different values of all parameters together; infinite if continuous.

    >>> how_many({"a": Integer(1, 3), "b": Choice(["x", "y"])}), how_many({"c": Continuous(0, 1)})
    (6, inf)
    """
    counts = [math.inf if one.values is None else len(one.values) for one in parameters.values()]
    return math.prod(counts)


def every_one(parameters: Mapping[str, Parameter]) -> list[Values]:
    """Return all values of parameters that are finitely many."""
    lists = [one.values or () for one in parameters.values()]
    return [dict(zip(parameters, values, strict=True)) for values in product(*lists)]
