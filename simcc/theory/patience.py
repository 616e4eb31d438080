"""M/M/n+GI: contacts whose patience follows any law."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simcc.theory import _check
from simcc.theory._birth_death import busy_share, idle_or_busy
from simcc.theory._check import FloatArray, Law
from simcc.theory._panels import Panels, panel_nodes, resolve
from simcc.theory._service_level import Denominator, service_level
from simcc.theory.erlang import erlangs

# Offered waits whose density is below exp(-NEGLIGIBLE) of its peak are left out.
NEGLIGIBLE = 50.0
# Share of the density's mass that may be missed in any one panel.
MISSED_SHARE = 1e-14
MAX_DOUBLINGS = 60


@dataclass(frozen=True)
class _OfferedWait:
    """The wait of a contact of endless patience that finds all agents busy.

    `density` holds its density at the nodes of the panels, whose values are the survival
    function of patience there.
    """

    panels: Panels
    density: FloatArray

    def mean(self, values: FloatArray) -> float:
        """Return the mean of a function of this wait, given at the nodes."""
        return float(self.panels.cumulative(self.density * values)[-1, -1])

    def reached(self, time: float) -> float:
        """Return P(wait <= time)."""
        return self._up_to(time, self.density)

    def served(self, time: float) -> float:
        """Return P(wait <= time and patience lasts that long)."""
        return self._up_to(time, self.density * self.panels.values)

    def _up_to(self, time: float, values: FloatArray) -> float:
        cumulative = self.panels.cumulative(values)
        if time >= self.panels.edges[-1]:
            return float(cumulative[-1, -1])
        return float(self.panels.interpolate(cumulative, np.array(time)))


@dataclass(frozen=True)
class GeneralPatience:
    """Steady state of M/M/n+GI; fractions are of the offered contacts.

    Attributes
    ----------
    agents : int
        Number of agents.
    rate_per_hour : float
        Arrivals per hour.
    mean_service_time : float
        Mean service time in seconds.
    patience : Law
        The law of the patience time in seconds.
    offered_load : float
        Arrival rate times mean service time, in erlangs.
    p_immediate : float
        Fraction that finds an idle agent.
    p_wait : float
        Fraction that finds all agents busy.
    p_abandon : float
        Fraction that gives up.
    p_served : float
        Fraction that is served.
    mean_wait_time : float
        Mean wait in seconds of all contacts, served or not.
    asa : float
        Average speed of answer: mean wait in seconds of the served contacts.
    mean_wait_time_abandoned : float
        Mean wait in seconds of the contacts that give up; NaN if none do.
    mean_queue : float
        Mean number of contacts waiting.
    occupancy : float
        Mean fraction of the agents that are busy.
    """

    agents: int
    rate_per_hour: float
    mean_service_time: float
    patience: Law
    offered_load: float
    p_immediate: float
    p_wait: float
    p_abandon: float
    p_served: float
    mean_wait_time: float
    asa: float
    mean_wait_time_abandoned: float
    mean_queue: float
    occupancy: float
    _offered_wait: _OfferedWait = field(repr=False, compare=False)

    def offered_wait_sf(self, time: float) -> float:
        """Return P(a contact of endless patience would wait longer than `time` seconds)."""
        time = _check.non_negative("time", time, "s")
        return self.p_wait * (1 - self._offered_wait.reached(time))

    def served_within(self, time: float) -> float:
        """Return the fraction of the offered contacts served after a wait of at most `time` s."""
        time = _check.non_negative("time", time, "s")
        # Rounding can carry a true 1 a hair over.
        return min(self.p_immediate + self.p_wait * self._offered_wait.served(time), 1.0)

    def abandoned_within(self, time: float) -> float:
        """Return the fraction of the offered contacts that give up within `time` s."""
        time = _check.non_negative("time", time, "s")
        reached = self._offered_wait.reached(time)
        impatient = 1 - float(np.asarray(self.patience.sf(np.array([time])))[0])
        left = reached - self._offered_wait.served(time) + impatient * (1 - reached)
        # A true zero can come out as a negative rounding error.
        return max(self.p_wait * left, 0.0)

    def service_level(
        self, acceptable_wait_time: float, denominator: Denominator = "offered"
    ) -> float:
        """Return the share of contacts that wait at most the acceptable time.

        Parameters
        ----------
        acceptable_wait_time : float
            Seconds, at least 0.
        denominator : {"offered", "served", "excluding_short_abandons", "handled"}
            What the level divides by; see `ErlangA.service_level`.

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
        served, abandoned = self.served_within(time), self.abandoned_within(time)
        return service_level(served, abandoned, self.p_served, denominator)


