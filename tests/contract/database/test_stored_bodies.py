"""Bodies come back from the ledger byte for byte, and take less room than they had."""

from __future__ import annotations

import asyncio
import json
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
    (read,) = await ledger.received(10)
    await database.close()
    with sqlite3.connect(file) as raw:
        (size,) = raw.execute("SELECT length(body) FROM delivery").fetchone()
    raw.close()
    assert read.body == body
    assert size < len(body) / 3
