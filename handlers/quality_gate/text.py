"""What people read about a commit's reports: the verdict first, then gate by gate, then the evidence. Pure; golden-tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.decision import Reason, Verdict
from app.domain.markdown import clean, code, plain
from app.domain.reports import FailedCase
from app.ports.policies import ConfigError
from handlers.quality_gate.evidence import GateEvidence, RunReading
from handlers.quality_gate.gates.judged import GOOD, GateVerdict, State

CONFIG_PATH = ".github/hephaestus.yml"
MARKS = {
    State.PASS: "✅ pass",
    State.WAIVED: "☑️ waived",
    State.NOT_APPLICABLE: "— not applicable",
    State.FAIL: "❌ fail",
    State.INCONCLUSIVE: "❔ inconclusive",
    State.MISSING: "❌ missing",
    State.WAITING: "⏳ waiting",
}
SENTENCES = {
    Verdict.PASS: "Every required gate passes.",
    Verdict.WAIVED: "Every required gate passes or is waived.",
    Verdict.NOT_APPLICABLE: "No gate applies here.",
    Verdict.WAITING: "Not every report is there yet. The check goes on as soon as the runs end.",
    Verdict.FAIL: "A required gate fails.",
    Verdict.MISSING: "A report that a required gate needs is missing. No evidence is not a pass.",
    Verdict.INCONCLUSIVE: "A report cannot be believed. It may be right; it does not pass.",
    Verdict.ACTION_REQUIRED: "The configuration must be corrected before this can pass.",
}
SHOWN_FAILURES = 50
SHORT_SHA = 12


@dataclass(frozen=True, slots=True)
class Text:
    """The three texts of a check run's output; `title` is plain text, the others Markdown."""

    title: str
    summary: str
    details: str = ""


def not_configured() -> Text:
    """What a repository without a file is told, once."""
    summary = (
        f"This repository has no {code(CONFIG_PATH)} on its default branch, so nothing is judged and nothing is "
        "blocked.\n\nTo switch the default policies on, write:\n\n"
        "```yaml\nversion: 1\nuse: default\n```"
    )
    return Text("Not configured", summary)


def no_section() -> Text:
    """What a commit is told that was judged before the section was taken out of the file."""
    summary = (
        f"{code(CONFIG_PATH)} on the default branch has no section {code('quality_gate')}, so nothing is judged and nothing is "
        "blocked. An earlier verdict on this commit no longer holds."
    )
    return Text("Not configured", summary)


def reopening() -> Text:
    """What is said before a commit that passed is judged again."""
    summary = (
        "This commit was proposed anew. What was said of it before was said for another pull request or another base "
        "branch, so it does not count until the reports were judged again. Nobody has to do anything."
    )
    return Text("Judging again: the commit was proposed anew", summary)


def invalid(evidence: GateEvidence) -> Text:
    """What a file says that never was valid."""
    parts = [SENTENCES[Verdict.ACTION_REQUIRED], *_configuration(evidence)]
    return Text("The configuration is invalid", "\n\n".join(parts))


def retrying(reason: Reason, at: datetime) -> Text:
    """What is said while Hephaestus itself fails and tries again."""
    summary = (
        "Hephaestus could not evaluate this commit again, so an earlier verdict no longer counts: this is neither a pass nor "
        f"a failed gate.\n\n{plain(reason.text)}\n\nNext try at {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, then again until "
        "it succeeds or is given up. Nobody has to do anything."
    )
    return Text("Retrying: Hephaestus failed, not the commit", summary)


def failed(reason: Reason) -> Text:
    """What is said when Hephaestus itself failed for good."""
    summary = (
        "Hephaestus could not evaluate this commit, so nothing is known about it: this is neither a pass nor a failed "
        f"gate.\n\n{plain(reason.text)}\n\nPress *Re-run* to try again; the operator finds the details in the log."
    )
    return Text("Hephaestus failed, not the commit", summary)


def report(evidence: GateEvidence, gates: tuple[GateVerdict, ...], verdict: Verdict) -> Text:
    """The texts for a verdict."""
    rows = [_row(gate) for gate in gates]
    table = "\n".join(("| Gate | State | Value | Threshold | Why |", "|---|---|---|---|---|", *rows))
    parts = [SENTENCES[verdict], *_configuration(evidence), table, *_evidence(evidence), *_source(evidence)]
    return Text(_title(gates, verdict), "\n\n".join(parts), _details(evidence))


