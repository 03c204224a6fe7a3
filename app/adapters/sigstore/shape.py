"""The shape of a bundle: what kind it is, before any cryptography, and PEP 740 attestations turned into bundles."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography import x509

from app.adapters.sigstore import pep740
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.strict_json import JsonObject, parse_object
from app.domain.release_codes import ReleaseCode

V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
MEDIA_TYPES = (
    V01,
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    pep740.BUNDLE_V03,
)
KEY_MATERIAL = ("certificate", "x509CertificateChain", "publicKey")
CONTENT = ("messageSignature", "dsseEnvelope")
BYTES = frozenset(
    (
        *("rawBytes", "keyId", "signedEntryTimestamp", "rootHash", "hashes", "canonicalizedBody"),
        *("signedTimestamp", "digest", "signature", "payload", "sig"),
        *("certificate", "statement"),  # of PyPI's attestations
    )
)
"""The members that hold bytes, where they are text."""
BARE_DSSE = {"payload", "payloadType", "signatures"}
COSIGN = {"base64Signature", "rekorBundle"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A bundle whose outline is sound: one kind of key material, one kind of content.

    `certificate` is the leaf; None where a managed key signed. `entry` is the only log entry; None without any. `is_pypi`: it
    was made from an attestation in PyPI's form.
    """

    document: JsonObject
    certificate: x509.Certificate | None
    entry: JsonObject | None
    is_envelope: bool
    is_pypi: bool = False

    @property
    def timestamps(self) -> list[bytes]:
        """The RFC 3161 responses, undecoded."""
        data = self.document["verificationMaterial"].get("timestampVerificationData") or {}
        stamps = data.get("rfc3161Timestamps") if isinstance(data, dict) else data
        if stamps is not None and not isinstance(stamps, list):
            raise _invalid("the timestamps are not a list")
        return [decoded(stamp, "signedTimestamp") for stamp in stamps or []]

    @property
    def kind(self) -> tuple[str, str]:
        """Kind and version of the log entry, as the bundle labels it."""
        label = (self.entry or {}).get("kindVersion")
        if not isinstance(label, dict):
            raise _invalid("the log entry has no kindVersion")
        return str(label.get("kind")), str(label.get("version"))

    @property
    def must_be_complete(self) -> bool:
        """Whether the library must be able to read it, though it may be unable to decide it.

        Not so for managed keys and bundles without a log, which it cannot read, nor for the `intoto` entries of v0.1,
        in which the proof was optional.
        """
        if self.certificate is None or self.entry is None:
            return False
        return not (self.kind[0] == "intoto" and self.document["mediaType"] == V01)


def read(raw: bytes) -> tuple[Shape, ...]:
    """Parse a bundle, or PyPI's attestations, strictly; several only where PyPI's provenance holds several.

    Raises:
        Refusal: INVALID_BUNDLE, DUPLICATE_JSON_KEY, or UNSUPPORTED_BARE_DSSE and UNSUPPORTED_COSIGN_BUNDLE for the two
            older forms that are signatures, but no bundles.
    """
    document = parse_object(raw, "the bundle", fold_names=True, base64=BYTES)
    if pep740.is_attestation(document):
        return tuple(_shape(each, is_pypi=True) for each in pep740.bundles(document))
    return (_shape(document, is_pypi=False),)


def _shape(document: JsonObject, *, is_pypi: bool) -> Shape:
    if document.keys() >= BARE_DSSE:
        raise Refusal(ReleaseCode.UNSUPPORTED_BARE_DSSE, "an envelope without certificate and log entry")
    if document.keys() & COSIGN:
        raise Refusal(ReleaseCode.UNSUPPORTED_COSIGN_BUNDLE, "cosign's own format of before Sigstore bundles")
    if document.get("mediaType") not in MEDIA_TYPES:
        raise _invalid(f"unknown media type {str(document.get('mediaType'))[:80]!r}")
    material = document.get("verificationMaterial")
    if not isinstance(material, dict):
        raise _invalid("the bundle has no verificationMaterial")
    key_material = _only(material, KEY_MATERIAL)
    content = _only(document, CONTENT)
    certificate, entry = _leaf(material, key_material), _entry(material)
    if certificate is not None and entry is None:
        _require_readable(certificate)
    return Shape(document, certificate, entry, content == "dsseEnvelope", is_pypi)


