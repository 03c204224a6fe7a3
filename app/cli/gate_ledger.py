"""`hephaestus gate verify`, `export` and `backtest`: verdicts that were kept; GitHub is not asked, and nothing is written."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.output import NEGATIVE, UNDECIDED, WELL, WRONG_USAGE, show, worst
from app.cli.running import ENV_FILE
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.verdicts import Backtest, KeptVerdict, ReplayedVerdict

JSON = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a verdict to standard output."
)
APP = click.option(
    "--app",
    metavar="KEY",
    help="Whose delivery, where several Apps have one: host/id, as `deliveries show` says.",
)
SHOWN = 20


@click.command()
@click.argument("verdict", metavar="GUID|FILE")
@APP
@JSON
@ENV_FILE
def verify(verdict: str, app: str | None, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Decide a verdict again from its evidence, and compare it byte for byte.

    GUID is a delivery of the ledger, FILE what `gate export` wrote.

    Exit codes: 0 the same, 1 different, 2 no such delivery or no such file, 3 its evidence was not kept, or is of
    another version.
    """
    from app.bootstrap.gate_ledger import verify as decide_again
    from app.bootstrap.gate_ledger import verify_file

    try:
        if Path(verdict).is_file() or "/" in verdict or verdict.endswith(".json"):
            found = [verify_file(Path(verdict))]
        else:
            found = [decide_again(each) for each in kept(verdict, app, env_file)]
    except InvalidInput as error:
        document = {"ok": False, "error": {"code": error.code, "message": error.message}}
        show(document, f"hephaestus: {error.message} [{error.code}]", as_json=as_json)
        click.get_current_context().exit(WRONG_USAGE)
    for each in found:
        show(as_object(each), as_text(each), as_json=as_json)
    click.get_current_context().exit(worst([exit_code(each) for each in found] or [WRONG_USAGE]))


@click.command()
@click.argument("guid", metavar="GUID")
@APP
@ENV_FILE
def export(guid: str, app: str | None, env_file: Path | None) -> None:
    """Print what the gate decided on a delivery, as JSON: evidence, policy and the bytes of the check run.

    The evidence holds what reports say: names of tests and files, messages, paths.

    Exit codes: 0 it was printed, 2 no such delivery, or nothing was decided on it.
    """
    from app.bootstrap.gate_ledger import exported

    found = kept(guid, app, env_file)
    for each in found:
        click.echo(exported(each))
    click.get_current_context().exit(WELL if found else WRONG_USAGE)


