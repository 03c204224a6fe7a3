"""What makes a finding the same one after its line moved: tool, rule, file and the line's own text. Pure.

Line numbers are left out. Where the report has no text of the line, the message stands for it, with its numbers left out: tools
write line numbers and counts into messages. Two findings that agree in all this are told apart by how many there are, so the new
ones among them are counted exactly, though not which of them is new. That one was mended while another was written does not show
here: `gates.new_findings` asks the lines of the change.

A fingerprint begins with a hash of the file alone, so that a renamed file's can be told as those of its old name. A place is a
fingerprint with the line behind it: whether a finding is in a change is known without the finding itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from app.domain.findings import Finding

PATH, TEXT, LINE = 5, 8, 3
PRINT = PATH + TEXT
PLACE = PRINT + LINE
LAST_LINE = (1 << 8 * LINE) - 1
NUMBERS = re.compile(r"\d+")
SPACE = re.compile(r"\s+")


def path_print(path: str) -> bytes:
    """The hash of a file as the repository's tree has it."""
    return _hash(path, PATH)


def name_print(path: str) -> bytes:
    """The hash of a file that may be any of this name, in whatever folder."""
    return _hash(f"\0name\0{path.rpartition('/')[2]}", PATH)


NO_FILE = blake2b(b"\0none", digest_size=PATH).digest()
"""Of a finding that names no file."""
ELSEWHERE = blake2b(b"\0elsewhere", digest_size=PATH).digest()
"""Of a finding in a file that is none of the repository's."""


def place(finding: Finding, file: bytes) -> bytes:
    """The fingerprint and the line of a finding, 0 for none; `file` is one of the hashes above."""
    text = SPACE.sub(" ", finding.snippet).strip() or NUMBERS.sub(
        "0", SPACE.sub(" ", finding.message).strip()
    )
    said = _hash(f"{finding.tool}\0{finding.rule}\0{text}", TEXT)
    return file + said + min(finding.line or 0, LAST_LINE).to_bytes(LINE, "big")


def fingerprint(where: bytes) -> bytes:
    """The fingerprint of a place."""
    return where[:PRINT]


def file_of(where: bytes) -> bytes:
    """The hash of the file of a place or a fingerprint."""
    return where[:PATH]


def line_of(where: bytes) -> int | None:
    """The line of a place."""
    return int.from_bytes(where[PRINT:], "big") or None


def moved(value: bytes, renames: Mapping[bytes, bytes]) -> bytes:
    """A fingerprint as it was before its file was renamed; `renames` has hashes of files, old by new."""
    return renames.get(value[:PATH], value[:PATH]) + value[PATH:]


def places_in(value: bytes) -> Iterator[bytes]:
    """The places that were joined in their order."""
    return (value[start : start + PLACE] for start in range(0, len(value), PLACE))


def joined_all(prints: Iterable[bytes]) -> bytes:
    """Fingerprints with their repetitions as one value, sorted."""
    return b"".join(sorted(prints))


def counted(value: bytes) -> Counter[bytes]:
    """How often each fingerprint occurs in what `joined_all` joined."""
    return Counter(value[start : start + PRINT] for start in range(0, len(value), PRINT))


def _hash(text: str, width: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=width).digest()
