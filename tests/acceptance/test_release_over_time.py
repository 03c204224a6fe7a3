"""One release through the whole app: a new signer is accepted, the notes say so, and a replaced asset turns everything red."""

from __future__ import annotations

from app.cli.demo_world import POLICY, identity
from app.standin.github.checks import request_action
from app.standin.github.records import CheckRun
from app.standin.github.releases import repository_release
from app.standin.github.releasing import add_asset, remove_asset, tell
from app.standin.sigstore import Form
from tests.acceptance.conftest import Running
from tests.acceptance.process import checks, until

GOOD, EVIL = b"anvil linux\n" * 64, b"anvil evil\n" * 64
NAME = "hephaestus/release-verification (v1)"
ANY_WORKFLOW = POLICY.replace(
    "    - workflow: .github/workflows/release.yml\n", "    - workflow: own\n"
).replace("server_url:", "informational: false\n  mark_notes: true\n  server_url:")


async def test_a_release_that_a_person_let_pass_does_not_stay_green_with_other_bytes(
    everything: Running,
) -> None:
    world, repository = everything.world, everything.world.repository
    head = repository.commit("main", {".github/hephaestus.yml": ANY_WORKFLOW}, "Any workflow of ours")
    bundle = world.sigstore.sign_artifact(GOOD, identity(world, "v1", head), Form.REKOR_V1)
    files = {"anvil.bin": GOOD, "anvil.bin.sigstore.json": bundle}
    release = repository_release(repository, "v1", files, target=head)

    def check() -> CheckRun | None:
        return next((run for run in reversed(checks(world, repository, head)) if run.name == NAME), None)

    def says(conclusion: str, words: str) -> bool:
        run = check()
        return run is not None and run.conclusion == conclusion and words in (run.summary or "")

    assert await until(lambda: says("action_required", "NEW_SIGNER"))
    shown = check()
    assert shown is not None
    keeper = world.github.add_account("keeper")
    repository.collaborators[keeper.id] = "maintain"
    request_action(repository, shown, shown.actions[0]["identifier"], keeper)
    assert await until(lambda: says("success", "provenance-verified"))
    assert await until(lambda: "every asset has the evidence" in (release.body or ""))

    remove_asset(
        repository, release, next(each for each in release.assets.values() if each.name == "anvil.bin")
    )
    add_asset(repository, release, "anvil.bin", EVIL, repository.owner)
    tell(repository, release, "edited", repository.owner)
    assert await until(lambda: says("failure", "REPLACED_AFTER_VERDICT"))
    assert await until(lambda: "not every asset has the evidence" in (release.body or ""))
