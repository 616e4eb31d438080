"""The Gymnasium environment: its steps are the routing decisions of a replication."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Literal

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from simcc.engine.arguments import number, whole
from simcc.engine.replication import Replication
from simcc.engine.setup import Setup
from simcc.errors import SimulationError
from simcc.gym.costs import Cost, Costs, Ledger
from simcc.gym.decisions import NOBODY, Candidates, Decision, PausingEnvironment
from simcc.gym.observation import Floats32, clocks, names_of, observed
from simcc.log import ContactLog
from simcc.model import CustomPolicy, Scenario
from simcc.model.messages import shown
from simcc.streams import Streams, check_seed

_NOT_COUNTED = ("callback", "interruption", "outbound")


class RoutingEnv(gymnasium.Env[Floats32, np.int64]):
    """Learn to route: an environment over the decision epochs of a scenario.

    A step is a routing decision: a contact asks for a group, or an agent who is free asks for a
    type, and at least one pair is allowed by the tables. An episode is a replication.

    Parameters
    ----------
    scenario : Scenario
        Its tables say which pairs may be chosen; a policy that it has is not used. Types with
        callbacks, interruptions or outbound calls are refused, since their cost of waiting is not
        counted here.
    wait_cost_per_hour, abandonment_cost, blocking_cost : float or {type: float}
        Per contact and hour of waiting in the queue; per contact that gives up or balks; per
        contact that finds no line or no room. At least 0; types not named cost 0.
    idling : bool
        Whether nobody may be chosen although somebody could: the contact waits, the agent stays
        idle. Without it, decisions with one choice are carried out and not asked.
    observe : {"all", "counts"}
        "counts": queue lengths, idle and busy agents, and who asks: what :func:`as_policy` can give
        a policy. "all": waits of the first contacts and the time of day as well.
    invalid_cost : float
        Of an action that is not allowed, at least 0.

    Attributes
    ----------
    action_space : Discrete(1 + groups + types)
        0: nobody; then the groups, for a contact; then the types, for an agent.
    observation_space : Box
        float32, at least 0; ``observation_names`` says what each number is: ``queue:TYPE``
        (contacts), ``idle:GROUP`` and ``busy:GROUP`` (agents), ``contact:TYPE`` and ``agent:GROUP``
        (1 for who asks, else 0), ``wait:TYPE`` (min), ``time`` (share of the horizon).
    replication : int
        Number of the episode's replication.

    Notes
    -----
    The reward of a step is minus the cost from its decision to the next, or to the end; the first
    step also has what was before. Waiting costs ``wait_cost_per_hour`` times the integral of the
    queue length, which is taken from the log, contact by contact. So the sum over an episode is
    minus the cost of the replication, ``invalid_cost`` aside.

    ``info["action_mask"]`` (int8) marks the actions allowed, and so does :meth:`action_masks`.
    Another action counts as nobody, or, without ``idling``, as the first choice of the tables;
    ``info["invalid_action"]`` is then True.

    An episode is terminated when the center is empty after the horizon (``after="drain"``), and
    truncated where the horizon cuts it (``after="stop"``). ``reset(seed=)`` begins with replication
    0 of a seed, whose customers are those of :func:`simcc.simulate` with the same seed;
    ``reset()`` goes on with the next, ``options={"replication": 7}`` names one.

    Examples
    --------
    >>> import simcc
    >>> env = simcc.gym.RoutingEnv(simcc.instances.v_design(length="1h"), idling=False)
    >>> observation, info = env.reset(seed=1)
    >>> over = False
    >>> while not over:
    ...     action = env.action_space.sample(info["action_mask"])
    ...     observation, reward, terminated, truncated, info = env.step(action)
    ...     over = terminated or truncated
    >>> env.observation_names[:3]
    ('queue:a', 'queue:b', 'idle:g1')
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        wait_cost_per_hour: Cost = 1.0,
        abandonment_cost: Cost = 0.0,
        blocking_cost: Cost = 0.0,
        idling: bool = True,
        observe: Literal["all", "counts"] = "all",
        invalid_cost: float = 0.0,
    ) -> None:
        _check(scenario, idling, observe)
        self.scenario, self.idling, self.observe = scenario, idling, observe
        self._costs = Costs.of(scenario, wait_cost_per_hour, abandonment_cost, blocking_cost)
        self._invalid_cost = number(invalid_cost, "invalid_cost")
        self._candidates = Candidates()
        routing = scenario.routing.replace(policy=CustomPolicy(score=self._candidates.score))
        self._setup = Setup(scenario.replace(routing=routing))
        self._n_groups = len(scenario.agent_groups)
        self.observation_names = names_of(scenario, observe == "all")
        size = (len(self.observation_names),)
        self.observation_space = Box(0.0, np.inf, size, np.float32)
        self.n_actions = 1 + self._n_groups + len(scenario.contact_types)
        self.action_space = Discrete(self.n_actions)
        self._seed: int | None = None
        self._next_replication = 0
        self._is_over = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats32, dict[str, Any]]:
        """Begin an episode; see the notes of the class.

        Raises
        ------
        SimulationError
            If an option is unknown.
        """
        super().reset(seed=seed)
        if seed is not None or self._seed is None:
            self._seed, self._next_replication = check_seed(seed), 0
        options = dict(options or {})
        replication = options.pop("replication", self._next_replication)
        if options:
            name = next(iter(options))
            raise SimulationError(f'options: there is no "{name}"; there is "replication"')
        self.replication = whole(replication, "replication", least=0)
        self._next_replication = self.replication + 1
        self._state = Replication(self._setup, Streams(self._seed), self.replication).state
        self._env = PausingEnvironment(self._setup, self._state, self._candidates)
        self._ledger = Ledger(self._costs, self._state)
        self._decisions: Generator[Decision, int, None] = self._env.decisions()
        self._is_over = False
        self._go_on(None)
        return self._observation(), self._info(False)

    def step(self, action: np.int64) -> tuple[Floats32, float, bool, bool, dict[str, Any]]:
        """Carry out an action; go on to the next decision, or to the end of the replication.

        Raises
        ------
        SimulationError
            If the action is not in the action space, or the episode is over.
        """
        if self._is_over:
            raise SimulationError("the episode is over, or none has begun; call reset() first")
        if not self.action_space.contains(action):
            raise SimulationError(
                f"action is {action!s}; it must be a whole number from 0 to {self.n_actions - 1}"
            )
        choice, is_allowed = self._choice(int(action))
        if self.decision is not None:
            self._go_on(choice)
        reward = -self._ledger.up_to(self._env.time)
        if not is_allowed:
            reward -= self._invalid_cost
        self._is_over = over = self.decision is None
        drains = self.scenario.horizon.after == "drain"
        info = self._info(not is_allowed)
        return self._observation(), reward, over and drains, over and not drains, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Which actions are allowed now, one for each; only nobody at the end."""
        mask = np.zeros(self.n_actions, np.bool_)
        mask[0] = self.idling or self.decision is None
        if self.decision is not None:
            mask[[self._action(choice) for choice in self.decision.allowed]] = True
        return mask

    def best_action(self, values: Any) -> int:
        """The allowed action with the largest of some values, one for each action.

        Of equal values the first choice of the tables has it, and nobody only if its is larger.
        """
        if self.decision is None:
            return 0
        allowed = [self._action(choice) for choice in self.decision.allowed]
        best = max(allowed, key=lambda action: float(values[action]))
        return 0 if self.idling and values[0] > values[best] else best

    @property
    def contact_log(self) -> ContactLog:
        """The contact log so far, as that of :class:`simcc.Simulation`."""
        return self._state.contact_log(self._env.time)

    def _go_on(self, choice: int | None) -> None:
        """Up to the next decision that is to be asked; ``decision`` is None at the end."""
        self.decision: Decision | None = None
        try:
            decision = self._decisions.send(choice) if choice is not None else next(self._decisions)
            while not self.idling and len(decision.allowed) == 1:
                decision = self._decisions.send(decision.allowed[0])
            self.decision = decision
        except StopIteration:
            pass

    def _action(self, choice: int) -> int:
        """The action of a group for a contact, or of a type for an agent."""
        assert self.decision is not None
        return 1 + choice + (0 if self.decision.asks_group else self._n_groups)

    def _choice(self, action: int) -> tuple[int, bool]:
        """The group or type of an action, -1 for nobody, and whether the action is allowed."""
        if self.decision is None:
            return NOBODY, action == 0
        if action == 0 and self.idling:
            return NOBODY, True
        for choice in self.decision.allowed:
            if self._action(choice) == action:
                return choice, True
        return (NOBODY if self.idling else self.decision.allowed[0]), False

    def _observation(self) -> Floats32:
        counts = observed(self._state, self.decision)
        if self.observe == "counts":
            return counts
        length = self.scenario.horizon.length
        return np.append(counts, clocks(self._state, self._env.time, length))

    def _info(self, is_invalid: bool) -> dict[str, Any]:
        mask = self.action_masks().astype(np.int8)
        return {"action_mask": mask, "invalid_action": is_invalid, "time": self._env.time}


def _check(scenario: Any, idling: Any, observe: Any) -> None:
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    if not isinstance(idling, bool):
        raise SimulationError(f"idling is {shown(idling)}; it must be True or False")
    if observe not in ("all", "counts"):
        raise SimulationError(f'observe is {shown(observe)}; it must be "all" or "counts"')
    for kind in scenario.contact_types:
        for field in _NOT_COUNTED:
            if getattr(kind, field) is not None:
                raise SimulationError(
                    f'scenario: contact type "{kind.name}" has {field}; RoutingEnv does not count '
                    "the cost of waiting there"
                )
