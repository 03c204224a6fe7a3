"""Checksum files: which file they say has which SHA-256. Pure; their bytes are a stranger's.

Understood are `SHA256SUMS` as coreutils writes it (text and binary), the lines of BSD and OpenSSL, GoReleaser's `checksums.txt`,
and a bare digest in `<file>.sha256`. What is not understood counts for nothing and is named. A listing proves nothing by
itself: it counts only where the checksum file was signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.ids import Sha256Hex
from app.errors import InvalidInput

MAX_BYTES = 1024 * 1024
MAX_LINES = 10_000
MAX_LINE = 1_000
SHOWN_PROBLEMS = 5
SHOWN_CHARS = 80
NAMES = re.compile(
    r"(?:.*[._-])?(?:(?:sha\d{1,3}|md5)sums?|checksums?)(?:[._-][a-z0-9]{1,20})?|.+\.(?:sha\d{1,3}|md5)(?:sums?)?(?:\.txt)?",
    re.IGNORECASE,
)
GNU = re.compile(r"(?P<digest>[0-9A-Fa-f]{32,128}) [ *](?P<name>.+)")
TAGGED = re.compile(
    r"(?P<algorithm>[A-Za-z0-9-]{2,12}) ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9A-Fa-f]{32,128})"
)
BARE = re.compile(r"(?P<digest>[0-9A-Fa-f]{32,128})")
PLAIN_NAME = re.compile(r"[^/\\\x00-\x1f\x7f]{1,255}")
SUFFIX = re.compile(r"\.(?:sha\d{1,3}|md5)(?:sums?)?(?:\.txt)?$", re.IGNORECASE)
SHA256_DIGITS = 64
ALGORITHMS = {32: "MD5", 40: "SHA-1", 56: "SHA-224", SHA256_DIGITS: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
IS_SHA256 = frozenset({"sha256", "sha2-256"})


@dataclass(frozen=True, slots=True)
class Checksums:
    """What a file lists, by file name; `problems` are sentences about what in it counts for nothing."""

    listed: tuple[tuple[str, Sha256Hex], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    digest: str
    algorithm: str


def is_checksum_file(name: str) -> bool:
    """Whether an asset's name is that of a list of digests."""
    return NAMES.fullmatch(name) is not None


def read_checksums(name: str, raw: bytes) -> Checksums:
    """What the file of this name says.

    Raises:
        InvalidInput: `checksums.unreadable`: it is larger than 1 MiB, has more than 10,000 lines, or is not UTF-8.
    """
    lines = _lines(raw)
    found: dict[str, Sha256Hex] = {}
    problems: dict[str, None] = {}
    contradicted: set[str] = set()
    for number, text in enumerate(lines, start=1):
        if not text.strip() or text.startswith("#"):
            continue
        line = _read(text, name, is_alone=len(lines) == 1)
        if isinstance(line, str):
            problems[f"line {number}: {line}"] = None
            continue
        digest = Sha256Hex(line.digest.lower())
        if found.setdefault(line.name, digest) != digest:
            contradicted.add(line.name)
            problems[f"line {number}: {_shown(line.name)} has two digests"] = None
    kept = tuple((each, digest) for each, digest in found.items() if each not in contradicted)
    return Checksums(kept, tuple(problems)[:SHOWN_PROBLEMS])


def _lines(raw: bytes) -> list[str]:
    if len(raw) > MAX_BYTES:
        raise InvalidInput("checksums.unreadable", f"a checksum file has at most {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidInput("checksums.unreadable", "the checksum file is not UTF-8") from exc
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    if len(lines) > MAX_LINES:
        raise InvalidInput("checksums.unreadable", f"a checksum file has at most {MAX_LINES} lines")
    return lines


def _read(text: str, file_name: str, *, is_alone: bool) -> _Line | str:
    """The line, or why it counts for nothing."""
    line = _shaped(text, file_name, is_alone=is_alone) if len(text) <= MAX_LINE else None
    if line is None:
        return "not a line of a checksum file"
    if line.algorithm != "SHA-256":
        return f"{_shown(line.name)} is listed by {line.algorithm}, and only SHA-256 counts"
    if PLAIN_NAME.fullmatch(line.name) is None or line.name in {".", ".."}:
        return f"{_shown(line.name)} is a path, not the name of an asset"
    return line


def _shaped(text: str, file_name: str, *, is_alone: bool) -> _Line | None:
    if tagged := TAGGED.fullmatch(text):
        said = tagged["algorithm"].lower()
        by_length = ALGORITHMS.get(len(tagged["digest"]))
        is_sha256 = said in IS_SHA256 and by_length == "SHA-256"
        return _Line(_name(tagged["name"]), tagged["digest"], "SHA-256" if is_sha256 else said.upper())
    if gnu := GNU.fullmatch(text):
        algorithm = ALGORITHMS.get(len(gnu["digest"]))
        return None if algorithm is None else _Line(_name(gnu["name"]), gnu["digest"], algorithm)
    bare = BARE.fullmatch(text.strip())
    if bare is None or not is_alone or SUFFIX.search(file_name) is None:
        return None
    algorithm = ALGORITHMS.get(len(bare["digest"]))
    return None if algorithm is None else _Line(SUFFIX.sub("", file_name), bare["digest"], algorithm)


def _name(name: str) -> str:
    """As it is written, but for `./`, which says nothing."""
    return name.removeprefix("./")


def _shown(name: str) -> str:
    return repr(name[:SHOWN_CHARS])