def require_known_members(shape: Shape) -> None:
    """Return only for a bundle without a member that we do not know; of the others the library sees to it.

    Raises:
        Refusal: INVALID_BUNDLE.
    """
    document = shape.document
    material, envelope = document["verificationMaterial"], document.get("dsseEnvelope")
    _require_known(document, {"mediaType", "verificationMaterial", *CONTENT})
    _require_known(material, {*KEY_MATERIAL, "tlogEntries", "timestampVerificationData"})
    for certificate in _certificates(material):
        _require_known(certificate, {"rawBytes"})
    stamps = material.get("timestampVerificationData")
    _require_known(stamps, {"rfc3161Timestamps"})
    for stamp in _list(stamps, "rfc3161Timestamps"):
        _require_known(stamp, {"signedTimestamp"})
    _require_known(envelope, BARE_DSSE)
    for signature in _list(envelope, "signatures"):
        _require_known(signature, {"sig", "keyid"})


def _certificates(material: JsonObject) -> list[Any]:
    chain = material.get("x509CertificateChain")
    _require_known(chain, {"certificates"})
    return [material.get("certificate"), *_list(chain, "certificates")]


def _list(holder: Any, key: str) -> list[Any]:  # noqa: ANN401 (JSON of a stranger)
    found = holder.get(key) if isinstance(holder, dict) else None
    return found if isinstance(found, list) else []


def _require_known(holder: Any, known: set[str]) -> None:  # noqa: ANN401 (JSON of a stranger)
    if isinstance(holder, dict) and (unknown := sorted(holder.keys() - known)):
        raise _invalid(f"unknown member {unknown[0][:64]!r}")


def dumps(document: JsonObject) -> bytes:
    """The document for the library: exactly what we parsed, not the bytes a stranger sent."""
    return msgspec.json.encode(document)


def decoded(parent: Any, key: str) -> bytes:  # noqa: ANN401 (JSON of a stranger)
    """The bytes of a base64 member."""
    value = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(value, str):
        raise _invalid(f"{key} is missing")
    try:
        return b64decode(value, validate=True)
    except ValueError as error:
        raise _invalid(f"{key} is not base64") from error


def _only(parent: JsonObject, keys: tuple[str, ...]) -> str:
    present = [key for key in keys if parent.get(key) is not None]
    if len(present) != 1:
        raise _invalid(f"expected exactly one of {', '.join(keys)}, found {len(present)}")
    return present[0]


def _leaf(material: JsonObject, key_material: str) -> x509.Certificate | None:
    holder = material[key_material]
    if key_material == "publicKey":
        hint = holder.get("hint") if isinstance(holder, dict) else None
        if not isinstance(hint, str) or not hint:
            raise _invalid("the bundle has neither a certificate nor the hint of a key")
        return None
    if key_material == "x509CertificateChain":
        chain = holder.get("certificates") if isinstance(holder, dict) else None
        if not isinstance(chain, list) or not chain:
            raise _invalid("the certificate chain is empty")
        holder = chain[0]
    try:
        certificate = x509.load_der_x509_certificate(decoded(holder, "rawBytes"))
    except ValueError as error:
        raise _invalid("the certificate cannot be read") from error
    return certificate


def _require_readable(certificate: x509.Certificate) -> None:
    """Notices what is malformed, which is parsed on first use only; the library does the same for those that it judges."""
    try:
        _ = certificate.extensions, certificate.issuer, certificate.subject
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise _invalid("the certificate cannot be read") from error


def _entry(material: JsonObject) -> JsonObject | None:
    entries = material.get("tlogEntries")
    if entries is None or entries == []:
        return None
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise _invalid("expected exactly one log entry")
    entry: JsonObject = entries[0]
    return entry


def _invalid(reason: str) -> Refusal:
    return Refusal(ReleaseCode.INVALID_BUNDLE, reason)
