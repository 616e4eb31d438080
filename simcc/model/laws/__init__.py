"""Laws of talk times, patience and the like; every one has ``ppf``, ``sf`` and ``mean``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from numbers import Real
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from simcc.model.base import BY_KIND, LARGEST, as_tuple, tag
from simcc.model.laws.base import Law, finite_mean
from simcc.model.laws.from_scipy import ScipyLaw, of_frozen
from simcc.model.laws.observed import Sample, SurvivalCurve
from simcc.model.laws.parametric import (
    Constant,
    Erlang,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Uniform,
    Weibull,
)
from simcc.model.messages import UNREADABLE, shown, suggestion
from simcc.periods import seconds

LAWS = (
    Constant,
    Exponential,
    Lognormal,
    Gamma,
    Weibull,
    Erlang,
    Hyperexponential,
    Uniform,
    Sample,
    SurvivalCurve,
    ScipyLaw,
)
NAMES = [law.model_fields["kind"].default for law in LAWS]


def law_of(value: Any) -> Any:
    """Whatever a person writes for a law, as a law or as a dict with its kind.

    Raises
    ------
    ValueError
        If it cannot stand for a law; the message says what can.
    """
    if isinstance(value, Law) or value is UNREADABLE:
        return value
    if isinstance(value, Mapping):
        return _of_table(value)
    if isinstance(value, bool | np.bool_):
        raise ValueError(f"is {shown(bool(value))}; must be a law")
    if isinstance(value, str | Real | timedelta | np.timedelta64):
        found = seconds(value)
        if not 0 <= found <= LARGEST:
            raise ValueError(f"is {shown(value)}; must be in 0 to {LARGEST:g} (unit: seconds)")
        return Constant(value=found)
    if isinstance(as_tuple(value), tuple):
        raise ValueError("is a list; for observed values write Sample(values=[...])")
    if all(hasattr(value, name) for name in ("dist", "args", "kwds")):
        return of_frozen(value)
    raise ValueError(
        f"is {shown(value)}; must be a law such as Gamma(mean=..., cv=...), a duration, or a "
        "frozen continuous law such as scipy.stats.gamma(2, scale=60)"
    )


def _of_table(value: Mapping[Any, Any]) -> dict[Any, Any]:
    fields = dict(value)
    if "law" in fields and "kind" in fields:
        raise ValueError('has both "law" and "kind"; must have one of them')
    kind = fields.pop("law", fields.pop("kind", None))
    if kind is None:
        raise ValueError(f'names no law; write law = "...", one of {", ".join(NAMES)}')
    if kind not in NAMES:
        hint = suggestion(kind, NAMES) if isinstance(kind, str) else f"allowed: {', '.join(NAMES)}"
        raise ValueError(f"names the law {shown(kind)}; {hint}")
    return {**fields, "kind": kind}


AnyLaw = Annotated[
    Annotated[Constant, tag("constant")]
    | Annotated[Exponential, tag("exponential")]
    | Annotated[Lognormal, tag("lognormal")]
    | Annotated[Gamma, tag("gamma")]
    | Annotated[Weibull, tag("weibull")]
    | Annotated[Erlang, tag("erlang")]
    | Annotated[Hyperexponential, tag("hyperexponential")]
    | Annotated[Uniform, tag("uniform")]
    | Annotated[Sample, tag("sample")]
    | Annotated[SurvivalCurve, tag("survival")]
    | Annotated[ScipyLaw, tag("scipy")],
    BY_KIND,
    BeforeValidator(law_of),
]

__all__ = [
    "LAWS",
    "AnyLaw",
    "Constant",
    "Erlang",
    "Exponential",
    "Gamma",
    "Hyperexponential",
    "Law",
    "Lognormal",
    "Sample",
    "ScipyLaw",
    "SurvivalCurve",
    "Uniform",
    "Weibull",
    "finite_mean",
    "law_of",
]
