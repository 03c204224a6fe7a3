"""One bare git repository: refs, objects and history, through dulwich; what needs a diff or a merge asks git itself.

Everything that the stand-in answers about contents, commits or pull requests comes from here, so that two
endpoints can never disagree.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dulwich.errors import RefFormatError
from dulwich.graph import find_merge_base
from dulwich.objects import Blob, Commit, ObjectID, Tag, Tree
from dulwich.refs import Ref, SymrefLoop
from dulwich.repo import Repo
from dulwich.walk import Walker

from app.standin.github import git_setup, trees

ZERO = "0" * 40
HEX_SHA_LENGTH = 40
SHORTEST_SHA = 7
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
OBJECT_KINDS: dict[str, type[Blob | Tree | Commit | Tag]] = {
    "blob": Blob,
    "tree": Tree,
    "commit": Commit,
    "tag": Tag,
}


class RefRefused(Exception):
    """A ref cannot be written: the name is no ref name, or it moved meanwhile."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a commit, and when (UTC)."""

    name: str
    email: str
    at: datetime

    @property
    def ident(self) -> bytes:
        """`Name <email>` with the characters taken out that git forbids."""
        name, email = ("".join(c for c in text if c not in "<>\n\0") for text in (self.name, self.email))
        return f"{name} <{email}>".encode()


