"""Checks of what a process passes to a running simulation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from simcc.errors import SimulationError
from simcc.model.base import LARGEST
from simcc.model.messages import suggestion
from simcc.periods import seconds


def index_of(parts: Sequence[Any], name: str, what: str) -> int:
    """Place of the part with a name; SimulationError if there is none."""
    names = [part.name for part in parts]
    if name not in names:
        raise SimulationError(f'there is no {what} "{name}"; {suggestion(str(name), names)}')
    return names.index(name)


def whole(value: int, what: str, least: int | None = None) -> int:
    """A whole number, not below ``least``; SimulationError otherwise."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or (least is not None and value < least):
        bound = "" if least is None else f" of at least {least}"
        raise SimulationError(f"{what} is {value!r}; it must be a whole number{bound}")
    return int(value)


def number(value: float, what: str, above: float = -math.inf, most: float = LARGEST) -> float:
    """A number of at least 0, more than ``above``, at most ``most``; else SimulationError."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not (is_number and 0 <= value <= most and value > above):
        least = f"more than {above:g}" if above >= 0 else "at least 0"
        raise SimulationError(
            f"{what} is {value!r}; it must be a number, {least} and at most {most:g}"
        )
    return float(value)


def duration(value: Any, name: str) -> float:
    """Seconds of a duration that is not negative; SimulationError otherwise."""
    try:
        found = seconds(value)
    except ValueError as error:
        raise SimulationError(f"{name}: {error}") from None
    if found < 0:
        raise SimulationError(f"{name} is {value!r}; it must be at least 0 (unit: seconds)")
    return found
