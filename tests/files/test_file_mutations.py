"""Whatever is in the files: a scenario or a ScenarioError, in little time, and never two meanings.

A random change may leave a valid file; then the scenario must survive its own canonical form.
"""

import json
import math
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from center_files import FILES, TOML, Center
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import simcc

quick = settings(
    max_examples=150,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TABLES = [name for name in FILES if name.endswith(".csv")]
CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "",
            "0",
            "-0",
            "-1",
            "1e3",
            "1e300",
            "nan",
            "inf",
            "1,5",
            "08:30",
            "24:00",
            "8:5",
            "=1+1",
            "٣",
            "\u2028",
        ]
    ),
    st.sampled_from(
        ["service", "sales", "front", "back", "Ann", "none", "09:00-09:15", "9:5-9:6;"]
    ),
    st.sampled_from(["9999-12-31", "0001-01-01", "2024-03-04T08:30+01:00", "2024-03-31T02:30"]),
    st.sampled_from(["2024-10-27 02:30", "2024-03-04 08:30:00.123456-23:59", '"', '""', "1" * 400]),
    st.text(max_size=12),
    st.integers(-(10**6), 10**6).map(str),
    st.floats(allow_nan=True).map(str),
)


def outcome(center: Center) -> simcc.Scenario | None:
    """The scenario; None if the files are refused, as they should be, in plain words."""
    problems: tuple[simcc.Problem, ...] = ()
    try:
        scenario = simcc.load(center.path)
    except simcc.ScenarioError as error:
        scenario, problems = None, error.problems
    if scenario is None:
        assert problems
        for problem in problems:
            assert str(problem).isprintable()
            assert "object" not in str(problem).replace("JSON object", "").replace("one object", "")
        return None
    again = simcc.Scenario.from_dict(json.loads(json.dumps(scenario.to_dict())))
    assert again == scenario
    return scenario


@pytest.fixture(scope="module")
def shared_folder() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@quick
@given(data=st.data())
def test_bytes_anywhere(data: st.DataObject, shared_folder: Path) -> None:
    center = Center(shared_folder)
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = bytearray(FILES[name].encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        upto = data.draw(st.integers(at, min(len(content), at + 8)))
        content[at:upto] = data.draw(st.binary(max_size=4) | st.sampled_from([b"\n", b'"', b","]))
    center.write(name, bytes(content))
    outcome(center)


@quick
@given(name=st.sampled_from(sorted(FILES)), content=st.binary(max_size=300) | st.text())
def test_a_file_of_anything(name: str, content: bytes | str, shared_folder: Path) -> None:
    center = Center(shared_folder)
    center.write(name, content)
    outcome(center)


@quick
@given(name=st.sampled_from(TABLES), data=st.data())
def test_cells_anywhere(name: str, data: st.DataObject, shared_folder: Path) -> None:
    center = Center(shared_folder)
    rows = [line.split(",") for line in FILES[name].splitlines()]
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(0, len(rows) - 1))
        column = data.draw(st.integers(0, len(rows[row]) - 1))
        rows[row][column] = data.draw(CELLS)
    center.write(name, "\n".join(",".join(row) for row in rows))
    outcome(center)


@quick
@given(name=st.sampled_from(TABLES), data=st.data())
def test_rows_lost_doubled_and_turned(name: str, data: st.DataObject, shared_folder: Path) -> None:
    center = Center(shared_folder)
    header, *rows = FILES[name].splitlines()
    picked = data.draw(st.lists(st.sampled_from(rows), max_size=2 * len(rows)))
    center.write(name, "\n".join([header, *picked]))
    scenario = outcome(center)
    if name in ("volumes.csv", "heads.csv"):
        assert (scenario is not None) == (sorted(picked) == sorted(rows))


WORDS = st.sampled_from(
    """
    1 | -1 | 0 | 1e400 | inf | nan | true | "" | "x" | "3min" | [] | {} | [[]] | [1, 'x', {}]
    1979-05-27 | 07:32:00 | '2024-01-01' | "service" | "roster.csv" | { law = "gamma" }
    { csv = "volumes.csv" } | { csv = "roster.csv" } | { csv = "center.toml" } | { csv = 3 }
    { sample = "volumes.csv", column = "volume" } | { sample = "talk.csv" } | { column = "s" }
    { sample = {} } | { sample = "x", survival = "y" } | { survival = [1] }
    { survival = "heads.csv" } | { times_csv = "talk.csv", column = "s" }
    """.strip()
    .replace("\n", "|")
    .split("|")
)


@quick
@given(data=st.data())
def test_values_and_lines_of_the_toml(data: st.DataObject, shared_folder: Path) -> None:
    center = Center(shared_folder)
    lines = TOML.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key, equals, value = lines[at].partition(" = ")
        change = data.draw(st.sampled_from(["value", "key", "drop", "double", "move"]))
        if change == "value" and equals:
            lines[at] = f"{key} = {data.draw(WORDS)}"
        elif change == "key" and equals:
            lines[at] = f"{data.draw(st.sampled_from(FIELDS))} = {value}"
        elif change == "double":
            lines.insert(at, lines[at])
        elif change == "move":
            lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif len(lines) > 1:
            del lines[at]
    center.write("center.toml", "\n".join(lines))
    outcome(center)


