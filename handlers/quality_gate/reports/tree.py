"""The repository's files at the commit: what a report calls a file is found among them, or it is not the repository's. Pure.

Reports name files as their tools saw them: below a checkout, a container's folder, a Go module, a source root. One name is the
same file as another where one of them ends with the whole of the other; the longest match counts. Where several files of the
repository end with what a report says, nobody knows which one is meant. What a report names below a folder of code that is
installed is the repository's only where the repository has that folder, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

WORKSPACE = re.compile(r"^(?:/home/runner/work|/Users/runner/work|/__w|[A-Za-z]:/a)/([^/]+)/\1/")
"""Where GitHub's runners check a repository out; reports name files below it absolutely."""


FOREIGN = frozenset({"site-packages", "dist-packages", "node_modules", "vendor", ".venv", "venv"})
"""Folders of code that a project installs and did not write."""
SYSTEM = re.compile(r"^/usr/(?:local/)?(?:include|lib\w*|share)/")
"""Where a system has its own."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where a name leads: a path, or None; `several` are the paths among which it cannot be decided.

    `is_exact`: the name is the path, below the checkout or a source of the report. `cut` is what the name has in front of it.
    """

    path: str | None
    several: tuple[str, ...] = ()
    is_exact: bool = False
    cut: str = ""


class Tree:
    """The paths of a commit, looked up by what reports call them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._paths):
            self._by_name[path.rpartition("/")[2]].append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._paths

    def locate(self, name: str, sources: tuple[str, ...] = ()) -> Located:
        """The file that a report means by `name`, which may lie below one of the report's `sources`."""
        plain = normalised(name)
        for candidate in (plain, *(normalised(f"{source}/{name}") for source in sources)):
            if candidate in self._paths:
                return Located(candidate, is_exact=True)
        called_so = self._by_name.get(plain.rpartition("/")[2], ())
        named = [path for path in called_so if _ends_with(plain, path)]
        if named:  # the report's name is the longer one: the longest path is the nearest
            path = max(named, key=len)
            cut = plain[: -len(path) - 1]
            return Located(None) if FOREIGN & set(cut.split("/")) else Located(path, cut=cut)
        ending = tuple(path for path in called_so if _ends_with(path, plain))
        if len(ending) == 1:
            return Located(ending[0])
        return Located(None, ending)


def normalised(name: str) -> str:
    """A report's path with forward slashes, without the checkout's folder, `.` and leading slashes."""
    text = WORKSPACE.sub("", name.replace("\\", "/").removeprefix("file://"))
    parts = [part for part in text.split("/") if part not in {"", "."}]
    while ".." in parts[1:]:
        at = parts.index("..", 1)
        if parts[at - 1] == "..":
            break
        del parts[at - 1 : at + 1]
    return "/".join(parts)


def is_installed(name: str) -> bool:
    """Whether a report's name is that of a file which was installed, and not written by the project."""
    return bool(FOREIGN & set(normalised(name).split("/"))) or SYSTEM.match(name) is not None


def _ends_with(long: str, short: str) -> bool:
    return long == short or long.endswith(f"/{short}")
