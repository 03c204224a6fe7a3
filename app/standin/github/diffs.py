"""What changed between two commits, and what merging them gives: asked of git itself, so patches are git's own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from app.standin.github.git import EMPTY_TREE, GitStore

STATUSES = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
PATCH_LIMIT = 1_000_000
"""Longer patches are left out, as GitHub does for very large files."""


class GitFailed(Exception):
    """A git command ended with an error."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file; `patch` begins at the first `@@` and is empty for binary files."""

    path: str
    previous_path: str | None
    status: str
    sha: str
    """Of the new blob; of the old one for a removed file."""
    additions: int
    deletions: int
    patch: str


def run(store: GitStore, *arguments: str, accepted: tuple[int, ...] = (0,)) -> tuple[int, bytes]:
    """Exit code and output of a git command in the repository; handlers call it off the event loop.

    Raises: GitFailed.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C",
    }
    done = subprocess.run(  # noqa: S603 -- fixed command, shas that were looked up
        ["git", f"--git-dir={store.path}", *arguments],  # noqa: S607 -- git from PATH, as everywhere
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env=environment,
    )
    if done.returncode not in accepted:
        raise GitFailed(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.returncode, done.stdout


def changes(store: GitStore, old: str | None, new: str) -> list[FileChange]:
    """The changed files from one commit (None: nothing) to another, in path order, renames found as git finds them."""
    arguments = ("-r", "-M", "--full-index", "--no-color", "--no-ext-diff", old or EMPTY_TREE, new)
    _, facts = run(store, "diff-tree", "--raw", "--numstat", "-z", *arguments)
    _, text = run(store, "diff-tree", "-p", *arguments)
    return _parsed(facts.decode("utf-8", "replace"), _patches(text.decode("utf-8", "replace")))


def unified(store: GitStore, old: str | None, new: str) -> str:
    """The whole difference as one text, the `.diff` media type."""
    _, text = run(store, "diff-tree", "-r", "-M", "-p", "--no-color", "--no-ext-diff", old or EMPTY_TREE, new)
    return text.decode("utf-8", "replace")


def merged_tree(store: GitStore, base: str, head: str) -> str | None:
    """The tree of merging head into base; None when they conflict."""
    code, output = run(store, "merge-tree", "--write-tree", base, head, accepted=(0, 1))
    return None if code else output.decode().split("\n", 1)[0].strip()


def _patches(text: str) -> list[str]:
    sections = ("\n" + text).split("\ndiff --git ")[1:]
    found = []
    for section in sections:
        _, mark, hunk = section.partition("\n@@ ")
        patch = "@@ " + hunk.rstrip("\n") if mark else ""
        found.append(patch if len(patch) <= PATCH_LIMIT else "")
    return found


def _parsed(facts: str, patches: list[str]) -> list[FileChange]:
    """Reads `--raw --numstat -z`: all raw records first, then as many counts, both in the order of the patches."""
    fields = iter(facts.split("\0"))
    raw: list[tuple[str, str, str, str | None]] = []
    counts: list[tuple[int, int]] = []
    for record in fields:
        if record.startswith(":"):
            _, _, old_sha, new_sha, letter = record.split(" ")
            first = next(fields)
            path, previous = (next(fields), first) if letter[0] in "RC" else (first, None)
            raw.append((STATUSES[letter[0]], path, old_sha if letter == "D" else new_sha, previous))
        elif record.count("\t") > 1:
            added, deleted, name = record.split("\t", 2)
            counts.append((_count(added), _count(deleted)))
            if not name:  # a rename: both names follow as fields of their own
                next(fields), next(fields)
    return [
        FileChange(path, previous, status, sha, added, deleted, patch)
        for (status, path, sha, previous), (added, deleted), patch in zip(raw, counts, patches, strict=True)
    ]


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0
