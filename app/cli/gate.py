"""`hephaestus gate`: the quality gate over reports on disk, offline; reads no credentials and no `.env`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.gate_ledger import backtest, export, verify
from app.cli.output import NEGATIVE, UNDECIDED, WELL, WRONG_USAGE, bar, printable, show
from app.domain.decision import Verdict
from app.domain.gates import GateFolders, GateOutcome
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.config.composing import Layers

INPUT = click.Path(path_type=Path)
OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)
EXIT_CODES = {
    Verdict.PASS: WELL,
    Verdict.WAIVED: WELL,
    Verdict.NOT_APPLICABLE: WELL,
    Verdict.FAIL: NEGATIVE,
}
NOT_JUDGED = "trust is not judged offline: the service may trust these reports less than the policy asks"


def _evaluate(policy: Layers, folders: GateFolders) -> GateOutcome:
    from app.bootstrap.offline import evaluate_gate

    return evaluate_gate(policy, folders)


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    evaluate: Callable[[Layers, GateFolders], GateOutcome] = _evaluate


@click.group()
def gate() -> None:
    """Judge reports as the quality gate does, and look at what it decided."""


for each in (backtest, export, verify):
    gate.add_command(each)


@gate.command()
@click.option("--policy", required=True, type=INPUT, metavar="FILE", help="A .github/hephaestus.yml.")
@click.option("--shared", type=INPUT, metavar="FILE", help="The file that it extends.")
@click.option(
    "--organisation", type=INPUT, metavar="FILE", help="The organisation's file, to whose floor it is raised."
)
@click.option(
    "--reports",
    required=True,
    type=INPUT,
    metavar="DIR",
    help="DIR/<artifact name>/<files>, as the run's artifacts unpack.",
)
@click.option("--base", type=INPUT, metavar="DIR", help="The base's reports, laid out likewise.")
@click.option(
    "--diff", type=INPUT, metavar="FILE", help="A unified diff from the base to what was reported on."
)
@click.option("--repo", type=INPUT, metavar="DIR", help="The files that the reports are about.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day, in UTC, on which waivers and trials are looked at; today where it is left out.",
)
@click.option(
    "--rdjson", type=OUTPUT, metavar="FILE", help="Write everything that was marked, for reviewdog."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@click.option("--markdown", is_flag=True, help="Print what the check run would say to standard output.")
@click.pass_context
def evaluate(
    context: click.Context,
    *,
    policy: Path,
    shared: Path | None,
    organisation: Path | None,
    reports: Path,
    base: Path | None,
    diff: Path | None,
    repo: Path | None,
    on: datetime | None,
    rdjson: Path | None,
    as_json: bool,
    markdown: bool,
) -> None:
    """Say what the gate would say about these reports.

    With --base, rules about a drop, new findings and what went away are judged too; with --diff, rules about added lines.
    With --repo, paths in reports are looked up in it, as the service does in the commit, and drift is judged by its files;
    without it a gate `drift`, which `use: default` has too, is inconclusive. Trust and the checks of others are not judged.
    Waivers and gates on trial end as they do in the service: name the day with --on to get the same answer on every day.
    A policy that extends another is judged together with it: name that one with --shared.

    Exit codes: 0 pass, 1 fail, 2 wrong usage, an invalid policy or an input that cannot be read, 3 evidence is missing or
    cannot be believed.
    """
    if as_json and markdown:
        raise click.UsageError("--json does not go with --markdown")
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    try:
        layers = _layers(policy, shared, organisation)
        _readable((reports, base, repo), diff)
        with bar("Evaluating"):
            outcome = tools.evaluate(layers, GateFolders(reports, _day(on), base, diff, repo))
    except InvalidInput as error:
        show(_refused(error), f"{error.message} [{error.code}]", as_json=as_json)
        context.exit(WRONG_USAGE)
    for each in (NOT_JUDGED, *outcome.unjudged):
        click.echo(printable(each), err=True)
    if rdjson is not None:
        _write(rdjson, outcome.rdjson)
    if markdown:
        click.echo(outcome.markdown)
    else:
        show(_document(outcome), _text(outcome), as_json=as_json)
    context.exit(EXIT_CODES.get(outcome.verdict, UNDECIDED))


def _day(on: datetime | None) -> date:
    return (on or datetime.now(UTC)).date()


def _layers(policy: Path, shared: Path | None, organisation: Path | None) -> Layers:
    """The policy's files. Raises InvalidInput for one that cannot be read."""
    from app.config.composing import Layers

    beneath = [None if each is None else _bytes(each) for each in (shared, organisation)]
    return Layers(_bytes(policy), beneath[0], beneath[1])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput("input.unreadable", f"cannot read {path}: {error.strerror}") from error


def _readable(folders: tuple[Path | None, ...], file: Path | None) -> None:
    """Raises InvalidInput where a folder is none, or the file cannot be opened."""
    for each in folders:
        if each is not None and not each.is_dir():
            raise InvalidInput("input.unreadable", f"cannot read {each}: it is not a folder")
    if file is not None:
        try:
            file.open("rb").close()
        except OSError as error:
            raise InvalidInput("input.unreadable", f"cannot read {file}: {error.strerror}") from error


def _document(outcome: GateOutcome) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict.value,
        "gates": [asdict(each) for each in outcome.gates],
        "annotations": [asdict(each) for each in outcome.annotations],
    }


def _refused(error: InvalidInput) -> dict[str, Any]:
    return {
        "ok": False,
        "verdict": "error",
        "gates": [],
        "annotations": [],
        "error": {"code": error.code, "message": error.message},
    }


def _text(outcome: GateOutcome) -> str:
    lines = [outcome.verdict.value]
    for each in outcome.gates:
        lines.append(f"{each.gate}: {each.state}: {each.value}: {each.reason}")
        if each.remedy:
            lines.append(f"  to turn it green: {each.remedy}")
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
