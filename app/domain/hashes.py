"""Sets of names as sorted 8-byte hashes: which are new or gone is seen without keeping the names."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

WIDTH = 8


def name_hash(name: str) -> bytes:
    """The hash of one name; 64 bits: two of a million names share one with a chance of 1 in 37 million."""
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest()


def joined(hashes: Iterable[bytes]) -> bytes:
    """Distinct hashes, sorted, as one value."""
    return b"".join(sorted(set(hashes)))


def apart(value: bytes) -> frozenset[bytes]:
    """The hashes that `joined` joined."""
    return frozenset(value[start : start + WIDTH] for start in range(0, len(value), WIDTH))
