"""The merge group that a commit was made for, and the pull requests that it holds. Reads only.

Which pull request GitHub made a group for is only told by the name of the group's branch. It is taken from GitHub's own event
and from nowhere else: anybody who may push can give a branch of theirs such a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from app.domain.events import Event, MergeGroupRequested
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind
from app.errors import NotFound
from app.ports.handler import Reading
from handlers.quality_gate.evidence.changes import MergeGroup
from handlers.quality_gate.state import GateState

CAPABILITY = "quality_gate"
HEADS = "refs/heads/"
QUEUE = "gh-readonly-queue/"
MADE_FOR = re.compile(r"/pr-([1-9][0-9]{0,9})-[0-9a-f]{40,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Of another commit's state, what a group that is stacked on it needs."""

    merge_group: MergeGroup | None = None


KEPT = TypeAdapter(_Kept)


def group_of(events: tuple[Event, ...], before: MergeGroup | None) -> MergeGroup | None:
    """The merge group that the commit belongs to, as far as GitHub told."""
    asked = [event for event in events if isinstance(event, MergeGroupRequested)]
    return _told(asked[-1]) if asked else before


async def with_pulls(reading: Reading[GateState], group: MergeGroup | None) -> MergeGroup | None:
    """The group with the pull requests that its commit holds."""
    if group is None or group.number is None:
        return group
    if await _is_in_base(reading, group):
        return replace(group, numbers=(group.number,))
    under = await _stacked_on(reading, group.base_sha)
    return replace(group, numbers=(*under, group.number) if under else ())


def _told(event: MergeGroupRequested) -> MergeGroup:
    """With the pull request that the branch is named for, if it is named as the queues of that base name theirs."""
    begin = f"{HEADS}{QUEUE}{event.base_ref.removeprefix(HEADS)}"
    named = event.head_ref if event.head_ref.startswith(HEADS) else f"{HEADS}{event.head_ref}"
    found = MADE_FOR.fullmatch(named, len(begin)) if named.startswith(begin) else None
    return MergeGroup(event.base_ref, event.base_sha, int(found[1]) if found else None)


async def _is_in_base(reading: Reading[GateState], group: MergeGroup) -> bool:
    """Whether what the group is built on is in the base branch already, and not another group."""
    branch = await reading.github.branch(group.base_ref.removeprefix(HEADS))
    if branch is None:
        return False
    if branch.sha == group.base_sha:
        return True
    try:
        comparison = await reading.github.compare(group.base_sha, branch.sha)
    except NotFound:
        return False
    return comparison.merge_base_sha == group.base_sha


async def _stacked_on(reading: Reading[GateState], sha: CommitSha) -> tuple[int, ...]:
    """The pull requests of the group whose commit this is; empty where they are not known."""
    subject = Subject(reading.app_key, reading.repository.id, SubjectKind.SHA, sha)
    for _, raw in await reading.records.states(CAPABILITY, (subject,)):
        try:
            group = KEPT.validate_json(raw).merge_group
        except ValidationError:  # another version's
            continue
        if group is not None:
            return group.numbers
    return ()
