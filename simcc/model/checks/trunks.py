"""Trunks: each type takes the lines of one at most."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, names_of, place, unknown


def trunks_fit(scenario: Any) -> Iterator[Problem]:
    """Types of trunks exist, come in by themselves, and are in one trunk only."""
    kinds = {kind.name: kind for kind in scenario.contact_types}
    trunk_of: dict[str, str] = {}

    def check(trunk: Any) -> Iterator[Problem]:
        for i, name in enumerate(trunk.types):
            where = f"{place('trunks', trunk)}.types[{i}]"
            yield from unknown(where, name, "contact type", names_of(scenario.contact_types))
            if name in kinds and kinds[name].outbound is not None:
                yield Problem(where, f'is "{name}", a list of calls; these take no line of a trunk')
            if name in trunk_of:
                message = f'is "{name}", which is in "{trunk_of[name]}" already'
                yield Problem(where, f"{message}; a type belongs to one trunk at most")
            trunk_of.setdefault(name, trunk.name)

    yield from each(scenario.trunks, check)
