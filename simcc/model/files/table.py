"""CSV tables beside a scenario file: cells with their lines, and problems that name both."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from simcc.errors import Problem
from simcc.model.base import LARGEST
from simcc.model.files.reading import Unreadable, number, read_text
from simcc.model.messages import shown, suggestion

MOST_LINES = 2_000_000
MOST_COLUMNS = 1000
LONGEST_NAME = 500
MOST_PER_TABLE = 20  # problems listed; a wrong column would hide those of everything else

_DECIMAL_COMMA = re.compile(r"[+-]?[\d.]*\d,\d+")


class Table:
    """A CSV table: a header and rows of as many cells, without the blanks around them.

    Attributes
    ----------
    name : str
        As the scenario file writes it.
    header : list of str
    rows : list of list of str
        Those with the right number of cells.
    lines : list of int
        Line of each row in the file, from 1.
    whole : bool
        False if rows of the file are not among ``rows``.
    problems : list of Problem
        The first ones; ``n_problems`` counts all.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.header: list[str] = []
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        self.whole = True
        self._width = self._header_line = 0
        self.problems: list[Problem] = []
        self.n_problems = 0
        self._seen: set[Problem] = set()
        self._read(text)

    def _read(self, text: str) -> None:
        for line, content in enumerate(io.StringIO(text, newline=""), 1):
            if line > MOST_LINES:
                self.report(f"has more than {MOST_LINES:,} lines")
                return
            cells = self._split(content, line)
            if not any(cells):
                continue
            if not self.header:
                self.header, self._width, self._header_line = cells, len(cells), line
                if self._width > MOST_COLUMNS:
                    self.report(f"has more than {MOST_COLUMNS} columns", line)
                    return
            elif len(cells) == self._width:
                self.rows.append(cells)
                self.lines.append(line)
            else:
                self._report_width(len(cells), line)

    def _split(self, content: str, line: int) -> list[str]:
        """Cells of one line, so that a quote that is never closed is found where it is."""
        cells = content.split(",")
        if '"' in content:
            try:
                cells = next(csv.reader([content], strict=True))
            except csv.Error as error:
                open_quote = "unexpected end" in str(error)
                reason = "a quoted cell does not end on its line" if open_quote else error
                self.report(f"cannot be read as CSV: {reason}", line)
                self.whole = False
                return []
        return list(map(str.strip, cells))

    def _report_width(self, n: int, line: int) -> None:
        self.whole = False
        hint = "; decimals need a point, not a comma" if n > self._width else ""
        cells = "1 cell" if n == 1 else f"{n} cells"
        self.report(f"has {cells}, the header has {self._width}{hint}", line)

    def report(self, message: str, line: int | None = None, column: str | None = None) -> None:
        """Add a problem of the table, unless it is there already."""
        place = self.name
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column {column}"
        problem = Problem(place, message)
        if problem in self._seen:
            return
        self.n_problems += 1
        if self.n_problems <= MOST_PER_TABLE:
            self._seen.add(problem)
            self.problems.append(problem)

    def report_cell(self, row: int, column: str, allowed: str) -> None:
        """Say that a cell must be something else."""
        text = self.rows[row][self.header.index(column)]
        is_what = f"is {shown(text)}" if text else "is empty"
        self.report(f"{is_what}; must be {allowed}", self.lines[row], column)

    def has_columns(self, needed: Sequence[str], optional: Sequence[str] | None = ()) -> bool:
        """Whether the table can be used; if not, that is reported. ``optional=None``: any others.

        Unknown columns are refused, as a misspelt optional one would otherwise not count.
        """
        problems = list(self._wrong_header(needed, optional))
        if not problems and not self.rows and self.whole:
            problems = [("has no rows", None, None)]
        for message, line, column in problems:
            self.report(message, line, column)
        return not problems and bool(self.rows)

    def _wrong_header(
        self, needed: Sequence[str], optional: Sequence[str] | None
    ) -> Iterator[tuple[str, int | None, str | None]]:
        header, line = self.header, self._header_line
        known = [*needed, *(optional or ())]
        if not header:
            if self.whole:
                yield f"is empty; its first line must name {', '.join(known)}", None, None
            return
        if len(header) == 1 and len(known) > 1 and re.search("[;\t|]", header[0]):
            yield f"is {shown(header[0])}; columns must be separated by commas", line, None
            return
        for at, column in enumerate(header, 1):
            if not column:
                yield f"column {at} has no name", line, None
            elif column in header[: at - 1]:
                yield "is given twice", line, column
            elif optional is not None and column not in known:
                yield f"is not a column here; {suggestion(column, known)}", line, column
        for column in needed:
            if column not in header:
                has = ", ".join(map(shown, header[:20]))
                yield f"has no column {shown(column)}; its columns: {has}", line, None

    def cells(self, column: str) -> list[str]:
        """The cells of a column, one per row."""
        at = self.header.index(column)
        return [row[at] for row in self.rows]

    def numbers(
        self,
        column: str,
        unit: str,
        least: float = 0.0,
        most: float = LARGEST,
        whole: bool = False,
        may_be_empty: Sequence[bool] | None = None,
    ) -> list[float | None]:
        """Numbers of a column; None where a cell is none (reported) or may be empty and is."""
        found: list[float | None] = []
        for row, text in enumerate(self.cells(column)):
            value = number(text)
            if value is not None and (
                not least <= value <= most or (whole and value != int(value))
            ):
                value = None
            if value is None and (text or may_be_empty is None or not may_be_empty[row]):
                self.report_cell(row, column, _allowed(text, least, most, whole, unit))
            found.append(value)
        return found

    def names(self, column: str, known: Iterable[str] | None, what: str) -> list[str | None]:
        """Names of a column; None where one is not among the ``known`` ones (reported)."""
        names = None if known is None else dict.fromkeys(known)
        found: list[str | None] = []
        for row, text in enumerate(self.cells(column)):
            if names is None:
                good, hint = text.isprintable() and 1 <= len(text) <= 200, ""
            elif good := text in names:
                hint = ""
            else:
                listed = 0 < len(text) <= LONGEST_NAME and self.n_problems < MOST_PER_TABLE
                hint = f"; {suggestion(text, names)}" if listed else ""
            if not good:
                self.report_cell(row, column, f"the name of {what}{hint}")
            found.append(text if good else None)
        return found


