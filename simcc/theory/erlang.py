"""Erlang B and Erlang C: contacts that are turned away, or wait as long as it takes."""

import math
from dataclasses import dataclass

from simcc.theory import _check
from simcc.theory._birth_death import blocking, loss_occupancy


def erlangs(rate_per_hour: float, mean_service_time: float) -> float:
    """Return the offered load of a steady stream: arrival rate times mean service time.

    Parameters
    ----------
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean service (handling) time in seconds, above 0.

    Returns
    -------
    float
        Offered load in erlangs: the mean number of busy agents if there were enough.

    Raises
    ------
    ValueError
        If an argument is not a finite number above 0.

    Examples
    --------
    >>> erlangs(rate_per_hour=200, mean_service_time=180)
    10.0
    """
    rate = _check.positive("rate_per_hour", rate_per_hour, "per hour")
    return rate * _check.positive("mean_service_time", mean_service_time, "s") / 3600


@dataclass(frozen=True)
class ErlangB:
    """Steady state of M/G/n/n: no waiting room, a contact finding all agents busy is blocked.

    Attributes
    ----------
    agents : int
        Number of agents.
    rate_per_hour : float
        Arrivals per hour.
    mean_service_time : float
        Mean service time in seconds.
    offered_load : float
        Arrival rate times mean service time, in erlangs.
    p_block : float
        Fraction of the offered contacts that are blocked.
    occupancy : float
        Mean fraction of the agents that are busy.
    """

    agents: int
    rate_per_hour: float
    mean_service_time: float
    offered_load: float
    p_block: float
    occupancy: float


def erlang_b(agents: int, rate_per_hour: float, mean_service_time: float) -> ErlangB:
    """Solve the loss system M/G/n/n (Erlang B), which holds for any law of service times.

    Parameters
    ----------
    agents : int
        Number of agents, at least 1.
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean service time in seconds, above 0.

    Returns
    -------
    ErlangB

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    Recursion B(n) = a B(n-1) / (n + a B(n-1)), a the offered load (Erlang 1917).

    Examples
    --------
    >>> round(erlang_b(agents=12, rate_per_hour=200, mean_service_time=180).p_block, 6)
    0.119739
    """
    agents = _check.whole("agents", agents, "agents")
    load = erlangs(rate_per_hour, mean_service_time)
    p_block = blocking(agents, load)
    occupancy = loss_occupancy(agents, load)
    return ErlangB(agents, float(rate_per_hour), float(mean_service_time), load, p_block, occupancy)


@dataclass(frozen=True)
class ErlangC:
    """Steady state of M/M/n: nobody is blocked and nobody gives up, so all are served.

    Attributes
    ----------
    agents : int
        Number of agents.
    rate_per_hour : float
        Arrivals per hour.
    mean_service_time : float
        Mean service time in seconds.
    offered_load : float
        Arrival rate times mean service time, in erlangs.
    p_wait : float
        Fraction of the contacts that find all agents busy.
    asa : float
        Average speed of answer: mean wait in seconds of all contacts, the unhindered included.
    mean_queue : float
        Mean number of contacts waiting.
    occupancy : float
        Mean fraction of the agents that are busy.
    """

    agents: int
    rate_per_hour: float
    mean_service_time: float
    offered_load: float
    p_wait: float
    asa: float
    mean_queue: float
    occupancy: float

    @property
    def mean_wait_time_if_waiting(self) -> float:
        """Mean wait in seconds of the contacts that find all agents busy."""
        return self.mean_service_time / (self.agents - self.offered_load)

    def service_level(self, acceptable_wait_time: float) -> float:
        """Return P(wait <= t); everybody is served, so all denominators coincide.

        Parameters
        ----------
        acceptable_wait_time : float
            t in seconds, at least 0.

        Returns
        -------
        float
            Fraction of the contacts, in [0, 1].

        Raises
        ------
        ValueError
            If the time is negative or not finite.
        """
        time = _check.non_negative("acceptable_wait_time", acceptable_wait_time, "s")
        return 1 - self.p_wait * math.exp(-time / self.mean_wait_time_if_waiting)

    def wait_quantile(self, fraction: float) -> float:
        """Return the shortest time within which a fraction of the contacts is answered.

        Parameters
        ----------
        fraction : float
            Strictly between 0 and 1.

        Returns
        -------
        float
            Wait in seconds; 0 if that fraction does not wait at all.

        Raises
        ------
        ValueError
            If the fraction is outside its range.
        """
        beyond = 1 - _check.fraction("fraction", fraction)
        if self.p_wait <= beyond:
            return 0.0
        return self.mean_wait_time_if_waiting * math.log(self.p_wait / beyond)


def erlang_c(agents: int, rate_per_hour: float, mean_service_time: float) -> ErlangC:
    """Solve the queue M/M/n (Erlang C), where every contact waits until it is served.

    Parameters
    ----------
    agents : int
        Number of agents, more than the offered load.
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean of the exponential service time in seconds, above 0.

    Returns
    -------
    ErlangC

    Raises
    ------
    ValueError
        If an argument is outside its range, or the agents cannot keep up with the load.

    Notes
    -----
    P(wait) = n B / (n - a (1 - B)), B the Erlang B probability; the wait of those who wait is
    exponential with mean (mean service time) / (n - a) (Erlang 1917).

    Examples
    --------
    >>> queue = erlang_c(agents=14, rate_per_hour=200, mean_service_time=180)
    >>> round(queue.p_wait, 6), round(queue.asa, 3), round(queue.service_level(20), 6)
    (0.174132, 7.836, 0.88835)
    """
    agents = _check.whole("agents", agents, "agents")
    load = erlangs(rate_per_hour, mean_service_time)
    check_keeps_up(agents, load)
    p_block = blocking(agents, load)
    p_wait = agents * p_block / (agents - load + load * p_block)
    asa = p_wait * mean_service_time / (agents - load)
    return ErlangC(
        agents=agents,
        rate_per_hour=float(rate_per_hour),
        mean_service_time=float(mean_service_time),
        offered_load=load,
        p_wait=p_wait,
        asa=asa,
        mean_queue=asa * rate_per_hour / 3600,
        occupancy=load / agents,
    )


def check_keeps_up(agents: int, offered_load: float) -> None:
    """Refuse a queue that nobody leaves unserved and that the agents cannot keep short."""
    if offered_load >= agents:
        raise ValueError(
            f"agents is {agents} agents; it must be above the offered load of {offered_load:g} "
            "erlangs, or the queue grows without end (unless contacts give up, as in erlang_a)"
        )
