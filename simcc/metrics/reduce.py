"""From the logs of one replication to its counters."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simcc.log import Outcome
from simcc.metrics.bot_passes import count_bots
from simcc.metrics.callbacks import callback_sums, count_ringing
from simcc.metrics.calls import count_calls
from simcc.metrics.chats import chats_of, timeouts_of
from simcc.metrics.colleagues import consults_of, warm_transfers_of
from simcc.metrics.counters import (
    AGENT_COUNTERS,
    CALL_COUNTERS,
    CALLBACK_COUNTERS,
    CENTER_COUNTERS,
    GROUP_COUNTERS,
    ISSUE_COUNTERS,
    ORIGIN_COUNTERS,
    OUTCOME_COUNTERS,
    PAIR_SUMS,
    SALE_COUNTERS,
    TYPE_COUNTERS,
    Counters,
    Floats,
    Layout,
)
from simcc.metrics.interruptions import count_deadlines, count_interruptions, served_from
from simcc.metrics.outcomes import sale_tables, sales_of, satisfaction_of
from simcc.metrics.passes import (
    add_pairs,
    count_agents,
    count_contacts,
    count_issues,
    count_occupied,
    count_presence,
    count_waits,
)
from simcc.model.agents import most_held
from simcc.model.outcomes import has_sales
from simcc.model.turns import has_turns

if TYPE_CHECKING:
    from simcc.log import AgentLog, ContactLog
    from simcc.model import Scenario

Kinds = npt.NDArray[np.int32]
WINDOW = slice(1, -1)  # the cells of the counting window, see passes.py


class Reducer:
    """Turns the logs of replications of one scenario into counters.

    One reducer serves any number of threads, each with replications of its own.

    Parameters
    ----------
    scenario : Scenario
    n_agents : int
        Number of agents whose own sums are kept too; 0 keeps none.
    """

    def __init__(self, scenario: Scenario, *, n_agents: int = 0) -> None:
        self.layout = layout = Layout.of(scenario)
        self.n_agents = n_agents
        self.to_the_end = scenario.horizon.cooldown == 0
        self.cells = np.concatenate([[-np.inf], layout.edges, [np.inf]])
        self.last = len(self.cells) - (3 if self.to_the_end else 2)
        self.thresholds = np.array(layout.thresholds, dtype=np.float64)
        self.bot_of = np.array(layout.bot_of)
        self.stage_of = np.full((len(layout.types), len(layout.bots)), -1, dtype=np.int64)
        for stage, pair in enumerate(layout.stages):
            self.stage_of[pair] = stage
        self.pair_of = np.full((len(layout.types), len(layout.groups)), -1, dtype=np.int64)
        for p, pair in enumerate(layout.pairs):
            self.pair_of[pair] = p
        self.type_of = np.array([k for k, _ in layout.pairs], dtype=np.int64)
        self.group_of = np.array([g for _, g in layout.pairs], dtype=np.int64)
        self.holds = np.array([most_held(one) > 1 for one in scenario.agent_groups])
        deadlines = [one.deadline for one in scenario.contact_types]
        self.deadlines = None
        if any(deadline is not None for deadline in deadlines):
            self.deadlines = np.array([np.nan if x is None else x for x in deadlines], np.float64)
        self._histograms = threading.Lock()
        self.sale_tables = sale_tables(scenario) if has_sales(scenario) else None
        self.satisfaction = scenario.satisfaction
        self.timeouts = timeouts_of(scenario) if has_turns(scenario) else None

    def counters(self, replications: int, batches: int | None = None) -> Counters:
        """Return empty counters with room for a number of replications, waits by batches."""
        return Counters.zeros(self.layout, replications, self.n_agents, batches)

    def reduce(
        self,
        contact_log: ContactLog,
        agent_log: AgentLog,
        out: Counters | None = None,
        replication: int = 0,
    ) -> Counters:
        """Count one replication.

        Parameters
        ----------
        contact_log : ContactLog
        agent_log : AgentLog
        out : Counters, optional
            From :meth:`counters`; written at `replication`. By default, of one replication.
        replication : int
            Where in `out`, from 0. Each must be written once.

        Returns
        -------
        Counters
            `out`.
        """
        out = self.counters(1) if out is None else out
        self._count_contacts(contact_log, out, replication)
        self._count_presence(contact_log, agent_log, out, replication)
        self._count_waits(contact_log, out, replication)
        self._count_sales(contact_log, out, replication)
        self._count_satisfaction(contact_log, out, replication)
        self._count_chats(contact_log, out, replication)
        self._count_colleagues(contact_log, out, replication)
        self._count_callbacks(contact_log, out, replication)
        if self.n_agents:
            self._count_agents(contact_log, agent_log, out.agents[replication])
        return out

    def _count_contacts(self, log: ContactLog, out: Counters, r: int) -> None:
        n_cells, layout = len(self.cells) - 1, self.layout
        types = np.zeros((n_cells, len(layout.types), len(layout.type_counters)))
        n_types = len(layout.types)
        origins = np.zeros((n_cells, n_types + len(layout.stages), len(ORIGIN_COUNTERS)))
        pairs = np.zeros((n_cells, len(layout.pairs), len(PAIR_SUMS)))
        queue_max = np.zeros(n_cells)
        count_contacts(
            log.arrived_at, log.contact_type, log.queue_type, log.offered_at, log.answered_at,
            served_from(log), log.left_at, log.freed_at, log.group, log.n_ahead, log.n_ahead_all,
            log.outcome, log.leg, float(log.ended_at), self.cells, self.last, self.thresholds,
            self.pair_of,
            types, origins, pairs, queue_max,
        )  # fmt: skip
        if layout.bots:
            self._count_bots(log, origins)
        if len(log.issue):
            issues = np.zeros((n_cells, len(layout.types), len(ISSUE_COUNTERS)))
            count_issues(
                log.arrived_at, log.contact_type, log.queue_type, log.outcome, log.issue,
                log.attempt, log.leg, log.resolved, log.followed_by, log.bot, self.cells,
                self.last, issues,
            )  # fmt: skip
            out.issues[r] = issues[WINDOW]
        if len(log.record) or log.callbacks.n:
            calls, dialling = count_calls(log, layout, self.cells, self.last, self.pair_of, pairs)
            count_ringing(log, self.cells, calls, dialling)
            out.calls[r], out.dialling[r] = calls[WINDOW], dialling[WINDOW, :, 0]
        if log.cut.n:
            count_interruptions(log, self.cells, self.last, self.pair_of, types, pairs, queue_max)
        if self.deadlines is not None:
            count_deadlines(log, self.cells, self.last, self.deadlines, types)
        out.types[r] = types[WINDOW]
        out.origins[r] = origins[WINDOW, :n_types]
        out.stages[r] = origins[WINDOW, n_types:]
        add_pairs(
            pairs[WINDOW], self.type_of, self.group_of, out.types[r], out.groups[r], out.pairs[r]
        )
        self._add_dialling(out, r)
        self._count_occupied(log, out, r)
        most, at_start = TYPE_COUNTERS.index("queue_max"), TYPE_COUNTERS.index("queue_at_start")
        waiting = out.types[r, :, :, at_start]
        np.maximum(out.types[r, :, :, most], waiting, out=out.types[r, :, :, most])
        out.center[r, :, CENTER_COUNTERS.index("time")] = np.diff(
            np.minimum(layout.edges, log.ended_at)
        )
        out.center[r, :, CENTER_COUNTERS.index("queue_max")] = np.maximum(
            queue_max[WINDOW], waiting.sum(axis=1)
        )

    def _count_bots(self, log: ContactLog, sums: Floats) -> None:
        count_bots(
            log.arrived_at, log.contact_type, served_from(log), log.freed_at, log.outcome,
            log.bot_started_at, log.bot_ended_at, log.issue, log.leg, log.resolved,
            log.followed_by, log.bot, float(log.ended_at), self.cells, self.last, self.bot_of,
            self.stage_of, sums,
        )  # fmt: skip

    def _add_dialling(self, out: Counters, r: int) -> None:
        """Agents who dial or wait for an answer are busy."""
        by_type = out.calls[r, ..., CALL_COUNTERS.index("dialling_time")]
        out.types[r, ..., TYPE_COUNTERS.index("busy_time")] += by_type
        out.groups[r, ..., GROUP_COUNTERS.index("busy_time")] += out.dialling[r]

    def _count_occupied(self, log: ContactLog, out: Counters, r: int) -> None:
        occupied, busy = GROUP_COUNTERS.index("occupied_time"), GROUP_COUNTERS.index("busy_time")
        out.groups[r, :, :, occupied] = out.groups[r, :, :, busy]
        if not self.holds.any():
            return
        served = np.flatnonzero(log.group >= 0)
        served = served[self.holds[log.group[served]]]
        order = served[np.lexsort((served_from(log)[served], log.agent[served]))]
        sums = np.zeros((len(self.cells) - 1, len(self.holds), 1))
        count_occupied(
            served_from(log), log.freed_at, log.agent, log.group, order, float(log.ended_at),
            self.cells, sums,
        )  # fmt: skip
        out.groups[r, :, self.holds, occupied] = sums[WINDOW, self.holds, 0].T

    def _count_presence(self, log: ContactLog, agent_log: AgentLog, out: Counters, r: int) -> None:
        sums = np.zeros((len(self.cells) - 1, len(self.layout.groups), 3))
        deltas = np.stack(
            [agent_log.scheduled_delta, agent_log.present_delta, agent_log.paid_delta]
        )
        count_presence(agent_log.at, agent_log.group, deltas, log.ended_at, self.cells, sums)
        first = GROUP_COUNTERS.index("staffed_time")
        out.groups[r, :, :, first : first + 3] = sums[WINDOW]
        overtime = out.groups[r, :, :, GROUP_COUNTERS.index("overtime")]
        overtime[:] = sums[WINDOW, :, 1] - sums[WINDOW, :, 0]
        if self.to_the_end:  # what is finished after closing belongs to the last interval
            overtime[-1] += sums[-1, :, 1] - sums[-1, :, 0]

    def _count_waits(self, log: ContactLog, out: Counters, r: int) -> None:
        whole = out.waits[out.batch(r, out.waits)]
        by_interval = out.interval_waits[out.batch(r, out.interval_waits)]
        with self._histograms:  # replications share batches
            count_waits(
                log.arrived_at, log.queue_type, log.offered_at, log.answered_at, log.left_at,
                log.outcome, self.cells, self.last, whole, by_interval,
            )  # fmt: skip

    def _count_sales(self, log: ContactLog, out: Counters, r: int) -> None:
        if self.sale_tables is None:
            return
        chance, value = self.sale_tables
        answered, sales = sales_of(log, chance)
        at, queue = log.arrived_at[answered], log.queue_type[answered]
        group = log.group[answered]
        sums = {"answered": np.ones(len(sales)), "sales": sales, "revenue": sales * value[queue]}
        sums["sale_calls"] = (log.outcome[answered] == Outcome.REACHED).astype(np.float64)
        for j, name in enumerate(SALE_COUNTERS):
            out.sales[r, ..., j] = self._add_up(at, group, sums[name], len(self.layout.groups))
        self._set_outcomes(out, r, at, queue, sums)

    def _count_satisfaction(self, log: ContactLog, out: Counters, r: int) -> None:
        if self.satisfaction is None:
            return
        first, scores = satisfaction_of(log, self.satisfaction)
        sums = {"rated": np.ones(len(first)), "satisfaction_sum": scores}
        self._set_outcomes(out, r, log.arrived_at[first], log.contact_type[first], sums)

    def _count_chats(self, log: ContactLog, out: Counters, r: int) -> None:
        if self.timeouts is None:
            return
        chats, sums = chats_of(log, self.timeouts)
        self._set_outcomes(out, r, log.arrived_at[chats], log.queue_type[chats], sums)

    def _count_colleagues(self, log: ContactLog, out: Counters, r: int) -> None:
        if not len(log.asked_at):
            return
        for rows, sums in (consults_of(log), warm_transfers_of(log)):
            self._set_outcomes(out, r, log.arrived_at[rows], log.queue_type[rows], sums)

    def _count_callbacks(self, log: ContactLog, out: Counters, r: int) -> None:
        if log.callbacks.n:
            called, sums = callback_sums(log)
            at, queue = log.arrived_at[called], log.queue_type[called]
            for j, name in enumerate(CALLBACK_COUNTERS):
                n_types = len(self.layout.types)
                out.callbacks[r, ..., j] = self._add_up(at, queue, sums[name], n_types)

    def _set_outcomes(
        self, out: Counters, r: int, at: Floats, kinds: Kinds, sums: Mapping[str, Floats]
    ) -> None:
        """Set counters by type to the sums of what contacts, at instants, add to each."""
        for name, weights in sums.items():
            of_type = out.outcomes[r, ..., OUTCOME_COUNTERS.index(name)]
            of_type[:] = self._add_up(at, kinds, weights, len(self.layout.types))

    def _add_up(self, at: Floats, rows: Kinds, weights: Floats, n: int) -> Floats:
        """Add up the weights of contacts that arrived at some instants, by interval and row."""
        cells = np.minimum(np.searchsorted(self.cells, at, side="right") - 1, self.last)
        shape = len(self.cells) - 1, n
        sums = np.bincount(cells * n + rows, weights, shape[0] * n).reshape(shape)
        return np.asarray(sums[WINDOW])

    def _count_agents(self, log: ContactLog, agent_log: AgentLog, sums: Floats) -> None:
        begin, end = self.layout.edges[0], self.layout.edges[-1]
        served = np.where(np.isnan(log.answered_at), -1, log.agent)  # not those who only dialled
        count_agents(
            log.arrived_at, served_from(log), log.left_at, log.freed_at, served,
            float(log.ended_at), begin, end, sums,
        )  # fmt: skip
        talked = np.clip(log.cut.interrupted_at, begin, end) - np.clip(
            log.cut.started_at, begin, end
        )
        np.add.at(sums[:, AGENT_COUNTERS.index("talk_time")], log.cut.agent, talked)
        known = agent_log.agent >= 0
        deltas = np.stack(
            [agent_log.scheduled_delta, agent_log.present_delta, agent_log.paid_delta]
        )[:, known]
        cells = np.array([-np.inf, begin, end, np.inf])
        spent = np.zeros((3, self.n_agents, 3))
        agents: npt.NDArray[np.int32] = agent_log.agent[known]
        count_presence(agent_log.at[known], agents, deltas, log.ended_at, cells, spent)
        first = AGENT_COUNTERS.index("staffed_time")
        sums[:, first:] = spent[1]
        by_head_count = np.unique(agent_log.group[~known])  # nobody in particular is due to leave
        sums[np.unique(agents[np.isin(agent_log.group[known], by_head_count)]), first] = np.nan
