"""Smallest number of agents that meets the given targets, by Erlang B, C and A."""

import math
from collections.abc import Callable

from simcc.theory import _check
from simcc.theory._service_level import Denominator
from simcc.theory.erlang import ErlangC, erlang_b, erlang_c, erlangs
from simcc.theory.erlang_a import ErlangA, erlang_a


def agents_needed_b(rate_per_hour: float, mean_service_time: float, *, max_p_block: float) -> int:
    """Return the fewest agents that keep blocking low enough, by Erlang B.

    Parameters
    ----------
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean service time in seconds, above 0.
    max_p_block : float
        Largest fraction of contacts that may be blocked, strictly between 0 and 1.

    Returns
    -------
    int
        Number of agents, at least 1.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> agents_needed_b(rate_per_hour=200, mean_service_time=180, max_p_block=0.01)
    18
    """
    load = erlangs(rate_per_hour, mean_service_time)
    max_p_block = _check.fraction("max_p_block", max_p_block)
    return _smallest(
        lambda n: erlang_b(n, rate_per_hour, mean_service_time).p_block <= max_p_block,
        low=1,
        high=_surely_enough(load),
    )


def agents_needed_c(
    rate_per_hour: float,
    mean_service_time: float,
    *,
    min_service_level: float | None = None,
    acceptable_wait_time: float | None = None,
    max_p_wait: float | None = None,
    max_asa: float | None = None,
    max_occupancy: float | None = None,
) -> int:
    """Return the fewest agents that meet every target given, by Erlang C.

    Parameters
    ----------
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time : float
        Mean service time in seconds, above 0.
    min_service_level : float, optional
        Smallest share answered within `acceptable_wait_time`, strictly between 0 and 1.
    acceptable_wait_time : float, optional
        Seconds, at least 0; goes with `min_service_level`.
    max_p_wait : float, optional
        Largest fraction of contacts that may wait, strictly between 0 and 1.
    max_asa : float, optional
        Largest average speed of answer in seconds, above 0.
    max_occupancy : float, optional
        Largest mean fraction of busy agents, strictly between 0 and 1.

    Returns
    -------
    int
        Number of agents, above the offered load.

    Raises
    ------
    ValueError
        If no target is given or an argument is outside its range.

    Examples
    --------
    >>> agents_needed_c(rate_per_hour=200, mean_service_time=180,
    ...                 min_service_level=0.8, acceptable_wait_time=20)
    14
    """
    load = erlangs(rate_per_hour, mean_service_time)
    level = _service_target(min_service_level, acceptable_wait_time)
    limits = _limits(p_wait=max_p_wait, asa=max_asa, occupancy=max_occupancy)
    _need_a_target(level, limits)

    def meets(agents: int) -> bool:
        queue = erlang_c(agents, rate_per_hour, mean_service_time)
        in_time = level is None or queue.service_level(level[1]) >= level[0]
        return in_time and _within(queue, limits)

    low = math.floor(load) + 1
    return _smallest(meets, low=low, high=_surely_enough(load, max_occupancy))


def agents_needed_a(
    rate_per_hour: float,
    mean_service_time: float,
    mean_patience_time: float,
    *,
    min_service_level: float | None = None,
    acceptable_wait_time: float | None = None,
    denominator: Denominator = "offered",
    max_p_abandon: float | None = None,
    max_p_wait: float | None = None,
    max_asa: float | None = None,
    max_occupancy: float | None = None,
) -> int:
    """Return the fewest agents that meet every target given, by Erlang A.

    Parameters
    ----------
    rate_per_hour : float
        Arrivals per hour, above 0.
    mean_service_time, mean_patience_time : float
        Mean service and patience time in seconds, above 0 and finite.
    min_service_level : float, optional
        Smallest service level within `acceptable_wait_time`, strictly between 0 and 1.
    acceptable_wait_time : float, optional
        Seconds, at least 0; goes with `min_service_level`.
    denominator : {"offered", "served", "excluding_short_abandons", "handled"}
        What that service level divides by; see `ErlangA.service_level`.
    max_p_abandon, max_p_wait : float, optional
        Largest fraction of the contacts that may give up, or wait.
    max_asa : float, optional
        Largest average speed of answer in seconds, above 0.
    max_occupancy : float, optional
        Largest mean fraction of busy agents, strictly between 0 and 1.

    Returns
    -------
    int
        Number of agents, at least 1.

    Raises
    ------
    ValueError
        If no target is given or an argument is outside its range.

    Notes
    -----
    There is no `room` here: with one, fewer agents can mean fewer waits, as more are blocked.

    Examples
    --------
    >>> agents_needed_a(rate_per_hour=2880, mean_service_time=60, mean_patience_time=120,
    ...                 max_p_abandon=0.02)
    52
    """
    load = erlangs(rate_per_hour, mean_service_time)
    _check.positive("mean_patience_time", mean_patience_time, "s")
    level = _service_target(min_service_level, acceptable_wait_time)
    limits = _limits(
        p_abandon=max_p_abandon, p_wait=max_p_wait, asa=max_asa, occupancy=max_occupancy
    )
    _need_a_target(level, limits)

    def meets(agents: int) -> bool:
        queue = erlang_a(agents, rate_per_hour, mean_service_time, mean_patience_time)
        in_time = level is None or queue.service_level(level[1], denominator) >= level[0]
        return in_time and _within(queue, limits)

    return _smallest(meets, low=1, high=_surely_enough(load, max_occupancy))


def _service_target(
    min_service_level: float | None, acceptable_wait_time: float | None
) -> tuple[float, float] | None:
    if min_service_level is None and acceptable_wait_time is None:
        return None
    if min_service_level is None or acceptable_wait_time is None:
        raise ValueError(
            f"min_service_level is {min_service_level!r} and acceptable_wait_time is "
            f"{acceptable_wait_time!r} s; they must be given together"
        )
    return (
        _check.fraction("min_service_level", min_service_level),
        _check.non_negative("acceptable_wait_time", acceptable_wait_time, "s"),
    )


def _limits(**largest: float | None) -> dict[str, float]:
    """Return the upper limits that were given, by the name of the figure they limit."""
    limits = {name: value for name, value in largest.items() if value is not None}
    for name, value in limits.items():
        if name == "asa":
            _check.positive("max_asa", value, "s")
        else:
            _check.fraction(f"max_{name}", value)
    return limits


def _need_a_target(level: tuple[float, float] | None, limits: dict[str, float]) -> None:
    if level is None and not limits:
        raise ValueError("no target is given; name at least one, such as min_service_level")


def _within(queue: ErlangC | ErlangA, limits: dict[str, float]) -> bool:
    return all(getattr(queue, name) <= limit for name, limit in limits.items())


def _surely_enough(load: float, max_occupancy: float | None = None) -> int:
    """Return so many agents that a wait is all but impossible and occupancy is low enough."""
    enough = load + 60 * math.sqrt(load) + 1000
    return math.ceil(max(enough, load / max_occupancy if max_occupancy else 0))


def _smallest(meets: Callable[[int], bool], low: int, high: int) -> int:
    """Return the least number in low..high that meets the targets, which more agents never miss."""
    if not meets(high):
        raise ValueError(f"the targets are not met even with {high} agents; relax one of them")
    while low < high:
        middle = (low + high) // 2
        if meets(middle):
            high = middle
        else:
            low = middle + 1
    return low