def general_patience(
    agents: int, rate_per_hour: float, mean_service_time: float, patience: Law
) -> GeneralPatience:
    """Solve M/M/n+GI, the queue with abandonment for any law of patience.

    Parameters
    ----------
    agents : int
        Number of agents, at least 1.
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean of the exponential service time in seconds, above 0.
    patience : Law
        Anything with ``sf(t)``, the probability that patience exceeds t seconds for an array of
        times, such as a frozen SciPy law. Jumps are allowed: the one at 0 is the share that
        balks, and sf need not fall to 0.

    Returns
    -------
    GeneralPatience

    Raises
    ------
    ValueError
        If an argument is outside its range, `patience.sf` gives anything but probabilities, or
        so many contacts never give up that the queue grows without end.

    Notes
    -----
    The wait offered to a contact of endless patience has the density proportional to
    exp(lambda H(x) - n mu x), with H the integral of the survival function from 0 (Baccelli &
    Hebuterne 1981; Zeltyn & Mandelbaum 2005). All figures are integrals of positive functions
    against it, by Clenshaw-Curtis quadrature on panels halved until each misses less than 1e-14 of
    the density. A jump costs some twenty panels: a curve of a thousand steps takes well
    under a second.

    Examples
    --------
    >>> from scipy.stats import lognorm
    >>> queue = general_patience(agents=50, rate_per_hour=2880, mean_service_time=60,
    ...                          patience=lognorm(s=1.0, scale=90))
    >>> round(queue.p_abandon, 4), round(queue.service_level(20), 4)
    (0.0184, 0.893)
    """
    agents = _check.whole("agents", agents, "agents")
    load = erlangs(rate_per_hour, mean_service_time)
    sf = _check.survival("patience", patience)
    rate, capacity = rate_per_hour / 3600, agents / mean_service_time
    panels = _panels_of_offered_wait(sf, rate, capacity)
    density, log_mass = _density(panels, rate, capacity)
    p_immediate, p_wait = idle_or_busy(agents, load, math.log(rate) + log_mass)
    wait = _OfferedWait(panels, density)
    occupancy = busy_share(agents, load, p_immediate, p_wait)
    p_served = occupancy * agents / load
    p_abandon = p_wait * wait.mean(1 - panels.values)
    patience_used = panels.cumulative(panels.values)
    time_if_served = panels.nodes * panels.values
    mean_wait_time = p_wait * wait.mean(patience_used)
    wait_abandoned = p_wait * wait.mean(patience_used - time_if_served)
    return GeneralPatience(
        agents=agents,
        rate_per_hour=float(rate_per_hour),
        mean_service_time=float(mean_service_time),
        patience=patience,
        offered_load=load,
        p_immediate=p_immediate,
        p_wait=p_wait,
        p_abandon=p_abandon,
        p_served=p_served,
        mean_wait_time=mean_wait_time,
        asa=p_wait * wait.mean(time_if_served) / p_served,
        mean_wait_time_abandoned=wait_abandoned / p_abandon if p_abandon > 0 else math.nan,
        mean_queue=mean_wait_time * rate,
        occupancy=occupancy,
        _offered_wait=wait,
    )


def _panels_of_offered_wait(
    sf: Callable[[FloatArray], FloatArray], rate: float, capacity: float
) -> Panels:
    """Return panels from 0 to where the offered wait ends, fine enough for its density.

    The log density drifts by rate * sf - capacity per second: up, then down for good.
    """
    tolerance = 1e-13 / rate
    blocks = [resolve(sf, np.array([0.0, 1 / capacity]), tolerance)]
    level = peak = 0.0
    for _ in range(MAX_DOUBLINGS):
        drift = blocks[-1].cumulative(rate * blocks[-1].values - capacity)
        peak = max(peak, level + float(drift.max()))
        level += float(drift[-1, -1])
        if level < peak - NEGLIGIBLE:
            return _resolve_density(_join(blocks), sf, rate, capacity)
        end = blocks[-1].edges[-1]
        blocks.append(resolve(sf, np.array([end, 2 * end]), tolerance))
    raise ValueError(
        f"patience.sf stays at {blocks[-1].values[-1, -1]:g} for ever; it must fall below "
        f"{capacity / rate:g}, the share of the contacts that the agents can serve, or the queue "
        "grows without end"
    )


def _join(blocks: list[Panels]) -> Panels:
    edges = [blocks[0].edges[:1], *(block.edges[1:] for block in blocks)]
    return Panels(np.concatenate(edges), np.concatenate([block.values for block in blocks]))


def _density(panels: Panels, rate: float, capacity: float) -> tuple[FloatArray, float]:
    """Return exp(rate H(x) - capacity x) scaled to mass 1, and the logarithm of its mass before."""
    growth = rate * panels.values - capacity
    level = panels.cumulative(growth)[:, -1]
    top = int(np.argmax(level))
    # In heavy traffic the level at the top is in the millions: it must not blur what is near.
    drift = panels.cumulative(growth, origin=top + 1)
    peak = float(drift.max())
    weights = np.exp(drift - peak)
    mass = float(panels.cumulative(weights)[-1, -1])
    return weights / mass, float(level[top]) + peak + math.log(mass)


def _resolve_density(
    panels: Panels, sf: Callable[[FloatArray], FloatArray], rate: float, capacity: float
) -> Panels:
    """Halve panels until the density and its product with the survival function are resolved."""
    while True:
        density, _ = _density(panels, rate, capacity)
        missed = np.maximum(panels.missed(density), panels.missed(density * panels.values))
        # Around a jump a panel is unresolved until it is as narrow as numbers allow.
        narrow = np.diff(panels.edges) <= 4 * np.spacing(panels.edges[1:])
        split = (missed > MISSED_SHARE) & ~narrow
        if not split.any():
            return panels
        middles = (panels.edges[:-1] + panels.edges[1:])[split] / 2
        edges = np.sort(np.concatenate((panels.edges, middles)))
        panels = Panels(edges, sf(panel_nodes(edges[:-1], edges[1:])))
