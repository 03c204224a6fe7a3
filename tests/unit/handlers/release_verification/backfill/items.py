"""Items of an inventory, and what is planned for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.ids import CommitSha, InstallationId, RepositoryId, Sha256Hex
from app.domain.repo import Repository
from handlers.release_verification.backfill.models import AssetClass, Inventory, Item, Level, Pin, Plan
from handlers.release_verification.backfill.planning import plan_of
from handlers.release_verification.section import Backfill

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = datetime(2024, 3, 1, tzinfo=UTC)
REPOSITORY = Repository(RepositoryId(1001), "octo", "tool", InstallationId(5), owner_id=2002)
COMMIT, HEAD = CommitSha("1" * 40), CommitSha("9" * 40)
DIGEST = Sha256Hex("a" * 64)
PIN = Pin(".github/workflows/sigstore-backfill.yml", "main", "b" * 40)
MISSING = Item(
    release_id=11,
    tag="v1",
    commit=COMMIT,
    immutable=False,
    published_at=LONG_AGO,
    asset_id=5,
    name="tool.tar.gz",
    size_bytes=3,
    recorded=DIGEST,
    sha256=DIGEST,
    updated_at=LONG_AGO,
    uploader="maker",
    stands=AssetClass.MISSING,
    code="UNCOVERED",
    reason="no bundle and no attestation is about these bytes",
    level=Level.E1,
)


def inventory(*items: Item) -> Inventory:
    """A complete one."""
    return Inventory(NOW, items, (11,), is_complete=True)


def planned(*items: Item, policy: Backfill | None = None) -> Plan:
    """The plan for these assets, by the default policy unless another is given."""
    return plan_of(REPOSITORY, inventory(*items), policy or Backfill(), PIN, NOW)


def several(count: int) -> tuple[Item, ...]:
    """So many assets that have nothing."""
    return tuple(replace(MISSING, asset_id=number, name=f"{number}.bin") for number in range(1, count + 1))
