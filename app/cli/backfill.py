"""`hephaestus backfill`: past releases inventoried, planned and signed, each step taken by the running service."""

from __future__ import annotations

import asyncio
import getpass
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import output
from app.cli.output import NEGATIVE, UNDECIDED, WELL
from app.cli.running import ENV_FILE

if TYPE_CHECKING:
    from app.bootstrap.backfilling import Backfilled

REPOSITORY = click.option(
    "--repository", metavar="O/R", required=True, help="The repository, as GitHub names it."
)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


AS = click.option(
    "--as", "login", metavar="LOGIN", required=True, help="The person in whose name this is done."
)


@click.group()
def backfill() -> None:
    """Attest assets of past releases, by a plan that a person approved.

    Exit codes: 0 done, 1 refused, 2 wrong usage or no running service, 3 it still goes on.
    """


@backfill.command()
@REPOSITORY
@JSON
@ENV_FILE
def inventory(repository: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """What the assets of all published releases are: verified, missing, invalid, unsupported or exempt; reads only."""
    _told(repository, "inventory", env_file, as_json=as_json)


@backfill.command()
@REPOSITORY
@JSON
@ENV_FILE
def plan(repository: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Which assets would be signed, on which evidence, and which are refused; reads only."""
    _told(repository, "plan", env_file, as_json=as_json)


@backfill.command()
@REPOSITORY
@click.option(
    "--plan", "digest", metavar="SHA256", required=True, help="The digest of the plan, as `plan` says it."
)
@AS
@JSON
@ENV_FILE
def approve(repository: str, digest: str, login: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Approve exactly that plan, in a person's name; another digest or an expired plan is refused."""
    _told(
        repository,
        f"approve {digest.removeprefix('sha256:')} {login} {_account()}",
        env_file,
        as_json=as_json,
    )


@backfill.command()
@REPOSITORY
@JSON
@ENV_FILE
def run(repository: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Start the approved plan's workflow, and verify what it attests; what is attested already is not signed again."""
    _told(repository, "run", env_file, as_json=as_json)


@backfill.command()
@REPOSITORY
@click.option("--plan", "ident", metavar="ID", required=True, help="The id of the plan, as `status` says it.")
@AS
@JSON
@ENV_FILE
def rollback(repository: str, ident: str, login: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """Take back what the ledger says that a plan added, and refuse its bundles for good; log entries stay."""
    _told(repository, f"rollback {ident} {login} {_account()}", env_file, as_json=as_json)


@backfill.command()
@REPOSITORY
@JSON
@ENV_FILE
def status(repository: str, as_json: bool, env_file: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """What the ledger has of the last inventory, plan and runs; nobody is asked."""
    from app.bootstrap.backfilling import status as stored
    from app.bootstrap.operating import load_settings

    settings = load_settings(env_file, credentials=False)
    _show(asyncio.run(stored(settings, repository)), as_json=as_json)


def _account() -> str:
    """The account of the operating system that gives the command: it is recorded beside the person."""
    return re.sub(r"\s", "_", getpass.getuser())[:100]


def _told(repository: str, words: str, env_file: Path | None, *, as_json: bool) -> None:
    """Gives the command to the service, shows what came of it, and ends with the exit code."""
    from app.bootstrap.backfilling import command
    from app.bootstrap.operating import load_settings

    settings = load_settings(env_file, credentials=False)
    found = asyncio.run(command(settings, repository, words))
    _show(found, as_json=as_json)
    sys.exit(UNDECIDED if found.is_working else WELL if found.is_done else NEGATIVE)


def _show(found: Backfilled, *, as_json: bool) -> None:
    output.show(as_object(found), as_text(found), as_json=as_json)


def as_object(found: Backfilled) -> dict[str, object]:
    """As JSON: each document with its digest beside it."""
    return {
        "repository": found.repository,
        "command": found.command,
        "ok": found.is_done,
        "working": found.is_working,
        "text": found.text,
        **found.documents,
    }


def as_text(found: Backfilled) -> str:
    """For people: what came of it, and of the newest document the lines."""
    goes_on = " (it goes on by itself: see hephaestus backfill status)" if found.is_working else ""
    lines = [f"{found.repository}: {found.command}: {found.text}{goes_on}"]
    newest = found.documents.get("plan" if found.command != "inventory" else "inventory", {})
    content = newest.get("document", {})
    lines += [f"  sha256:{newest['sha256']}"] if newest else []
    if found.command == "inventory":
        lines += [
            f"  {each['stands']:<16} {each['tag']}  {each['name']}  {each['level']}  {each['reason']}"
            for each in content.get("items", [])
        ]
    else:
        lines += [
            f"  sign    {each['tag']}  {each['name']}  sha256:{each['sha256']}  {each['level']}"
            for each in content.get("items", [])
        ]
        lines += [
            f"  refuse  {each['tag']}  {each['name']}  {each['code']}: {each['reason']}"
            for each in content.get("refused", [])
        ]
    return "\n".join(lines)
