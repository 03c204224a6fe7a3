"""The merge groups that a commit was made for, and the pull requests that they hold. Reads only.

Which pull request GitHub made a group for is only told by the name of the group's branch. It is taken from GitHub's own event
and from nowhere else: anybody who may push can give a branch of theirs such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from app.domain.events import Event, MergeGroupRequested
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind
from app.errors import NotFound
from app.ports.handler import Reading
from handlers.quality_gate.evidence.changes import MAX_GROUPS, MergeGroup
from handlers.quality_gate.state import GateState

CAPABILITY = "quality_gate"
HEADS = "refs/heads/"
QUEUE = "gh-readonly-queue/"
MADE_FOR = re.compile(r"/pr-([1-9][0-9]{0,9})-[0-9a-f]{40,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Of another commit's state, what a group that is stacked on it needs."""

    merge_groups: tuple[MergeGroup, ...] = ()


KEPT = TypeAdapter(_Kept)


def groups_of(events: Iterable[Event], before: tuple[MergeGroup, ...]) -> tuple[MergeGroup, ...]:
    """The merge groups that the commit belongs to, as far as GitHub told, in the order of their requests.

    Each of them must hold: a commit can be asked about for two bases. One more than are judged tells that there are more.
    """
    asked = [event for event in events if isinstance(event, MergeGroupRequested) and is_new(event, before)]
    return (*before, *dict.fromkeys(map(_told, asked)))[: MAX_GROUPS + 1]


def is_new(event: MergeGroupRequested, before: tuple[MergeGroup, ...]) -> bool:
    """Whether it is about none of these groups."""
    told = _told(event)
    return all(replace(each, numbers=()) != told for each in before)


async def with_pulls(reading: Reading[GateState], groups: Iterable[MergeGroup]) -> tuple[MergeGroup, ...]:
    """The groups with the pull requests that the commit holds in them."""
    return tuple([await _with_pulls(reading, each) for each in groups])


async def _with_pulls(reading: Reading[GateState], group: MergeGroup) -> MergeGroup:
    if group.number is None:
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
    """The pull requests of the groups whose commit this is; empty where they are not known."""
    subject = Subject(reading.app_key, reading.repository.id, SubjectKind.SHA, sha)
    for _, raw in await reading.records.states(CAPABILITY, (subject,)):
        try:
            groups = KEPT.validate_json(raw).merge_groups
        except ValidationError:  # another version's
            continue
        if all(each.numbers for each in groups):
            return tuple(dict.fromkeys(number for each in groups for number in each.numbers))
    return ()
