"""The files in an artifact's zip, streamed one after the other and bounded in every direction; nothing is written to disk.

A zip is a stranger's. As a whole it is refused for what an honest tool does not write: two members of one name, paths that lead
out, encryption, overlapping members, other packing than Deflate, packing too tight to be a report, too many or too much.
Links are left out, and archives inside it are given by name only; both are noted.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO, NoReturn

from app.errors import InvalidInput

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_MEMBERS = 2_000
MAX_MEMBER_BYTES = 256 * 1024 * 1024
MAX_TOTAL_BYTES = 1024 * 1024 * 1024
MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
MAX_RATIO = 500
"""Real reports compress by up to 100; a bomb by 1,000 and more."""
SMALL_BYTES = 1024 * 1024
"""Below this no ratio is too much."""
BUFFER_BYTES = 64 * 1024
HEADER_BYTES = 30
MAX_NAME = 300
ENCRYPTED = 0x1
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others give bytes without a limit for a piece, and no artifact of GitHub has them."""
SUFFIXES = (
    ".zip",
    ".jar",
    ".war",
    ".whl",
    ".nupkg",
    ".gz",
    ".tgz",
    ".bz2",
    ".xz",
    ".zst",
    ".7z",
    ".rar",
    ".tar",
)
MAGIC = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
)
TAR = slice(257, 262)
NESTED = "an archive inside the artifact"
END_BYTES = 22
END_MARK = b"PK\x05\x06"
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What zipfile raises for bytes that are no zip (RuntimeError: encrypted; NotImplementedError: unknown features)."""


def members(path: Path, notes: list[str]) -> Iterator[tuple[str, BinaryIO]]:
    """The regular files of the zip: the name as written, and a stream that can be read in pieces and sought, also back to 0.

    A stream is good until the next member is asked for. That of an archive is empty: a build's wheel has a name that a gate may
    ask for, and nobody looks into it. `notes` gets a sentence for each member that is left out or not looked into.

    Raises:
        InvalidInput: `artifact.zip`, here or while a stream is read: the zip is refused as a whole, or is broken.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in _checked(archive, notes):
                if _is_called_archive(entry.filename):
                    yield entry.filename, _nested(entry, notes)
                    continue
                with io.BufferedReader(_Member(archive, entry, archive.open(entry)), BUFFER_BYTES) as stream:
                    nested = is_archive(entry.filename, stream)
                    yield entry.filename, _nested(entry, notes) if nested else stream
    except BROKEN as error:
        _refuse("the artifact is not a zip that can be read", error)


def without_content(path: Path) -> tuple[str, ...]:
    """The regular files of a zip that have no byte, of one that `members` gave to its end; raises as that does."""
    try:
        with zipfile.ZipFile(path) as archive:
            return tuple(
                entry.filename for entry in archive.infolist() if not entry.file_size and not entry.is_dir()
            )
    except BROKEN as error:
        _refuse("the artifact is not a zip that can be read", error)


def is_archive(name: str, stream: BinaryIO) -> bool:
    """Whether a file holds files, by its name or by how it begins; the stream is at its beginning, and stays there."""
    head = stream.read(TAR.stop)
    stream.seek(0)
    return _is_called_archive(name) or head.startswith(MAGIC) or head[TAR] == b"ustar"


def left_out(name: str, why: str) -> str:
    """What is said of a file in an artifact that is not read."""
    return f"{name[:MAX_NAME]} is not read: {why}"


