"""Rosters: one row per shift of an agent, with its breaks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from simcc.model.files.table import Table
from simcc.model.files.times import (
    CLOCK,
    SKIPPED,
    TWICE,
    Calendar,
    Time,
    TimeReader,
    read_time,
)

MOST_SHIFTS = 500_000  # after repeating clock times on every day
BREAKS = 'breaks such as "10:00-10:15;12:00-12:30", written as start and end are'

Span = tuple[Time, Time]


@dataclass(frozen=True)
class Row:
    """A row of a roster that could be read."""

    number: int
    agent: str
    group: str
    shift: Span
    breaks: tuple[Span, ...]


class RosterTable:
    """The shifts of the agent groups in a table.

    Clock times stand for every day of the horizon. Only what lies in the horizon is kept.

    Parameters
    ----------
    table : Table
        Columns ``agent``, ``group``, ``start``, ``end`` and, if there are any, ``breaks``.
    groups : iterable of str or None
        Names of the scenario's groups; None if they could not be read.
    calendar : Calendar or None
        None if the horizon could not be read; only the rows themselves are then checked.
    """

    def __init__(self, table: Table, groups: Iterable[str] | None, calendar: Calendar | None):
        self._table, self._calendar = table, calendar
        self._reader = TimeReader(table)
        self._groups = table.names("group", groups, "a group of the scenario")
        self._breaks: dict[str, tuple[Span, ...]] = {"": ()}
        self._rows = self._read_rows()
        self._of_group: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            self._of_group[row.group].append(row)
        self._check_agents()
        self._check_size()

    def _read_rows(self) -> list[Row]:
        table = self._table
        agents = table.names("agent", None, "an agent")
        starts, ends = table.cells("start"), table.cells("end")
        breaks = table.cells("breaks") if "breaks" in table.header else [""] * len(starts)
        rows = []
        for row, (agent, group) in enumerate(zip(agents, self._groups, strict=True)):
            start = self._time(row, "start", starts[row])
            end = self._time(row, "end", ends[row], is_end=True)
            spans = self._read_breaks(row, breaks[row])
            if start is None or end is None:
                continue
            if self._order(end) <= self._order(start):
                dates = "; a shift over midnight needs dates" if self._reader.style == CLOCK else ""
                table.report_cell(row, "end", f"later than the start, {starts[row]}{dates}")
            elif spans is not None:
                self._check_breaks(row, (start, end), spans)
                if agent is not None and group is not None:
                    rows.append(Row(row, agent, group, (start, end), spans))
        return rows

    def _time(self, row: int, column: str, text: str, is_end: bool = False) -> Time | None:
        value = self._reader.read(row, column, text, is_end)
        if isinstance(value, datetime) and self._calendar is not None:
            n = len(self._calendar.instants(value))
            if n != 1:
                self._table.report_cell(row, column, TWICE if n else SKIPPED)
                return None
        return value

    def _order(self, value: Time) -> float:
        """A number by which times of the table can be compared."""
        if not isinstance(value, datetime):
            return value
        if self._calendar is None:
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        return self._calendar.instants(value)[0]

    def _read_breaks(self, row: int, text: str) -> tuple[Span, ...] | None:
        if text in self._breaks:
            return self._breaks[text]
        spans = []
        for piece in text.split(";"):
            both = _two_times(piece.strip())
            if both is None:
                self._table.report_cell(row, "breaks", BREAKS)
                return None
            start = self._time(row, "breaks", both[0])
            end = self._time(row, "breaks", both[1], is_end=True)
            if start is None or end is None:
                return None
            spans.append((start, end))
        spans.sort(key=lambda span: self._order(span[0]))
        self._breaks[text] = tuple(spans)
        return self._breaks[text]

    def _check_breaks(self, row: int, shift: Span, breaks: tuple[Span, ...]) -> None:
        first, last = map(self._order, shift)
        before = first
        for start, end in (tuple(map(self._order, span)) for span in breaks):
            if end <= start:
                allowed = "breaks that end later than they start"
            elif start < first or end > last:
                allowed = f"breaks within the shift, {self._words(row)}"
            elif start < before:
                allowed = "breaks that do not overlap"
            else:
                before = end
                continue
            self._table.report_cell(row, "breaks", allowed)
            return

    def _words(self, row: int) -> str:
        at = [self._table.header.index(column) for column in ("start", "end")]
        return " to ".join(self._table.rows[row][k] for k in at)

    def _check_agents(self) -> None:
        """An agent is in one group, and in one shift at a time."""
        of_agent: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            of_agent[row.agent].append(row)
        lines = self._table.lines
        for agent, rows in of_agent.items():
            for row in rows[1:]:
                if row.group != rows[0].group:
                    message = f'"{rows[0].group}", the group of {agent} on line '
                    self._table.report_cell(
                        row.number, "group", f"{message}{lines[rows[0].number]}"
                    )
            in_order = sorted(rows, key=lambda row: self._order(row.shift[0]))
            latest = in_order[0]
            for row in in_order[1:]:
                if self._order(row.shift[0]) < self._order(latest.shift[1]):
                    first, second = sorted((row.number, latest.number))
                    message = f"overlaps the shift of {agent} on line {lines[first]}"
                    self._table.report(message, lines[second])
                latest = max(latest, row, key=lambda row: self._order(row.shift[1]))

    def _check_size(self) -> None:
        days = len(self._calendar.days) if self._calendar else 1
        n = len(self._rows) * (days if self._reader.style == CLOCK else 1)
        if n > MOST_SHIFTS:
            self._table.report(f"stands for {n} shifts in the horizon; at most {MOST_SHIFTS}")

    def shifts(self, group: str) -> list[dict[str, Any]] | None:
        """Shifts of a group, in seconds from the start; None, and reported, if there are none."""
        if group not in self._groups and None not in self._groups and self._table.whole:
            self._table.report(f'has no row of group "{group}"')
        if self._table.n_problems or self._calendar is None:
            return None
        found = [shift for row in self._of_group[group] for shift in self._in_horizon(row)]
        if not found:
            self._table.report(f'has no shift of group "{group}" within the horizon')
        return found or None

    def _in_horizon(self, row: Row) -> list[dict[str, Any]]:
        calendar = self._calendar
        assert calendar is not None
        times = [row.shift, *row.breaks]
        style = self._reader.style
        found = []
        for day in range(len(calendar.days) if style == CLOCK else 1):
            spans = [tuple(calendar.on_day(day, value, style) for value in span) for span in times]
            spans = [(max(start, 0.0), end) for start, end in spans]
            (start, end), breaks = spans[0], spans[1:]
            if start < end and start < calendar.length:
                kept = [span for span in breaks if span[0] < span[1]]
                found.append({"agent": row.agent, "start": start, "end": end, "breaks": kept})
        return found


def _two_times(text: str) -> tuple[str, str] | None:
    """The two times around a hyphen; dates have hyphens too."""
    if len(text) > 100:
        return None
    for hyphen in re.finditer("-", text):
        both = text[: hyphen.start()].strip(), text[hyphen.end() :].strip()
        if read_time(both[0]) and read_time(both[1], is_end=True):
            return both
    return None
