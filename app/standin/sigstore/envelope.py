"""DSSE envelopes and the in-toto statements in them (https://github.com/secure-systems-lab/dsse)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.standin.sigstore.canonical import JsonValue, b64, compact
from app.standin.sigstore.leaf import Signer

IN_TOTO = "application/vnd.in-toto+json"
STATEMENT_V1 = "https://in-toto.io/Statement/v1"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with exactly one signature."""

    payload: bytes
    payload_type: str
    signature: bytes

    def as_json(self) -> dict[str, JsonValue]:
        """The `dsseEnvelope` member of a bundle."""
        return {
            "payload": b64(self.payload),
            "payloadType": self.payload_type,
            "signatures": [{"sig": b64(self.signature)}],
        }


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that a DSSE signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, signer: Signer, payload_type: str = IN_TOTO) -> Envelope:
    """Sign a payload into an envelope."""
    signature = signer.sign(pre_authentication_encoding(payload_type, payload))
    return Envelope(payload, payload_type, signature)


def statement(
    subjects: Sequence[tuple[str, str]], predicate_type: str, predicate: JsonValue, kind: str = STATEMENT_V1
) -> bytes:
    """An in-toto statement about (name, SHA-256 in hex) pairs."""
    return compact(
        {
            "_type": kind,
            "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRelease:
    """What GitHub states about an immutable release; `assets` are (name, SHA-256 in hex) pairs."""

    repository: str
    tag: str
    commit: str
    release_id: int
    repository_id: int
    owner_id: int
    assets: Sequence[tuple[str, str]]

    def statement(self) -> bytes:
        """The statement in GitHub's form: a first subject without a name, then one for each asset."""
        purl = f"pkg:github/{self.repository}@{self.tag}"
        release: list[JsonValue] = [{"uri": purl, "digest": {"sha1": self.commit}}]
        release += [{"name": name, "digest": {"sha256": digest}} for name, digest in self.assets]
        return compact(
            {
                "_type": STATEMENT_V1,
                "subject": release,
                "predicateType": "https://in-toto.io/attestation/release/v0.2",
                "predicate": {
                    "databaseId": str(self.release_id),
                    "ownerId": str(self.owner_id),
                    "packageId": str(self.repository_id),
                    "purl": purl,
                    "repository": self.repository,
                    "repositoryId": str(self.repository_id),
                    "tag": self.tag,
                },
            }
        )
