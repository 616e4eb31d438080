"""Load under time-varying arrivals: busy agents if there were always one free (M_t/G/infinity)."""

import numpy as np
from numpy.typing import ArrayLike

from simcc.theory import _check
from simcc.theory._check import FloatArray, Law
from simcc.theory._panels import Panels, resolve

# Integrals of the survival function of service are known to this, in seconds per panel.
TOLERANCE = 1e-12


def offered_load(
    times: ArrayLike, edges: ArrayLike, rates_per_hour: ArrayLike, service: Law
) -> FloatArray:
    """Return the mean number of busy agents at given times if no contact ever waits.

    Parameters
    ----------
    times : array_like
        Instants in seconds, any shape.
    edges : array_like
        Shape (m + 1,): edges of the intervals in seconds, strictly increasing. The center is
        empty at the first edge and nothing arrives after the last.
    rates_per_hour : array_like
        Shape (m,): arrivals per hour in each interval, at least 0.
    service : Law
        Anything with ``sf(t)``, the probability that a service exceeds t seconds for an array of
        times, such as a frozen SciPy law.

    Returns
    -------
    numpy.ndarray
        Offered load in erlangs, of the shape of `times`. The number busy is Poisson with it.

    Raises
    ------
    ValueError
        If an argument is outside its range or `service.sf` gives anything but probabilities.

    Notes
    -----
    m(t) is the integral of lambda(t - u) P(service > u) over u >= 0 (Eick, Massey & Whitt 1993);
    with constant rates between edges, the sum over the edges of the change of the rate there
    times the survival function integrated over the time since.

    Examples
    --------
    >>> from scipy.stats import expon
    >>> load = offered_load([900, 1800, 2700], edges=[0, 1800, 3600], rates_per_hour=[120, 60],
    ...                     service=expon(scale=300))
    >>> load.round(4).tolist()
    [9.5021, 9.9752, 5.2477]
    """
    at = _check.numbers("times", times, "s")
    starts = _check.edges("edges", edges)
    rates = _check.rates("rates_per_hour", rates_per_hour, starts.size - 1)
    survived = _SurvivalIntegrals(service, float(at.max(initial=starts[-1]) - starts[0]))
    load = np.zeros(at.shape)
    for edge, change in zip(starts, _rate_changes(rates), strict=True):
        load += change * survived.once(at - edge)
    # Where all have left, the changes cancel but for rounding.
    return np.maximum(load, 0.0)


def mean_offered_load(
    edges: ArrayLike,
    rates_per_hour: ArrayLike,
    service: Law,
    *,
    staffing_edges: ArrayLike | None = None,
) -> FloatArray:
    """Return `offered_load` averaged over each staffing interval.

    Parameters
    ----------
    edges, rates_per_hour, service
        As for `offered_load`.
    staffing_edges : array_like, optional
        Shape (k + 1,): edges in seconds of the intervals to average over; `edges` if left out.

    Returns
    -------
    numpy.ndarray
        Shape (k,): mean offered load in erlangs.

    Raises
    ------
    ValueError
        If an argument is outside its range or `service.sf` gives anything but probabilities.

    Examples
    --------
    >>> from scipy.stats import expon
    >>> mean_offered_load([0, 1800, 3600], [120, 60], expon(scale=300)).round(4).tolist()
    [8.3375, 5.8271]
    """
    starts = _check.edges("edges", edges)
    rates = _check.rates("rates_per_hour", rates_per_hour, starts.size - 1)
    cuts = starts if staffing_edges is None else _check.edges("staffing_edges", staffing_edges)
    survived = _SurvivalIntegrals(service, float(max(starts[-1], cuts[-1]) - starts[0]))
    busy_time = survived.twice(cuts[:, None] - starts) @ _rate_changes(rates)
    # Where all have left, the changes cancel but for rounding.
    return np.maximum(np.diff(busy_time) / np.diff(cuts), 0.0)


def pointwise_load(
    times: ArrayLike,
    edges: ArrayLike,
    rates_per_hour: ArrayLike,
    mean_service_time: float,
    *,
    lag_time: float = 0.0,
) -> FloatArray:
    """Return the load as if the arrival rate of the moment had always held.

    Parameters
    ----------
    times, edges, rates_per_hour
        As for `offered_load`.
    mean_service_time : float
        Mean service time in seconds, above 0.
    lag_time : float, optional
        Seconds by which the load trails the rate, at least 0. A good value is
        E[S**2] / (2 E[S]) for service time S: the mean service time if it is exponential.

    Returns
    -------
    numpy.ndarray
        Rate at ``times - lag_time`` times mean service time, in erlangs; 0 outside the edges.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The pointwise stationary approximation (Green & Kolesar 1991), and lagged (Green & Kolesar
    1997; the lag is from Eick, Massey & Whitt 1993). At interval starts, without lag, it is the
    load of stationary independent period by period staffing (SIPP).

    Examples
    --------
    >>> pointwise_load([0, 1800, 2000], [0, 1800, 3600], [120, 60], 300).tolist()
    [10.0, 5.0, 5.0]
    >>> pointwise_load([0, 1800, 2000], [0, 1800, 3600], [120, 60], 300, lag_time=300).tolist()
    [0.0, 10.0, 10.0]
    """
    at = _check.numbers("times", times, "s")
    starts = _check.edges("edges", edges)
    rates = _check.rates("rates_per_hour", rates_per_hour, starts.size - 1)
    service_time = _check.positive("mean_service_time", mean_service_time, "s")
    lag = _check.non_negative("lag_time", lag_time, "s")
    interval = np.searchsorted(starts, at - lag, side="right")
    return np.concatenate(([0.0], rates, [0.0]))[interval] * service_time / 3600


def _rate_changes(rates_per_hour: FloatArray) -> FloatArray:
    """Return the change of the rate at each edge, per second; the rate is 0 outside."""
    return np.diff(rates_per_hour, prepend=0.0, append=0.0) / 3600


class _SurvivalIntegrals:
    """The survival function of service integrated from 0, once and twice, up to a horizon."""

    def __init__(self, service: Law, horizon: float) -> None:
        # Doubling panels see both a law of seconds and one of hours at their own scale.
        ends = max(horizon, 1.0) * 2.0 ** np.arange(-20, 1)
        sf = _check.survival("service", service)
        self._panels: Panels = resolve(sf, np.concatenate(([0.0], ends)), TOLERANCE)
        self._once = self._panels.cumulative(self._panels.values)
        self._twice = self._panels.cumulative(self._once)

    def once(self, ages: FloatArray) -> FloatArray:
        """Return the integral of P(service > u) for u up to each age; 0 for ages below 0."""
        return self._panels.interpolate(self._once, np.maximum(ages, 0.0))

    def twice(self, ages: FloatArray) -> FloatArray:
        """Return the integral of `once` from 0 to each age; 0 for ages below 0."""
        return self._panels.interpolate(self._twice, np.maximum(ages, 0.0))
