"""What must hold in any center, checked in the logs and sums of random scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scenarios import scenario
from steps import scripts_in
from user import carry_out

import simcc
from simcc.engine.setup import group_options, type_options
from simcc.jit import ENABLED
from simcc.log import BROKEN_OFF, NO_BOT, OF_LISTS, AgentLog, ContactLog, Outcome
from simcc.model.agents import most_held
from simcc.workload import queue_of

EXAMPLES = 60 if ENABLED else 25


@dataclass
class Run:
    """A run of a scenario, with what is checked in it."""

    scenario: simcc.Scenario
    simulation: simcc.Simulation
    acts: bool

    @cached_property
    def contacts(self) -> ContactLog:
        return self.simulation.contact_log

    @cached_property
    def agents(self) -> AgentLog:
        return self.simulation.agent_log

    @cached_property
    def ends(self) -> np.ndarray:
        """When each contact's wait for people is over; infinite if it still waits."""
        served = self.has(Outcome.SERVED, Outcome.INTERRUPTED)
        ends = np.where(served, self.contacts.answered_at, self.contacts.left_at)
        return np.where(self.contacts.outcome == Outcome.WAITING, np.inf, ends)

    @cached_property
    def spells(self) -> Spells:
        """What agents did: the last spell of every contact, and those that were interrupted.

        Of outbound calls also while it rings, if an agent waits for it.
        """
        log, cut = self.contacts, self.contacts.cut
        resumed_at = log.resumed_at if len(log.resumed_at) else log.answered_at
        if len(log.record):
            lists = [kind.outbound for kind in self.scenario.contact_types]
            waits = np.array([of is not None and of.mode == "progressive" for of in lists])
            resumed_at = np.where(waits[log.contact_type], log.arrived_at, resumed_at)
        rows = self.has(Outcome.SERVED, Outcome.CALLED_BACK) | (self.of_lists & (log.agent >= 0))
        rows = np.flatnonzero(rows)
        calls = log.callbacks
        rang = np.flatnonzero(calls.ended_at > calls.started_at)
        return Spells(
            contact=np.concatenate([rows, cut.contact, calls.contact[rang]]),
            agent=np.concatenate([log.agent[rows], cut.agent, calls.agent[rang]]),
            group=np.concatenate([log.group[rows], cut.group, calls.group[rang]]),
            start=np.concatenate([resumed_at[rows], cut.started_at, calls.started_at[rang]]),
            end=np.concatenate([log.freed_at[rows], cut.interrupted_at, calls.ended_at[rang]]),
        )

    @cached_property
    def gaps(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Contacts set aside, from when, and until when; infinite if they still wait."""
        log, cut = self.contacts, self.contacts.cut
        ends = np.full(cut.n, np.inf)
        for j, (contact, start) in enumerate(zip(cut.contact, cut.interrupted_at, strict=True)):
            later = np.flatnonzero((cut.contact == contact) & (np.arange(cut.n) > j))
            if len(later):
                ends[j] = cut.started_at[later[0]]
            elif log.outcome[contact] == Outcome.SERVED:
                ends[j] = log.resumed_at[contact]
            assert ends[j] >= start
        return cut.contact, cut.interrupted_at, ends

    @cached_property
    def stayed(self) -> np.ndarray:
        """Contacts that were let in, those who were sent away at closing included."""
        sent_away = self.has(Outcome.CLOSED) & (self.contacts.n_ahead >= 0)
        let_in = (Outcome.SERVED, Outcome.ABANDONED, Outcome.WAITING, Outcome.INTERRUPTED)
        return self.has(*let_in) | sent_away

    @cached_property
    def of_lists(self) -> np.ndarray:
        """Outbound calls that were made."""
        return self.has(*OF_LISTS)

    @cached_property
    def talks_of_lists(self) -> np.ndarray:
        return self.has(Outcome.REACHED, Outcome.WRONG_PARTY)

    @cached_property
    def on_line(self) -> np.ndarray:
        """Outbound calls in which somebody talks, or has waited for an agent."""
        waits = np.array([one.patience is not None for one in self.scenario.contact_types])
        held = self.has(Outcome.MISMATCH, Outcome.ON_HOLD) & waits[self.contacts.contact_type]
        return self.talks_of_lists | held

    @cached_property
    def on_line_since(self) -> np.ndarray:
        log = self.contacts
        waits = np.array([one.patience is not None for one in self.scenario.contact_types])
        return np.where(waits[log.contact_type], log.offered_at, log.answered_at)

    def has(self, *outcomes: Outcome) -> np.ndarray:
        """Which contacts have an outcome; those who left in mid-chat or timed out were served."""
        outcome = self.contacts.outcome
        return np.isin(np.where(np.isin(outcome, BROKEN_OFF), Outcome.SERVED, outcome), outcomes)

    def __repr__(self) -> str:
        return f"Run({self.scenario.name}, acts={self.acts})"


@dataclass
class Spells:
    """From the answer, or the going on, to the agent's freedom."""

    contact: np.ndarray
    agent: np.ndarray
    group: np.ndarray
    start: np.ndarray
    end: np.ndarray


def run(of: simcc.Scenario, seed: int, acts: bool = False) -> Run:
    simulation = simcc.Simulation(of, seed=seed)
    for steps in scripts_in(seed) if acts else ():
        simulation.process(carry_out(simulation, steps, []))
    simulation.run()
    return Run(of, simulation, acts)


def everyone_takes_at_once(seed: int) -> simcc.Scenario:
    """A scenario whose groups open at once and reserve nobody."""
    of = scenario(seed)
    options = {
        name: [option.replace(after=0, idle_needed=1) for option in each]
        for name, each in of.routing.type_to_groups.items()
    }
    return of.replace(routing=of.routing.replace(type_to_groups=options))


SEEDS = st.integers(0, 10**6)
RUNS = st.builds(lambda seed, acts: run(scenario(seed), seed, acts), SEEDS, st.booleans())
KEEN_RUNS = st.builds(
    lambda seed, acts: run(everyone_takes_at_once(seed), seed, acts), SEEDS, st.booleans()
)
checked = settings(max_examples=EXAMPLES, deadline=None)


def count_at(instants: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """How many spells [start, end) hold each instant."""
    begun = np.searchsorted(np.sort(starts), instants, side="right")
    return begun - np.searchsorted(np.sort(ends), instants, side="right")


# ---------------------------------------------------------------------- sums


@checked
@given(RUNS)
def test_contacts_are_conserved_in_every_interval(run: Run) -> None:
    """By interval of arrival: whoever is offered or comes in ends in exactly one way."""
    sums = run.simulation.result().sums
    kinds = ("served", "abandoned", "blocked", "in_queue_at_end", "callbacks")
    np.testing.assert_array_equal(
        sums.by_type("offered"), sum(sums.by_type(kind) for kind in kinds)
    )
    bot_kinds = ("contained", "gave_up", "bot_lost", "in_bot_at_end", "passed_on", "misrouted")
    at_bot = sum(sums.by_type(kind) for kind in bot_kinds)
    arrivals, offered = sums.by_type("arrivals"), sums.by_type("offered")
    arrivals = arrivals + sums.by_type("transferred_in") + from_bots(run) + questions(run)
    np.testing.assert_array_equal(arrivals.sum(-1), (offered + at_bot).sum(-1))
    own_queue = [queue_of(run.scenario, k) == k for k in range(len(run.scenario.contact_types))]
    chosen = run.scenario.routing.queue_choice
    if all(own_queue) and not chosen and not run.has(Outcome.MISROUTED).any():
        np.testing.assert_array_equal(arrivals, offered + at_bot)


def from_bots(run: Run) -> np.ndarray:
    """Legs that a bot has handed on, by the interval in which they begin and by type."""
    log = run.contacts
    return by_interval(run, (log.leg > 1) & (log.bot != NO_BOT) if len(log.bot) else None)


def questions(run: Run) -> np.ndarray:
    """Questions of agents, by the interval in which they are asked and by type."""
    return by_interval(run, run.contacts.leg == 0 if len(run.contacts.leg) else None)


def by_interval(run: Run, rows: np.ndarray | None) -> np.ndarray:
    """Number of some contacts that have come, by interval and type."""
    log, n_types = run.contacts, len(run.scenario.contact_types)
    edges = [-np.inf, *run.scenario.horizon.edges[1:-1], np.inf]
    found = np.zeros((len(edges) - 1, n_types))
    if rows is not None:
        came = rows & ~run.has(Outcome.NOT_ARRIVED)
        cell = np.searchsorted(edges, log.arrived_at[came], side="right") - 1
        np.add.at(found, (cell, log.contact_type[came]), 1)
    return found


@checked
@given(RUNS)
def test_sums_are_those_of_the_log(run: Run) -> None:
    sums, log = run.simulation.result().sums, run.contacts
    edges = [-np.inf, *run.scenario.horizon.edges[1:-1], np.inf]
    cell = np.searchsorted(edges, log.arrived_at, side="right") - 1
    assert run.scenario.horizon.cooldown == 0  # whoever is handed over later counts in the last
    for name, rows in (
        ("served", run.has(Outcome.SERVED, Outcome.INTERRUPTED)),
        ("abandoned", run.has(Outcome.ABANDONED, Outcome.BALKED)),
        ("blocked", run.has(Outcome.BLOCKED, Outcome.CLOSED)),
        ("in_queue_at_end", run.has(Outcome.WAITING)),
    ):
        expected = np.zeros((len(edges) - 1, len(run.scenario.contact_types)))
        np.add.at(expected, (cell[rows], log.queue_type[rows]), 1)
        np.testing.assert_array_equal(sums.by_type(name)[0], expected, err_msg=name)


# ---------------------------------------------------------------------- contacts


@checked
@given(RUNS)
def test_instants_of_a_contact_are_in_order(run: Run) -> None:
    log = run.contacts
    for earlier, later in (
        (log.arrived_at, log.offered_at),
        (log.offered_at, log.answered_at),
        (log.offered_at, log.left_at),
        (log.answered_at, log.left_at),
        (log.left_at, log.freed_at),
    ):
        both = ~np.isnan(earlier) & ~np.isnan(later)
        assert (later[both] >= earlier[both]).all()
    served = run.has(Outcome.SERVED, Outcome.CALLED_BACK, Outcome.INTERRUPTED)
    assert np.array_equal(served | run.talks_of_lists, ~np.isnan(log.answered_at))
    has_agent = served | run.has(Outcome.CALLING)
    assert np.array_equal(has_agent[~run.of_lists], (log.agent >= 0)[~run.of_lists])
    assert (log.agent[run.talks_of_lists] >= 0).all()
    assert (log.agent[run.has(Outcome.MISMATCH)] < 0).all()
    here = run.has(
        *(Outcome.NOT_ARRIVED, Outcome.DIALLING, Outcome.ON_HOLD, Outcome.CALLING),
        *(Outcome.IN_BOT, Outcome.WAITING, Outcome.CALLBACK_ASKED, Outcome.INTERRUPTED),
    )
    held = [one.concurrency is not None for one in run.scenario.agent_groups]
    perhaps = served & np.append(held, False)[log.group] & np.isnan(log.left_at)
    if len(log.asked_at):  # an agent waits for a colleague
        perhaps |= ~np.isnan(log.asked_at) & np.isnan(log.left_at)
    assert np.array_equal(here | perhaps, np.isnan(log.left_at))
    if run.scenario.horizon.after == "stop":
        assert log.ended_at == run.scenario.horizon.length


@checked
@given(RUNS)
def test_those_who_abandon_have_waited_for_their_patience(run: Run) -> None:
    log, n = run.contacts, len(run.simulation.workload)
    patience = run.simulation.workload.patience_time.copy()
    if len(log.bot_ended_at):
        for k, kind in enumerate(run.scenario.contact_types):
            after_bot = (log.contact_type == k) & ~np.isnan(log.bot_ended_at)
            if kind.bot is not None:
                bot = run.scenario.bots[run.scenario.bot_index(kind.bot)]
                patience[after_bot[:n]] *= bot.patience_factor
    # those who were submitted come after; an announcement may change the patience
    told = np.array([kind.announcement is not None for kind in run.scenario.contact_types])
    untold = ~told[log.queue_type[:n]]
    abandoned = run.has(Outcome.ABANDONED)[:n] & untold
    until = log.offered_at[:n] + patience
    np.testing.assert_array_equal(log.left_at[:n][abandoned], until[abandoned])
    answered = ~np.isnan(log.answered_at[:n]) & ~run.has(Outcome.CALLED_BACK)[:n] & untold
    assert (log.answered_at[:n][answered] <= until[answered]).all()


@checked
@given(RUNS)
def test_first_come_first_served_within_a_type(run: Run) -> None:
    """Nobody is answered while somebody of the type waits who was there strictly before.

    That holds for all who have waited, and for newcomers where freed agents of every group that
    may be asked for the type also take it.
    """
    log = run.contacts
    both = _pairs_of_both_tables(run.scenario)
    for k in range(len(run.scenario.contact_types)):
        asked = [
            run.scenario.group_index(option.group) for option in group_options(run.scenario, k)
        ]
        agree = all((k, g) in both for g in asked)
        mine = (log.queue_type == k) & ~np.isnan(log.offered_at) & (agree | (log.n_ahead >= 0))
        left_the_line = (Outcome.CALLBACK_ASKED, Outcome.CALLED_BACK)
        mine &= ~run.has(*left_the_line, Outcome.CALLING, Outcome.NOT_REACHED)
        rows = np.flatnonzero(mine)
        rows = rows[np.argsort(log.offered_at[rows], kind="stable")]
        offered = log.offered_at[rows]
        latest = np.maximum.accumulate(np.append(-np.inf, run.ends[rows]))
        before = latest[np.searchsorted(offered, offered, side="left")]
        served = run.has(Outcome.SERVED, Outcome.INTERRUPTED)[rows]
        assert (log.answered_at[rows][served] >= before[served]).all()


@checked
@given(RUNS)
def test_no_more_in_the_system_than_there_are_lines(run: Run) -> None:
    if run.scenario.lines is None:
        return
    log = run.contacts
    inside = run.stayed
    ends = np.where(run.has(Outcome.WAITING, Outcome.INTERRUPTED), np.inf, log.left_at)
    if len(log.leg):
        inside &= log.leg > 0  # a question takes a line even if there is none
    starts, ends = log.offered_at[inside], ends[inside]
    assert count_at(starts, starts, ends).max(initial=0) <= run.scenario.lines


@checked
@given(RUNS)
def test_no_more_wait_than_there_is_room(run: Run) -> None:
    log = run.contacts
    for k, kind in enumerate(run.scenario.contact_types):
        waited = (log.queue_type == k) & (log.n_ahead >= 0)
        starts, ends = log.offered_at[waited], run.ends[waited]
        room = np.inf if kind.queue_capacity is None else kind.queue_capacity
        assert count_at(starts, starts, ends).max(initial=0) <= room
        assert (log.n_ahead[waited] < room).all()


@checked
@given(RUNS)
def test_contacts_are_blocked_only_where_it_is_full(run: Run) -> None:
    log = run.contacts
    inside = run.stayed
    set_aside, since, until = run.gaps
    here_at_end = run.has(Outcome.WAITING) | np.isnan(log.left_at)
    left_at = np.where(here_at_end, np.inf, log.left_at)
    for i in np.flatnonzero(run.has(Outcome.BLOCKED)):
        now, kind = log.offered_at[i], run.scenario.contact_types[log.queue_type[i]]
        here = inside & (log.offered_at <= now)  # of this instant: perhaps before, perhaps after
        waiting = here & (log.queue_type == log.queue_type[i]) & (log.n_ahead >= 0)
        here |= run.has(Outcome.CALLED_BACK) & (log.answered_at <= now)
        here |= run.on_line & (run.on_line_since <= now)
        in_system, in_queue = (here & (left_at >= now)).sum(), (waiting & (run.ends >= now)).sum()
        calls = log.callbacks
        in_system += ((calls.started_at <= now) & (calls.ended_at >= now)).sum()
        same = log.queue_type[set_aside] == log.queue_type[i]
        in_queue += (same & (since <= now) & (until >= now)).sum()
        lines, room = run.scenario.lines, kind.queue_capacity
        full = lines is not None and in_system >= lines
        for trunk in run.scenario.trunks:
            if kind.name in trunk.types:
                mine = np.isin(log.queue_type, list(map(run.scenario.type_index, trunk.types)))
                full |= (here & mine & (left_at >= now)).sum() >= trunk.lines
        assert full or (room is not None and in_queue >= room)


# ---------------------------------------------------------------------- agents


@checked
@given(RUNS)
def test_an_agent_serves_one_contact_at_a_time(run: Run) -> None:
    spells = run.spells
    one_at_a_time = [most_held(group) == 1 for group in run.scenario.agent_groups]
    rows = np.flatnonzero(np.array(one_at_a_time)[spells.group])
    rows = rows[np.lexsort((spells.end[rows], spells.start[rows], spells.agent[rows]))]
    same = spells.agent[rows][1:] == spells.agent[rows][:-1]
    assert (spells.start[rows][1:] >= spells.end[rows][:-1])[same].all()


@checked
@given(RUNS)
def test_an_agent_holds_no_more_than_attention_allows(run: Run) -> None:
    """At the instant of every answer, with all the contacts that the agent has then."""
    log, spells = run.contacts, run.spells
    freed = np.where(np.isnan(spells.end), np.inf, spells.end)
    queue = log.queue_type[spells.contact]
    for g, group in enumerate(run.scenario.agent_groups):
        if group.concurrency is None:
            continue
        usual = 1 / group.concurrency.most
        shares = [group.concurrency.share.get(k.name, usual) for k in run.scenario.contact_types]
        for i in np.flatnonzero(spells.group == g):
            now = spells.start[i]
            mine = (spells.agent == spells.agent[i]) & (spells.start <= now) & (freed > now)
            assert mine.sum() <= group.concurrency.most
            assert np.array(shares)[queue[mine]].sum() <= 1 + 1e-9


@checked
@given(RUNS)
def test_agents_serve_what_they_can_and_while_they_are_there(run: Run) -> None:
    log, agents, spells = run.contacts, run.agents, run.spells
    for i in range(len(spells.contact)):
        kind = run.scenario.contact_types[log.queue_type[spells.contact[i]]]
        assert kind.name in run.scenario.agent_groups[spells.group[i]].skills
        mine = (agents.agent == spells.agent[i]) & (agents.group == spells.group[i])
        # a contact that takes no time may come between changes of one instant
        before = agents.present_delta[mine & (agents.at < spells.start[i])].sum()
        within = np.cumsum(agents.present_delta[mine & (agents.at == spells.start[i])])
        assert before + within.max(initial=0) == 1
        leaves = mine & (agents.at > spells.start[i]) & (agents.present_delta == -1)
        assert (agents.at[leaves] >= spells.end[i]).all() or np.isnan(spells.end[i])


@checked
@given(RUNS)
def test_counts_of_agents_are_never_negative(run: Run) -> None:
    agents = run.agents
    for g in range(len(run.scenario.agent_groups)):
        mine = agents.group == g
        for deltas in (agents.scheduled_delta, agents.present_delta, agents.paid_delta):
            total = np.cumsum(deltas[mine], dtype=np.int64)
            last_of_instant = np.append(np.diff(agents.at[mine]) > 0, True)[: len(total)]
            assert (total[last_of_instant] >= 0).all()


@checked
@given(KEEN_RUNS)
def test_nobody_waits_while_somebody_who_may_serve_is_idle(run: Run) -> None:
    """Without delays and reservations, for no stretch of time at all."""
    assert idle_while_some_wait(run) == []


def test_delays_and_reservations_keep_people_waiting() -> None:
    """With them somebody may be idle, which shows that the check above sees it."""
    assert any(idle_while_some_wait(run(scenario(seed), seed)) for seed in range(30))


def idle_while_some_wait(run: Run) -> list[Any]:
    """Pairs of type and group, and the instants after which a contact waits and an agent too."""
    log, agents, of = run.contacts, run.agents, run.scenario
    spells, (set_aside, since, until) = run.spells, run.gaps
    instants = np.concatenate([log.offered_at, run.ends, spells.end, agents.at, since, until])
    instants = np.unique(instants)
    instants = instants[instants < log.ended_at]  # NaN and infinity drop out
    waiting, idle = [], []
    for k in range(len(of.contact_types)):
        hours = of.contact_types[k].hours
        may_be_left = hours is not None and hours.outside == "waits"
        waited = (log.queue_type == k) & (log.n_ahead >= 0) & (not may_be_left)
        again = (log.queue_type[set_aside] == k) & (not may_be_left)
        waiting.append(
            count_at(instants, log.offered_at[waited], run.ends[waited])
            + count_at(instants, since[again], until[again])
            > 0
        )
    for g in range(len(of.agent_groups)):
        mine = agents.group == g
        present = _sum_up_to(instants, agents.at[mine], agents.present_delta[mine])
        serving = spells.group == g
        at_work = count_at(instants, spells.start[serving], spells.end[serving])
        holds = most_held(of.agent_groups[g]) > 1  # who does may have too little attention left
        assert holds or (present >= at_work).all()
        idle.append((present > at_work) & (not holds))
    together = [(k, g, waiting[k] & idle[g]) for k, g in _pairs_of_both_tables(of)]
    return [(k, g, instants[both].tolist()) for k, g, both in together if both.any()]


def _sum_up_to(instants: np.ndarray, at: np.ndarray, deltas: np.ndarray) -> np.ndarray:
    total = np.append(0, np.cumsum(deltas, dtype=np.int64))
    return total[np.searchsorted(at, instants, side="right")]


def _pairs_of_both_tables(of: simcc.Scenario) -> list[tuple[Any, Any]]:
    """Types and groups where an arrival may go to the group, and its free agents take the type."""
    return [
        (k, of.group_index(option.group))
        for k, kind in enumerate(of.contact_types)
        for option in group_options(of, k)
        if kind.name in {one.type for one in type_options(of, of.group_index(option.group))}
    ]
