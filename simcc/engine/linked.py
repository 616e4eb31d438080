"""Doubly linked lists over arrays, a line of entries for each list; compiled.

``behind`` and ``before`` hold each entry's neighbours, ``heads`` and ``tails`` the ends of each
list; -1: none.
"""

from simcc.jit import jit_inner

NONE = -1


@jit_inner
def append(heads, tails, behind, before, i, entry):
    """Put an entry at the end of list i."""
    last = tails[i]
    before[entry] = last
    behind[entry] = NONE
    if last < 0:
        heads[i] = entry
    else:
        behind[last] = entry
    tails[i] = entry


@jit_inner
def prepend(heads, tails, behind, before, i, entry):
    """Put an entry at the head of list i."""
    first = heads[i]
    before[entry] = NONE
    behind[entry] = first
    if first < 0:
        tails[i] = entry
    else:
        before[first] = entry
    heads[i] = entry


@jit_inner
def take_out(heads, tails, behind, before, i, entry):
    """Take an entry out of list i, wherever it stands."""
    previous, following = before[entry], behind[entry]
    if previous < 0:
        heads[i] = following
    else:
        behind[previous] = following
    if following < 0:
        tails[i] = previous
    else:
        before[following] = previous
