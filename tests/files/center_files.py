"""A small center in files, valid as it is, that the tests change."""

from pathlib import Path

import pytest

import simcc

TOML = """\
[horizon]
start = 2024-03-04T08:00:00
time_zone = "Europe/Amsterdam"
length = "2h"

[[contact_types]]
name = "service"
arrivals = { csv = "volumes.csv" }
talk_time = { sample = "talk.csv", column = "s" }
patience = { survival = "patience.csv", tail = "exponential" }

[[contact_types]]
name = "sales"
arrivals = { csv = "volumes.csv", busyness = { cv = 0.1, shared = "day" } }
talk_time = "3min"

[[agent_groups]]
name = "front"
skills = ["service", "sales"]
agents = { csv = "heads.csv" }

[[agent_groups]]
name = "back"
skills = { service = 1.1 }
roster = "roster.csv"
"""
VOLUMES = """\
interval,type,volume
08:00,service,40
08:30,service,52
09:00,service,61
09:30,service,66
08:00,sales,6
08:30,sales,8
09:00,sales,10
09:30,sales,11
"""
HEADS = """\
interval,group,agents
08:00,front,9
08:30,front,11
09:00,front,12
09:30,front,13
"""
ROSTER = """\
agent,group,start,end,breaks
Ann,back,08:00,10:00,09:00-09:15
Ben,back,08:30,12:00,09:15-09:30;11:00-11:10
"""
TALK = """\
s,queue
100,service
220.5,service
340,sales
"""
PATIENCE = """\
time,survival
0,1
60,0.9
240,0.75
"""
FILES = {
    "center.toml": TOML,
    "volumes.csv": VOLUMES,
    "heads.csv": HEADS,
    "roster.csv": ROSTER,
    "talk.csv": TALK,
    "patience.csv": PATIENCE,
}


class Center:
    """The files of a center in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "center.toml"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file as it is: no line ending is changed."""
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)

    def change(self, name: str, old: str, new: str, count: int = -1) -> None:
        """Replace text in a file, which must have it."""
        text = (self.folder / name).read_bytes().decode()
        assert old in text
        self.write(name, text.replace(old, new, count))

    def load(self) -> simcc.Scenario:
        return simcc.load(self.path)

    def problems(self) -> list[str]:
        """What is wrong with the files, which do not load."""
        with pytest.raises(simcc.ScenarioError) as caught:
            simcc.load(self.path)
        assert caught.value.source == str(self.path)
        return [str(problem) for problem in caught.value.problems]
