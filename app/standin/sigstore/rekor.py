"""The transparency logs: Rekor v1 (promise and proof) and Rekor v2 (proof only; time comes from a timestamp).

Checkpoints are signed notes (https://github.com/C2SP/C2SP/blob/main/signed-note.md, tlog-checkpoint.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.standin.sigstore.canonical import JsonValue, b64, canonical
from app.standin.sigstore.merkle import MerkleTree

EARLIER_LEAVES = 40
LATER_LEAVES = 2
ED25519_NOTE = b"\x01"


def _used_tree() -> MerkleTree:
    tree = MerkleTree()
    for _ in range(EARLIER_LEAVES):
        tree.append(secrets.token_bytes(32))
    return tree


def _proven(tree: MerkleTree, body: bytes) -> tuple[int, dict[str, JsonValue]]:
    """Append `body`, let others append after it, and prove it: its index, and the proof without a checkpoint."""
    index = tree.append(body)
    for _ in range(LATER_LEAVES):
        tree.append(secrets.token_bytes(32))
    return index, {
        "logIndex": str(index),
        "rootHash": b64(tree.root()),
        "treeSize": str(tree.size),
        "hashes": [b64(digest) for digest in tree.proof(index)],
    }


def _note(origin: str, tree: MerkleTree) -> str:
    return f"{origin}\n{tree.size}\n{b64(tree.root())}\n"


def _signed_note(text: str, name: str, hint: bytes, signature: bytes) -> str:
    return f"{text}\n\N{EM DASH} {name} {b64(hint[:4] + signature)}\n"


@dataclass(frozen=True, slots=True)
class RekorV1:
    """A log with ECDSA keys that promises inclusion at a time (`integratedTime`)."""

    host: str = "rekor.sigstore.local"
    tree_id: int = 1193050959916656506
    earlier_shards: int = 100_000_000
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    tree: MerkleTree = field(default_factory=_used_tree)

    key_details = "PKIX_ECDSA_P256_SHA_256"

    @property
    def public_key_der(self) -> bytes:
        """The log's SubjectPublicKeyInfo."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def log_id(self) -> bytes:
        """SHA-256 of the public key."""
        return sha256(self.public_key_der).digest()

    def checkpoint(self) -> str:
        """The signed state of the tree now."""
        text = _note(f"{self.host} - {self.tree_id}", self.tree)
        return _signed_note(text, self.host, self.log_id, self._sign(text.encode()))

    def promise(self, body: bytes, integrated_time: int, log_index: int) -> bytes:
        """The signed entry timestamp for an entry with these values."""
        payload: dict[str, JsonValue] = {
            "body": b64(body),
            "integratedTime": integrated_time,
            "logID": self.log_id.hex(),
            "logIndex": log_index,
        }
        return self._sign(canonical(payload))

    def add(self, entry: Mapping[str, JsonValue], at: datetime) -> dict[str, JsonValue]:
        """Log an entry; the `tlogEntries` element of a bundle."""
        body = canonical(entry)
        index, proof = _proven(self.tree, body)
        log_index, integrated_time = self.earlier_shards + index, int(at.timestamp())
        return {
            "logIndex": str(log_index),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": entry["kind"], "version": entry["apiVersion"]},
            "integratedTime": str(integrated_time),
            "inclusionPromise": {"signedEntryTimestamp": b64(self.promise(body, integrated_time, log_index))},
            "inclusionProof": {**proof, "checkpoint": {"envelope": self.checkpoint()}},
            "canonicalizedBody": b64(body),
        }

    def _sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class RekorV2:
    """A log with an Ed25519 key and no promise."""

    host: str = "log2026-1.rekor.sigstore.local"
    key: ed25519.Ed25519PrivateKey = field(default_factory=ed25519.Ed25519PrivateKey.generate)
    tree: MerkleTree = field(default_factory=_used_tree)

    key_details = "PKIX_ED25519"

    @property
    def public_key_der(self) -> bytes:
        """The log's SubjectPublicKeyInfo (44 bytes)."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def log_id(self) -> bytes:
        """The note key id in full: SHA-256 of origin, newline, algorithm and raw key."""
        raw = self.key.public_key().public_bytes_raw()
        return sha256(self.host.encode() + b"\n" + ED25519_NOTE + raw).digest()

    def checkpoint(self) -> str:
        """The signed state of the tree now."""
        text = _note(self.host, self.tree)
        return _signed_note(text, self.host, self.log_id, self.key.sign(text.encode()))

    def add(self, entry: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Log an entry; the `tlogEntries` element of a bundle."""
        body = canonical(entry)
        index, proof = _proven(self.tree, body)
        return {
            "logIndex": str(index),
            "logId": {"keyId": b64(self.log_id)},
            "kindVersion": {"kind": entry["kind"], "version": entry["apiVersion"]},
            "inclusionProof": {**proof, "checkpoint": {"envelope": self.checkpoint()}},
            "canonicalizedBody": b64(body),
        }
