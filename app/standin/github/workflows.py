"""Workflow runs as they happen: started, finished, started again; each step tells what GitHub tells.

Nothing is executed: a seed (`complete_run`) or the `Actions.runner` says what the jobs come to.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from app.standin.github import answers, checks
from app.standin.github.records import Account, CheckRun, CheckSuite, Json
from app.standin.github.runs import (
    RETENTION,
    Actions,
    Artifact,
    Attempt,
    Job,
    Outcome,
    PlannedJob,
    Step,
    Workflow,
    WorkflowRun,
    packed,
)
from app.standin.github.shapes import commits
from app.standin.github.shapes import runs as shapes
from app.standin.github.shapes.checks import suite_in_event
from app.standin.github.state import ACTIONS_APP_ID, Repository

FOLDER = ".github/workflows/"
WORST_FIRST = ("failure", "timed_out", "cancelled", "action_required")


@dataclass(frozen=True, slots=True)
class Trigger:
    """Why and for what a run starts."""

    event: str = "push"
    head_branch: str | None = None
    """None: the default branch."""
    head_repository: Repository | None = None
    """None: the repository itself; a fork for pull requests from one."""
    actor: Account | None = None
    inputs: Mapping[str, object] = field(default_factory=dict)


def definition(repository: Repository, revision: str, path: str) -> Json:
    """A workflow file as data; {} when it is absent or no mapping."""
    raw = repository.git.read(revision, path)
    try:
        found = YAML(typ="safe").load(raw or b"")
    except YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def name_of(repository: Repository, revision: str, path: str) -> str:
    """The workflow's name: what the file says, else its path."""
    return str(definition(repository, revision, path).get("name") or path)


def workflow_of(repository: Repository, path: str) -> Workflow:
    """The workflow of a path, numbered at first sight."""
    github = repository.github
    known = github.part(Actions).workflows
    if (repository.id, path) not in known:
        known[repository.id, path] = Workflow(github.next_id(), path, github.now())
    return known[repository.id, path]


def all_workflows(repository: Repository) -> list[Workflow]:
    """The workflows of the default branch, by path."""
    head = repository.git.resolve(repository.default_branch)
    tree = None if head is None else repository.git.entry(head, FOLDER.rstrip("/"))
    found = repository.git.entries(tree.sha) if tree is not None and tree.type == "tree" else ()
    paths = (entry.path for entry in found if entry.path.endswith((".yml", ".yaml")))
    return [workflow_of(repository, FOLDER + path) for path in paths]


def start_run(
    repository: Repository,
    workflow_path: str,
    head_sha: str,
    job_names: Sequence[str],
    trigger: Trigger | None = None,
) -> WorkflowRun:
    """A run whose jobs are in progress: tells `workflow_run.requested` and `.in_progress`, and of each job."""
    why = trigger or Trigger()
    github, now = repository.github, repository.github.now()
    branch = why.head_branch or repository.default_branch
    suite = CheckSuite(github.next_id(), github.apps[ACTIONS_APP_ID], head_sha, branch, None, now, now)
    repository.check_suites[suite.id] = suite
    workflow, actor = workflow_of(repository, workflow_path), why.actor or repository.owner
    run = WorkflowRun(
        id=github.next_id(),
        workflow=workflow,
        name=name_of(repository, head_sha, workflow_path),
        title=_title(repository, head_sha, workflow_path, why.inputs),
        number=1 + sum(1 for r in repository.runs.values() if r.workflow is workflow),
        suite=suite,
        head_sha=head_sha,
        head_branch=branch,
        head_repository_id=(why.head_repository or repository).id,
        event=why.event,
        actor=actor,
        created_at=now,
        attempts=[],
        inputs=why.inputs,
    )
    repository.runs[run.id] = run
    start_attempt(repository, run, job_names, actor)
    return run


def _title(repository: Repository, head_sha: str, path: str, inputs: Mapping[str, object]) -> str:
    """What `run-name` says, with inputs filled in and no other expression; else the commit's first line."""
    named = definition(repository, head_sha, path).get("run-name")
    if not isinstance(named, str):
        return commits.message_of(repository.git.commit(head_sha)).partition("\n")[0]
    return re.sub(r"\$\{\{ *inputs\.(\w+) *\}\}", lambda found: str(inputs.get(found[1], "")), named)


def start_attempt(repository: Repository, run: WorkflowRun, job_names: Sequence[str], actor: Account) -> None:
    """The next attempt of a run with these jobs in progress."""
    now = repository.github.now()
    run.attempts.append(Attempt(len(run.attempts) + 1, now, now, actor))
    run.suite.status, run.suite.conclusion = "queued", None
    tell_run(repository, run, "requested")
    run.last.status = "in_progress"
    for name in job_names:
        start_job(repository, run, name)
    run.suite.status = "in_progress"
    tell_run(repository, run, "in_progress")


def start_job(repository: Repository, run: WorkflowRun, name: str) -> Job:
    """A job in progress, with its check run."""
    github, now = repository.github, repository.github.now()
    check = CheckRun(github.next_id(), run.suite, name, run.head_sha, "queued", None, now)
    check.external_id = str(uuid.uuid4())
    check.details_url = shapes.job_page(repository, run, check.id)
    job = Job(run, run.last.number, check, now, ("ubuntu-latest",))
    repository.check_runs[check.id], repository.jobs[job.id] = check, job
    checks.tell(repository, check, "created", run.actor)
    tell_job(repository, job, "queued")
    check.status = "in_progress"
    tell_job(repository, job, "in_progress")
    return job


