"""What every law can do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simcc.errors import Problem
from simcc.model.base import LARGEST, Part, Rule
from simcc.model.messages import shown

Floats = NDArray[np.float64]


def sensible_mean(law: Any) -> Iterator[Problem]:
    """The mean that follows from the parameters is a usable number."""
    if isinstance(law, Law) and not law.mean() <= LARGEST:
        yield Problem("", f"has mean {shown(law.mean())} s; must be finite, at most {LARGEST:g} s")


def finite_mean(*names: str) -> Rule:
    """Rule: the laws of these fields end some time; only patience may have no end."""

    def check(part: Any) -> Iterator[Problem]:
        for name in names:
            found = getattr(part, name)
            for place, law in _laws(name, found):
                if math.isinf(law.mean()):
                    message = 'has infinite mean; a tail "never" is for patience only'
                    yield Problem(place, message)

    return check


def _laws(name: str, found: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(found, tuple):
        yield from ((f"{name}[{i}]", law) for i, law in enumerate(found))
    elif isinstance(found, dict):
        yield from ((f'{name}["{key}"]', law) for key, law in found.items())
    elif found is not None:
        yield name, found


class Law(Part):
    """A law of a time in seconds: never negative, with a finite mean.

    Where a scenario asks for a law it also takes a number or text (``180``, ``"3min"``: a
    constant), a frozen continuous law of ``scipy.stats``, and a dict as files write it
    (``{"law": "gamma", "mean": "4min", "cv": 0.7}``).
    """

    kind: Any

    def ppf(self, u: ArrayLike) -> Floats:
        """Quantiles in seconds at probabilities ``u`` in [0, 1], an array of the same shape."""
        raise NotImplementedError

    def isf(self, q: ArrayLike) -> Floats:
        """Times in seconds that are exceeded with probability ``q``, precise for small ``q``."""
        return self.ppf(1.0 - np.asarray(q, float))

    def sf(self, t: ArrayLike) -> Floats:
        """P(T > t) at times ``t`` in seconds, an array of the same shape."""
        raise NotImplementedError

    def mean(self) -> float:
        """Mean in seconds."""
        raise NotImplementedError

    @classmethod
    def file_fields(cls) -> list[str]:
        """Names of the fields as files write them."""
        return ["law" if name == "kind" else name for name in super().file_fields()]
