"""The counters of one replication as numbered cells, those of zero left out.

So they travel between processes and lie in files: few numbers per replication, each with its place,
and the counters rebuilt from them are the same to the bit. Histograms of waits are kept for each
replication here, while :class:`simcc.metrics.Counters` shares them by batches of replications.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simcc.metrics.counters import (
    AGENT_COUNTERS,
    CALL_COUNTERS,
    CALLBACK_COUNTERS,
    CENTER_COUNTERS,
    GROUP_COUNTERS,
    ISSUE_COUNTERS,
    N_BINS,
    ORIGIN_COUNTERS,
    OUTCOME_COUNTERS,
    PAIR_COUNTERS,
    SALE_COUNTERS,
    Counters,
    Layout,
    bin_edges,
)

WAIT_COUNTERS = ("wait_served", "wait_abandoned")
WHOLE_WINDOW = -1

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


class Rows(NamedTuple):
    """Cells that are not zero, by replication, then by cell.

    Attributes
    ----------
    replication, cell : int32 arrays
    value : float64 array
    """

    replication: Ints
    cell: Ints
    value: Floats


class Names(NamedTuple):
    """What cells are, as columns; the same length each.

    Attributes
    ----------
    interval : int32 array
        From 0; WHOLE_WINDOW where a cell is about all of them.
    scope, counter : int32 arrays
        Places in ``scopes`` and ``counters``.
    wait_from : float64 array
        Of histograms of waits, the shortest wait in the bin (s); else NaN.
    scopes, counters : lists of str
    """

    interval: Ints
    scope: Ints
    counter: Ints
    wait_from: Floats
    scopes: list[str]
    counters: list[str]


class _Block(NamedTuple):
    """An array of the counters: its axes after the replication, with an axis of bins behind."""

    name: str
    intervals: int
    scopes: tuple[str, ...]
    counters: tuple[str, ...]
    bins: int = 1

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return self.intervals, len(self.scopes), len(self.counters), self.bins

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


class Cells:
    """Numbers the cells of the counters of a scenario.

    Parameters
    ----------
    layout : Layout
    n_agents : int
        Number of agents whose own sums are kept; 0 for none.
    """

    def __init__(self, layout: Layout, n_agents: int = 0) -> None:
        self._layout = layout
        self._sums = _sums(layout, n_agents)
        self._waits = _waits(layout)
        self._ends = np.cumsum([block.size for block in self._sums])
        self._n_sums = int(self._ends[-1])

    @property
    def size(self) -> int:
        """Number of cells."""
        return self._n_sums + self._waits.size

    def take(self, counters: Counters, replication: int) -> Rows:
        """Return what counters of one replication hold, and set them to zero.

        Parameters
        ----------
        counters : Counters
            Of one replication.
        replication : int
            Its number, for the rows.
        """
        sums = np.concatenate([getattr(counters, block.name).ravel() for block in self._sums])
        waits = getattr(counters, self._waits.name).reshape(-1)
        cells = np.flatnonzero(sums.view(np.int64) != 0)  # by bits: -0.0 and NaN are kept
        bins = np.flatnonzero(waits != 0)  # many times faster than of the numbers
        values = np.concatenate([sums[cells], waits[bins]])
        numbers = np.concatenate([cells, bins + self._n_sums]).astype(np.int32)
        for block in self._sums:
            getattr(counters, block.name)[...] = 0
        waits[bins] = 0
        counters.waits[...] = 0
        return Rows(np.full(len(numbers), replication, np.int32), numbers, values)

    def put(self, rows: Rows, counters: Counters, first: int = 0) -> None:
        """Write rows into counters of many replications; those it has no room for are left out.

        Parameters
        ----------
        rows : Rows
            Of replications that have not been written yet.
        counters : Counters
        first : int
            Number of their first replication.
        """
        edges = np.flatnonzero(np.diff(rows.replication, prepend=-1, append=-1))
        for begin, end in pairwise(edges):
            r = int(rows.replication[begin]) - first
            if 0 <= r < counters.replications:
                self._put(r, rows.cell[begin:end], rows.value[begin:end], counters)

    def _put(self, r: int, cell: Ints, value: Floats, counters: Counters) -> None:
        n = int(np.searchsorted(cell, self._n_sums))
        sums = np.zeros(self._n_sums)
        sums[cell[:n]] = value[:n]
        for block, found in zip(self._sums, np.split(sums, self._ends[:-1]), strict=True):
            own = getattr(counters, block.name)[r]
            own[...] = found.reshape(own.shape)
        bins, counts = cell[n:] - self._n_sums, value[n:].astype(np.uint32)
        if self._waits.name == "interval_waits":
            by_interval = counters.interval_waits[counters.batch(r, counters.interval_waits)]
            by_interval.reshape(-1)[bins] += counts
        whole = counters.waits[counters.batch(r, counters.waits)].reshape(-1)
        np.add.at(whole, bins % whole.size, counts)

    @cached_property
    def names(self) -> Names:
        """What each cell is."""
        blocks = [*self._sums, self._waits]
        scopes = list(dict.fromkeys(scope for block in blocks for scope in block.scopes))
        counters = list(dict.fromkeys(name for block in blocks for name in block.counters))
        columns = [_columns(block, scopes, counters, self._layout) for block in blocks]
        interval, scope, counter, wait_from = (
            np.concatenate(part) for part in zip(*columns, strict=True)
        )
        return Names(interval, scope, counter, wait_from, scopes, counters)


def _sums(layout: Layout, n_agents: int) -> list[_Block]:
    """The arrays of sums, in the order of their cells: part of the format of stores."""
    n = layout.n_intervals
    types = tuple(f"type:{name}" for name in layout.types)
    groups = tuple(f"group:{name}" for name in layout.groups)
    stages = tuple(f"{types[k]} bot:{layout.bots[b]}" for k, b in layout.stages)
    pairs = tuple(f"{types[k]} {groups[g]}" for k, g in layout.pairs)
    return [
        _Block("types", n, types, layout.type_counters),
        _Block("origins", n, types, ORIGIN_COUNTERS),
        _Block("stages", n, stages, ORIGIN_COUNTERS),
        _Block("issues", n, types, ISSUE_COUNTERS),
        _Block("outcomes", n, types, OUTCOME_COUNTERS),
        _Block("calls", n, types, CALL_COUNTERS),
        _Block("callbacks", n, types, CALLBACK_COUNTERS),
        _Block("dialling", n, groups, ("dialling_time",)),
        _Block("groups", n, groups, GROUP_COUNTERS),
        _Block("sales", n, groups, SALE_COUNTERS),
        _Block("pairs", layout.pair_intervals, pairs, PAIR_COUNTERS),
        _Block("center", n, ("all",), CENTER_COUNTERS),
        _Block("agents", 1, tuple(f"agent:{a}" for a in range(n_agents)), AGENT_COUNTERS),
    ]


def _waits(layout: Layout) -> _Block:
    """Histograms by interval where there are any: those of the window are their sums."""
    types = tuple(f"type:{name}" for name in layout.types)
    n = layout.histogram_intervals
    if n:
        return _Block("interval_waits", n, types, WAIT_COUNTERS, N_BINS)
    return _Block("waits", 1, types, WAIT_COUNTERS, N_BINS)


def _columns(
    block: _Block, scopes: list[str], counters: list[str], layout: Layout
) -> tuple[npt.NDArray[Any], ...]:
    interval, scope, counter, bins = (axis.ravel() for axis in np.indices(block.shape, np.int32))
    if block.intervals != layout.n_intervals:
        interval[:] = WHOLE_WINDOW
    scope_of = np.array([scopes.index(name) for name in block.scopes], np.int32)
    counter_of = np.array([counters.index(name) for name in block.counters], np.int32)
    wait_from = np.full(block.size, np.nan)
    if block.bins > 1:
        wait_from = np.concatenate([[0.0], bin_edges()[:-1]])[bins]
    return interval, scope_of[scope], counter_of[counter], wait_from
