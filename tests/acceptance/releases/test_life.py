"""Rows 18 to 21 of the attack list: what happens to a release after its verdict, before it, or instead of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.standin.github import checks as standin_checks
from app.standin.github.releases import replace_asset, repository_release
from app.standin.github.releasing import add_asset, publish, remove_asset
from app.standin.github.shapes import releases as shapes
from tests.acceptance.process import until
from tests.acceptance.releases.stage import ASSET, BUNDLE, GOOD, GREEN, OTHER, POLICY, TAG, Scene, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAITING = POLICY.replace("wait_minutes: 0", "wait_minutes: 30")


async def later(scene: Scene) -> None:
    """The next second: two states of a release in one second have the same `Last-Modified`."""
    github = scene.stage.world.github
    was = github.now()
    assert await until(lambda: github.now() > was + timedelta(seconds=1))


async def test_row_18_an_asset_that_is_replaced_after_the_verdict_turns_it_red(stage: Stage) -> None:
    scene = stage.scene("row18")
    edited = scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=scene.tagged("v1"))}, "v1")
    silent = scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=scene.tagged("v2"))}, "v2")
    bare = scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=scene.tagged("v3"))}, "v3")
    for tag in ("v1", "v2", "v3"):
        await scene.passes(tag)
    await later(scene)
    replace_asset(scene.repository, edited, ASSET, OTHER)
    scene.touch(edited)
    replace_asset(scene.repository, silent, ASSET, OTHER)
    run = scene.check("v2")
    standin_checks.tell(
        scene.repository, run, "rerequested", scene.repository.owner, app_id=stage.world.app.id
    )
    remove_asset(scene.repository, bare, next(one for one in bare.assets.values() if one.name == BUNDLE))
    scene.touch(bare)
    assert await until(lambda: scene.check("v2").conclusion == "failure")
    await scene.settled()
    for tag in ("v1", "v2", "v3"):
        assert scene.check(tag).conclusion == "failure"
    assert scene.codes("v1") == scene.codes("v2") == {ASSET: "REPLACED_AFTER_VERDICT"}
    assert scene.codes("v3") == {ASSET: "UNCOVERED"}
    assert "which counts no longer" in scene.words("v3")


async def test_row_19_a_release_before_its_assets_waits_and_never_passes_without_any(stage: Stage) -> None:
    scene = stage.scene("row19", base=WAITING)
    one = scene.publish({})
    await scene.settled()
    assert (scene.check().status, scene.check().conclusion) == ("in_progress", None)
    owner = scene.repository.owner
    await later(scene)
    add_asset(scene.repository, one, ASSET, GOOD, owner)
    scene.touch(one)
    await scene.settled()
    assert not GREEN & set(scene.said())
    await later(scene)
    add_asset(scene.repository, one, BUNDLE, scene.sign(), owner)
    scene.touch(one)
    await scene.passes()
    over = stage.scene("row19-over")
    over.publish({}, "v1")
    over.publish({"notes.sigstore.json": over.sign()}, "v2")
    await over.settled()
    for tag in ("v1", "v2"):
        assert (over.check(tag).conclusion, over.check(tag).title) == ("failure", "No asset was verified")


async def test_row_20_the_payload_of_an_event_says_nothing_about_the_assets(stage: Stage) -> None:
    scene = stage.scene("row20")
    one = scene.publish({ASSET: GOOD, BUNDLE: scene.sign(), "extra": OTHER})
    await scene.refuses("UNCOVERED")
    payload = json.loads(json.dumps(shapes.release(scene.repository, one)))
    lies = [
        {**payload, "assets": [each for each in payload["assets"] if each["name"] != "extra"]},
        {**payload, "assets": []},
        {**payload, "immutable": True, "tag_name": "v0", "draft": True},
    ]
    emit = stage.world.github.emit
    for action in ("published", "released", "edited", "created"):
        for lie in lies:
            emit("release", action, {"release": lie}, scene.repository, sender=scene.repository.owner)
    await scene.refuses("UNCOVERED")


async def test_row_20_drafts_prereleases_deletion_and_a_tag_made_again(stage: Stage) -> None:
    scene = stage.scene("row20-states")
    one = scene.publish({ASSET: GOOD, BUNDLE: scene.sign()}, prerelease=True)
    await scene.passes()
    await later(scene)
    one.prerelease = False
    scene.touch(one, "released")
    await scene.passes()
    await later(scene)
    one.draft, one.published_at = True, None
    scene.touch(one, "unpublished")
    await scene.settled()
    assert scene.check().conclusion == "failure"
    await later(scene)
    publish(scene.repository, one, scene.repository.owner)
    await scene.passes()
    del scene.repository.releases[one.id]
    scene.touch(one, "deleted")
    await scene.settled()
    assert scene.check().conclusion == "neutral"

    elsewhere = scene.repository.commit("main", {"b.txt": "b\n"}, "Go on")
    scene.repository.git.set_ref(f"refs/tags/{TAG}", elsewhere, scene.head)
    again = {ASSET: GOOD, BUNDLE: scene.sign()}
    repository_release(scene.repository, TAG, again, target=elsewhere)
    # What was told of the release that is gone, in an order of chance and twice.
    for action in ("published", "deleted", "edited", "published"):
        scene.touch(one, action)
    await scene.settled()
    assert scene.check(sha=elsewhere).conclusion == "failure"
    assert "(TAG_MOVED)" in (scene.check(sha=elsewhere).title or "")
    assert scene.check().conclusion != "success"


async def test_row_21_a_tag_that_is_moved_after_signing(stage: Stage) -> None:
    scene = stage.scene("row21")
    before = scene.repository.commit("main", {"b.txt": "b\n"}, "Signed here")
    signed_there = scene.sign(by=replace(scene.tagged("v1"), sha=before))
    scene.publish({ASSET: GOOD, BUNDLE: signed_there}, "v1")
    one = scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=scene.tagged("v2"))}, "v2")
    await scene.passes("v2")
    await scene.refuses("TAG_MOVED", "v1")
    scene.repository.git.set_ref("refs/tags/v2", before, scene.head)
    await later(scene)
    scene.touch(one)
    await scene.settled()
    for sha in (scene.head, before):
        assert scene.check("v2", sha).conclusion == "failure"
    assert scene.check("v2", before).title == "The tag was moved after the release was verified"


async def test_row_21_a_tag_that_only_its_pusher_looks_after_is_not_reached(stage: Stage) -> None:
    scene = stage.scene("row21-reach")
    aside = scene.repository.commit("mallory", {"evil.txt": "evil\n"}, "Nobody saw this")
    signed = scene.sign(by=replace(scene.signer, sha=aside))
    repository_release(scene.repository, TAG, {ASSET: GOOD, BUNDLE: signed}, target=aside)
    await scene.settled()
    run = scene.check(sha=aside)
    assert (run.conclusion, run.title) == ("failure", "The tag's commit is in no protected branch")
