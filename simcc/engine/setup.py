"""What all replications of a scenario share: tables of routing and laws, the plan of staffing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine.announcing import has_estimates, told_tables
from simcc.engine.at_start import absent_columns, agents_at_start, queues_at_start
from simcc.engine.bot_tables import WHERE_TO, bot_tables
from simcc.engine.call_tables import call_tables
from simcc.engine.choice_tables import choice_tables
from simcc.engine.control import ControlPlan
from simcc.engine.following import FollowTables, offsets
from simcc.engine.list_tables import list_tables
from simcc.engine.policies import bind_policy
from simcc.engine.records import ATTENTION, CENTER, Center
from simcc.inversion import LawTable
from simcc.model import GroupOption, Scenario, TypeOption
from simcc.model.agents import has_random_ties, most_held
from simcc.workload import WorkloadPlan

NO_LIMIT = np.iinfo(np.int64).max // 2
Arrays = dict[str, NDArray[Any]]


class Setup:
    """A scenario made ready for the engine; read only, shared by replications and threads.

    Parameters
    ----------
    scenario : Scenario

    Attributes
    ----------
    scenario : Scenario
    workload : WorkloadPlan
        How to draw what contacts bring.
    laws : record
        The law tables.
    control : ControlPlan
        The agents, and when their number or state changes.
    agents : list of (str, str)
        Name of every agent and of the group it begins in.
    list_opens : list of (float, int)
        When a list of calls opens (s), and of which type it is, in order.
    policy : BoundPolicy
        Who scores pairs of type and group, if not the routing tables.
    center : record
        What the kernel reads and never writes.
    absent : frozenset of str
        Arrays by contact that no replication needs.
    queues_at_start, agents_at_start : dict
        Arrays of the state before anything has happened; each replication copies them.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        table = LawTable()
        self.workload = WorkloadPlan(scenario, table)
        law_of = _laws_by_group(scenario, table)
        turns = _turns(scenario, table)
        following = FollowTables(scenario, table, len(self.workload.attributes))
        bots = bot_tables(scenario, table)
        calling = call_tables(scenario, table)
        lists, self.list_opens = list_tables(scenario)
        self.laws = table.arrays()
        self.control = ControlPlan(scenario)
        self.policy = bind_policy(scenario)
        self.arrays = {
            "laws": self.laws,
            "law_of": law_of,
            **_groups_of_types(scenario),
            **_types_of_groups(scenario),
            "speed": _speeds(scenario),
            "room": np.array(
                [_or_none(t.queue_capacity) for t in scenario.contact_types], np.int64
            ),
            "limits": np.array(
                [
                    _or_none(scenario.lines),
                    self.policy.mode,
                    bool(scenario.bots),
                    self.workload.has_follow_ups,
                    any(most_held(group) > 1 for group in scenario.agent_groups),
                    self.workload.has_callbacks,
                    self.workload.has_interruptions,
                    self.workload.has_hand_overs,
                    any(kind.hours for kind in scenario.contact_types),
                    has_estimates(scenario),
                    self.workload.has_turns,
                    self.workload.has_lists,
                    self.workload.has_timed_callbacks,
                    _timers_kept(scenario),
                    self.workload.has_colleagues,
                    bool(scenario.trunks),
                    self.policy.has_update,
                    self.workload.has_colleagues or bool(scenario.trunks),
                    bool(scenario.routing.queue_choice),
                ],
                np.int64,
            ),
            **_bots(scenario),
            **_holders(scenario),
            "lag": _lags(scenario),
            **_callbacks(scenario),
            **_trunks(scenario),
            **_interruptions(scenario),
            **turns,
            "plan": self.control.record,
            "follow": following.record(),
            "bots": bots,
            "told": told_tables(scenario),
            "choices": choice_tables(scenario),
            "lists": lists,
            "calling": calling,
            "group_score": self.policy.group_score,
            "type_score": self.policy.type_score,
            "policy_update": self.policy.update,
        }
        self.absent = absent_columns(self.workload)
        self.queues_at_start = queues_at_start(scenario, _timers_kept(scenario), self.policy.params)
        self.agents_at_start = agents_at_start(scenario, self.control, self.arrays["pace"].shape[1])
        groups = [group.name for group in scenario.agent_groups]
        plan = self.control
        self.agents = [(name, groups[g]) for name, g in zip(plan.names, plan.group, strict=True)]
        self.center = Center(*(self.arrays[name] for name in CENTER))


