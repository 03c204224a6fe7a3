"""Large bytes from GitHub, streamed to disk and hashed on the way."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.domain.ci import Artifact
from app.domain.ids import Sha256Hex
from app.domain.release import Asset, Attestation


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded file; the path is valid inside the `async with` that gave it."""

    path: Path
    size_bytes: int
    sha256: Sha256Hex


class Downloads(Protocol):
    """Downloads of one repository; the token never leaves GitHub's own origin.

    Every method may raise `TransientError`, `AccessDenied`, `NotFound`, `Gone` (expired) or `InvalidInput`
    (`download.too_large`, `download.size_mismatch`).
    """

    def artifact(self, artifact: Artifact, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """The zip of an artifact."""
        ...

    def job_log(self, job_id: int, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """The plain-text log of a job."""
        ...

    def asset(self, asset: Asset, max_bytes: int) -> AbstractAsyncContextManager[Download]:
        """The bytes of a release asset."""
        ...

    async def bundle(self, attestation: Attestation, max_bytes: int) -> bytes:
        """The JSON of an attestation's bundle, fetched without a token and snappy-decoded where needed."""
        ...
