"""`hephaestus release simulate`: what a policy would have said of releases that were verified, or that lie on disk."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.output import NEGATIVE, UNDECIDED, WELL, WRONG_USAGE, bar, printable, show
from app.cli.release_requests import EMBEDDED_ROOTS
from app.cli.running import ENV_FILE
from app.domain.release_files import PolicyFiles
from app.domain.simulations import BLOCKED, UNBLOCKED
from app.errors import InvalidInput

if TYPE_CHECKING:
    from app.domain.simulations import SimulatedRelease, Simulation

SHOWN = 20
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--policy",
    default=".github/hephaestus.yml",
    show_default=True,
    type=FILE,
    metavar="FILE",
    help="The policy to try.",
)
@click.option("--shared", type=FILE, metavar="FILE", help="The file that it extends.")
@click.option(
    "--organisation", type=FILE, metavar="FILE", help="The organisation's file, to whose floor it is raised."
)
@click.option("--repo", "repository", metavar="O/R", help="Whose releases, where the ledger has several.")
@click.option(
    "--last",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    metavar="N",
    help="How many releases at most.",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Try it on releases on disk instead: DIR/releases.jsonl lists them, with tag, commit and dir.",
)
@click.option(
    "--repository-id", type=click.IntRange(min=1), metavar="N", help="With --dir: the repository's number."
)
@click.option(
    "--trusted-root",
    metavar="FILE|production|staging",
    help="Whom to trust; left out, whom the service trusts, with --dir production.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@ENV_FILE
def simulate(
    *,
    policy: Path,
    shared: Path | None,
    organisation: Path | None,
    repository: str | None,
    last: int,
    directory: Path | None,
    repository_id: int | None,
    trusted_root: str | None,
    as_json: bool,
    env_file: Path | None,
) -> None:
    """Say what a policy would have said of the last releases; asks nobody.

    Of releases in the ledger every bundle that is kept is verified again. What the policy of then did not ask for was not read,
    and stays unknown. With --dir, branches and who signed earlier releases are not judged.

    Exit codes: 0 none that passed would be blocked, 1 some would (with --dir: some do not pass), 2 wrong usage or an invalid
    policy, 3 of no release enough is known.
    """
    context, files = click.get_current_context(), PolicyFiles(policy, shared, organisation)
    try:
        if directory is None:
            if repository_id is not None:
                raise click.UsageError("--repository-id goes with --dir")
            found = _of_ledger(files, repository, last, trusted_root, env_file)
        elif repository is None:
            raise click.UsageError("--dir needs --repo O/R")
        else:
            found = _of_folders(files, directory, (repository, repository_id), last, trusted_root)
    except InvalidInput as error:
        document = {"ok": False, "error": {"code": error.code, "message": error.message}}
        show(document, printable(f"hephaestus: {error.message} [{error.code}]"), as_json=as_json)
        context.exit(WRONG_USAGE)
    show(as_object(found), as_text(found), as_json=as_json)
    context.exit(exit_code(found))


def _root(trusted_root: str) -> str | Path:
    return trusted_root if trusted_root in EMBEDDED_ROOTS else Path(trusted_root)


def _of_ledger(
    policy: PolicyFiles, repository: str | None, last: int, trusted_root: str | None, env_file: Path | None
) -> Simulation:
    from app.bootstrap.operating import load_settings
    from app.bootstrap.simulating import simulate_ledger

    settings = load_settings(env_file, credentials=False)
    root = None if trusted_root is None else _root(trusted_root)
    return asyncio.run(simulate_ledger(settings, policy, repository, last, root))


def _of_folders(
    policy: PolicyFiles,
    directory: Path,
    repository: tuple[str, int | None],
    last: int,
    trusted_root: str | None,
) -> Simulation:
    from app.bootstrap.simulating import simulate_folders

    with bar("Verifying") as advance:
        root = _root(trusted_root or "production")
        return asyncio.run(simulate_folders(policy, directory, repository, last, root, advance))


def exit_code(found: Simulation) -> int:
    """1 where a release would be blocked, 3 where nothing is known."""
    if not found.judged:
        return UNDECIDED
    return NEGATIVE if any(_is_bad(each) for each in found.judged) else WELL


def _is_bad(release: SimulatedRelease) -> bool:
    return release.change == BLOCKED if release.then is not None else release.now != "pass"


def as_object(found: Simulation) -> dict[str, object]:
    """A simulation as JSON."""
    return {
        "releases": len(found.releases),
        "judged": len(found.judged),
        "undecided": len(found.releases) - len(found.judged),
        "unreadable": found.unreadable,
        "blocked": found.count(BLOCKED),
        "unblocked": found.count(UNBLOCKED),
        "verdicts": [
            {
                "tag": each.tag,
                "commit": each.commit,
                "then": each.then,
                "now": each.now,
                "change": each.change or None,
                "assets": [asdict(asset) for asset in each.assets],
                "reasons": list(each.reasons),
                "unknown": list(each.unknown),
            }
            for each in found.releases
        ],
    }


def as_text(found: Simulation) -> str:
    """A simulation for people."""
    judged = len(found.judged)
    lines = [
        (
            f"{judged} releases judged: {found.count(BLOCKED)} that passed would be blocked, {found.count(UNBLOCKED)} that "
            "did not pass would pass"
        )
    ]
    if found.unreadable:
        lines.append(f"{found.unreadable} more have no evidence that this version can read")
    for each in found.releases:
        lines.append(f"{_line(each.tag)} ({each.commit[:12]}): {_told(each)}")
        lines += [f"  {_line(reason)}" for reason in (*each.reasons, *each.unknown)]
        lines += [
            f"  {_line(asset.name)} ({asset.code}): {_line(asset.reason)}"
            + ("; GitHub may have more evidence, which was not looked for" if asset.is_partial else "")
            for asset in each.assets[:SHOWN]
        ]
        lines += [f"  and {len(each.assets) - SHOWN} more assets"] if len(each.assets) > SHOWN else []
    return "\n".join(printable(line) for line in lines)


def _told(release: SimulatedRelease) -> str:
    now = release.now or "unknown"
    if release.then is None:
        return now
    return f"{now}, as before" if release.then == now else f"{release.then} would be {now}"


def _line(text: str) -> str:
    return " ".join(text.splitlines())
