"""Policies through the whole app: the default one, sources, rules for assets, floors, and a policy tried on what was verified."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap.simulating import simulate_ledger
from app.domain.release_files import PolicyFiles
from app.domain.simulations import BLOCKED
from app.standin.github.pushes import person
from tests.acceptance.releases.stage import ASSET, BUNDLE, GOOD, OTHER, Scene, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

BY_DEFAULT = "version: 1\nrelease_verification:\n  server_url: https://github.com\n  wait_minutes: 0\n"
FROM_MAIN = f"{BY_DEFAULT}  signers: [{{source_ref: refs/heads/main}}]\n  new_signers: accept\n"
FLOOR = """\
version: 1
release_verification:
  server_url: https://github.com
  wait_minutes: 0
  new_signers: accept
  minimum: {informational: false, hosted_runners_only: true}
"""


def good(scene: Scene, tag: str) -> dict[str, bytes]:
    return {ASSET: GOOD, BUNDLE: scene.sign(by=scene.tagged(tag))}


async def test_the_default_policy_asks_about_a_new_workflow_and_only_informs(stage: Stage) -> None:
    scene = stage.scene("bydefault", base=BY_DEFAULT)
    scene.publish(good(scene, "v1"), "v1")
    scene.publish({ASSET: GOOD}, "v2")
    await scene.settled()
    assert [scene.check(tag).conclusion for tag in ("v1", "v2")] == ["neutral", "neutral"]
    assert "NEW_SIGNER" in scene.words("v1")
    assert "UNCOVERED" in scene.words("v2")
    assert (scene.check("v2").title or "").startswith("informational")


async def test_a_tag_beside_every_branch_that_somebody_looks_after_is_refused(stage: Stage) -> None:
    scene = stage.scene("beside")
    git = scene.repository.git
    author = person(scene.repository, scene.repository.owner)
    sha = git.add_commit(git.tree_of(scene.head) or "", [scene.head], "Evil", author)
    scene.head = sha
    scene.publish(good(scene, "v1"), "v1")
    git.set_ref("refs/heads/stable", sha, None)
    scene.publish(good(scene, "v2"), "v2")
    await scene.settled()
    for tag in ("v1", "v2"):
        run = scene.check(tag, sha)
        assert (run.conclusion, run.title) == ("failure", "The tag's commit is in no protected branch")
    scene.repository.required_checks["stable"] = [("ci", None)]
    scene.publish(good(scene, "v3"), "v3")
    await scene.passes("v3")


async def test_a_branch_is_a_source_only_while_it_is_protected(stage: Stage) -> None:
    scene = stage.scene("frommain", base=FROM_MAIN)
    by = replace(scene.signer, ref="refs/heads/main")
    await scene.attacked({ASSET: GOOD, BUNDLE: scene.sign(by=by)}, "REF", "v1")
    scene.repository.required_checks["main"] = [("ci", None)]
    scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=by)}, "v2")
    await scene.passes("v2")
    await scene.attacked(
        {ASSET: GOOD, BUNDLE: scene.sign(by=replace(by, event="workflow_dispatch"))}, "TRIGGER", "v3"
    )
    await scene.attacked(good(scene, "v4"), "IDENTITY", "v4")


async def test_the_organisations_floor_counts_where_a_repository_says_nothing(stage: Stage) -> None:
    github = stage.world.github
    scene = stage.scene("floored", base="version: 1\n")
    shared = github.add_repository("floored/.github", {"hephaestus.yml": FLOOR})
    assert shared.full_name == "floored/.github"
    await scene.attacked(
        {ASSET: GOOD, BUNDLE: scene.sign(by=replace(scene.tagged("v1"), runner_environment="self-hosted"))},
        "CLAIM",
        "v1",
    )
    scene.publish(good(scene, "v2"), "v2")
    await scene.passes("v2")


async def test_a_policy_is_tried_on_what_was_verified(stage: Stage, tmp_path: Path) -> None:
    scene = stage.scene("tried")
    scene.publish(good(scene, "v1"), "v1")
    await scene.passes("v1")
    scene.publish({ASSET: OTHER, BUNDLE: scene.sign(by=scene.tagged("v2"))}, "v2")
    await scene.refuses("TAMPERED", "v2")
    policy = tmp_path / "policy.yml"
    await asyncio.to_thread(
        policy.write_text, f"{BY_DEFAULT}  signers: [{{workflow: .github/workflows/ship.yml}}]\n", "utf-8"
    )
    found = await simulate_ledger(stage.settings, PolicyFiles(policy), scene.repository.full_name, 10, None)
    told = {each.tag: (each.then, each.now, each.change) for each in found.releases}
    assert told == {"v1": ("pass", "fail", BLOCKED), "v2": ("fail", "fail", "")}
    (newest,) = (
        await simulate_ledger(stage.settings, PolicyFiles(policy), scene.repository.full_name, 1, None)
    ).releases
    assert newest.tag == "v2"
