from __future__ import annotations

from hashlib import sha256

from app.domain.ids import Sha256Hex
from app.domain.release import ExpectedIdentity, VerificationRequest
from handlers.release_verification.receipts.asked import Asked

BUNDLE = b"bundle"


def test_with_the_bytes_of_the_bundle_the_same_is_asked_again() -> None:
    expected = ExpectedIdentity("https://github.com/a/b", "issuer", (("build_trigger", "push"),))
    request = VerificationRequest(BUNDLE, Sha256Hex("a" * 64), expected, "tool", "b" * 128)
    asked = Asked.of(request, Sha256Hex(sha256(BUNDLE).hexdigest()))
    assert asked.of_bundle(BUNDLE) == request