FIELDS = sorted(
    {field for part in vars(simcc.model).values() for field in getattr(part, "model_fields", ())}
    | {"agents", "roster", "csv", "law", "sample", "survival", "times_csv", "column", "tail"}
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10),
    st.integers(),
    st.floats(),
    st.sampled_from(
        ["service", "front", "3min", "volumes.csv", "talk.csv", "s", "gamma", "poisson"]
    ),
    st.text(max_size=5),
)


def trees(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


PARTS = trees(st.sampled_from(FIELDS))
TOP = st.sampled_from(sorted(simcc.Scenario.model_fields))


@quick
@given(tree=st.dictionaries(TOP, PARTS | st.lists(PARTS, max_size=3), max_size=6))
@example(tree={"contact_types": [{"name": "service", "arrivals": {"csv": "volumes.csv"}}]})
@example(tree={"contact_types": [{"arrivals": {"csv": "volumes.csv"}}], "horizon": {"length": 0}})
@example(tree={"agent_groups": [{"agents": {"csv": "heads.csv"}, "name": {}}]})
def test_documents_of_anything(tree: dict[str, Any], shared_folder: Path) -> None:
    center = Center(shared_folder)
    center.path = center.folder / "scenario.json"
    center.write("scenario.json", json.dumps(tree))
    outcome(center)


@quick
@given(data=st.data())
def test_a_field_of_anything(data: st.DataObject, shared_folder: Path) -> None:
    """A random subtree in a document that is otherwise valid: deeper checks are reached."""
    center = Center(shared_folder)
    raw = json.loads(json.dumps(VALID))
    place = data.draw(st.sampled_from(list(places(raw))))
    parent = raw
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = data.draw(PARTS)
    center.path = center.folder / "scenario.json"
    center.write("scenario.json", json.dumps(raw))
    outcome(center)


SAMPLE = {"sample": "talk.csv", "column": "s"}
VALID = {
    "horizon": {"start": "2024-03-04T08:00", "length": "2h", "time_zone": "Europe/Amsterdam"},
    "contact_types": [
        {
            "name": "service",
            "arrivals": {"csv": "volumes.csv", "busyness": {"cv": 0.1}},
            "talk_time": {"law": "gamma", "mean": 60, "cv": 1.0},
            "patience": {"survival": "patience.csv"},
            "bot": "helper",
        },
        {"name": "sales", "arrivals": {"csv": "volumes.csv"}, "talk_time": 60},
    ],
    "bots": [{"name": "helper", "contained": 0.2, "session_time": SAMPLE}],
    "agent_groups": [
        {"name": "front", "skills": ["service", "sales"], "agents": {"csv": "heads.csv"}},
        {"name": "back", "skills": {"service": 1.1}, "roster": "roster.csv"},
    ],
    "routing": {"type_to_groups": {"service": [{"group": "front", "rank": 1}]}},
    "targets": [{"share": 0.8, "within": 20}],
}


def test_what_is_changed_is_valid(center: Center) -> None:
    assert outcome(center) is not None
    center.path = center.folder / "scenario.json"
    center.write("scenario.json", json.dumps(VALID))
    assert outcome(center) is not None


def places(tree: Any, above: tuple[Any, ...] = ()) -> Any:
    """Paths of everything inside a document."""
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, inner in steps:
        yield (*above, step)
        if isinstance(inner, dict | list):
            yield from places(inner, (*above, step))


@settings(quick, max_examples=60)
@given(
    start=st.datetimes(
        min_value=simcc.Horizon().start.replace(year=1990),
        max_value=simcc.Horizon().start.replace(year=2037),
    ).map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)),
    zone=st.sampled_from(["UTC", "Europe/Amsterdam", "Australia/Lord_Howe", "America/New_York"]),
    n=st.integers(1, 200),
    minutes=st.sampled_from([15, 30, 60]),
)
@example(start=simcc.Horizon(start="2024-03-31").start, zone="Europe/Amsterdam", n=48, minutes=30)
@example(start=simcc.Horizon(start="2024-10-27").start, zone="Europe/Amsterdam", n=50, minutes=30)
def test_dates_of_any_horizon(
    start: Any, zone: str, n: int, minutes: int, shared_folder: Path
) -> None:
    """A table by date and time, with the offset, gives each interval its own volume."""
    horizon = simcc.Horizon(length=f"{n * minutes}min", interval=f"{minutes}min")
    try:
        horizon = horizon.replace(start=start, time_zone=zone)
    except simcc.ScenarioError:  # a start that the clock skips
        return
    (shared_folder / "one.csv").write_text(
        "interval,type,volume\n"
        + "".join(f"{at.isoformat()},a,{k}\n" for k, at in enumerate(horizon.timestamps()))
    )
    kind = {"name": "a", "talk_time": 60, "arrivals": {"csv": "one.csv"}}
    group = {"name": "b", "skills": ["a"], "agents": 3}
    raw = {"horizon": horizon.model_dump(mode="json"), "contact_types": [kind]}
    path = shared_folder / "one.json"
    path.write_text(json.dumps({**raw, "agent_groups": [group]}))
    rates = simcc.load(path).contact_types[0].arrivals.rates_per_hour
    assert len(rates) == n
    assert all(math.isclose(rate, k * 60 / minutes) for k, rate in enumerate(rates))
