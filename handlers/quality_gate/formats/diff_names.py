"""What the headers of a diff say of a file: its names, quoted or not, and what happened to it besides its lines."""

from __future__ import annotations

import re

from app.errors import InvalidInput

QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
QUOTED_AT_END = re.compile(r' "((?:[^"\\]|\\.)*)"\Z')
ESCAPE = re.compile(r'\\([abtnvfr"\\]|[0-3][0-7]{2})')
ESCAPED = dict(zip('abtnvfr"\\', '\a\b\t\n\v\f\r"\\', strict=True))
INDEX = re.compile(r"index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})")
BINARY = re.compile(r"(?:Binary files|Files) (.+) and (.+) differ\Z")
ONLY = re.compile(r"Only in (.+?): (.+)\Z")
NOWHERE = "/dev/null"
PREFIXES = frozenset({"ab", "ba", "iw", "wi", "ci", "ic", "cw", "wc", "ow", "wo", "12", "21"})
"""First letters of the folders that git puts before the old and the new name (`diff.mnemonicPrefix`, `--no-index`, `-R`)."""
EMPTY_BLOBS = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""What git calls an empty file, by SHA-1 and by SHA-256."""
MAX_NAME = 1000


class GitHeader:
    """The lines from `diff --git` to the first hunk.

    `lacks_lines` says that the content changed, so hunks must follow; `hides_lines` that they may have been left out on purpose
    (`--irreversible-delete`).
    """

    def __init__(self, line: str) -> None:
        self.is_new = self.is_deleted = self.is_binary = False
        self.lacks_lines = self.hides_lines = False
        self._moved_from: str | None = None
        self._moved_to: str | None = None
        self._rest = line.removeprefix("diff --git ").removesuffix("\r")

    def read(self, line: str) -> None:
        """Takes in one line; a line that says nothing about the file is passed over."""
        line = line.removesuffix("\r")
        if found := INDEX.match(line):
            self._index(found[1], found[2])
        elif line.startswith("new file mode "):
            self.is_new = True
        elif line.startswith("deleted file mode "):
            self.is_deleted = True
        elif line.startswith(("rename from ", "copy from ")):
            self._moved_from = _name(line.split(" from ", 1)[1])
            self.is_new |= line.startswith("copy")
        elif line.startswith(("rename to ", "copy to ")):
            self._moved_to = _name(line.split(" to ", 1)[1])
        elif line.startswith(("Binary files ", "GIT binary patch")):
            self.is_binary, self.lacks_lines = True, False

    def names(self, lines: tuple[str | None, str | None] | None) -> tuple[str, str]:
        """The old name and the new one, the same twice where it did not change; `lines` are those of `---` and `+++`."""
        if self._moved_from is not None and self._moved_to is not None:
            return self._moved_from, self._moved_to
        old, new = lines or _git_names(self._rest)[0] or (None, None)
        if old is None and new is None:
            raise InvalidInput("report.not_diff", "a file has no name that can be read")
        return old or new or "", new or old or ""

    def is_prefixed(self) -> bool:
        """Whether git put a folder before each name."""
        return _git_names(self._rest)[1]

    def _index(self, old: str, new: str) -> None:
        if self.is_new or self.is_deleted:
            blob = old if self.is_deleted else new
            changed = not any(each.startswith(blob) for each in EMPTY_BLOBS)
        else:
            changed = old != new
        self.lacks_lines = changed and not self.is_deleted
        self.hides_lines = changed and self.is_deleted


def header_names(old: str, new: str, git: GitHeader | None = None) -> tuple[str | None, str | None]:
    """The names of the lines `---` and `+++`, None for `/dev/null`; `git` is the header before them where there is one."""
    first, second = _name(old[4:].removesuffix("\r")), _name(new[4:].removesuffix("\r"))
    if NOWHERE in {first, second}:
        strips = git.is_prefixed() if git else (first if second == NOWHERE else second)[:2] in {"a/", "b/"}
    else:
        strips = _has_prefixes(first, second)
    cut = 2 if strips else 0
    found = (
        None if first == NOWHERE else first[cut:],
        None if second == NOWHERE else second[cut:],
    )
    if not any(found):
        raise InvalidInput("report.not_diff", "a file has no name that can be read")
    return found


def plain_names(line: str) -> str | None:
    """The file of a line by which diff(1) says that it shows no lines of it, or None."""
    line = line.removesuffix("\r")
    if found := BINARY.match(line):
        old, new = header_names(f"--- {found[1]}", f"+++ {found[2]}")
        return new or old
    if found := ONLY.match(line):
        return _name(f"{found[1]}/{found[2]}")
    return None


def _git_names(rest: str) -> tuple[tuple[str | None, str | None] | None, bool]:
    """Both names where they can be told apart, and whether they have git's folders before them."""
    left, right = _halves(rest)
    if left is None or right is None:
        # Only a rename is left, whose own lines name both files.
        return None, any(rest.startswith(f"{pair[0]}/") and f" {pair[1]}/" in rest for pair in PREFIXES)
    prefixed = _has_prefixes(left, right)
    cut = 2 if prefixed else 0
    return (left[cut:], right[cut:]), prefixed


def _halves(rest: str) -> tuple[str | None, str | None]:
    if quoted := QUOTED.match(rest):
        return _name(quoted[0]), _name(rest[quoted.end() + 1 :])
    if quoted := QUOTED_AT_END.search(rest):
        return _name(rest[: quoted.start()]), _name(quoted[0][1:])
    # Names are not quoted for blanks alone: they are told apart only where they are the same but for the folder.
    middle = len(rest) // 2
    left, right = rest[:middle], rest[middle + 1 :]
    if rest[middle : middle + 1] == " " and (
        left == right or (left[2:] == right[2:] and _has_prefixes(left, right))
    ):
        return _name(left), _name(right)
    return None, None


def _has_prefixes(old: str, new: str) -> bool:
    return old[1:2] == new[1:2] == "/" and old[:1] + new[:1] in PREFIXES


def _name(written: str) -> str:
    """A name as it is written, of one character a byte: unquoted, without what follows a tab, as text."""
    if written.isascii() and written.isprintable() and len(written) <= MAX_NAME and written[:1] != '"':
        return written
    quoted = QUOTED.match(written)
    raw = ESCAPE.sub(_unescaped, quoted[1]) if quoted else written.split("\t", 1)[0]
    if len(raw) > MAX_NAME:
        # Cut, it would be another file's name.
        raise InvalidInput("report.not_diff", f"a file's name is longer than {MAX_NAME} bytes")
    return raw.encode("latin-1", "replace").decode("utf-8", "replace")


def _unescaped(found: re.Match[str]) -> str:
    return ESCAPED.get(found[1]) or chr(int(found[1], 8))
