"""`hephaestus config`: the repository's file, offline; reads no credentials and no `.env`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.output import NEGATIVE, WELL, WRONG_USAGE, show
from app.ports.policies import ConfigError

MAX_BYTES = 256 * 1024


def _check(raw: bytes) -> tuple[ConfigError, ...]:
    from app.bootstrap.offline import check_configuration

    return check_configuration(raw)


def _schema() -> dict[str, Any]:
    from app.bootstrap.offline import configuration_schema

    return configuration_schema()


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    check: Callable[[bytes], tuple[ConfigError, ...]] = _check
    schema: Callable[[], dict[str, Any]] = _schema


@click.group()
def config() -> None:
    """Check and describe .github/hephaestus.yml."""


@config.command()
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@click.pass_context
def check(context: click.Context, *, file: str, as_json: bool) -> None:
    """Say what is wrong with a file, with line and column.

    Exit codes: 0 it is valid, 1 it is not, 2 it cannot be read.
    """
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    try:
        with Path(file).open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        unreadable = ConfigError(1, 1, "", f"cannot read the file: {error.strerror}")
        _say(file, (unreadable,), as_json=as_json)
        context.exit(WRONG_USAGE)
    errors = tools.check(raw)
    _say(file, errors, as_json=as_json)
    context.exit(NEGATIVE if errors else WELL)


@config.command()
@click.pass_context
def schema(context: click.Context) -> None:
    """Print the JSON Schema of .github/hephaestus.yml."""
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    click.echo(json.dumps(tools.schema(), indent=2, ensure_ascii=False))


def _say(file: str, errors: tuple[ConfigError, ...], *, as_json: bool) -> None:
    document = {"file": file, "ok": not errors, "errors": [asdict(error) for error in errors]}
    lines = [
        f"{file}:{error.line}:{error.column}: {f'{error.path}: ' if error.path else ''}{error.message}"
        for error in errors
    ]
    show(document, "\n".join(lines) or f"{file}: valid", as_json=as_json)
