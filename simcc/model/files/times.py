"""Times in tables: clock times, local dates and times, or seconds, as instants of the horizon."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from simcc.model.base import LARGEST
from simcc.model.files.reading import number
from simcc.model.files.table import Table
from simcc.model.horizon import Horizon
from simcc.periods import DAY, in_words

CLOCK, LOCAL, SECONDS = "a clock time", "a local date and time", "seconds from the start"
EXAMPLES = {
    CLOCK: f"{CLOCK} such as 08:30",
    LOCAL: f"{LOCAL} such as 2024-03-04 08:30",
    SECONDS: SECONDS,
}
TWICE = "one moment: the clock shows it twice on that day, so add the offset from UTC (+01:00)"
SKIPPED = "a time that the clock shows: it is skipped on that day"
SAME = 1e-6  # seconds; instants closer than that are one

_CLOCK = re.compile(r"(\d\d?):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_LOCAL = re.compile(
    r"(?:19|20|21)\d\d-\d\d-\d\d"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)

Time = float | datetime  # seconds of the day or from the start, or a date and time


def read_time(text: str, is_end: bool = False) -> tuple[str, Time] | None:
    """Style and value of a time; None if it is none. ``24:00`` may end something.

    Examples
    --------
    >>> read_time("08:30"), read_time("900"), read_time("half past")
    (('a clock time', 30600.0), ('seconds from the start', 900.0), None)
    >>> read_time("2024-03-04 08:30")
    ('a local date and time', datetime.datetime(2024, 3, 4, 8, 30))
    """
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        clock = hours * 3600.0 + minutes * 60.0 + seconds
        return (CLOCK, clock) if clock < DAY or (is_end and clock == DAY) else None
    if _LOCAL.fullmatch(text):
        try:
            return LOCAL, datetime.fromisoformat(text)
        except ValueError:  # there is no such date
            return None
    value = number(text)
    return (SECONDS, value) if value is not None and 0 <= value <= LARGEST else None


class TimeReader:
    """Reads the times of one table, which are all written in one style."""

    def __init__(self, table: Table, styles: Sequence[str] = (CLOCK, LOCAL, SECONDS)) -> None:
        self.table = table
        self._styles = styles
        self._known: dict[tuple[str, bool], tuple[str, Time] | None] = {}
        self._first_row = 0
        self.style = ""

    def read(self, row: int, column: str, text: str, is_end: bool = False) -> Time | None:
        """The time; None if it is none, and reported as a problem of the cell."""
        key = (text, is_end)
        if key not in self._known:
            self._known[key] = read_time(text, is_end)
        found = self._known[key]
        if found is None or found[0] not in self._styles:
            *most, last = (EXAMPLES[style] for style in self._styles)
            self.table.report_cell(row, column, f"{', '.join(most)} or {last}")
            return None
        style, value = found
        if not self.style:
            self.style, self._first_row = style, row
        if style != self.style:
            first = self.table.lines[self._first_row]
            self.table.report_cell(row, column, f"{self.style}, as on line {first}")
            return None
        return value


class Calendar:
    """The clock of a horizon: from what tables write to seconds from the start, and back."""

    def __init__(self, horizon: Horizon) -> None:
        self._horizon = horizon
        self.length, self.interval = horizon.length, horizon.interval
        self.n_intervals = horizon.n_intervals
        self._zone = ZoneInfo(horizon.time_zone)
        self._instants: dict[datetime, list[float]] = {}
        self._of_clock: dict[float, list[float]] = {}

    def text(self, instant: float) -> str:
        """An instant as a person would write it; with its date if the horizon has several days."""
        local = self._horizon.local(instant)
        days = "%Y-%m-%d " if len(self.days) > 1 else ""
        return local.strftime(days + ("%H:%M:%S" if local.second else "%H:%M"))

    def several(self, instants: Sequence[float]) -> str:
        """The first few instants of a list, in words."""
        named = ", ".join(self.text(at) for at in instants[:5])
        left = len(instants) - 5
        return named + (f" and {left} more" if left > 0 else "")

    @cached_property
    def days(self) -> list[date]:
        """Dates on which the horizon has a moment."""
        first = self._horizon.local(0.0).date()
        last = self._horizon.local(self.length - SAME).date()
        return [first + timedelta(days=d) for d in range((last - first).days + 1)]

    def instants(self, value: datetime) -> list[float]:
        """Instants at which the clock shows a date and time: none, one, or two."""
        if value not in self._instants:
            self._instants[value] = self._find_instants(value)
        return self._instants[value]

    def _find_instants(self, value: datetime) -> list[float]:
        horizon = self._horizon
        if value.tzinfo is not None:
            return [horizon.instant(value.astimezone(self._zone).replace(tzinfo=None))]
        if not horizon.shows(value):
            return []
        return sorted({horizon.instant(value), horizon.instant(value.replace(fold=1))})

    def on_day(self, day: int, value: Time, style: str) -> float:
        """Instant of a time; if it is a clock time, on a day of the horizon, counted from 0.

        Of a clock time that a day has twice, the first; a time that the clock skips is the
        moment of the change.
        """
        if isinstance(value, datetime):
            return self.instants(value)[0]
        if style != CLOCK:
            return value
        if value not in self._of_clock:
            self._of_clock[value] = [self._clock_on(day, value) for day in self.days]
        return self._of_clock[value][day]

    def _clock_on(self, day: date, clock: float) -> float:
        local = datetime.combine(day, time()) + timedelta(seconds=clock)
        if self._horizon.shows(local):
            return self._horizon.instant(local)
        first = self._horizon.instant(local) - DAY

        def is_changed(second: int) -> bool:
            return self._horizon.local(first + second) > local

        return first + bisect_left(range(int(DAY)), True, key=is_changed)

    @cached_property
    def _intervals_of_clock(self) -> dict[float, list[int]]:
        found: dict[float, list[int]] = {}
        for k in range(self.n_intervals):
            local = self._horizon.local(k * self.interval)
            clock = (local - datetime.combine(local.date(), time())).total_seconds()
            found.setdefault(clock, []).append(k)
        return found

    @cached_property
    def _clocks(self) -> list[float]:
        """Clock times of the intervals' starts, with a neighbour beyond midnight at both ends."""
        clocks = sorted(self._intervals_of_clock)
        return [clocks[-1] - DAY, *clocks, clocks[0] + DAY]

    def intervals(self, style: str, value: Time) -> list[int]:
        """Intervals of the horizon that start then; none if that is outside the horizon.

        Raises
        ------
        ValueError
            If it is inside the horizon but not the start of an interval, or not one moment.
        """
        if style == CLOCK:
            assert isinstance(value, float)
            found = self._intervals_of_clock.get(value, [])
            at = bisect_left(self._clocks, value)
            if not found and min(value - self._clocks[at - 1], self._clocks[at] - value) < (
                self.interval - SAME
            ):
                raise ValueError(self._a_start())
            return found
        instants = self.instants(value) if isinstance(value, datetime) else [value]
        if not instants:
            raise ValueError(SKIPPED)
        inside = [at for at in instants if SAME - self.interval < at < self.length - SAME]
        if len(inside) > 1:
            raise ValueError(TWICE)
        nearest = [round(at / self.interval) for at in inside]
        if inside and abs(nearest[0] * self.interval - inside[0]) > SAME:
            raise ValueError(self._a_start())
        return nearest

    def _a_start(self) -> str:
        width = in_words(self.interval)
        return f"the start of an interval of the horizon: every {width} from {self.text(0.0)}"
