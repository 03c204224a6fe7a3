"""`hephaestus deliveries`: what happened, and what was made of it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from app.cli.running import ENV_FILE
from app.domain.delivery import DeliveryState
from app.ports.ledger import DeliveryRow

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a delivery on standard output.")


@click.group()
def deliveries() -> None:
    """What happened, and what was made of it."""


@deliveries.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]))
@click.option("--event", help="GitHub's event name, such as check_run.")
@click.option("--limit", default=100, show_default=True)
@JSON
@ENV_FILE
def list_(state: str | None, event: str | None, limit: int, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Deliveries, newest first."""
    from app.bootstrap.operating import load_settings, read_deliveries

    settings = load_settings(env_file, credentials=False)
    for row in asyncio.run(read_deliveries(settings, state=state, event=event, limit=limit)):
        show_row(row, as_json=as_json)


@deliveries.command()
@click.argument("guid")
@JSON
@ENV_FILE
def show(guid: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """One delivery."""
    from app.bootstrap.operating import load_settings, read_deliveries

    settings = load_settings(env_file, credentials=False)
    rows = asyncio.run(read_deliveries(settings, guid=guid, limit=10))
    if not rows:
        click.echo(f"hephaestus: no delivery {guid} in this ledger", err=True)
        sys.exit(2)
    for row in rows:
        show_row(row, as_json=as_json)


def show_row(row: DeliveryRow, *, as_json: bool) -> None:
    """The shape of cli.md, or a line for people."""
    if as_json:
        click.echo(json.dumps(as_object(row), ensure_ascii=False))
        return
    verdicts = ", ".join(f"{h.handler}: {h.verdict or h.state}" for h in row.handlers)
    action = f".{row.action}" if row.action else ""
    where = row.repository or "-"
    click.echo(
        f"{row.received_at:%Y-%m-%d %H:%M:%S}  {row.id}  {row.event}{action}  {where}  {row.state}  "
        f"{verdicts or row.error or ''}"
    )


def as_object(row: DeliveryRow) -> dict[str, object]:
    """A delivery as JSON."""
    return {
        "delivery": row.id,
        "event": row.event,
        "action": row.action,
        "repository": row.repository,
        "state": row.state.value,
        "attempts": row.attempts,
        "received_at": row.received_at.isoformat(),
        "handlers": [
            {
                "handler": handler.handler,
                "verdict": handler.verdict,
                "effects": [{"kind": kind, "state": state} for kind, state in handler.effects],
            }
            for handler in row.handlers
        ],
        "error": row.error,
    }
