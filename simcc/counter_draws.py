"""Uniforms by number: a contact that brings one uniform brings as many as it will need.

How many turns a chat takes is not known before the run, so its draws cannot be written down one by
one. They are a function of the uniform that it brings and of their place: Philox2x32 with ten
rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011), whose
key and counter hold the 53 bits of the one and the other.
"""

from simcc.jit import jit

MULTIPLIER = 0xD256D193
WEYL = 0x9E3779B9
ROUNDS = 10
MASK = 0xFFFFFFFF
KEY_BITS, REST_BITS = 32, 21  # of the 53 of a uniform


@jit
def philox(first, second, key):  # type: ignore[no-untyped-def]
    """Two words of 32 bits from a counter of two words and a key.

    >>> [f"{word:08x}" for word in philox(0, 0, 0)]
    ['ff1dae59', '6cd10df2']
    """
    for _ in range(ROUNDS):
        # where the product overflows 64 bits with sign, these bits of it are still right
        product = MULTIPLIER * first
        first = ((product >> 32) & MASK) ^ key ^ second
        second = product & MASK
        key = (key + WEYL) & MASK
    return first, second


@jit
def uniform_at(luck, place):  # type: ignore[no-untyped-def]
    """Uniform in [0, 1) number ``place``, from 0, of those that belong to the uniform ``luck``.

    Parameters
    ----------
    luck : float
        In [0, 1).
    place : int or float
        A whole number.

    Examples
    --------
    >>> [round(uniform_at(0.25, place), 3) for place in range(3)]
    [0.382, 0.578, 0.515]
    """
    bits = int(luck * 2.0**53)
    rest = bits & ((1 << REST_BITS) - 1)
    first, second = philox(int(place), rest, bits >> REST_BITS)
    return ((first >> 5) * 67108864.0 + (second >> 6)) / 9007199254740992.0
