"""Verify: HMAC-SHA256 over the exact bytes. Pure; SHA-1 does not exist here.

Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

FORM = re.compile(rb"sha256=([0-9a-f]{64})")


def verify(body: bytes | bytearray, header: str, secrets: Sequence[bytes]) -> bool:
    """Whether any active secret signed exactly these bytes; every secret is tried, so that time says nothing.

    `header` is the value of `X-Hub-Signature-256` as it came; anything but `sha256=` and 64 lower-case digits is a no.
    """
    form = FORM.fullmatch(header.encode("utf-8", "surrogateescape"))
    if form is None:
        return False
    given, matched = form[1], False
    for secret in secrets:
        if not secret:
            continue
        expected = hmac.digest(secret, body, hashlib.sha256).hex().encode()
        matched |= hmac.compare_digest(expected, given)
    return matched


def sign(body: bytes, secret: bytes) -> str:
    """The header value that `verify` accepts, for `hephaestus send`."""
    return "sha256=" + hmac.digest(secret, body, hashlib.sha256).hex()
