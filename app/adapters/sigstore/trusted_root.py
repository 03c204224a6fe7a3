"""Trusted roots: read from a file or from the installed library, pinned by SHA-256, never from a cache.

The library's own offline mode trusts `~/.cache` without checking it (measured: another root put there was believed).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.adapters.sigstore.library import LibraryVerifier
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shared_root import SharedRoot
from app.adapters.sigstore.trust import PinnedRoot
from app.domain.ids import Sha256Hex
from app.domain.release_codes import ReleaseCode
from app.errors import InvalidInput

MAX_BYTES = 4 * 1024 * 1024

EMBEDDED = {
    "production": "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev",
    "staging": "https%3A%2F%2Ftuf-repo-cdn.sigstage.dev",
}
"""Folders of the roots inside the package `sigstore`."""

PINS = {
    "production": frozenset({"6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66"}),
    "staging": frozenset({"81f5af777952d2c3955062ad56924c05ca916b5d49f3a0bce945faa475a8b1cc"}),
}
"""What we have reviewed: the embedded roots of sigstore 4.5.1. A newer package with another root needs a new pin."""

REVIEWED_AT = datetime(2026, 11, 23, tzinfo=UTC)
"""When the pins were last compared with what Sigstore publishes."""


def load(source: str | Path = "production", pin: str | None = None) -> PinnedRoot:
    """Read a trusted root: `production`, `staging` or a file; `pin` is the SHA-256 it must have.

    Raises:
        InvalidInput: unreadable, or not what was pinned.
    """
    name = str(source)
    if name in EMBEDDED:
        raw = files("sigstore").joinpath("_store", EMBEDDED[name], "trusted_root.json").read_bytes()
    else:
        raw = read_file(Path(source))
    digest = Sha256Hex(sha256(raw).hexdigest())
    pins = PINS.get(name, frozenset({digest})) if pin is None else frozenset({pin.lower()})
    if digest not in pins:
        raise InvalidInput(
            "trust_root.pin",
            f"the trusted root {name} has the SHA-256 {digest}, which is not pinned: review it and set its digest",
        )
    return PinnedRoot(raw, digest)


@lru_cache(maxsize=64)
def verifier(root: PinnedRoot) -> LibraryVerifier:
    """The library's verifier for a root; it holds no state, so threads may share it.

    Raises:
        Refusal: TRUST_ROOT where the library cannot use this root (GitHub's own has no logs).
    """
    try:
        # The public way in is a file; a private one of our own holds exactly the bytes that were pinned.
        with NamedTemporaryFile(prefix="trusted-root-", suffix=".json") as file:
            file.write(root.raw)
            file.flush()
            return LibraryVerifier(trusted_root=SharedRoot.from_file(file.name))
    except Exception as error:
        raise Refusal(
            ReleaseCode.TRUST_ROOT,
            f"the trusted root cannot be used: {type(error).__name__}: {str(error)[:200]}",
        ) from error


def read_file(path: Path) -> bytes:
    """The bytes of a root's file. Raises InvalidInput where it cannot be read, or is larger than 4 MiB."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            "trust_root.unreadable", f"cannot read the trusted root {path}: {error.strerror}"
        ) from error
    if len(raw) > MAX_BYTES:
        raise InvalidInput("trust_root.too_large", f"the trusted root {path} has more than {MAX_BYTES} bytes")
    return raw
