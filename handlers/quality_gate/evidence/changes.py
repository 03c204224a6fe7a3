"""What a commit changes and what that is held against, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.ids import CommitSha
from handlers.quality_gate.history.measures import Measured, MeasuredCoverage

MAX_PULLS = 10
"""Open pull requests of one commit that are judged; more of them have never been seen on real repositories."""
MAX_GROUPS = 10
"""Merge groups of one commit that are judged; GitHub makes a commit for each, so that two are rare."""
Ranges = tuple[tuple[int, int], ...]
"""Lines as (first, last), ascending and apart from each other."""


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """A file that a change touches: `added` are lines of the new file, `removed` how many lines of the old one went.

    `known` False: GitHub does not show the lines (binary, or too large), so nothing may be said of them.

    `kept` are lines of `added` that have the text of a removed one; None in evidence of the time when nobody compared them.
    """

    path: str
    previous_path: str | None = None
    added: Ranges = ()
    removed: int = 0
    is_new: bool = False
    is_deleted: bool = False
    known: bool = True
    kept: Ranges | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The measure that a change is held against: of the base itself (`distance` 0) or of its nearest recorded ancestor.

    `vanished` are files that the base's coverage has lines of and this commit's has not, although they are still there.
    """

    sha: CommitSha
    distance: int
    measured: Measured
    measured_at: datetime
    vanished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a commit was found to have at an earlier evaluation, as far as it is kept; `at` is its last activity then."""

    measured: Measured
    at: datetime


@dataclass(frozen=True, slots=True)
class Carried:
    """What an ancestor's reports cover of a group of paths that no report of the commit names.

    `parts` are apart by workflow and format, as they were judged then, each of the group alone; `measured_at` is when the
    oldest of them was. `changed` are files of the group that changed since, None where GitHub does not list all changes.
    """

    group: str
    sha: CommitSha
    distance: int
    measured_at: datetime
    parts: tuple[MeasuredCoverage, ...]
    changed: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Change:
    """One proposal of the commit: a pull request, a merge group, or a push (`number` None), and what it changes.

    Of a push without any pull request the base is the commit's first parent.

    `files` are the differences to the merge base, in the order of their paths; `complete` False where GitHub did not list them
    all. `base_moved` are files that the base changed since, too: line numbers of a report of the merged state may be off there.
    `base_renames` are the files of the change that the base renamed since, as (before, after); None where nobody knows them.
    """

    number: int | None
    base_ref: str
    base_sha: CommitSha
    merge_base_sha: CommitSha
    files: tuple[ChangedLines, ...] = ()
    complete: bool = True
    is_fork: bool = False
    is_merge_group: bool = False
    baseline: Baseline | None = None
    base_moved: tuple[str, ...] = ()
    base_renames: tuple[tuple[str, str], ...] | None = ()
    carried: tuple[Carried, ...] = ()


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """A merge group that asked for the commit's checks.

    `number` is the pull request that GitHub made it for. `numbers` are all that its commit holds, with those of the groups that
    it is stacked on; empty where one of them is not known.
    """

    base_ref: str
    base_sha: CommitSha
    number: int | None = None
    numbers: tuple[int, ...] = ()
