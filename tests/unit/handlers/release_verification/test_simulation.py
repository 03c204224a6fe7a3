"""Another policy on releases that were verified: what it would have said of them, and what cannot be said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.adapters.sigstore import offline_verifier
from app.domain.ids import CommitSha
from app.domain.simulations import BLOCKED, UNBLOCKED, SimulatedRelease, Simulation
from app.ports.bundles import BundleVerifier
from app.standin.sigstore import GitHubIdentity, LocalSigstore
from handlers.release_verification.backfill.models import PREDICATE_TYPE
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.simulation import EVIDENCE, KeptRelease, simulated
from tests.unit.handlers.release_verification.published import (
    COMMIT,
    IDENTITY,
    NAMED,
    SLSA,
    TOOL,
    Published,
    attached,
    gathered,
    hexdigest,
    signed,
)

OWN: dict[str, Any] = {"signers": [{}], "new_signers": "accept"}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Releases as they were judged, and what a policy would have said of them."""

    verifier: BundleVerifier
    folder: Path

    async def kept(self, published: Published) -> KeptRelease:
        evidence = await gathered(published, self.verifier, self.folder)
        unchanged = EVIDENCE.dump_json(replace(evidence, is_unchanged=True, assets=()))
        return KeptRelease((unchanged, EVIDENCE.dump_json(evidence)), evidence.bundles)

    async def tried(self, published: Published, section: dict[str, Any]) -> SimulatedRelease:
        found = await self.simulation([await self.kept(published)], section)
        (release,) = found.releases
        return release

    async def simulation(self, kept: list[KeptRelease], section: dict[str, Any]) -> Simulation:
        return await simulated(ReleaseVerification.model_validate(section), kept, self.verifier)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create()


@pytest.fixture
def ledger(sigstore: LocalSigstore, tmp_path: Path) -> Ledger:
    root = tmp_path / "root.json"
    root.write_bytes(sigstore.trusted_root_json())
    return Ledger(offline_verifier(root), tmp_path)


def by(workflow: str) -> GitHubIdentity:
    return replace(IDENTITY, workflow=f".github/workflows/{workflow}")


async def test_the_policy_of_then_says_the_same_again(sigstore: LocalSigstore, ledger: Ledger) -> None:
    same = {"signers": [{"workflow": ".github/workflows/release.yml"}]}
    found = await ledger.tried(signed(sigstore), same)
    assert (found.tag, found.commit, found.then, found.now, found.change) == (
        "v1.0.0",
        COMMIT,
        "pass",
        "pass",
        "",
    )
    assert (found.assets, found.unknown) == ((), ())


