"""Random streams: every draw is a pure function of (seed, replication, stream name, position).

NumPy's counter-based generator Philox makes the numbers. Its key holds the seed and the
stream's name, its counter the replication and the position, so no draw depends on the order
in which anything happens, on how many draws another stream took, or on the number of workers.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

from simcc.errors import SimccError

VERSION = 1  # part of every key: a change of any stream is a documented break


def check_seed(seed: int | None) -> int:
    """The seed itself, or fresh entropy from the operating system if None.

    Raises
    ------
    SimccError
        If the seed is not a whole number >= 0.

    Examples
    --------
    >>> check_seed(7)
    7
    """
    if seed is None:
        return int(SeedSequence().entropy)  # type: ignore[arg-type]
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise SimccError(f"seed: {seed!r} is not allowed; give a whole number >= 0")
    return int(seed)


@lru_cache(maxsize=4096)
def _key(seed: int, name: str) -> tuple[int, int]:
    digest = hashlib.blake2b(f"{VERSION}:{name}".encode(), digest_size=8).digest()
    words = SeedSequence(seed, spawn_key=(int.from_bytes(digest, "little"),)).generate_state(
        2, np.uint64
    )
    return int(words[0]), int(words[1])


class Streams:
    """The named streams of one replication at a time; one object per thread.

    Parameters
    ----------
    seed : int
        Of the experiment, >= 0.

    Examples
    --------
    >>> streams = Streams(seed=1)
    >>> first = streams.open("voice/talk", replication=0).random(3)
    >>> bool((first == streams.open("voice/talk", replication=0).random(3)).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._bits = Philox(key=np.zeros(2, np.uint64))
        self._state = self._bits.state
        self._generator = Generator(self._bits)

    def open(self, name: str, replication: int, part: int = 0) -> Generator:
        """Generator at the start of a stream, valid until the next call of ``open``.

        ``part`` tells apart draws of one stream that must not shift each other (days).
        """
        words = self._state["state"]
        words["key"][0], words["key"][1] = _key(self._seed, name)
        words["counter"][:] = (0, 0, replication, part)
        self._state["buffer_pos"] = 4
        self._bits.state = self._state
        return self._generator
