"""The class of an asset of a past release, how well its bytes are known, and what speaks against signing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.decision import Verdict
from app.domain.ids import Sha256Hex
from app.domain.release import Asset, Grade, Release
from app.domain.release_codes import ReleaseCode
from handlers.release_verification.backfill.classes import item_of, unread_item
from handlers.release_verification.backfill.models import AssetClass, Item, Level
from handlers.release_verification.models import AssetFinding, BundleFinding, Listing, ReleaseState
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.values import Kind
from handlers.release_verification.verdicts import AssetVerdict, Standing
from handlers.release_verification.watching import Seen, Watch
from tests.unit.handlers.release_verification.backfill.items import COMMIT, DIGEST, HEAD, LONG_AGO, NOW

ASSET = Asset(5, "tool.tar.gz", 3, DIGEST, "uploaded", LONG_AGO, uploader="maker")
RELEASE = Release(
    id=11,
    tag="v1",
    name="",
    draft=False,
    prerelease=False,
    immutable=False,
    target_commitish="main",
    assets=(ASSET,),
    url="",
    published_at=LONG_AGO,
)
FINDING = AssetFinding("tool.tar.gz", 3, DIGEST, exempt=False, id=5, recorded=DIGEST)
UNCOVERED = AssetVerdict(FINDING, Standing.REFUSED, ReleaseCode.UNCOVERED, "nothing is about these bytes")
REJECTED = BundleFinding(
    source="attestation 1",
    by_name=False,
    outcome="rejected",
    code="IDENTITY",
    reason="no",
    claims=(),
    trusted_root_sha256=None,
)
REVOKED = replace(REJECTED, code="REVOKED")
ATTESTED = replace(REJECTED, outcome="verified", code="VERIFIED", kind=Kind.RELEASE_ATTESTATION)
OTHER = Sha256Hex("c" * 64)


def item(
    verdict: AssetVerdict = UNCOVERED,
    asset: Asset = ASSET,
    release: Release = RELEASE,
    gate: ReleaseState | None = None,
) -> Item:
    return item_of(release, COMMIT, asset, verdict, ReleaseVerification(), gate)


def with_bundles(*bundles: BundleFinding) -> AssetVerdict:
    return replace(UNCOVERED, asset=replace(FINDING, bundles=bundles))


@pytest.mark.parametrize(
    ("verdict", "stands"),
    [
        (UNCOVERED, AssetClass.MISSING),
        (with_bundles(ATTESTED), AssetClass.MISSING),
        (with_bundles(REJECTED), AssetClass.PRESENT_INVALID),
        (replace(with_bundles(REJECTED, REVOKED), code=ReleaseCode.REVOKED), AssetClass.MISSING),
        (replace(UNCOVERED, code=ReleaseCode.TAMPERED), AssetClass.PRESENT_INVALID),
        (replace(UNCOVERED, standing=Standing.GOOD), AssetClass.VERIFIED),
        (replace(UNCOVERED, standing=Standing.EXEMPT), AssetClass.EXEMPT),
        (replace(UNCOVERED, standing=Standing.UNDECIDED), AssetClass.UNSUPPORTED),
    ],
)
def test_what_does_not_hold_is_never_called_missing(verdict: AssetVerdict, stands: AssetClass) -> None:
    assert item(verdict).stands is stands


def test_what_can_never_be_judged_is_unsupported() -> None:
    found = unread_item(RELEASE, None, ASSET, "TAG_GONE", "the tag is gone")
    assert (found.stands, found.code, found.grade) == (AssetClass.UNSUPPORTED, "TAG_GONE", Grade.UNSIGNED)


@pytest.mark.parametrize(
    ("asset", "release", "verdict", "level"),
    [
        (ASSET, RELEASE, UNCOVERED, Level.E1),
        (ASSET, RELEASE, with_bundles(ATTESTED), Level.E2),
        (ASSET, RELEASE, replace(UNCOVERED, listed_in="SHA256SUMS"), Level.E2),
        (replace(ASSET, sha256=None), RELEASE, UNCOVERED, Level.E0),
        (ASSET, replace(RELEASE, published_at=None), UNCOVERED, Level.E0),
        (replace(ASSET, updated_at=LONG_AGO + timedelta(hours=1)), RELEASE, UNCOVERED, Level.E0),
    ],
)
def test_the_level_says_how_well_the_bytes_are_known(
    asset: Asset, release: Release, verdict: AssetVerdict, level: Level
) -> None:
    assert item(verdict, asset, release).level is level


def test_assets_may_arrive_as_long_after_the_publication_as_those_of_a_new_release() -> None:
    assert item(asset=replace(ASSET, updated_at=LONG_AGO + timedelta(minutes=29))).doubts == ()
    late = item(asset=replace(ASSET, updated_at=LONG_AGO + timedelta(minutes=31)))
    assert [each.code for each in late.doubts] == ["CHANGED_AFTER_PUBLICATION"]


def test_a_checksum_file_that_says_otherwise_speaks_against_signing_even_unsigned() -> None:
    listed = replace(FINDING, listings=(Listing("SHA256SUMS", OTHER), Listing("sums.txt", DIGEST)))
    found = item(replace(UNCOVERED, asset=listed))
    assert [each.code for each in found.doubts] == ["CHECKSUM_MISMATCH"]


def test_what_the_gate_saw_before_speaks_against_a_moved_tag_and_replaced_bytes() -> None:
    seen = Seen(5, "tool.tar.gz", 3, OTHER, LONG_AGO, OTHER, Grade.PROVENANCE_VERIFIED, "a.json", LONG_AGO)
    watch = Watch(Verdict.PASS, "", LONG_AGO, LONG_AGO, (seen,), "v1", HEAD, passed_at=LONG_AGO)
    known = ReleaseState(NOW, HEAD, "v1", watch=watch)
    assert [each.code for each in item(gate=known).doubts] == ["TAG_MOVED", "REPLACED_AFTER_VERDICT"]
    unpassed = ReleaseState(NOW, HEAD, "v1", watch=replace(watch, passed_at=None))
    assert item(gate=unpassed).doubts == ()
