"""`hephaestus logs`: recognises known failures in CI logs, offline; reads no credentials and no `.env`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.output import WELL, WRONG_USAGE, show, worst
from app.domain.remediation import Classification
from app.errors import InvalidInput


def _open_classifier() -> Callable[[Path], Classification]:
    from app.bootstrap.offline import classify_log

    return classify_log


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    open_classifier: Callable[[], Callable[[Path], Classification]] = _open_classifier


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
    classify_log = tools.open_classifier()  # imports much: not part of the seconds that are reported
    codes = set()
    for file in _with_progress(files):
        started = time.perf_counter()
        try:
            found = classify_log(Path(file))
        except InvalidInput as error:
            document: dict[str, Any] = {
                "file": file,
                "error": {"code": error.code, "message": error.message},
            }
            show(document, f"{file}: {error.message} [{error.code}]", as_json=as_json)
            codes.add(WRONG_USAGE)
        else:
            seconds = round(time.perf_counter() - started, 3)
            show(_document(file, found, seconds), _text(file, found), as_json=as_json)
            codes.add(WELL)
    context.exit(worst(codes))


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


def _with_progress(files: tuple[str, ...]) -> Iterable[str]:
    if len(files) == 1 or not sys.stderr.isatty():
        return files
    from rich.console import Console
    from rich.progress import track

    return track(files, "Classifying", console=Console(stderr=True), transient=True)
