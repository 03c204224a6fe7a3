"""Trusted roots as tests mint them: GitHub's own kind and the public kind."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from app.adapters.sigstore.github_root import pinned
from app.adapters.sigstore.trust import PinnedRoot
from app.adapters.sigstore.trusted_root import load
from app.standin.sigstore.github_root import GitHubRoot

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=300)


@cache
def github(since: datetime = SINCE) -> bytes:
    """A root of GitHub's own kind; another one for another time."""
    return GitHubRoot.create(since).trusted_root_json(since)


@cache
def public() -> bytes:
    """The public-good root of the installed library."""
    return load().raw


def both() -> bytes:
    """One root a line, as `gh attestation trusted-root` prints them."""
    return b"\n".join(json.dumps(json.loads(each)).encode() for each in (public(), github())) + b"\n"


def changed(raw: bytes, **members: Any) -> bytes:  # noqa: ANN401 (JSON)
    """A root with other members; None leaves one out."""
    document = {**json.loads(raw), **members}
    return json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def root(raw: bytes | None = None) -> PinnedRoot:
    """Bytes with their digest."""
    return pinned(raw if raw is not None else github())
