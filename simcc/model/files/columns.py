"""Tables that are read column by column: samples, survival curves, arrival instants."""

from __future__ import annotations

from datetime import datetime

from simcc.model.files.table import Table
from simcc.model.files.times import LOCAL, SECONDS, SKIPPED, TWICE, Calendar, TimeReader


def sample(table: Table, column: str) -> list[float] | None:
    """Times (s) in a column; None, and reported, if some are wrong."""
    return _all(table.numbers(column, "seconds"))


def survival(table: Table) -> tuple[list[float], list[float]] | None:
    """Times (s) and levels of a survival curve; None, and reported, if some are wrong."""
    times = _all(table.numbers("time", "seconds"))
    levels = _all(table.numbers("survival", "a probability or share", most=1.0))
    before = table.n_problems
    if times and levels and times[0] == 0 and levels[0] != 1:
        table.report_cell(0, "survival", "1 at time 0; who does not wait at all is balking")
    for row in range(1, len(table.rows)):
        if times and times[row] <= times[row - 1]:
            allowed = f"more than the time before it, {times[row - 1]:.10g} (unit: seconds)"
            table.report_cell(row, "time", allowed)
        if levels and levels[row] > levels[row - 1]:
            allowed = f"at most the level before it, {levels[row - 1]:.10g}"
            table.report_cell(row, "survival", allowed)
    if times is None or levels is None or table.n_problems > before:
        return None
    return times, levels


def instants(table: Table, column: str, calendar: Calendar | None) -> list[float] | None:
    """Arrival instants (s from the start) in a column, sorted; None if some are wrong."""
    reader = TimeReader(table, (SECONDS, LOCAL))
    found: list[float | None] = []
    latest, line = 0.0, 0
    for row, text in enumerate(table.cells(column)):
        instant = _instant(reader, row, column, text, calendar)
        if instant is not None and calendar is not None and not 0 <= instant < calendar.length:
            end = calendar.text(calendar.length)
            allowed = f"in the horizon, from {calendar.text(0.0)} to before {end}"
            table.report_cell(row, column, allowed)
            instant = None
        if instant is not None and instant < latest:
            table.report_cell(row, column, f"in order of time: line {line} is later")
            instant = None
        if instant is not None:
            latest, line = instant, table.lines[row]
        found.append(instant)
    return _all(found) if calendar is not None else None


def _instant(
    reader: TimeReader, row: int, column: str, text: str, calendar: Calendar | None
) -> float | None:
    value = reader.read(row, column, text)
    if not isinstance(value, datetime):
        return value
    if calendar is None:
        return None
    moments = calendar.instants(value)
    if len(moments) != 1:
        reader.table.report_cell(row, column, TWICE if moments else SKIPPED)
        return None
    return moments[0]


def _all(values: list[float | None]) -> list[float] | None:
    kept = [value for value in values if value is not None]
    return kept if len(kept) == len(values) else None
