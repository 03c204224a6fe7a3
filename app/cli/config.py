"""`hephaestus config`: the repository's file and the organisation's, offline; reads no credentials and no `.env`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.config_import import import_
from app.cli.output import NEGATIVE, WELL, WRONG_USAGE, printable, show
from app.ports.policies import CheckedFile, ConfigError

MAX_BYTES = 256 * 1024
ORGANISATIONS_KEYS = frozenset({"minimum", "final", "may_extend"})
AS_ORGANISATION = "if it is the organisation's file, check it with --as-organisation"


@dataclass(frozen=True, slots=True)
class Checked:
    """The file to check, and what it lies on: the file that it extends, the organisation's; or it is that one itself."""

    own: bytes
    shared: bytes | None = None
    organisation: bytes | None = None
    is_organisation: bool = False


def _check(files: Checked) -> CheckedFile:
    from app.bootstrap.offline import check_configuration, check_organisation

    if files.is_organisation:
        return check_organisation(files.own)
    return check_configuration(files.own, files.shared, files.organisation)


def _schema(*, organisation: bool) -> dict[str, Any]:
    from app.bootstrap.offline import configuration_schema

    return configuration_schema(organisation=organisation)


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    check: Callable[[Checked], CheckedFile] = _check
    schema: Callable[..., dict[str, Any]] = _schema


@click.group()
def config() -> None:
    """Check, describe and make .github/hephaestus.yml."""


config.add_command(import_)


@config.command()
@click.argument("file", metavar="FILE")
@click.option("--shared", metavar="FILE", help="The file that it extends.")
@click.option("--organisation", metavar="FILE", help="The organisation's file, whose floor it must keep.")
@click.option("--as-organisation", is_flag=True, help="It is the organisation's file itself.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@click.pass_context
def check(
    context: click.Context,
    *,
    file: str,
    shared: str | None,
    organisation: str | None,
    as_organisation: bool,
    as_json: bool,
) -> None:
    """Say what is wrong with a file, with line and column.

    A file that extends another is checked together with it: name that one with --shared.

    Exit codes: 0 it is valid, 1 it is not, 2 it cannot be read.
    """
    if as_organisation and (shared or organisation):
        raise click.UsageError("--as-organisation goes with neither --shared nor --organisation")
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    raws: list[bytes | None] = []
    for each in (file, shared, organisation):
        try:
            raws.append(None if each is None else _read(each))
        except OSError as error:
            unreadable = ConfigError(1, 1, "", f"cannot read the file: {error.strerror}")
            _say(each or file, (unreadable,), as_json=as_json)
            context.exit(WRONG_USAGE)
    found = tools.check(Checked(raws[0] or b"", raws[1], raws[2], as_organisation))
    for note in found.notes:
        click.echo(printable(f"{_told(file, note)} (a note, no mistake)"), err=True)
    _say(file, found.errors, as_json=as_json)
    if not as_organisation and any(_is_organisations(each) for each in found.errors):
        click.echo(AS_ORGANISATION, err=True)
    context.exit(NEGATIVE if found.errors else WELL)


@config.command()
@click.option("--organisation", is_flag=True, help="Of the organisation's file.")
@click.pass_context
def schema(context: click.Context, *, organisation: bool) -> None:
    """Print the JSON Schema of .github/hephaestus.yml."""
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    click.echo(json.dumps(tools.schema(organisation=organisation), indent=2, ensure_ascii=False))


def _is_organisations(error: ConfigError) -> bool:
    """Whether it is of a key that only the organisation's file has."""
    return error.path.rpartition(".")[2] in ORGANISATIONS_KEYS


def _read(file: str) -> bytes:
    with Path(file).open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _say(file: str, errors: tuple[ConfigError, ...], *, as_json: bool) -> None:
    document = {"file": file, "ok": not errors, "errors": [asdict(error) for error in errors]}
    lines = [_told(file, error) for error in errors]
    show(document, "\n".join(lines) or f"{file}: valid", as_json=as_json)


def _told(file: str, error: ConfigError) -> str:
    return f"{file}:{error.line}:{error.column}: {f'{error.path}: ' if error.path else ''}{error.message}"
