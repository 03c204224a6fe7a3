"""The library's trusted root, with its key rings built once for many verifications."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sigstore.models import TrustedRoot

if TYPE_CHECKING:  # the types of public methods, which the library keeps in a private module
    from sigstore._internal.trust import CertificateAuthority, CTKeyring, KeyringPurpose, RekorKeyring
    from sigstore_models.trustroot.v1 import TrustedRoot as Document

T = TypeVar("T")
KEPT_S = 60.0


class SharedRoot(TrustedRoot):
    """Answers as `TrustedRoot` does, which parses every key again for each verification (measured: a tenth of its time).

    What it builds is only read, so threads may share it. It is built anew each minute, since keys become valid with time.
    """

    def __init__(self, inner: Document) -> None:
        super().__init__(inner)
        self._kept: dict[str, tuple[float, object]] = {}

    def rekor_keyring(self, purpose: KeyringPurpose) -> RekorKeyring:
        """The keys of the transparency logs."""
        return self._once(f"rekor {purpose}", lambda: super(SharedRoot, self).rekor_keyring(purpose))

    def ct_keyring(self, purpose: KeyringPurpose) -> CTKeyring:
        """The keys of the certificate logs."""
        return self._once(f"ct {purpose}", lambda: super(SharedRoot, self).ct_keyring(purpose))

    def get_timestamp_authorities(self) -> list[CertificateAuthority]:
        """Who may sign timestamps."""
        return self._once("timestamps", super().get_timestamp_authorities)

    def _once(self, what: str, build: Callable[[], T]) -> T:
        now = time.monotonic()
        kept = self._kept.get(what)
        if kept is not None and now - kept[0] < KEPT_S:
            return kept[1]  # type: ignore[return-value]  # what `build` returned for this name
        built = build()
        self._kept[what] = (now, built)
        return built
