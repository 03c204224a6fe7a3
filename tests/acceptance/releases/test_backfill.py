"""Assets of past releases get an attestation by a plan that a person approved, through the service and GitHub's stand-in."""

from __future__ import annotations

from app.bootstrap.backfilling import Backfilled, command
from app.cli.demo_world import POLICY, identity
from app.standin.github.releases import repository_release
from tests.acceptance.conftest import Running
from tests.acceptance.process import quiet

REPOSITORY = "forge/anvil"
WORKFLOW = ".github/workflows/sigstore-backfill.yml"


class Scene:
    """A repository with a past release of one signed asset, one that is not, and one that was replaced later."""

    def __init__(self, running: Running) -> None:
        self.running, self.world = running, running.world
        policy = POLICY.replace("server_url:", "backfill: {}\n  server_url:")
        files = {".github/hephaestus.yml": policy, WORKFLOW: "on: workflow_dispatch\njobs: {attest: {}}\n"}
        self.head = self.world.repository.commit("main", files, "Backfill")

    async def publish(self) -> None:
        world = self.world
        signed = b"signed\n" * 9
        bundle = world.sigstore.sign_artifact(signed, identity(world, "v1", self.head))
        files = {"signed.bin": signed, "signed.bin.sigstore.json": bundle, "plain.bin": b"plain\n"}
        repository_release(world.repository, "v1", files, target=self.head)
        await quiet(world, self.running.settings)

    async def ask(self, words: str) -> Backfilled:
        return await command(self.running.settings, REPOSITORY, words)


async def test_assets_without_evidence_are_inventoried_and_planned(everything: Running) -> None:
    scene = Scene(everything)
    await scene.publish()
    found = await scene.ask("inventory")
    assert (found.is_done, found.is_working) == (True, False), found.text
    items = {each["name"]: each for each in found.documents["inventory"]["document"]["items"]}
    assert {name: each["stands"] for name, each in items.items()} == {
        "signed.bin": "VERIFIED",
        "plain.bin": "MISSING",
    }
    planned = await scene.ask("plan")
    assert planned.is_done, planned.text
    assert [each["name"] for each in planned.documents["plan"]["document"]["items"]] == ["plain.bin"]