def _allowed(text: str, least: float, most: float, whole: bool, unit: str) -> str:
    value = number(text)
    kind = "a whole number" if whole else "a number"
    above = value is not None and value > most
    limit = f"of at most {most:.10g}" if above else f"of at least {least:.10g}"
    if most == 1.0:
        limit = f"from {least:.10g} to 1"
    point = ", with a decimal point, not a comma" if _DECIMAL_COMMA.fullmatch(text) else ""
    return f"{kind} {limit}{point}" + (f" (unit: {unit})" if unit else "")


class Tables:
    """The tables in the folder of a scenario file, each read once; and what is wrong with them.

    Parameters
    ----------
    folder : Path
        Tables lie in it or below: a scenario that somebody sends reads nothing else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, Table | None] = {}
        self._problems: dict[Problem, None] = {}
        self._unreadable: list[Problem] = []

    def report(self, place: str, message: str) -> None:
        """Add a problem of the scenario file itself."""
        self._problems[Problem(place, message)] = None

    def open(self, name: Any, place: str) -> Table | None:
        """The table of that name; None, and reported, if it cannot be read."""
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
            self.report(place, f"is {shown(name)}; must be the name of a CSV file")
            return None
        if name not in self._tables:
            self._tables[name] = self._load(name, place)
        return self._tables[name]

    def _load(self, name: str, place: str) -> Table | None:
        try:
            if os.path.isabs(name) or not self._is_below(name):
                message = f"is {shown(name)}; must lie in the scenario's folder or below it"
                self.report(place, message)
                return None
            return Table(name, read_text(self._folder / name))
        except Unreadable as error:
            place = f"{name}, {error.place}" if error.place else name
            self._unreadable.append(Problem(place, error.message))
            return None

    def _is_below(self, name: str) -> bool:
        try:
            folder = os.path.realpath(self._folder)
            path = os.path.realpath(self._folder / name)
            return os.path.commonpath([folder, path]) == folder
        except (OSError, ValueError):  # not a possible name: reading it says so
            return True

    @property
    def problems_of_file(self) -> list[Problem]:
        """Problems of the scenario file itself."""
        return list(self._problems)

    @property
    def problems_of_tables(self) -> list[Problem]:
        """Problems in tables, one table after the other."""
        found = list(self._unreadable)
        for table in self._tables.values():
            if table is not None:
                found += table.problems
                if more := table.n_problems - len(table.problems):
                    found.append(Problem(table.name, f"has {more} more problems"))
        return found
