"""PyPI's attestations made into bundles: the same signature, the same log entry, other names.

Sources: https://peps.python.org/pep-0740/ for the file, https://docs.pypi.org/api/integrity/ for the provenance of a
distribution, which holds several with the publisher that PyPI says they are of; what PyPI says is not signed, and not read.
"""

from __future__ import annotations

from typing import Any

from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.statement import PAYLOAD_TYPE
from app.adapters.sigstore.strict_json import JsonObject
from app.domain.release_codes import ReleaseCode

BUNDLE_V03 = "application/vnd.dev.sigstore.bundle.v0.3+json"
ATTESTATION = {"version", "verification_material", "envelope"}
PROVENANCE = {"version", "attestation_bundles"}
MOST = 32


def is_attestation(document: JsonObject) -> bool:
    """Whether it is one attestation, or the provenance of a distribution."""
    return document.keys() >= ATTESTATION - {"version"} or "attestation_bundles" in document


def bundles(document: JsonObject) -> tuple[JsonObject, ...]:
    """The bundle in an attestation, or in each one of a provenance, at least one.

    Raises:
        Refusal: INVALID_BUNDLE.
    """
    if "attestation_bundles" not in document:
        return (_bundle(document),)
    _require_version(document, PROVENANCE)
    attestations = [
        each
        for group in _list(document, "attestation_bundles")
        for each in _list(_object(group, {"publisher", "attestations"}), "attestations")
    ]
    if not 0 < len(attestations) <= MOST:
        raise _invalid(f"expected 1 to {MOST} attestations, found {len(attestations)}")
    return tuple(_bundle(each) for each in attestations)


def _bundle(value: Any) -> JsonObject:  # noqa: ANN401 (JSON of a stranger)
    attestation = _object(value, ATTESTATION)
    _require_version(attestation, ATTESTATION)
    material = _object(attestation.get("verification_material"), {"certificate", "transparency_entries"})
    envelope = _object(attestation.get("envelope"), {"statement", "signature"})
    return {
        "mediaType": BUNDLE_V03,
        "verificationMaterial": {
            "certificate": {"rawBytes": material.get("certificate")},
            "tlogEntries": material.get("transparency_entries"),
        },
        "dsseEnvelope": {
            "payload": envelope.get("statement"),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": envelope.get("signature")}],
        },
    }


def _require_version(document: JsonObject, known: set[str]) -> None:
    if document.get("version") != 1 or isinstance(document.get("version"), bool) or document.keys() != known:
        raise _invalid("unknown version of a PEP 740 attestation")


def _object(value: Any, known: set[str]) -> JsonObject:  # noqa: ANN401 (JSON of a stranger)
    if not isinstance(value, dict) or not value.keys() <= known:
        raise _invalid(f"expected a JSON object with {', '.join(sorted(known))} in a PEP 740 attestation")
    return value


def _list(holder: JsonObject, key: str) -> list[Any]:
    found = holder.get(key)
    if not isinstance(found, list):
        raise _invalid(f"{key} is not a list")
    return found


def _invalid(reason: str) -> Refusal:
    return Refusal(ReleaseCode.INVALID_BUNDLE, reason)
