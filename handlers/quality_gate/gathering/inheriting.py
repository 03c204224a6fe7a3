"""What a run's newest attempt left, and what it inherits: artifacts of jobs that it did not run again. Reads only.

GitHub keeps the artifacts of all attempts, and does not say which attempt or which job left one. When the newest attempt began
and when the jobs ran that it carried over, it does say. docs/explanation/trust.md says what follows from that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase

from app.domain.ci import Artifact, Job, WorkflowRun
from app.ports.github_reader import GitHubReader
from handlers.quality_gate.reports.readings import Reports

RAN_AGAIN = "an earlier attempt left it, and the job that did has run again and left none; run all jobs again"
ALL_RAN_AGAIN = "an earlier attempt left it, every job has run again since, and none left another"
TWINS = "{} artifacts of one attempt have this name, and none can be told to replace another; give each its own name"
NO_EVIDENCE = "an earlier attempt left it, and it does not count"
SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Left:
    """The artifacts of a run, by what became of the job that left them; each in the order of names, and older ones first.

    Of one name there is the newest, with those beside it that the same attempt left. `own` are of the newest attempt,
    `inherited` of a job that it carried over, as far as can be told, `stale` of a job that ran again while others were carried
    over, `replaced` of an attempt of which every job ran again.
    """

    own: tuple[Artifact, ...] = ()
    inherited: tuple[Artifact, ...] = ()
    stale: tuple[Artifact, ...] = ()
    replaced: tuple[Artifact, ...] = ()

    @property
    def read(self) -> tuple[Artifact, ...]:
        """What is looked into: also what is stale, which is in doubt only where it is a report."""
        return _in_order((*self.own, *self.inherited, *self.stale))

    def named(self, glob: str) -> Left:
        """Those of them whose names match."""
        kinds = (self.own, self.inherited, self.stale, self.replaced)
        return Left(*(tuple(one for one in kind if fnmatchcase(one.name, glob)) for kind in kinds))

    def is_inherited(self, artifact: Artifact) -> bool:
        """Whether an earlier attempt left it."""
        return artifact not in self.own

    def held_against(self, reports: Reports, *, named: bool) -> Reports:
        """What these artifacts report, with the doubts that come of who left them.

        A report that is stale may be bad news, and is no good news; nor are reports of several artifacts of one name. Another
        file that is stale is no evidence that it was built.
        `named`: a producer asks for these artifacts by their names.
        """
        heard = {each.artifact for each in reports.files}
        doubts = [f"{each.name}: {RAN_AGAIN}" for each in self.stale if each.name in heard]
        numbers = Counter(each.name for each in self.read if each.name in heard)
        doubts += [f"{name}: {TWINS.format(number)}" for name, number in numbers.items() if number > 1]
        if named and not self.read:
            doubts += [f"{each.name}: {ALL_RAN_AGAIN}" for each in self.replaced]
        known = {each.text for each in reports.problems}
        silent = (*self.replaced, *(each for each in self.stale if each.name not in heard))
        notes = (f"{each.name}: {NO_EVIDENCE}" for each in silent)
        gone = tuple(f"{each.name}/" for each in self.stale)
        return replace(
            reports.with_problems(*(each for each in doubts if each not in known)),
            members=tuple(each for each in reports.members if not each.startswith(gone)),
            notes=tuple(dict.fromkeys((*reports.notes, *notes))),
        )


async def left_by(github: GitHubReader, run: WorkflowRun) -> Left:
    """What a run has; the jobs of its newest attempt are asked for where it inherits anything."""
    artifacts = _in_order(await github.artifacts(run.id))
    own = tuple(each for each in artifacts if _is_own(each, run))
    replaced_now = {each.name for each in own}
    earlier = tuple(each for each in artifacts if each not in own and each.name not in replaced_now)
    if not earlier:
        return Left(own)
    newest = {each.name: each for each in earlier}
    carried = _carried(await github.jobs(run.id, run.attempt), run.started_at)
    if not carried:
        return Left(own, replaced=tuple(newest.values()))
    # Attempts follow each other, so what lies in the time of one job is of one attempt.
    inherited = tuple(each for each in earlier if _ran_at(carried, each, newest[each.name]))
    return Left(own, inherited, tuple(each for each in newest.values() if each not in inherited))


def _in_order(artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
    return tuple(sorted(artifacts, key=lambda each: (each.name, each.created_at, each.id)))


def _is_own(artifact: Artifact, run: WorkflowRun) -> bool:
    if run.attempt == 1:
        return True
    return run.started_at is not None and artifact.created_at >= run.started_at


def _carried(jobs: Iterable[Job], began_at: datetime | None) -> tuple[tuple[datetime, datetime], ...]:
    """When the jobs ran that the attempt did not run again; one that was skipped did nothing and left nothing."""
    return tuple(
        (job.started_at, job.completed_at)
        for job in jobs
        if job.conclusion != SKIPPED
        and began_at is not None
        and job.started_at is not None
        and job.completed_at is not None
        and job.started_at < began_at
    )


def _ran_at(times: Iterable[tuple[datetime, datetime]], *artifacts: Artifact) -> bool:
    """Whether one of these times is that of all the artifacts."""
    return any(all(first <= each.created_at <= last for each in artifacts) for first, last in times)
