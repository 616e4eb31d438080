"""The event log as a table and as files: CSV, XES and OCEL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from simcc.errors import OutputError
from simcc.result.events import ACTIVITIES, EventLog, Events
from simcc.result.ocel import write_ocel
from simcc.result.xes import write_xes

if TYPE_CHECKING:
    import pandas as pd

EventLogFormat = Literal["csv", "xes", "ocel"]
FORMATS: tuple[EventLogFormat, ...] = get_args(EventLogFormat)
ENDINGS: dict[EventLogFormat, str] = {"csv": ".csv", "xes": ".xes", "ocel": ".json"}


def event_table(log: EventLog) -> pd.DataFrame:
    """Return the events of all replications, one row each."""
    import pandas as pd

    def column(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in log.parts])

    agents = [name for name, _ in log.agents]
    bot = column("bot")
    resource = np.where(bot >= 0, len(agents) + bot, column("agent"))
    table: dict[str, Any] = {
        "case": np.concatenate([_cases(part) for part in log.parts]),
        "activity": _named(column("activity"), [activity.name for activity in ACTIVITIES]),
        "timestamp": log.scenario.horizon.times(column("at")),
        "resource": _named(resource, [*agents, *log.bots]),
        "replication": np.repeat(
            [part.replication for part in log.parts], [part.n for part in log.parts]
        ),
        "issue": column("issue"),
        "contact": column("contact"),
        "contact_type": _named(column("contact_type"), log.types),
        "queue_type": _named(column("queue_type"), log.types),
        "group": _named(column("group"), log.groups),
        "attempt": column("attempt"),
        "leg": column("leg"),
    }
    return pd.DataFrame(table)


def _named(index: npt.NDArray[Any], names: Sequence[str]) -> pd.Categorical:
    """Names for indices; nothing for -1."""
    import pandas as pd

    return pd.Categorical(np.array([*names, None], dtype=object)[index])


def _cases(part: Events) -> npt.NDArray[np.object_]:
    """The name of the case of each event: one text per issue, not one per event."""
    issues, which = np.unique(part.issue, return_inverse=True)
    names = [f"{part.replication}-{issue}" for issue in issues.tolist()]
    return np.array(names, dtype=object)[which]


def format_of(path: Path, given: EventLogFormat | None) -> EventLogFormat:
    """The format to write: the one given, or the one that the ending of the file stands for."""
    if given is not None:
        if given not in FORMATS:
            raise ValueError(f"format is {given!r}; it must be one of {', '.join(FORMATS)}")
        return given
    endings = {ending: name for name, ending in ENDINGS.items()}
    found = endings.get(path.suffix.lower())
    if found is None:
        raise OutputError(
            f"{path}: the format does not follow from the ending; end it in "
            f"{', '.join(endings)}, or name a format: {', '.join(FORMATS)}"
        )
    return found


def write_event_log(log: EventLog, format: EventLogFormat, path: Path) -> None:
    """Write the event log to a path in one of the formats."""
    writers: dict[EventLogFormat, Callable[[EventLog, Path], None]] = {
        "csv": _write_csv,
        "xes": write_xes,
        "ocel": write_ocel,
    }
    writers[format](log, path)


def _write_csv(log: EventLog, path: Path) -> None:
    table = event_table(log)
    at = np.concatenate([part.at for part in log.parts])
    texts = log.scenario.horizon.iso_texts(at)
    table.assign(timestamp=texts).to_csv(path, index=False, lineterminator="\n")
