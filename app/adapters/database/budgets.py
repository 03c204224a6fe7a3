"""Budgets of GitHub requests, kept in the application's database: shared by all workers, and there after a restart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from app.adapters.database.connection import Database
from app.adapters.database.tables import when
from app.adapters.github.budgets import Charge, fits_at, theoretical_arrival

BLOCKED = "blocked"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class BudgetTable(SQLModel, table=True):
    """One cell a key and budget: its next theoretical arrival. The row `blocked` holds the end of a block."""

    __tablename__: ClassVar[Any] = "budget"

    key: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at: datetime = when()


budget_table = BudgetTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models


class SqlBudgets:
    """`app.adapters.github.BudgetStore`; workers take turns at a key's row `blocked`, which each transaction locks first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, key: str, charges: tuple[Charge, ...], now: datetime) -> datetime | None:
        """As the protocol says."""

        def work(connection: Connection) -> datetime | None:
            blocked_until = _turn(connection, key)
            if blocked_until > now:
                return blocked_until
            before = _arrivals(connection, key)
            arrivals = [(one, theoretical_arrival(one, before.get(one.budget.name), now)) for one in charges]
            free_at = max((fits_at(one, arrival) for one, arrival in arrivals), default=now)
            if free_at > now:
                return free_at
            for one, arrival in arrivals:
                _set(connection, key, one.budget.name, arrival)
            return None

        return await self._database.write(work)

    async def block(self, key: str, until: datetime) -> None:
        """As the protocol says."""

        def work(connection: Connection) -> None:
            if until > _turn(connection, key):
                _set(connection, key, BLOCKED, until)

        await self._database.write(work)


def _turn(connection: Connection, key: str) -> datetime:
    """The end of the key's block; no other transaction gets it before this one ends.

    An upsert, since it locks on both databases and also where there was no row to lock.
    """
    insert = _insert(connection).values(key=key, name=BLOCKED, at=NEVER)
    taken = insert.on_conflict_do_update(
        index_elements=["key", "name"], set_={"at": budget_table.c.at}
    ).returning(budget_table.c.at)
    return cast("datetime", connection.execute(taken).scalar_one())


def _arrivals(connection: Connection, key: str) -> dict[str, datetime]:
    rows = connection.execute(select(budget_table.c.name, budget_table.c.at).where(budget_table.c.key == key))
    return {row.name: row.at for row in rows if row.name != BLOCKED}


def _set(connection: Connection, key: str, name: str, at: datetime) -> None:
    insert = _insert(connection).values(key=key, name=name, at=at)
    connection.execute(insert.on_conflict_do_update(index_elements=["key", "name"], set_={"at": at}))


def _insert(connection: Connection) -> Any:  # noqa: ANN401 (both dialects' inserts have what we use; they share no such type)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(budget_table)
