"""The four service levels in use, each named by what it divides by."""

import math
from typing import Literal, get_args

Denominator = Literal["offered", "served", "excluding_short_abandons", "handled"]


def service_level(
    served_within: float,
    abandoned_within: float,
    p_served: float,
    denominator: Denominator,
) -> float:
    """Return a service level from shares of the offered contacts.

    Parameters
    ----------
    served_within, abandoned_within : float
        Shares of the offered contacts served, and gone, within the acceptable wait time.
    p_served : float
        Share of the offered contacts that are ever served.
    denominator : str
        ``"offered"``: served in time / offered.
        ``"served"``: served in time / served.
        ``"excluding_short_abandons"``: served in time / (offered - gone in time).
        ``"handled"``: (served in time + gone in time) / offered.

    Returns
    -------
    float
        Fraction in [0, 1]; NaN where nobody is in the denominator.
    """
    if denominator == "offered":
        return served_within
    if denominator == "handled":
        # Rounding can carry a true 1 a hair over, here and below.
        return min(served_within + abandoned_within, 1.0)
    if denominator == "served":
        base = p_served
    elif denominator == "excluding_short_abandons":
        base = 1 - abandoned_within
    else:
        names = ", ".join(map(repr, get_args(Denominator)))
        raise ValueError(f"denominator is {denominator!r}; it must be one of {names}")
    return min(served_within / base, 1.0) if base > 0 else math.nan
