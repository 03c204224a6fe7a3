"""What the database refuses for good is told apart from what waiting mends."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, insert, text

from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.tables import position_table
from app.errors import PermanentError, TransientError
from app.testing.clock import FrozenClock
from tests.integration.postgres import Server


async def test_a_row_that_breaks_a_rule_of_the_schema_is_refused_for_good(database: Database) -> None:
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(insert(position_table).values(name="n", value="v"))

    with pytest.raises(PermanentError) as caught:
        await database.write(twice)
    assert caught.value.code == "ledger.refused"
    assert "IntegrityError" in caught.value.message or "UniqueViolation" in caught.value.message
    assert await SqlLedger(database, FrozenClock()).cursor("n") is None


@pytest.mark.postgres
async def test_what_the_database_cannot_hold_is_refused_for_good_in_one_line(postgres: Server) -> None:
    database = Database(postgres.url())
    try:
        with pytest.raises(PermanentError) as caught:
            await database.write(lambda connection: connection.execute(text("SELECT 1 / 0")))
    finally:
        await database.close()
    assert caught.value.code == "ledger.refused"
    assert "\n" not in caught.value.message


async def test_a_database_that_cannot_be_written_now_is_waited_for(database: Database) -> None:
    def write(connection: Connection) -> None:
        only_read = "PRAGMA query_only=ON" if database.is_sqlite else "SET TRANSACTION READ ONLY"
        connection.execute(text(only_read))
        connection.execute(insert(position_table).values(name="n", value="v"))

    with pytest.raises(TransientError) as caught:
        await database.write(write)
    assert caught.value.code == "ledger.unavailable"
