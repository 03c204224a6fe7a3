"""Numbers and texts as few bytes, and back; what is read back is believed in nothing.

A number is written in groups of seven bits, the lowest first (the varints of Protocol Buffers). A body is compressed by zlib and
begins with one byte that names its layout.
"""

from __future__ import annotations

import zlib

from app.errors import InvalidInput

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_NUMBER_BITS = 63
LOW_BITS = 0x7F
MORE = 0x80


class Packer:
    """Gathers values; the same values in the same order give the same bytes."""

    def __init__(self) -> None:
        self._body = bytearray()

    def number(self, value: int) -> None:
        """A number from 0 on."""
        while value > LOW_BITS:
            self._body.append(value & LOW_BITS | MORE)
            value >>= 7
        self._body.append(value)

    def raw(self, value: bytes) -> None:
        """Bytes whose length the reader knows."""
        self._body += value

    def text(self, value: str) -> None:
        """A text with its length."""
        encoded = value.encode()
        self.number(len(encoded))
        self.raw(encoded)

    def packed(self, layout: int) -> bytes:
        """Everything, compressed, behind the number of its layout (0 to 255)."""
        return bytes((layout,)) + zlib.compress(self._body, 9)


class Unpacker:
    """Reads what `Packer` wrote; each method raises `InvalidInput` (`packed.broken`) where the bytes are not that."""

    def __init__(self, packed: bytes, layout: int) -> None:
        if packed[:1] != bytes((layout,)):
            raise broken("they have a layout that is not known")
        inflater = zlib.decompressobj()
        try:
            self._body = inflater.decompress(packed[1:], MAX_BODY_BYTES)
        except zlib.error as error:
            raise broken("they cannot be inflated") from error
        if not inflater.eof or inflater.unused_data:
            raise broken("they are cut off, too large, or followed by others")
        self._at = 0

    def number(self) -> int:
        """The next number."""
        value = shift = 0
        while shift < MAX_NUMBER_BITS:
            group = self.raw(1)[0]
            value |= (group & LOW_BITS) << shift
            if group < MORE:
                return value
            shift += 7
        raise broken("a number is too large")

    def raw(self, length: int) -> bytes:
        """The next bytes, exactly so many."""
        end = self._at + length
        if end > len(self._body):
            raise broken("they end too early")
        piece, self._at = self._body[self._at : end], end
        return piece

    def text(self) -> str:
        """The next text."""
        try:
            return self.raw(self.number()).decode()
        except UnicodeDecodeError as error:
            raise broken("a text is not UTF-8") from error

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._body):
            raise broken("more follows than belongs to them")


def broken(reason: str) -> InvalidInput:
    """The refusal of packed bytes."""
    return InvalidInput("packed.broken", f"packed bytes cannot be read: {reason}")
