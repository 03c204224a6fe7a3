"""Brings the database to the newest schema; safe to repeat and to run from several processes."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from app.adapters.database.connection import open_engine

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 7_408_253_011


def migrate(url: str) -> None:
    """Runs what is missing; one process at a time on PostgreSQL, SQLite's own lock elsewhere."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            command.upgrade(configuration(connection), "head")
    finally:
        engine.dispose()


def configuration(connection: object) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
