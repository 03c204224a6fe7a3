"""`hephaestus demo`: a stand-in GitHub and the real app; nothing in the app knows that it is a demo."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from app.cli.demo_transcript import Line, Transcript

if TYPE_CHECKING:
    from app.cli.demo_scenes import Stage
    from app.cli.demo_world import World

INTERRUPTED = 130
DESCRIPTIONS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
"""Beside a checkout of the repository; in an installed package there is no such folder."""
EXTRA = ("dulwich", "graphql")
CHECKER = "openapi_core"


@dataclass
class Play:
    """What was asked for, and how far it came."""

    folder: Path
    scene: int | None
    contract: Path
    kept: bool
    stay: bool
    transcript: Transcript
    ok: bool | None = field(default=None, init=False)
    """None until the last scene is over."""


@click.command()
@click.option("--once", is_flag=True, help="Play, print and exit; the exit code says whether it worked.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last is a summary.")
@click.option("--scene", type=click.IntRange(1, 4), help="Play only this scene.")
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep git repositories and ledger in this new or empty folder.",
)
@click.option(
    "--contract",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Hold every call to GitHub's descriptions in github-openapi and github-graphql below this folder.",
)
def demo(once: bool, as_json: bool, scene: int | None, keep: Path | None, contract: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """A stand-in GitHub and the real app, four scenes; no account, no network.

    Exit codes: 0 everything came as it should, 1 it did not, 2 wrong usage, 130 interrupted while playing once.
    """
    if any(find_spec(name) is None for name in EXTRA):
        raise click.UsageError(
            "the stand-in GitHub is not installed: pip install 'hephaestus-github-app[demo]'"
        )
    if contract is not None:
        require_descriptions(contract)
    from app.settings_files import private_files

    with ExitStack() as stack:
        stack.enter_context(private_files())
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hephaestus-demo-")))
        prepare(folder)
        play = Play(
            folder=folder.resolve(),
            scene=scene,
            contract=contract or DESCRIPTIONS,
            kept=keep is not None,
            stay=not once,
            transcript=Transcript(as_json=as_json),
        )
        code = run(play)
    sys.exit(code)


def require_descriptions(folder: Path) -> None:
    """Raises click.UsageError where nothing could be held to the descriptions that were asked for."""
    if find_spec(CHECKER) is None:
        raise click.UsageError(
            f"--contract needs the package openapi-core: {quote(sys.executable)} -m pip install openapi-core"
        )
    for name in ("github-openapi", "github-graphql"):
        if not (folder / name).is_dir():
            raise click.UsageError(f"--contract: there is no folder {folder / name} of descriptions")


def prepare(folder: Path) -> None:
    """Makes the folder. Raises: click.UsageError where an earlier demo, or anything else, lies in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        used = any(folder.iterdir())
    except OSError as error:
        raise click.UsageError(f"cannot use {folder}: {error.strerror}") from error
    if used:
        raise click.UsageError(
            f"{folder} is not empty: each demo begins with a new GitHub. Remove the folder or name another one"
        )


def run(play: Play) -> int:
    """The exit code; Ctrl-C and SIGTERM end the play in good order, a second Ctrl-C at once."""
    try:
        asyncio.run(perform(play))
    except (KeyboardInterrupt, asyncio.CancelledError):
        if play.ok is None:
            click.echo("Interrupted before the end.", err=True)
            return 0 if play.stay else INTERRUPTED
    return 0 if play.ok else 1


async def perform(play: Play) -> None:
    """Plays the scenes, sums up, and stays for the browser where that was asked for."""
    from app.telemetry.logs import configure_logging

    begin = time.monotonic()
    configure_logging("text", "error")
    logging.disable(logging.WARNING)  # libraries' own handlers too: the transcript is what people read
    stop_on_signals()
    async with staged(play) as stage:
        try:
            await play_scenes(play, stage, begin)
            if play.stay:
                click.echo("Ctrl-C stops.", err=True)
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            logging.disable(logging.CRITICAL)  # work that is given up half-way is no news
            raise


def stop_on_signals() -> None:
    """The first SIGINT or SIGTERM cancels this task; a second Ctrl-C does not wait for what is being put away.

    Also where SIGINT came ignored, as shells hand it to what they start with `&`.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        if task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


@asynccontextmanager
async def staged(play: Play) -> AsyncIterator[Stage]:
    """Both sides running: a GitHub, and the service with the settings that an operator would give it."""
    from app.bootstrap.service import running_service
    from app.cli.demo_scenes import Stage
    from app.cli.demo_world import build
    from app.settings import Settings
    from app.standin.github.contract import Contract
    from app.standin.github.server import running

    secret = secrets.token_hex(20)
    world = build(play.folder / "git", secret)
    if find_spec(CHECKER) is not None:
        world.github.part(Contract).use(play.contract)
    async with running(world.github) as github:
        settings = Settings.load(environment(world, play.folder, github.url, secret))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            yield Stage(world, github.url)


def environment(world: World, folder: Path, github_url: str, secret: str) -> Mapping[str, str]:
    """The settings an operator would give, for this GitHub."""
    root = folder / "trusted_root.json"
    root.write_bytes(world.sigstore.trusted_root_json())
    return {
        "HEPHAESTUS_APP_ID": str(world.app.id),
        "HEPHAESTUS_PRIVATE_KEY": world.app.private_key_pem,
        "HEPHAESTUS_WEBHOOK_SECRETS": secret,
        "HEPHAESTUS_GITHUB_URL": github_url,
        "HEPHAESTUS_DATA_DIR": str(folder / "data"),
        "HEPHAESTUS_PORT": "0",
        "HEPHAESTUS_ADMIN_BIND": "127.0.0.1:0",
        "HEPHAESTUS_TRUSTED_ROOT": str(root),
        "HEPHAESTUS_TRUSTED_ROOT_SHA256": hashlib.sha256(root.read_bytes()).hexdigest(),
    }


async def play_scenes(play: Play, stage: Stage, begin: float) -> None:
    """The scenes in order, then what can be looked at, then the summary."""
    from app.cli.demo_leads import contract_line, leads
    from app.cli.demo_scenes import SCENES, TITLES

    transcript = play.transcript
    for number in [play.scene] if play.scene else SCENES:
        transcript.show(Line(number, "scene", f"{number}. {TITLES[number]}", facts={"title": TITLES[number]}))
        async for line in SCENES[number](stage):
            transcript.show(line)
    transcript.show(contract_line(stage.world.github))
    pull = max(stage.world.repository.pulls, default=None)
    for line in leads(stage.git_url, pull, folder=play.folder if play.kept else None, stays=play.stay):
        transcript.show(line)
    play.ok = transcript.finish(time.monotonic() - begin)
