"""Bodies come back from the ledger byte for byte, and take less room than they had."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.adapters.database.tables import Compressed
from app.domain.delivery import Source, delivery_of
from app.domain.ids import AppKey, DeliveryId

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COLUMN, DIALECT = Compressed(), sqlite.dialect()


@given(st.binary(max_size=2000) | st.binary(max_size=5).map(lambda some: some * 1000))
def test_what_is_stored_comes_back_byte_for_byte(body: bytes) -> None:
    assert COLUMN.process_result_value(COLUMN.process_bind_param(body, DIALECT), DIALECT) == body


def test_bytes_that_we_did_not_store_are_refused() -> None:
    with pytest.raises(ValueError, match="not ours, or damaged"):
        COLUMN.process_result_value(b"{}", DIALECT)


async def test_a_stored_body_is_small_on_disk_and_whole_when_read(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    await asyncio.to_thread(migrate, f"sqlite:///{file}")
    database = Database(f"sqlite:///{file}")
    ledger = SqlLedger(database, SystemClock())
    body = json.dumps([{"number": n, "name": f"forge/anvil-{n}"} for n in range(500)]).encode()
    await ledger.accept(delivery_of(AppKey("k"), DeliveryId("1"), Source.GITHUB, "push", body, NOW))
    (read,) = await ledger.received(10, 1_000_000)
    await database.close()
    with sqlite3.connect(file) as raw:
        (size,) = raw.execute("SELECT length(body) FROM delivery").fetchone()
    raw.close()
    assert read.body == body
    assert size < len(body) / 3


def given_body(kind: str, size: int) -> bytes:
    """Bytes that the ledger stores in less room, or not."""
    return b"x" * size if kind == "shrinks" else random.Random(size).randbytes(size)  # noqa: S311 (no secret)


@pytest.mark.parametrize("kind", ["shrinks", "does not shrink"])
@pytest.mark.parametrize(
    ("sizes", "at_once"),
    [
        ([10, 10, 10], [3]),
        ([600, 600, 600], [2, 1]),
        ([5_000, 10, 10], [1, 2]),
        ([10, 5_000, 10], [2, 1]),
        ([1_000, 999, 1, 5], [1, 2, 1]),
        ([10] * 9, [4, 4, 1]),
    ],
)
async def test_no_more_bodies_are_read_at_once_than_fit(
    database: Database, kind: str, sizes: list[int], at_once: list[int]
) -> None:
    ledger = SqlLedger(database, SystemClock())
    for number, size in enumerate(sizes):
        body = given_body(kind, size)
        one = delivery_of(AppKey("k"), DeliveryId(str(number)), Source.GITHUB, "push", body, NOW)
        await ledger.accept(one)
    found: list[int] = []
    while batch := await ledger.received(4, 1_000):
        found.append(len(batch))
        for one in batch:
            await ledger.ignore(one, None, None, "read")
    assert found == at_once
