"""One replication with SimPy around it: look at the center, act on it, wait for what happens."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from simcc.engine.acting import Actor, ContactOutcome
from simcc.engine.arguments import duration, index_of, number, whole
from simcc.engine.records import BOT_AGENT, BOT_LOST, BOT_WAIT, N_DIALLING, OFF, STAYS
from simcc.engine.replication import Replication
from simcc.engine.setup import Setup
from simcc.errors import SimulationError
from simcc.log import BROKEN_OFF, AgentLog, ContactLog, Outcome
from simcc.model import Roster, Scenario
from simcc.model.base import MOST_AGENTS
from simcc.model.messages import suggestion
from simcc.periods import seconds
from simcc.streams import Streams, check_seed
from simcc.workload import draw_leavers, queue_of

if TYPE_CHECKING:
    from simcc.result import Result
    from simcc.workload import Workload

_ATTRIBUTES = {
    "patience": "patience_time",
    "talk_time": "talk_time",
    "after_call_work": "wrap_time",
    "session_time": "bot_time",
}
_DOWN = {"agent": BOT_AGENT, "wait": BOT_WAIT, "lost": BOT_LOST}


class Simulation:
    """One replication of a scenario, with SimPy's full interface around it.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional
        Whole number >= 0; by default fresh entropy, kept as ``seed``.
    replication : int
        Number of the replication; the same as in :func:`simcc.simulate`.
    setup : Setup, optional
        Of the same scenario, where many replications share it.

    Attributes
    ----------
    env : Environment
        A ``simpy.Environment``; ``env.now`` is seconds from the start of the horizon.
    scenario, seed, replication

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     horizon=simcc.Horizon(length="1h"),
    ...     contact_types=[simcc.ContactType(
    ...         name="voice", arrivals=simcc.PoissonArrivals(rate_per_hour=60), talk_time="3min")],
    ...     agent_groups=[simcc.AgentGroup(
    ...         name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=2))],
    ... )
    >>> sim = simcc.Simulation(scenario, seed=1)
    >>> def one_more(sim):
    ...     yield sim.queue_exceeds("voice", 3)
    ...     sim.change_head_count("agents", 1)
    >>> process = sim.process(one_more(sim))
    >>> sim.run()
    >>> sim.n_scheduled("agents")
    3
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        replication: int = 0,
        setup: Setup | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = check_seed(seed)
        self.replication = whole(replication, "replication", least=0)
        self._setup = setup or Setup(scenario)
        self._streams = Streams(self.seed)
        self._replication = Replication(self._setup, self._streams, self.replication)
        self._state, self.env = self._replication.state, self._replication.env
        self.env.outcome_of = self._outcome
        self._actor = Actor(self._setup, self._state, self.env)
        self._added: list[tuple[str, str]] = []  # agents who came during the run
        self._n_submitted = 0
        self._n_changes = [0] * len(scenario.agent_groups)

    # Running

    def process(self, generator: Generator[simpy.Event, Any, Any]) -> simpy.Process:
        """Start a SimPy process beside the center; returns it (``env.process``)."""
        return self.env.process(generator)

    def run(self, until: float | str | simpy.Event | None = None) -> Any:
        """Run on.

        Parameters
        ----------
        until : float, str or simpy.Event, optional
            An instant (s from the start, or "2h"): stops before what happens at it. An event: stops
            when it happens and returns its value. By default the scenario's whole horizon, and
            after it, if ``horizon.after`` is "drain", until no contact is in progress or nothing
            more can happen.
        """
        if until is not None:
            when = until if isinstance(until, simpy.Event) else seconds(until)
            return self.env.run(until=when)
        self._replication.run()
        return None

    @property
    def workload(self) -> Workload:
        """What the contacts of this replication bring."""
        return self._replication.workload

    @property
    def contact_log(self) -> ContactLog:
        """The contact log so far."""
        return self._replication.contact_log

    @property
    def agent_log(self) -> AgentLog:
        """The agent log so far."""
        return self._replication.agent_log

    def result(self) -> Result:
        """The metrics of this replication, as a result with one replication.

        Raises
        ------
        SimulationError
            If the horizon is not over.
        """
        from simcc.metrics import Reducer
        from simcc.result import Result

        if self.env.now < self.scenario.horizon.length:
            raise SimulationError(
                f"the simulation is at {self.env.now:g} s of {self.scenario.horizon.length:g} s; "
                "call run() before result()"
            )
        reducer = Reducer(self.scenario, n_agents=len(self.agent_names))
        log, agent_log = self.contact_log, self.agent_log
        return Result(
            self.scenario,
            reducer.reduce(log, agent_log),
            seed=self.seed,
            first_replication=self.replication,
            contact_logs=[log],
            agent_logs=[agent_log],
            agents=self.agents,
        )

    # Looking

    def queue_length(self, type: str) -> int:
        """Number of contacts waiting in the queue of a type."""
        return int(self._state.queues.length[self._type(type)])

    def n_idle(self, group: str) -> int:
        """Number of agents of a group who are idle."""
        return int(self._state.agents.n_idle[self._group(group)])

    def n_busy(self, group: str) -> int:
        """Number of agents of a group who handle a contact, overtime included."""
        return int(self._state.agents.n_busy[self._group(group)])

    def n_scheduled(self, group: str) -> int:
        """Number of agents of a group who are scheduled now, those about to leave not included."""
        g = self._group(group)
        agents = self._state.agents
        return int(np.sum((agents.group == g) & (agents.due == STAYS)) - agents.owed[g])

    def n_sessions(self, bot: str) -> int:
        """Number of sessions that a bot holds."""
        return int(self._state.queues.bot_busy[self._bot(bot)])

    @property
    def agents(self) -> list[tuple[str, str]]:
        """Name of every agent and of the group it began in."""
        return self._setup.agents + self._added

    @property
    def agent_names(self) -> list[str]:
        """Name of every agent."""
        return [name for name, _ in self.agents]

    def agent_states(self, group: str) -> list[tuple[str, str]]:
        """Name and state of the agents who belong to a group now.

        Returns
        -------
        list of (str, str)
            The state is "idle", "busy" (a contact in hand, after-call work and
            dialling included) or "off".
        """
        g = self._group(group)
        agents = self._state.agents
        busy, names = set(self._busy_agents().tolist()), self.agent_names
        found = []
        for a in np.flatnonzero(agents.group == g).tolist():
            off = agents.due[a] == OFF
            found.append((names[a], "off" if off else "busy" if a in busy else "idle"))
        return found

    def _busy_agents(self) -> Any:
        state = self._state
        contacts = state.agents.done_keys[np.isfinite(state.agents.done_times)] >> 1
        holders = np.flatnonzero(state.agents.n_held)
        busy = [state.log.agent[contacts], holders]
        if state.queues.count[N_DIALLING]:
            outcome = state.log.outcome[: state.n_contacts]
            ringing = np.isin(outcome, (Outcome.DIALLING, Outcome.CALLING))
            busy.append(state.log.agent[: state.n_contacts][ringing])
        asked_by = state.work.asked_by[: state.n_contacts]
        busy.append(state.log.agent[asked_by[asked_by >= 0]])
        return np.concatenate(busy)

    # Acting

    def change_head_count(self, group: str, change: int) -> None:
        """Bring more agents into a group, or send some home, from now on.

        Parameters
        ----------
        group : str
            Staffed by a fixed number or by head counts. Whoever has moved there counts, unless he
            or she has a roster; whoever is about to move away does not.
        change : int
            How many more; if negative, idle agents leave at once, the longest idle first, and the
            rest are the next who finish (or, with ``decrease="named"``, those who go are drawn at
            random, idle or not).
            Fewer go if fewer are there. Later changes of the scenario's own plan add to this.

        Raises
        ------
        SimulationError
            If the group has a roster: its agents come and go by name.
        """
        g = self._group(group)
        change = whole(change, "change of head count")
        if isinstance(self.scenario.agent_groups[g].staff, Roster):
            raise SimulationError(f'group "{group}" has a roster; its head count cannot be set')
        if len(self.agents) + change > MOST_AGENTS:
            raise SimulationError(
                f'head count of "{group}": {change:,} more are too many; the center may have '
                f"{MOST_AGENTS:,} agents"
            )
        if change > 0:
            first = sum(of == group for _, of in self.agents) + 1
            self._added.extend((f"{group} {first + i}", group) for i in range(change))
        size = min(max(-change, 0), len(self.agents))
        act, self._n_changes[g] = self._n_changes[g], self._n_changes[g] + 1
        luck = draw_leavers(group, self._streams, self.replication, act, size)
        self._actor.change_head_count(g, max(change, -size), luck)

    def set_head_count(self, group: str, agents: int) -> None:
        """Set the number of agents scheduled in a group; see :meth:`change_head_count`.

        It is compared with :meth:`n_scheduled`, in which those about to move away still count.
        """
        number = whole(agents, f'head count of "{group}"', least=0)
        self.change_head_count(group, number - self.n_scheduled(group))

    def move_agents(self, group: str, to: str, number: int) -> int:
        """Move agents to another group: the longest idle first, then those who are busy.

        Whoever is busy finishes the contact in hand, after-call work included, and moves then.

        Parameters
        ----------
        group, to : str
        number : int

        Returns
        -------
        int
            How many move; fewer than asked for if fewer are on duty.
        """
        number = whole(number, "number of agents to move", least=0)
        return self._actor.move(self._group(group), self._group(to), number)

    def bot_down(self, bot: str, *, fail_sessions: bool = False, contacts: str = "agent") -> None:
        """Begin an outage of a bot.

        Parameters
        ----------
        bot : str
        fail_sessions : bool
            Whether the sessions in progress end at once, their customers going to the human queue.
        contacts : str
            What contacts without a session do meanwhile: "agent" (go to the human queue), "wait"
            or "lost".
        """
        b = self._bot(bot)
        if contacts not in _DOWN:
            raise SimulationError(f'contacts is "{contacts}"; {suggestion(str(contacts), _DOWN)}')
        self._actor.take_bot_down(b, _DOWN[contacts], fail_sessions)

    def bot_up(self, bot: str) -> None:
        """End an outage; contacts that wait for the bot get their sessions."""
        self._actor.bring_bot_up(self._bot(bot))

    def bot_degrade(
        self, bot: str, *, contained_factor: float = 1.0, time_factor: float = 1.0
    ) -> None:
        """Let a bot do worse, from now on and until :meth:`bot_restore`.

        It holds for sessions that begin meanwhile, in place of an earlier degradation.

        Parameters
        ----------
        bot : str
        contained_factor : float
            In [0, 1], of the probability that it contains a customer.
        time_factor : float
            More than 0, of the length of its sessions, latency aside.
        """
        b = self._bot(bot)
        contained = number(contained_factor, "contained_factor", most=1.0)
        self._actor.degrade_bot(b, contained, number(time_factor, "time_factor", above=0.0))

    def bot_restore(self, bot: str) -> None:
        """End a bot's degradation."""
        self._actor.degrade_bot(self._bot(bot), 1.0, 1.0)

    def submit(self, type: str, **given: Any) -> simpy.Event:
        """Let a contact of your own arrive now.

        Parameters
        ----------
        type : str
        **given : durations
            Any of ``patience``, ``talk_time``, ``after_call_work``, ``session_time`` (s, or text
            such as "2min"; a patience of None: never gives up). What is not given is drawn from
            the type's laws, on streams of its own: the customers of the day stay the same.
            A bot hands it over to people, in their right queue, and never to another bot.

        Returns
        -------
        simpy.Event
            Happens when the contact has come to its end (served: at the end of the talk); its
            value is a :class:`ContactOutcome`.
        """
        k = self._type(type)
        if self.scenario.contact_types[k].outbound is not None:
            raise SimulationError(f'type: contacts of "{type}" are only called (outbound)')
        number, self._n_submitted = self._n_submitted, self._n_submitted + 1
        values = self._setup.workload.draw_one(
            k, self.env.now, self._streams, self.replication, number, self._setup.laws
        )
        return self._actor.submit(values | self._given(k, given))

    def _given(self, k: int, given: dict[str, Any]) -> dict[str, float]:
        """The attributes of a submitted contact that are given, in the workload's words."""
        kind, queue = (self.scenario.contact_types[i] for i in (k, queue_of(self.scenario, k)))
        found = {}
        for name, value in given.items():
            if name not in _ATTRIBUTES:
                raise SimulationError(f'"{name}" is no attribute; {suggestion(name, _ATTRIBUTES)}')
            if name == "talk_time" and queue.talk_time_by_group:
                raise SimulationError(
                    f'talk_time of "{queue.name}" depends on the group that serves'
                )
            if name == "session_time" and kind.bot is None:
                raise SimulationError(f'session_time: there is no bot in front of "{kind.name}"')
            if name == "session_time" and self._setup.workload.has_escalation_time(k):
                raise SimulationError(
                    f'session_time of "{kind.name}" depends on whether its bot hands it over'
                )
            never = name == "patience" and value is None
            found[_ATTRIBUTES[name]] = math.inf if never else duration(value, name)
        return found

    def queue_exceeds(self, type: str, level: int) -> simpy.Event:
        """An event that happens when more than `level` contacts wait in the queue of a type.

        The event's value is the length of the queue. It happens at once if the queue is longer now.
        """
        k = self._type(type)
        return self.env.when_longer(k, whole(level, f'level for "{type}"', least=0))

    # Details

    def _outcome(self, c: int) -> ContactOutcome:
        log = self._state.log
        outcome = Outcome(int(log.outcome[c]))
        served = outcome in (Outcome.SERVED, Outcome.CALLED_BACK, *BROKEN_OFF)
        answered_at = float(log.answered_at[c]) if served else math.nan
        end = answered_at if served else float(log.left_at[c])
        agent = self.agent_names[int(log.agent[c])] if served else None
        return ContactOutcome(c, outcome, end - float(log.offered_at[c]), answered_at, agent)

    def _type(self, name: str) -> int:
        return index_of(self.scenario.contact_types, name, "contact type")

    def _group(self, name: str) -> int:
        return index_of(self.scenario.agent_groups, name, "agent group")

    def _bot(self, name: str) -> int:
        return index_of(self.scenario.bots, name, "bot")
