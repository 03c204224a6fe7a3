"""The verdict in the release's notes: only where the policy asks for it, and only what is settled."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.sigstore import offline_verifier
from app.domain.effects import MarkNotes
from app.standin.sigstore import LocalSigstore
from handlers.release_verification.section import ReleaseVerification, Signer
from tests.unit.handlers.release_verification.published import (
    COMMIT,
    NOW,
    OTHER,
    Outcome,
    Published,
    signed,
)

SIGNER = Signer(workflow=".github/workflows/release.yml")
ASKED = ReleaseVerification(signers=(SIGNER,), mark_notes=True)


@pytest.fixture(scope="module")
def sigstore() -> LocalSigstore:
    return LocalSigstore.create(NOW - timedelta(minutes=5))


@pytest.fixture
def outcome(sigstore: LocalSigstore, tmp_path: Path) -> Outcome:
    path = tmp_path / "trusted_root.json"
    path.write_bytes(sigstore.trusted_root_json())
    return Outcome(offline_verifier(path), tmp_path)


async def marks(outcome: Outcome, published: Published) -> list[MarkNotes]:
    decision = await outcome.of(published)
    return [effect for effect in decision.effects if isinstance(effect, MarkNotes)]


async def test_a_verdict_is_written_for_the_tag_and_its_commit(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore)
    published.section = ASKED
    (good,) = await marks(outcome, published)
    assert (good.release_id, good.tag) == (11, "v1.0.0")
    assert "every asset has the evidence" in good.text
    assert f"`{COMMIT}`" in good.text
    assert "The least grade is `provenance-verified`." in good.text
    published.files["extra"] = OTHER
    (bad,) = await marks(outcome, published)
    assert "not every asset has the evidence" in bad.text
    assert "grade" not in bad.text


async def test_nothing_is_written_where_nobody_asked_or_nothing_is_settled(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    assert await marks(outcome, signed(sigstore)) == []
    assert await marks(outcome, Published(section=ASKED)) == []


async def test_nothing_is_written_while_a_quarantine_may_edit_the_release(
    sigstore: LocalSigstore, outcome: Outcome
) -> None:
    published = signed(sigstore)
    published.section = ReleaseVerification(signers=(SIGNER,), mark_notes=True, quarantine="on")
    assert await marks(outcome, published) == []
