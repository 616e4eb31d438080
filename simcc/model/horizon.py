"""The simulated time: when it starts, how long it lasts, which part of it counts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from simcc.errors import Problem
from simcc.model.base import Duration, Part, PositiveDuration, Rule, Text
from simcc.model.messages import shown, suggestion
from simcc.periods import DAY, in_words

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 50 * 366 * DAY
MOST_INTERVALS = 1_000_000
SLIVER = 1e-9  # of an interval: what rounding leaves, not an interval of its own
_YEARS = (1900, 2200)  # time-zone rules are known there, and pandas can show the instants
_LOCAL = "a local date or date and time, such as 2024-03-04T08:00"


def local_time(value: Any) -> Any:
    """A local date and time without time zone from a date, a datetime or ISO text."""
    if isinstance(value, np.datetime64):
        value = value.item()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"is {shown(value)}; must be {_LOCAL}") from None
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime()
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise ValueError(f"is {shown(value)}; must be {_LOCAL}")
    if value.tzinfo is not None:
        raise ValueError(f"is {value.isoformat()}; must be local, the zone goes in time_zone")
    if not _YEARS[0] <= value.year <= _YEARS[1]:
        raise ValueError(f"is {value.isoformat()}; the year must be in {_YEARS[0]} to {_YEARS[1]}")
    return value.replace(fold=0)


def _zone_name(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception:  # of several kinds, by what the name would be as a path
        from zoneinfo import available_timezones

        hint = suggestion(name, sorted(available_timezones())) if name else "allowed: UTC, ..."
        if not hint.startswith("did"):
            hint = "must be an IANA name such as Europe/Amsterdam"
        raise ValueError(f"is {shown(name)}; no known time zone, {hint}") from None
    return name


def _few_intervals(horizon: Any) -> Iterator[Problem]:
    if horizon.length / horizon.interval > MOST_INTERVALS:
        message = f"is {in_words(horizon.interval)}, more than {MOST_INTERVALS:,} of them in length"
        yield Problem("interval", f"{message}; must be longer (unit: seconds)")


def _something_counts(horizon: Any) -> Iterator[Problem]:
    margins = horizon.warmup + horizon.cooldown
    if margins >= horizon.length:
        message = f"and cooldown are {in_words(margins)} together; must be less than length,"
        yield Problem("warmup", f"{message} which is {in_words(horizon.length)} (unit: seconds)")


def _start_exists(horizon: Any) -> Iterator[Problem]:
    if not _clock_shows(horizon.start, ZoneInfo(horizon.time_zone)):
        message = f"is {horizon.start.isoformat()}, which clocks in {horizon.time_zone} skip"
        yield Problem("start", f"{message}; must be a time that exists")


class Horizon(Part):
    """When the simulation starts, how long it lasts and which part of it counts.

    Arrivals fall in [0, ``length``); contacts count if they arrive in the ``window``. Instants are
    seconds elapsed since ``start``, so a day on which clocks change has 23 or 25 hours.

    Parameters
    ----------
    start : date, datetime or ISO text, default 2024-01-01
        Local date and time of second 0.
    time_zone : str, default "UTC"
        IANA name.
    length : duration, default 1 day
    interval : duration, default 30 min
        Of tables and reports; intervals begin at 0, the last one may be shorter.
    warmup, cooldown : duration, default 0
        Left out at both ends; an interval that they cut counts with what is left of it.
    after : {"drain", "stop"}, default "drain"
        After ``length``: finish all work, or end at once.

    Examples
    --------
    >>> horizon = Horizon(length="2h", warmup="30min")
    >>> horizon.window, horizon.edges
    ((1800.0, 7200.0), (1800.0, 3600.0, 5400.0, 7200.0))
    """

    start: Annotated[
        datetime,
        Field(strict=True),
        BeforeValidator(local_time),
        PlainSerializer(datetime.isoformat, return_type=str),
        WithJsonSchema({"type": "string", "format": "date-time"}),
    ] = datetime(2024, 1, 1)
    time_zone: Annotated[Text, AfterValidator(_zone_name)] = "UTC"
    length: Annotated[PositiveDuration, Field(le=LONGEST)] = DAY
    interval: PositiveDuration = 1800.0
    warmup: Duration = 0.0
    cooldown: Duration = 0.0
    after: Literal["drain", "stop"] = "drain"
    rules: ClassVar[tuple[Rule, ...]] = (
        _few_intervals,
        _something_counts,
        _start_exists,
    )

    @property
    def n_intervals(self) -> int:
        """Number of intervals of the whole horizon."""
        return max(1, math.ceil(self.length / self.interval - SLIVER))

    @property
    def window(self) -> tuple[float, float]:
        """Start and end of the part that counts, in seconds."""
        return self.warmup, self.length - self.cooldown

    @cached_property
    def all_edges(self) -> tuple[float, ...]:
        """Edges of all intervals, from 0 to ``length``, in seconds."""
        return (*(i * self.interval for i in range(self.n_intervals)), self.length)

    @cached_property
    def edges(self) -> tuple[float, ...]:
        """Edges of the intervals that count, in seconds."""
        first, last = self.window
        sliver = SLIVER * self.interval
        inside = (edge for edge in self.all_edges if first + sliver < edge < last - sliver)
        return (first, *inside, last)

    @cached_property
    def day_edges(self) -> tuple[float, ...]:
        """0, every later instant at which clocks show the time of ``start`` again, ``length``."""
        edges, days = [0.0], 1
        while (at := self.instant(self.start + timedelta(days=days))) < self.length:
            edges.append(at)
            days += 1
        return (*edges, self.length)

    def instant(self, local: datetime) -> float:
        """Seconds from the start at which local clocks show a date and time.

        Of a time that clocks show twice the first is meant. A time that they skip counts as if
        they had not been changed yet.

        Examples
        --------
        >>> spring = Horizon(start="2024-03-31", time_zone="Europe/Amsterdam")
        >>> spring.instant(datetime(2024, 3, 31, 12)) / 3600
        11.0
        """
        zone = ZoneInfo(self.time_zone)
        return (_utc(local, zone) - _utc(self.start, zone)).total_seconds()

    def local(self, instant: float) -> datetime:
        """Local date and time, without time zone, at an instant in seconds from the start.

        Examples
        --------
        >>> Horizon(start="2024-03-04T08:00").local(5400.0).isoformat()
        '2024-03-04T09:30:00'
        """
        zone = ZoneInfo(self.time_zone)
        found = _utc(self.start, zone) + timedelta(seconds=instant)
        return found.astimezone(zone).replace(tzinfo=None, fold=0)

    def shows(self, local: datetime) -> bool:
        """Whether clocks show this local date and time; they skip an hour in spring."""
        return _clock_shows(local, ZoneInfo(self.time_zone))

    def timestamps(self) -> pd.DatetimeIndex:
        """Starts of the intervals that count, with time zone."""
        import pandas as pd

        start = pd.Timestamp(_utc(self.start, ZoneInfo(self.time_zone)))
        instants = start + pd.to_timedelta(np.array(self.edges[:-1]), unit="s")
        return pd.DatetimeIndex(instants).tz_convert(self.time_zone)

    def times(self, instants: npt.ArrayLike) -> pd.DatetimeIndex:
        """Local times with time zone, to the microsecond, at instants in seconds from the start.

        Examples
        --------
        >>> Horizon(start="2024-03-04T08:00", time_zone="Europe/Amsterdam").times([1.5])[0]
        Timestamp('2024-03-04 08:00:01.500000+0100', tz='Europe/Amsterdam')
        """
        import pandas as pd

        return pd.DatetimeIndex(self._utc_times(instants), tz="UTC").tz_convert(self.time_zone)

    def iso_texts(self, instants: npt.ArrayLike) -> list[str]:
        """The same as ISO 8601 text; in UTC if the zone's offset was not in whole minutes.

        Examples
        --------
        >>> Horizon(start="2024-03-04T08:00", time_zone="Europe/Amsterdam").iso_texts([1.5])
        ['2024-03-04T08:00:01.500000+01:00']
        """
        utc = self._utc_times(instants)
        local = self.times(instants).tz_localize(None).to_numpy().astype("M8[us]")
        offsets, which = np.unique((local - utc).astype("m8[s]"), return_inverse=True)
        if (offsets % np.timedelta64(60, "s")).any():
            local, offsets, which = utc, np.zeros(1, "m8[s]"), np.zeros(len(utc), np.intp)
        ends = [_offset_text(seconds // 60) for seconds in offsets.astype(np.int64).tolist()]
        texts = np.datetime_as_string(local, unit="us").tolist()
        return [text + ends[i] for text, i in zip(texts, which.tolist(), strict=True)]

    def _utc_times(self, instants: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
        start = np.datetime64(_utc(self.start, ZoneInfo(self.time_zone)).replace(tzinfo=None), "us")
        return start + np.rint(np.asarray(instants, float) * 1e6).astype("m8[us]")


def _offset_text(minutes: int) -> str:
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def _clock_shows(local: datetime, zone: ZoneInfo) -> bool:
    return _utc(local, zone).astimezone(zone).replace(tzinfo=None, fold=0) == local
