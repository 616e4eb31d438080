"""Event logs as files, read back by an independent library and by the standard one."""

from __future__ import annotations

import csv
import json
import os
import re
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema
import pandas as pd
import pytest
from event_days import bot, busy, group, kind, simulated
from ocel20 import SCHEMA

import simcc
from simcc.errors import OutputError
from simcc.result.xes import attribute

HOSTILE = """<{}> "&quot;" 'ö' ,;=1+1 \\ ]]> <!-- é漢字😀 {{}}"""
XES = "{http://www.xes-standard.org/}"
NUMBERS = ("contact", "attempt", "leg")


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    """Every activity, and names that no format may write as they are."""
    return busy(HOSTILE)


@pytest.fixture(scope="module")
def table(result: simcc.Result) -> pd.DataFrame:
    return result.event_log()


@pytest.fixture(scope="module")
def saved(result: simcc.Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("logs")
    return {end: result.save_event_log(folder / f"log.{end}") for end in ("csv", "xes", "json")}


def read_back(kind_: str, path: Path, folder: Path) -> Any:
    """What r4pm, which has readers of its own, makes of a file; as JSON that it writes."""
    r4pm = pytest.importorskip("r4pm", reason="r4pm, the independent reader, is not installed")
    item = r4pm.import_item(kind_, str(path))
    r4pm.export_item(item, str(folder / "back.json"))
    r4pm.remove_item(item)
    return json.loads((folder / "back.json").read_text(encoding="utf-8"))


def expected_events(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The events of the table, with the keys of XES; what is empty is left out."""
    renamed = table.rename(
        columns={
            "activity": "concept:name", "timestamp": "time:timestamp", "resource": "org:resource",
            "group": "org:group",
        }
    )  # fmt: skip
    rows = renamed.drop(columns=["replication", "issue"]).to_dict("records")
    always = {"lifecycle:transition": "complete"}
    return [{k: v for k, v in row.items() if not pd.isna(v)} | always for row in rows]


# ---------------------------------------------------------------------- XES


def test_xes_read_by_another(table: pd.DataFrame, saved: dict[str, Path], tmp_path: Path) -> None:
    """Traces, events, and every attribute of every event are those of the table."""
    log = read_back("EventLog", saved["xes"], tmp_path)
    prefixes = {one["prefix"] for one in log["extensions"]}
    assert prefixes == {"concept", "time", "org", "lifecycle"}
    assert [one["name"] for one in log["classifiers"]] == ["Activity"]
    events = []
    for trace in log["traces"]:
        own = {one["key"]: one["value"]["content"] for one in trace["attributes"]}
        assert own["concept:name"] == f"{own['replication']}-{own['issue']}"
        for event in trace["events"]:
            found = {one["key"]: one["value"] for one in event["attributes"]}
            at = found.pop("time:timestamp")
            assert at["type"] == "Date"
            found = {key: one["content"] for key, one in found.items()}
            at = datetime.fromisoformat(at["content"])
            events.append({"case": own["concept:name"], "time:timestamp": at, **found})
    assert len(log["traces"]) == table["case"].nunique()
    assert events == expected_events(table)


def test_xes_as_the_standard_has_it(table: pd.DataFrame, saved: dict[str, Path]) -> None:
    """Order of elements and kinds of values as in the XML schema of IEEE Std 1849-2016."""
    root = ET.parse(saved["xes"]).getroot()
    assert root.tag == f"{XES}log"
    assert float(root.attrib["xes.version"]) == 1849.2016
    tags = [child.tag.removeprefix(XES) for child in root]
    order = ["extension", "global", "classifier", "string", "trace"]
    assert sorted(tags, key=order.index) == tags
    assert Counter(tags)["trace"] == table["case"].nunique()
    assert [one.attrib["scope"] for one in root.iter(f"{XES}global")] == ["trace", "event"]
    needed = {one.attrib["key"] for one in root.findall(f"{XES}global[2]/*")}
    allowed = {"string": str, "int": int, "date": datetime.fromisoformat}
    for event in root.iter(f"{XES}event"):
        keys = [child.attrib["key"] for child in event]
        assert len(set(keys)) == len(keys)
        assert needed <= set(keys)
        for child in event:
            assert set(child.attrib) == {"key", "value"}
            assert re.fullmatch(r"[A-Za-z_]+(:[a-z]+)?", child.attrib["key"])
            allowed[child.tag.removeprefix(XES)](child.attrib["value"])


def test_characters_that_xml_does_not_have() -> None:
    """Also in the name of a scenario, which may be any text."""
    text = "a\x00b\x0b\ud800\uffff\t\n\r\U0001f600"
    found = ET.fromstring(attribute("key", text)).attrib["value"]
    assert found == "a\ufffdb\ufffd\ufffd\ufffd\t\n\r\U0001f600"


def test_a_hostile_name_of_a_scenario(tmp_path: Path) -> None:
    name = '"/><trace>\x01\t&amp;\n'
    made = simulated(kind("voice", [0]), group("g", "voice"), name=name)
    root = ET.parse(made.save_event_log(tmp_path / "log.xes")).getroot()
    value = root.find(f"{XES}string").attrib["value"]  # type: ignore[union-attr]
    assert value == name.replace("\x01", "\ufffd")
    assert len(root.findall(f"{XES}trace")) == 1


# ---------------------------------------------------------------------- OCEL


def check_ocel(log: Any, table: pd.DataFrame, result: simcc.Result) -> None:
    """Events, objects and their relations are those of the table."""
    objects = {one["id"]: one for one in log["objects"]}
    assert len(objects) == len(log["objects"])
    for one in log["objects"]:
        one["attributes"] = {of["name"]: of["value"] for of in one["attributes"]}
    check_objects(objects, result)
    assert len({event["id"] for event in log["events"]}) == len(log["events"]) == len(table)
    for event, row in zip(log["events"], table.itertuples(), strict=True):
        assert event["type"] == row.activity
        assert datetime.fromisoformat(event["time"]) == row.timestamp
        groups = [] if pd.isna(row.group) else [{"name": "group", "value": row.group}]
        assert event["attributes"] == groups
        related = {objects[to["objectId"]]["type"]: to for to in event["relationships"]}
        assert len(related) == len(event["relationships"])
        assert related["issue"]["objectId"] == f"issue {row.case}"
        own = {of: objects[to["objectId"]]["attributes"] for of, to in related.items()}
        assert {own[of]["replication"] for of in own} == {str(row.replication)}
        for name in (*NUMBERS, "contact_type"):
            assert own["contact"][name] == str(getattr(row, name))
        acts = [own[of]["name"] for of in ("agent", "bot") if of in own]
        assert acts == ([] if pd.isna(row.resource) else [row.resource])
        if "queue" in own:
            assert own["queue"]["name"] == row.queue_type
        waits_or_leaves = ("joined queue", "abandoned", "answered", "blocked", "escalated")
        assert "queue" in own or row.activity not in waits_or_leaves


def check_objects(objects: dict[str, Any], result: simcc.Result) -> None:
    contacts = result.contacts()
    counts = Counter(one["type"] for one in objects.values())
    assert counts["contact"] == len(contacts)
    assert counts["issue"] == len(result.journeys())
    answered = contacts.dropna(subset="agent")
    assert counts["agent"] == len(answered[["replication", "agent"]].drop_duplicates())
    assert counts["bot"] == 2 * result.replications
    assert counts["queue"] == 3 * result.replications
    for row in contacts.itertuples():
        contact = objects[f"contact {row.replication}-{row.contact}"]
        to_issue = {"objectId": f"issue {row.replication}-{row.issue}", "qualifier": "part of"}
        assert contact["relationships"] == [to_issue]


def test_ocel_read_by_another(
    result: simcc.Result, table: pd.DataFrame, saved: dict[str, Path], tmp_path: Path
) -> None:
    log = read_back("OCEL", saved["json"], tmp_path)
    check_ocel(log, table, result)


def test_ocel_of_linked_objects(
    table: pd.DataFrame, saved: dict[str, Path], tmp_path: Path
) -> None:
    """The independent library follows the relations and finds the way of one contact."""
    r4pm = pytest.importorskip("r4pm", reason="r4pm, the independent reader, is not installed")
    item = r4pm.import_item("OCEL", str(saved["json"]))
    linked = r4pm.bindings.slim_link_ocel(ocel=item)
    assert r4pm.bindings.num_events(ocel=linked) == len(table)
    contact = table[table["activity"] == "transferred"].iloc[0]
    ids = r4pm.bindings.get_e2o_rev_ids(
        ocel=linked, ob_id=f"contact {contact['replication']}-{contact['contact']}"
    )
    types = [r4pm.bindings.get_event_type_of_id(ocel=linked, ev_id=one) for one in ids]
    mine = (table["contact"] == contact["contact"]) & (
        table["replication"] == contact["replication"]
    )
    assert sorted(types) == sorted(table["activity"][mine])
    for one in (item, linked):
        r4pm.remove_item(one)


def test_ocel_as_the_specification_has_it(
    result: simcc.Result, table: pd.DataFrame, saved: dict[str, Path]
) -> None:
    log = json.loads(saved["json"].read_text(encoding="utf-8"))
    checker = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    assert list(checker.iter_errors(log)) == []
    for things, types in (("events", "eventTypes"), ("objects", "objectTypes")):
        declared = {
            one["name"]: {of["name"]: of["type"] for of in one["attributes"]} for one in log[types]
        }
        for one in log[things]:
            for of in one["attributes"]:
                if declared[one["type"]][of["name"]] == "integer":
                    int(of["value"])
    check_ocel(log, table, result)


def test_agents_of_one_name_are_two(tmp_path: Path) -> None:
    """Two agents of one name in two groups are two objects."""
    roster = simcc.Roster(shifts=[simcc.Shift(agent="a 1", start=0, end="1h")])
    other = simcc.AgentGroup(name="b", skills=["b"], staff=roster)
    made = simulated(kind("a", [0]), kind("b", [0]), group("a", "a"), other)
    assert made.event_log()["resource"].dropna().unique().tolist() == ["a 1"]
    log = json.loads(made.save_event_log(tmp_path / "log.json").read_text())
    agents = [one for one in log["objects"] if one["type"] == "agent"]
    assert [[of["value"] for of in one["attributes"]] for one in agents] == [
        ["0", "a 1", "a"],
        ["0", "a 1", "b"],
    ]


# ---------------------------------------------------------------------- CSV and files


def test_csv(table: pd.DataFrame, saved: dict[str, Path]) -> None:
    with saved["csv"].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(table.columns)
    assert len(rows) == len(table)
    for name in table.columns:
        found = [row[name] for row in rows]
        if name == "timestamp":
            assert [datetime.fromisoformat(one) for one in found] == table[name].tolist()
        else:
            expected = ["" if pd.isna(one) else str(one) for one in table[name]]
            assert found == expected, name
    assert rows[0]["timestamp"].startswith("2024-07-01T08:")
    assert rows[0]["timestamp"].endswith("-04:00")


def test_an_empty_log(tmp_path: Path) -> None:
    made = simulated(kind("voice", []), group("g", "voice"))
    paths = [made.save_event_log(tmp_path / f"log.{end}") for end in ("csv", "xes", "json")]
    assert len(paths[0].read_text().splitlines()) == 1
    assert len(ET.parse(paths[1]).getroot().findall(f"{XES}trace")) == 0
    log = json.loads(paths[2].read_text())
    jsonschema.validate(log, SCHEMA)
    assert log["events"] == log["objects"] == []


@pytest.fixture(scope="module")
def small() -> simcc.Result:
    return simulated(kind("voice", [0], bot="helper"), group("g", "voice"), bot("helper"))


@pytest.mark.parametrize("format", ["csv", "xes", "ocel"])
def test_a_format_by_name(format: Any, small: simcc.Result, tmp_path: Path) -> None:
    ending = {"csv": "csv", "xes": "xes", "ocel": "json"}[format]
    named = small.save_event_log(tmp_path / "log", format=format)
    by_ending = small.save_event_log(str(tmp_path / f"log.{ending.upper()}"))
    assert named.read_bytes() == by_ending.read_bytes()
    folder = small.save(tmp_path / "folder", event_log=format)
    assert (folder / f"event_log.{ending}").read_bytes() == named.read_bytes()


def test_formats_that_are_none(small: simcc.Result, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"log\.txt.*\.csv, \.xes, \.json.*csv, xes, ocel"):
        small.save_event_log(tmp_path / "log.txt")
    with pytest.raises(ValueError, match="format is 'parquet'; it must be one of csv, xes, ocel"):
        small.save_event_log(tmp_path / "log.csv", format="parquet")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="format is 'xls'"):
        small.save(tmp_path / "folder", event_log="xls")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(small: simcc.Result, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="directory"):
        small.save_event_log(tmp_path / "none" / "log.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError, match="directory"):
        small.save_event_log(tmp_path / "folder.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


@pytest.mark.parametrize(
    ("end", "broken"),
    [
        ("csv", "pandas.DataFrame.to_csv"),
        ("xes", "simcc.result.xes._traces"),
        ("json", "simcc.result.ocel._events"),
    ],
)
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whole_or_not_at_all(
    end: str, broken: str, error: BaseException, small: simcc.Result, tmp_path: Path
) -> None:
    """What was there before is still there, and nothing else."""
    path = tmp_path / f"log.{end}"
    path.write_text("before")
    refused: type[BaseException] = OutputError if isinstance(error, OSError) else KeyboardInterrupt
    with mock.patch(broken, side_effect=error), pytest.raises(refused):
        small.save_event_log(path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == [path.name]
    assert small.save_event_log(path).read_text() != "before"


def test_the_same_run_writes_the_same_bytes(tmp_path: Path) -> None:
    made = [busy(replications=1) for _ in range(2)]
    for end in ("csv", "xes", "json"):
        first, second = (one.save_event_log(tmp_path / f"{i}.{end}") for i, one in enumerate(made))
        assert first.read_bytes() == second.read_bytes()
