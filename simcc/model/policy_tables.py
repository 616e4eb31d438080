"""Numbers of index policies by contact type, by group, and by pair of the two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from simcc.model.base import Amount, FrozenDict, Name, Number, Positive

EVERY_GROUP = "*"  # key of a number that holds for every group not named
ByGroup = Annotated[dict[Name, Number], AfterValidator(FrozenDict), PlainSerializer(dict)]
AmountByName = Annotated[dict[Name, Amount], AfterValidator(FrozenDict), PlainSerializer(dict)]
PositiveByName = Annotated[dict[Name, Positive], AfterValidator(FrozenDict), PlainSerializer(dict)]


def _same_for_all_groups(value: Any) -> Any:
    """A table by type in which a plain number stands for every group."""
    if not isinstance(value, Mapping):
        return value
    return {
        kind: one if isinstance(one, Mapping) else {EVERY_GROUP: one} for kind, one in value.items()
    }


ByPair = Annotated[
    dict[Name, ByGroup],
    BeforeValidator(_same_for_all_groups),
    AfterValidator(FrozenDict),
    PlainSerializer(dict),
]


def value_of_pair(
    table: Mapping[str, Mapping[str, float]], kind: str, group: str, default: float
) -> float:
    """Entry of a table by pair; the type's number for every group, or the default, otherwise.

    Examples
    --------
    >>> value_of_pair({"sales": {"*": 2.0, "experts": 3.0}}, "sales", "front", 1.0)
    2.0
    """
    row = table.get(kind, {})
    return row.get(group, row.get(EVERY_GROUP, default))


def is_callable(value: Any) -> Any:
    """A Python function as it is; anything else is refused."""
    if not callable(value):
        raise ValueError(
            "a policy of your own is made of Python functions; a scenario file cannot name one, "
            "only a policy that comes with the library, such as longest_wait"
        )
    return value


def function_name(function: Callable[..., Any]) -> str:
    """Name of a function, compiled or not, with its module."""
    plain = getattr(function, "py_func", function)
    return f"{plain.__module__}.{plain.__qualname__}"