def finish_run(repository: Repository, run: WorkflowRun, outcome: Outcome) -> None:
    """Ends the attempt in progress: artifacts first, then each job, then the suite, then the run."""
    now = repository.github.now()
    for name, files in outcome.artifacts.items():
        add_artifact(repository, run, name, files)
    going = {
        j.check.name: j for j in repository.jobs.values() if j.run is run and j.attempt == run.last.number
    }
    for planned in outcome.jobs:
        _finish_job(
            repository, going.get(planned.name) or start_job(repository, run, planned.name), planned, now
        )
    run.last.status, run.last.updated_at = "completed", now
    run.last.conclusion = outcome.conclusion or conclusion_of(latest_jobs(repository, run))
    settle(repository, run)
    tell_run(repository, run, "completed")


def settle(repository: Repository, run: WorkflowRun) -> None:
    """Completes the run's suite, with the run's conclusion, and tells it; also that of a run without any job."""
    checks.settle(repository, run.suite, run.actor)
    told = run.suite.status == "completed"
    run.suite.status, run.suite.conclusion = "completed", run.last.conclusion
    if not told:
        payload: Json = {"check_suite": suite_in_event(repository, run.suite)}
        repository.github.emit("check_suite", "completed", payload, repository, sender=run.actor)


def _finish_job(repository: Repository, job: Job, planned: PlannedJob, now: datetime) -> None:
    check = job.check
    check.status, check.conclusion, check.completed_at = "completed", planned.conclusion, now
    check.annotations.extend(dict(one) for one in planned.annotations)
    job.labels = planned.labels
    job.steps = planned.steps or (Step("Set up job"), Step("Run", planned.conclusion), Step("Complete job"))
    log = planned.log.encode() if isinstance(planned.log, str) else planned.log
    job.log = log or _usual_log(planned, now)
    checks.tell(repository, check, "completed", job.run.actor)
    tell_job(repository, job, "completed")


def _usual_log(planned: PlannedJob, now: datetime) -> bytes:
    lines = [
        "##[group]Runner Image",
        f"Image: {planned.labels[0] if planned.labels else 'none'}",
        "##[endgroup]",
    ]
    if planned.conclusion == "failure":
        lines.append("##[error]Process completed with exit code 1.")
    mark = now.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
    return "".join(f"{mark} {line}\n" for line in lines).encode()


def complete_run(
    repository: Repository,
    workflow_path: str,
    head_sha: str,
    jobs: Sequence[PlannedJob] = (PlannedJob("build"),),
    artifacts: Mapping[str, Mapping[str, bytes] | bytes] | None = None,
    *,
    event: str = "push",
    head_branch: str | None = None,
    head_repository: Repository | None = None,
    actor: Account | None = None,
    conclusion: str | None = None,
) -> WorkflowRun:
    """A run from its start to its end, with every event that GitHub sends on the way."""
    trigger = Trigger(event, head_branch, head_repository, actor)
    run = start_run(repository, workflow_path, head_sha, [job.name for job in jobs], trigger)
    finish_run(repository, run, Outcome(jobs, artifacts or {}, conclusion))
    return run


def add_artifact(
    repository: Repository, run: WorkflowRun, name: str, files: Mapping[str, bytes] | bytes
) -> Artifact:
    """Stores an artifact: files to be zipped, or the exact bytes of a zip (a broken or hostile one)."""
    data, now = files if isinstance(files, bytes) else packed(files), repository.github.now()
    artifact = Artifact(repository.github.next_id(), run, name, data, now, now + RETENTION)
    repository.artifacts[artifact.id] = artifact
    return artifact


def latest_jobs(repository: Repository, run: WorkflowRun, up_to: int | None = None) -> list[Job]:
    """The newest job of each name up to an attempt (None: the last): what was not run again stands."""
    most = up_to or run.last.number
    found = [j for j in repository.jobs.values() if j.run is run and j.attempt <= most]
    return list({job.check.name: job for job in found}.values())


def conclusion_of(jobs: Sequence[Job]) -> str:
    """What jobs come to together."""
    conclusions = {job.check.conclusion for job in jobs}
    worst = next((one for one in WORST_FIRST if one in conclusions), None)
    return worst or ("skipped" if conclusions == {"skipped"} else "success")


def ask_runner(repository: Repository, run: WorkflowRun) -> None:
    """Ends an attempt that the API started at once, if the runner says how."""
    runner = repository.github.part(Actions).runner
    outcome = None if runner is None else runner(run)
    if outcome is not None:
        finish_run(repository, run, outcome)


def tell_run(repository: Repository, run: WorkflowRun, action: str) -> None:
    """Emits `workflow_run`."""
    payload: Json = {
        "workflow_run": shapes.run(repository, run),
        "workflow": shapes.workflow(repository, run.workflow, run.name),
    }
    repository.github.emit("workflow_run", action, payload, repository, sender=run.last.triggering_actor)


def tell_job(repository: Repository, job: Job, action: str) -> None:
    """Emits `workflow_job`."""
    payload: Json = {"workflow_job": shapes.job(repository, job)}
    repository.github.emit("workflow_job", action, payload, repository, sender=job.run.last.triggering_actor)


def run_of(repository: Repository, number: int) -> WorkflowRun:
    """The run of that id. Raises: Refusal 404."""
    found = repository.runs.get(number)
    if not isinstance(found, WorkflowRun):
        raise answers.not_found()
    return found
