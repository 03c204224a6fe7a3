"""The table of executors on SQL: each change is one compare-and-set by the database's own clock."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from app.adapters.database.connection import Database
from app.adapters.database.tables import ExecutorTable
from app.domain.ids import ExecutorId
from app.ports.clock import Clock
from app.ports.executors import Roll

executor_table = ExecutorTable.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table models
ALIVE, DEAD, LEFT = "alive", "dead", "left"
UNIX_EPOCH_JULIAN_DAY = "2440587.5"
DAY_S = "86400.0"


class SqlExecutors:
    """`app.ports.executors.Executors`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def enter(self, executor: ExecutorId, role: str) -> None:
        """See the port."""
        started_at = self._clock.now()

        def write(connection: Connection) -> None:
            connection.execute(
                insert(executor_table).values(
                    id=executor, role=role, state=ALIVE, beat=seconds(connection), started_at=started_at
                )
            )

        await self._database.write(write)

    async def beat(self, executor: ExecutorId) -> bool:
        """See the port."""

        def write(connection: Connection) -> bool:
            renewed = connection.execute(
                update(executor_table)
                .where(executor_table.c.id == executor, executor_table.c.state == ALIVE)
                .values(beat=seconds(connection))
            )
            return bool(renewed.rowcount == 1)

        return await self._database.write(write)

    async def declare_dead(self, silent_s: float) -> tuple[ExecutorId, ...]:
        """See the port."""

        def write(connection: Connection) -> tuple[ExecutorId, ...]:
            # PostgreSQL looks at the row again after waiting for its lock: a beat that came between keeps it alive.
            dead = connection.execute(
                update(executor_table)
                .where(
                    executor_table.c.state == ALIVE, executor_table.c.beat < seconds(connection) - silent_s
                )
                .values(state=DEAD)
                .returning(executor_table.c.id)
            )
            return tuple(ExecutorId(row.id) for row in dead)

        return await self._database.write(write)

    async def leave(self, executor: ExecutorId) -> None:
        """See the port."""
        await self._set_left(executor_table.c.id == executor)

    async def leave_all(self) -> None:
        """See the port."""
        await self._set_left(executor_table.c.state != LEFT)

    async def _set_left(self, which: ColumnElement[bool]) -> None:
        def write(connection: Connection) -> None:
            connection.execute(update(executor_table).where(which).values(state=LEFT))

        await self._database.write(write)

    async def roll(self) -> Roll:
        """See the port."""

        def read(connection: Connection) -> Roll:
            rows = connection.execute(
                select(executor_table.c.id, executor_table.c.state).order_by(
                    executor_table.c.started_at, executor_table.c.id
                )
            ).all()
            return Roll(
                alive=tuple(ExecutorId(row.id) for row in rows if row.state == ALIVE),
                gone=tuple(ExecutorId(row.id) for row in rows if row.state != ALIVE),
            )

        return await self._database.read(read)

    async def forget(self, executor: ExecutorId) -> None:
        """See the port."""

        def write(connection: Connection) -> None:
            connection.execute(
                delete(executor_table).where(executor_table.c.id == executor, executor_table.c.state != ALIVE)
            )

        await self._database.write(write)


def seconds(connection: Connection) -> ColumnElement[float]:
    """Seconds since 1970 by the database's clock at this statement, not at the start of the transaction."""
    if connection.dialect.name == "sqlite":
        return (func.julianday("now") - literal_column(UNIX_EPOCH_JULIAN_DAY)) * literal_column(DAY_S)
    return cast(func.extract("epoch", func.clock_timestamp()), Float)
