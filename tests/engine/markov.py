"""Steady states of small Markov chains."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve


class Chain:
    """Steady state of a finite Markov chain, found from its transitions."""

    def __init__(self, start: Any, step: Any) -> None:
        states, rows = [start], []
        number = {start: 0}
        for state in states:  # grows while it is looked through
            for rate, other in step(state):
                if other not in number:
                    number[other] = len(states)
                    states.append(other)
                rows.append((number[state], number[other], rate))
        i, j, rate = (np.array(column) for column in zip(*rows, strict=True))
        n = len(states)
        balance = sparse.coo_matrix((rate, (j, i)), (n, n)) - sparse.diags(np.bincount(i, rate, n))
        balance = balance.tolil()
        balance[-1] = 1.0  # in place of an equation that the others imply
        self.states = states
        self.p = spsolve(balance.tocsc(), np.append(np.zeros(n - 1), 1.0))

    def mean(self, value: Any) -> float:
        return float(sum(p * value(state) for state, p in zip(self.states, self.p, strict=True)))