async def test_a_policy_that_names_another_workflow_would_have_blocked(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    found = await ledger.tried(signed(sigstore), {"signers": [{"workflow": ".github/workflows/ship.yml"}]})
    assert (found.then, found.now, found.change) == ("pass", "fail", BLOCKED)
    ((name, code),) = [(each.name, each.code) for each in found.assets]
    assert (name, code) == ("tool", "IDENTITY")


async def test_a_wider_policy_would_have_let_through_what_was_refused(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    published = replace(signed(sigstore, by("ship.yml")), section=NAMED)
    found = await ledger.tried(published, OWN)
    assert (found.then, found.now, found.change) == ("fail", "pass", UNBLOCKED)


@pytest.mark.parametrize("section", [OWN, {"signers": [{"triggers": ["push", "schedule"]}]}])
async def test_no_policy_lets_changed_bytes_through(
    sigstore: LocalSigstore, ledger: Ledger, section: dict[str, Any]
) -> None:
    published = signed(sigstore)
    published.files["tool"] = b"changed"
    found = await ledger.tried(published, section)
    assert (found.now, found.assets[0].code) == ("fail", "TAMPERED")


async def test_a_workflow_is_new_once(sigstore: LocalSigstore, ledger: Ledger) -> None:
    asking: dict[str, Any] = {"signers": [{}]}
    first = replace(signed(sigstore, by("ship.yml")), known_signers=())
    kept = await ledger.kept(first)
    (release,) = (await ledger.simulation([kept], asking)).releases
    assert (release.now, release.assets[0].code) == ("action_required", "NEW_SIGNER")
    older = await ledger.kept(replace(first, section=ReleaseVerification.model_validate(OWN)))
    newer, oldest = (await ledger.simulation([older, older], {**asking, "new_signers": "accept"})).releases
    assert (newer.now, oldest.now) == ("pass", "pass")


async def test_who_signed_a_release_that_passes_is_known_in_the_next(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    by_name = replace(signed(sigstore, by("release.yml")), known_signers=())
    kept = await ledger.kept(by_name)
    section = {
        "signers": [
            {"workflow": ".github/workflows/release-*.yml"},
            {"workflow": ".github/workflows/release.yml"},
        ]
    }
    found = await ledger.simulation([kept, kept], section)
    assert [each.now for each in found.releases] == ["pass", "pass"]


async def test_what_was_exempt_then_is_unknown_now_and_never_a_pass(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    published = signed(sigstore)
    published.files["notes.txt"] = b"notes"
    published.section = NAMED.model_copy(update={"exempt": ("*.txt",)})
    found = await ledger.tried(published, OWN)
    assert (found.then, found.now) == ("pass", None)
    assert found.unknown == ("notes.txt: it was exempt, so its bytes were not read",)


async def test_a_bundle_that_is_no_longer_kept_is_unknown_and_never_a_pass(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    kept = replace(await ledger.kept(signed(sigstore)), bundles=())
    (found,) = (await ledger.simulation([kept], OWN)).releases
    assert (found.then, found.now) == ("pass", None)
    assert found.unknown == ("tool: no longer kept: tool.sigstore.json",)


async def test_an_attestation_is_verified_again_under_the_other_types(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    published = Published({"tool": TOOL})
    published.attested[hexdigest(TOOL)] = [sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)]
    assert (await ledger.tried(published, OWN)).now == "pass"
    found = await ledger.tried(published, {"signers": [{"predicate_types": ["https://example.test/other"]}]})
    assert (found.now, found.assets[0].code) == ("fail", "PREDICATE")


async def test_where_the_tag_is_was_not_looked_at_where_nobody_asked(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    anywhere = NAMED.model_copy(update={"reachable_from": "any"})
    found = await ledger.tried(replace(signed(sigstore), section=anywhere), OWN)
    assert (found.now, found.unknown) == (None, ("where the tag's commit is was not looked at",))
    off = await ledger.tried(replace(signed(sigstore), merged=False), OWN)
    assert (off.then, off.now) == ("fail", "fail")
    assert "anybody who may push a tag" in off.reasons[0]


async def test_a_source_branch_of_the_new_policy_was_not_looked_at(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    found = await ledger.tried(signed(sigstore), {**OWN, "signers": [{}, {"source_ref": "refs/heads/main"}]})
    assert (found.now, found.unknown) == (
        None,
        ("the branches that signers name as their source were not looked at",),
    )


async def test_evidence_of_another_version_is_counted_and_not_guessed(ledger: Ledger) -> None:
    found = await ledger.simulation([KeptRelease((b'{"other": 1}', b"not json"))], OWN)
    assert (found.releases, found.unreadable, found.judged) == ([], 1, ())


async def test_an_asset_that_the_policy_exempts_needs_nothing(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    published = signed(sigstore)
    published.files["other"] = b"other"
    found = await ledger.tried(published, {**OWN, "exempt": ["other"]})
    assert (found.then, found.now, found.change) == ("fail", "pass", UNBLOCKED)


async def test_what_was_signed_after_the_release_counts_where_the_policy_takes_it(
    sigstore: LocalSigstore, ledger: Ledger
) -> None:
    late: dict[str, Any] = {
        "signers": [{}],
        "backfill": {"commits": [COMMIT]},
        "assets": [{"files": ["*"], "least": "backfilled"}],
    }
    by_hand = replace(by("sigstore-backfill.yml"), ref="refs/heads/main", event="workflow_dispatch")
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], PREDICATE_TYPE, attached(), by_hand)
    published = Published({"tool": TOOL, "tool.sigstore.json": bundle})
    published.section = ReleaseVerification.model_validate(late)
    found = await ledger.tried(published, late)
    assert (found.then, found.now) == ("pass", "pass")
    nobody = await ledger.tried(published, {**late, "backfill": None})
    assert (nobody.then, nobody.now) == ("pass", "fail")
    strict = await ledger.tried(published, {**late, "assets": []})
    assert (strict.now, strict.assets[0].code, strict.assets[0].is_partial) == ("fail", "UNCOVERED", True)


async def test_counts_are_of_releases(sigstore: LocalSigstore, ledger: Ledger) -> None:
    kept = [await ledger.kept(signed(sigstore)), await ledger.kept(signed(sigstore, by("ship.yml")))]
    found = await ledger.simulation(kept, {"signers": [{"workflow": ".github/workflows/ship.yml"}]})
    assert (found.count(BLOCKED), found.count(UNBLOCKED), len(found.judged)) == (1, 1, 2)
    assert found.releases[0].commit == CommitSha(COMMIT)
