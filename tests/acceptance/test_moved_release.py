"""A release that was verified does not stay green on a commit where it is not any more."""

from __future__ import annotations

from app.cli.demo_world import identity
from app.standin.github.pushes import ref_moved
from app.standin.github.releases import repository_release
from app.standin.github.releasing import Release, tell
from app.standin.sigstore import Form
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, quiet, until

GOOD = b"anvil linux\n" * 64
NAME = "hephaestus/release-verification (v1)"


async def verified(running: Running) -> Release:
    """A release whose check run is green on the commit of the policy."""
    world = running.world
    bundle = world.sigstore.sign_artifact(GOOD, identity(world, "v1", world.policy_sha), Form.REKOR_V1)
    files = {"anvil.bin": GOOD, "anvil.bin.sigstore.json": bundle}
    release = repository_release(world.repository, "v1", files, target=world.policy_sha)
    await quiet(world, running.settings)
    assert conclusion(running, world.policy_sha) == "success"
    return release


def conclusion(running: Running, sha: str) -> str | None:
    """What people see of the release at a commit."""
    found = [run for run in checks(running.world, running.world.repository, sha) if run.name == NAME]
    return found[-1].conclusion if found else None


async def test_a_tag_that_moves_takes_the_verdict_with_it(everything: Running) -> None:
    world, _ = everything.world, await verified(everything)
    elsewhere = world.repository.commit("main", {"more.txt": "more\n"}, "Go on")
    world.repository.git.set_ref("refs/tags/v1", elsewhere, world.policy_sha)
    ref_moved(world.repository, "refs/tags/v1", world.policy_sha, elsewhere, world.repository.owner)
    assert await until(lambda: conclusion(everything, elsewhere) == "failure")
    assert conclusion(everything, world.policy_sha) == "failure"


async def test_a_release_that_is_deleted_leaves_no_green_check_run(everything: Running) -> None:
    world, release = everything.world, await verified(everything)
    del world.repository.releases[release.id]
    tell(world.repository, release, "deleted", world.repository.owner)
    await quiet(world, everything.settings)
    assert conclusion(everything, world.policy_sha) == "neutral"
