"""DER by hand: the few types that a timestamp token and a certificate extension need (X.690)."""

from __future__ import annotations

from datetime import UTC, datetime

SEQUENCE, SET = 0x30, 0x31
INTEGER, OCTET_STRING, OBJECT_ID, UTF8_STRING = 0x02, 0x04, 0x06, 0x0C
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
LONG_FORM = 0x80


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER value: tag, definite length, the parts joined."""
    body = b"".join(parts)
    if len(body) < LONG_FORM:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, LONG_FORM | len(length)]) + length + body


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of encoded values."""
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """A SET OF, sorted by encoding as DER wants it."""
    return tlv(SET, *sorted(parts))


def tagged(number: int, *parts: bytes) -> bytes:
    """A constructed, context-specific value `[number]`."""
    return tlv(0xA0 | number, *parts)


def integer(value: int) -> bytes:
    """A non-negative INTEGER, with the leading zero byte that keeps it non-negative."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(OCTET_STRING, value)


def utf8(value: str) -> bytes:
    """A UTF8String."""
    return tlv(UTF8_STRING, value.encode())


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OBJECT_ID, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def algorithm(dotted: str) -> bytes:
    """An AlgorithmIdentifier without parameters."""
    return sequence(oid(dotted))


def utc_time(at: datetime) -> bytes:
    """A UTCTime in whole seconds."""
    return tlv(UTC_TIME, at.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(at: datetime) -> bytes:
    """A GeneralizedTime in whole seconds."""
    return tlv(GENERALIZED_TIME, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(0x80 | (arc & 0x7F))
    return bytes(reversed(digits))
