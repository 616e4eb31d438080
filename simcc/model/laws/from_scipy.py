"""Any continuous law of scipy.stats, kept by its name and parameters."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import LARGEST, FrozenDict, Many, Number, Positive, Rule, Table, Text
from simcc.model.laws.base import Floats, Law
from simcc.model.messages import shown, suggestion

# Laws of test statistics: a mean or a table of quantiles can take them hours.
TOO_SLOW = ("ksone", "kstwo", "studentized_range")


# Where the quantiles of a law are tried.
PROBES = np.array([1e-9, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6, 1 - 1e-9])


def _usable(law: Any) -> Iterator[Problem]:
    wrong = _wrong_name(law.name)
    if wrong:
        yield Problem("name", f'is "{law.name}", {wrong}')
        return
    given = f"args {shown(law.args)}" + (f" and kwds {shown(dict(law.kwds))}" if law.kwds else "")
    fields = law.name, law.args, law.kwds, law.loc, law.scale
    try:
        low, mean, quantiles = _tried(_frozen(*fields))
    except Exception as error:  # each law checks its parameters in its own way
        yield Problem("args", f"{law.name} does not accept {given}: {error}")
        return
    if math.isnan(low):
        yield Problem("args", f"{law.name} does not allow {given}")
    elif low < 0:
        yield Problem("", f"has values down to {low:g} s; a law of times has no negative values")
    elif not mean <= LARGEST:
        yield Problem("", f"has mean {mean:g} s; must be finite, at most {LARGEST:g} s")
    elif not np.isfinite(quantiles).all() or (np.diff(quantiles) < 0).any():
        yield Problem("args", f"SciPy cannot compute the quantiles of {law.name} with {given}")


def _wrong_name(name: str) -> str:
    """What is wrong with the name of a law; empty if it can be used."""
    from scipy import stats

    found = getattr(stats, name, None)
    if name in TOO_SLOW:
        return "which takes too long to compute; use a Sample of it"
    if isinstance(found, stats.rv_continuous):
        return ""
    if isinstance(found, stats.rv_discrete):
        return "a discrete law; must be a continuous one"
    known = [key for key, one in vars(stats).items() if isinstance(one, stats.rv_continuous)]
    return f"no continuous law of scipy.stats; {suggestion(name, sorted(known))}"


def _tried(frozen: Any) -> tuple[float, float, Floats]:
    """Lowest value, mean and some quantiles; the last two only where they can be asked for."""
    with _without_warnings():
        low = float(frozen.support()[0])
        mean = float(frozen.mean()) if low >= 0 else math.nan
        quantiles = frozen.ppf(PROBES) if mean <= LARGEST else PROBES
        return low, mean, np.asarray(quantiles, float)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """SciPy warns of the higher moments that it computes beside a mean; they are not used."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class ScipyLaw(Law):
    """A continuous law of ``scipy.stats``.

    Parameters
    ----------
    name : str
        Its name there, such as ``"burr12"``.
    args : sequence of float
        Shape parameters in SciPy's order.
    kwds : mapping
        Shape parameters by name.
    loc : float, default 0
        Shift in seconds.
    scale : float, default 1
        Scale in seconds.

    Examples
    --------
    >>> from scipy import stats
    >>> law = ScipyLaw(name="burr12", args=[3.0, 2.0], scale=300)
    >>> bool(law.ppf(0.5) == stats.burr12(3.0, 2.0, scale=300).ppf(0.5))
    True
    """

    kind: Literal["scipy"] = "scipy"
    name: Text
    args: Many[Number] = ()
    kwds: Table[Number] = Field(default_factory=FrozenDict)
    loc: Number = 0.0
    scale: Positive = 1.0
    rules: ClassVar[tuple[Rule, ...]] = (_usable,)

    def freeze(self) -> Any:
        """The frozen distribution of ``scipy.stats``."""
        return _frozen(self.name, self.args, FrozenDict(self.kwds), self.loc, self.scale)

    def ppf(self, u: ArrayLike) -> Floats:
        return np.asarray(self.freeze().ppf(u), float)

    def isf(self, q: ArrayLike) -> Floats:
        return np.asarray(self.freeze().isf(q), float)

    def sf(self, t: ArrayLike) -> Floats:
        return np.asarray(self.freeze().sf(t), float)

    def mean(self) -> float:
        with _without_warnings():
            return float(self.freeze().mean())


@lru_cache(maxsize=256)
def _frozen(name: str, args: tuple[float, ...], kwds: FrozenDict, loc: float, scale: float) -> Any:
    from scipy import stats

    return getattr(stats, name)(*args, loc=loc, scale=scale, **kwds)


def of_frozen(frozen: Any) -> dict[str, Any]:
    """Fields of the :class:`ScipyLaw` that a frozen distribution is.

    Raises
    ------
    ValueError
        If it is not a continuous law that scipy.stats knows by name.
    """
    from scipy import stats

    dist: Any = frozen.dist
    if not isinstance(dist, stats.rv_continuous):
        raise ValueError(f'is the discrete law "{dist.name}"; must be a continuous one')
    known: Any = getattr(stats, dist.name or "", None)
    if known.__class__ is not dist.__class__:
        raise ValueError(
            f"is a law of {type(dist).__name__}, which scipy.stats does not know by name; "
            "use its quantiles as a Sample, or its survival as a SurvivalCurve"
        )
    n = dist.numargs
    place = {"loc": 0.0, "scale": 1.0, **dict(zip(("loc", "scale"), frozen.args[n:], strict=False))}
    kwds = dict(frozen.kwds)
    place = {key: kwds.pop(key, value) for key, value in place.items()}
    return {"kind": "scipy", "name": dist.name, "args": frozen.args[:n], "kwds": kwds, **place}
