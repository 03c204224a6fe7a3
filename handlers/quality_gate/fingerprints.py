"""What makes a finding the same one after its line moved: tool, rule, file and the line's own text. Pure.

Line numbers are left out. Where the report has no text of the line, the message stands for it, with its numbers left out: tools
write line numbers and counts into messages. Two findings that agree in all this are told apart by how many there are, so the new
ones among them are counted exactly, though not which of them is new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from app.domain.findings import Finding
from app.domain.hashes import WIDTH

NUMBERS = re.compile(r"\d+")
SPACE = re.compile(r"\s+")


def fingerprint(finding: Finding, path: str | None) -> bytes:
    """Eight bytes; `path` is the finding's file as the repository's tree has it."""
    text = SPACE.sub(" ", finding.snippet).strip() or NUMBERS.sub(
        "0", SPACE.sub(" ", finding.message).strip()
    )
    parts = "\0".join((finding.tool, finding.rule, path or "", text))
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest()


def joined_all(prints: Iterable[bytes]) -> bytes:
    """Fingerprints with their repetitions as one value, sorted."""
    return b"".join(sorted(prints))


def counted(value: bytes) -> Counter[bytes]:
    """How often each fingerprint occurs in what `joined_all` joined."""
    return Counter(value[start : start + WIDTH] for start in range(0, len(value), WIDTH))
