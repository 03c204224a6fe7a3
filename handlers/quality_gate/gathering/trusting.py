"""How far a run's evidence can be relied on: whose workflow file made it. Reads only; docs/explanation/trust.md says why.

T0: anything. T1: the workflow file is, byte for byte, the one of the branch that the commit is proposed to, and so is every
workflow and action of the repository that it calls. T2: a producer that the policy trusts by name, run from the default branch's
own file. T3, an attested report, is not recognised by this version: a policy that asks for it is never satisfied by itself.

Blobs are compared, not names and not differences alone: what GitHub does not show of a large change would be missed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.ci import WorkflowRun
from app.domain.ids import CommitSha
from app.domain.pulls import Branch, FileContent
from app.errors import FileTooLarge
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import OF_MERGE, Trusted
from handlers.quality_gate.gathering.calls import WORKFLOWS, Called, called_by
from handlers.quality_gate.proposals import REMEMBERED
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.section.values import TrustLevel

MAX_CALLED = 20
FILES = frozenset({"100644", "100755"})
NO_FILE = ""
"""The mode of what cannot be read: what it calls is not known."""
"""Modes of plain files: a link stays the same while what it leads to changes."""
BY_MAINTAINERS = frozenset({"push", "schedule", "workflow_dispatch", "repository_dispatch"})
"""Events whose runs on a branch use that branch's own file."""
OWN_FILE, TARGET = "its producer is trusted, and is the default branch's own", "pull_request_target"
BOUND = BY_MAINTAINERS | OF_MERGE | {TARGET, "merge_group"}
"""Events whose runs GitHub binds to the commit that they are about; of others it names only the default branch's head."""


@dataclass(frozen=True, slots=True)
class _Against:
    """A branch that the commit is held against: where it is, and what the commit changes there (None: not known)."""

    name: str
    sha: CommitSha
    changed: frozenset[str] | None


