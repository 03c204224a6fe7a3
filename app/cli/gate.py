"""`hephaestus gate`: the quality gate over reports on disk, offline; reads no credentials and no `.env`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from app.cli.output import NEGATIVE, UNDECIDED, WELL, show
from app.domain.decision import Verdict
from app.domain.gates import GateOutcome

EXIT_CODES = {
    Verdict.PASS: WELL,
    Verdict.WAIVED: WELL,
    Verdict.NOT_APPLICABLE: WELL,
    Verdict.FAIL: NEGATIVE,
}


def _evaluate(policy: bytes, reports: Path) -> GateOutcome:
    from app.bootstrap.offline import evaluate_gate

    return evaluate_gate(policy, reports)


@dataclass(frozen=True, slots=True)
class Tools:
    """What does the work; by default it comes from the composition root, on first use."""

    evaluate: Callable[[bytes, Path], GateOutcome] = _evaluate


@click.group()
def gate() -> None:
    """Judge reports as the quality gate does."""


@gate.command()
@click.option(
    "--policy",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A .github/hephaestus.yml.",
)
@click.option(
    "--reports",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="DIR/<artifact name>/<files>, as the run's artifacts unpack.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@click.option("--markdown", is_flag=True, help="Print what the check run would say to standard output.")
@click.pass_context
def evaluate(context: click.Context, *, policy: Path, reports: Path, as_json: bool, markdown: bool) -> None:
    """Say what the gate would say about these reports.

    Exit codes: 0 pass, 1 fail, 2 wrong usage or an invalid policy, 3 evidence is missing or cannot be believed.
    """
    if as_json and markdown:
        raise click.UsageError("--json does not go with --markdown")
    tools = context.obj if isinstance(context.obj, Tools) else Tools()
    outcome = tools.evaluate(policy.read_bytes(), reports)
    if markdown:
        click.echo(outcome.markdown)
    else:
        document = {
            "verdict": outcome.verdict.value,
            "gates": [asdict(each) for each in outcome.gates],
            "annotations": [asdict(each) for each in outcome.annotations],
        }
        lines = [f"{each.gate}: {each.state}: {each.value}: {each.reason}" for each in outcome.gates]
        show(document, "\n".join((outcome.verdict.value, *lines)), as_json=as_json)
    context.exit(EXIT_CODES.get(outcome.verdict, UNDECIDED))
