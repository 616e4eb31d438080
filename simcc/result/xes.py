"""Event logs as XES, the XML of IEEE Std 1849-2016: one trace per issue, one event per instant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from simcc.result.events import ACTIVITIES, EventLog, Events

EXTENSIONS = {
    "Concept": "concept",
    "Time": "time",
    "Organizational": "org",
    "Lifecycle": "lifecycle",
}
# XML 1.0 has no way to write these characters, not even escaped.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMPLETE = '<string key="lifecycle:transition" value="complete"/>'


def write_xes(log: EventLog, path: Path) -> None:
    """Write an event log as XES.

    Parameters
    ----------
    log : EventLog
    path : Path
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_head(log.scenario.name))
        for part in log.parts:
            file.writelines(_traces(log, part))
        file.write("</log>\n")


def attribute(key: str, value: object, kind: str = "string") -> str:
    """An XES attribute as XML; characters that XML cannot hold become U+FFFD.

    Examples
    --------
    >>> attribute("org:resource", 'Ann "A" <1 & 2>')
    '<string key="org:resource" value=\\'Ann "A" &lt;1 &amp; 2&gt;\\'/>'
    """
    text = _NOT_IN_XML.sub("\ufffd", str(value))
    return f"<{kind} key={quoteattr(key)} value={quoteattr(text)}/>"


def _head(name: str) -> str:
    extensions = "".join(
        f'<extension name="{of}" prefix="{prefix}" '
        f'uri="http://www.xes-standard.org/{prefix}.xesext"/>\n'
        for of, prefix in EXTENSIONS.items()
    )
    case, activity = attribute("concept:name", ""), attribute("concept:name", "")
    at = attribute("time:timestamp", "1970-01-01T00:00:00+00:00", "date")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<log xes.version="1849.2016" xes.features="" xmlns="http://www.xes-standard.org/">\n'
        f"{extensions}"
        f'<global scope="trace">{case}</global>\n'
        f'<global scope="event">{activity}{at}{_COMPLETE}</global>\n'
        '<classifier name="Activity" scope="event" keys="concept:name"/>\n'
        f"{attribute('concept:name', name)}\n"
    )


def _traces(log: EventLog, part: Events) -> Iterator[str]:
    """The XML of one replication, event by event; what is named is escaped once."""
    activities = [attribute("concept:name", one.name) for one in ACTIVITIES]
    agents = _by_index("org:resource", [name for name, _ in log.agents])
    bots, groups = _by_index("org:resource", log.bots), _by_index("org:group", log.groups)
    types, queues = _by_index("contact_type", log.types), _by_index("queue_type", log.types)
    columns = (
        part.issue, part.contact, part.activity, part.agent, part.group, part.bot,
        part.contact_type, part.queue_type, part.attempt, part.leg,
    )  # fmt: skip
    times = log.scenario.horizon.iso_texts(part.at)
    before = None
    for at, issue, contact, activity, agent, group, bot, kind, queue, attempt, leg in zip(
        times, *(column.tolist() for column in columns), strict=True
    ):
        if issue != before:
            yield "" if before is None else "</trace>\n"
            yield _trace_head(part.replication, issue)
            before = issue
        yield (
            f'<event>{activities[activity]}<date key="time:timestamp" value="{at}"/>{_COMPLETE}'
            f"{agents[agent]}{bots[bot]}{groups[group]}"
            f'<int key="contact" value="{contact}"/>{types[kind]}{queues[queue]}'
            f'<int key="attempt" value="{attempt}"/><int key="leg" value="{leg}"/></event>\n'
        )
    yield "" if before is None else "</trace>\n"


def _trace_head(replication: int, issue: int) -> str:
    return (
        f'<trace><string key="concept:name" value="{replication}-{issue}"/>'
        f'<int key="replication" value="{replication}"/><int key="issue" value="{issue}"/>\n'
    )


def _by_index(key: str, names: Sequence[str]) -> list[str]:
    """The XML of each name; the last one, for the index -1, is of nothing."""
    return [*(attribute(key, name) for name in names), ""]
