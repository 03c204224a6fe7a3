"""`hephaestus signatures`: the catalogue of known failures, offline; reads no credentials and no `.env`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.output import NEGATIVE, WELL, WRONG_USAGE, show, worst
from app.domain.remediation import Signature, SignatureCheck


def _signatures() -> tuple[Signature, ...]:
    from app.bootstrap.offline import known_signatures

    return known_signatures()


def _check(directory: Path | None) -> tuple[SignatureCheck, ...]:
    from app.bootstrap.offline import check_signatures

    return check_signatures(directory)


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    signatures: Callable[[], tuple[Signature, ...]] = _signatures
    check: Callable[[Path | None], tuple[SignatureCheck, ...]] = _check


def _tools(context: click.Context) -> Tools:
    return context.obj if isinstance(context.obj, Tools) else Tools()


as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line to standard output."
)


@click.group()
def signatures() -> None:
    """The catalogue of known failures."""


@signatures.command(name="list")
@as_json_option
@click.pass_context
def list_all(context: click.Context, *, as_json: bool) -> None:
    """List every signature with its remedy."""
    for each in _tools(context).signatures():
        text = f"{each.id:<28} {each.remedy:<8} {each.risk:<7} {each.mode:<8} {each.title}"
        show(_summary(each), text, as_json=as_json)


@signatures.command(name="show")
@click.argument("signature_id", metavar="ID")
@as_json_option
@click.pass_context
def show_one(context: click.Context, *, signature_id: str, as_json: bool) -> None:
    """Show one signature: cause, change, way back.

    Exit codes: 0 shown, 2 no signature has this id.
    """
    for each in _tools(context).signatures():
        if each.id == signature_id:
            show(_summary(each) | _details(each), _text(each), as_json=as_json)
            return
    click.echo("Error: no signature has this id; see hephaestus signatures list", err=True)
    context.exit(WRONG_USAGE)


@signatures.command()
@click.argument(
    "directory",
    required=False,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="[DIR]",
)
@as_json_option
@click.pass_context
def check(context: click.Context, *, directory: Path | None, as_json: bool) -> None:
    """Check playbooks: those in DIR, or the ones that are shipped.

    Exit codes: 0 all are in order, 1 one is not, 2 there is none.
    """
    checked = _tools(context).check(directory)
    for each in checked:
        document = {
            "signature": each.signature,
            "ok": not each.problems,
            "cases": each.cases,
            "problems": list(each.problems),
        }
        lines = [f"{each.signature}: {'ok' if not each.problems else 'not in order'} ({each.cases} cases)"]
        show(document, "\n".join((*lines, *(f"  {problem}" for problem in each.problems))), as_json=as_json)
    if not checked:
        click.echo("Error: no folder with a playbook.yml there", err=True)
    codes = {NEGATIVE if each.problems else WELL for each in checked}
    context.exit(worst(codes or {WRONG_USAGE}))


def _summary(each: Signature) -> dict[str, Any]:
    return {
        "signature": each.id,
        "title": each.title,
        "remedy": each.remedy.value,
        "risk": each.risk,
        "mode": each.mode,
    }


def _details(each: Signature) -> dict[str, Any]:
    kept = ("version", "ecosystem", "cause", "change", "rollback", "references")
    return {name: value for name, value in asdict(each).items() if name in kept}


def _text(each: Signature) -> str:
    lines = [
        f"{each.id} version {each.version}: {each.title}",
        f"remedy {each.remedy}, risk {each.risk}, mode {each.mode}, ecosystem {each.ecosystem}",
        f"cause: {each.cause}",
        f"change: {each.change}",
        f"way back: {each.rollback}",
        *(f"source: {url}" for url in each.references),
    ]
    return "\n".join(lines)
