"""Somebody presses *Re-run* on a check run or a suite of ours, and is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.cli.demo_world import World, identity
from app.standin.github import checks as standin
from app.standin.github.hooks import idle
from app.standin.github.records import CheckRun
from app.standin.github.releases import replace_asset, repository_release
from app.standin.github.shapes import checks as shapes
from app.standin.sigstore import Form
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, quiet, until

GOOD = b"anvil linux\n" * 64


def tampered(world: World, tag: str) -> None:
    """A release with an asset that was changed after it was signed."""
    bundle = world.sigstore.sign_artifact(GOOD, identity(world, tag, world.policy_sha), Form.REKOR_V1)
    files = {"anvil.bin": GOOD + b"more", "anvil.bin.sigstore.json": bundle}
    repository_release(world.repository, tag, files, target=world.policy_sha)


async def mend(world: World) -> None:
    """The signed bytes take the changed ones' place; not in the second of the release, which `Last-Modified` could not tell."""
    read_at = world.github.now().replace(microsecond=0)
    assert await until(lambda: world.github.now() > read_at + timedelta(seconds=1))
    for release in world.repository.releases.values():
        replace_asset(world.repository, release, "anvil.bin", GOOD)


def newest(world: World, tag: str) -> CheckRun | None:
    """The check run that people see at the release's commit."""
    name = f"hephaestus/release-verification ({tag})"
    found = [run for run in checks(world, world.repository, world.policy_sha) if run.name == name]
    return found[-1] if found else None


def concluded(world: World, tag: str, conclusion: str) -> Callable[[], bool]:
    return lambda: (run := newest(world, tag)) is not None and run.conclusion == conclusion


async def test_a_release_whose_check_run_is_run_again_is_verified_again(everything: Running) -> None:
    world = everything.world
    tampered(world, "v1.0.0")
    assert await until(concluded(world, "v1.0.0", "failure"))
    await quiet(world, everything.settings)
    await mend(world)
    run = newest(world, "v1.0.0")
    assert run is not None
    standin.tell(world.repository, run, "rerequested", world.repository.owner, app_id=world.app.id)
    assert await until(concluded(world, "v1.0.0", "success"))


async def test_every_release_of_a_suite_that_is_run_again_is_verified_again(everything: Running) -> None:
    world = everything.world
    for tag in ("v1.0.0", "v1"):
        tampered(world, tag)
        assert await until(concluded(world, tag, "failure"))
    await quiet(world, everything.settings)
    await mend(world)
    run = newest(world, "v1")
    assert run is not None
    payload = {"check_suite": shapes.suite_in_event(world.repository, run.suite)}
    owner = world.repository.owner
    world.github.emit(
        "check_suite", "rerequested", payload, world.repository, sender=owner, app_id=world.app.id
    )
    assert await until(concluded(world, "v1", "success"))
    assert await until(concluded(world, "v1.0.0", "success"))
    await idle(world.github)