def _holders(scenario: Scenario) -> Arrays:
    """What agents who hold several contacts give to each, by type and group or by group."""
    groups, types = scenario.agent_groups, scenario.contact_types
    units = np.full((len(types), len(groups)), ATTENTION, np.int64)
    pace = np.ones((len(groups), max(map(most_held, groups))))
    for g, group in enumerate(groups):
        if group.concurrency is not None:
            usual = 1 / group.concurrency.most
            shares = [group.concurrency.share.get(kind.name, usual) for kind in types]
            units[:, g] = np.floor(np.array(shares) * ATTENTION + 1e-6)
            speed = group.concurrency.speed
            pace[g] = [speed[min(i, len(speed) - 1)] for i in range(pace.shape[1])]
    keeps = [
        group.concurrency is not None and group.concurrency.mode == "fixed_at_start"
        for group in groups
    ]
    return {
        "units": units,
        "pace": pace,
        "keeps_pace": np.array(keeps, np.int64),
        "random_ties": np.array([has_random_ties(group) for group in groups], np.int64),
    }


def _callbacks(scenario: Scenario) -> Arrays:
    """Who is offered a callback and accepts, and when one is dialled, by type."""
    offers = [kind.callback for kind in scenario.contact_types]
    return {
        "callback_accepts": np.array([one.accepts if one else 0.0 for one in offers]),
        "callback_from": np.array([one.min_waiting if one else 0 for one in offers], np.int64),
        "callback_need": np.array([one.idle_needed if one else 1 for one in offers], np.int64),
    }


def _trunks(scenario: Scenario) -> Arrays:
    """Which trunk each type comes in by, and the lines of each."""
    trunk_of = np.full(len(scenario.contact_types), -1, np.int64)
    for t, trunk in enumerate(scenario.trunks):
        trunk_of[[scenario.type_index(name) for name in trunk.types]] = t
    lines = np.array([trunk.lines for trunk in scenario.trunks], np.int64)
    return {"trunk_of": trunk_of, "trunk_lines": lines}


def _lags(scenario: Scenario) -> NDArray[np.float64]:
    """What makes the order between heads of equal rank differ from that of their arrival (s)."""
    due = scenario.routing.equal_ranks == "earliest_deadline"
    deadlines = [(kind.deadline or 0.0) if due else 0.0 for kind in scenario.contact_types]
    head_starts = [kind.head_start for kind in scenario.contact_types]
    return np.array(deadlines, np.float64) - np.array(head_starts, np.float64)


def _interruptions(scenario: Scenario) -> Arrays:
    """Which queue may interrupt which, and how those interrupted go on."""
    kinds = scenario.contact_types
    rules = [kind.interruption for kind in kinds]
    may = [[rule is not None and kind.name in rule.by for rule in rules] for kind in kinds]
    return {
        "may_interrupt": np.array(may, np.int64),
        "interruptible": np.array([rule is not None for rule in rules], np.int64),
        "restarts": np.array(
            [rule is not None and rule.then == "restart" for rule in rules], np.int64
        ),
    }


def _turns(scenario: Scenario, table: LawTable) -> Arrays:
    """How chats in turns go back and forth, by queue."""
    each = [kind.turns for kind in scenario.contact_types]

    def laws(name: str) -> NDArray[np.int64]:
        found = [getattr(turns, name) if turns else None for turns in each]
        return np.array([-1 if law is None else table.add(law) for law in found], np.int64)

    return {
        "turn_work": laws("work"),
        "turn_think": laws("think_time"),
        "turn_patience": laws("patience"),
        "turn_silence": np.array([turns.silence if turns else 0.0 for turns in each], np.float64),
        "turn_timeout": np.array(
            [turns.timeout if turns and turns.timeout else np.inf for turns in each], np.float64
        ),
    }


def _timers_kept(scenario: Scenario) -> int:
    """Timers that one event may start, and the two entries that a heap keeps free.

    These are the thresholds of a contact that joins, a session or a token of a bot, and the closing
    of all queues.
    """
    n_types = len(scenario.contact_types)
    return 3 + sum(len(_waits(scenario, k)) for k in range(n_types)) + n_types


