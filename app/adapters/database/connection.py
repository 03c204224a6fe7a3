"""Opens the database and runs transactions off the event loop.

SQLite has one writer thread (WAL, synchronous=FULL), since its unfair lock makes many writers slower than one, and readers
beside it; what waits for the writer shares its next commit. PostgreSQL has a small pool of threads. Vendors' exceptions
become ours here: an outage is waited out, what can never be stored is refused.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

from app.adapters.database.commits import SharedCommits
from app.errors import HephaestusError, PermanentError, SettingsError, TransientError

T = TypeVar("T")
PAGE_SIZE_BYTES = 16_384
POSTGRES_THREADS = 8
READERS = 2
READS = "hephaestus_reads"
REFUSALS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""The same statement would fail again. All others are outages: also PostgreSQL's "read-only transaction", after a failover."""
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}


class Database:
    """A database and the threads that talk to it."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reading = self.engine.execution_options(**{READS: True})
        self._threads = ThreadPoolExecutor(1 if self.is_sqlite else POSTGRES_THREADS, "ledger")
        self._readers = ThreadPoolExecutor(READERS, "ledger-read") if self.is_sqlite else self._threads
        self._shared: SharedCommits | None = None
        if self.is_sqlite:
            event.listen(self.engine, "connect", leave_transactions_to_us)
            event.listen(self.engine, "begin", begin)
            self._shared = SharedCommits(self.transaction, self._threads, ours)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` inside one committed transaction, which on SQLite it may share."""
        return await self.submit(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`, which only reads: it sees every commit up to now and waits for no writer."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._transaction, self._reading, work)

    def submit(self, work: Callable[[Connection], T]) -> asyncio.Future[T]:
        """`write` for callers that wait in their own way."""
        if self._shared is not None:
            return self._shared.submit(work)
        return asyncio.get_running_loop().run_in_executor(self._threads, self.transaction, work)

    def transaction(self, work: Callable[[Connection], T]) -> T:
        """The result of `work` inside one committed transaction, in the calling thread.

        Raises:
            TransientError: `ledger.unavailable`; nothing was stored.
            PermanentError: `ledger.refused`; the database cannot hold this, nothing was stored.
        """
        return self._transaction(self.engine, work)

    def _transaction(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return work(connection)
        except DBAPIError as exc:
            raise ours(exc) from exc

    async def close(self) -> None:
        """Ends the threads after their present work, and closes every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self.engine.dispose()


def ours(exc: DBAPIError) -> HephaestusError:
    """A driver's error as one of ours; its first line, since PostgreSQL's next ones quote the row."""
    said = f"{type(exc.orig).__name__}: {str(exc.orig).partition(chr(10))[0]}"
    if isinstance(exc, REFUSALS):
        return PermanentError("ledger.refused", f"the database refuses this for good: {said}")
    return TransientError("ledger.unavailable", f"the database cannot be used now: {said}")


def open_engine(url: str) -> Engine:
    """A synchronous SQLAlchemy engine with the settings each database needs."""
    parsed = make_url(url)
    name = parsed.get_backend_name()
    if name not in DRIVERS:
        raise SettingsError(
            f"HEPHAESTUS_DATABASE_URL begins with {name!r}; use sqlite:///PATH or postgresql://..."
        )
    if name == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 30, "check_same_thread": False}, pool_size=5)
        event.listen(engine, "connect", prepare_sqlite)
        return engine
    return create_engine(parsed.set(drivername=DRIVERS[name]), pool_size=POSTGRES_THREADS, pool_pre_ping=True)


def prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Sets what must hold on every connection; larger pages halve the cost of rows with bodies."""
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA page_size={PAGE_SIZE_BYTES}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.execute("PRAGMA temp_store=MEMORY")  # else each savepoint with more than four pages makes a file
    cursor.close()


def leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
    """Python's driver would begin transactions only before the first change, and know nothing of savepoints."""
    connection.isolation_level = None


def begin(connection: Connection) -> None:
    """A writer takes the lock at once: a transaction that reads before it writes could not wait for it later.

    The driver is asked directly, since this is said at every commit.
    """
    statement = "BEGIN" if connection.get_execution_options().get(READS, False) else "BEGIN IMMEDIATE"
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    try:
        driver.execute(statement)
    except sqlite3.Error as exc:
        raise OperationalError(statement, {}, exc) from exc
