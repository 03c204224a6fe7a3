"""From the runs of a commit to what their artifacts report; reads only."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from app.domain.ci import Artifact, WorkflowRun
from app.domain.ids import CommitSha, Sha256Hex
from app.errors import Gone, InvalidInput, NotFound
from app.ports.artifacts import Downloads
from app.ports.compute import Compute
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.evidence.people import Acceptance
from handlers.quality_gate.evidence.runs import ArtifactFacts, ProducerReading, RunReading
from handlers.quality_gate.gathering.identity import Judged, identity_of
from handlers.quality_gate.gathering.inheriting import Left, left_by
from handlers.quality_gate.gathering.tree_reader import TreeReader
from handlers.quality_gate.gathering.trusting import TrustReader
from handlers.quality_gate.reports.gathered import read_archives
from handlers.quality_gate.reports.promises import LIKE_REPORTS, strange_files
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section.producers import Producer
from handlers.quality_gate.state import KnownReports

MIB = 1024 * 1024
MAX_ARTIFACT_BYTES = 100 * MIB
MAX_UNDECLARED_BYTES = 25 * MIB
"""Without a declared producer every artifact is looked into; larger ones are builds, unless their names say otherwise."""
UNREAD = f"it is larger than {MAX_UNDECLARED_BYTES // MIB} MiB, so it is read only for a declared producer"
MAX_ARTIFACTS = 50
MAX_RUNS = 30
TOO_MANY = f"the commit has more than {MAX_RUNS} runs to read; declare a producer that has fewer"
"""A run that is not read may be the one that failed."""


@dataclass(frozen=True, slots=True)
class ReportReader:
    """Reads the reports of one commit; those in `known` again only where their artifacts are others now.

    `tree` gives the repository's files at the commit, once there are reports. `builds` are what artifacts are
    called that gates ask for as a build: they are read though they are larger than a report.
    """

    github: GitHubReader
    downloads: Downloads
    compute: Compute
    sha: CommitSha
    known: tuple[KnownReports, ...]
    tree: TreeReader
    trust: TrustReader
    acceptances: tuple[Acceptance, ...] = ()
    builds: tuple[str, ...] = ()
    _listed: dict[int, Left] = field(default_factory=dict)

    async def read(
        self, runs: tuple[WorkflowRun, ...], producers: tuple[tuple[str | None, Producer | None], ...]
    ) -> tuple[ProducerReading, ...]:
        """What each producer reported of these newest runs; None as producer stands for every workflow of the commit."""
        readings = []
        for name, producer in producers:
            chosen = [run for run in runs if producer is None or _is_of(run, producer)]
            read = [await self._run(run, producer) for run in chosen[:MAX_RUNS]]
            readings.append(ProducerReading(name, tuple(read), TOO_MANY if len(chosen) > MAX_RUNS else ""))
        return tuple(readings)

    async def _run(self, run: WorkflowRun, producer: Producer | None) -> RunReading:
        reading = RunReading(run.id, run.attempt, run.path, run.trigger, run.status, run.conclusion)
        if run.status != "completed":
            return reading
        left = (await self._left(run)).named(producer.artifact if producer else "*")
        judged = [(each, self._objection(each, producer)) for each in left.read]
        usable = tuple(each for each, objection in judged if objection is None)
        problems = [f"{each.name}: {objection}" for each, objection in judged if objection]
        if len(usable) > MAX_ARTIFACTS:
            problems.append(
                f"the run has more than {MAX_ARTIFACTS} artifacts; declare a producer that names fewer"
            )
            usable = usable[:MAX_ARTIFACTS]
        shown = tuple(
            ArtifactFacts(
                each.name, each.sha256, each.size_bytes, each.id, left.is_inherited(each), each.created_at
            )
            for each in usable
        )
        wanted = producer.formats if producer else ()
        identity = await self._identity(judged, wanted, declared=producer is not None)
        reports = next((each.reports for each in self.known if each.known_as == identity), None)
        if reports is None or not identity:
            reports, trouble, digests = await self._reports(usable, wanted)
            shown = tuple(replace(each, sha256=each.sha256 or digests.get(each.id)) for each in shown)
            reports = reports.with_problems(*trouble, *problems)
            identity = "" if trouble else identity
        if producer is not None:
            reports = reports.with_problems(*without_report(shown, reports, producer))
        is_named = producer is not None and producer.artifact != "*"
        reports = left.held_against(reports, named=is_named)
        unread = (f"{each.name}: {UNREAD}" for each, objection in judged if objection == "")
        reports = replace(reports, notes=tuple(dict.fromkeys((*reports.notes, *unread))))
        return replace(
            reading,
            artifacts=shown,
            reports=reports,
            known_as=identity,
            # A run without reports is no evidence: whose workflow it is need not be asked.
            trust=await self.trust.of(run, producer) if reports.files or reports.members else reading.trust,
            accepted=any((run.id, run.attempt) in each.runs for each in self.acceptances),
        )

    async def _left(self, run: WorkflowRun) -> Left:
        """The newest artifacts of a run, asked for once, however many producers it is of."""
        if run.id not in self._listed:
            self._listed[run.id] = await left_by(self.github, run)
        return self._listed[run.id]

    async def _identity(self, judged: Judged, wanted: tuple[str, ...], *, declared: bool) -> str:
        installation = self.github.repository.installation_id
        has_tree = bool(judged) and await self.tree.paths() is not None
        return identity_of(installation, judged, wanted, declared=declared, has_tree=has_tree)

    async def _reports(
        self, artifacts: tuple[Artifact, ...], wanted: tuple[str, ...]
    ) -> tuple[Reports, list[str], dict[int, Sha256Hex]]:
        """What the artifacts report, what kept us from reading some of them, and the digests of those downloaded, by id."""
        problems: list[str] = []
        digests: dict[int, Sha256Hex] = {}
        if not artifacts:
            return Reports(), problems, digests
        async with AsyncExitStack() as stack:
            archives: list[tuple[str, Path]] = []
            for artifact in artifacts:
                try:
                    download = await stack.enter_async_context(
                        self.downloads.artifact(artifact, MAX_ARTIFACT_BYTES)
                    )
                except (Gone, NotFound):
                    problems.append(f"{artifact.name}: GitHub does not keep this artifact any more")
                except InvalidInput as error:
                    problems.append(f"{artifact.name}: {error.message}")
                else:
                    digests[artifact.id] = download.sha256
                    if artifact.sha256 not in {None, download.sha256}:
                        problems.append(
                            f"{artifact.name}: its bytes do not have the digest that GitHub states"
                        )
                    else:
                        archives.append((artifact.name, download.path))
            try:
                reports = await self.compute.run(
                    read_archives, tuple(archives), wanted, await self.tree.paths()
                )
            except InvalidInput as error:
                return Reports(), [error.message, *problems], digests
        return reports, problems, digests

    def _objection(self, artifact: Artifact, producer: Producer | None) -> str | None:
        """Why an artifact is not read: a sentence that makes the evidence inconclusive, or `` where it only is no report."""
        repository = self.github.repository.id
        if artifact.head_sha not in {None, self.sha} or artifact.repository_id not in {None, repository}:
            return "it belongs to another commit or repository"
        if producer is None and artifact.size_bytes > self._undeclared(artifact):
            return UNREAD if LIKE_REPORTS.search(artifact.name) else ""
        if artifact.expired:
            return "it has expired"
        return None if artifact.size_bytes <= MAX_ARTIFACT_BYTES else "it is too large to be read"

    def _undeclared(self, artifact: Artifact) -> int:
        """How large an artifact may be that no producer declares."""
        is_build = any(fnmatchcase(artifact.name, each) for each in self.builds)
        return MAX_ARTIFACT_BYTES if is_build else MAX_UNDECLARED_BYTES


def without_report(
    artifacts: tuple[ArtifactFacts, ...], reports: Reports, producer: Producer
) -> tuple[str, ...]:
    """Artifacts that a producer names, each of which is to be a report, and that hold none: a job died, or wrote something else.

    Only where the policy says which artifacts and which formats: `*` takes what comes.
    """
    if producer.artifact == "*" or not producer.formats:
        return ()
    heard = {each.artifact for each in reports.files}
    said = tuple(each.text for each in reports.problems)
    return tuple(
        text
        for each in artifacts
        if each.name not in heard and not any(known.startswith(f"{each.name}/") for known in said)
        if (text := _without(each.name, reports, producer)) not in said
    )


def _without(artifact: str, reports: Reports, producer: Producer) -> str:
    strange = reports.strange_in(artifact)
    told = f": {strange_files(strange)}" if strange else ""
    return f"{artifact}: it holds no report of the format {' or '.join(producer.formats)}{told}"


def _is_of(run: WorkflowRun, producer: Producer) -> bool:
    return run.path == producer.workflow and (not producer.events or run.trigger in producer.events)