class GitStore:
    """A bare repository on disk, opened on first use; `close` lets go of its files, and it may be used again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._repo: Repo | None = None

    @classmethod
    def create(cls, path: Path, default_branch: str) -> GitStore:
        """A new empty bare repository that may be fetched from and pushed to over HTTP."""
        store = cls(path)
        store._repo = git_setup.create(path, default_branch)
        return store

    @property
    def repo(self) -> Repo:
        """The open dulwich repository."""
        if self._repo is None:
            self._repo = Repo(str(self.path))
        return self._repo

    def close(self) -> None:
        """Closes pack files and the like."""
        if self._repo is not None:
            self._repo.close()
            self._repo = None

    def move(self, path: Path) -> None:
        """Moves the repository on disk."""
        self.close()
        shutil.move(self.path, path)
        self.path = path

    # Refs

    def ref(self, name: str) -> str | None:
        """The sha a full ref name (`refs/heads/main`) points to."""
        try:
            return self.repo.refs[Ref(name.encode())].decode()
        except (KeyError, SymrefLoop, RefFormatError, OSError, ValueError):
            return None

    def refs(self, prefix: str) -> dict[str, str]:
        """Full names → shas of all refs whose full name starts with the prefix, sorted."""
        names = (n.decode() for n in self.repo.refs.allkeys())
        found = {n: self.ref(n) for n in sorted(names) if n.startswith(prefix) and n != "HEAD"}
        return {name: sha for name, sha in found.items() if sha is not None}

    def set_ref(self, name: str, sha: str, expected: str | None) -> None:
        """Points a ref to a sha if it is still where expected (None: does not exist yet).

        Raises: RefRefused.
        """
        refs, key, new = self.repo.refs, Ref(name.encode()), ObjectID(sha.encode())
        try:
            old = None if expected is None else ObjectID(expected.encode())
            done = refs.add_if_new(key, new) if old is None else refs.set_if_equals(key, old, new)
        except (RefFormatError, OSError, ValueError, KeyError) as exc:
            raise RefRefused(name) from exc
        if not done:
            raise RefRefused(name)

    def delete_ref(self, name: str) -> None:
        """Removes a ref; no error when it does not exist."""
        self.repo.refs.remove_if_equals(Ref(name.encode()), None)

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, tag, full ref, `HEAD` or sha (7 digits or more) means."""
        candidates = (revision, f"refs/{revision}", f"refs/heads/{revision}", f"refs/tags/{revision}")
        for name in candidates:
            if name == "HEAD" or name.startswith("refs/"):
                sha = self.ref(name)
                if sha is not None:
                    return self.peel(sha)
        if SHORTEST_SHA <= len(revision) <= HEX_SHA_LENGTH and not set(revision.lower()) - set(
            "0123456789abcdef"
        ):
            return self._by_prefix(revision.lower())
        return None

    def _by_prefix(self, prefix: str) -> str | None:
        if len(prefix) == HEX_SHA_LENGTH:
            return self.peel(prefix)
        found = {s.decode() for s in self.repo.object_store.iter_prefix(prefix.encode())}
        commits = [s for s in found if self.kind(s) == "commit"]
        return commits[0] if len(commits) == 1 else None

    def peel(self, sha: str) -> str | None:
        """The commit behind a commit or annotated tag."""
        found = self.get(sha)
        while isinstance(found, Tag):
            found = self.get(found.object[1].decode())
        return found.id.decode() if isinstance(found, Commit) else None

    # Objects

    def get(self, sha: str) -> Blob | Tree | Commit | Tag | None:
        """Any object by its full sha."""
        try:
            found = self.repo.object_store[ObjectID(sha.encode())]
        except (KeyError, ValueError, AssertionError):
            return None
        return found if isinstance(found, Blob | Tree | Commit | Tag) else None

    def kind(self, sha: str) -> str | None:
        """`blob`, `tree`, `commit`, `tag`, or nothing when the object is not here."""
        found = self.get(sha)
        return None if found is None else found.type_name.decode()

    def blob(self, sha: str) -> bytes | None:
        """The bytes of a blob."""
        found = self.get(sha)
        return found.as_raw_string() if isinstance(found, Blob) else None

    def commit(self, sha: str) -> Commit:
        """A commit that is known to exist. Raises: KeyError."""
        found = self.get(sha)
        if not isinstance(found, Commit):
            raise KeyError(sha)
        return found

    def tree_of(self, sha: str) -> str | None:
        """The tree of a commit, tag or tree sha."""
        if self.kind(sha) == "tree":
            return sha
        commit = self.peel(sha)
        return None if commit is None else self.commit(commit).tree.decode()

    def add_blob(self, data: bytes) -> str:
        """Stores bytes; the blob's sha."""
        blob = Blob.from_string(data)
        self.repo.object_store.add_object(blob)
        return blob.id.decode()

    def edit_tree(self, base: str | None, changes: Mapping[str, trees.Change]) -> str:
        """A tree from a base tree and changes; the empty tree when nothing is left. Raises: trees.PathConflict."""
        sha = trees.edit(self.repo.object_store, base, changes)
        if sha is None:
            self.repo.object_store.add_object(Tree())
        return sha or EMPTY_TREE

    def add_commit(
        self, tree: str, parents: list[str], message: str, author: Person, committer: Person | None = None
    ) -> str:
        """Stores a commit object; its sha."""
        writer = committer or author
        commit = Commit()
        commit.tree = ObjectID(tree.encode())
        commit.parents = [ObjectID(p.encode()) for p in parents]
        commit.author, commit.committer = author.ident, writer.ident
        commit.author_time, commit.commit_time = int(author.at.timestamp()), int(writer.at.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.encoding = None
        commit.message = message.replace("\0", "").encode()
        self.repo.object_store.add_object(commit)
        return commit.id.decode()

    def add_tag(self, name: str, target: tuple[str, str], message: str, tagger: Person) -> str:
        """Stores an annotated tag of (kind, sha); its sha."""
        kind, sha = target
        tag = Tag()
        tag.name, tag.message, tag.tagger = name.encode(), message.encode(), tagger.ident
        tag.object = (OBJECT_KINDS[kind], ObjectID(sha.encode()))
        tag.tag_time, tag.tag_timezone = int(tagger.at.timestamp()), 0
        self.repo.object_store.add_object(tag)
        return tag.id.decode()

    def tag(self, sha: str) -> Tag:
        """An annotated tag that is known to exist. Raises: KeyError."""
        found = self.get(sha)
        if not isinstance(found, Tag):
            raise KeyError(sha)
        return found

    # Reading trees and history

    def entry(self, revision: str, path: str) -> trees.Entry | None:
        """What lies at a path in a commit, tag or tree."""
        tree = self.tree_of(revision)
        return None if tree is None else trees.find(self.repo.object_store, tree, path)

    def entries(self, tree: str, *, recursive: bool = False) -> Iterator[trees.Entry]:
        """The entries of a tree in git's order."""
        return trees.entries(self.repo.object_store, tree, recursive=recursive)

    def read(self, revision: str, path: str) -> bytes | None:
        """The bytes of a file at a branch, tag or sha."""
        commit = self.resolve(revision)
        entry = None if commit is None else self.entry(commit, path)
        return None if entry is None else self.blob(entry.sha)

    def log(self, head: str, *, exclude: str | Sequence[str] | None = None, path: str = "") -> Iterator[str]:
        """Commits from the head back, newest first, without those reachable from `exclude`; or only those touching a path."""
        hidden = [exclude] if isinstance(exclude, str) else exclude or []
        walker = Walker(
            self.repo.object_store,
            [ObjectID(head.encode())],
            exclude=[ObjectID(sha.encode()) for sha in hidden],
            paths=[path.encode()] if path else None,
            order="topo",
        )
        return (entry.commit.id.decode() for entry in walker)

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor."""
        bases = find_merge_base(self.repo, [ObjectID(one.encode()), ObjectID(other.encode())])
        return bases[0].decode() if bases else None

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether moving a ref from old to new is a fast-forward."""
        return self.merge_base(old, new) == old
