"""Event logs as OCEL 2.0 JSON: events that concern issues, contacts, agents, queues and bots.

The format is that of Berti et al. (2023), OCEL 2.0 Specification, section 8. Its schema has all
values of attributes as strings; their types are those declared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simcc.result.events import ACTIVITIES, NONE, EventLog, Events

OBJECT_TYPES = {
    "issue": {"replication": "integer", "issue": "integer"},
    "contact": {
        "replication": "integer",
        "contact": "integer",
        "contact_type": "string",
        "attempt": "integer",
        "leg": "integer",
    },
    "agent": {"replication": "integer", "name": "string", "group": "string"},
    "queue": {"replication": "integer", "name": "string"},
    "bot": {"replication": "integer", "name": "string"},
}
ALWAYS = "1970-01-01T00:00:00Z"  # of values that do not change, as in the specification


def write_ocel(log: EventLog, path: Path) -> None:
    """Write an event log as OCEL 2.0 JSON.

    Every replication has objects of its own, agents included: it is the same time lived again.

    Parameters
    ----------
    log : EventLog
    path : Path
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"objectTypes":')
        json.dump(_declared(OBJECT_TYPES), file)
        file.write(',\n"eventTypes":')
        json.dump(_declared(_event_types()), file)
        file.write(',\n"objects":[')
        file.writelines(_with_commas(_objects(log)))
        file.write('],\n"events":[')
        file.writelines(_with_commas(_events(log)))
        file.write("]}\n")


def _event_types() -> dict[str, dict[str, str]]:
    return {one.name: {"group": "string"} if one.by == "agent" else {} for one in ACTIVITIES}


def _declared(types: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "attributes": [{"name": of, "type": kind} for of, kind in attributes.items()],
        }
        for name, attributes in types.items()
    ]


def _with_commas(items: Iterable[str]) -> Iterator[str]:
    """JSON items on lines of their own."""
    for i, item in enumerate(items):
        yield f",\n{item}" if i else f"\n{item}"


def _objects(log: EventLog) -> Iterator[str]:
    for part in log.parts:
        r = part.replication
        for issue in np.unique(part.issue).tolist():
            yield _object("issue", r, issue, (r, issue))
        yield from _contacts(log, part)
        for a in _named_in(part.agent):
            yield _object("agent", r, a, (r, *log.agents[a]))
        in_queue = np.array([one.in_queue for one in ACTIVITIES])[part.activity]
        for k in _named_in(part.queue_type[in_queue]):
            yield _object("queue", r, k, (r, log.types[k]))
        for b in _named_in(part.bot):
            yield _object("bot", r, b, (r, log.bots[b]))


def _named_in(index: Any) -> list[int]:
    found: list[int] = np.unique(index[index != NONE]).tolist()
    return found


def _contacts(log: EventLog, part: Events) -> Iterator[str]:
    r, types = part.replication, log.types
    contacts, first = np.unique(part.contact, return_index=True)
    columns = (part.issue, part.contact_type, part.attempt, part.leg)
    rows = zip(contacts.tolist(), *(column[first].tolist() for column in columns), strict=True)
    for contact, issue, kind, attempt, leg in rows:
        to_issue = _relation(f"issue {r}-{issue}", "part of")
        yield _object("contact", r, contact, (r, contact, types[kind], attempt, leg), to_issue)


def _object(kind: str, r: int, number: int, values: Sequence[object], relation: str = "") -> str:
    attributes = ",".join(
        f'{{"name":"{name}","time":"{ALWAYS}","value":{json.dumps(str(value))}}}'
        for name, value in zip(OBJECT_TYPES[kind], values, strict=True)
    )
    return (
        f'{{"id":"{kind} {r}-{number}","type":"{kind}",'
        f'"attributes":[{attributes}],"relationships":[{relation}]}}'
    )


def _relation(to: str, qualifier: str) -> str:
    return f'{{"objectId":"{to}","qualifier":"{qualifier}"}}'


def _events(log: EventLog) -> Iterator[str]:
    number = 0
    for part in log.parts:
        for event in _events_of(log, part):
            yield f'{{"id":"event {number}",{event}'
            number += 1


def _events_of(log: EventLog, part: Events) -> Iterator[str]:
    """The events of one replication, without their numbers."""
    r = part.replication
    names = [json.dumps(one.name) for one in ACTIVITIES]
    in_queue = [one.in_queue for one in ACTIVITIES]
    agents = _related("agent", r, len(log.agents), "done by")
    bots = _related("bot", r, len(log.bots), "done by")
    queues = _related("queue", r, len(log.types), "in")
    groups = [*(f'{{"name":"group","value":{json.dumps(name)}}}' for name in log.groups), ""]
    columns = (
        part.issue, part.contact, part.activity, part.agent, part.group, part.bot, part.queue_type,
    )  # fmt: skip
    times = log.scenario.horizon.iso_texts(part.at)
    for at, issue, contact, activity, agent, group, bot, queue in zip(
        times, *(column.tolist() for column in columns), strict=True
    ):
        yield (
            f'"type":{names[activity]},"time":"{at}","attributes":[{groups[group]}],'
            f'"relationships":[{{"objectId":"issue {r}-{issue}","qualifier":"of"}},'
            f'{{"objectId":"contact {r}-{contact}","qualifier":"of"}}'
            f"{agents[agent]}{bots[bot]}{queues[queue] if in_queue[activity] else ''}]}}"
        )


def _related(kind: str, r: int, n: int, qualifier: str) -> list[str]:
    """What follows in a list of relations, by index; the last one, for -1, is nothing."""
    return [*("," + _relation(f"{kind} {r}-{i}", qualifier) for i in range(n)), ""]
