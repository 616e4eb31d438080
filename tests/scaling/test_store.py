"""A store: what is finished stays, nothing is done twice, and nothing wrong is used."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from center import REPLICATIONS, assert_same_bits, center, digest

import simcc
from simcc import batches, dispatch
from simcc.batches import Ready
from simcc.engine.setup import Setup
from simcc.parts import COLUMNS
from simcc.store import LEFT_BEHIND, MANIFEST, Store

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "large-experiments.md"
MANY = 300


@pytest.fixture(scope="module")
def direct() -> simcc.Result:
    return simcc.simulate(center(), replications=REPLICATIONS, seed=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store"


def stored(folder: Path, replications: int = REPLICATIONS, **changes: Any) -> simcc.Result:
    options: dict[str, Any] = {"seed": 1, "workers": 4, "store": folder, **changes}
    scenario = options.pop("scenario", center())
    return simcc.simulate(scenario, replications=replications, **options)


def parts(folder: Path) -> list[Path]:
    return sorted((folder / "parts").glob("*.parquet"))


def states(folder: Path) -> dict[str, int]:
    """The parts, with what would change if one were written again."""
    return {path.name: path.stat().st_ino for path in parts(folder)}


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """First replications of the batches that are simulated."""
    firsts: list[int] = []

    def counted(job: batches.Job) -> batches.Batch:
        firsts.append(job.first)
        return batches.run_batch(job)

    monkeypatch.setattr(dispatch, "run_batch", counted)
    return firsts


# ---------------------------------------------------------------------- same numbers


def test_same_numbers_with_a_store(
    folder: Path, direct: simcc.Result, simulated: list[int]
) -> None:
    result = stored(folder)
    assert_same_bits(result.sums, direct.sums)
    pd.testing.assert_frame_equal(result.summary(), direct.summary(), check_exact=True)
    pd.testing.assert_frame_equal(result.intervals(), direct.intervals(), check_exact=True)
    assert len(simulated) == len(parts(folder)) > 4
    assert not list(folder.rglob(".*"))


def test_nothing_is_simulated_again(
    folder: Path, direct: simcc.Result, simulated: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(folder)
    before = states(folder)
    simulated.clear()
    monkeypatch.setattr(Setup, "__init__", lambda *_: pytest.fail("nothing is to be simulated"))
    again = stored(folder, seed=None, workers=1)
    assert (again.seed, simulated, states(folder)) == (1, [], before)
    assert_same_bits(again.sums, direct.sums)


def test_only_what_is_missing_is_simulated(
    folder: Path, direct: simcc.Result, simulated: list[int]
) -> None:
    stored(folder)
    lost = parts(folder)[1::2]
    for path in lost:
        path.unlink()
    before = states(folder)
    simulated.clear()
    again = stored(folder)
    assert_same_bits(again.sums, direct.sums)
    assert sorted(simulated) == [int(path.name[:8]) for path in lost]
    assert states(folder).items() >= before.items()


def test_more_replications_add_only_those(folder: Path, simulated: list[int]) -> None:
    stored(folder, 21)
    before, first = states(folder), list(simulated)
    simulated.clear()
    more = stored(folder, REPLICATIONS + 7)
    expected = simcc.simulate(center(), replications=REPLICATIONS + 7, seed=1)
    assert_same_bits(more.sums, expected.sums)
    assert not set(simulated) & set(first)
    assert states(folder).items() > before.items()
    fewer = stored(folder, 5)
    assert_same_bits(fewer.sums, simcc.simulate(center(), replications=5, seed=1).sums)


def test_a_fresh_seed_stays_that_of_the_store(folder: Path) -> None:
    first, again = stored(folder, 6, seed=None), stored(folder, 6, seed=None)
    assert first.seed == again.seed == json.loads((folder / MANIFEST).read_text())["seed"]
    assert_same_bits(first.sums, again.sums)


def test_progress_counts_every_replication_once(folder: Path) -> None:
    """Also those that are read, but not those beyond what is asked for."""
    for n in (21, 40, 33):
        store = Store(folder, center(), 1)
        told: list[int] = []
        with ThreadPoolExecutor(2) as threads:
            dispatch.Dispatch(Ready(center(), False), n, 1, threads, store, told.append).run()
        assert sum(told) == n


def test_one_replication(folder: Path) -> None:
    expected = simcc.simulate(center(), replications=1, seed=1)
    for _ in range(2):
        assert_same_bits(stored(folder, 1).sums, expected.sums)


def test_the_bytes_of_a_part_are_the_same_whoever_writes_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "BATCH_TIME", 1e6)  # the size is then that of the workers
    stored(folder)
    other = tmp_path / "other"
    stored(other)
    for mine, theirs in zip(parts(folder), parts(other), strict=True):
        assert mine.read_bytes() == theirs.read_bytes()


# ---------------------------------------------------------------------- killed, and two at once

RUN = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from center import *
while not Path({go!r}).exists():
    time.sleep(0.001)
print(digest(simcc.simulate(
    center(hours=12), replications={many}, seed=1, workers=15, store={folder!r})))
"""