@dataclass(slots=True)
class TrustReader:
    """Judges the runs of one commit; files are asked for once.

    `proposed` are the branches that the commit was ever proposed to: a run of then may have used that branch's file.
    """

    github: GitHubReader
    sha: CommitSha
    changes: tuple[Change, ...]
    proposed: tuple[str, ...] = ()
    default: Branch | None = None
    _files: dict[tuple[str, CommitSha], FileContent | None] = field(default_factory=dict)
    _is_merged: bool | None = None

    async def of(self, run: WorkflowRun, producer: Producer | None) -> Trusted:
        """The level of a run's evidence, and why it is no higher."""
        if run.trigger not in BOUND:
            return Trusted(TrustLevel.T0, f"GitHub does not say which commit a run of {run.trigger} is about")
        if await self._is_of_default_branch(run):
            return await self._of_default(run, producer, "it ran on the default branch")
        if await self._is_of_target(run):
            return await self._of_target(run, producer)
        for against in await self._bases():
            if problem := await self._difference(run.path, against):
                return Trusted(TrustLevel.T0, problem)
        if run.trigger in OF_MERGE | {TARGET} and (problem := await self._of_another_base(run.path)):
            return Trusted(TrustLevel.T0, problem)
        return Trusted(TrustLevel.T1, "it runs the commit's own code in the base branch's workflow")

    async def _of_default(self, run: WorkflowRun, producer: Producer | None, how: str) -> Trusted:
        if producer is None or not producer.trusted:
            return Trusted(TrustLevel.T1, f"{how}; the policy does not name its producer as trusted")
        if run.head_repository_id != self.github.repository.id:
            return Trusted(TrustLevel.T1, f"{how}, for a fork")
        if run.trigger != TARGET:
            default = await self._default()
            ours, theirs = await self._file(run.path, self.sha), await self._file(run.path, default.sha)
            if ours is None or theirs is None or ours.blob_sha != theirs.blob_sha:
                return Trusted(TrustLevel.T1, f"{run.path} is another on {default.name} by now")
        return Trusted(TrustLevel.T2, OWN_FILE)

    async def _of_target(self, run: WorkflowRun, producer: Producer | None) -> Trusted:
        """Of a run with the default branch's own file: the actions that it uses are the commit's, if it checks that out."""
        for against in await self._bases():
            if problem := await self._difference(run.path, against, is_bases=True):
                return Trusted(TrustLevel.T0, problem)
        return await self._of_default(run, producer, "it ran the default branch's workflow")

    async def _is_of_target(self, run: WorkflowRun) -> bool:
        """Whether GitHub ran the default branch's own file, whatever the pull request edits.

        https://docs.github.com/actions/reference/events-that-trigger-workflows#pull_request_target
        Older servers ran the base branch's: so each branch that the commit was proposed to must have the same.
        """
        if run.trigger != TARGET or not self.changes:
            return False
        default = await self._default()
        theirs = await self._file(run.path, default.sha)
        if theirs is None:
            return False
        shas = [each.base_sha for each in self.changes]
        for name in self._other_bases():
            branch = await self.github.branch(name)
            if branch is None:
                return False
            shas.append(branch.sha)
        bases = [await self._file(run.path, sha) for sha in shas]
        return all(base is not None and base.blob_sha == theirs.blob_sha for base in bases)

    async def _is_of_default_branch(self, run: WorkflowRun) -> bool:
        """Whether it ran on the default branch, and not on a tag of the same name: the branch has the commit."""
        if run.trigger not in BY_MAINTAINERS or run.head_repository_id != self.github.repository.id:
            return False
        default = await self._default()
        if run.head_branch != default.name:
            return False
        if self._is_merged is None:
            same = default.sha == self.sha
            self._is_merged = same or not (await self.github.compare(default.sha, self.sha)).ahead_by
        return self._is_merged

    async def _bases(self) -> tuple[_Against, ...]:
        if self.changes:
            return tuple(
                _Against(each.base_ref, each.base_sha, _paths(each) if each.complete else None)
                for each in self.changes
            )
        # Nobody proposes the commit yet: it is held against where it would most likely go.
        return (await self._against(await self._default()),)

    async def _of_another_base(self, path: str) -> str:
        """Why a run may have used the file of a branch that the commit was proposed to before; empty where it did not matter."""
        if len(self.proposed) >= REMEMBERED:
            return (
                "the commit was proposed so often that not all branches are known any more; push a new commit"
            )
        for name in self._other_bases():
            branch = await self.github.branch(name)
            if branch is None:
                return f"the commit was proposed to {name}, too, which is gone; push a new commit"
            if problem := await self._difference(path, await self._against(branch)):
                return f"the commit was proposed to {name}, too, and there {problem}"
        return ""

    def _other_bases(self) -> list[str]:
        return sorted(set(self.proposed) - {each.base_ref for each in self.changes})

    async def _against(self, branch: Branch) -> _Against:
        found = await self.github.compare(branch.sha, self.sha)
        changed = {path for file in found.files for path in (file.path, file.previous_path) if path}
        return _Against(branch.name, branch.sha, frozenset(changed) if found.complete else None)

    async def _difference(self, path: str, against: _Against, *, is_bases: bool = False) -> str:
        """Why the workflow is not the base's own, with what it calls; empty where it is.

        `is_bases`: the run used the base's workflows, whatever the commit has, so only actions can differ.
        """
        left, seen, folders = [path], set[str](), set[str]()
        while left:
            piece = left.pop(0)
            if piece in seen:
                continue
            seen.add(piece)
            if len(seen) > MAX_CALLED:
                return f"{path} calls more than {MAX_CALLED} workflows and actions of this repository"
            theirs = await self._file(piece, against.sha)
            is_given = is_bases and piece.startswith(WORKFLOWS)
            ours = theirs if is_given else await self._file(piece, self.sha)
            if problem := _unequal(piece, ours, theirs, against):
                return problem
            for called in called_by(ours.content if ours else b""):
                found = await self._resolved(called)
                if found is None:
                    return f"{piece} uses ./{called.path}, which is no workflow or action of this repository"
                left.append(found)
                if not called.is_workflow:
                    folders.add(called.path)
        return _edited(folders, against)

    async def _resolved(self, called: Called) -> str | None:
        """The file that describes what is called: a workflow, or an action of the repository, which may call others."""
        if not called.is_inside:
            return None
        if called.is_workflow:
            return called.path
        for name in ("action.yml", "action.yaml", "Dockerfile"):
            path = f"{called.path}/{name}" if called.path else name
            if await self._file(path, self.sha) is not None:
                return path
        return None

    async def _file(self, path: str, sha: CommitSha) -> FileContent | None:
        if (path, sha) not in self._files:
            try:
                self._files[path, sha] = await self.github.file(path, sha)
            except FileTooLarge as error:
                self._files[path, sha] = FileContent(path, error.blob_sha, b"", NO_FILE)
        return self._files[path, sha]

    async def _default(self) -> Branch:
        if self.default is None:
            self.default = await self.github.default_branch()
        return self.default


def _paths(change: Change) -> frozenset[str]:
    return frozenset(path for file in change.files for path in (file.path, file.previous_path) if path)


def _unequal(piece: str, ours: FileContent | None, theirs: FileContent | None, against: _Against) -> str:
    """Why a file is not the base's own; empty where it is."""
    if ours is None:
        return f"{piece} is not at this commit"
    if theirs is None:
        return f"{piece} does not exist on {against.name}"
    if ours.mode not in FILES:
        return f"{piece} is a link, or larger than GitHub gives"
    # GitHub gives what a link inside the repository leads to: its bytes can change while the link stays as it is.
    if ours.blob_sha == theirs.blob_sha and ours.content == theirs.content:
        return ""
    if against.changed is None or piece in against.changed:
        return f"this change edits {piece}"
    return f"{piece} is another on {against.name} by now; update the branch"


def _edited(folders: set[str], against: _Against) -> str:
    """Why the folders of actions are not the base's own; empty where they are.

    An action in the repository's root has all of it as its folder: of that only the description counts, since what else it runs
    is the commit's own code, as for every run.
    """
    inside = sorted(folders - {""})
    if not inside:
        return ""
    if against.changed is None:
        return "GitHub does not list all files that the change edits, and the workflow uses actions of this repository"
    for path in sorted(against.changed):
        if any(path.startswith(f"{folder}/") for folder in inside):
            return f"this change edits {path}, which belongs to an action that the workflow uses"
    return ""
