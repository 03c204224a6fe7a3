"""`hephaestus demo`: a stand-in GitHub and the real app; nothing in the app knows that it is a demo."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.cli.demo_scenes import Line
    from app.cli.demo_world import World


@click.command()
@click.option("--once", is_flag=True, help="Play, print and exit; the exit code says whether it worked.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line; the last is a summary.")
@click.option("--scene", type=click.IntRange(1, 4), help="Play only this scene.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep git repositories and ledger here."
)
def demo(once: bool, as_json: bool, scene: int | None, keep: Path | None) -> None:  # noqa: FBT001 (click passes flags by name)
    """A stand-in GitHub and the real app, four scenes; no account, no network."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hephaestus-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        ok = asyncio.run(play(folder, scene=scene, stay=not once, as_json=as_json))
    sys.exit(0 if ok else 1)


async def play(folder: Path, *, scene: int | None, stay: bool, as_json: bool) -> bool:
    """Starts both sides, plays the scenes, and says whether everything came as it should."""
    from app.bootstrap.service import running_service
    from app.cli.demo_scenes import SCENES, TITLES, Line, Stage
    from app.cli.demo_world import build
    from app.settings import Settings
    from app.standin.github.server import running
    from app.telemetry.logs import configure_logging

    configure_logging("text", "error")
    begin, secret = time.monotonic(), secrets.token_hex(20)
    world = build(folder / "git", secret)
    async with running(world.github) as github:
        settings = Settings.load(environment(world, folder, github.url, secret))
        async with running_service(settings) as service:
            world.app.webhook_url = f"{service.url}/webhooks/github"
            stage = Stage(world, service.url, github.url)
            lines: list[Line] = []
            for number in [scene] if scene else SCENES:
                show(Line(number, "scene", f"{number}. {TITLES[number]}"), as_json=as_json)
                async for line in SCENES[number](stage):
                    lines.append(line)
                    show(line, as_json=as_json)
            ok = all(line.ok for line in lines)
            seconds = round(time.monotonic() - begin, 1)
            finish(github.url, len(lines), seconds, ok=ok, as_json=as_json)
            if stay:
                click.echo("Ctrl-C stops.", err=True)
                await asyncio.Event().wait()
    return ok


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
    }


def show(line: Line, *, as_json: bool) -> None:
    """One line of the transcript."""
    if as_json:
        click.echo(json.dumps(asdict(line), ensure_ascii=False))
    else:
        click.echo(line.text if line.ok else f"{line.text}   ✗ not as it should be")


def finish(url: str, events: int, seconds: float, *, ok: bool, as_json: bool) -> None:
    """The summary: the last line, and the last JSON object."""
    if as_json:
        click.echo(json.dumps({"kind": "summary", "ok": ok, "events": events, "seconds": seconds}))
    else:
        word = "everything came as it should" if ok else "something did not come as it should"
        click.echo(f"\n{word}, in {seconds} s. The stand-in's pages: {url}/_")
