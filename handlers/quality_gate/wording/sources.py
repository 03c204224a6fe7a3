"""Where each number comes from: run, attempt, artifacts, tools, trust, base, and the rule's place in the policy. Pure.

The only links are to this repository's own runs and artifacts, built from their ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.markdown import code, plain
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import ArtifactFacts, RunReading
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates import checks
from handlers.quality_gate.gates.based import named
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.reports.readings import ReportFile
from handlers.quality_gate.section.gates import Gate
from handlers.quality_gate.wording.places import rule_place

KINDS = {
    "tests": Kind.TESTS,
    "coverage": Kind.COVERAGE,
    "lint": Kind.FINDINGS,
    "types": Kind.FINDINGS,
    "audit": Kind.AUDIT,
}
"""The reports that a gate rests on; the other gates look at all that a run left."""
SAFE = re.compile(r"[A-Za-z0-9._-]{1,100}")
SHORT = 12
SHOWN_ARTIFACTS, SHOWN_TOOLS, SHOWN_RUNS = 10, 5, 10


def sources(evidence: GateEvidence, gates: tuple[GateVerdict, ...]) -> list[str]:
    """The evidence of each gate that has any, what it was held against, and the policy."""
    used = {gate.gate: _runs(evidence, gate) for gate in gates if gate.state is not State.NOT_APPLICABLE}
    lines = [_gate(evidence, gate, used[gate.gate]) for gate in gates if gate.gate in used]
    found = [line for line in lines if line]
    levels = _trust(run for runs in used.values() for run in runs)
    parts = ["\n".join(("### Evidence", "", *found, *levels))] if found else []
    return [*parts, *_bases(evidence.changes), *_policy(evidence.policy)]


def _runs(evidence: GateEvidence, gate: GateVerdict) -> list[RunReading]:
    """The runs that a verdict rests on, as its producers read them."""
    asked: list[Gate | None] = [getattr(each.gates, gate.gate) for each in evidence.policy.sections]
    names = {name for each in asked if each is not None for name in each.producers or (None,)}
    return [
        run
        for reading in evidence.producers
        if reading.name in names
        for run in reading.runs
        if run.run_id in gate.run_ids
    ]


def _gate(evidence: GateEvidence, gate: GateVerdict, used: list[RunReading]) -> str:
    place = rule_place(evidence.policy, gate)
    rule = f"; rule {code(place)}" if place else ""
    if not used:
        what = "check runs of this commit" if gate.gate == checks.NAME else "no report"
        return f"- **{gate.gate}**: {what}{rule}" if rule else ""
    said = [_run(evidence, run, gate.gate) for run in used[:SHOWN_RUNS]]
    if len(used) > SHOWN_RUNS:
        said.append(f"{len(used) - SHOWN_RUNS} more runs")
    return f"- **{gate.gate}**: {'; '.join(said)}{rule}"


def _run(evidence: GateEvidence, run: RunReading, gate: str) -> str:
    files = _files(run, gate)
    names = {file.artifact for file in files}
    artifacts = [each for each in run.artifacts if each.name in names] or list(run.artifacts)
    address = _address(evidence)
    at = f"{address}/actions/runs/{run.run_id}" if address else ""
    number = f"[run {run.run_id}]({at}/attempts/{run.attempt})" if at else f"run {run.run_id}"
    shown = [_artifact(each, at) for each in artifacts[:SHOWN_ARTIFACTS]] or ["no artifact"]
    if len(artifacts) > SHOWN_ARTIFACTS:
        shown.append(f"{len(artifacts) - SHOWN_ARTIFACTS} more")
    tools = _tools(files)
    made = f", made by {tools}" if tools else ""
    trust = f", trust T{run.trust.level:d}" if run.artifacts else ""
    accepted = ", accepted by a person" if run.accepted else ""
    who = f"{number}, attempt {run.attempt}, {code(run.path, 200)} on {code(run.trigger)}{trust}{accepted}"
    if not run.run_id:
        who = "reports on disk"
    return f"{who}: {', '.join(shown)}{made}"


def _files(run: RunReading, gate: str) -> tuple[ReportFile, ...]:
    if run.reports is None:
        return ()
    kind = KINDS.get(gate)
    return run.reports.files if kind is None else run.reports.files_of(kind.value)


def _artifact(artifact: ArtifactFacts, run: str) -> str:
    name = code(artifact.name, 100)
    shown = f"[{name}]({run}/artifacts/{artifact.id})" if run and artifact.id else name
    digest = f" {code('sha256:' + artifact.sha256[:SHORT])}" if artifact.sha256 else ""
    return f"{shown}{digest}{', inherited from an earlier attempt' if artifact.is_inherited else ''}"


def _tools(files: Iterable[ReportFile]) -> str:
    names = dict.fromkeys(
        plain(f"{tool.name} {tool.version}".strip(), 100) for file in files for tool in file.tools
    )
    shown = list(names)[:SHOWN_TOOLS]
    return ", ".join(shown) + (f" and {len(names) - SHOWN_TOOLS} more" if len(names) > SHOWN_TOOLS else "")


def _address(evidence: GateEvidence) -> str:
    """This repository's page; empty where it has none: reports on disk, and the stand-in, whose host has a port."""
    host = evidence.subject.app_key.rpartition("/")[0]
    repository = evidence.repository
    is_named = SAFE.fullmatch(repository.owner) and SAFE.fullmatch(repository.name)
    if host == "local" or not is_named or not SAFE.fullmatch(host):
        return ""
    # GitHub's own hosts have their interface at api.; GitHub Enterprise Server has it below its one host.
    web = host.removeprefix("api.") if host.endswith((".github.com", ".ghe.com")) else host
    return f"https://{web}/{repository.owner}/{repository.name}"


def _trust(runs: Iterable[RunReading]) -> list[str]:
    """What each level means here, once."""
    said = {(run.trust.level, run.trust.why): None for run in runs if run.trust.why}
    return [f"- Trust T{level:d}: {plain(why, 300)}." for level, why in sorted(said)]


def _bases(changes: tuple[Change, ...]) -> list[str]:
    lines = [
        f"- {_proposal(change)}: numbers of {plain(named(change.baseline))}"
        for change in changes
        if change.baseline is not None
    ]
    return ["\n".join(("Held against:", *lines))] if lines else []


def _proposal(change: Change) -> str:
    into = f" into {code(change.base_ref)}" if change.base_ref else ""
    if change.is_merge_group:
        return f"merge group{into}"
    return f"pull request {change.number}{into}" if change.number is not None else "this change"


def _policy(policy: PolicyFacts) -> list[str]:
    # A branch's commit would change this text, and cost a write, with every push that leaves the file alone.
    found = [
        f"{what}: {code(source.label)} of {code(source.ref)}, blob {code(source.blob_sha[:SHORT])}."
        for what, source in (
            ("Policy", policy.source),
            ("Extends", policy.shared),
            ("Floors", policy.owner),
        )
        if source is not None
    ]
    return [" ".join(found)] if found else []
