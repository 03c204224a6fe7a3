"""Rows 1 to 8 of the attack list: other bytes, other signers, other sources, other names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.standin.sigstore import Form
from tests.acceptance.releases.stage import ASSET, BUNDLE, GOOD, OTHER, SLSA, Stage, hexdigest

pytestmark = pytest.mark.asyncio(loop_scope="module")

REUSABLE = "forge/shared/.github/workflows/build.yml@refs/tags/v2"
BY_REUSABLE = f"""\
version: 1
release_verification:
  signers:
    - workflow: {REUSABLE}
  server_url: https://github.com
  wait_minutes: 0
"""


async def test_row_01_bytes_that_were_changed_cut_or_emptied_are_tampered(stage: Stage) -> None:
    scene = stage.scene("row01")
    signed = {tag: scene.sign(by=scene.tagged(tag)) for tag in ("v1", "v2", "v3", "v4")}
    scene.publish({ASSET: GOOD, BUNDLE: signed["v1"]}, "v1")
    scene.publish({ASSET: GOOD[:-1] + b"!", BUNDLE: signed["v2"]}, "v2")
    scene.publish({ASSET: GOOD[:-1], BUNDLE: signed["v3"]}, "v3")
    emptied = scene.publish({ASSET: GOOD, BUNDLE: signed["v4"]}, "v4")
    next(iter(emptied.assets.values())).data = b""
    await scene.passes("v1")
    for tag in ("v2", "v3", "v4"):
        await scene.refuses("TAMPERED", tag)


async def test_row_02_a_bundle_of_another_artefact_is_a_subject_mismatch(stage: Stage) -> None:
    scene = stage.scene("row02")
    scene.store(scene.attest(OTHER), about=GOOD)
    await scene.attacked({ASSET: GOOD}, "SUBJECT_MISMATCH")


async def test_row_03_the_right_bytes_signed_by_another_workflow(stage: Stage) -> None:
    scene = stage.scene("row03")
    elsewhere = replace(scene.signer, workflow=".github/workflows/ci.yml")
    await scene.attacked({ASSET: GOOD, BUNDLE: scene.sign(by=elsewhere)}, "IDENTITY")
    stranger = replace(scene.tagged("v2"), repository="mallory/tool", repository_id=6, owner_id=66)
    await scene.attacked({ASSET: GOOD, BUNDLE: scene.sign(by=stranger)}, "IDENTITY", "v2")


async def test_row_04_another_issuer_or_one_with_a_longer_path(stage: Stage) -> None:
    scene = stage.scene("row04")
    issuer = scene.signer.issuer
    for number, other in enumerate(("https://accounts.example", f"{issuer}/mallory", issuer[:-1])):
        by = replace(scene.tagged(f"v{number}"), issuer=other)
        await scene.attacked({ASSET: GOOD, BUNDLE: scene.sign(by=by)}, "ISSUER", f"v{number}")


async def test_row_05_a_fork_or_a_namesake_through_the_same_reusable_workflow(stage: Stage) -> None:
    scene = stage.scene("row05", base=BY_REUSABLE)
    mine = replace(scene.signer, signer_workflow=REUSABLE)
    scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=mine)})
    attackers = {
        "v2": replace(mine, repository="mallory/tool", repository_id=6, owner_id=66),
        "v3": replace(mine, repository_id=6),
        "v4": replace(mine, owner_id=66),
        "v5": replace(mine, repository=f"{scene.repository.full_name}s"),
    }
    for tag, other in attackers.items():
        by = replace(other, ref=f"refs/tags/{tag}")
        scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=by)}, tag)
    await scene.passes()
    for tag in attackers:
        await scene.refuses("SOURCE_REPO", tag)


async def test_row_06_a_run_of_a_branch_a_schedule_or_another_tag(stage: Stage) -> None:
    scene = stage.scene("row06", base=BY_REUSABLE)
    mine = replace(scene.signer, signer_workflow=REUSABLE)
    offered = {
        "v1": ("REF", replace(mine, ref="refs/heads/main")),
        "v2": ("REF", replace(mine, ref="refs/tags/v1")),
        "v3": ("REF", replace(mine, ref="refs/heads/v3")),
        "v4": ("TRIGGER", replace(mine, ref="refs/tags/v4", event="schedule")),
        "v5": ("TRIGGER", replace(mine, ref="refs/tags/v5", event="workflow_dispatch")),
        "v6": ("TRIGGER", replace(mine, ref="refs/tags/v6", event="pull_request_target")),
        "v7": ("TAG_MOVED", replace(mine, ref="refs/tags/v7", sha="2" * 40)),
    }
    for tag, (_, by) in offered.items():
        scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=by)}, tag)
    for tag, (code, _) in offered.items():
        await scene.refuses(code, tag)


async def test_row_07_names_that_begin_alike_or_differ_in_a_dot_or_in_case(stage: Stage) -> None:
    scene = stage.scene("row07")
    alike = {
        "v13.0.3": replace(scene.signer, ref="refs/tags/v13.0.30"),
        "v13.0.40": replace(scene.signer, ref="refs/tags/v13.0.4"),
        "v2": replace(scene.tagged("v2"), workflow=".github/workflows/release.yml.evil"),
        "v3": replace(scene.tagged("v3"), workflow=".github/workflows/releaseXyml"),
        "v4": replace(scene.tagged("v4"), workflow=".github/workflows/Release.yml"),
        "v5": replace(scene.tagged("v5"), workflow="mallory/.github/workflows/release.yml"),
        "v6": replace(scene.tagged("v6"), repository=scene.repository.full_name.upper()),
    }
    for tag, by in alike.items():
        scene.publish({ASSET: GOOD, BUNDLE: scene.sign(by=by)}, tag)
    for tag in alike:
        await scene.refuses("IDENTITY", tag)


@pytest.mark.parametrize("loose", ["*", ".github/workflows/.*", "https://github.com/.*"])
async def test_row_07_a_loose_pattern_is_no_policy(stage: Stage, loose: str) -> None:
    name = f"row07-{len(loose)}"
    scene = stage.scene(name, base=BY_REUSABLE.replace(REUSABLE, f"'{loose}'"))
    scene.publish({ASSET: GOOD, BUNDLE: scene.sign()})
    await scene.settled()
    assert scene.check().conclusion == "action_required"
    assert scene.check().title == "The configuration is invalid"


async def test_row_08_an_asset_under_the_name_of_another_is_a_confused_deputy(stage: Stage) -> None:
    scene = stage.scene("row08")
    about_two = scene.stage.sigstore.attest(
        [("a.bin", "0" * 64), ("b.bin", hexdigest(OTHER))],
        SLSA,
        {},
        scene.signer,
        Form.REKOR_V2,
    )
    await scene.attacked({"a.bin": OTHER, "a.bin.sigstore.json": about_two}, "SUBJECT_MISMATCH")
