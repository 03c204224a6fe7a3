"""What people ask of the gate, by buttons and comments, and what they may do at that moment. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from app.domain.events import Actor, ButtonClicked, CommentCreated, PullRequestChanged
from app.domain.ids import CommitSha
from app.domain.repo import Subject, SubjectKind
from app.errors import InvalidInput
from app.ports.github_reader import GitHubReader
from app.ports.handler import Reading
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import MergeGroup
from handlers.quality_gate.evidence.people import (
    Click,
    Command,
    Conversation,
    Fixing,
    GrantedWaiver,
    Person,
    SourceFile,
)
from handlers.quality_gate.people.fixing import FIX, offered, paths_of
from handlers.quality_gate.people.queued import groups_in, remembered
from handlers.quality_gate.people.roles import writes
from handlers.quality_gate.state import GateState

CAPABILITY = "quality_gate"
PLAIN = frozenset({"100644", "100755"})
MAX_BYTES = 2 * 1024 * 1024
"""Of all files that fixes change."""
UNLISTED = "GitHub does not list all files of the commit, so nobody knows which are links"
MAX_ASKED = 20
"""Clicks or comments that one evaluation answers; in a burst of more the oldest go unanswered."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Of a pull request's state, what a verdict on its commits needs."""

    waivers: tuple[GrantedWaiver, ...] = ()


KEPT = TypeAdapter(_Kept)


async def conversation_of(reading: Reading[GateState]) -> Conversation:
    """The commands on a pull request that were not answered before, and the merge groups that hold it."""
    number, state = int(reading.subject.ident), reading.state or GateState(reading.now)
    joined = tuple(each for each in groups_in(reading.events) if each not in state.groups)
    groups = remembered((*state.groups, *joined))
    before = Conversation(number, None, (), state.waivers, state.heard, groups, joined)
    asked = {event.comment_id: event for event in reading.events if isinstance(event, CommentCreated)}
    new = [asked[each] for each in sorted(asked) if each not in before.heard][-MAX_ASKED:]
    pull = await reading.github.pull(number) if new else None
    if pull is None or pull.state != "open":
        return before
    commands = [
        Command(event.comment_id, event.command, await _person(reading, event.author, (pull.author,)))
        for event in new
    ]
    return replace(before, head_sha=pull.head_sha, commands=tuple(commands))


async def clicks_of(
    reading: Reading[GateState], pulls: Iterable[PullRequestChanged], groups: tuple[MergeGroup, ...]
) -> tuple[Click, ...]:
    """The presses on our buttons, each once; the change is of the authors of the pull requests and of those in the groups."""
    events = [event for event in reading.events if isinstance(event, ButtonClicked)]
    asked = {(each.identifier, each.actor): each.actor for each in events if each.actor is not None}
    if not asked:
        return ()
    numbers = dict.fromkeys(number for group in groups for number in group.numbers)
    held = [await reading.github.pull(number) for number in numbers]
    of_unknown = None in held or not all(group.numbers for group in groups)
    authors = (*(pull.author for pull in pulls), *(pull.author for pull in held if pull is not None))
    runs = await reading.github.workflow_runs(reading.subject.sha)
    found = []
    for (identifier, _), actor in list(asked.items())[-MAX_ASKED:]:
        started = tuple(sorted(run.id for run in runs if run.actor_id == actor.id))
        found.append(Click(identifier, await _person(reading, actor, authors), started, of_unknown))
    return tuple(found)


async def fixing_of(
    reading: Reading[GateState], evidence: GateEvidence, pulls: Iterable[PullRequestChanged]
) -> Fixing | None:
    """Where a press on *Fix* leads, and the files at the commit; None where nobody who may has pressed it."""
    if not any(each.identifier == FIX.identifier and writes(each.by) for each in evidence.clicks):
        return None
    github, sha, proposed = reading.github, evidence.head_sha, tuple(pulls)
    if not proposed:
        return Fixing(problem="the branch has moved on, or its pull request is closed")
    own = [pull for pull in proposed if pull.head_repository_id == github.repository.id]
    if not own:
        return Fixing(problem="the branch of the pull request is not in this repository")
    name = own[0].head_ref
    branch, default = await github.branch(name), await github.default_branch()
    if branch is None or branch.sha != sha:
        return Fixing(problem="the branch has moved on")
    if branch.protected or name == default.name:
        return Fixing(problem="the branch is protected")
    files = await _sources(github, sha, paths_of(offered(evidence)))
    return Fixing(problem=UNLISTED) if files is None else Fixing(own[0].number, name, files)


async def _sources(
    github: GitHubReader, sha: CommitSha, paths: Iterable[str]
) -> tuple[SourceFile, ...] | None:
    """The plain files of these, None where nobody knows which are. GitHub reads links as what they lead to."""
    modes = await github.modes(sha)
    if modes is None:
        return None
    files, size = list[SourceFile](), 0
    for path in (each for each in paths if modes.get(each) in PLAIN):
        try:
            found = await github.file(path, sha)
        except InvalidInput:  # so large that GitHub does not give it: its fixes are left
            continue
        if found is not None and size + len(found.content) <= MAX_BYTES:
            size += len(found.content)
            files.append(SourceFile(path, found.content, modes[path]))
    return tuple(files)


async def granted_on(reading: Reading[GateState], numbers: Iterable[int]) -> tuple[GrantedWaiver, ...]:
    """What was granted on these pull requests."""
    subjects = tuple(
        Subject(reading.app_key, reading.repository.id, SubjectKind.PULL, str(number)) for number in numbers
    )
    if not subjects:
        return ()
    found: list[GrantedWaiver] = []
    for _, raw in await reading.records.states(CAPABILITY, subjects):
        try:
            found += KEPT.validate_json(raw).waivers
        except ValidationError:  # another version's: what cannot be read waives nothing
            continue
    return tuple(found)


async def _person(reading: Reading[GateState], actor: Actor, authors: Iterable[Actor | None]) -> Person:
    role = "none" if actor.is_bot else await reading.github.permission(actor)
    is_author = any(author is not None and author.id == actor.id for author in authors)
    return Person(actor.login, actor.id, actor.is_bot, role, is_author)
