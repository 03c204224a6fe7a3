"""Receipts of releases are kept with the plan and outlive it; on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import pytest

from app.adapters.database import receipts
from app.adapters.database.connection import Database
from app.adapters.database.ledger import SqlLedger
from app.adapters.database.memories import SqlRecords
from app.domain.decision import Verdict
from app.domain.ids import AppKey, RepositoryId, Sha256Hex
from app.domain.receipts import Attachment, KeptReceipt, Receipt, VerifiedSigner
from app.domain.repo import Subject, SubjectKind, Target
from app.ports.handler import Lane
from app.ports.ledger import Plan, Routed
from app.testing.clock import FrozenClock
from tests.contract.database.given import KEY, NOW, REPOSITORY, delivery, received, started

CAPABILITY = "release_verification"
SIGNER = "https://github.com/forge/anvil/.github/workflows/release.yml@refs/tags/v1"
BUNDLE = Attachment(Sha256Hex(sha256(b"bundle").hexdigest()), b"bundle")
LATER = NOW + timedelta(days=2)


def digest(text: str) -> Sha256Hex:
    return Sha256Hex(sha256(text.encode()).hexdigest())


RECEIPT = Receipt(
    release_id=7,
    tag="v1",
    asset_id=70,
    name="tool",
    sha256=digest("tool"),
    outcome="verified",
    code="VERIFIED",
    grade="provenance-verified",
    signer=SIGNER,
    verdict_sha256=digest("verified"),
    body=b'{"asset":"tool"}',
    attachments=(BUNDLE,),
)


class Releases:
    """A ledger in which releases are decided."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, FrozenClock(NOW)
        self.ledger = SqlLedger(database, self.clock)
        self.records = SqlRecords(database, self.clock, KEY, REPOSITORY)

    async def decided(self, *left: Receipt, guid: str = "d1", at: datetime = NOW) -> None:
        self.clock.advance(at - self.clock.now())
        subject = Subject(KEY, REPOSITORY.id, SubjectKind.RELEASE, str(left[0].release_id))
        await received(self.ledger, guid, [Routed(CAPABILITY, Lane.GATE, Target(subject, REPOSITORY))], at)
        (job,) = await started(self.ledger, at)
        await self.ledger.commit_plan(job, Plan(Verdict.PASS, (), b"{}", None, (), receipts=left))
        await self.ledger.finish(job, at)

    async def of_tag(self, tag: str = "v1") -> tuple[KeptReceipt, ...]:
        return await self.database.read(lambda c: receipts.of_tag(c, REPOSITORY.full_name, tag))


@pytest.fixture
def releases(database: Database) -> Releases:
    return Releases(database)


async def test_a_receipt_is_read_back_with_the_bundles_of_its_release(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    assert await releases.of_tag() == (KeptReceipt(KEY, RECEIPT.body, (BUNDLE,), NOW, NOW),)


async def test_the_name_of_a_repository_is_found_in_any_case(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    found = await releases.database.read(lambda c: receipts.of_tag(c, "Forge/ANVIL", "v1"))
    assert [each.body for each in found] == [RECEIPT.body]


async def test_the_same_verdict_again_only_says_that_it_still_holds(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    await releases.decided(replace(RECEIPT, body=b'{"other":"bytes"}'), guid="d2", at=LATER)
    assert await releases.of_tag() == (KeptReceipt(KEY, RECEIPT.body, (BUNDLE,), NOW, LATER),)


async def test_another_verdict_takes_its_place(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    changed = replace(RECEIPT, outcome="rejected", verdict_sha256=digest("rejected"), body=b"{}")
    await releases.decided(changed, guid="d2", at=LATER)
    assert [(each.body, each.decided_at) for each in await releases.of_tag()] == [(b"{}", LATER)]


async def test_other_bytes_under_the_same_name_have_a_receipt_of_their_own(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    await releases.decided(
        replace(RECEIPT, asset_id=71, sha256=digest("new"), body=b"{}"), guid="d2", at=LATER
    )
    assert len(await releases.of_tag()) == 2


async def test_a_delivery_leads_to_the_receipts_of_its_release(releases: Releases) -> None:
    await releases.decided(RECEIPT, replace(RECEIPT, asset_id=71, body=b"{}"))
    await releases.decided(replace(RECEIPT, release_id=8, tag="v2"), guid="d2")
    found = await releases.database.read(lambda c: receipts.of_delivery(c, CAPABILITY, delivery("d1")))
    assert [each.body for each in found] == [RECEIPT.body, b"{}"]


async def test_a_delivery_that_led_to_no_release_leads_to_no_receipt(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    found = await releases.database.read(lambda c: receipts.of_delivery(c, "quality_gate", delivery("d1")))
    assert found == ()


async def test_who_signed_what_is_verified_is_known(releases: Releases) -> None:
    await releases.decided(RECEIPT, replace(RECEIPT, asset_id=71))
    await releases.decided(replace(RECEIPT, release_id=8, tag="v2"), guid="d2")
    expected = (VerifiedSigner(SIGNER, 7, "v1"), VerifiedSigner(SIGNER, 8, "v2"))
    assert await releases.records.verified_signers() == expected


async def test_who_signed_what_is_not_verified_any_more_is_no_known_signer(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    gone = replace(RECEIPT, outcome="rejected", verdict_sha256=digest("rejected"))
    await releases.decided(gone, guid="d2", at=LATER)
    assert await releases.records.verified_signers() == ()


async def test_signers_of_another_repository_or_app_are_not_told(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    database, clock = releases.database, releases.clock
    neighbour = SqlRecords(database, clock, KEY, replace(REPOSITORY, id=RepositoryId(2)))
    other_app = SqlRecords(database, clock, AppKey("api.github.com/2"), REPOSITORY)
    assert await neighbour.verified_signers() == ()
    assert await other_app.verified_signers() == ()


async def test_receipts_outlive_their_deliveries_and_evaluations(releases: Releases) -> None:
    await releases.decided(RECEIPT)
    await releases.ledger.prune(NOW + timedelta(days=60))
    assert len(await releases.of_tag()) == 1


async def test_a_receipt_that_no_longer_holds_is_forgotten_in_its_time_with_its_bundles(
    releases: Releases,
) -> None:
    await releases.decided(RECEIPT)
    await releases.decided(replace(RECEIPT, release_id=8, tag="v2"), guid="d2", at=LATER)
    assert await releases.ledger.prune_receipts(LATER) == 1
    assert await releases.of_tag() == ()
    (left,) = await releases.of_tag("v2")
    assert left.attachments == (BUNDLE,)
