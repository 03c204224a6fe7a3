"""Assets of past releases get an attestation by a plan that a person approved, through the service and GitHub's stand-in."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from app.bootstrap.backfilling import Backfilled, command
from app.cli.demo_world import POLICY, identity
from app.standin.github.attestations import add_attestation
from app.standin.github.records import Json
from app.standin.github.releases import repository_release
from app.standin.github.runs import Actions, Outcome, PlannedJob, WorkflowRun
from handlers.release_verification.backfill.models import PREDICATE_TYPE
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, quiet, until

TEMPLATE = Path(__file__).parents[3] / "manifests/workflows/sigstore-backfill.yml"
REPOSITORY = "forge/anvil"
RULES = "release_verification:\n  assets:\n    - {files: ['*'], least: backfilled}"
WORKFLOW = ".github/workflows/sigstore-backfill.yml"


class Scene:
    """A repository with a past release of one signed asset, one that is not, and one that was replaced later."""

    def __init__(self, running: Running) -> None:
        self.running, self.world = running, running.world
        policy = POLICY.replace("server_url:", "backfill: {}\n  server_url:")
        policy = policy.replace("release_verification:", RULES)
        template = TEMPLATE.read_bytes()
        files: dict[str, bytes | str] = {".github/hephaestus.yml": policy, WORKFLOW: template}
        self.head = self.world.repository.commit("main", files, "Backfill")
        self.runs: list[WorkflowRun] = []
        self.world.github.part(Actions).runner = self.attest

    async def publish(self) -> None:
        world = self.world
        signed = b"signed\n" * 9
        bundle = world.sigstore.sign_artifact(signed, identity(world, "v1", self.head))
        files = {"signed.bin": signed, "signed.bin.sigstore.json": bundle, "plain.bin": b"plain\n"}
        repository_release(world.repository, "v1", files, target=self.head)
        await quiet(world, self.running.settings)

    def attest(self, run: WorkflowRun) -> Outcome:
        """What the workflow does: attests the planned bytes, and tells the attestation's number."""
        self.runs.append(run)
        world, repository = self.world, self.world.repository
        subjects: list[tuple[str, str]] = []
        entries: list[Json] = []
        for entry in str(run.inputs["assets"]).split(";"):
            number, release_id, commit, digest, _ = entry.split("/")
            asset = repository.releases[int(release_id)].assets[int(number)]
            assert sha256(asset.data).hexdigest() == digest
            subjects.append((asset.name, digest))
            entries.append({"release_id": int(release_id), "tag_commit": commit, "sha256": digest})
        signer = replace(
            identity(world, "v1", run.head_sha),
            ref="refs/heads/main",
            workflow=WORKFLOW,
            event="workflow_dispatch",
            run_id=run.id,
        )
        predicate: Json = {"plan_id": str(run.inputs["plan_id"]), "assets": entries}
        bundle = world.sigstore.attest(subjects, PREDICATE_TYPE, predicate, signer)
        one = add_attestation(repository, bundle)
        note: Json = {
            "path": ".github",
            "start_line": 1,
            "end_line": 1,
            "start_column": None,
            "end_column": None,
            "raw_details": None,
            "annotation_level": "notice",
            "title": "hephaestus-backfill",
            "message": f"attestation {one.id}",
        }
        return Outcome([PlannedJob("attest", annotations=[note])])

    def verdict(self) -> str | None:
        found = checks(self.world, self.world.repository, self.head)
        return next(run.conclusion for run in found[::-1] if run.name.endswith("(v1)"))

    async def ask(self, words: str) -> Backfilled:
        return await command(self.running.settings, REPOSITORY, words)


async def test_an_asset_without_evidence_is_planned_approved_signed_verified_and_rolled_back(
    everything: Running,
) -> None:
    scene = Scene(everything)
    world = scene.world
    world.repository.owner.type = "Organization"
    world.installation.permissions = {**world.installation.permissions, "attestations": "write"}
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
    plan = planned.documents["plan"]
    assert [each["name"] for each in plan["document"]["items"]] == ["plain.bin"]

    approved = await scene.ask(f"approve {plan['sha256']} keeper root")
    assert approved.is_done, approved.text

    ran = await scene.ask("run")
    assert (ran.is_done, ran.is_working) == (True, False), ran.text
    assert ran.text == "all 1 assets of the plan are attested"
    (line,) = ran.documents["added"]
    assert line["item"]["sha256"] == sha256(b"plain\n").hexdigest()
    assert line["signed"]["run_uri"].endswith(f"/actions/runs/{scene.runs[0].id}/attempts/1")
    assert len(scene.runs) == 1
    assert await until(lambda: scene.verdict() == "success")

    again = await scene.ask(f"rollback {plan['id']} keeper root")
    assert again.is_done, again.text
    assert "log stay for ever" in again.text
    assert await until(lambda: scene.verdict() == "failure")
    digest = f"sha256:{line['item']['sha256']}"
    assert world.repository.attestations[digest] == []
