"""The changing state of one replication: arrays in Python's hands, records in the kernel's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.buffers import Take, fresh
from simcc.engine import records
from simcc.engine.arrays import Arrays
from simcc.engine.at_start import OF_COLLEAGUES, OF_ISSUE, OF_SPELLS, OF_TURNS, ROWS, SPARE
from simcc.engine.calling import CALL_ROW, CALL_TIME
from simcc.engine.interrupting import CUT_ROW, CUT_TIME
from simcc.engine.records import (
    LIST_OPENS,
    N_CALLBACKS,
    N_CALLS,
    N_CONTACTS,
    N_CUTS,
    N_HELD_ENDS,
    N_ON_HOLD,
    N_QUIT,
    N_RETURNS,
    N_ROWS,
    N_STEPS,
    N_TIMER,
    N_WAITING,
    N_WORKLOAD,
    NEXT_ARRIVAL,
    NO_ROOM,
    OFF,
    SUBMITTED,
    TIMERS_KEPT,
)
from simcc.engine.setup import Setup
from simcc.errors import SimulationError
from simcc.log import (
    AGENT_SCHEMA,
    CALLBACK_SCHEMA,
    CONTACT_SCHEMA,
    INTERRUPTION_SCHEMA,
    AgentLog,
    CallbackLog,
    ContactLog,
    InterruptionLog,
    Outcome,
)
from simcc.workload import Workload

_NOT_LOGGED = ("contact_type", "queue_type", "record", "call")  # these belong to the workload
_IN_LINE = (Outcome.IN_BOT, Outcome.WAITING, Outcome.CALLBACK_ASKED, Outcome.ON_HOLD)
_BLANK = [
    name
    for name in records.LOG
    if name not in ("arrived_at", "outcome", "bot")
    and name not in (*OF_ISSUE, *OF_SPELLS, *OF_TURNS, *OF_COLLEAGUES)
]
TALK = ("talk", "talk_next", "talk_previous")
HOLDER = ("n_held", "n_active", "used", "since", "next_end", "next_key", "next_quits")
SLOTS = ("slot_key", "slot_left", "slot_rest", "slot_pause", "slot_until")
MOST_FOLLOWING = 1_000_000  # contacts, and 100 times those of the workload
MOST_STEPS = 10_000  # contacts that follow one another in one issue
MOST_UNIFORMS = 1 << 28  # of contacts that follow, 2 GB; or those of FEW_STEPS, if that is more
FEW_STEPS = 20
_ENDLESS = (
    "follow-ups and transfers do not come to an end; make their probabilities smaller or their "
    "delays longer, or give follow-ups an at_most"
)
_UNINTERRUPTED = InterruptionLog.empty()
DrawStep = Callable[[int, NDArray[np.float64]], None]


class State:
    """Everything that changes during one replication.

    Parameters
    ----------
    setup : Setup
    workload : Workload
    take : callable
        Gives the memory, see :mod:`simcc.buffers`.
    draw_step : callable, optional
        Writes the uniforms of contacts that follow others, by step.

    Attributes
    ----------
    work, log, queues, agents : Arrays
        See :mod:`simcc.engine.records`.
    """

    def __init__(
        self,
        setup: Setup,
        workload: Workload,
        take: Take = fresh,
        draw_step: DrawStep | None = None,
    ) -> None:
        self._setup = setup
        self._workload, self._draw_step = workload, draw_step
        self.n_workload = n = len(workload)
        self.n_arriving = n - workload.n_calls
        self.work = _work(workload, setup)
        self.log = _log(workload, setup, take)
        self.queues = _queues(setup, n, self.log)
        if setup.workload.has_follow_ups:
            self.queues.count[NO_ROOM] = 1
            self._lengthen_contacts(n + n // 8 + SPARE)
            self.log.issue[:n] = np.arange(n)
            self.log.attempt[:n] = self.log.leg[:n] = 1
        if setup.workload.has_lists:
            self._prepare_lists()
        if setup.workload.has_hand_overs:
            self.log.bot[:n] = setup.arrays["bot_of"][workload.contact_type]
        self.agents = _agents(setup, workload.leave_luck)

    def _prepare_lists(self) -> None:
        """Where the rows of each list are, and when lists open."""
        queues, first = self.queues, self.n_arriving
        for k, kind in enumerate(self._setup.scenario.contact_types):
            if kind.outbound is not None:
                size = kind.outbound.records
                queues.list_next[k], queues.list_end[k] = first, first + size
                queues.list_last[k] = first + size * (kind.outbound.attempts - 1)
                first += size * kind.outbound.attempts
        opens = self._setup.list_opens
        queues.count[N_TIMER] = len(opens)
        self._make_room_for_timers()
        queues.timer_times[: len(opens)] = [at for at, _ in opens]
        queues.timer_keys[: len(opens)] = [LIST_OPENS + k for _, k in opens]

    @property
    def records(self) -> tuple[Any, ...]:
        """The arguments that every function of the kernel begins with."""
        return (
            self._setup.center,
            self.work.record,
            self.log.record,
            self.queues.record,
            self.agents.record,
        )

    @property
    def n_contacts(self) -> int:
        """Number of contacts so far, those of the workload that are still to come included."""
        return int(self.queues.count[N_CONTACTS])

    def make_room(self) -> None:
        """Give the kernel more of what it has little of left: clocks, contacts or uniforms."""
        if self.queues.count[NO_ROOM]:
            self._make_room_behind()
        else:
            self.queues.grow_heap("quit")
            self.queues.grow_heap("timer")

    def _make_room_behind(self) -> None:
        """Room for what the kernel has added last: ends in slots, contacts that follow others."""
        if self.queues.count[N_HELD_ENDS] + 3 > len(self.agents.held_times):
            self.agents.grow_heap("held")
        rows = len(self.agents.cut_times) // CUT_TIME
        if self.queues.count[N_CUTS] + 2 > rows:
            self.agents.lengthen(["cut_rows"], 2 * CUT_ROW * rows)
            self.agents.lengthen(["cut_times"], 2 * CUT_TIME * rows)
        calls = len(self.queues.call_times) // CALL_TIME
        if self.queues.count[N_CALLS] + 1 >= calls:
            self.queues.lengthen(["call_rows"], 2 * CALL_ROW * calls)
            self.queues.lengthen(["call_times"], 2 * CALL_TIME * calls)
        self._make_room_for_timers()
        if self._setup.workload.has_follow_ups:
            self._make_room_to_follow()
        self.queues.count[NO_ROOM] = 0

    def _make_room_to_follow(self) -> None:
        """Room for contacts that follow others, and the uniforms of one more step."""
        count = self.queues.count
        if self.n_contacts > MOST_FOLLOWING + 100 * self.n_workload:
            raise SimulationError(
                f"{self.n_contacts:,} contacts came of {self.n_workload:,}: {_ENDLESS}"
            )
        if self.n_contacts + 3 > len(self.log.outcome):
            self._lengthen_contacts(self.n_contacts + self.n_contacts // 2)
        if count[N_RETURNS] + 3 > len(self.queues.return_times):
            self.queues.grow_heap("return")
        if not count[N_STEPS] or self.work.step[: self.n_contacts].max() >= count[N_STEPS]:
            count[N_STEPS] += 1
            self._add_step(int(count[N_STEPS]))

    def _add_step(self, step: int) -> None:
        """Draw the uniforms of one more step; room for many steps is made at once."""
        n_attributes = len(self._setup.workload.attributes)
        used = (step - 1) * n_attributes * self.n_workload
        end = step * n_attributes * self.n_workload
        if step > MOST_STEPS or (step > FEW_STEPS and end > MOST_UNIFORMS):
            raise SimulationError(
                f"{step:,} contacts in a row have followed one of {self.n_workload:,}: {_ENDLESS}"
            )
        if end > len(self.work.uniforms):
            room = end if step == 1 else max(end, min(2 * end, MOST_UNIFORMS))
            longer = fresh("uniforms", room, zero=True)
            longer[:used] = self.work.uniforms[:used]
            self.work.replace(uniforms=longer)
        assert self._draw_step is not None
        self._draw_step(step, self.work.uniforms[used:end].reshape(n_attributes, -1))

    def _lengthen_contacts(self, size: int) -> None:
        """Give all that is kept by contact ``size`` entries."""
        without = self._setup.absent | {"uniforms"}
        sorted_arrivals = {"arrived_at"}
        work = [f for f in records.WORK if f not in without | sorted_arrivals]
        self.work.lengthen(work, size)
        self.log.lengthen([f for f in records.LOG if f not in without], size)
        self.queues.replace(next=self.log.agent, previous=self.log.group)

    def reserve_clocks(self, sessions: int = 0) -> None:
        """Make sure that one more contact, and a number of bot sessions, can start their clocks."""
        queues = self.queues
        while queues.count[N_QUIT] >= len(queues.quit_times) - 2:
            queues.grow_heap("quit")
        self._make_room_for_timers(sessions)
        if queues.count[NO_ROOM]:
            self._make_room_behind()

    def _make_room_for_timers(self, sessions: int = 0) -> None:
        """Room for the timers of one event, see ``timer_room``, and of more bot sessions."""
        needed = (
            int(self.queues.count[N_TIMER]) + sessions + self._setup.arrays["limits"][TIMERS_KEPT]
        )
        while len(self.queues.timer_times) <= needed:
            self.queues.grow_heap("timer")

    def reserve_rows(self, rows: int) -> None:
        """Make sure that the agent log has room for more rows, each perhaps with one to follow."""
        n_agents = len(self.agents.group)
        used = int(self.queues.count[N_ROWS])
        needed = used + self._setup.control.most_rows + 2 * (rows + n_agents)
        if len(self.agents.row_at) < needed:
            self.agents.lengthen(ROWS, 2 * needed)

    def add_agents(self, group: int, number: int) -> None:
        """Add agents, off duty, at the end."""
        n = len(self.agents.group)
        fields = ["group", "target", "due", "counted", "idle_since", "next", "previous"]
        self.agents.lengthen([*fields, *HOLDER, *TALK], n + number)
        slots = len(self.agents.slot_key) // n if n else self._setup.arrays["pace"].shape[1]
        self.agents.lengthen(SLOTS, slots * (n + number))
        self.agents.lengthen(["done_times", "done_keys"], n + number + 2)
        new = slice(n, n + number)
        self.agents.group[new] = self.agents.target[new] = group
        self.agents.due[new] = OFF
        self.agents.counted[new] = 1
        self.agents.next[new] = self.agents.previous[new] = self.agents.talk[new] = -1

    def add_contact(self, at: float, values: dict[str, Any]) -> int:
        """Add a contact that the workload does not have; its number."""
        c = self.n_contacts
        self.queues.count[N_CONTACTS] += 1
        if c + 3 > len(self.log.outcome):
            self._lengthen_contacts(2 * c + 16)
        self.log.arrived_at[c] = at
        if len(self.log.issue):
            self.log.issue[c] = c
            self.log.attempt[c] = self.log.leg[c] = 1
            self.work.step[c] = SUBMITTED
            self.work.talk_factor[c] = 1.0
        if len(self.work.asked_by):
            self.work.asked_by[c] = -1
        if len(self.log.bot):
            self.log.bot[c] = self._setup.arrays["bot_of"][values["contact_type"]]
        for name, value in values.items():
            getattr(self.work, name)[c] = value
        return c

    def contact_log(self, ended_at: float) -> ContactLog:
        """The log of the contacts so far."""
        n = self.n_contacts
        columns = {
            column.name: getattr(self.log, column.name)
            for column in CONTACT_SCHEMA
            if column.name not in _NOT_LOGGED
        }
        columns["contact_type"] = self.work.contact_type
        columns["queue_type"] = self.work.queue_type
        if self._setup.workload.has_lists:
            columns |= {name: self._call_column(name, n) for name in ("record", "call")}
        cut = {name: array[:n] for name, array in columns.items()}
        if self.queues.count[NEXT_ARRIVAL] < self.n_workload or self.queues.count[N_RETURNS]:
            _blank(cut, _BLANK, cut["outcome"] == Outcome.NOT_ARRIVED)
        if self.queues.count[N_WAITING]:
            _blank(cut, ("answered_at", "left_at", "freed_at"), cut["outcome"] == Outcome.WAITING)
        count = self.queues.count
        in_lines = any(count[of] for of in (N_WAITING, N_CALLBACKS, N_ON_HOLD))
        if in_lines or (self.queues.bot_head >= 0).any():
            _blank(cut, ("agent", "group"), np.isin(cut["outcome"], _IN_LINE))
        interruptions = self._interruption_log()
        if interruptions.n:
            _name_last(cut, interruptions)
        calls = self._callback_log()
        return ContactLog(**cut, ended_at=ended_at, cut=interruptions, callbacks=calls)

    def _call_column(self, name: str, n: int) -> NDArray[np.int32]:
        """What the log says of outbound calls, of all contacts so far."""
        column: NDArray[np.int32] = getattr(self._workload, name)
        none = -1 if name == "record" else 0
        return np.append(column, np.full(n - len(column), none, np.int32))

    def _callback_log(self) -> CallbackLog:
        n = int(self.queues.count[N_CALLS])
        numbers = self.queues.call_rows[: CALL_ROW * n].reshape(n, CALL_ROW).T
        instants = self.queues.call_times[: CALL_TIME * n].reshape(n, CALL_TIME).T
        names = [column.name for column in CALLBACK_SCHEMA]
        columns = zip(names, [*numbers, *instants], strict=True)
        return CallbackLog(**{name: array.copy() for name, array in columns})

    def _interruption_log(self) -> InterruptionLog:
        n = int(self.queues.count[N_CUTS])
        if n == 0:
            return _UNINTERRUPTED
        numbers = self.agents.cut_rows[: CUT_ROW * n].reshape(n, CUT_ROW).T
        instants = self.agents.cut_times[: CUT_TIME * n].reshape(n, CUT_TIME).T
        columns = [*numbers[:3], *instants, *numbers[3:]]
        names = [column.name for column in INTERRUPTION_SCHEMA]
        return InterruptionLog(**dict(zip(names, columns, strict=True)))

    def agent_log(self) -> AgentLog:
        """The log of the agents so far."""
        n = int(self.queues.count[N_ROWS])
        columns = {
            column.name: getattr(self.agents, field)[:n]
            for field, column in zip(ROWS, AGENT_SCHEMA, strict=True)
        }
        return AgentLog(**columns)


def _blank(columns: dict[str, NDArray[Any]], names: Iterable[str], rows: NDArray[np.bool_]) -> None:
    """Mark in some columns of a log that nothing has happened to some of its contacts yet."""
    for name in names:
        if len(columns[name]):
            columns[name] = columns[name].copy()
            columns[name][rows] = np.nan if columns[name].dtype.kind == "f" else -1


def _name_last(columns: dict[str, NDArray[Any]], cut: InterruptionLog) -> None:
    """Contacts set aside name the agent who served them last."""
    waiting = columns["outcome"][cut.contact] == Outcome.INTERRUPTED
    for name in ("agent", "group"):
        columns[name][cut.contact[waiting]] = getattr(cut, name)[waiting]


def _work(workload: Workload, setup: Setup) -> Arrays:
    own = (
        *("step", "uniforms", "talk_factor", "work_left", "bot_fate", "talk_left"),
        *("asked_by", "briefing_time", "due_at", "calls_made"),
    )
    arrays = {name: getattr(workload, name) for name in records.WORK if name not in own}
    arrays["arrived_at"] = workload.ended_arrivals
    size = len(workload.transfer_luck)
    arrays |= {"step": np.zeros(size, np.int32), "talk_factor": np.ones(size)}
    arrays["uniforms"] = np.empty(0)
    arrays["work_left"] = np.empty(len(workload) if setup.workload.has_interruptions else 0)
    arrays["talk_left"] = np.empty(len(workload.turn_luck))
    arrays["asked_by"] = np.full(len(workload.consult_luck), -1)
    arrays["briefing_time"] = np.zeros(len(workload.consult_luck))
    arrays["due_at"] = np.empty(len(workload.calls_luck))
    arrays["calls_made"] = np.zeros(len(workload.calls_luck), np.int64)
    arrays["bot_fate"] = np.zeros(len(workload.bot_luck), np.int8)
    return Arrays(records.Work, records.WORK, arrays)


def _log(workload: Workload, setup: Setup, take: Take) -> Arrays:
    n, absent = len(workload), setup.absent
    kinds = {column.name: column.dtype for column in CONTACT_SCHEMA}
    zero = (*OF_ISSUE, "interruptions", *OF_TURNS)
    same = {}  # columns that hold the same as another: one array serves as both
    if not (setup.scenario.bots or setup.workload.has_holds):  # a contact is offered as it arrives
        same["offered_at"] = "arrived_at"
    if len(setup.scenario.contact_types) == 1:
        same["n_ahead_all"] = "n_ahead"
    arrays = {
        name: take(name, 0 if name in absent else n, kinds[name], zero=name in zero)
        for name in records.LOG
        if name != "arrived_at" and name not in same
    }
    for name in ("resumed_at", *OF_COLLEAGUES):
        arrays[name].fill(np.nan)
    arrays["arrived_at"] = workload.arrived_at
    if workload.n_calls:  # the kernel writes when they are called
        arrays["arrived_at"] = workload.arrived_at.copy()
        arrays["arrived_at"][n - workload.n_calls :] = np.nan
    arrays |= {name: arrays[other] for name, other in same.items()}
    arrays["outcome"].fill(Outcome.NOT_ARRIVED)
    return Arrays(records.Log, records.LOG, arrays)


def _copies(arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: array.copy() for name, array in arrays.items()}


def _queues(setup: Setup, n: int, log: Arrays) -> Arrays:
    arrays = _copies(setup.queues_at_start)
    arrays["count"][N_WORKLOAD] = arrays["count"][N_CONTACTS] = n
    # who stands in a line has no agent yet: the log's columns hold its neighbours so long
    arrays |= {"next": log.agent, "previous": log.group}
    return Arrays(records.Queues, records.QUEUES, arrays)


def _agents(setup: Setup, leave_luck: NDArray[np.float64]) -> Arrays:
    arrays = _copies(setup.agents_at_start) | {"leave_luck": leave_luck}
    return Arrays(records.Agents, records.AGENTS, arrays)
