"""GitHub's own trusted root, picked out of what `gh attestation trusted-root` prints: one root a line, of both domains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from app.adapters.sigstore.authorities import authorities
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.root_windows import Outline, outline
from app.adapters.sigstore.support import GITHUB
from app.adapters.sigstore.trust import PinnedRoot
from app.domain.ids import Sha256Hex
from app.errors import InvalidInput

MAX_ROOTS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """The roots of a file: GitHub's own, and all others in order."""

    github: tuple[PinnedRoot, ...]
    others: tuple[PinnedRoot, ...]


def split(raw: bytes) -> Found:
    """The roots in a file: one JSON document, whose digest is the file's, or one a line.

    Raises:
        InvalidInput: something in it is no trusted root, or is a mixture of GitHub's own and others.
    """
    github: list[PinnedRoot] = []
    others: list[PinnedRoot] = []
    for document in _documents(raw):
        found = outline(document)
        (github if _is_github(found) else others).append(pinned(document))
    return Found(tuple(github), tuple(others))


def pick(raw: bytes) -> PinnedRoot:
    """GitHub's own root out of a file of roots, proven usable.

    Raises:
        InvalidInput: there is none, or more than one, or it cannot be used; the message names what is there instead.
    """
    found = split(raw)
    if not found.github:
        names = sorted(
            {name or "nobody" for each in found.others for name in outline(each.raw).organizations}
        )
        raise InvalidInput(
            "trust_root.not_github",
            f"no root of {GITHUB}; its authorities are of {', '.join(names)}. Take the output of gh attestation trusted-root",
        )
    if len({each.sha256 for each in found.github}) > 1:
        raise InvalidInput(
            "trust_root.several", f"the file has {len(found.github)} roots of {GITHUB}: keep the newest"
        )
    return require_usable(found.github[0])


def require_usable(root: PinnedRoot) -> PinnedRoot:
    """The root itself, where bundles can be judged by it. Raises InvalidInput."""
    try:
        authorities(root)
    except Refusal as refusal:
        raise InvalidInput("trust_root.unusable", refusal.reason) from refusal
    return root


def pinned(raw: bytes) -> PinnedRoot:
    """A root with its digest."""
    return PinnedRoot(raw, Sha256Hex(sha256(raw).hexdigest()))


def _is_github(found: Outline) -> bool:
    if GITHUB not in found.organizations:
        return False
    if found.organizations != (GITHUB,) or found.has_logs:
        # It would have two kinds of bundles believed by the weaker rule.
        raise InvalidInput(
            "trust_root.mixed",
            f"a root of {GITHUB} has logs or other authorities ({', '.join(found.organizations)}): it is not GitHub's own",
        )
    return True


def _documents(raw: bytes) -> list[bytes]:
    lines = [line.strip() for line in raw.splitlines() if line.strip()]
    if len(lines) > 1 and all(_is_object(line) for line in lines[:MAX_ROOTS]):
        if len(lines) > MAX_ROOTS:
            raise InvalidInput(
                "trust_root.several", f"the file has {len(lines)} roots; {MAX_ROOTS} is the most"
            )
        return lines
    return [raw]


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
