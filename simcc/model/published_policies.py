"""Index policies of the literature, each with its paper and its score.

In the scores: k is a contact type, g an agent group, Q_k the number waiting and I_g the number of
idle agents; mu_kg = speed / (mean talk time + mean after-call work), per s. "A contact arrives"
is the choice of a group for one contact; "an agent is free" is the choice of a type for one group.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from simcc.model.base import FrozenDict, Part, Positive, plain
from simcc.model.policy_tables import AmountByName, PositiveByName

Exponent = Annotated[float, Field(strict=True, ge=1, le=10), BeforeValidator(plain)]


class QueueRatio(Part):
    """Queues, and numbers of idle agents, are kept in fixed proportions.

    Score: ``(Q_k - p_k sum Q) + (I_g - v_g sum I)``: an agent who is free takes from the queue that
    exceeds its share most, and a contact that arrives goes to the group whose number of idle agents
    exceeds its share most. It is queue-and-idleness-ratio control, of I. Gurvich and W. Whitt
    (2009), Queue-and-idleness-ratio controls in many-server service systems, Mathematics of
    Operations Research 34(2), 363-396; its rule for queues is fixed-queue-ratio routing, of the
    same authors (2010), Service-level differentiation in many-server service systems via
    queue-ratio routing, Operations Research 58(2), 316-328.

    Parameters
    ----------
    queue_share : {type: number}
        In proportion to it, p. Types not named have 1; 0 for all is refused.
    idle_share : {group: number}
        In proportion to it, v. Groups not named have 1; 0 for all is refused.

    Examples
    --------
    >>> QueueRatio(queue_share={"service": 3, "sales": 1}).queue_share["service"]
    3.0
    """

    kind: Literal["queue_ratio"] = "queue_ratio"
    queue_share: AmountByName = Field(default_factory=FrozenDict)
    idle_share: AmountByName = Field(default_factory=FrozenDict)


class GeneralisedCMu(Part):
    """The largest rate at which cost of waiting is removed.

    A wait of w s costs ``c_k w**d``. Score: its derivative times the rate of service,
    ``c_k d w**(d - 1) mu_kg``, for the first contact of each queue; with ``exponent=1`` it is the
    c-mu rule. A contact that arrives goes to the group that serves its type fastest. A. Mandelbaum
    and A. L. Stolyar (2004), Scheduling flexible servers with convex delay costs: heavy-traffic
    optimality of the generalized c-mu-rule, Operations Research 52(6), 836-855.

    Parameters
    ----------
    cost : {type: number > 0}
        c. Types not named have 1.
    exponent : float, default 2
        d, from 1 (linear) to 10.

    Examples
    --------
    >>> GeneralisedCMu(cost={"sales": 4.0})
    GeneralisedCMu(kind='generalised_c_mu', cost={'sales': 4.0}, exponent=2.0)
    """

    kind: Literal["generalised_c_mu"] = "generalised_c_mu"
    cost: PositiveByName = Field(default_factory=FrozenDict)
    exponent: Exponent = 2.0


class MaxWeight(Part):
    """The largest product of queue length and rate of service.

    Score: ``w_k max(Q_k, 1)**alpha mu_kg``; a contact that arrives is not in its queue yet and
    counts as one. For parallel queues it is also the max-pressure policy. A. L. Stolyar (2004),
    MaxWeight scheduling in a generalized switch: state space collapse and workload minimization in
    heavy traffic, Annals of Applied Probability 14(1), 1-53; J. G. Dai and W. Lin (2005), Maximum
    pressure policies in stochastic processing networks, Operations Research 53(2), 197-218.

    Parameters
    ----------
    weight : {type: number > 0}
        w. Types not named have 1.
    exponent : float, default 1
        alpha, more than 0.

    Examples
    --------
    >>> MaxWeight(exponent=2)
    MaxWeight(kind='max_weight', weight={}, exponent=2.0)
    """

    kind: Literal["max_weight"] = "max_weight"
    weight: PositiveByName = Field(default_factory=FrozenDict)
    exponent: Positive = 1.0


class FastestServerFirst(Part):
    """A contact that arrives goes to the group that serves its type fastest.

    A contact arrives: the largest ``mu_kg``, and between equal ones the agent idle longest. An
    agent is free: the longest wait. M. Armony (2005), Dynamic routing in large-scale service
    systems with heterogeneous servers, Queueing Systems 51(3-4), 287-329.

    Examples
    --------
    >>> FastestServerFirst()
    FastestServerFirst(kind='fastest_server_first')
    """

    kind: Literal["fastest_server_first"] = "fastest_server_first"


class LeastLoaded(Part):
    """A contact that arrives goes to the group with the smallest share of busy agents.

    A contact arrives: the smallest ``busy / (busy + idle)``. An agent is free: the longest wait.
    Telephone switches offer it as least occupied agent. Where agents hold several contacts, one who
    holds some and has room for more counts as busy and as idle; within a group such contacts go to
    whoever holds least, as in T. Tezcan and J. Zhang (2014), Routing and staffing in customer
    service chat systems with impatient customers, Operations Research 62(4), 943-956.

    Examples
    --------
    >>> LeastLoaded()
    LeastLoaded(kind='least_loaded')
    """

    kind: Literal["least_loaded"] = "least_loaded"


class RandomRouting(Part):
    """A contact that arrives goes to a group drawn at random.

    A contact arrives: each group with an idle agent has a probability in proportion to its weight,
    times its number of idle agents if agents are drawn. An agent is free: the longest wait. Drawing
    among all idle agents is randomized most-idle routing, of A. Mandelbaum, P. Momcilovic and
    Y. Tseytlin (2012), On fair routing from emergency departments to hospital wards: QED queues
    with heterogeneous servers, Management Science 58(7), 1273-1291. The draws depend on the seed
    and the number of the replication only, and leave everything that contacts bring as it is.

    Parameters
    ----------
    among : {"agents", "groups"}, default "agents"
    weight : {group: number > 0}
        Groups not named have 1.

    Examples
    --------
    >>> RandomRouting(among="groups", weight={"experts": 0.2}).weight["experts"]
    0.2
    """

    kind: Literal["random"] = "random"
    among: Literal["agents", "groups"] = "agents"
    weight: PositiveByName = Field(default_factory=FrozenDict)


class RoundRobin(Part):
    """A contact that arrives goes to the next group in turn.

    A contact arrives: in the scenario's order of groups, the first with an idle agent after the one
    that took the last contact of its type, the first group again following the last. An agent is
    free: the longest wait. In a fixed order it is the cyclic rule of telephone switches.

    Examples
    --------
    >>> RoundRobin()
    RoundRobin(kind='round_robin')
    """

    kind: Literal["round_robin"] = "round_robin"
