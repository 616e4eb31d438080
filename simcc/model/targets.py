"""Service-level targets."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simcc.model.base import Duration, Name, Part, Probability


class Target(Part):
    """A share of contacts to be answered within a wait.

    Parameters
    ----------
    share : float
        In (0, 1].
    within : duration
        Acceptable wait.
    type : str, optional
        Contact type; left out, all together.
    denominator : {"offered", "served", "excluding_short_abandons", "handled"}, default "offered"
        Of which contacts the share is.

    Examples
    --------
    >>> Target(share=0.8, within="20s").within
    20.0
    """

    share: Annotated[Probability, Field(gt=0)]
    within: Duration
    type: Name | None = None
    denominator: Literal["offered", "served", "excluding_short_abandons", "handled"] = "offered"
