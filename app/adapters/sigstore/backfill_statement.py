"""The attestation of an asset after its release: to which releases it says that the bytes were attached.

Its signer signs for many releases. Without this, bytes of an old release could be put into another one, and still be covered.
The form is that of `manifests/workflows/sigstore-backfill.yml`.
"""

from __future__ import annotations

from app.adapters.sigstore.statement import Statement
from app.domain.ids import Sha256Hex
from app.domain.release import ClaimCheck, ExpectedAttachment

SHOWN = 3


def check_attachment(statement: Statement, expected: ExpectedAttachment, sha256: Sha256Hex) -> ClaimCheck:
    """Whether the statement says that these bytes were attached to the release, at the commit of its tag."""
    listed = statement.predicate.get("assets")
    entries = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    found = [
        _shown(each.get("release_id"), each.get("tag_commit"))
        for each in entries
        if each.get("sha256") == sha256
    ]
    wanted = _shown(expected.release_id, expected.commit)
    ok = wanted in found
    actual = wanted if ok else ", ".join(found[:SHOWN]) or None
    return ClaimCheck("backfilled_release", wanted, actual, ok=ok)


def _shown(release_id: object, commit: object) -> str:
    number = release_id if isinstance(release_id, int) and not isinstance(release_id, bool) else "?"
    return f"{number} at {commit if isinstance(commit, str) else '?'}"
