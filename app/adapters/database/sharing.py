"""What several processes on one PostgreSQL need: turns, and rows put whether or not they are there. SQLite has one writer."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Executable, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

ADMISSION = "admission"
SEED = 7_408_253


def take_turns(connection: Connection, name: str) -> None:
    """Waits until no other transaction has the turn of this name; holds it until the commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, SEED))))


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT of the connection's dialect that can say what happens on conflict."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def insert_if_absent(table: Table) -> Mapping[str, Executable]:
    """By the dialect's name, an INSERT that leaves a row as it is where its key is there already."""
    return {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }


def put(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    """Makes the row of this primary key hold these values."""
    connection.execute(
        upsert(connection, table)
        .values({**key, **values})
        .on_conflict_do_update(index_elements=list(key), set_=dict(values))
    )
