"""Trusted roots: the file that tells a verifier whom to believe (`sigstore_trustroot.proto`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from app.standin.sigstore.canonical import JsonValue, b64, compact

MEDIA_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"


def transparency_log(
    url: str, public_key_der: bytes, key_details: str, log_id: bytes, since: datetime
) -> JsonValue:
    """An element of `tlogs` or `ctlogs`."""
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": b64(public_key_der),
            "keyDetails": key_details,
            "validFor": {"start": _time(since)},
        },
        "logId": {"keyId": b64(log_id)},
    }


def authority(url: str, chain: Sequence[x509.Certificate], since: datetime) -> JsonValue:
    """An element of `certificateAuthorities` or `timestampAuthorities`; the chain's root comes last."""
    anchor = chain[-1].subject
    return {
        "subject": {
            "organization": _attribute(anchor, NameOID.ORGANIZATION_NAME),
            "commonName": _attribute(anchor, NameOID.COMMON_NAME),
        },
        "uri": url,
        "certChain": {"certificates": [{"rawBytes": b64(each.public_bytes(Encoding.DER))} for each in chain]},
        "validFor": {"start": _time(since)},
    }


def trusted_root(
    *,
    tlogs: Sequence[JsonValue] = (),
    ctlogs: Sequence[JsonValue] = (),
    certificate_authorities: Sequence[JsonValue],
    timestamp_authorities: Sequence[JsonValue],
) -> bytes:
    """The trusted root file; without logs (GitHub's own root) the members `tlogs` and `ctlogs` are absent."""
    root: dict[str, JsonValue] = {"mediaType": MEDIA_TYPE}
    if tlogs:
        root["tlogs"] = tlogs
    root["certificateAuthorities"] = certificate_authorities
    if ctlogs:
        root["ctlogs"] = ctlogs
    root["timestampAuthorities"] = timestamp_authorities
    return compact(root)


def _attribute(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return str(name.get_attributes_for_oid(oid)[0].value)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
