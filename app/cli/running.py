"""`hephaestus serve`, `web`, `worker` and `migrate`: the service itself, whole or in parts."""

from __future__ import annotations

from pathlib import Path

import click

ENV_FILE = click.option(
    "--env-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings to read besides the environment; by default .env in the data directory.",
)


@click.command()
@ENV_FILE
def serve(env_file: Path | None) -> None:
    """Receiver and worker in one process; SIGTERM ends it within 30 s and loses nothing."""
    run("serve", env_file)


@click.command()
@ENV_FILE
def web(env_file: Path | None) -> None:
    """Only receive webhooks and store them; needs PostgreSQL and at least one worker."""
    run("web", env_file)


@click.command()
@ENV_FILE
def worker(env_file: Path | None) -> None:
    """Only work on what was received; needs PostgreSQL. Any number of workers share the work."""
    run("worker", env_file)


def run(role: str, env_file: Path | None) -> None:
    """Runs the service in a role until it is told to end."""
    import uvloop

    from app.bootstrap.operating import load_settings
    from app.bootstrap.parts import Role
    from app.bootstrap.service import run_service

    uvloop.run(run_service(load_settings(env_file), Role(role)))


@click.command()
@ENV_FILE
def migrate(env_file: Path | None) -> None:
    """Bring the database to the newest schema; safe to repeat."""
    from app.bootstrap.operating import load_settings, migrate_database

    migrate_database(load_settings(env_file, credentials=False))
    click.echo("the database has the newest schema", err=True)
