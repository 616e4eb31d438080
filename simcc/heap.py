"""Binary heaps of (time, key) in two arrays; compiled.

Entries past the size hold an infinite time, so the first entry of an empty heap is "never" and
no loop needs to test for the end. Keys settle ties: smaller first.
"""

import numpy as np

from simcc.jit import jit

INF = np.inf


@jit
def push(times, keys, size, time, key):
    """Add an entry to a heap of ``size`` entries; the caller counts."""
    hole = size
    while hole > 0:
        parent = (hole - 1) >> 1
        above = times[parent]
        if above < time or (above == time and keys[parent] < key):
            break
        times[hole] = above
        keys[hole] = keys[parent]
        hole = parent
    times[hole] = time
    keys[hole] = key


@jit
def replace(times, keys, size, start, time, key):
    """Put an entry in the place of the one at ``start`` and let it sink."""
    hole = np.uint64(start)
    one, two, end = np.uint64(1), np.uint64(2), np.uint64(size)
    child = hole + hole + one
    while child < end:
        # the array has room for one entry past the size, with an infinite time
        right = child + one
        left_time, right_time = times[child], times[right]
        take = right_time < left_time or (right_time == left_time and keys[right] < keys[child])
        child = right if take else child
        below = right_time if take else left_time
        if time < below or (time == below and key < keys[child]):
            break
        times[hole] = below
        keys[hole] = keys[child]
        hole = child
        child = hole + hole + two - one
    times[hole] = time
    keys[hole] = key


@jit
def pop(times, keys, size):
    """Remove the first entry of a heap of ``size`` entries; the caller counts."""
    last = size - 1
    time, key = times[last], keys[last]
    times[last] = INF
    if last > 0:
        replace(times, keys, last, 0, time, key)


@jit
def remove(times, keys, size, place):
    """Remove the entry at a place of a heap of ``size`` entries; the caller counts."""
    last = size - 1
    time, key = times[last], keys[last]
    times[last] = INF
    if place < last:
        above = (place - 1) >> 1
        rises = times[above] > time or (times[above] == time and keys[above] > key)
        if place > 0 and rises:
            push(times, keys, place, time, key)
        else:
            replace(times, keys, last, place, time, key)


@jit
def heapify(times, keys, size):
    """Make a heap of ``size`` entries in any order."""
    for start in range((size >> 1) - 1, -1, -1):
        replace(times, keys, size, start, times[start], keys[start])
