"""Arrays by name, in Python's hands, with the record of them that the kernel takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.buffers import fresh


class Arrays:
    """Arrays by name, and the record of them that compiled functions take.

    Parameters
    ----------
    make : callable
        Makes the record of the arrays in the order of `names`.
    names : sequence of str
    arrays : dict
    """

    def __init__(
        self, make: Callable[..., Any], names: Sequence[str], arrays: dict[str, NDArray[Any]]
    ) -> None:
        self._make, self._names, self._arrays = make, names, arrays
        self.record = make(*(arrays[name] for name in names))

    def __getattr__(self, name: str) -> NDArray[Any]:
        try:
            return self._arrays[name]
        except KeyError:
            raise AttributeError(name) from None

    def replace(self, **arrays: NDArray[Any]) -> None:
        """Put other arrays in the place of some."""
        self._arrays.update(arrays)
        self.record = self._make(*(self._arrays[name] for name in self._names))

    def lengthen(self, names: Sequence[str], size: int) -> None:
        """Give some arrays `size` entries; heaps are filled up with "never"."""
        self.replace(**{name: _longer(name, self._arrays[name], size) for name in names})

    def grow_heap(self, name: str) -> None:
        """Double the room of a heap."""
        fields = [f"{name}_times", f"{name}_keys"]
        self.lengthen(fields, 2 * len(getattr(self, fields[0])))


def _longer(name: str, array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = fresh(name, size, array.dtype, zero=True)
    if name.endswith("_times"):
        longer.fill(np.inf)
    if name in ("resumed_at", "asked_at", "released_at"):
        longer.fill(np.nan)
    longer[: len(array)] = array
    return longer
