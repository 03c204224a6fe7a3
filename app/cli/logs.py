"""`hephaestus logs`: recognises known failures in CI logs, offline; reads no credentials and no `.env`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.output import WELL, WRONG_USAGE, show, with_progress, worst
from app.domain.remediation import Classification
from app.errors import InvalidInput

Classify = Callable[[Path], Classification]


def _open_classifier() -> AbstractContextManager[Classify]:
    from app.bootstrap.offline import log_classifier

    return log_classifier()


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    open_classifier: Callable[[], AbstractContextManager[Classify]] = _open_classifier


@click.group()
def logs() -> None:
    """Recognise known failures in CI logs."""


@logs.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line to standard output.")
@click.pass_context
def classify(context: click.Context, *, files: tuple[str, ...], as_json: bool) -> None:
    """Name the known failure that each log shows: .log, .txt, .gz, or the .zip of a run's logs.

    Exit codes: 0 all were read (whether or not a failure is known), 2 one cannot be read.
    """
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    codes: set[int] = set()
    with tools.open_classifier() as classify_log:  # imports much: not part of the seconds that are reported
        for file in with_progress(files, "Classifying", len(files)):
            codes.add(_classify(file, classify_log, as_json=as_json))
    context.exit(worst(codes))


def _classify(file: str, classify_log: Classify, *, as_json: bool) -> int:
    started = time.perf_counter()
    try:
        found = classify_log(Path(file))
    except InvalidInput as error:
        document = {"file": file, "error": {"code": error.code, "message": error.message}}
        show(document, f"{file}: {error.message} [{error.code}]", as_json=as_json)
        return WRONG_USAGE
    seconds = round(time.perf_counter() - started, 3)
    show(_document(file, found, seconds), _text(file, found), as_json=as_json)
    return WELL


def _document(file: str, found: Classification, seconds: float) -> dict[str, Any]:
    matches = [
        {
            "signature": each.signature,
            "line": each.line,
            "text": each.text,
            "zone": each.zone.value,
            "captures": dict(each.captures),
            "source": each.source,
        }
        for each in found.matches
    ]
    return {
        "file": file,
        "signature": found.signature,
        "matches": matches,
        "bytes": found.size_bytes,
        "seconds": seconds,
    }


def _text(file: str, found: Classification) -> str:
    lines = [f"{file}: {found.signature or 'no known failure'}"]
    for each in found.matches:
        place = f"{each.source}:{each.line}" if each.source else str(each.line)
        lines.append(f"  {place}: {each.signature} ({each.zone}): {each.text}")
    return "\n".join(lines)