def _or_none(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit


def _laws_by_group(scenario: Scenario, table: LawTable) -> NDArray[np.int64]:
    """Number of the talk law of each type and group, -1 where it does not depend on the group."""
    law_of = np.full((len(scenario.contact_types), len(scenario.agent_groups)), -1, np.int64)
    for k, kind in enumerate(scenario.contact_types):
        if kind.talk_time_by_group:
            for g, group in enumerate(scenario.agent_groups):
                law = kind.talk_time_by_group.get(group.name) or kind.talk_time
                if kind.name in group.skills and law is not None:
                    law_of[k, g] = table.add(law)
    return law_of


def _speeds(scenario: Scenario) -> NDArray[np.float64]:
    speed = np.ones((len(scenario.contact_types), len(scenario.agent_groups)))
    for g, group in enumerate(scenario.agent_groups):
        for name, factor in group.skills.items():
            speed[scenario.type_index(name), g] = factor
    return speed


def group_options(scenario: Scenario, k: int) -> list[GroupOption]:
    """Groups that an arriving contact of type k may go to, best rank first."""
    name = scenario.contact_types[k].name
    options = scenario.routing.type_to_groups.get(name)
    if options is None:
        skilled = (group.name for group in scenario.agent_groups if name in group.skills)
        options = tuple(GroupOption(group=group) for group in skilled)
    return sorted(options, key=lambda option: option.rank)


def type_options(scenario: Scenario, g: int) -> list[TypeOption]:
    """Types that a free agent of group g may take, best rank first."""
    group = scenario.agent_groups[g]
    options = scenario.routing.group_to_types.get(group.name)
    if options is None:
        kinds = (scenario.contact_types[scenario.type_index(name)] for name in group.skills)
        options = tuple(TypeOption(type=kind.name, rank=kind.priority) for kind in kinds)
    return sorted(options, key=lambda option: option.rank)


def _waits(scenario: Scenario, k: int) -> list[float]:
    """Waits (s) after which further groups open for type k."""
    return sorted({option.after for option in group_options(scenario, k)} - {0.0})


def _groups_of_types(scenario: Scenario) -> Arrays:
    options = [group_options(scenario, k) for k in range(len(scenario.contact_types))]
    flat = [option for each in options for option in each]
    waits = [_waits(scenario, k) for k in range(len(scenario.contact_types))]
    return {
        "group_from": offsets(options),
        "group_of_pair": np.array([scenario.group_index(o.group) for o in flat], np.int64),
        "group_rank": np.array([o.rank for o in flat], np.int64),
        "group_after": np.array([o.after for o in flat], np.float64),
        "group_need": np.array([o.idle_needed for o in flat], np.int64),
        **_after(waits),
    }


def _after(waits: list[list[float]]) -> Arrays:
    return {
        "after_from": offsets(waits),
        "after_times": np.array([time for each in waits for time in each], np.float64),
    }


def _types_of_groups(scenario: Scenario) -> Arrays:
    """The other table; delays and reservations are those of the pair in the first one."""
    options = [type_options(scenario, g) for g in range(len(scenario.agent_groups))]
    limits = {
        (option.type, group.name): _limits(scenario, option.type, group.name)
        for group, each in zip(scenario.agent_groups, options, strict=True)
        for option in each
    }
    pairs = [
        (option, limits[option.type, group.name])
        for group, each in zip(scenario.agent_groups, options, strict=True)
        for option in each
    ]
    return {
        "type_from": offsets(options),
        "type_of_pair": np.array([scenario.type_index(o.type) for o, _ in pairs], np.int64),
        "type_rank": np.array([o.rank for o, _ in pairs], np.int64),
        "type_after": np.array([after for _, (after, _) in pairs], np.float64),
        "type_need": np.array([need for _, (_, need) in pairs], np.int64),
    }


def _limits(scenario: Scenario, name: str, group: str) -> tuple[float, int]:
    """Wait after which a group opens for a type, and the idle agents it needs."""
    for option in scenario.routing.type_to_groups.get(name, ()):
        if option.group == group:
            return option.after, option.idle_needed
    return 0.0, 1


def _bots(scenario: Scenario) -> Arrays:
    bots = scenario.bots
    return {
        "bot_of": np.array(
            [scenario.bot_index(t.bot) if t.bot else -1 for t in scenario.contact_types], np.int64
        ),
        "bot_sessions": np.array([_or_none(bot.sessions) for bot in bots], np.int64),
        "bot_when_full": np.array([WHERE_TO[bot.when_full] for bot in bots], np.int64),
        "bot_talk_factor": np.array([bot.talk_factor for bot in bots], np.float64),
        "bot_patience_factor": np.array([bot.patience_factor for bot in bots], np.float64),
    }
