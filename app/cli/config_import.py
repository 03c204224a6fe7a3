"""`hephaestus config import`: a file of another service becomes ours; offline, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.output import NEGATIVE, WELL, printable

MAX_BYTES = 256 * 1024


@click.command("import")
@click.argument("file", metavar="codecov.yml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--workflow",
    default=".github/workflows/ci.yml",
    show_default=True,
    help="The workflow that makes the reports, where the file asks for a number of them.",
)
@click.pass_context
def import_(context: click.Context, *, file: Path, workflow: str) -> None:
    """Print a .github/hephaestus.yml that asks for what a codecov.yml asks for.

    What has no counterpart is listed on standard error, with its line.

    Exit codes: 0 a file was printed, 1 nothing in it decides anything, 2 it cannot be read.
    """
    from app.bootstrap.importing import import_codecov

    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)
    text, unmapped = import_codecov(raw, workflow)
    for each in unmapped:
        click.echo(printable(f"{file}:{each.line}: {each.path}: {each.why}"), err=True)
    if text is None:
        click.echo(f"{file}: nothing in it decides anything, so there is nothing to write", err=True)
        context.exit(NEGATIVE)
    click.echo(text, nl=False)
    context.exit(WELL)
