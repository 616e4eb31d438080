"""Chats in turns go to agents who hold several contacts at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem
from simcc.model.checks.common import each, place
from simcc.model.checks.names import holds_one


def turns_are_held(scenario: Any) -> Iterator[Problem]:
    """Groups with the skill of a chat in turns hold several contacts, at a speed that follows."""
    in_turns = [kind.name for kind in scenario.contact_types if kind.turns is not None]

    def check(group: Any) -> Iterator[Problem]:
        name = next((name for name in in_turns if name in group.skills), None)
        if name is None:
            return
        where, why = place("agent_groups", group), f'"{name}" is a chat in turns'
        if group.concurrency is None:
            yield Problem(f"{where}.concurrency", f"is missing; {why}, so give most = 2 or more")
        elif holds_one(group):
            yield Problem(f"{where}.concurrency.most", f"is 1; must be at least 2: {why}")
        elif group.concurrency.mode != "dynamic":
            message = f'is "{group.concurrency.mode}"; must be "dynamic": {why}'
            yield Problem(f"{where}.concurrency.mode", message)

    yield from each(scenario.agent_groups, check)
