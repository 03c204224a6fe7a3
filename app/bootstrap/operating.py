"""What commands that operate an installation need: its settings and its ledger."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.errors import PermanentError, SettingsError, TransientError
from app.ports.ledger import DeliveryRow
from app.settings import Settings
from app.settings_database import SQLITE
from app.settings_files import exists, private_files, protect

LEDGER = "ledger."
"""How the codes of a database's errors begin."""


def load_settings(env_file: Path | None = None, *, credentials: bool = True) -> Settings:
    """Settings from the environment and `.env`; raises SettingsError with what to do."""
    return Settings.load(os.environ, env_file, credentials=credentials)


def migrate_database(settings: Settings) -> None:
    """Brings the application's database to the newest schema; a file is for its owner alone, and so is its folder."""
    protect(settings.data_dir)
    with private_files(settings.database_files):
        migrate(settings.database_url)


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncIterator[Database]:
    """The database of an installation that is there: looking never makes an empty one.

    Raises:
        SettingsError: there is no such file, or it cannot be read as a ledger of this version.
    """
    require_ledger(settings.database_url)
    database = Database(settings.database_url)
    try:
        yield database
    except (PermanentError, TransientError) as exc:
        if not exc.code.startswith(LEDGER):
            raise
        where = database.engine.url.render_as_string(hide_password=True)
        raise SettingsError(
            f"the ledger {where} cannot be used: {exc.message}. Check HEPHAESTUS_DATA_DIR or HEPHAESTUS_DATABASE_URL; "
            "where the ledger is of another version, run hephaestus migrate"
        ) from exc
    finally:
        await database.close()


def require_ledger(url: str) -> None:
    """Raises SettingsError where a SQLite database is named that is not there."""
    path = url.removeprefix(SQLITE)
    if url.startswith(SQLITE) and not exists(Path(path)):
        raise SettingsError(
            f"there is no ledger at {path}: set HEPHAESTUS_DATA_DIR or HEPHAESTUS_DATABASE_URL to that of the service, "
            "or start it once with hephaestus serve"
        )


async def read_deliveries(
    settings: Settings,
    *,
    state: str | None = None,
    event: str | None = None,
    guid: str | None = None,
    limit: int = 100,
) -> tuple[DeliveryRow, ...]:
    """Rows of the ledger, newest first, for the command line."""
    async with opened_database(settings) as database:
        ledger = SqlLedger(database, SystemClock())
        return await ledger.deliveries(state=state, event=event, guid=guid, limit=limit)
