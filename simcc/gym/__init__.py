"""Routing as a task to be learnt: a Gymnasium environment, and the way back to a policy.

Needs Gymnasium: ``pip install "simcc[gym]"``. See ``docs/learning.md``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from simcc.errors import SimulationError

if TYPE_CHECKING:
    from simcc.gym.learnt import as_policy
    from simcc.gym.routing_env import RoutingEnv

__all__ = ["RoutingEnv", "as_policy"]

_MODULE_OF = {"RoutingEnv": "simcc.gym.routing_env", "as_policy": "simcc.gym.learnt"}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: Gymnasium is optional."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if find_spec("gymnasium") is None:
        raise SimulationError(
            f'simcc.gym.{name} needs Gymnasium, which is not installed: pip install "simcc[gym]"'
        )
    return getattr(import_module(_MODULE_OF[name]), name)
