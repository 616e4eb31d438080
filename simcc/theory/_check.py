"""Argument checks shared by the formulas: each returns the clean value or says what is wrong."""

import math
import reprlib
from collections.abc import Callable
from operator import index
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


class Law(Protocol):
    """A law of a time in seconds that knows its survival function, as SciPy's frozen laws do."""

    def sf(self, times: Any, /) -> Any:
        """Return P(T > t) for an array of times in seconds, in an array of the same shape."""


def _refuse(name: str, value: object, unit: str, allowed: str) -> ValueError:
    shown = f"{reprlib.repr(value)} {unit}".rstrip()
    return ValueError(f"{name} is {shown}; it must be {allowed}")


def _number(name: str, value: Any, unit: str, allowed: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _refuse(name, value, unit, allowed) from None
    if math.isnan(number) or isinstance(value, str):
        raise _refuse(name, value, unit, allowed)
    return number


def finite(name: str, value: float, unit: str) -> float:
    """Return a finite number of any sign."""
    allowed = "a finite number"
    number = _number(name, value, unit, allowed)
    if math.isinf(number):
        raise _refuse(name, value, unit, allowed)
    return number


def positive(name: str, value: float, unit: str, *, allow_infinity: bool = False) -> float:
    """Return a number above 0, finite unless infinity has a meaning."""
    allowed = f"a number above 0 {unit}".rstrip()
    allowed += ", infinity included" if allow_infinity else " and finite"
    number = _number(name, value, unit, allowed)
    if number <= 0 or (math.isinf(number) and not allow_infinity):
        raise _refuse(name, value, unit, allowed)
    return number


def non_negative(name: str, value: float, unit: str) -> float:
    """Return a finite number of at least 0."""
    allowed = f"a finite number of at least 0 {unit}".rstrip()
    number = _number(name, value, unit, allowed)
    if number < 0 or math.isinf(number):
        raise _refuse(name, value, unit, allowed)
    return number


def fraction(name: str, value: float) -> float:
    """Return a number strictly between 0 and 1."""
    allowed = "a fraction strictly between 0 and 1"
    number = _number(name, value, "", allowed)
    if not 0 < number < 1:
        raise _refuse(name, value, "", allowed)
    return number


def whole(name: str, value: int, unit: str, *, least: int = 1) -> int:
    """Return a whole number of at least `least`."""
    allowed = f"a whole number of at least {least} {unit}"
    try:
        number = index(value)
    except TypeError:
        raise _refuse(name, value, unit, allowed) from None
    if isinstance(value, bool) or number < least:
        raise _refuse(name, value, unit, allowed)
    return number


def numbers(name: str, values: ArrayLike, unit: str) -> FloatArray:
    """Return an array of finite numbers, its shape kept."""
    allowed = "a sequence of finite numbers"
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise _refuse(name, values, unit, allowed) from None
    if not np.isfinite(array).all():
        raise _refuse(name, values, unit, allowed)
    return array


def edges(name: str, values: ArrayLike) -> FloatArray:
    """Return interval edges: at least two strictly increasing instants in seconds."""
    array = numbers(name, values, "s")
    if array.ndim != 1 or array.size < 2 or (np.diff(array) <= 0).any():
        raise _refuse(name, values, "s", "at least two instants in strictly increasing order")
    return array


def rates(name: str, values: ArrayLike, n_intervals: int) -> FloatArray:
    """Return one rate per hour, at least 0, for each interval."""
    array = numbers(name, values, "per hour")
    if array.shape != (n_intervals,) or (array < 0).any():
        allowed = f"{n_intervals} rates of at least 0 per hour, one for each interval"
        raise _refuse(name, values, "per hour", allowed)
    return array


def survival(name: str, law: Law) -> Callable[[FloatArray], FloatArray]:
    """Return `law.sf` wrapped so that anything but probabilities is refused."""
    sf = getattr(law, "sf", None)
    if not callable(sf):
        allowed = "a law with a method sf(t), the probability of exceeding t seconds"
        raise _refuse(name, law, "", allowed)

    def checked(times: FloatArray) -> FloatArray:
        values = np.asarray(sf(times), dtype=np.float64)
        if values.shape != times.shape:
            shapes = f"{values.shape} for times of shape {times.shape}"
            raise ValueError(f"{name}.sf gave shape {shapes}; it must keep the shape")
        # Written so that NaN fails too.
        wrong = ~((values >= 0) & (values <= 1))
        if wrong.any():
            bad = (float(values[wrong][0]), float(times[wrong][0]))
            raise ValueError(
                f"{name}.sf is {bad[0]!r} at {bad[1]!r} s; it must be a probability in [0, 1]"
            )
        return values

    return checked
