"""Budgets of GitHub requests, kept in the application's database: shared by all workers, and there after a restart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Connection, bindparam, select
from sqlmodel import Field, SQLModel

from app.adapters.database.connection import Database
from app.adapters.database.sharing import INSERT, put
from app.adapters.database.tables import when
from app.adapters.github.budgets import Block, Charge, Hour, fits_at, newer, next_block, theoretical_arrival

BLOCKED = "blocked"
BEGAN = "began"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class BudgetTable(SQLModel, table=True):
    """One cell a key and budget: its next theoretical arrival.

    The rows `blocked` and `began` hold a block of everything, `blocked:core` and `began:core` one of a resource.
    """

    __tablename__: ClassVar[Any] = "budget"

    key: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at: datetime = when()


class HourTable(SQLModel, table=True):
    """What is left of a key's hourly limits."""

    __tablename__: ClassVar[Any] = "budget_hour"

    key: str = Field(primary_key=True)
    resource: str = Field(primary_key=True)
    allowed: int = Field(sa_type=BigInteger)
    remaining: int = Field(sa_type=BigInteger)
    reset_at: datetime = when()


budget_table = BudgetTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
hour_table = HourTable.__table__  # type: ignore[attr-defined]  # likewise

ARRIVALS = select(budget_table.c.name, budget_table.c.at).where(budget_table.c.key == bindparam("of_key"))
HOURS = select(hour_table).where(hour_table.c.key == bindparam("of_key"))
LOCK = {
    name: into(budget_table).on_conflict_do_update(
        index_elements=["key", "name"], set_={"at": budget_table.c.at}
    )
    for name, into in INSERT.items()
}
"""An upsert that changes nothing, since it locks on both databases and also where there was no row to lock."""


class SqlBudgets:
    """`app.adapters.github.BudgetStore`; workers take turns at a key's row `blocked`, which each transaction locks first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, key: str, charges: tuple[Charge, ...], now: datetime, resource: str = ""
    ) -> datetime | None:
        """As the protocol says."""

        def work(connection: Connection) -> datetime | None:
            before = _turn(connection, key)
            blocked_until = max(before.get(_named(BLOCKED, one), NEVER) for one in ("", resource))
            if blocked_until > now:
                return blocked_until
            arrivals = [(one, theoretical_arrival(one, before.get(one.budget.name), now)) for one in charges]
            free_at = max((fits_at(one, arrival) for one, arrival in arrivals), default=now)
            if free_at > now:
                return free_at
            for one, arrival in arrivals:
                _set(connection, key, one.budget.name, arrival)
            return None

        return await self._database.write(work)

    async def block(
        self, key: str, now: datetime, until: datetime | None = None, resource: str = ""
    ) -> datetime:
        """As the protocol says."""
        began, blocked = _named(BEGAN, resource), _named(BLOCKED, resource)

        def work(connection: Connection) -> datetime:
            rows = _turn(connection, key)
            before = Block(rows[began], rows[blocked]) if began in rows else None
            made = next_block(before, now, until)
            _set(connection, key, began, made.began_at)
            _set(connection, key, blocked, made.until)
            return made.until

        return await self._database.write(work)

    async def share(self, key: str, seen: Mapping[str, Hour]) -> dict[str, Hour]:
        """As the protocol says."""

        def work(connection: Connection) -> dict[str, Hour]:
            _turn(connection, key)
            known = _hours(connection, key)
            for resource, hour in seen.items():
                if (best := newer(hour, known.get(resource))) != known.get(resource):
                    known[resource] = best
                    _keep(connection, key, resource, best)
            return known

        return await self._database.write(work)


def _named(name: str, resource: str) -> str:
    return f"{name}:{resource}" if resource else name


def _turn(connection: Connection, key: str) -> dict[str, datetime]:
    """The key's rows; no other transaction gets them before this one ends."""
    connection.execute(LOCK[connection.dialect.name], {"key": key, "name": BLOCKED, "at": NEVER})
    rows = connection.execute(ARRIVALS, {"of_key": key})
    return {row.name: row.at for row in rows}


def _set(connection: Connection, key: str, name: str, at: datetime) -> None:
    put(connection, budget_table, {"key": key, "name": name}, {"at": at})


def _hours(connection: Connection, key: str) -> dict[str, Hour]:
    rows = connection.execute(HOURS, {"of_key": key})
    return {row.resource: Hour(row.allowed, row.remaining, row.reset_at) for row in rows}


def _keep(connection: Connection, key: str, resource: str, hour: Hour) -> None:
    values = {"allowed": hour.allowed, "remaining": hour.remaining, "reset_at": hour.reset_at}
    put(connection, hour_table, {"key": key, "resource": resource}, values)
