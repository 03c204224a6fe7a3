"""`hephaestus trust`: whom release verification trusts; reads no credentials."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.output import NEGATIVE, WELL, WRONG_USAGE, show
from app.cli.running import ENV_FILE
from app.domain.trust import RootFacts
from app.errors import InvalidInput, TransientError

if TYPE_CHECKING:
    from app.bootstrap.trust import Candidate

SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a root to standard output."
)


@click.group()
def trust() -> None:
    """Show, import and refresh trusted roots."""


@trust.command("show")
@JSON
@ENV_FILE
def show_roots(as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes options by name)
    """Show the roots that the service would start with.

    Exit codes: 0 all is well, 1 one of them is old or has ended, 2 one cannot be used.
    """
    from app.bootstrap.operating import load_settings
    from app.bootstrap.trust import roots_in_force

    found = roots_in_force(load_settings(env_file, credentials=False))
    click.get_current_context().exit(_shown(found, as_json=as_json))


@trust.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option(
    "--pin", metavar="SHA256", help="The digest that GitHub's root must have; nothing is asked then."
)
@click.option("--dry-run", is_flag=True, help="Only show what would be imported.")
@JSON
@ENV_FILE
def import_file(file: Path, pin: str | None, *, dry_run: bool, as_json: bool, env_file: Path | None) -> None:
    """Import GitHub's own root from what `gh attestation trusted-root` prints, for private repositories and releases.

    The running service takes it up within a minute. Without --pin you are asked whether it is the right one.

    Exit codes: 0 it was imported, 1 you said no, 2 there is no such root in the file.
    """
    from app.bootstrap.operating import load_settings
    from app.bootstrap.trust import import_root

    expected = None if pin is None else _digest(pin)
    settings = load_settings(env_file, credentials=False)
    context = click.get_current_context()
    try:
        candidate = import_root(settings, file, keep=False, pin=expected)
        if not dry_run and (expected or _confirmed(candidate)):
            candidate = import_root(settings, file, keep=True, pin=candidate.facts.sha256)
        elif not dry_run:
            context.exit(NEGATIVE)
    except InvalidInput as error:
        click.echo(f"hephaestus: {error.message}", err=True)
        context.exit(WRONG_USAGE)
    else:
        said = "would be imported" if dry_run else f"imported to {candidate.facts.place}"
        text = f"{as_text(candidate.facts)}\n{said}"
        show({**as_object(candidate.facts), "imported": not dry_run}, text, as_json=as_json)


@trust.command()
@JSON
@ENV_FILE
def refresh(as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (likewise)
    """Ask GitHub's TUF repository for the newest root now; needs HEPHAESTUS_GITHUB_TUF_ROOT.

    Exit codes: 0 what it gives is in force, 1 what it gives does not verify, 2 it cannot be asked. The root stays then.
    """
    from app.bootstrap.operating import load_settings
    from app.bootstrap.trust import refresh_roots

    settings = load_settings(env_file, credentials=False)
    try:
        found = asyncio.run(refresh_roots(settings))
    except (InvalidInput, TransientError) as error:
        click.echo(f"hephaestus: {error}", err=True)
        is_refused = isinstance(error, InvalidInput) and error.code != "trust_root.no_tuf"
        click.get_current_context().exit(NEGATIVE if is_refused else WRONG_USAGE)
    else:
        _shown(found, as_json=as_json)


def _shown(found: tuple[RootFacts, ...], *, as_json: bool) -> int:
    now = datetime.now(UTC)
    code = WELL
    for each in found:
        alarms = each.alarms(now)
        code = NEGATIVE if alarms else code
        text = "\n".join((as_text(each, now), *(f"  warning: {said}" for said in alarms)))
        show({**as_object(each), "warnings": list(alarms)}, text, as_json=as_json)
    if len(found) == 1:
        click.echo(
            "GitHub's own root is not there: what is signed under it is unsupported. Run gh attestation trusted-root > FILE, "
            "then hephaestus trust import FILE",
            err=True,
        )
    return code


def _confirmed(candidate: Candidate) -> bool:
    click.echo(as_text(candidate.facts), err=True)
    try:
        return click.confirm("Is this GitHub's root, as you know it from elsewhere?", err=True)
    except click.Abort:
        click.echo(
            f"\nnobody answered: run it again with --pin {candidate.facts.sha256} once you have compared that digest",
            err=True,
        )
        return False


def _digest(text: str) -> str:
    found = SHA256.fullmatch(text.lower())
    if found is None:
        raise click.BadParameter("a SHA-256 has 64 hexadecimal digits", param_hint="--pin")
    return found[1]


def as_object(facts: RootFacts) -> dict[str, object]:
    """A root as JSON; times are UTC."""
    return {
        "domain": facts.domain.value,
        "sha256": facts.sha256,
        "source": facts.source.value,
        "place": facts.place,
        "taken_at": facts.taken_at.isoformat(),
        "confirmed_at": facts.confirmed_at.isoformat(),
        "ends_at": None if facts.ends_at is None else facts.ends_at.isoformat(),
        "authorities": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "start": each.start.isoformat(),
                "end": each.end.isoformat(),
            }
            for each in facts.windows
        ],
    }


def as_text(facts: RootFacts, now: datetime | None = None) -> str:
    """A root for people."""
    lines = [f"{facts.domain.value}: sha256:{facts.sha256}"]
    lines.append(f"  from: {facts.source.value}, {facts.place}")
    age = "" if now is None else f" ({(now - facts.confirmed_at).days} days ago)"
    lines.append(f"  taken {facts.taken_at:%Y-%m-%d}, confirmed {facts.confirmed_at:%Y-%m-%d}{age}")
    lines += [
        f"  {each.kind.value}: {each.start:%Y-%m-%d} to {each.end:%Y-%m-%d}, {each.subject}"
        for each in facts.windows
    ]
    if facts.ends_at is not None:
        lines.append(f"  verifies what is signed until {facts.ends_at:%Y-%m-%d}")
    return "\n".join(lines)
