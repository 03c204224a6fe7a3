"""The texts, as people read them. Golden files are reviewed like code."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.decision import Verdict
from app.domain.effects import PublishCheckRun
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId, Sha256Hex
from app.domain.release import ClaimCheck, ExpectedIdentity, Grade
from app.domain.repo import Repository, Subject, SubjectKind
from app.ports.policies import ConfigError, PolicySource
from handlers.release_verification.models import (
    AssetFinding,
    BundleFinding,
    Click,
    Listing,
    Place,
    PolicyFacts,
    ReleaseEvidence,
    ReleaseFacts,
    Unfinished,
)
from handlers.release_verification.policy import decide
from handlers.release_verification.section import ReleaseVerification, Signer
from handlers.release_verification.section.values import Kind
from handlers.release_verification.standing import TagStanding
from handlers.release_verification.watching import Seen, Watch
from tests.conftest import Golden

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SAN = "https://github.com/octo/tool/.github/workflows/release.yml@refs/tags/v1.0.0"
ISSUER = "https://token.actions.githubusercontent.com"
SIGNER = ExpectedIdentity(SAN, ISSUER)
SOURCE = PolicySource(".github/hephaestus.yml", "main", CommitSha("c" * 40), "b" * 40)
REPOSITORY = Repository(RepositoryId(1001), "octo", "tool", InstallationId(5))

GOOD = (ClaimCheck("identity", SAN, SAN, ok=True), ClaimCheck("issuer", ISSUER, ISSUER, ok=True))


def bundle(
    code: str, outcome: str = "rejected", *, by_name: bool = False, claims: tuple[ClaimCheck, ...] = ()
) -> BundleFinding:
    wrong = "; ".join(f"{each.claim} differs" for each in claims if not each.ok)
    return BundleFinding(
        source="tool.sigstore.json",
        by_name=by_name,
        outcome=outcome,
        code=code,
        reason=wrong or f"reason of {code}",
        claims=claims,
        trusted_root_sha256="f" * 64,
        kind=Kind.PROVENANCE if outcome == "verified" else None,
        signer=SAN if outcome == "verified" else "",
    )


def asset(name: str, *bundles: BundleFinding, exempt: bool = False) -> AssetFinding:
    return AssetFinding(name, 1234, None if exempt else Sha256Hex("a" * 64), exempt, bundles)


SECTION = ReleaseVerification(signers=(Signer(workflow=".github/workflows/release.yml"),))
VERIFIED = asset("tool-linux.tar.gz", bundle("VERIFIED", "verified", claims=GOOD))
SEEN = Seen(
    id=0,
    name="tool",
    size_bytes=1234,
    recorded=None,
    updated_at=None,
    sha256=Sha256Hex("e" * 64),
    grade=Grade.PROVENANCE_VERIFIED,
    source="tool.sigstore.json",
    at=NOW.replace(hour=9),
)
WATCH = Watch(Verdict.PASS, "", NOW, NOW, (SEEN,), "v1.0.0", CommitSha("3" * 40), NOW.replace(hour=9))
MOVED = ClaimCheck("source_repository_digest", "1" * 40, "2" * 40, ok=False)
SIGNED_AS = ClaimCheck("subject_digest", "a" * 64, "b" * 64, ok=False)
HOSTILE = "@octocat fixes #1 <img src=x>|`evil`\n[x](https://evil.example)\u202e.tar.gz"


def evidence(*assets: AssetFinding) -> ReleaseEvidence:
    return ReleaseEvidence(
        repository=REPOSITORY,
        subject=Subject(AppKey("api.github.com/7"), REPOSITORY.id, SubjectKind.RELEASE, "11"),
        now=NOW,
        since=NOW,
        policy=PolicyFacts(
            configured=True, signers=(SIGNER,), wait_minutes=30, source=SOURCE, section=SECTION
        ),
        release=ReleaseFacts(11, "v1.0.0", draft=False, immutable=False, commit=CommitSha("1" * 40)),
        assets=assets,
    )


CASES = {
    "pass": evidence(VERIFIED, asset("notes.txt", exempt=True)),
    "tampered": evidence(
        VERIFIED, asset("tool", bundle("SUBJECT_MISMATCH", by_name=True, claims=(*GOOD, SIGNED_AS)))
    ),
    "tag_moved": evidence(asset("tool", bundle("TAG_MOVED", claims=(*GOOD, MOVED)))),
    "uncovered": evidence(VERIFIED, asset("extra.zip")),
    "unsupported": evidence(VERIFIED, asset("tool", bundle("UNSUPPORTED_NO_TLOG_GITHUB_TSA", "unsupported"))),
    "verifier_error": evidence(asset("tool", bundle("VERIFIER_ERROR"))),
    "waiting": evidence(),
    "missing": replace(evidence(), now=NOW.replace(hour=13)),
    "hostile_name": evidence(asset(HOSTILE)),
    "two_signers": replace(
        evidence(VERIFIED),
        policy=PolicyFacts(
            configured=True,
            signers=(SIGNER, ExpectedIdentity("someone@example.org", None)),
            source=SOURCE,
            section=SECTION,
        ),
    ),
    "invalid_configuration": replace(
        evidence(VERIFIED),
        policy=PolicyFacts(
            configured=True,
            signers=(SIGNER,),
            source=SOURCE,
            errors=(ConfigError(3, 5, "release_verification.signer", "unknown key"),),
            broken=SOURCE,
            section=SECTION,
        ),
    ),
    "informational": replace(
        evidence(asset("extra.zip")),
        policy=PolicyFacts(
            configured=True, signers=(SIGNER,), source=SOURCE, section=SECTION, is_informational=True
        ),
    ),
    "new_signer": replace(
        evidence(asset("tool", replace(bundle("VERIFIED", "verified", claims=GOOD), is_by_pattern=True))),
        known_signers=(),
        clicks=(Click("signer-0", "mallory", 3, "write"),),
    ),
    "replaced": replace(evidence(asset("tool")), watch=replace(WATCH, commit=None)),
    "moved_after": replace(evidence(VERIFIED, asset("new.zip")), watch=replace(WATCH, seen=())),
    "unreachable": replace(evidence(VERIFIED), standing=TagStanding()),
    "checksums": evidence(
        asset("SHA256SUMS", bundle("VERIFIED", "verified", claims=GOOD)),
        replace(asset("listed"), listings=(Listing("SHA256SUMS", Sha256Hex("a" * 64)),)),
        replace(asset("other"), listings=(Listing("SHA256SUMS", Sha256Hex("b" * 64)),)),
        replace(asset("more.sha256"), unread=("line 1: not a line of a checksum file",)),
    ),
    "unfinished": replace(evidence(), unfinished=Unfinished(3, "the time of one sitting is over", NOW)),
}


BEFORE = replace(evidence(), previous=Place(CommitSha("2" * 40), "v1.0.0"))
UNCONFIGURED = PolicyFacts(configured=False)
WITHDRAWN = {
    "moved": BEFORE,
    "renamed": replace(BEFORE, previous=Place(CommitSha("1" * 40), "@octocat `v0`")),
    "release_gone": replace(BEFORE, release=None, is_deleted=True),
    "release_unseen": replace(BEFORE, release=None),
    "section_gone": replace(BEFORE, release=None, policy=UNCONFIGURED),
}


@pytest.mark.parametrize("name", WITHDRAWN)
def test_what_no_longer_holds_reads_as_agreed(name: str, golden: Golden) -> None:
    check = decide(WITHDRAWN[name]).effects[0]
    assert isinstance(check, PublishCheckRun)
    golden.check(
        f"release_verification/withdrawn_{name}.md",
        f"{check.conclusion}: {check.name}: {check.title}\n\n{check.summary}\n",
    )


@pytest.mark.parametrize("name", CASES)
def test_the_check_run_reads_as_agreed(name: str, golden: Golden) -> None:
    decision = decide(CASES[name])
    (check,) = [effect for effect in decision.effects if isinstance(effect, PublishCheckRun)]
    conclusion = check.conclusion or check.status
    golden.check(
        f"release_verification/{name}.md", f"{conclusion}: {check.title}\n\n{check.summary}\n\n{check.text}\n"
    )


def test_many_assets_are_counted_not_listed_for_ever() -> None:
    decision = decide(evidence(*(asset(f"asset-{number}") for number in range(250))))
    (check,) = [effect for effect in decision.effects if isinstance(effect, PublishCheckRun)]
    assert "… and 50 more assets." in check.summary
    assert check.title == "250 of 250 assets refused: asset-0 (UNCOVERED)"
