"""What a verifier is given to believe: the bytes of trusted roots, each pinned by its digest."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ids import Sha256Hex


@dataclass(frozen=True, slots=True)
class PinnedRoot:
    """The bytes of a trusted root and their digest, which every verdict records."""

    raw: bytes
    sha256: Sha256Hex


@dataclass(frozen=True, slots=True)
class TrustedRoots:
    """The root of the public-good instance, or one of its kind, and GitHub's own, which has no logs.

    Without `github`, what was signed under it cannot be decided.
    """

    public_good: PinnedRoot
    github: PinnedRoot | None = None
