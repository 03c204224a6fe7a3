"""A commit at GitHub with its runs and artifacts, as the read ports answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydantic import TypeAdapter

from app.config.policies import CONFIG_PATH
from app.domain.ci import Artifact, CheckRun, Job, WorkflowRun
from app.domain.events import Actor, PullRequestChanged
from app.domain.ids import AppKey, CommitSha, InstallationId, RepositoryId, Sha256Hex
from app.domain.pulls import Branch, ChangedFile, Commit, Comparison, FileContent, PullRequest
from app.domain.repo import Repository, Subject, SubjectKind
from app.errors import FileTooLarge, InvalidInput, NotFound
from app.ports.artifacts import Download
from app.ports.policies import NeighbourFile, PolicySource
from handlers.quality_gate.state import GateState
from tests.unit.handlers.quality_gate.samples import GOOD, packed

P = ParamSpec("P")
T = TypeVar("T")

APP = AppKey("api.github.com/7")
REPOSITORY = Repository(RepositoryId(1001), "octo", "tool", InstallationId(5))
SHA, MAIN = CommitSha("a" * 40), CommitSha("b" * 40)
SUBJECT = Subject(APP, REPOSITORY.id, SubjectKind.SHA, SHA)
MIB = 1024 * 1024
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CI = ".github/workflows/ci.yml"
DEFAULT = "version: 1\nuse: default\n"
DECLARED = f"""version: 1
quality_gate:
  producers:
    unit: {{workflow: {CI}, artifact: "junit-*", format: junit}}
    cov: {{workflow: {CI}, artifact: coverage}}
  gates:
    tests: {{from: unit}}
    coverage: {{from: cov, total: ">= 85%"}}
