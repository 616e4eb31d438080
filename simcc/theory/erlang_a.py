"""Erlang A, M/M/n/N+M: contacts give up when their exponential patience runs out."""

import math
from dataclasses import dataclass, field

import numpy as np

from simcc.theory import _check
from simcc.theory._birth_death import busy_share, idle_or_busy, queue_lengths
from simcc.theory._check import FloatArray
from simcc.theory._service_level import Denominator, service_level
from simcc.theory.erlang import check_keeps_up, erlangs


@dataclass(frozen=True)
class ErlangA:
    """Steady state of M/M/n/N+M; fractions are of the offered contacts.

    Attributes
    ----------
    agents : int
        Number of agents.
    rate_per_hour : float
        Arrivals per hour.
    mean_service_time : float
        Mean service time in seconds.
    mean_patience_time : float
        Mean patience time in seconds; infinite if nobody gives up.
    room : int or None
        Most contacts in the center at once, waiting and in service; None for no limit.
    offered_load : float
        Arrival rate times mean service time, in erlangs.
    p_immediate : float
        Fraction that finds an idle agent.
    p_wait : float
        Fraction that joins the queue.
    p_abandon : float
        Fraction that gives up while waiting.
    p_block : float
        Fraction turned away because the room is full.
    p_served : float
        Fraction that is served.
    mean_wait_time : float
        Mean wait in seconds of the contacts that are not blocked, served or not.
    asa : float
        Average speed of answer: mean wait in seconds of the served contacts.
    mean_wait_time_abandoned : float
        Mean wait in seconds of the contacts that give up; NaN if none do.
    mean_queue : float
        Mean number of contacts waiting.
    occupancy : float
        Mean fraction of the agents that are busy.
    p_queue : numpy.ndarray
        Shape (J + 1,): probability that all agents are busy and j contacts wait, j = 0 to J.
    """

    agents: int
    rate_per_hour: float
    mean_service_time: float
    mean_patience_time: float
    room: int | None
    offered_load: float
    p_immediate: float
    p_wait: float
    p_abandon: float
    p_block: float
    p_served: float
    mean_wait_time: float
    asa: float
    mean_wait_time_abandoned: float
    mean_queue: float
    occupancy: float
    p_queue: FloatArray = field(repr=False, compare=False)

    def served_within(self, time: float) -> float:
        """Return the fraction of the offered contacts served after a wait of at most `time` s."""
        time = _check.non_negative("time", time, "s")
        return self._outcomes_within(time)[0]

    def abandoned_within(self, time: float) -> float:
        """Return the fraction of the offered contacts that give up within `time` s."""
        time = _check.non_negative("time", time, "s")
        return self._outcomes_within(time)[1]

    def service_level(
        self, acceptable_wait_time: float, denominator: Denominator = "offered"
    ) -> float:
        """Return the share of contacts that wait at most the acceptable time.

        Parameters
        ----------
        acceptable_wait_time : float
            Seconds, at least 0.
        denominator : {"offered", "served", "excluding_short_abandons", "handled"}
            ``offered``: served in time / offered. ``served``: served in time / served.
            ``excluding_short_abandons``: served in time / (offered - given up in time).
            ``handled``: (served in time + given up in time) / offered.

        Returns
        -------
        float
            Fraction in [0, 1].

        Raises
        ------
        ValueError
            If the time is negative or not finite, or the denominator has another name.
        """
        time = _check.non_negative("acceptable_wait_time", acceptable_wait_time, "s")
        served, abandoned = self._outcomes_within(time)
        return service_level(served, abandoned, self.p_served, denominator)

    def _outcomes_within(self, time: float) -> tuple[float, float]:
        """Return the fractions served and given up within `time` seconds."""
        from scipy.special import betainc, gammainc

        p_found = _found_by_waiters(self.p_queue, self.room)
        n_ahead = np.arange(1.0, p_found.size + 1)
        if math.isinf(self.mean_patience_time):
            # The wait is the sum of n_ahead exponential gaps between service completions.
            reached = gammainc(n_ahead, self.agents * time / self.mean_service_time)
            return min(self.p_immediate + float(p_found @ reached), 1.0), 0.0
        # Gaps of rates (c + i) / patience, i < n_ahead: exp(-wait / patience) is Beta(c, n_ahead).
        c = self.agents * self.mean_patience_time / self.mean_service_time
        gone = -math.expm1(-time / self.mean_patience_time)
        p_served = c / (c + n_ahead)
        reached = betainc(n_ahead, c, gone)
        reached_if_served = betainc(n_ahead, c + 1, gone)
        left = gone * (1 - reached) + reached - p_served * reached_if_served
        served = self.p_immediate + float(p_found @ (p_served * reached_if_served))
        # Rounding can carry a true 1 or 0 a hair over.
        return min(served, 1.0), max(float(p_found @ left), 0.0)


