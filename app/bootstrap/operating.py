"""What commands that operate an installation need: its settings and its ledger."""

from __future__ import annotations

import os
from pathlib import Path

from app.adapters.clock import SystemClock
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.migrate import migrate
from app.ports.ledger import DeliveryRow
from app.settings import Settings


def load_settings(env_file: Path | None = None, *, credentials: bool = True) -> Settings:
    """Settings from the environment and `.env`; raises SettingsError with what to do."""
    return Settings.load(os.environ, env_file, credentials=credentials)


def migrate_database(settings: Settings) -> None:
    """Brings the application's database to the newest schema."""
    migrate(settings.database_url)


async def read_deliveries(
    settings: Settings,
    *,
    state: str | None = None,
    event: str | None = None,
    guid: str | None = None,
    limit: int = 100,
) -> tuple[DeliveryRow, ...]:
    """Rows of the ledger, newest first, for the command line."""
    database = Database(settings.database_url)
    try:
        ledger = SqlLedger(database, SystemClock())
        return await ledger.deliveries(state=state, event=event, guid=guid, limit=limit)
    finally:
        await database.close()
