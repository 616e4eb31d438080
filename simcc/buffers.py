"""Memory for the arrays of a replication: fresh, or that of the thread's last replication."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Take = Callable[..., NDArray[Any]]
SPARE = 1 << 16  # entries more than were asked for, so that a slightly busier day fits as well
MAPPED = 1 << 22  # bytes; from here on NumPy asks Linux for huge pages


def fresh(_: str, size: int, dtype: Any = np.float64, *, zero: bool = False) -> NDArray[Any]:
    """An array of its own: what it holds at first is undefined, or zero.

    Linux may halt a program to make huge pages of scattered memory, now and then for longer than
    the simulation takes, so large arrays are mapped in the common pages, all at once if all will be
    written: that costs less than page by page.
    """
    wanted = size * np.dtype(dtype).itemsize
    if sys.platform == "linux" and wanted >= MAPPED:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | (0 if zero else mmap.MAP_POPULATE)
        memory = mmap.mmap(-1, wanted, flags=flags)
        return np.frombuffer(memory, dtype)
    return np.zeros(size, dtype) if zero else np.empty(size, dtype)


class Buffers:
    """Arrays by name that one thread uses again for every replication.

    New memory costs a page fault per 4 KB, which for a day of contacts is more than simulating it.

    Examples
    --------
    >>> take = Buffers().take
    >>> take("wait", 3).base is take("wait", 2).base
    True
    """

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[Any]] = {}

    def take(
        self, name: str, size: int, dtype: Any = np.float64, *, zero: bool = False
    ) -> NDArray[Any]:
        """An array that is valid until the name is taken again; see :func:`fresh`."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = self._kept[name] = fresh(
                name, size + min(size // 5, SPARE) + 1, dtype, zero=zero
            )
        elif zero:
            kept[:size].fill(0)
        return kept[:size]
