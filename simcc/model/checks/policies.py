"""What an index policy names exists, and its shares are shares of something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simcc.errors import Problem
from simcc.model.base import Part
from simcc.model.checks.common import names_of, unknown
from simcc.model.policy_tables import EVERY_GROUP
from simcc.model.published_policies import QueueRatio

BY_GROUP = (("queue_ratio", "idle_share"), ("random", "weight"))  # other tables are by type
WHERE = "routing.policy"


def policies_name_what_exists(scenario: Any) -> Iterator[Problem]:
    """Tables of a policy name contact types and agent groups."""
    policy = scenario.routing.policy
    if not isinstance(policy, Part):
        return
    types, groups = names_of(scenario.contact_types), names_of(scenario.agent_groups)
    kind = getattr(policy, "kind", "")
    for field in type(policy).model_fields:
        table = getattr(policy, field)
        if not isinstance(table, Mapping):
            continue
        where = f"{WHERE}.{field}"
        if (kind, field) in BY_GROUP:
            for name in table:
                yield from unknown(where, name, "agent group", groups)
            continue
        for name, entry in table.items():
            yield from unknown(where, name, "contact type", types)
            for group in entry if isinstance(entry, Mapping) else ():
                if group != EVERY_GROUP:
                    yield from unknown(f"{where}.{name}", group, "agent group", groups)


def shares_are_not_all_zero(scenario: Any) -> Iterator[Problem]:
    """Of the queues and groups that a policy keeps in proportion, some has a share."""
    policy = scenario.routing.policy
    if not isinstance(policy, QueueRatio):
        return
    tables = (
        ("queue_share", names_of(scenario.contact_types)),
        ("idle_share", names_of(scenario.agent_groups)),
    )
    for field, names in tables:
        if not any(getattr(policy, field).get(name, 1.0) > 0 for name in names):
            yield Problem(f"{WHERE}.{field}", "is 0 for all; at least one must be more than 0")
