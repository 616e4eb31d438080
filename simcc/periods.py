"""Durations at the edge of the library: whatever a person writes becomes seconds."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from numbers import Real
from typing import Any

import numpy as np

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0

_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), HOUR),
    **dict.fromkeys(("d", "day", "days"), DAY),
    **dict.fromkeys(("w", "week", "weeks"), 7 * DAY),
}
_PIECE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([a-z]+)\s*")
_WRITE = 'write seconds as a number, or for example "90s", "3min", "1h30min"'


def seconds(value: Any) -> float:
    """Seconds of a duration.

    Parameters
    ----------
    value : number, str, timedelta, pandas.Timedelta or numpy.timedelta64
        A number is seconds. Text is numbers with units (ms, s, min, h, days, weeks).

    Returns
    -------
    float
        Seconds.

    Raises
    ------
    ValueError
        If it is none of these; the message names the value.

    Examples
    --------
    >>> seconds(90), seconds("3min"), seconds("1h30min"), seconds("2 days")
    (90.0, 180.0, 5400.0, 172800.0)
    >>> from datetime import timedelta
    >>> seconds(timedelta(minutes=2))
    120.0
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, timedelta):
        found = value.total_seconds()
    elif isinstance(value, np.timedelta64):
        found = float(value / np.timedelta64(1, "s"))
    elif isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
    else:
        raise ValueError(f"{_shown(value)} is not a duration; {_WRITE}")
    if not math.isfinite(found):
        raise ValueError(f"{_shown(value)} is not a finite duration; {_WRITE}")
    return found


def _of_text(text: str) -> float:
    at, total = 0, 0.0
    lower = text.lower()
    while at < len(lower):
        piece = _PIECE.match(lower, at)
        if piece is None or piece[2] not in _UNITS:
            raise ValueError(f"{_shown(text)} is not a duration; {_WRITE}")
        total += float(piece[1]) * _UNITS[piece[2]]
        at = piece.end()
    if at == 0 or not math.isfinite(total):
        raise ValueError(f"{_shown(text)} is not a duration; {_WRITE}")
    return total


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value[:60]}"'
    try:
        return repr(value)[:60]
    except ValueError:  # an integer too long to print
        return "a very long number"


def in_words(duration: float) -> str:
    """A duration in seconds as a person writes it.

    Examples
    --------
    >>> in_words(5400.0), in_words(90.0), in_words(0.5), in_words(172800.0)
    ('1h30min', '1min30s', '0.5s', '2d')
    """
    parts = []
    rest = duration
    for name, unit in (("d", DAY), ("h", HOUR), ("min", MINUTE)):
        if rest >= unit:
            n = int(rest // unit)
            parts.append(f"{n}{name}")
            rest -= n * unit
    if rest or not parts:
        parts.append(f"{rest:.10g}s")
    return "".join(parts)
