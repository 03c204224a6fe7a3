"""The kinds of evidence, with real signatures of both trust domains, held against the policy's rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.sigstore import offline_verifier
from app.domain.decision import Decision, Verdict
from app.domain.effects import PublishCheckRun
from app.domain.release import Grade
from app.errors import InvalidInput
from app.standin.sigstore import Form, LocalSigstore
from app.standin.sigstore.canonical import JsonValue
from app.standin.sigstore.envelope import PublishedRelease
from handlers.release_verification.backfill.models import PREDICATE_TYPE
from handlers.release_verification.models import ReleaseState
from handlers.release_verification.section import AssetRule, Backfill, Limits, ReleaseVerification, Signer
from handlers.release_verification.section.values import Kind
from tests.unit.handlers.release_verification.published import (
    COMMIT,
    IDENTITY,
    NOW,
    OTHER,
    SLSA,
    TOOL,
    Outcome,
    Published,
    attached,
    check_of,
    codes,
    hexdigest,
    signed,
)

RELEASED = PublishedRelease(
    repository="octo/tool",
    tag="v1.0.0",
    commit=COMMIT,
    release_id=11,
    repository_id=1001,
    owner_id=2002,
    assets=[("tool", hexdigest(TOOL))],
)
BACKFILLED = replace(
    IDENTITY,
    workflow=".github/workflows/sigstore-backfill.yml",
    ref="refs/heads/main",
    sha="5" * 40,
    event="workflow_dispatch",
)
SIGNER = Signer(workflow=".github/workflows/release.yml")
NOTES = f"{hexdigest(TOOL)}  tool\n{hexdigest(OTHER)} *other\n".encode()


def asking(*rules: AssetRule) -> ReleaseVerification:
    return ReleaseVerification(signers=(SIGNER,), assets=rules)


ATTESTED = asking(AssetRule(files=("*",), least=Grade.RELEASE_ATTESTED))
LISTED = asking(
    AssetRule(files=("SHA256SUMS",), needs=(Kind.PROVENANCE,)),
    AssetRule(files=("*",), least=Grade.CHECKSUM_ONLY),
)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW - timedelta(minutes=5))


@pytest.fixture
def outcome(sigstore: LocalSigstore, tmp_path: Path) -> Outcome:
    path = tmp_path / "trusted_roots.jsonl"
    path.write_bytes(sigstore.trusted_root_json() + b"\n" + sigstore.github_trusted_root_json())
    return Outcome(offline_verifier(path), tmp_path)


def row(decision: Decision[ReleaseState], name: str) -> str:
    return next(line for line in check_of(decision).summary.splitlines() if line.startswith(f"| `{name}`"))


async def test_private_provenance_counts_and_has_no_transparency_log(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY, Form.GITHUB)
    decision = await outcome.of(Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]}))
    assert decision.verdict is Verdict.PASS
    assert row(decision, "tool").endswith(
        "| provenance-verified | " + f"`{IDENTITY.san}`, no transparency log |"
    )


async def test_githubs_attestation_of_an_immutable_release_is_a_grade_of_its_own(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = Published({"tool": TOOL}, immutable=True, section=ATTESTED)
    published.attested_release = [sigstore.attest_release(RELEASED.statement())]
    decision = await outcome.of(published)
    assert decision.verdict is Verdict.PASS
    assert "| release-attested | `https://dotcom.releases.github.com`" in row(decision, "tool")
    strict = await outcome.of(replace(published, section=asking()))
    assert codes(strict) == ["UNCOVERED"]
    assert "it lacks provenance-verified" in strict.reasons[0].text


@pytest.mark.parametrize(
    "other",
    [
        replace(RELEASED, tag="v1.0.1"),
        replace(RELEASED, repository_id=7),
        replace(RELEASED, release_id=12),
        replace(RELEASED, commit="2" * 40),
        replace(RELEASED, assets=[("tool", hexdigest(OTHER))]),
    ],
)
async def test_the_attestation_of_another_release_covers_nothing(
    sigstore: LocalSigstore, outcome: Outcome, other: PublishedRelease
) -> None:
    published = Published({"tool": TOOL}, immutable=True, section=ATTESTED)
    published.attested_release = [sigstore.attest_release(other.statement())]
    assert (await outcome.of(published)).verdict is Verdict.FAIL


async def test_a_signer_of_the_policy_cannot_attest_a_release_in_githubs_place(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    release = "https://in-toto.io/attestation/release/v0.2"
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], release, {}, IDENTITY)
    section = ATTESTED.model_copy(
        update={"signers": (SIGNER.model_copy(update={"predicate_types": (release,)}),)}
    )
    decision = await outcome.of(Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]}, section=section))
    assert codes(decision) == ["PREDICATE"]


async def test_a_rule_can_ask_for_two_kinds_each_by_itself(sigstore: LocalSigstore, outcome: Outcome) -> None:
    both = asking(AssetRule(files=("*",), needs=(Kind.PROVENANCE, Kind.RELEASE_ATTESTATION)))
    published = replace(signed(sigstore), immutable=True, section=both)
    assert codes(await outcome.of(published)) == ["UNCOVERED"]
    published.attested_release = [sigstore.attest_release(RELEASED.statement())]
    assert (await outcome.of(published)).verdict is Verdict.PASS


async def test_evidence_is_tried_until_the_rule_is_met_in_whatever_order_it_comes(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    late = sigstore.attest([("tool", hexdigest(TOOL))], PREDICATE_TYPE, attached(), BACKFILLED)
    built = sigstore.attest([("tool", hexdigest(TOOL))], SLSA, {}, IDENTITY)
    backfill = Backfill(commits=(BACKFILLED.sha,))
    for order in ([late, built], [built, late]):
        published = Published({"tool": TOOL}, {hexdigest(TOOL): order})
        published.section = ReleaseVerification(signers=(SIGNER,), backfill=backfill)
        decision = await outcome.of(published)
        assert decision.verdict is Verdict.PASS
        assert "| provenance-verified |" in row(decision, "tool")


async def test_a_signed_list_lifts_what_it_lists_to_a_grade_that_the_policy_may_take(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    files = {"tool": TOOL, "other": OTHER, "SHA256SUMS": NOTES}
    files["SHA256SUMS.sigstore.json"] = sigstore.sign_artifact(NOTES, IDENTITY)
    published = Published(files, section=LISTED)
    decision = await outcome.of(published)
    assert decision.verdict is Verdict.PASS
    assert "| checksum-only |" in row(decision, "other")
    assert "by way of `SHA256SUMS`" in row(decision, "other")
    published.files["other"] = TOOL
    assert codes(await outcome.of(published)) == ["CHECKSUM_MISMATCH"]
    del published.files["SHA256SUMS.sigstore.json"]
    assert codes(await outcome.of(published)) == ["UNCOVERED"] * 3


async def test_what_a_signed_list_contradicts_is_refused_whatever_else_is_signed(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    sums = f"{hexdigest(OTHER)}  tool\n".encode()
    published = signed(sigstore)
    published.files |= {
        "SHA256SUMS": sums,
        "SHA256SUMS.sigstore.json": sigstore.sign_artifact(sums, IDENTITY),
    }
    assert codes(await outcome.of(published)) == ["CHECKSUM_MISMATCH"]


async def test_no_list_vouches_for_itself(outcome: Outcome) -> None:
    section = asking(AssetRule(files=("*",), least=Grade.CHECKSUM_ONLY))
    one = f"{hexdigest(TOOL)}  tool\n".encode()
    decision = await outcome.of(Published({"tool": TOOL, "SHA256SUMS": one}, section=section))
    assert codes(decision) == ["UNCOVERED", "UNCOVERED"]


async def test_the_attestations_of_all_digests_are_asked_for_at_once(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    files = {f"asset-{number}": f"asset {number}".encode() for number in range(20)}
    bundle = sigstore.attest([(name, hexdigest(raw)) for name, raw in files.items()], SLSA, {}, IDENTITY)
    published = Published(dict(files), {hexdigest(raw): [bundle] for raw in files.values()})
    assert (await outcome.of(published)).verdict is Verdict.PASS
    assert [len(subjects) for subjects in published.asked_in_bulk] == [20]


async def test_what_is_beyond_the_limits_is_undecided_and_named(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    section = ReleaseVerification(signers=(SIGNER,), limits=Limits(assets=2), exempt=("a.txt",))
    published = signed(sigstore)
    published.files = {"a.txt": b"a", **published.files, "z": b"z"}
    decision = await outcome.of(replace(published, section=section))
    assert (decision.verdict, codes(decision)) == (Verdict.INCONCLUSIVE, ["TOO_LARGE"])
    assert "z" not in published.downloaded


async def test_attestations_that_were_not_looked_at_are_counted(outcome: Outcome) -> None:
    section = ReleaseVerification(signers=(SIGNER,), limits=Limits(attestations=2))
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [b"{}", b"{}", b"{}"]}, section=section)
    check = check_of(await outcome.of(published))
    assert "more attestations of it than the 2 that were looked at" in check.text


async def test_the_line_of_the_policy_that_refused_is_annotated(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore, replace(IDENTITY, workflow=".github/workflows/ci.yml"))
    published.files["extra"] = OTHER
    published.lines = (
        ("release_verification", 3),
        ("release_verification.signers", 4),
        ("release_verification.assets", 7),
    )
    (check,) = [
        effect for effect in (await outcome.of(published)).effects if isinstance(effect, PublishCheckRun)
    ]
    found = [(each.start_line, each.message) for each in check.annotations]
    assert found == [(4, "'tool': IDENTITY"), (7, "'extra': UNCOVERED")]
    assert {each.path for each in check.annotations} == {".github/hephaestus.yml"}


async def test_a_tag_on_a_commit_that_nobody_reviewed_is_refused(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    decision = await outcome.of(replace(signed(sigstore), merged=False))
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["UNREACHABLE"])


async def test_what_is_built_from_a_branch_counts_only_where_people_look_after_it(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    signer = Signer(workflow=".github/workflows/release.yml", source_ref="refs/heads/next")
    published = signed(sigstore, replace(IDENTITY, ref="refs/heads/next"))
    published.section = ReleaseVerification(signers=(signer,))
    for is_protected, verdict in ((False, Verdict.FAIL), (True, Verdict.PASS)):
        published.branches = {"next": is_protected}
        assert (await outcome.of(published)).verdict is verdict


async def test_what_was_signed_after_the_release_is_never_provenance(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], PREDICATE_TYPE, attached(), BACKFILLED)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    backfill = Backfill(commits=(BACKFILLED.sha,))
    enough = AssetRule(files=("*",), least=Grade.BACKFILLED)
    for rules, verdict in (((enough,), Verdict.PASS), ((), Verdict.FAIL)):
        published.section = ReleaseVerification(signers=(SIGNER,), assets=rules, backfill=backfill)
        decision = await outcome.of(published)
        assert decision.verdict is verdict
        assert "| backfilled |" in row(decision, "tool")
    published.section = ReleaseVerification(signers=(SIGNER,), assets=(enough,))
    assert (await outcome.of(published)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "said",
    [
        attached(release_id=10),
        attached(commit="2" * 40),
        attached(raw=OTHER),
        {},
        {"assets": {"release_id": 11}},
        {"assets": ["11", {"release_id": True, "tag_commit": COMMIT, "sha256": hexdigest(TOOL)}]},
    ],
)
async def test_what_was_backfilled_for_another_release_covers_nothing(
    sigstore: LocalSigstore, outcome: Outcome, said: JsonValue
) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], PREDICATE_TYPE, said, BACKFILLED)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    rule = AssetRule(files=("*",), least=Grade.BACKFILLED)
    backfill = Backfill(commits=(BACKFILLED.sha,))
    published.section = ReleaseVerification(signers=(SIGNER,), assets=(rule,), backfill=backfill)
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["PREDICATE"])
    assert f"11 at {COMMIT}" in decision.reasons[0].text


@pytest.mark.parametrize("name", ["evil.sigstore.json", "evil.intoto.jsonl"])
async def test_what_only_looks_like_a_bundle_is_an_asset_without_evidence(
    sigstore: LocalSigstore, outcome: Outcome, name: str
) -> None:
    published = signed(sigstore)
    published.files[name] = b'{"mediaType": "x", "run": "anything"}'
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["UNCOVERED"])
    assert row(decision, name)
    published.section = ReleaseVerification(signers=(SIGNER,), exempt=("evil.*",))
    assert (await outcome.of(published)).verdict is Verdict.PASS


async def test_a_signer_of_the_policy_cannot_backfill(sigstore: LocalSigstore, outcome: Outcome) -> None:
    bundle = sigstore.attest([("tool", hexdigest(TOOL))], PREDICATE_TYPE, attached(), IDENTITY)
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [bundle]})
    signer = Signer(workflow=".github/workflows/release.yml", predicate_types=(PREDICATE_TYPE,))
    rule = AssetRule(files=("*",), least=Grade.CHECKSUM_ONLY)
    published.section = ReleaseVerification(signers=(signer,), assets=(rule,))
    decision = await outcome.of(published)
    assert (decision.verdict, codes(decision)) == (Verdict.FAIL, ["PREDICATE"])


async def test_an_attestation_that_cannot_be_had_is_refused_and_not_overlooked(outcome: Outcome) -> None:
    published = Published({"tool": TOOL}, {hexdigest(TOOL): [b"{}"]})
    published.broken[hexdigest(TOOL)] = InvalidInput("download.too_large", "too large")
    decision = await outcome.of(published)
    assert codes(decision) == ["INVALID_BUNDLE"]
    assert "attestation 1 (download.too_large)" in check_of(decision).text


async def test_a_list_that_cannot_be_read_lists_nothing_and_says_why(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore)
    published.files |= {
        "SHA256SUMS": b"\xff",
        "SHA256SUMS.sigstore.json": sigstore.sign_artifact(b"\xff", IDENTITY),
    }
    published.files["other"] = OTHER
    check = check_of(await outcome.of(replace(published, section=LISTED)))
    assert "the checksum file is not UTF\\-8" in check.text


async def test_an_organisations_policy_has_no_lines_in_the_repository(outcome: Outcome) -> None:
    published = Published({"tool": TOOL})
    published.lines = (("release_verification", 3),)
    published.elsewhere = "octo/.github"
    assert check_of(await outcome.of(published)).annotations == ()
