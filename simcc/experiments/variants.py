"""Variants of a scenario, to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcc.errors import SimulationError
from simcc.model import Routing, Scenario
from simcc.model.messages import shown


def with_policies(scenario: Scenario, policies: Mapping[str, Any]) -> dict[str, Scenario]:
    """Return a scenario under several routing policies, for :func:`simcc.compare`.

    Parameters
    ----------
    scenario : Scenario
    policies : mapping
        From a name to a policy (:mod:`simcc.model.policies`) or its name as text, which is used
        with the routing tables of the scenario; to a whole ``Routing``, which replaces them; or to
        None, the ranks of the tables without a policy.

    Returns
    -------
    dict
        From each name to the scenario, which bears that name.

    Raises
    ------
    SimulationError
        If an argument is of the wrong kind.
    ScenarioError
        If a policy does not fit the scenario.

    Examples
    --------
    >>> import simcc
    >>> scenario = simcc.Scenario(
    ...     contact_types=[simcc.ContactType(name="voice", talk_time="3min",
    ...                    arrivals=simcc.PoissonArrivals(rate_per_hour=60))],
    ...     agent_groups=[simcc.AgentGroup(name="agents", skills=["voice"],
    ...                   staff=simcc.FixedStaff(agents=5))])
    >>> found = simcc.with_policies(
    ...     scenario, {"ranks": None, "longest wait": simcc.LongestWait()})
    >>> found["longest wait"].routing.policy
    LongestWait(kind='longest_wait')
    """
    if not isinstance(scenario, Scenario):
        raise SimulationError(f"scenario is {shown(scenario)}; it must be a simcc.Scenario")
    if not isinstance(policies, Mapping):
        raise SimulationError(
            f"policies is {shown(policies)}; it must be a mapping from names to policies"
        )
    return {
        name: scenario.replace(name=name, routing=_routing(scenario, policy))
        for name, policy in policies.items()
    }


def _routing(scenario: Scenario, policy: Any) -> Routing:
    if isinstance(policy, Routing):
        return policy
    return scenario.routing.replace(policy=policy)
