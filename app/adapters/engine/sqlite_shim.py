"""What DBOS needs from SQLite older than 3.42: `unixepoch('subsec')`, which its schema's defaults call."""

from __future__ import annotations

import sqlite3
import time

from sqlalchemy import Engine, create_engine, event

POOL = 5
NEEDED = (3, 42, 0)


def open_engine(url: str) -> Engine:
    """A SQLAlchemy engine for DBOS's own SQLite file: WAL, and the missing function.

    Its commits need not outlive a loss of power, so none of them waits for the disk (`synchronous=NORMAL`, which damages
    nothing): at each start what the ledger has not closed is queued again, whatever this file says of it.
    """
    engine = create_engine(
        url, pool_size=POOL, max_overflow=0, connect_args={"timeout": 30, "check_same_thread": False}
    )
    event.listen(engine, "connect", prepare)
    return engine


def prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Runs on every new connection."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA busy_timeout=30000")
    if sqlite3.sqlite_version_info < NEEDED:
        connection.create_function("unixepoch", 1, unixepoch)
        connection.create_function("unixepoch", 0, lambda: int(time.time()))


def unixepoch(argument: str) -> float | int:
    """SQLite 3.42's `unixepoch`, for the two forms that DBOS uses."""
    return time.time() if argument == "subsec" else int(time.time())
