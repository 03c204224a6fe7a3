"""`hephaestus reports`: what reports say, offline; reads no credentials and no `.env`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from app.cli.output import WELL, WRONG_USAGE, show, with_progress, worst
from app.domain.reports import ReportNumbers
from app.errors import InvalidInput

Read = Callable[[Path | bytes, str | None], ReportNumbers]
MAX_BYTES = 256 * 1024 * 1024
PARTS = ("tests", "coverage", "findings", "diff", "audit")


def _open_reader() -> AbstractContextManager[Read]:
    from app.bootstrap.offline import report_reader

    return report_reader()


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    open_reader: Callable[[], AbstractContextManager[Read]] = _open_reader


@click.group()
def reports() -> None:
    """Look into report files."""


@reports.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format",
    "report_format",
    metavar="F",
    help="A name of docs/reference/report-formats.md; else recognised.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line to standard output.")
@click.pass_context
def read(context: click.Context, *, files: tuple[str, ...], report_format: str | None, as_json: bool) -> None:
    """Count what each file reports.

    Exit codes: 0 all were read, 2 one was refused or cannot be read.
    """
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    codes: set[int] = set()
    with tools.open_reader() as read_report:
        for file in with_progress(files, "Reading", len(files)):
            codes.add(_read(file, report_format, read_report, as_json=as_json))
    context.exit(worst(codes))


def _read(file: str, report_format: str | None, read_report: Read, *, as_json: bool) -> int:
    try:
        report = read_report(_source(file), report_format)
    except InvalidInput as error:
        document = {"file": file, "ok": False, "error": {"code": error.code, "message": error.message}}
        show(document, f"{file}: {error.message} [{error.code}]", as_json=as_json)
        return WRONG_USAGE
    show(_document(file, report), _text(file, report), as_json=as_json)
    return WELL


def _source(file: str) -> Path | bytes:
    """The path of a file, which is read where it is parsed; the bytes of what has none elsewhere, such as a pipe."""
    path = Path(file)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput("report.too_large", f"the report is larger than {MAX_BYTES >> 20} MiB")
        return path.absolute() if path.is_file() else path.read_bytes()
    except OSError as error:
        raise InvalidInput("report.unreadable", f"cannot read the file: {error.strerror}") from error


def _document(file: str, report: ReportNumbers) -> dict[str, Any]:
    return {"file": file, "ok": True, **asdict(report)}


def _text(file: str, report: ReportNumbers) -> str:
    document = _document(file, report)
    lines = [f"{file}: {report.format}"]
    for part in PARTS:
        if document[part]:
            numbers = ", ".join(f"{name} {number}" for name, number in document[part].items())
            lines.append(f"  {numbers}")
    lines += [f"  warning: {warning}" for warning in document["warnings"]]
    return "\n".join(lines)
