"""Replications that are not drawn independently, so that their mean scatters less.

What is drawn depends on the design, the seed and the number of the replication only: customers are
the same under any routing, staffing or number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.random import Generator

from simcc.arrivals_sampling import busyness_stream
from simcc.errors import SimulationError
from simcc.estimation import Floats
from simcc.model import Scenario
from simcc.streams import Streams

LAST = 1 - 2.0**-53  # the largest uniform
STRATA, SOBOL = "\x1fstrata", "\x1fsobol"  # the mark keeps the names apart from any type's


class ByInversion(Generator):
    """Uniforms, or one less each, and exponentials made of them by inversion."""

    def __init__(self, bits: Any, *, mirrored: bool) -> None:
        super().__init__(bits)
        self._mirrored = mirrored

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Uniforms in [0, 1)."""
        u = super().random(size, dtype, out)
        return np.subtract(LAST, u, out=out) if self._mirrored else u

    def standard_exponential(
        self, size: Any = None, dtype: Any = np.float64, method: Any = "inv", out: Any = None
    ) -> Any:
        """Exponentials, the larger the larger the uniform."""
        u = self.random(size, dtype, out)
        return np.negative(np.log1p(np.negative(u, out=out), out=out), out=out)


class Antithetic(Streams):
    """Replications 2 i and 2 i + 1 draw uniforms u and 1 - u in the same places."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._pair = [ByInversion(self._bits, mirrored=mirrored) for mirrored in (False, True)]

    def open(self, name: str, replication: int, part: int = 0) -> Generator:
        """Generator at the start of a stream, see :class:`simcc.streams.Streams`."""
        super().open(name, replication // 2, part)
        return self._pair[replication % 2]


class _Given(Generator):
    """Uniforms that were drawn before the run."""

    uniforms: Floats

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        return self.uniforms


class WithFactors(Streams):
    """Streams of which some give uniforms that were drawn before the run.

    Parameters
    ----------
    seed : int
    given : mapping
        From names of streams to uniforms, float64 arrays of one row per replication.
    """

    def __init__(self, seed: int, given: Mapping[str, Floats]) -> None:
        super().__init__(seed)
        self._given, self._giver = given, _Given(self._bits)

    def open(self, name: str, replication: int, part: int = 0) -> Generator:
        """Generator at the start of a stream, see :class:`simcc.streams.Streams`."""
        if name not in self._given:
            return super().open(name, replication, part)
        self._giver.uniforms = self._given[name][replication]
        return self._giver


def daily_factors(scenario: Scenario) -> list[str]:
    """Names of the streams that give a scenario one factor a day."""
    named = (busyness_stream(kind) for kind in scenario.contact_types)
    return list(dict.fromkeys(name for name in named if name is not None))


def strata(seed: int, group: int, size: int, factors: int) -> Floats:
    """Uniforms of a group of replications: of each factor, one in each of ``size`` strata.

    A Latin hypercube (McKay, Beckman and Conover 1979); with one factor, a stratified sample of one
    in each stratum.

    Returns
    -------
    float64 array, shape (size, factors)

    Examples
    --------
    >>> np.sort((4 * strata(1, 0, 4, 2)).astype(int), axis=0).tolist()
    [[0, 0], [1, 1], [2, 2], [3, 3]]
    """
    order, inside = Streams(seed).open(STRATA, group).random((2, size, factors))
    return np.asarray(np.minimum((order.argsort(axis=0) + inside) / size, LAST))


def sobol(seed: int, group: int, size: int, factors: int) -> Floats:
    """Uniforms of a group of replications: the first points of a scrambled Sobol sequence.

    Owen, A. B. (1998), Scrambling Sobol' and Niederreiter-Xing points, Journal of Complexity 14,
    466-489; here by a random linear matrix and a digital shift, as SciPy does.

    Returns
    -------
    float64 array, shape (size, factors)
        ``size`` must be a power of 2.
    """
    from scipy.stats import qmc

    scrambled_by = int(Streams(seed).open(SOBOL, group).bit_generator.random_raw())
    points = qmc.Sobol(factors, scramble=True, rng=scrambled_by)
    return np.asarray(points.random_base2(size.bit_length() - 1))


def with_factors(
    scenario: Scenario, seed: int, method: str, groups: int, size: int
) -> Callable[[], Streams]:
    """Return what makes the streams of a design of daily factors, for each thread its own.

    Raises
    ------
    SimulationError
        If the scenario has no daily factors, or too many.
    """
    names, days = daily_factors(scenario), len(scenario.horizon.day_edges) - 1
    if not names:
        raise SimulationError(
            f'method is "{method}"; that needs busyness, a daily factor of some arrivals'
        )
    factors = len(names) * days
    if method == "rqmc":
        _check_factors(factors)
    draw = strata if method == "stratified" else sobol
    drawn = np.concatenate([draw(seed, g, size, factors) for g in range(groups)])
    columns = np.split(drawn, len(names), axis=1)
    return partial(WithFactors, seed, dict(zip(names, columns, strict=True)))


def _check_factors(factors: int) -> None:
    from scipy.stats import qmc

    if factors > qmc.Sobol.MAXDIM:
        raise SimulationError(
            f'method is "rqmc"; there are {factors} daily factors, and there must be at most '
            f"{qmc.Sobol.MAXDIM}"
        )
