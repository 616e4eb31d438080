"""Reference instances: scenarios to compare policies on, the same for everybody.

The canonical designs of skill-based routing, with sizes and rates as arguments, and centers whose
numbers are published. Each function returns a :class:`simcc.Scenario`, and all can be called
without arguments.
"""

from __future__ import annotations

from simcc.instances.designs import m_design, n_design, v_design, w_design, x_design
from simcc.instances.published import bank, real_center, telethon

_INSTANCES = (
    *(v_design, n_design, x_design, w_design, m_design),
    *(telethon, bank, real_center),
)
__all__ = [
    "bank",
    "m_design",
    "n_design",
    "names",
    "real_center",
    "telethon",
    "v_design",
    "w_design",
    "x_design",
]


def names() -> tuple[str, ...]:
    """Names of the functions that return an instance.

    Examples
    --------
    >>> names()
    ('v_design', 'n_design', 'x_design', 'w_design', 'm_design', 'telethon', 'bank', 'real_center')
    """
    return tuple(function.__name__ for function in _INSTANCES)
