"""How far a run's evidence can be relied on: whose workflow file made it. Reads only; docs/explanation/trust.md says why.

T0: anything. T1: the workflow file is, byte for byte, the one of the branch that the commit is proposed to, and so is every
workflow and action of the repository that it calls. T2: a producer that the policy trusts by name, run from the default branch's
own file. T3, an attested report, is not recognised by this version: a policy that asks for it is never satisfied by itself.

Blobs are compared, not names and not differences alone: what GitHub does not show of a large change would be missed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.domain.ci import WorkflowRun
from app.domain.ids import CommitSha
from app.domain.pulls import Branch, FileContent
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.evidence import Change, Trusted
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.values import TrustLevel

CALLS = re.compile(r"""\buses["']?\s*:\s*["']?\./([^\s"'#,}\]]{1,300})""")
WORKFLOWS = ".github/workflows/"
MAX_CALLED = 20
BY_MAINTAINERS = frozenset({"push", "schedule", "workflow_dispatch", "repository_dispatch"})
"""Events whose runs on a branch use that branch's own file."""


@dataclass(frozen=True, slots=True)
class _Against:
    """A branch that the commit is held against: where it is, and what the commit changes there (None: not known)."""

    name: str
    sha: CommitSha
    changed: frozenset[str] | None


@dataclass(slots=True)
class TrustReader:
    """Judges the runs of one commit; files are asked for once."""

    github: GitHubReader
    sha: CommitSha
    changes: tuple[Change, ...]
    default: Branch | None = None
    _files: dict[tuple[str, CommitSha], FileContent | None] = field(default_factory=dict)

    async def of(self, run: WorkflowRun, producer: Producer | None) -> Trusted:
        """The level of a run's evidence, and why it is no higher."""
        if await self._is_of_default_branch(run):
            if producer is not None and producer.trusted:
                return Trusted(TrustLevel.T2, "its producer is trusted, and is the default branch's own")
            return Trusted(
                TrustLevel.T1,
                "it ran on the default branch; the policy does not name its producer as trusted",
            )
        if producer is not None and producer.trusted and await self._is_of_target(run):
            return Trusted(TrustLevel.T2, "its producer is trusted, and is the default branch's own")
        for against in await self._bases():
            if problem := await self._difference(run.path, against):
                return Trusted(TrustLevel.T0, problem)
        return Trusted(TrustLevel.T1, "it runs the commit's own code in the base branch's workflow")

    async def _is_of_target(self, run: WorkflowRun) -> bool:
        """Whether GitHub ran the default branch's own file, whatever the pull request edits.

        https://docs.github.com/actions/reference/events-that-trigger-workflows#pull_request_target
        """
        if run.trigger != "pull_request_target":
            return False
        default = await self._default()
        theirs = await self._file(run.path, default.sha)
        bases = [await self._file(run.path, each.base_sha) for each in self.changes]
        return (
            theirs is not None
            and bool(bases)
            and all(base is not None and base.blob_sha == theirs.blob_sha for base in bases)
        )

    async def _is_of_default_branch(self, run: WorkflowRun) -> bool:
        if run.trigger not in BY_MAINTAINERS or run.head_repository_id != self.github.repository.id:
            return False
        return run.head_branch == (await self._default()).name

    async def _bases(self) -> tuple[_Against, ...]:
        if self.changes:
            return tuple(
                _Against(each.base_ref, each.base_sha, _paths(each) if each.complete else None)
                for each in self.changes
            )
        # Nobody proposes the commit yet: it is held against where it would most likely go.
        default = await self._default()
        found = await self.github.compare(default.sha, self.sha)
        changed = {path for file in found.files for path in (file.path, file.previous_path) if path}
        return (_Against(default.name, default.sha, frozenset(changed) if found.complete else None),)

    async def _difference(self, path: str, against: _Against) -> str:
        """Why the workflow is not the base's own, with what it calls; empty where it is."""
        left, seen, folders = [path], set[str](), set[str]()
        while left:
            piece = left.pop(0)
            if piece in seen:
                continue
            seen.add(piece)
            if len(seen) > MAX_CALLED:
                return f"{path} calls more than {MAX_CALLED} workflows and actions of this repository"
            ours, theirs = await self._file(piece, self.sha), await self._file(piece, against.sha)
            if ours is None:
                return f"{piece} is not at this commit"
            if theirs is None:
                return f"{piece} does not exist on {against.name}"
            if ours.blob_sha != theirs.blob_sha:
                if against.changed is None or piece in against.changed:
                    return f"this change edits {piece}"
                return f"{piece} is another on {against.name} by now; update the branch"
            called = CALLS.findall(ours.content.decode("utf-8", "replace"))
            left += [name for name in called if name.startswith(WORKFLOWS)]
            for folder in {name.rstrip("/") for name in called if not name.startswith(WORKFLOWS)}:
                folders.add(folder)
                left += await self._action(folder)
        return _edited(folders, against)

    async def _action(self, folder: str) -> list[str]:
        """The file that describes an action of the repository, which may call others."""
        for name in ("action.yml", "action.yaml"):
            if await self._file(f"{folder}/{name}", self.sha) is not None:
                return [f"{folder}/{name}"]
        return []

    async def _file(self, path: str, sha: CommitSha) -> FileContent | None:
        if (path, sha) not in self._files:
            self._files[path, sha] = await self.github.file(path, sha)
        return self._files[path, sha]

    async def _default(self) -> Branch:
        if self.default is None:
            self.default = await self.github.default_branch()
        return self.default


def _paths(change: Change) -> frozenset[str]:
    return frozenset(path for file in change.files for path in (file.path, file.previous_path) if path)


def _edited(folders: set[str], against: _Against) -> str:
    """Why the folders of actions are not the base's own; empty where they are."""
    if not folders:
        return ""
    if against.changed is None:
        return "GitHub does not list all files that the change edits, and the workflow uses actions of this repository"
    for path in sorted(against.changed):
        for folder in sorted(folders):
            if folder in {"", "."} or path.startswith(f"{folder}/"):
                return f"this change edits {path}, which belongs to an action that the workflow uses"
    return ""