@click.command()
@click.option(
    "--policy",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A .github/hephaestus.yml.",
)
@click.option("--repository", metavar="OWNER/NAME", help="Whose commits, where the ledger has several.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="How many commits at most.",
)
@JSON
@ENV_FILE
def backtest(policy: Path, repository: str | None, limit: int, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (likewise)
    """Try a policy on the commits of the ledger, the newest first.

    Exit codes: 0 it was tried, 2 wrong usage or an invalid policy, 3 no recorded evidence holds what it asks for.
    """
    from app.bootstrap.gate_ledger import try_policy
    from app.bootstrap.operating import load_settings

    settings = load_settings(env_file, credentials=False)
    found = asyncio.run(try_policy(settings, policy, repository, limit))
    show(backtest_object(found), backtest_text(found), as_json=as_json)
    click.get_current_context().exit(WELL if found.judged else UNDECIDED)


def kept(guid: str, app: str | None, env_file: Path | None) -> tuple[KeptVerdict, ...]:
    """What the gate decided on a delivery; says so where that is nothing."""
    from app.bootstrap.gate_ledger import verdicts_of
    from app.bootstrap.operating import load_settings

    settings = load_settings(env_file, credentials=False)
    found = asyncio.run(verdicts_of(settings, guid, app))
    if not found:
        click.echo(f"hephaestus: the quality gate decided nothing on the delivery {guid}", err=True)
    return found


def exit_code(replayed: ReplayedVerdict) -> int:
    """0 the same, 1 different, 3 not known."""
    if replayed.now is None:
        return UNDECIDED
    return WELL if replayed.same else NEGATIVE


def as_object(replayed: ReplayedVerdict) -> dict[str, object]:
    """A replayed verdict as JSON."""
    then, now = replayed.readers
    return {
        "evaluation": replayed.evaluation,
        "same": replayed.same if replayed.now is not None else None,
        "verdict_then": replayed.then,
        "verdict": replayed.now,
        "problem": replayed.problem or None,
        "diff": replayed.diff or None,
        "policy": replayed.policy or None,
        "rules": dict(replayed.rules),
        "sources": [
            {
                **asdict(each),
                "artifacts": [{"name": name, "sha256": digest} for name, digest in each.artifacts],
            }
            for each in replayed.sources
        ],
        "reader": {"then": then or None, "now": now or None},
    }


def as_text(replayed: ReplayedVerdict) -> str:
    """A replayed verdict for people."""
    if replayed.now is None:
        return f"{replayed.evaluation}: cannot be decided again: {replayed.problem}"
    lines = [f"{replayed.evaluation}: {'the same' if replayed.same else 'different'}: {replayed.now}"]
    lines += [f"  policy: {replayed.policy}"] if replayed.policy else []
    lines += [f"  {gate}: {place}" for gate, place in replayed.rules if place]
    for source in replayed.sources:
        artifacts = ", ".join(f"{name} sha256:{digest or '?'}" for name, digest in source.artifacts)
        run = f"run {source.run_id}, attempt {source.attempt}, {source.event}, {source.trust}"
        lines.append(f"  {source.workflow}, {run}: {artifacts or 'no artifact read'}")
    then, now = replayed.readers
    if then and then != now:
        lines.append(f"  reports were read by another version of the readers: {then[:12]}, now {now[:12]}")
    return "\n".join((*lines, *([replayed.diff] if replayed.diff else [])))


def backtest_object(found: Backtest) -> dict[str, object]:
    """A backtest as JSON."""
    blocked, unblocked, judged = found.count("blocked"), found.count("unblocked"), len(found.judged)
    return {
        "commits": len(found.commits),
        "judged": judged,
        "undecided": len(found.commits) - judged,
        "unreadable": found.unreadable,
        "blocked": blocked,
        "unblocked": unblocked,
        "flip_rate": f"{blocked + unblocked}/{judged}",
        "flaky": [{"gate": each.gate, "commits": list(each.shas)} for each in found.flaky],
        "changes": [
            {
                "sha": each.sha,
                "pulls": list(each.pulls),
                "then": each.then,
                "now": each.now,
                "change": each.change,
            }
            for each in found.commits
            if each.change
        ],
    }


def backtest_text(found: Backtest) -> str:
    """A backtest for people."""
    blocked, unblocked, judged = found.count("blocked"), found.count("unblocked"), len(found.judged)
    lines = [
        (
            f"{judged} commits judged: {blocked} that passed would be blocked, {unblocked} that did not pass would "
            f"pass (flip rate {blocked + unblocked}/{judged})"
        )
    ]
    left_out = len(found.commits) - judged
    if left_out:
        lines.append(f"{left_out} more have no evidence of what this policy asks for")
    if found.unreadable:
        lines.append(f"{found.unreadable} evaluations are of a version that this one cannot read")
    changes = [each for each in found.commits if each.change]
    lines += [
        f"  {each.sha[:12]}: {each.then} would be {each.now} ({each.change})" for each in changes[:SHOWN]
    ]
    lines += [f"  and {len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
    lines += [
        f"flaky: {each.gate} changed on repeated runs of {', '.join(sha[:12] for sha in each.shas[:SHOWN])}"
        for each in found.flaky
    ]
    return "\n".join(lines)
