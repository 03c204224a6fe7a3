"""Bodies of log entries of kind `intoto` 0.0.2: whether an entry is about the bundle that carries it.

Without this, any valid entry would do for any bundle (CVE-2022-36056). Source:
https://github.com/sigstore/rekor/blob/main/pkg/types/intoto/v0.0.2/intoto_v0_0_2_schema.json. The envelope's hash in an entry
is of a document that nobody has any more; what was signed, by whom and with which signature is compared instead.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.adapters.sigstore.envelopes import Envelope
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.shape import Shape, decoded
from app.adapters.sigstore.strict_json import parse_object
from app.domain.release_codes import ReleaseCode


def require_about(shape: Shape, certificate: x509.Certificate, envelope: Envelope) -> None:
    """Return only if the log entry names the envelope's payload and type, its signatures, and the certificate.

    Raises:
        Refusal: TAMPERED; INVALID_BUNDLE or DUPLICATE_JSON_KEY for an entry that cannot be read.
    """
    body = parse_object(decoded(shape.entry, "canonicalizedBody"), "the log entry", fold_names=False)
    try:
        content = body["spec"]["content"]
        logged = content["envelope"]
        digest = content["payloadHash"]
        label = (str(body["kind"]), str(body["apiVersion"]))
        signatures = [_signature(each) for each in logged["signatures"]]
        facts = {
            "kind": label == shape.kind,
            "payload": (digest["algorithm"], digest["value"])
            == ("sha256", sha256(envelope.payload).hexdigest()),
            "payload type": logged["payloadType"] == envelope.payload_type,
            "certificate": {key for key, _ in signatures} == {certificate.public_bytes(Encoding.PEM).strip()},
            "signature": [each for _, each in signatures]
            == [b64encode(each) for each in envelope.signatures],
        }
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(ReleaseCode.INVALID_BUNDLE, "the log entry cannot be read") from error
    if wrong := [name for name, is_right in facts.items() if not is_right]:
        raise Refusal(ReleaseCode.TAMPERED, f"the log entry is about another {', '.join(wrong)}")


def _signature(value: Any) -> tuple[bytes, bytes]:  # noqa: ANN401 (JSON of a stranger)
    """The key in PEM and the signature in base64, which the entry encodes a second time."""
    key, signature = (b64decode(value[name], validate=True) for name in ("publicKey", "sig"))
    return key.strip(), signature
