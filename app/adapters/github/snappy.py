"""Snappy blocks, as GitHub stores bundles since 2026-07 (`application/x-snappy`)."""

from __future__ import annotations

import cramjam

from app.errors import InvalidInput

_VARINT_BYTES = 5


def decode(data: bytes, max_bytes: int) -> bytes:
    """The plain bytes of one block; its declared size is checked before anything is allocated.

    Raises InvalidInput `download.too_large` or `download.unreadable`.
    """
    declared = declared_size(data)
    if declared > max_bytes:
        raise InvalidInput(
            "download.too_large", f"a bundle says that it unpacks to {declared} bytes, over {max_bytes}"
        )
    try:
        plain = bytes(cramjam.snappy.decompress_raw(data))
    except cramjam.DecompressionError as exc:
        raise InvalidInput("download.unreadable", "a bundle is not a valid snappy block") from exc
    if len(plain) != declared:
        raise InvalidInput("download.unreadable", "a bundle does not unpack to the size it declares")
    return plain


def declared_size(data: bytes) -> int:
    """The size that a block declares in front, a little-endian base-128 number of at most 32 bits."""
    size = 0
    for position, byte in enumerate(data[:_VARINT_BYTES]):
        size |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:  # noqa: PLR2004 -- the continuation bit
            return size
    raise InvalidInput("download.unreadable", "a bundle is not a snappy block")
