"""Counters as rows, in a Parquet file, and back: the same to the bit, with names that fit."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from center import REPLICATIONS, assert_same_bits, center
from scenarios import scenario

import simcc
from simcc.batches import Ready
from simcc.cells import Cells, Rows
from simcc.metrics import Counters, Layout
from simcc.parts import COLUMNS, decode, encode

SEEDS = range(60)
BASE = 3_000_000


def through_files(of: simcc.Scenario, seed: int, cuts: list[int], *, keep: bool) -> Counters:
    """Counters that have been in files, one for each batch, the last batch first."""
    ready = Ready(of, keep)
    counters = ready.reducer.counters(cuts[-1])
    for begin, end in reversed(list(pairwise(cuts))):
        rows, _ = ready.simulate(seed, range(begin, end))
        found, _ = decode(encode(rows, ready.cells, {}))
        ready.cells.put(found, counters)
    return counters


@pytest.mark.parametrize("seed", SEEDS)
def test_of_random_scenarios(seed: int) -> None:
    direct = simcc.simulate(scenario(seed), replications=7, seed=seed)
    assert_same_bits(through_files(scenario(seed), seed, [0, 3, 4, 7], keep=False), direct.sums)


@pytest.mark.parametrize("number", range(15))
def test_of_fresh_random_scenarios(number: int, test_seed: int) -> None:
    """With what each agent did, which is NaN for some."""
    seed = BASE + test_seed + number
    direct = simcc.simulate(scenario(seed), replications=3, seed=seed, record="contacts")
    found = through_files(scenario(seed), seed, [0, 1, 3], keep=True)
    assert_same_bits(found, direct.sums)


def test_more_replications_than_batches_of_histograms() -> None:
    """There are at most 50 of the window and 10 of intervals, which replications share."""
    direct = simcc.simulate(center(), replications=63, seed=1)
    assert len(direct.sums.interval_waits) == 10
    assert_same_bits(through_files(center(), 1, [0, 5, 33, 63], keep=False), direct.sums)


def test_without_histograms_of_intervals() -> None:
    of = center(horizon=simcc.Horizon(length="8h", interval="1min"))
    direct = simcc.simulate(of, replications=4, seed=1)
    assert direct.sums.interval_waits.size == 0
    assert_same_bits(through_files(of, 1, [0, 3, 4], keep=False), direct.sums)


def test_values_that_compare_equal_to_others_keep_their_bits() -> None:
    layout = Layout.of(center())
    cells, one, found = Cells(layout), Counters.zeros(layout, 1), Counters.zeros(layout, 1)
    odd = np.array([-0.0, np.nan, -np.nan, np.inf, 5e-324, 1 + 2**-52])
    one.types[0, 0, 0, : len(odd)] = odd
    rows = cells.take(one, 0)
    assert len(rows.cell) == len(odd)
    assert not any(array.any() for array in (one.types, one.waits))
    cells.put(decode(encode(rows, cells, {}))[0], found)
    assert found.types[0, 0, 0, : len(odd)].tobytes() == odd.tobytes()


def test_replications_beyond_the_counters_are_left_out() -> None:
    ready = Ready(center(), False)
    counters = ready.reducer.counters(3)
    ready.cells.put(ready.simulate(1, range(5))[0], counters)
    assert_same_bits(counters, simcc.simulate(center(), replications=3, seed=1).sums)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    ready = Ready(center(), False)
    rows, _ = ready.simulate(1, range(REPLICATIONS))
    return pd.read_parquet(io.BytesIO(encode(rows, ready.cells, {})))


@pytest.fixture(scope="module")
def result() -> simcc.Result:
    return simcc.simulate(center(), replications=REPLICATIONS, seed=1)


def test_columns_are_those_described(table: pd.DataFrame) -> None:
    assert list(table.columns) == list(COLUMNS)
    key = ["replication", "interval", "scope", "counter", "wait_from"]
    assert not table.duplicated(key).any()
    assert (table["value"] != 0).all()


SCOPES = {
    "type": "type:{type}",
    "group": "group:{group}",
    "pair": "type:{type} group:{group}",
    "center": "all",
}
PRICED = {"bot_cost", "agent_cost", "cost"}  # follow from the others by prices


@pytest.mark.parametrize("level", SCOPES)
def test_rows_say_what_the_tables_of_counters_say(
    level: str, table: pd.DataFrame, result: simcc.Result
) -> None:
    """Both by name: every counter of every replication, interval and scope."""
    wide = result.counters(level).drop(columns="interval_start")
    places = [name for name in ("type", "group") if name in wide]
    wide["scope"] = [SCOPES[level].format(**row) for row in wide[places].to_dict("records")]
    key = ["replication", "interval", "scope"]
    expected = wide.drop(columns=places).set_index(key).astype(float)
    rows = table[table["wait_from"].isna() & table["scope"].isin(wide["scope"].unique())]
    rows = rows.astype({"scope": "str", "counter": "str"})
    found = rows.set_index([*key, "counter"])["value"].unstack(fill_value=0.0)
    pd.testing.assert_frame_equal(
        found.sort_index(),
        expected[found.columns].sort_index(),
        check_names=False,
        check_exact=True,
        check_index_type=False,
    )
    left_out = set(expected.columns[expected.any()]) - set(found.columns)
    if level == "center":  # whose others are sums over types and groups
        assert set(found.columns) == {"time", "queue_max"}
    else:
        assert left_out <= PRICED


def test_histograms_have_the_waits(table: pd.DataFrame) -> None:
    """Against the waits in the log: each lies in its bin, and bins hold all of them."""
    logged = simcc.simulate(center(), replications=REPLICATIONS, seed=1, record="contacts")
    contacts = logged.contacts().query("outcome == 'served' and contact_type == 'mail'")
    waits = np.sort(contacts["answered_at"] - contacts["offered_at"])
    rows = table.query("scope == 'type:mail' and counter == 'wait_served'")
    bins = rows.groupby("wait_from")["value"].sum().sort_index()
    low = np.repeat(bins.index.to_numpy(), bins.to_numpy().astype(int))
    assert len(low) == len(waits)
    assert (low <= waits).all()
    assert (waits <= np.maximum(low * (1 + 1 / 32), 2.0**-7)).all()


def test_a_damaged_file_is_never_used(test_seed: int) -> None:
    """Cut off anywhere, or with any byte changed: refused, or not changed where it matters."""
    ready = Ready(center(), False)
    rows, _ = ready.simulate(1, range(4))
    content = encode(rows, ready.cells, {"seed": 1})
    rng = np.random.default_rng(test_seed)
    refused = 0
    for length in [0, 1, 7, len(content) - 1, *rng.integers(len(content), size=20)]:
        with pytest.raises(ValueError, match=r"."):
            decode(content[:length])
    for at in rng.integers(len(content), size=150):
        changed = bytearray(content)
        changed[at] ^= 1 << int(rng.integers(8))
        try:
            found = decode(bytes(changed))[0]
        except ValueError:
            refused += 1
        else:
            assert all(a.tobytes() == b.tobytes() for a, b in zip(found, rows, strict=True))
    assert refused > 50


def test_other_files_are_refused() -> None:
    file = io.BytesIO()
    pd.DataFrame({name: [1] for name in COLUMNS}).to_parquet(file)
    for content in (file.getvalue(), b"replication,cell,value\n0,1,2\n"):
        with pytest.raises(ValueError, match=r"."):
            decode(content)


def test_rows_that_are_not_those_written_are_refused() -> None:
    """What a wrong value looks like if everything else is in order."""
    ready = Ready(center(), False)
    rows, _ = ready.simulate(1, range(2))
    import pyarrow.parquet as pq

    content = encode(rows, ready.cells, {})
    table = pq.read_table(io.BytesIO(content))
    value = table.column("value").to_numpy().copy()
    value[17] += 1
    file = io.BytesIO()
    pq.write_table(table.set_column(5, "value", [value]), file)
    with pytest.raises(ValueError, match="not those that were written"):
        decode(file.getvalue())
    assert isinstance(decode(content)[0], Rows)
