"""A part of a store: a Parquet file of the counters of some replications, as tidy rows.

One row per replication and counter that is not zero, see ``COLUMNS``; the metadata says which run
it belongs to, and holds a digest of what is read back.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simcc.cells import WHOLE_WINDOW, Cells, Rows

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = {
    "replication": "from 0",
    "interval": "of the counting window, from 0; null: the whole window",
    "scope": '"all", "type:NAME", "group:NAME", "type:NAME group:NAME", or "type:NAME bot:NAME" of '
    "bots behind other bots, which add to those of the type",
    "counter": "what is counted; of histograms of waits, wait_served and wait_abandoned",
    "wait_from": "of histograms of waits, the shortest wait in the bin (s); else null",
    "value": "a number of contacts or agents, or a sum of seconds or of money; never zero",
    "cell": "number of the cell, by which simcc reads the row back",
}
KEY = b"simcc"  # of the metadata
READ_BACK = ("replication", "cell", "value")

Metadata = dict[str, Any]


def encode(rows: Rows, cells: Cells, metadata: Mapping[str, Any]) -> bytes:
    """Return rows as the content of a Parquet file.

    Parameters
    ----------
    rows : Rows
    cells : Cells
        That the rows are numbered by.
    metadata : mapping
        What can be written as JSON; a digest of the rows is added.
    """
    import pyarrow.parquet as pq

    content = {**metadata, "digest": _digest(rows)}
    table = _table(rows, cells).replace_schema_metadata({KEY: json.dumps(content)})
    file = io.BytesIO()
    pq.write_table(
        table,
        file,
        use_dictionary=["replication", "interval", "scope", "counter", "wait_from"],
        column_encoding={"cell": "DELTA_BINARY_PACKED"},  # increasing: half of the file otherwise
        write_statistics=["replication"],
        write_page_checksum=True,
    )
    return file.getvalue()


def _table(rows: Rows, cells: Cells) -> pa.Table:
    import pyarrow as pa

    names = cells.names
    interval, wait_from = names.interval[rows.cell], names.wait_from[rows.cell]
    columns = {
        "replication": rows.replication,
        "interval": pa.array(interval, mask=interval == WHOLE_WINDOW),
        "scope": pa.DictionaryArray.from_arrays(names.scope[rows.cell], names.scopes),
        "counter": pa.DictionaryArray.from_arrays(names.counter[rows.cell], names.counters),
        "wait_from": pa.array(wait_from, mask=np.isnan(wait_from)),
        "value": rows.value,
        "cell": rows.cell,
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def decode(content: bytes) -> tuple[Rows, Metadata]:
    """Return the rows and the metadata of a file that :func:`encode` made.

    Raises
    ------
    ValueError
        If it is no such file, or damaged; the message says how.
    """
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content))
        metadata = json.loads(file.schema_arrow.metadata[KEY])
        table = file.read(columns=list(READ_BACK))
        rows = Rows(*(table.column(name).to_numpy() for name in READ_BACK))
        whole = metadata["digest"] == _digest(rows)
    except Exception as error:  # a damaged file may raise anything
        raise ValueError(str(error).strip().partition("\n")[0] or repr(error)) from error
    if not whole:
        raise ValueError("its rows are not those that were written")
    return rows, metadata


def _digest(rows: Rows) -> str:
    found = hashlib.sha256()
    for column in rows:
        found.update(np.ascontiguousarray(column).data)
    return found.hexdigest()
