"""From what files write to the fields of a scenario: tables are read, kinds are filled in."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from simcc.errors import Problem
from simcc.model.files import columns
from simcc.model.files.intervals import Heads, Volumes
from simcc.model.files.roster import RosterTable
from simcc.model.files.table import Table, Tables
from simcc.model.files.times import Calendar
from simcc.model.horizon import Horizon
from simcc.model.laws import AnyLaw
from simcc.model.messages import UNREADABLE, place_of, shown, suggestion

ARRIVALS = 'a table such as { rate_per_hour = 60 } or { csv = "volumes.csv" }'
STAFF = 'agents = 12, agents = { csv = "heads.csv" }, roster = "roster.csv"'
OTHER_TALK = ("talk_time_by_group", "talk_time_by_interval", "talk_scale_by_interval")

_STAFF_FIELD = re.compile(r"(agent_groups\[.*\]\.staff)(?:\.\w+)?")
_LAW: TypeAdapter[Any] = TypeAdapter(AnyLaw)
_T = TypeVar("_T")
Place = tuple[int | str, ...]


class Shortcuts:
    """A scenario file with its shortcuts written out.

    What is wrong with a shortcut is reported to ``tables``; what it stands for is then
    ``UNREADABLE``, so that the scenario does not report it again. Everything else is left to the
    scenario's own checks.

    Parameters
    ----------
    raw : dict
        The file as it was parsed.
    tables : Tables
        Where tables come from and problems go.

    Attributes
    ----------
    data : dict
        What :meth:`simcc.model.Scenario.from_dict` takes.
    """

    def __init__(self, raw: dict[str, Any], tables: Tables) -> None:
        self._raw, self._tables = raw, tables
        self._calendar = _calendar(raw.get("horizon", {}))
        self._types = _names(raw.get("contact_types"))
        self._groups = _names(raw.get("agent_groups"))
        self._read: dict[tuple[Any, ...], Any] = {}
        self._written_as: dict[str, str] = {}
        self.data = dict(raw)
        self._each("contact_types", self._contact_type)
        self._each("bots", self._bot)
        self._each("agent_groups", self._agent_group)

    def as_written(self, problem: Problem) -> Problem:
        """The problem with its place as the file writes it."""
        found = _STAFF_FIELD.match(problem.place)
        for inside in (found[0], found[1]) if found else ():
            if inside in self._written_as:
                rest = problem.place[len(inside) :]
                return Problem(self._written_as[inside] + rest, problem.message)
        return problem

    def _each(self, field: str, resolve: Callable[[dict[str, Any], Place], dict[str, Any]]) -> None:
        found = self._raw.get(field)
        if isinstance(found, list):
            self.data[field] = [
                resolve(dict(one), (field, i)) if isinstance(one, dict) else one
                for i, one in enumerate(found)
            ]

    def _place(self, *steps: int | str) -> str:
        return place_of(steps, self._raw)

    def _once(self, table: Table, what: Callable[..., _T], *arguments: Any) -> _T:
        """What a table says, read once however many places name it."""
        key = (table.name, what, *arguments)
        if key not in self._read:
            self._read[key] = what(table, *arguments)
        found: _T = self._read[key]
        return found

    # Laws

    def _law(self, value: Any, where: Place) -> Any:
        """A law whose sample or survival curve is in a table, with the numbers in its place."""
        if not isinstance(value, dict):
            return value
        for field, read in (("sample", self._sample), ("survival", self._survival)):
            if field not in value or isinstance(value[field], list):
                continue
            rest = {name: one for name, one in value.items() if name != field}
            kind = rest.get("law", rest.get("kind", field))
            if kind != field:
                message = f"names the law {shown(kind)} and a {field}; must be one of them"
                self._tables.report(self._place(*where), message)
                return UNREADABLE
            fields = read(value[field], rest, where)
            kind_given = "kind" in rest or "law" in rest
            return {**rest, **fields, **({} if kind_given else {"law": field})}
        return value

    def _sample(self, name: Any, rest: dict[str, Any], where: Place) -> dict[str, Any]:
        table = self._tables.open(name, self._place(*where, "sample"))
        column = self._column(table, rest, where)
        values = None
        if table is not None and column is not None:
            values = self._once(table, columns.sample, column)
        return {"values": UNREADABLE if values is None else values}

    def _survival(self, name: Any, rest: dict[str, Any], where: Place) -> dict[str, Any]:
        table = self._tables.open(name, self._place(*where, "survival"))
        curve = None
        if table is not None and table.has_columns(["time", "survival"]):
            curve = self._once(table, columns.survival)
        times, levels = curve or (UNREADABLE, UNREADABLE)
        return {"times": times, "survival": levels}

    def _column(self, table: Table | None, rest: dict[str, Any], where: Place) -> str | None:
        """The column that the file names, taken out of ``rest``; None if it cannot be read."""
        has = f"; {table.name} has {', '.join(table.header[:20])}" if table else ""
        column = rest.pop("column", None)
        if column is None:
            message = f"is missing; must name the column of the table{has}"
            self._tables.report(self._place(*where, "column"), message)
        elif not isinstance(column, str):
            message = f"is {shown(column)}; must name the column of the table{has}"
            self._tables.report(self._place(*where, "column"), message)
        elif table is not None and table.has_columns([column], None):
            return column
        return None

    # Contact types

    def _contact_type(self, kind: dict[str, Any], where: Place) -> dict[str, Any]:
        for field in ("talk_time", "after_call_work", "patience"):
            if field in kind:
                kind[field] = self._law(kind[field], (*where, field))
        by_group = kind.get("talk_time_by_group")
        if isinstance(by_group, dict):
            kind["talk_time_by_group"] = {
                name: self._law(law, (*where, "talk_time_by_group", name))
                for name, law in by_group.items()
            }
        by_interval = kind.get("talk_time_by_interval")
        if isinstance(by_interval, list):
            kind["talk_time_by_interval"] = [
                self._law(law, (*where, "talk_time_by_interval", i))
                for i, law in enumerate(by_interval)
            ]
        if isinstance(kind.get("follow_ups"), list):
            kind["follow_ups"] = [
                {**one, "delay": self._law(one["delay"], (*where, "follow_ups", i, "delay"))}
                if isinstance(one, dict) and "delay" in one
                else one
                for i, one in enumerate(kind["follow_ups"])
            ]
        if isinstance(kind.get("turns"), dict):
            laws = ("work", "think_time", "patience")
            kind["turns"] = self._laws(kind["turns"], laws, (*where, "turns"))
        if "arrivals" in kind:
            kind["arrivals"] = self._arrivals(kind, (*where, "arrivals"))
        return kind

    def _arrivals(self, kind: dict[str, Any], where: Place) -> Any:
        arrivals = kind["arrivals"]
        if not isinstance(arrivals, dict):
            message = f"is {shown(arrivals)}; must be {ARRIVALS}"
            self._tables.report(self._place(*where), message)
            return UNREADABLE
        fields = dict(arrivals)
        if "csv" in fields:
            return self._volumes(kind, fields, where)
        if "times_csv" in fields:
            return self._trace(fields, where)
        if "kind" in fields:
            return fields
        if "rates_per_hour" in fields:
            has = "times" in fields, "phase_means" in fields
            return {"kind": "linear" if has[0] else "markov" if has[1] else "rates", **fields}
        if "rate_per_hour" in fields or "times" in fields:
            return {"kind": "poisson" if "rate_per_hour" in fields else "trace", **fields}
        known = ["csv", "rate_per_hour", "rates_per_hour", "times", "times_csv", "busyness", "kind"]
        for name in fields:
            if name not in known:
                message = f"is not a field here; {suggestion(name, known)}"
                self._tables.report(self._place(*where, name), message)
        if all(name in known for name in fields):
            self._tables.report(self._place(*where), f"says nothing of rates; must be {ARRIVALS}")
        return UNREADABLE

    def _volumes(self, kind: dict[str, Any], fields: dict[str, Any], where: Place) -> Any:
        """Rates by interval from a table; its AHTs go to the type as scales of talk times."""
        place, name, rates = self._place(*where, "csv"), kind.get("name"), None
        table = self._tables.open(fields.pop("csv"), place)
        self._refuse_beside("csv", fields, ("rates_per_hour", "edges"), where)
        if table is not None and table.has_columns(["interval", "type", "volume"], ["aht"]):
            volumes = self._once(table, Volumes, self._types, self._calendar)
            if isinstance(name, str):
                rates = volumes.rates_per_hour(name)
            if isinstance(name, str) and volumes.has_ahts(name):
                self._scale(kind, volumes, place)
        found = UNREADABLE if rates is None else rates
        return {"kind": "rates", "rates_per_hour": found, **fields}

    def _scale(self, kind: dict[str, Any], volumes: Volumes, place: str) -> None:
        """Scale a type's talk times so that talk and after-call work take the table's AHTs."""
        others = [name for name in OTHER_TALK if name in kind]
        if others or "talk_time" not in kind:
            message = "has a column aht, whose values scale talk_time: give talk_time alone"
            self._tables.report(place, f"{message}, or leave this type's cells of it empty")
            return
        talk, wrap = _mean(kind["talk_time"]), _mean(kind.get("after_call_work", 0))
        if talk == 0:
            self._tables.report(
                place, "has a column aht, but talk_time has mean 0: nothing to scale"
            )
        elif talk is not None and wrap is not None:
            scales = volumes.scales(kind["name"], talk, wrap)
            kind["talk_scale_by_interval"] = UNREADABLE if scales is None else scales

    def _trace(self, fields: dict[str, Any], where: Place) -> Any:
        table = self._tables.open(fields.pop("times_csv"), self._place(*where, "times_csv"))
        self._refuse_beside("times_csv", fields, ("times",), where)
        column, times = self._column(table, fields, where), None
        if table is not None and column is not None:
            times = self._once(table, columns.instants, column, self._calendar)
        return {"kind": "trace", "times": UNREADABLE if times is None else times, **fields}

    def _refuse_beside(
        self, name: str, fields: dict[str, Any], others: tuple[str, ...], where: Place
    ) -> None:
        """Take out fields that say again what a table says, and report them."""
        for other in others:
            if other in fields:
                message = f"is given beside {name}; must be one of them"
                self._tables.report(self._place(*where, other), message)
                del fields[other]

    # Bots and agent groups

    def _bot(self, bot: dict[str, Any], where: Place) -> dict[str, Any]:
        bot = self._bot_laws(bot, where)
        if isinstance(bot.get("by_type"), dict):
            bot["by_type"] = {
                name: self._bot_laws(own, (*where, "by_type", name))
                if isinstance(own, dict)
                else own
                for name, own in bot["by_type"].items()
            }
        return bot

    def _bot_laws(self, part: dict[str, Any], where: Place) -> dict[str, Any]:
        """The laws of a bot, or of what it has for one type."""
        return self._laws(part, ("session_time", "escalation_time", "latency"), where)

    def _laws(self, part: dict[str, Any], names: tuple[str, ...], where: Place) -> dict[str, Any]:
        """A part with the laws that it gives in these fields."""
        laws = [name for name in names if name in part]
        return {**part, **{name: self._law(part[name], (*where, name)) for name in laws}}

    def _agent_group(self, group: dict[str, Any], where: Place) -> dict[str, Any]:
        given = [field for field in ("agents", "roster", "staff") if field in group]
        if len(given) != 1:
            has = f"has {' and '.join(given)}" if given else "has no staff"
            self._tables.report(self._place(*where), f"{has}; must have one of {STAFF}")
            rest = {name: value for name, value in group.items() if name not in given}
            return {**rest, "staff": UNREADABLE}
        if given == ["staff"]:
            return group
        field, value = given[0], group.pop(given[0])
        place, staff = self._place(*where, field), self._place(*where, "staff")
        if field == "roster":
            self._written_as[staff] = place
            return {**group, "staff": self._roster(value, group, place)}
        if isinstance(value, dict):
            self._written_as[staff] = place
            return {**group, "staff": self._head_counts(value, group, where)}
        name, kind = ("counts", "head_counts") if isinstance(value, list) else ("agents", "fixed")
        self._written_as[f"{staff}.{name}"] = place
        return {**group, "staff": {"kind": kind, name: value}}

    def _head_counts(self, value: dict[str, Any], group: dict[str, Any], where: Place) -> Any:
        fields, where, counts = dict(value), (*where, "agents"), None
        if "csv" not in fields:
            return {"kind": "head_counts", **fields}
        table = self._tables.open(fields.pop("csv"), self._place(*where, "csv"))
        self._refuse_beside("csv", fields, ("counts", "edges"), where)
        if table is not None and table.has_columns(["interval", "group", "agents"]):
            heads = self._once(table, Heads, self._groups, self._calendar)
            if isinstance(group.get("name"), str):
                counts = heads.counts(group["name"])
        found = UNREADABLE if counts is None else counts
        return {"kind": "head_counts", "counts": found, **fields}

    def _roster(self, value: Any, group: dict[str, Any], place: str) -> Any:
        table = self._tables.open(value, place)
        needed = ["agent", "group", "start", "end"]
        if table is None or not table.has_columns(needed, ["breaks"]):
            return UNREADABLE
        roster = self._once(table, RosterTable, self._groups, self._calendar)
        name = group.get("name")
        shifts = roster.shifts(name) if isinstance(name, str) else None
        return UNREADABLE if shifts is None else {"kind": "roster", "shifts": shifts}


def _calendar(horizon: Any) -> Calendar | None:
    """The horizon's clock; None if the horizon has problems, which the scenario reports."""
    try:
        return Calendar(Horizon.model_validate(horizon))
    except ValidationError:
        return None


def _names(parts: Any) -> tuple[str, ...] | None:
    """Names of a list of parts; None if one cannot be told."""
    if not isinstance(parts, list) or not parts:
        return None
    names = [one.get("name") if isinstance(one, dict) else None for one in parts]
    known = tuple(name for name in names if isinstance(name, str))
    return known if len(known) == len(names) else None


def _mean(law: Any) -> float | None:
    """Mean (s) of what is written for a law; None if it has problems."""
    try:
        mean = float(_LAW.validate_python(law).mean())
    except ValidationError:
        return None
    return mean if math.isfinite(mean) else None