def start(folder: Path, go: Path) -> subprocess.Popen[str]:
    code = RUN.format(here=str(HERE), go=str(go), many=MANY, folder=str(folder))
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def wait_for_parts(process: subprocess.Popen[str], folder: Path, n: int) -> None:
    """Until there are so many, or all that the process makes."""
    while process.poll() is None and len(parts(folder)) < n:
        time.sleep(0.0005)


@pytest.fixture(scope="module")
def expected_digest() -> str:
    return digest(simcc.simulate(center(hours=12), replications=MANY, seed=1))


def test_killed_at_any_moment(
    tmp_path: Path, folder: Path, expected_digest: str, test_seed: int
) -> None:
    rng = np.random.default_rng(test_seed)
    (tmp_path / "go").touch()
    killed = 0
    for _ in range(4):
        before = states(folder)
        process = start(folder, tmp_path / "go")
        wait_for_parts(process, folder, len(before) + int(rng.integers(0, 5)))
        time.sleep(float(rng.random()) / 20)
        process.kill()
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        assert states(folder).items() >= before.items()
        for path in parts(folder):
            pq.read_table(path)  # whole
    assert killed > 1
    before = states(folder)
    out, _ = start(folder, tmp_path / "go").communicate()
    assert out.strip() == expected_digest
    assert states(folder).items() >= before.items()


def test_two_processes_at_once(tmp_path: Path, folder: Path, expected_digest: str) -> None:
    """And a third one killed in between; no replication is in two parts."""
    processes = [start(folder, tmp_path / "go") for _ in range(3)]
    time.sleep(2)
    (tmp_path / "go").touch()
    wait_for_parts(processes[2], folder, 3)
    processes[2].kill()
    processes[2].communicate()
    assert [process.communicate()[0].strip() for process in processes[:2]] == [expected_digest] * 2
    assert [process.returncode for process in processes[:2]] == [0, 0]
    found = [pq.read_table(path)["replication"].unique().to_pylist() for path in parts(folder)]
    numbers = [r for part in found for r in part]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= MANY


def test_what_killed_processes_left_is_removed_later(folder: Path) -> None:
    stored(folder, 8)
    old, new = folder / "parts" / ".old", folder / "parts" / ".new"
    for path in (old, new):
        path.write_bytes(b"PAR1")
    long_ago = time.time() - LEFT_BEHIND - 1
    os.utime(old, (long_ago, long_ago))
    stored(folder, 8)
    assert (old.exists(), new.exists()) == (False, True)


# ---------------------------------------------------------------------- refused


def refused(folder: Path, *words: str, **changes: Any) -> None:
    before = states(folder)
    with pytest.raises(simcc.StoreError) as caught:
        stored(folder, 8, **changes)
    for word in words:
        assert word in str(caught.value)
    assert states(folder) == before


def test_another_run_is_refused(folder: Path) -> None:
    stored(folder, 8)
    refused(folder, "seed: 1 in the store, 2 now", seed=2)
    other = center(agents=6, name="other")
    refused(
        folder,
        "agent_groups[0].staff.agents: 5 in the store, 6 now",
        "name: 'center' in the store, 'other' now",
        scenario=other,
    )
    refused(folder, "lines: nothing in the store, 9 now", scenario=center(lines=9))


@pytest.mark.parametrize("name", ["format", "simcc", "numpy", "scipy", "numba"])
def test_another_version_is_refused(name: str, folder: Path) -> None:
    stored(folder, 8)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {name: "0.0"}))
    refused(folder, f"{name}: '0.0' in the store")


def test_a_part_of_another_run_is_refused(folder: Path, tmp_path: Path) -> None:
    stored(folder, 8)
    stored(tmp_path / "other", 8, seed=2)
    name = parts(folder)[0].name
    for path in parts(tmp_path / "other"):
        parts(folder)[0].write_bytes(path.read_bytes())
        refused(folder, name, "seed: 2 in the store, 1 now")


def test_a_part_under_the_name_of_another_is_refused(folder: Path) -> None:
    stored(folder, 8)
    first, second, *_ = parts(folder)
    second.write_bytes(first.read_bytes())
    refused(folder, second.name, "first: 0 in the store")


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_truncated_part_is_refused_until_it_is_deleted(share: float, folder: Path) -> None:
    stored(folder, 8)
    path = parts(folder)[1]
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(folder, path.name, "is damaged", "delete it, and it is computed again")
    path.unlink()
    expected = simcc.simulate(center(), replications=8, seed=1)
    assert_same_bits(stored(folder, 8).sums, expected.sums)
    assert path.read_bytes() == content


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"seed": "x"}', "{}"])
def test_a_damaged_manifest_is_refused(text: str, folder: Path) -> None:
    stored(folder, 8)
    (folder / MANIFEST).write_text(text)
    refused(folder, str(folder))


