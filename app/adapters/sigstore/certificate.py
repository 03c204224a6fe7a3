"""What a signing certificate says about its holder.

Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md. Extensions .1 to .6 carry bare UTF-8 and are
deprecated in favour of .8 and later, which carry a DER UTF8String.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography import x509

ARC = "1.3.6.1.4.1.57264.1"
LAST_BARE = 6
OTHER_NAME = 7
ISSUER_V1, ISSUER_V2 = 1, 8

CLAIMS = {
    "build_signer_uri": 9,
    "build_signer_digest": 10,
    "runner_environment": 11,
    "source_repository_uri": 12,
    "source_repository_digest": 13,
    "source_repository_ref": 14,
    "source_repository_id": 15,
    "source_repository_owner_uri": 16,
    "source_repository_owner_id": 17,
    "build_config_uri": 18,
    "build_config_digest": 19,
    "build_trigger": 20,
    "run_invocation_uri": 21,
    "source_repository_visibility": 22,
    "workflow_name": 4,
    # The deprecated extensions, for certificates of 2022 and early 2023, which have no others.
    "trigger": 2,
    "sha": 3,
    "repository": 5,
    "ref": 6,
}

ARCS = {x509.ObjectIdentifier(f"{ARC}.{arc}"): arc for arc in {*CLAIMS.values(), ISSUER_V1, ISSUER_V2}}
UTF8_STRING = 0x0C
LONG_FORM = 0x80


Values = Mapping[int, bytes]
"""The extensions of Fulcio's arc by their last number, undecoded."""


def values(certificate: x509.Certificate) -> Values:
    """What the functions below read; once for all of them, as a policy asks for many."""
    return {ARCS[each.oid]: each.value.public_bytes() for each in certificate.extensions if each.oid in ARCS}


def claim(found: Values, name: str) -> str | None:
    """The value of a claim of `CLAIMS`; None where the certificate lacks it or it cannot be read."""
    return _text(found, CLAIMS[name])


def claims(found: Values) -> tuple[tuple[str, str], ...]:
    """Every claim of `CLAIMS` that the certificate has, as (name, value)."""
    texts = ((name, _text(found, arc)) for name, arc in CLAIMS.items())
    return tuple((name, text) for name, text in texts if text is not None)


def issuer(found: Values) -> str | None:
    """Who vouched for the identity; None without such a claim.

    Where both the old and the new extension are present and disagree, both are shown, which equals no issuer.
    """
    old, new = _text(found, ISSUER_V1), _text(found, ISSUER_V2)
    if old is not None and new is not None and old != new:
        return f"{old} and {new}"
    return new if new is not None else old


def has_issuer(found: Values) -> bool:
    """Whether any issuer extension is there, readable or not."""
    return bool(found.keys() & {ISSUER_V1, ISSUER_V2})


def identities(certificate: x509.Certificate) -> list[str]:
    """The subject alternative names: URIs, e-mail addresses and Fulcio user names."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    found = list(names.get_values_for_type(x509.UniformResourceIdentifier))
    found += names.get_values_for_type(x509.RFC822Name)
    for other in names.get_values_for_type(x509.OtherName):
        if other.type_id.dotted_string == f"{ARC}.{OTHER_NAME}" and (text := _utf8_string(other.value)):
            found.append(text)
    return found


def organization(name: x509.Name) -> str:
    """The organisation of a distinguished name, empty without one."""
    values = name.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    return str(values[0].value) if values else ""


def _text(found: Values, arc: int) -> str | None:
    raw = found.get(arc)
    if raw is None:
        return None
    if arc > LAST_BARE:
        return _utf8_string(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def _utf8_string(raw: bytes) -> str | None:
    """The text of a DER UTF8String that fills `raw`; None for anything else."""
    if len(raw) < 2 or raw[0] != UTF8_STRING:  # noqa: PLR2004 (tag and length)
        return None
    length, start = raw[1], 2
    if length >= LONG_FORM:
        start += length - LONG_FORM
        length = int.from_bytes(raw[2:start], "big")
    if len(raw) != start + length:
        return None
    try:
        return raw[start:].decode()
    except UnicodeDecodeError:
        return None
