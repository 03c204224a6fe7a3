"""`hephaestus deliveries`: what happened, and what was made of it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.output import NEGATIVE, UNDECIDED, WELL
from app.cli.running import ENV_FILE
from app.domain.delivery import DeliveryState

if TYPE_CHECKING:
    from app.dispatch.replay import Rehearsal, RehearsedHandler
    from app.ports.ledger import DeliveryRow, EffectRow

EXIT_CODES = {
    DeliveryState.DONE: WELL,
    DeliveryState.IGNORED: WELL,
    DeliveryState.FAILED: NEGATIVE,
    DeliveryState.QUARANTINED: NEGATIVE,
    DeliveryState.RECEIVED: UNDECIDED,
    DeliveryState.RUNNING: UNDECIDED,
}

JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a delivery on standard output.")


@click.group()
def deliveries() -> None:
    """What happened, and what was made of it."""


@deliveries.command("list")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]))
@click.option("--event", help="GitHub's event name, such as check_run.")
@click.option("--limit", type=click.IntRange(1, 2**31 - 1), default=100, show_default=True)
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
    """One delivery: what each capability made of it, why, and what came of its effects."""
    from app.bootstrap.operating import load_settings, read_deliveries

    settings = load_settings(env_file, credentials=False)
    rows = asyncio.run(read_deliveries(settings, guid=guid, limit=10))
    if not rows:
        click.echo(f"hephaestus: no delivery {guid} in this ledger", err=True)
        sys.exit(2)
    for row in rows:
        output.show(as_object(row), block(row), as_json=as_json)


@deliveries.command()
@click.argument("guid")
@click.option(
    "--dry-run", is_flag=True, help="Decide again from the stored evidence, print the effects, write nothing."
)
@click.option(
    "--app", metavar="KEY", help="Whose delivery, where several Apps have one: host/id, as `show` says."
)
@JSON
@ENV_FILE
def replay(guid: str, dry_run: bool, app: str | None, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Let the running service work on a stored delivery once more, and follow it.

    Exit codes: 0 done or ignored, 1 failed or quarantined, 2 no such delivery or no running service, 3 undecided (with
    --dry-run: no evidence was kept, or it is of a version that this one cannot read).
    """
    from app.bootstrap.operating import load_settings
    from app.bootstrap.replaying import rehearse_delivery, replay_delivery

    settings = load_settings(env_file, credentials=False)
    if dry_run:
        kept, rehearsal = asyncio.run(rehearse_delivery(settings, guid, app))
        output.show(rehearsed_object(kept, rehearsal), rehearsed_text(rehearsal), as_json=as_json)
        sys.exit(EXIT_CODES[rehearsal.state])
    row = asyncio.run(replay_delivery(settings, guid, app))
    show_row(row, as_json=as_json)
    sys.exit(EXIT_CODES[row.state])


def show_row(row: DeliveryRow, *, as_json: bool) -> None:
    """The shape of cli.md, or a line for people."""
    verdicts = ", ".join(f"{h.handler}: {h.verdict or h.state}" for h in row.handlers)
    text = (
        f"{row.received_at:%Y-%m-%d %H:%M:%S}  {row.app_key}  {row.id}  {event_of(row)}  {row.repository or '-'}  {row.state}  "
        f"{verdicts or row.error or ''}"
    )
    output.show(as_object(row), text, as_json=as_json)


def event_of(row: DeliveryRow) -> str:
    """`check_run.completed`."""
    return f"{row.event}.{row.action}" if row.action else row.event


def block(row: DeliveryRow) -> str:
    """Everything about a delivery, for people."""
    lines = [
        f"{row.id}  {event_of(row)}  {row.repository or '-'}  {row.state}",
        f"  of {row.app_key}, received {row.received_at:%Y-%m-%d %H:%M:%S} UTC from {row.source}, attempts: {row.attempts}",
    ]
    lines += [f"  {row.note}"] if row.note else []
    lines += [f"  error: {row.error}"] if row.error else []
    for each in row.handlers:
        lines.append(f"  {each.handler}: {each.verdict or 'undecided'} ({each.state})")
        lines += [f"    {reason.text} [{reason.code}]" for reason in each.reasons]
        lines += [f"    {effect_line(effect)}" for effect in each.effects]
    return "\n".join(lines)


def effect_line(effect: EffectRow) -> str:
    """`comment: refused (stale.head: the branch has moved)`."""
    why = f" ({effect.reason})" if effect.reason else ""
    return f"{effect.kind.replace('_', ' ')}: {effect.state}{why}"


def as_object(row: DeliveryRow) -> dict[str, object]:
    """A delivery as JSON."""
    return {
        "app": row.app_key,
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
                "effects": [
                    {"kind": effect.kind, "state": effect.state, "reason": effect.reason}
                    for effect in handler.effects
                ],
            }
            for handler in row.handlers
        ],
        "error": row.error,
        "note": row.note,
    }


def rehearsed_object(row: DeliveryRow, rehearsal: Rehearsal) -> dict[str, object]:
    """A dry run as JSON: a delivery's keys, and of each effect all that it would make true at GitHub."""
    delivery = rehearsal.delivery
    return {
        "app": delivery.app_key,
        "delivery": delivery.id,
        "event": delivery.event,
        "action": rehearsal.action,
        "repository": rehearsal.repository,
        "state": rehearsal.state.value,
        "attempts": row.attempts,
        "received_at": delivery.received_at.isoformat(),
        "handlers": [rehearsed_handler(each) for each in rehearsal.handlers],
        "error": rehearsal.error,
        "dry_run": True,
    }


def rehearsed_handler(each: RehearsedHandler) -> dict[str, object]:
    """One capability of a dry run as JSON."""
    from app.bootstrap.replaying import effect_object

    return {
        "handler": each.handler,
        "verdict": each.verdict,
        "verdict_then": each.verdict_then,
        "reasons": [{"code": reason.code, "text": reason.text} for reason in each.reasons],
        "effects": [
            {"kind": effect.kind, "state": "planned", "key": effect.key, "content": effect_object(effect)}
            for effect in each.effects
        ],
    }


def rehearsed_text(rehearsal: Rehearsal) -> str:
    """A dry run for people."""
    delivery = rehearsal.delivery
    lines = [f"{delivery.id}  {delivery.event}  {rehearsal.state}  (dry run: nothing was written)"]
    lines += [f"  {rehearsal.error}"] if rehearsal.error else []
    for each in rehearsal.handlers:
        then = "" if each.verdict == each.verdict_then else f" (then: {each.verdict_then or 'none'})"
        lines.append(f"  {each.handler}: {each.verdict or 'undecided'}{then}")
        lines += [f"    {reason.text} [{reason.code}]" for reason in each.reasons]
        lines += [f"    would {effect.kind.replace('_', ' ')}: {effect.key}" for effect in each.effects]
    return "\n".join(lines)