class _Member(io.RawIOBase):
    """A member whose errors are ours: zipfile gives at most the declared size, and checks the CRC at its end.

    Going back means to begin anew: from Python 3.12 on zipfile's own `seek` gives up the CRC of members that are stored.
    """

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: IO[bytes]) -> None:
        self._archive = archive
        self._entry = entry
        self._file = file
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            piece = self._file.read(len(view))
        except BROKEN as error:
            _refuse("a file of the artifact is broken or cut off", error)
        if not piece and view and self._place != self._entry.file_size:
            _refuse("a file of the artifact is shorter than the zip says")
        view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = (
            offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._entry.file_size}[whence]
        )
        if target < self._place:
            self._file.close()
            self._file, self._place = self._archive.open(self._entry), 0
        while self._place < target and self.read(min(BUFFER_BYTES, target - self._place)):
            pass
        return self._place

    def tell(self) -> int:
        return self._place

    def close(self) -> None:
        self._file.close()
        super().close()


def _checked(archive: zipfile.ZipFile, notes: list[str]) -> list[zipfile.ZipInfo]:
    """The entries that are offered; refuses the archive for any that an honest one has not."""
    entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        _refuse(f"the artifact has more than {MAX_MEMBERS} files")
    names = [_path(entry) for entry in entries]
    if len(set(names)) != len(names):
        _refuse("two files of the artifact have one name")
    _check_places(entries, archive.start_dir)
    files: list[zipfile.ZipInfo] = []
    for entry in entries:
        if entry.is_dir():
            continue
        if entry.flag_bits & ENCRYPTED:
            _refuse("a file of the artifact is encrypted")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            notes.append(left_out(entry.filename, "a link, or no regular file"))
        else:
            files.append(entry)
    read = [entry for entry in files if not _is_called_archive(entry.filename)]
    for entry in read:
        _check_size(entry)
    if sum(entry.file_size for entry in read) > MAX_TOTAL_BYTES:
        _refuse(f"the files of the artifact are larger than {MAX_TOTAL_BYTES >> 20} MiB")
    return files


def _path(entry: zipfile.ZipInfo) -> str:
    """Where an extractor on any system would put the member; refuses a place outside."""
    # `filename` ends at a NUL; what other readers see is in `orig_filename`.
    name = entry.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    if "\0" in name or name[1:2] == ":" or path.is_absolute() or ".." in path.parts:
        _refuse("a file of the artifact has a path that leads out of it")
    return str(path)


def _check_places(entries: list[zipfile.ZipInfo], end: int) -> None:
    """Refuses members that share bytes: a small zip could be read for ever (https://www.bamsoftware.com/hacks/zipbomb/)."""
    for entry in sorted(entries, key=lambda entry: entry.header_offset, reverse=True):
        if entry.header_offset + HEADER_BYTES + entry.compress_size > end:
            _refuse("two files of the artifact overlap")
        end = entry.header_offset


def _check_size(entry: zipfile.ZipInfo) -> None:
    if entry.compress_type not in METHODS:
        _refuse("a file of the artifact is packed in a way that is not read")
    if entry.file_size > MAX_MEMBER_BYTES:
        _refuse(f"a file of the artifact is larger than {MAX_MEMBER_BYTES >> 20} MiB")
    if entry.file_size > SMALL_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        _refuse("a file of the artifact is packed too tightly to be a report")


def _check_directory(path: Path) -> None:
    """Refuses a directory of many entries by its size, before all of them are in memory."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - END_BYTES - 0xFFFF))
            tail = file.read()
    except OSError as error:
        _refuse("the artifact cannot be opened", error)
    # As zipfile finds it: at the very end, or before a comment.
    place = len(tail) - END_BYTES if tail[-END_BYTES:].startswith(END_MARK) else tail.rfind(END_MARK)
    if int.from_bytes(tail[max(place, 0) :][12:16], "little") > MAX_DIRECTORY_BYTES:
        _refuse(f"the artifact has more than {MAX_MEMBERS} files, or needlessly long names")


def _is_called_archive(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _nested(entry: zipfile.ZipInfo, notes: list[str]) -> BinaryIO:
    notes.append(left_out(entry.filename, NESTED))
    return io.BytesIO()


def _refuse(why: str, cause: Exception | None = None) -> NoReturn:
    raise InvalidInput("artifact.zip", why) from cause
