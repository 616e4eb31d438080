"""Tables with one row per interval: volumes of contact types, head counts of agent groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simcc.model.base import LARGEST, MOST_AGENTS
from simcc.model.files.table import Table
from simcc.model.files.times import Calendar, TimeReader
from simcc.periods import HOUR, in_words

LARGEST_RATE = 1e9  # per hour; what a rate of a scenario may be


class ByInterval:
    """Rows of a table by name and interval of the horizon.

    Rows outside the horizon are left out: a table may cover a month, and a scenario a day of it.

    Parameters
    ----------
    table : Table
        With the columns ``interval`` and ``key``.
    key : str
        ``"type"`` or ``"group"``.
    known : iterable of str or None
        Names that the key may have; None if they could not be read.
    calendar : Calendar or None
        None if the horizon could not be read; only single cells are then checked.
    """

    def __init__(
        self, table: Table, key: str, known: Iterable[str] | None, calendar: Calendar | None
    ) -> None:
        self._table, self._key, self._calendar = table, key, calendar
        self._rows: dict[str, dict[Any, int]] = {}
        self._unsure: set[str | None] = set() if table.whole else {None}
        what = "a contact type of the scenario" if key == "type" else "a group of the scenario"
        self.names = table.names(key, known, what)
        self._place_rows()

    def _place_rows(self) -> None:
        reader = TimeReader(self._table)
        for row, text in enumerate(self._table.cells("interval")):
            name = self.names[row]
            value = reader.read(row, "interval", text)
            places: list[Any] | None = None if value is None else [value]
            if value is not None and self._calendar is not None:
                try:
                    places = self._calendar.intervals(reader.style, value)
                except ValueError as error:
                    self._table.report_cell(row, "interval", str(error))
                    places = None
            if name is None or places is None:
                self._unsure.add(name)
                continue
            rows = self._rows.setdefault(name, {})
            for place in places:
                if rows.setdefault(place, row) != row:
                    first = self._table.lines[rows[place]]
                    message = f'repeats {text} of {self._key} "{name}", which is on line {first}'
                    self._table.report(message, self._table.lines[row])

    def rows_of(self, name: str) -> list[int]:
        """Row of each interval of the horizon; if some have none, that is reported."""
        if name not in self.names:
            if None not in self.names and self._table.whole:
                self._table.report(f'has no row of {self._key} "{name}"')
            return []
        if self._calendar is None:
            return []
        rows = self._rows.get(name, {})
        n = self._calendar.n_intervals
        if len(rows) == n:
            return [rows[k] for k in range(n)]
        if self._unsure.isdisjoint((name, None)):
            width = self._calendar.interval
            missing = self._calendar.several([k * width for k in range(n) if k not in rows])
            message = (
                f'has no row of {self._key} "{name}" for {missing}; '
                f"must have one for each interval of {in_words(width)}"
            )
            self._table.report(message)
        return []


class Volumes:
    """Volumes, and if there is such a column AHTs, of the contact types in a table."""

    def __init__(self, table: Table, types: Iterable[str] | None, calendar: Calendar | None):
        most = LARGEST_RATE * calendar.interval / HOUR if calendar else LARGEST
        self._interval = calendar.interval if calendar else HOUR
        self._table = table
        self._volumes = table.numbers("volume", "contacts", most=most)
        self._by_interval = ByInterval(table, "type", types, calendar)
        self._with_aht: set[str | None] = set()
        self._ahts = self._read_ahts() if "aht" in table.header else [None] * len(table.rows)

    def _read_ahts(self) -> list[float | None]:
        """A type has AHTs at all intervals or at none; where nobody is expected they may lack."""
        table, names = self._table, self._by_interval.names
        self._with_aht |= {
            name for name, text in zip(names, table.cells("aht"), strict=True) if text
        }
        empty = [
            volume == 0 or name not in self._with_aht
            for name, volume in zip(names, self._volumes, strict=True)
        ]
        ahts = table.numbers("aht", "seconds", may_be_empty=empty)
        for row, aht in enumerate(ahts):
            if aht == 0 and not empty[row]:
                table.report_cell(row, "aht", "a number of more than 0 (unit: seconds)")
        return ahts

    def rates_per_hour(self, name: str) -> list[float] | None:
        """Rates of a type by interval; None, and reported, if the table does not have them."""
        volumes = [self._volumes[row] for row in self._by_interval.rows_of(name)]
        rates = [volume * HOUR / self._interval for volume in volumes if volume is not None]
        return rates if rates and len(rates) == len(volumes) else None

    def has_ahts(self, name: str) -> bool:
        """Whether the table has AHTs for a type."""
        return name in self._with_aht

    def scales(self, name: str, talk: float, wrap: float) -> list[float] | None:
        """Factors on talk times by interval, for means of talk and after-call work (s).

        With them, talk and after-call work together take the interval's AHT on average. None,
        and reported, if an AHT is wrong.
        """
        rows = self._by_interval.rows_of(name)
        for row in rows:
            if 0 < (self._ahts[row] or 0.0) <= wrap:
                allowed = f"more than {wrap:.10g}, the mean of after_call_work (unit: seconds)"
                self._table.report_cell(row, "aht", allowed)
        ahts = [self._ahts[row] or talk + wrap for row in rows]
        factors = [(aht - wrap) / talk for aht in ahts if aht > wrap]
        return factors if factors and len(factors) == len(rows) else None


class Heads:
    """Head counts of the agent groups in a table."""

    def __init__(self, table: Table, groups: Iterable[str] | None, calendar: Calendar | None):
        self._agents = table.numbers("agents", "agents", most=MOST_AGENTS, whole=True)
        self._by_interval = ByInterval(table, "group", groups, calendar)

    def counts(self, name: str) -> list[int] | None:
        """Head counts of a group by interval; None, and reported, if it does not have them."""
        agents = [self._agents[row] for row in self._by_interval.rows_of(name)]
        counts = [int(n) for n in agents if n is not None]
        return counts if counts and len(counts) == len(agents) else None
