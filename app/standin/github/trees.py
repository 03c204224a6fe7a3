"""Git trees as flat paths: list them, find an entry, build a changed tree from an old one."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dulwich.object_store import BaseObjectStore
from dulwich.objects import ObjectID, Tree

Change = tuple[int, str] | None
"""What a path becomes: (mode, object sha), or nothing."""

DIRECTORY = stat.S_IFDIR
FILE = 0o100644
EXECUTABLE = 0o100755
SYMLINK = 0o120000
SUBMODULE = 0o160000
KINDS = {DIRECTORY: "tree", SUBMODULE: "commit"}


class PathConflict(Exception):
    """A path is at once a file and a directory, or is not a path git accepts (`..`, `.git`, empty parts)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree; `path` is relative to where the listing began."""

    path: str
    mode: int
    sha: str

    @property
    def type(self) -> str:
        """`blob`, `tree` or `commit` (a submodule)."""
        return KINDS.get(self.mode, "blob")


def load(store: BaseObjectStore, sha: str) -> Tree:
    """The tree of that sha. Raises: KeyError when there is none (or the sha is another kind of object)."""
    found = store[ObjectID(sha.encode())]
    if not isinstance(found, Tree):
        raise KeyError(sha)
    return found


def entries(
    store: BaseObjectStore, sha: str, *, recursive: bool = False, prefix: str = ""
) -> Iterator[Entry]:
    """The entries in git's order; recursive ones follow their directory."""
    for item in load(store, sha).items():
        entry = Entry(prefix + item.path.decode("utf-8", "surrogateescape"), item.mode, item.sha.decode())
        yield entry
        if recursive and entry.type == "tree":
            yield from entries(store, entry.sha, recursive=True, prefix=f"{entry.path}/")


def find(store: BaseObjectStore, sha: str, path: str) -> Entry | None:
    """The entry at a path below a tree; the empty path is the tree itself."""
    here = Entry("", DIRECTORY, sha)
    for part in [p for p in path.split("/") if p]:
        if here.type != "tree":
            return None
        tree = load(store, here.sha)
        try:
            mode, found = tree[part.encode("utf-8", "surrogateescape")]
        except KeyError:
            return None
        here = Entry(f"{here.path}/{part}".lstrip("/"), mode, found.decode())
    return here


def edit(store: BaseObjectStore, sha: str | None, changes: Mapping[str, Change]) -> str | None:
    """A tree with the changes made to the old one (None: to nothing); None when nothing is left of it.

    Raises: PathConflict.
    """
    tree = load(store, sha).copy() if sha else Tree()
    assert isinstance(tree, Tree)  # noqa: S101 -- `copy` is typed as any object
    below: dict[str, dict[str, Change]] = {}
    for path, change in changes.items():
        name, _, rest = path.partition("/")
        if name.lower() in {"", ".", "..", ".git"}:
            raise PathConflict(path)
        if rest:
            below.setdefault(name, {})[rest] = change
        else:
            _put(tree, name, change)
    for name, inner in below.items():
        if changes.get(name) is not None:
            raise PathConflict(name)
        _put(tree, name, _edit_below(store, tree, name, inner))
    if not len(tree):
        return None
    store.add_object(tree)
    return tree.id.decode()


def _edit_below(store: BaseObjectStore, tree: Tree, name: str, changes: Mapping[str, Change]) -> Change:
    old: str | None = None
    if name.encode() in tree:
        mode, found = tree[name.encode()]
        old = found.decode() if mode == DIRECTORY else None
    new = edit(store, old, changes)
    return None if new is None else (DIRECTORY, new)


def _put(tree: Tree, name: str, change: Change) -> None:
    key = name.encode("utf-8", "surrogateescape")
    if change is not None:
        tree.add(key, change[0], ObjectID(change[1].encode()))
    elif key in tree:
        del tree[key]
