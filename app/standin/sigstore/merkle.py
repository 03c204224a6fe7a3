"""An append-only Merkle tree with inclusion proofs (RFC 6962 section 2.1)."""

from __future__ import annotations

from hashlib import sha256


class MerkleTree:
    """Leaves in order; complete subtrees are remembered, so a proof costs a few hashes."""

    def __init__(self) -> None:
        self._leaves: list[bytes] = []
        self._complete: dict[tuple[int, int], bytes] = {}

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._leaves)

    def append(self, body: bytes) -> int:
        """Add a leaf; its index."""
        self._leaves.append(sha256(b"\x00" + body).digest())
        return len(self._leaves) - 1

    def root(self) -> bytes:
        """The root hash of all leaves."""
        return self._hash(0, self.size)

    def proof(self, index: int) -> list[bytes]:
        """The hashes that lead from leaf `index` to the root, lowest level first."""
        return self._path(index, 0, self.size)

    def _path(self, index: int, start: int, count: int) -> list[bytes]:
        if count == 1:
            return []
        left = _split(count)
        if index < left:
            return [*self._path(index, start, left), self._hash(start + left, count - left)]
        return [*self._path(index - left, start + left, count - left), self._hash(start, left)]

    def _hash(self, start: int, count: int) -> bytes:
        if count == 1:
            return self._leaves[start]
        if (known := self._complete.get((start, count))) is not None:
            return known
        left = _split(count)
        both = self._hash(start, left) + self._hash(start + left, count - left)
        digest = sha256(b"\x01" + both).digest()
        if count & (count - 1) == 0:
            self._complete[start, count] = digest
        return digest


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
