"""Receipts of verified releases. Functions of an open transaction.

A receipt outlives the evaluation that left it: what was verified is asked about for years after the deliveries are forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, select, tuple_, update

from app.adapters.database.evaluations import coverage, evaluation
from app.adapters.database.inbox import delivery_table
from app.adapters.database.receipt_tables import bundle_table, receipt_table
from app.adapters.database.sharing import insert_if_absent, put
from app.domain.delivery import Delivery
from app.domain.ids import AppKey, RepositoryId, Sha256Hex
from app.domain.receipts import Attachment, KeptReceipt, Receipt, VerifiedSigner
from app.domain.release import Outcome
from app.domain.repo import Subject, SubjectKind
from app.ports.ledger import EvaluationJob

BATCH = 500
THIS_RECEIPT = and_(
    *(column == bindparam(f"of_{column.name}") for column in receipt_table.primary_key.columns)
)
CONFIRM = update(receipt_table).where(THIS_RECEIPT)
KEEP_BUNDLE = insert_if_absent(bundle_table)


def store(connection: Connection, job: EvaluationJob, receipts: Sequence[Receipt], now: datetime) -> None:
    """Keeps what was decided of each asset; what was decided the same before stays, and is said to hold still."""
    known: dict[tuple[int, int, str], str] = {}
    for release_id in {each.release_id for each in receipts}:
        known |= _known(connection, job, release_id)
    bundles: dict[tuple[int, str], dict[str, object]] = {}
    for each in receipts:
        key = _key(job, each)
        if known.get((each.release_id, each.asset_id, each.sha256)) == each.verdict_sha256:
            of_key = {f"of_{name}": value for name, value in key.items()}
            connection.execute(CONFIRM, of_key | {"confirmed_at": now})
            continue
        put(connection, receipt_table, key, _values(job, each, now))
        for attachment in each.attachments:
            content = {"sha256": attachment.sha256, "content": attachment.content}
            bundles[each.release_id, attachment.sha256] = _release_key(job, each.release_id) | content
    if bundles:
        connection.execute(KEEP_BUNDLE[connection.dialect.name], list(bundles.values()))


def _known(connection: Connection, job: EvaluationJob, release_id: int) -> dict[tuple[int, int, str], str]:
    of_release = [receipt_table.c[name] == value for name, value in _release_key(job, release_id).items()]
    rows = connection.execute(
        select(receipt_table.c.asset_id, receipt_table.c.sha256, receipt_table.c.verdict_sha256).where(
            *of_release
        )
    )
    return {(release_id, row.asset_id, row.sha256): row.verdict_sha256 for row in rows}


def _release_key(job: EvaluationJob, release_id: int) -> dict[str, object]:
    subject = job.target.subject
    return {"app_key": subject.app_key, "repository_id": subject.repository_id, "release_id": release_id}


def _key(job: EvaluationJob, receipt: Receipt) -> dict[str, object]:
    return _release_key(job, receipt.release_id) | {"asset_id": receipt.asset_id, "sha256": receipt.sha256}


def _values(job: EvaluationJob, receipt: Receipt, now: datetime) -> dict[str, object]:
    return {
        "repository": job.target.repository.full_name.lower(),
        "tag": receipt.tag,
        "name": receipt.name,
        "outcome": receipt.outcome,
        "code": receipt.code,
        "grade": receipt.grade,
        "signer": receipt.signer,
        "verdict_sha256": receipt.verdict_sha256,
        "decided_at": now,
        "confirmed_at": now,
        "body": receipt.body,
    }


def verified_signers(
    connection: Connection, app_key: AppKey, repository_id: RepositoryId
) -> tuple[VerifiedSigner, ...]:
    """Who signed what counts as verified in a repository, by release."""
    receipt = receipt_table.c
    rows = connection.execute(
        select(receipt.signer, receipt.release_id, receipt.tag)
        .where(
            receipt.app_key == app_key,
            receipt.repository_id == repository_id,
            receipt.outcome == Outcome.VERIFIED.value,
            receipt.signer.is_not(None),
        )
        .distinct()
        .order_by(receipt.release_id, receipt.signer)
    )
    return tuple(VerifiedSigner(row.signer, row.release_id, row.tag) for row in rows)


def of_tag(connection: Connection, repository: str, tag: str) -> tuple[KeptReceipt, ...]:
    """The receipts of the releases of a tag; `repository` is `owner/name` as it was named then. By release and asset."""
    return _kept(connection, receipt_table.c.repository == repository.lower(), receipt_table.c.tag == tag)


def of_delivery(connection: Connection, capability: str, delivery: Delivery) -> tuple[KeptReceipt, ...]:
    """The receipts of the releases that a delivery led to; none where the delivery is forgotten."""
    rows = connection.execute(
        select(evaluation.c.subject_key)
        .join(coverage, coverage.c.evaluation_id == evaluation.c.id)
        .join(delivery_table, delivery_table.c.seq == coverage.c.delivery_seq)
        .where(
            delivery_table.c.app_key == delivery.app_key,
            delivery_table.c.guid == delivery.id,
            evaluation.c.capability == capability,
        )
        .distinct()
    )
    subjects = [Subject.from_key(row.subject_key) for row in rows]
    releases = [
        (each.app_key, each.repository_id, int(each.ident))
        for each in subjects
        if each.kind is SubjectKind.RELEASE
    ]
    receipt = receipt_table.c
    return _kept(
        connection, tuple_(receipt.app_key, receipt.repository_id, receipt.release_id).in_(sorted(releases))
    )


def _kept(connection: Connection, *which: object) -> tuple[KeptReceipt, ...]:
    found = connection.execute(
        select(receipt_table).where(*which).order_by(*receipt_table.primary_key.columns)  # type: ignore[arg-type]  # conditions
    ).all()
    bundles = {
        release: bundles_of(connection, *release)
        for release in {(row.app_key, row.repository_id, row.release_id) for row in found}
    }
    return tuple(
        KeptReceipt(
            AppKey(row.app_key),
            bytes(row.body),
            bundles[row.app_key, row.repository_id, row.release_id],
            row.decided_at,
            row.confirmed_at,
        )
        for row in found
    )


def bundles_of(
    connection: Connection, app_key: str, repository_id: int, release_id: int
) -> tuple[Attachment, ...]:
    """The bundles that were judged for a release, by digest."""
    bundle = bundle_table.c
    rows = connection.execute(
        select(bundle.sha256, bundle.content)
        .where(
            bundle.app_key == app_key, bundle.repository_id == repository_id, bundle.release_id == release_id
        )
        .order_by(bundle.sha256)
    )
    return tuple(Attachment(Sha256Hex(row.sha256), bytes(row.content)) for row in rows)


def prune(connection: Connection, before: datetime) -> int:
    """Forgets up to a batch of receipts that were last decided earlier, and the bundles of releases that have none left."""
    key = tuple_(*receipt_table.primary_key.columns)
    old = receipt_table.c.confirmed_at < before
    some = select(*receipt_table.primary_key.columns).where(old).limit(BATCH)
    gone = connection.execute(delete(receipt_table).where(key.in_(some), old)).rowcount
    if gone:
        release = ("app_key", "repository_id", "release_id")
        left = select(receipt_table.c.asset_id).where(
            *(receipt_table.c[name] == bundle_table.c[name] for name in release)
        )
        connection.execute(delete(bundle_table).where(~left.exists()))
    return gone
