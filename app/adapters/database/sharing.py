"""What several processes on one PostgreSQL need: turns, and rows put whether or not they are there. SQLite has one writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from sqlalchemy import Connection, Executable, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

ADMISSION = "admission"
SEED = 7_408_253
Insert = sqlite.Insert | postgresql.Insert
INSERT: Mapping[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By the dialect's name, the INSERT that can say what happens on conflict."""


def take_turns(connection: Connection, name: str) -> None:
    """Waits until no other transaction has the turn of this name; holds it until the commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, SEED))))


def insert_if_absent(table: Table) -> Mapping[str, Executable]:
    """By the dialect's name, an INSERT that leaves a row as it is where its key is there already."""
    return {name: into(table).on_conflict_do_nothing() for name, into in INSERT.items()}


def put(
    connection: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]
) -> None:
    """Makes the row of this primary key hold these values."""
    statement = _put(connection.dialect.name, table, tuple(key), tuple(values))
    connection.execute(statement, {**key, **values})


@cache
def _put(dialect: str, table: Table, key: tuple[str, ...], values: tuple[str, ...]) -> Executable:
    """Made once: making a statement takes longer than running it."""
    new = INSERT[dialect](table)
    return new.on_conflict_do_update(index_elements=key, set_={name: new.excluded[name] for name in values})
