"""Brings the database to the newest schema; safe to repeat and to run from several processes."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.adapters.database.connection import open_engine
from app.errors import SettingsError

SCRIPTS = Path(__file__).parent / "migrations"
LOCK = 7_408_253_011


def migrate(url: str) -> None:
    """Runs what is missing; one process at a time on PostgreSQL, SQLite's own lock elsewhere.

    Raises:
        SettingsError: the database cannot be used.
    """
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            command.upgrade(configuration(connection), "head")
    except DBAPIError as exc:
        shown = engine.url.render_as_string(hide_password=True)
        said = " ".join(str(exc.orig).split())
        raise SettingsError(
            f"the database {shown} cannot be used: {said}. Check HEPHAESTUS_DATABASE_URL, and that this user may "
            "write there and the disk is not full"
        ) from exc
    finally:
        engine.dispose()


def configuration(connection: object) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
