"""The heap against sorting."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simcc.heap import INF, heapify, pop, push, replace

ENTRY = st.tuples(st.integers(0, 8).map(float), st.integers(0, 10**6))


def drained(times: np.ndarray, keys: np.ndarray, size: int) -> list[tuple[float, int]]:
    found = []
    for left in range(size, 0, -1):
        found.append((float(times[0]), int(keys[0])))
        pop(times, keys, left)
    assert np.isinf(times).all()
    return found


def room(entries: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(entries + 2, INF), np.zeros(entries + 2, np.int64)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRY, max_size=60, unique=True))
def test_pushed_entries_come_in_order(entries: list[tuple[float, int]]) -> None:
    times, keys = room(len(entries))
    for size, (time, key) in enumerate(entries):
        push(times, keys, size, time, key)
    assert drained(times, keys, len(entries)) == sorted(entries)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=60, unique=True))
def test_any_order_becomes_a_heap(entries: list[tuple[float, int]]) -> None:
    times, keys = room(len(entries))
    for i, (time, key) in enumerate(entries):
        times[i], keys[i] = time, key
    heapify(times, keys, len(entries))
    assert drained(times, keys, len(entries)) == sorted(entries)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRY, min_size=1, max_size=30, unique=True), ENTRY)
def test_the_first_can_be_replaced(
    entries: list[tuple[float, int]], new: tuple[float, int]
) -> None:
    if new in entries:
        return
    times, keys = room(len(entries))
    for size, (time, key) in enumerate(entries):
        push(times, keys, size, time, key)
    replace(times, keys, len(entries), 0, *new)
    assert drained(times, keys, len(entries)) == sorted([*sorted(entries)[1:], new])