def erlang_a(
    agents: int,
    rate_per_hour: float,
    mean_service_time: float,
    mean_patience_time: float,
    room: int | None = None,
) -> ErlangA:
    """Solve the queue with abandonment M/M/n+M (Erlang A), or M/M/n/N+M with limited room.

    Parameters
    ----------
    agents : int
        Number of agents, at least 1.
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean of the exponential service time in seconds, above 0.
    mean_patience_time : float
        Mean of the exponential patience time in seconds, above 0; ``math.inf`` if nobody gives
        up, which needs a room or more agents than erlangs.
    room : int, optional
        Most contacts in the center at once, waiting and in service, at least `agents`; one that
        finds it full is blocked. No limit if left out.

    Returns
    -------
    ErlangA

    Raises
    ------
    ValueError
        If an argument is outside its range, or the queue grows without end or far beyond what
        can be summed (4 million waiting).

    Notes
    -----
    A birth-death chain; without a room it is cut where the longer queues together weigh less
    than 1e-20 of those with all agents busy. A contact that finds j waiting reaches an agent
    after j + 1 departures at rates n/S + i/P (S mean service, P mean patience time), so waits
    follow from beta functions (Palm 1957; Garnett, Mandelbaum & Reiman 2002; Mandelbaum &
    Zeltyn 2007).

    Examples
    --------
    >>> queue = erlang_a(agents=50, rate_per_hour=2880, mean_service_time=60,
    ...                  mean_patience_time=120)
    >>> round(queue.p_abandon, 6), round(queue.asa, 4), round(queue.service_level(20), 6)
    (0.030912, 3.6159, 0.943019)
    >>> round(queue.service_level(20, denominator="served"), 6)
    0.9731
    """
    agents = _check.whole("agents", agents, "agents")
    load = erlangs(rate_per_hour, mean_service_time)
    patience = _check.positive("mean_patience_time", mean_patience_time, "s", allow_infinity=True)
    if room is not None:
        room = _check.whole("room", room, "contacts", least=agents)
    elif math.isinf(patience):
        check_keeps_up(agents, load)
    leave_ratio = mean_service_time / patience
    longest = None if room is None else room - agents
    shares, log_weight = queue_lengths(agents, load, leave_ratio, longest)
    log_busy_mass = log_weight + math.log(load / agents)
    some_idle, all_busy = idle_or_busy(agents, load, log_busy_mass)
    occupancy = busy_share(agents, load, some_idle, all_busy)
    p_served = occupancy * agents / load
    p_queue = shares * all_busy
    p_found = _found_by_waiters(p_queue, room)
    wait_served, wait_abandoned = _waits_by_outcome(
        p_found, agents / mean_service_time, 1 / patience
    )
    mean_queue = float(p_queue @ np.arange(p_queue.size))
    rate = rate_per_hour / 3600
    p_abandon = mean_queue / (rate * patience)
    return ErlangA(
        agents=agents,
        rate_per_hour=float(rate_per_hour),
        mean_service_time=float(mean_service_time),
        mean_patience_time=patience,
        room=room,
        offered_load=load,
        p_immediate=some_idle,
        p_wait=float(p_found.sum()),
        p_abandon=p_abandon,
        p_block=0.0 if room is None else float(p_queue[-1]),
        p_served=p_served,
        mean_wait_time=mean_queue / rate / (p_served + p_abandon),
        asa=wait_served / p_served,
        mean_wait_time_abandoned=wait_abandoned / p_abandon if p_abandon > 0 else math.nan,
        mean_queue=mean_queue,
        occupancy=occupancy,
        p_queue=p_queue,
    )


def _found_by_waiters(p_queue: FloatArray, room: int | None) -> FloatArray:
    """Return P(an arrival joins the queue and finds j waiting), j = 0, 1, ..."""
    return p_queue if room is None else p_queue[:-1]


def _waits_by_outcome(
    p_found: FloatArray, service_rate: float, leave_rate: float
) -> tuple[float, float]:
    """Return E[wait; served] and E[wait; given up] in seconds, for a tagged contact.

    Finding j waiting, it is served with probability n mu / (n mu + (j + 1) theta), and then its
    wait is the sum of j + 1 exponential times of rates n mu + i theta, i = 1 to j + 1.
    """
    leave_rates = np.arange(1, p_found.size + 1) * leave_rate
    total_rates = service_rate + leave_rates
    wait_if_served = np.cumsum(1 / total_rates)
    wait_served = float(p_found @ (service_rate / total_rates * wait_if_served))
    # What is left of the mean wait (j + 1) / total_rates, summed so that nothing cancels.
    wait_abandoned = float(p_found @ (np.cumsum(leave_rates / total_rates) / total_rates))
    return wait_served, wait_abandoned
