"""One process owns a SQLite database: two would each take the other's work for that of a dead one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from app.errors import SettingsError


@contextmanager
def sole_owner(url: str) -> Iterator[None]:
    """Holds the lock file beside the SQLite database of this URL; the kernel frees it however the process ends.

    A record lock, since a child process does not inherit it: a worker that outlives a killed program would keep any other.

    Raises:
        SettingsError: another process has it.
    """
    path = f"{make_url(url).database}.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise SettingsError(
            f"the SQLite database {path.removesuffix('.lock')} cannot be opened: {exc.strerror}. Set "
            "HEPHAESTUS_DATABASE_URL or HEPHAESTUS_DATA_DIR to a folder that exists and that this user may write"
        ) from exc
    try:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise SettingsError(
                f"another process serves the SQLite database {path.removesuffix('.lock')}. Stop it, set another "
                "HEPHAESTUS_DATA_DIR, or use PostgreSQL, which several processes may share"
            ) from exc
        yield
    finally:
        os.close(lock)
