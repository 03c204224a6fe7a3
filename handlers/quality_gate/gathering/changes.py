"""What a commit is proposed for, and what it changes there: pull requests, a merge group. Reads only."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.coverage import lines_of
from app.domain.events import PullRequestChanged
from app.domain.ids import CommitSha
from app.domain.pulls import ChangedFile, Comparison
from app.errors import InvalidInput, NotFound
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.evidence.changes import MAX_PULLS, Change, ChangedLines, MergeGroup, Ranges
from handlers.quality_gate.formats.diff import hunks_of


async def read_changes(
    github: GitHubReader, sha: CommitSha, pulls: tuple[PullRequestChanged, ...], groups: Iterable[MergeGroup]
) -> tuple[Change, ...]:
    """What the commit changes, for each of the open pull requests and the bases of merge groups; in the order of their numbers.

    A pull request whose base branch is gone is left out: it cannot be merged. One more than are judged tells that there are more.
    """
    found = list[Change]()
    for pull in sorted(pulls, key=lambda each: each.number):
        if len(found) > MAX_PULLS:
            break
        base = await github.branch(pull.base_ref)
        if base is not None:
            change = Change(pull.number, pull.base_ref, base.sha, base.sha)
            is_fork = pull.head_repository_id != github.repository.id
            found.append(await _with_files(github, sha, change, is_fork=is_fork))
    for base_ref, base_sha in dict.fromkeys((each.base_ref, each.base_sha) for each in groups):
        change = Change(None, base_ref, base_sha, base_sha, is_merge_group=True)
        found.append(await _with_files(github, sha, change, is_fork=False))
    return tuple(found)


async def read_push(github: GitHubReader, sha: CommitSha) -> tuple[Change, ...]:
    """What a commit that nobody proposes changes, against its first parent; nothing for a first commit."""
    commit = await github.commit(sha)
    if commit is None or not commit.parents:
        return ()
    parent = commit.parents[0]
    return (await _with_files(github, sha, Change(None, "", parent, parent), is_fork=False),)


async def _with_files(github: GitHubReader, sha: CommitSha, change: Change, *, is_fork: bool) -> Change:
    try:
        comparison = await github.compare(change.base_sha, sha)
    except NotFound:
        comparison = None
    return Change(
        number=change.number,
        base_ref=change.base_ref,
        base_sha=change.base_sha,
        merge_base_sha=comparison.merge_base_sha if comparison else change.base_sha,
        files=_files(comparison) if comparison else (),
        complete=comparison is not None and comparison.complete,
        is_fork=is_fork,
        is_merge_group=change.is_merge_group,
    )


def _files(comparison: Comparison) -> tuple[ChangedLines, ...]:
    return tuple(_file(each) for each in sorted(comparison.files, key=lambda each: each.path))


def _file(changed: ChangedFile) -> ChangedLines:
    added, removed, same = 0, 0, 0
    known = changed.patch is not None or not (changed.additions or changed.deletions)
    if changed.patch is not None:
        try:
            added, removed, same = hunks_of(changed.patch)
        except InvalidInput:
            known = False
        # GitHub cuts what is long: a patch that shows less than the counts say says nothing of the rest.
        known = known and added.bit_count() == changed.additions and removed.bit_count() == changed.deletions
    return ChangedLines(
        path=changed.path,
        previous_path=changed.previous_path,
        added=ranges(added),
        removed=removed.bit_count(),
        is_new=changed.status == "added",
        is_deleted=changed.status == "removed",
        known=known,
        kept=ranges(same),
    )


def ranges(bitmap: int) -> Ranges:
    """The lines of a bitmap as (first, last), ascending."""
    found: list[tuple[int, int]] = []
    for line in lines_of(bitmap):
        if found and found[-1][1] == line - 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return tuple(found)


def bitmap_of(lines: Ranges) -> int:
    """The bitmap of lines given as (first, last)."""
    found = 0
    for first, last in lines:
        found |= ((1 << (last - first + 1)) - 1) << first
    return found
