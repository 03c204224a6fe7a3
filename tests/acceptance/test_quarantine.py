"""A release that was tampered with is taken out of the way, and a person brings it back; nothing else is ever hidden."""

from __future__ import annotations

import json
from hashlib import sha256

from app.cli.demo_world import POLICY, World, identity
from app.standin.github.checks import request_action
from app.standin.github.records import CheckRun
from app.standin.github.releases import lock_releases, repository_release
from app.standin.github.releasing import Release, latest, tell
from app.standin.sigstore import Form
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, deliveries, quiet, until

GOOD, EVIL = b"anvil linux\n" * 64, b"anvil evil\n" * 64
RESTORE = "restore"


class Scene:
    """A repository whose policy quarantines, and what people see of its releases."""

    def __init__(self, running: Running, more: str = "") -> None:
        self.running, self.world = running, running.world
        policy = POLICY.replace("server_url:", f"quarantine: on\n  {more}server_url:")
        self.head = self.world.repository.commit("main", {".github/hephaestus.yml": policy}, "Quarantine")

    def publish(self, tag: str, content: bytes) -> Release:
        """A release of bytes beside a genuine bundle for the good ones."""
        signer = identity(self.world, tag, self.head)
        bundle = self.world.sigstore.sign_artifact(GOOD, signer, Form.REKOR_V1)
        files = {"anvil.bin": content, "anvil.bin.sigstore.json": bundle}
        return repository_release(self.world.repository, tag, files, target=self.head)

    async def says(self, tag: str, words: str) -> bool:
        """Whether the check run comes to say so: a press is passed on by a timer."""
        return await until(lambda: words in (self.check(tag).summary or ""))

    async def settled(self) -> None:
        await quiet(self.world, self.running.settings)

    def check(self, tag: str) -> CheckRun:
        name = f"hephaestus/release-verification ({tag})"
        found = checks(self.world, self.world.repository, self.head)
        return [run for run in found if run.name == name][-1]

    def restore(self, check: CheckRun) -> None:
        """A maintainer presses the button."""
        keeper = self.world.github.add_account("keeper")
        self.world.repository.collaborators[keeper.id] = "maintain"
        request_action(self.world.repository, check, RESTORE, keeper)

    def latest(self) -> str | None:
        found = latest(self.world.repository)
        return found.tag_name if found else None

    def touch(self, one: Release) -> None:
        """Somebody edits the notes."""
        one.updated_at = self.world.github.now()
        tell(self.world.repository, one, "edited", self.world.repository.owner)


def edits(world: World) -> int:
    """How often our App edited a release."""
    sent = [json.loads(one.sent.body) for one in deliveries(world, "release", "edited")]
    return sum(payload["sender"]["id"] == world.app.bot.id for payload in sent)


async def test_a_tampered_release_is_hidden_and_a_maintainer_brings_it_back(everything: Running) -> None:
    scene = Scene(everything)
    world = scene.world
    good = scene.publish("v1", GOOD)
    bad = scene.publish("v2", EVIL)
    await scene.settled()
    assert (good.prerelease, bad.prerelease, scene.latest()) == (False, True, "v1")
    check = scene.check("v2")
    assert (check.conclusion, [each["identifier"] for each in check.actions]) == ("failure", [RESTORE])
    assert "**In quarantine**" in (check.summary or "")
    assert edits(world) == 1, "our own edit led to another"

    scene.restore(check)
    assert await scene.says("v2", "keeper restored this release")
    await scene.settled()
    assert (bad.prerelease, bad.draft, scene.latest()) == (False, False, "v2")

    scene.touch(bad)
    await scene.settled()
    assert (bad.prerelease, edits(world)) == (False, 2)


async def test_what_cannot_be_decided_or_a_person_shows_stays_and_what_cannot_be_hidden_becomes_an_issue(
    everything: Running,
) -> None:
    scene = Scene(everything)
    world = scene.world
    subject, signer = ("anvil.bin", sha256(GOOD).hexdigest()), identity(world, "v8", scene.head)
    bundle = world.sigstore.attest([subject], "https://slsa.dev/provenance/v1", {}, signer, Form.GITHUB)
    files = {"anvil.bin": GOOD, "anvil.bin.sigstore.json": bundle}
    left = [
        repository_release(world.repository, "v8", files, target=scene.head),
        repository_release(world.repository, "v9", {"anvil.bin": GOOD}, target=scene.head),
    ]
    bad = [scene.publish(f"v{number}", EVIL) for number in range(4)]
    lock_releases(world.repository)
    locked = scene.publish("v4", EVIL)
    await scene.settled()
    assert [one.prerelease for one in (*left, locked)] == [False, False, False]
    (stopped,) = [one for one in bad if not one.prerelease]

    hidden = next(one for one in bad if one.prerelease)
    hidden.prerelease, hidden.make_latest = False, "true"
    for one in (stopped, hidden, locked):
        scene.touch(one)
    await scene.settled()
    assert (stopped.prerelease, hidden.prerelease, edits(world)) == (False, False, 3)
    assert "**Not in quarantine:**" in (scene.check(stopped.tag_name).summary or "")
    titles = [f"Release {tag} must not be trusted, and is not hidden" for tag in (stopped.tag_name, "v4")]
    assert sorted(issue.title for issue in world.repository.issues.values()) == titles


async def test_as_a_draft_that_only_who_writes_can_see_it_is_brought_back_too(everything: Running) -> None:
    scene = Scene(everything, "quarantine_draft: true\n  ")
    bad = scene.publish("v1", EVIL)
    await scene.settled()
    check = scene.check("v1")
    assert (bad.draft, check.conclusion, check.title) == (True, "failure", "In quarantine")
    scene.restore(check)
    assert await until(lambda: not bad.draft)
    assert await scene.says("v1", "keeper restored this release")
    assert (bad.prerelease, scene.latest(), edits(scene.world)) == (False, "v1", 0)