"""
OPENED = PullRequestChanged(
    repository=REPOSITORY,
    action="opened",
    number=3,
    head_sha=SHA,
    head_ref="topic",
    head_repository_id=REPOSITORY.id,
    base_ref="main",
    base_sha=MAIN,
    merged=False,
    author=None,
)


@dataclass
class Run:
    artifacts: dict[str, dict[str, bytes]] = field(default_factory=lambda: dict(GOOD))
    status: str = "completed"
    conclusion: str | None = "success"
    path: str = CI
    trigger: str = "pull_request"
    id: int = 1
    attempt: int = 1
    expired: bool = False
    first_id: int = 100
    made_at: datetime = NOW
    has_digests: bool = True
    artifact_sha: CommitSha = SHA
    suite: int | None = None
    actor_id: int | None = None
    jobs: tuple[Job, ...] = ()
    began_at: datetime | None = NOW - timedelta(minutes=5)
    """When its newest attempt began."""
    times: dict[str, datetime] = field(default_factory=dict)
    """When artifacts were made that were not made at `made_at`."""
    older: tuple[tuple[str, dict[str, bytes], datetime], ...] = ()
    """More artifacts, whose names others may have, too, and when they were made."""

    def listed(self) -> list[tuple[int, str, bytes, datetime]]:
        """Number, name, zip and time of each artifact."""
        newer = [(name, files, self.times.get(name, self.made_at)) for name, files in self.artifacts.items()]
        return [
            (self.first_id + number, name, packed(files), made_at)
            for number, (name, files, made_at) in enumerate((*newer, *self.older))
        ]


@dataclass
class Remembered:
    version: tuple[bytes, PolicySource] | None = None

    async def load(self) -> tuple[bytes, PolicySource] | None:
        return self.version

    async def store(self, raw: bytes, source: PolicySource) -> None:
        self.version = raw, source


@dataclass
class AtGitHub:
    """What the reader, the downloads, the records and the compute pool answer."""

    folder: Path
    runs: list[Run] = field(default_factory=lambda: [Run()])
    config: str | None = DECLARED
    said: tuple[str, ...] = ()
    memory: Remembered = field(default_factory=Remembered)
    downloads: int = 0
    refusal: Exception | None = None
    repository: Repository = REPOSITORY
    pulls: tuple[PullRequestChanged, ...] = ()
    queued: tuple[PullRequestChanged, ...] = ()
    """Pull requests whose head is another commit."""
    checks: tuple[CheckRun, ...] = ()
    changed: tuple[ChangedFile, ...] = ()
    complete: bool = True
    files: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """Files that are different, or absent (None), at one commit."""
    everywhere: dict[str, str] = field(default_factory=dict)
    default: str = "main"
    paths: tuple[str, ...] | None = ("a.py", "src/a.py", "tests/test_a.py")
    history: tuple[Commit, ...] = ()
    kept: tuple[tuple[str, GateState], ...] = ()
    roles: dict[int, str] = field(default_factory=dict)
    is_open: bool = True
    gone: tuple[str, ...] = ()
    """Branches that were deleted."""
    ahead: int = 1
    links: tuple[str, ...] = ()
    odd: dict[str, str] = field(default_factory=dict)
    """Git's modes of files that are none of the usual, or links that GitHub follows."""
    blobs: dict[str, str] = field(default_factory=dict)
    """Blobs that GitHub names the same at every commit: those of links that it follows."""
    unprotected: tuple[str, ...] = ()
    listings: int = 0
    listings_of_jobs: int = 0
    listings_of_modes: int = 0
    heads: dict[str, CommitSha] = field(default_factory=dict)
    """Protected branches that are not at the default branch's commit."""
    past: tuple[bytes, ...] = ()
    """The evidence of commits that were judged before."""
    recollections: int = 0
    neighbours: dict[str, str] = field(default_factory=dict)
    """The policy files of other repositories, by name."""
    visibilities: dict[str, str] = field(default_factory=dict)
    remembered: defaultdict[str, Remembered] = field(default_factory=lambda: defaultdict(Remembered))
    merge_base: CommitSha = MAIN
    moved: tuple[ChangedFile, ...] = ()
    moved_complete: bool = True
    incomparable: tuple[str, ...] = ()
    """Commits that GitHub compares with nothing."""
    branched: tuple[tuple[str, str, CommitSha], ...] = ()
    """Two commits and their merge base; unknown to GitHub if they are neither here nor the commit and its base."""
    from_anybody: tuple[str, ...] = ()
    """Checks that every branch's protection takes from any source."""
    deadly: tuple[str | bytes, ...] = ()
    """Names of functions, and words in bytes, that end every process that works on them."""
    tries: int = 0
    """How often a process was ended by these."""

    async def default_branch(self) -> Branch:
        return Branch(self.default, MAIN)

    async def file(self, path: str, ref: str) -> FileContent | None:
        if (path, ref) == (CONFIG_PATH, MAIN):
            text = self.config
        else:
            assert ref in {SHA, MAIN, *self.heads.values()}
            plain = "on: push\n" if path.startswith(".github/workflows/") else None
            text = self.files.get((path, ref), self.everywhere.get(path, plain))
        if text is None:
            return None
        raw = text.encode()
        mode = "120000" if path in self.links else "100644"
        sha = self.blobs.get(path, sha256(raw).hexdigest()[:40])
        if len(raw) > MIB:
            raise FileTooLarge(
                "github.file_too_large", f"{path} is larger than the 1 MiB that GitHub gives", sha
            )
        return FileContent(path, sha, raw, mode)

    async def workflow_runs(self, head_sha: CommitSha) -> tuple[WorkflowRun, ...]:
        assert head_sha == SHA
        return tuple(
            WorkflowRun(
                id=run.id,
                attempt=run.attempt,
                name="ci",
                path=run.path,
                trigger=run.trigger,
                status=run.status,
                conclusion=run.conclusion if run.status == "completed" else None,
                head_sha=SHA,
                head_branch="topic",
                head_repository_id=REPOSITORY.id,
                check_suite_id=run.suite,
                created_at=NOW - timedelta(minutes=5),
                actor_id=run.actor_id,
                started_at=run.began_at,
            )
            for run in self.runs
        )

    async def artifacts(self, run_id: int) -> tuple[Artifact, ...]:
        (run,) = [run for run in self.runs if run.id == run_id]
        return tuple(
            Artifact(
                id=number,
                name=name,
                size_bytes=len(raw),
                expired=run.expired,
                run_id=run_id,
                head_sha=run.artifact_sha,
                repository_id=REPOSITORY.id,
                head_repository_id=REPOSITORY.id,
                sha256=Sha256Hex(sha256(raw).hexdigest()) if run.has_digests else None,
                created_at=made_at,
            )
            for number, name, raw, made_at in run.listed()
        )

    async def jobs(self, run_id: int, attempt: int) -> tuple[Job, ...]:
        (run,) = [run for run in self.runs if run.id == run_id]
        assert attempt == run.attempt
        self.listings_of_jobs += 1
        return run.jobs

    @asynccontextmanager
    async def artifact(self, artifact: Artifact, max_bytes: int) -> AsyncIterator[Download]:
        if self.refusal is not None:
            raise self.refusal
        (run,) = [run for run in self.runs if run.id == artifact.run_id]
        (raw,) = [raw for number, _, raw, _ in run.listed() if number == artifact.id]
        assert len(raw) <= max_bytes
        path = self.folder / f"{artifact.run_id}-{artifact.id}"
        path.write_bytes(raw)
        self.downloads += 1
        yield Download(path, len(raw), Sha256Hex(sha256(raw).hexdigest()))
        path.unlink()

    async def branch(self, name: str) -> Branch | None:
        if name in self.gone:
            return None
        is_protected = name in self.heads and name not in self.unprotected
        return Branch(name, self.heads.get(name, MAIN), is_protected, self.from_anybody)

    async def compare(self, base: str, head: str) -> Comparison:
        if head in self.incomparable:
            raise NotFound("commit.unknown", f"{base}...{head}")
        if (base, head) == (self.merge_base, MAIN):
            return Comparison(self.merge_base, 1, 0, self.moved, complete=self.moved_complete)
        for first, second, merge_base in self.branched:
            if (base, head) == (first, second):
                return Comparison(merge_base, 1, 0, (), complete=True)
        if head != SHA:
            raise NotFound("commit.unknown", f"{base}...{head}")
        assert base in {MAIN, *self.heads.values()}
        return Comparison(self.merge_base, self.ahead, 0, self.changed, complete=self.complete)

    async def check_runs(self, sha: CommitSha) -> tuple[CheckRun, ...]:
        assert sha == SHA
        return self.checks

    async def tree(self, sha: CommitSha) -> tuple[str, ...] | None:
        assert sha == SHA
        return self.paths

    async def modes(self, sha: CommitSha) -> dict[str, str] | None:
        assert sha == SHA
        self.listings_of_modes += 1
        return None if self.paths is None else {each: self.odd.get(each, "100644") for each in self.paths}

    async def pulls_with_head_sha(self, sha: CommitSha) -> tuple[PullRequestChanged, ...]:
        assert sha == SHA
        return self.pulls

    async def commit(self, ref: str) -> Commit | None:
        assert ref == SHA
        return Commit(SHA, "change", None, (self.history[0].sha,)) if self.history else None

    async def commits(self, ref: str, limit: int) -> tuple[Commit, ...]:
        assert ref == self.merge_base
        self.listings += 1
        return self.history[:limit]

    async def states(
        self, capability: str, subjects: tuple[Subject, ...]
    ) -> tuple[tuple[Subject, bytes], ...]:
        assert capability == "quality_gate"
        kept = {subject.ident: subject for subject in subjects}
        states = TypeAdapter(GateState)
        return tuple((kept[sha], states.dump_json(state)) for sha, state in self.kept if sha in kept)

    async def evidence_of_closed_pulls(self, capability: str, limit: int) -> tuple[bytes, ...]:
        assert (capability, limit) == ("quality_gate", 20)
        self.recollections += 1
        return self.past

    async def permission(self, person: Actor) -> str:
        return self.roles.get(person.id, "read")

    async def pull(self, number: int) -> PullRequest | None:
        found = [pull for pull in (*self.pulls, *self.queued) if pull.number == number]
        return _pull(found[0], is_open=self.is_open) if found else None

    async def was_said(self, once: str) -> bool:
        return once in self.said

    async def policy(self, name: str) -> NeighbourFile | None:
        text = self.neighbours.get(name)
        if text is None:
            return None
        blob = sha256(text.encode()).hexdigest()[:40]
        source = PolicySource("hephaestus.yml", "HEAD", MAIN, blob, f"{REPOSITORY.owner}/{name}")
        return NeighbourFile(text.encode(), source)

    async def visibility(self, name: str) -> str | None:
        return self.visibilities.get(name, "public")

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        words = [each for each in self.deadly if isinstance(each, bytes)]
        if function.__name__ in self.deadly or any(
            isinstance(arg, bytes) and word in arg for arg in args for word in words
        ):
            self.tries += 1
            raise InvalidInput(
                "compute.crashed", "the worker that read these bytes died, at a second try too"
            )
        return function(*args, **kwargs)


def _pull(event: PullRequestChanged, *, is_open: bool) -> PullRequest:
    return PullRequest(
        number=event.number,
        state="open" if is_open else "closed",
        draft=False,
        merged=False,
        title="A change",
        body="",
        head_sha=event.head_sha,
        head_ref=event.head_ref,
        head_repository_id=event.head_repository_id,
        base_ref=event.base_ref,
        base_sha=event.base_sha,
        author=event.author,
        labels=(),
        url="",
    )