def test_a_manifest_without_the_size_of_parts_is_refused(folder: Path) -> None:
    stored(folder, 8)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"replications_per_part": 0}))
    refused(folder, "replications_per_part")


def test_a_folder_with_other_things_is_refused(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.tex").touch()
    refused(folder, "has content but is no store")
    refused(folder / "thesis.tex", "thesis.tex")
    assert os.listdir(folder) == ["thesis.tex"]


@pytest.mark.parametrize("store", [3, True, b"kept"])
def test_what_is_no_path_is_refused(store: object) -> None:
    with pytest.raises(simcc.SimulationError, match="store is"):
        simcc.simulate(center(), replications=2, seed=1, store=store)  # type: ignore[arg-type]


def test_logs_are_refused(folder: Path) -> None:
    with pytest.raises(simcc.SimulationError, match="record="):
        stored(folder, 8, record="contacts")
    assert not folder.exists()


def test_a_full_disk_leaves_no_half_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(folder, 8)
    before = states(folder)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(simcc.StoreError, match="No space left"):
        stored(folder, 16)
    assert states(folder) == before
    assert not list(folder.rglob(".*"))
    monkeypatch.undo()
    expected = simcc.simulate(center(), replications=16, seed=1)
    assert_same_bits(stored(folder, 16).sums, expected.sums)


# ---------------------------------------------------------------------- policies of one's own

POLICY = """
def score(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
    return {factor} * wait + params[0] * idle
"""


def own_policy(tmp_path: Path, factor: int, params: tuple[float, ...] = (1.0,)) -> simcc.Scenario:
    import importlib.util

    path = tmp_path / f"policy_{factor}.py"
    path.write_text(POLICY.format(factor=factor))
    spec = importlib.util.spec_from_file_location("policy_of_mine", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    policy = simcc.CustomPolicy(score=module.score, params=params)
    return center(routing=simcc.Routing(policy=policy))


def test_a_policy_of_ones_own_is_known_by_its_source(folder: Path, tmp_path: Path) -> None:
    stored(folder, 8, scenario=own_policy(tmp_path, 1))
    stored(folder, 9, scenario=own_policy(tmp_path, 1))
    refused(folder, "policy_source", scenario=own_policy(tmp_path, 2))
    refused(folder, "routing.policy.params", scenario=own_policy(tmp_path, 1, (2.0,)))
    names: dict[str, Any] = {}
    exec(POLICY.format(factor=1), names)
    policy = simcc.CustomPolicy(score=names["score"])
    refused(folder, "define it in a file", scenario=center(routing=simcc.Routing(policy=policy)))


# ---------------------------------------------------------------------- read with other tools


def test_read_with_pandas(folder: Path, direct: simcc.Result) -> None:
    stored(folder)
    table = pd.read_parquet(folder / "parts").query(f"replication < {REPLICATIONS}")
    offered = table[(table["counter"] == "offered") & (table["scope"] == "type:voice")]
    by_day = direct.counters("type").query("type == 'voice'").groupby("replication")["offered"]
    assert offered.groupby("replication")["value"].sum().equals(by_day.sum())


def test_the_query_of_the_page(folder: Path, direct: simcc.Result) -> None:
    """The SQL of docs/large-experiments.md, by DuckDB, against the table of intervals."""
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is part of the dev extra")
    stored(folder)
    (query,) = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    asked = f"scope = 'type:voice' AND replication < {REPLICATIONS}"
    query = query.replace("kept/parts", f"{folder}/parts").replace("scope = 'type:voice'", asked)
    found = dict(duckdb.sql(query).fetchall())
    table = direct.intervals(scope="type:voice", metrics=["service_level_20s_offered"])
    assert list(found) == list(range(8))
    assert list(found.values()) == pytest.approx(list(table["estimate"]))


def test_the_page_names_every_column() -> None:
    shown = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)
    assert shown == list(COLUMNS)


def test_metadata_of_parts(folder: Path) -> None:
    stored(folder, 8)
    for path in parts(folder):
        about = json.loads(pq.read_schema(path).metadata[b"simcc"])
        first, last = map(int, re.findall(r"\d+", path.name)[:2])
        assert (about["first"], about["replications"]) == (first, last - first + 1)
        assert about["scenario_hash"] == center().hash()
        assert (about["seed"], about["simcc"]) == (1, simcc.__version__)
        assert (about["numpy"], about["format"]) == (np.__version__, 1)
    scenario = json.loads((folder / MANIFEST).read_text())["scenario"]
    assert simcc.Scenario.from_dict(scenario) == center()
