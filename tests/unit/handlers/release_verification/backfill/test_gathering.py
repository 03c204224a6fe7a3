"""The inventory reads releases in sittings, and hashes only what GitHub has no digest of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from app.adapters.sigstore import offline_verifier
from app.domain.events import WokenUp
from app.domain.pulls import FileContent
from app.domain.release import Release
from app.ports.artifacts import Downloads
from app.ports.bundles import BundleVerifier
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from app.ports.records import Records
from app.standin.sigstore import LocalSigstore
from handlers.release_verification.backfill.deciding import decide
from handlers.release_verification.backfill.gathering import gathered
from handlers.release_verification.backfill.models import AssetClass, BackfillEvidence, BackfillState, Level
from handlers.release_verification.section import Backfill
from tests.unit.handlers.release_verification.backfill.items import LONG_AGO, PIN
from tests.unit.handlers.release_verification.backfill.test_deciding import SUBJECT
from tests.unit.handlers.release_verification.published import APP, NAMED, NOW, REPOSITORY, TOOL, Published

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTION = NAMED.model_copy(update={"backfill": Backfill()})


@dataclass
class Past(Published):
    """A repository with one past release for each tag; `blob` is that of the workflow's file."""

    tags: Mapping[int, str] = field(default_factory=lambda: {11: "v1"})
    blob: str | None = PIN.blob_sha
    read: list[int] = field(default_factory=list)

    async def releases(self) -> AsyncIterator[Release]:
        for release_id in self.tags:
            found = await self.release(release_id)
            assert found is not None
            self.read.append(release_id)
            yield found

    async def release(self, release_id: int) -> Release | None:
        found = await super().release(release_id)
        return found and replace(found, tag=self.tags[release_id], published_at=LONG_AGO)

    async def file(self, path: str, ref: str) -> FileContent | None:
        assert (path, len(ref)) == (PIN.workflow, 40)
        return None if self.blob is None else FileContent(path, self.blob, b"")


@pytest.fixture
def verifier(tmp_path: Path) -> BundleVerifier:
    path = tmp_path / "trusted_root.json"
    path.write_bytes(LocalSigstore.create().trusted_root_json())
    return offline_verifier(path)


@pytest.fixture
def past(tmp_path: Path) -> Past:
    found = Past({"tool": TOOL}, section=SECTION, updated_at=LONG_AGO)
    found.folder = tmp_path
    return found


async def evidence(
    past: Past, verifier: BundleVerifier, *words: str, state: BackfillState | None = None
) -> BackfillEvidence:
    reading: Reading[BackfillState] = Reading(
        app_key=APP,
        own_app_id=7,
        subject=SUBJECT,
        repository=REPOSITORY,
        events=tuple(WokenUp(REPOSITORY, "release_backfill", SUBJECT, each) for each in words),
        state=state,
        now=NOW,
        github=cast("GitHubReader", past),
        downloads=cast("Downloads", past),
        policies=past,  # type: ignore[arg-type] # a double of one section, not generic
        bundles=verifier,
        compute=past,
        records=cast("Records", past),
    )
    return await gathered(reading)


async def test_a_digest_that_github_has_recorded_is_not_downloaded(
    past: Past, verifier: BundleVerifier
) -> None:
    found = (await evidence(past, verifier, "inventory")).inventory
    assert found is not None
    (item,) = found.items
    assert (item.stands, item.level, past.downloaded) == (AssetClass.MISSING, Level.E1, [])


async def test_what_github_has_no_digest_of_is_hashed(past: Past, verifier: BundleVerifier) -> None:
    past.recorded["tool"] = None
    found = (await evidence(past, verifier, "inventory")).inventory
    assert found is not None
    (item,) = found.items
    assert (item.level, past.downloaded) == (Level.E0, ["tool"])
    assert item.sha256 is not None


async def test_an_inventory_goes_on_after_the_releases_that_it_has(
    past: Past, verifier: BundleVerifier
) -> None:
    past.tags = {11: "v1", 12: "v2"}
    whole = await evidence(past, verifier, "inventory")
    assert whole.inventory is not None
    assert (whole.inventory.releases, whole.inventory.is_complete) == ((11, 12), True)
    part = replace(whole.inventory, items=whole.inventory.items[:1], releases=(11,), is_complete=False)
    state = decide(replace(whole, inventory=part)).next_state
    again = await evidence(past, verifier, "continue", state=state)
    assert again.inventory == whole.inventory


async def test_a_tag_that_is_gone_or_that_nobody_could_be_tied_to_is_unsupported(
    past: Past, verifier: BundleVerifier
) -> None:
    past.tags = {11: "v*"}
    found = (await evidence(past, verifier, "inventory")).inventory
    assert found is not None
    assert [(each.stands, each.code) for each in found.items] == [(AssetClass.UNSUPPORTED, "TAG")]
    past.commit = None
    found = (await evidence(past, verifier, "inventory")).inventory
    assert found is not None
    assert [each.code for each in found.items] == ["TAG_GONE"]


async def test_a_plan_pins_the_workflow_at_the_default_branch(past: Past, verifier: BundleVerifier) -> None:
    assert (await evidence(past, verifier, "plan")).pin == PIN
    past.blob = None
    assert "is not on main" in (await evidence(past, verifier, "plan")).why_not
    past.section = NAMED
    assert "nobody may backfill" in (await evidence(past, verifier, "plan")).why_not
    past.section = None
    assert "has no section" in (await evidence(past, verifier, "plan")).problem


async def test_what_changed_since_the_plan_is_named_before_a_run(
    past: Past, verifier: BundleVerifier
) -> None:
    listed = decide(await evidence(past, verifier, "inventory")).next_state
    planned = decide(replace(await evidence(past, verifier, "plan", state=listed), state=listed)).next_state
    assert (await evidence(past, verifier, "run", state=planned)).changed == ()
    past.updated_at = NOW
    assert (await evidence(past, verifier, "run", state=planned)).changed == ("v1 tool: it was changed",)
    past.files = {}
    assert (await evidence(past, verifier, "run", state=planned)).changed == ("v1 tool: it is gone",)
    past.files, past.commit = {"tool": TOOL}, None
    assert (await evidence(past, verifier, "run", state=planned)).changed == (
        "v1 tool: the tag names nothing now",
    )