def failures(evidence: GateEvidence) -> tuple[FailedCase, ...]:
    """Every failed test once, in the order of the reports."""
    found = {
        (case.path, case.line, case.name): case
        for reading in evidence.producers
        for run in reading.runs
        if run.reports is not None
        if run.reports.tests is not None
        for case in run.reports.tests.failures
    }
    return tuple(found.values())


def _title(gates: tuple[GateVerdict, ...], verdict: Verdict) -> str:
    match verdict:
        case Verdict.ACTION_REQUIRED:
            return "The configuration is invalid"
        case Verdict.WAITING:
            waiting = [gate.gate for gate in gates if gate.state is State.WAITING]
            return f"Waiting for {' and '.join(waiting) or 'reports'}"
        case Verdict.PASS | Verdict.WAIVED | Verdict.NOT_APPLICABLE:
            red = [gate for gate in gates if gate.state not in GOOD]
            if red:
                return f"informational: {_short(red[0])}"
            said = [gate for gate in gates if gate.state is not State.NOT_APPLICABLE]
            return "; ".join(f"{gate.gate}: {gate.value}" for gate in said) or "No gate applies here"
        case _:
            red = [gate for gate in gates if gate.required and gate.state.value == verdict.value]
            if not red:
                return "No report of a known format"
            more = sum(gate.required and gate.state not in GOOD for gate in gates) - 1
            return _short(red[0]) + (f" (and {more} more)" if more > 0 else "")


def _short(gate: GateVerdict) -> str:
    value = f"{gate.value}: " if gate.state is State.FAIL else ""
    return clean(f"{gate.gate}: {value}{gate.reason}", 200)


def _row(gate: GateVerdict) -> str:
    name = gate.gate if gate.required else f"{gate.gate} (informational)"
    return f"| {name} | {MARKS[gate.state]} | {gate.value} | {code(gate.threshold)} | {plain(gate.reason, 300)} |"


def _configuration(evidence: GateEvidence) -> list[str]:
    policy = evidence.policy
    if not policy.errors:
        return []
    lines = [_mistake(error) for error in policy.errors]
    path = policy.broken.path if policy.broken else CONFIG_PATH
    used = (
        f"The last good version, of commit {code(policy.source.commit)}, decides the rest."
        if policy.source
        else "No version was ever valid."
    )
    return ["\n".join((f"Errors in {code(path)} on the default branch:", *lines)), used]


def _mistake(error: ConfigError) -> str:
    where = f" {code(error.path)}:" if error.path else ""
    return f"- line {error.line}, column {error.column}:{where} {plain(error.message)}"


def _evidence(evidence: GateEvidence) -> list[str]:
    lines = [
        _run(reading.name, run) for reading in evidence.producers for run in reading.runs if run.artifacts
    ]
    return ["\n".join(("Evidence:", *lines))] if lines else []


def _run(producer: str | None, run: RunReading) -> str:
    artifacts = ", ".join(code(artifact.name, 100) for artifact in run.artifacts)
    who = f"{producer}: " if producer else ""
    return f"- {who}{code(run.path, 200)}, run {run.run_id}, attempt {run.attempt}, {code(run.trigger)}: {artifacts}"


def _source(evidence: GateEvidence) -> list[str]:
    source = evidence.policy.source
    if source is None:
        return []
    # The branch's commit would change this text, and cost a write, with every push that leaves the file alone.
    return [f"Policy: {code(source.path)} of {code(source.ref)}, blob {code(source.blob_sha[:SHORT_SHA])}."]


def _details(evidence: GateEvidence) -> str:
    parts = []
    failed = failures(evidence)
    if failed:
        rows = [f"- {_where(case)}{code(case.name, 200)}: {plain(case.message, 300)}" for case in failed]
        shown = rows[:SHOWN_FAILURES]
        if len(rows) > SHOWN_FAILURES:
            shown.append(f"- … and {len(rows) - SHOWN_FAILURES} more")
        parts.append("\n".join(("### Failed tests", "", *shown)))
    remarks = [
        plain(remark, 300)
        for reading in evidence.producers
        for run in reading.runs
        if run.reports is not None
        for remark in (
            *(each.text for each in (*run.reports.problems, *run.reports.vacuous)),
            *run.reports.notes,
        )
    ]
    if remarks:
        parts.append("\n".join(("### Remarks", "", *(f"- {remark}" for remark in dict.fromkeys(remarks)))))
    return "\n\n".join(parts)


def _where(case: FailedCase) -> str:
    return f"{code(f'{case.path}:{case.line or 1}', 200)} " if case.path else ""
