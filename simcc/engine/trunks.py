"""Trunks: lines that some types share; compiled."""

from simcc.jit import jit_apart


@jit_apart
def trunk_is_full(center, queues, k):
    """Whether all lines that contacts of queue k may come in by are taken."""
    trunk, taken = center.trunk_of[k], 0
    if trunk < 0:
        return False
    for other in range(center.trunk_of.size):
        if center.trunk_of[other] == trunk:
            taken += queues.length[other] + queues.talking[other]
    return taken >= center.trunk_lines[trunk]
