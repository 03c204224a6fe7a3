"""Only what was found in a release hides it."""

from __future__ import annotations

import pytest

from app.domain.decision import Reason
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.models import AssetFinding, PolicyFacts, ReleaseEvidence, ReleaseFacts
from handlers.release_verification.quarantine_findings import POSITIVE, findings_of
from handlers.release_verification.verdicts import AssetVerdict, Standing
from tests.unit.handlers.release_verification.published import COMMIT, NOW, REPOSITORY, SUBJECT

EVIDENCE = ReleaseEvidence(
    repository=REPOSITORY,
    subject=SUBJECT,
    now=NOW,
    since=NOW,
    policy=PolicyFacts(configured=True),
    release=ReleaseFacts(11, "v1", draft=False, immutable=False, commit=COMMIT),
)


def verdict(code: str, standing: Standing = Standing.REFUSED, digest: str | None = "a" * 64) -> AssetVerdict:
    asset = AssetFinding("tool", 8, digest, exempt=False)  # type: ignore[arg-type]  # a digest like any other
    return AssetVerdict(asset, standing, ReleaseCode(code), "because")


def found(*assets: AssetVerdict, reasons: tuple[Reason, ...] = ()) -> list[str]:
    return [each.code for each in findings_of(EVIDENCE, assets, reasons)]


@pytest.mark.parametrize(
    "code", ["TAMPERED", "IDENTITY", "ISSUER", "SOURCE_REPO", "SOURCE_DIGEST", "CHECKSUM_MISMATCH"]
)
def test_what_was_done_to_an_asset_counts(code: str) -> None:
    assert found(verdict(code)) == [code]


@pytest.mark.parametrize("code", sorted({each.value for each in ReleaseCode} - set(POSITIVE)))
def test_nothing_else_hides_a_release(code: str) -> None:
    assert found(verdict(code)) == []


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.REFUSED}))
def test_only_what_is_rejected_counts(standing: Standing) -> None:
    assert found(verdict("TAMPERED", standing)) == []


def test_an_asset_whose_bytes_were_not_seen_was_not_seen_to_be_changed() -> None:
    assert found(verdict("TAMPERED", digest=None)) == []


def test_a_tag_that_moved_counts_for_the_release_and_its_assets_once() -> None:
    reasons = (Reason("TAG_MOVED", "it names another commit"), Reason("TAMPERED", "tool: because"))
    assert found(verdict("TAMPERED"), reasons=reasons) == ["TAMPERED", "TAG_MOVED"]


def test_other_bytes_or_another_commit_are_another_finding() -> None:
    (one,), (other,) = (findings_of(EVIDENCE, [verdict("TAMPERED", digest=each * 64)], ()) for each in "ab")
    assert one.digest != other.digest
    (moved,) = findings_of(EVIDENCE, (), (Reason("TAG_MOVED", "it names another commit"),))
    assert moved.sha256 == COMMIT
