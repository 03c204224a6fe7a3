"""What people read about a commit's reports: the verdict first, then gate by gate, then the evidence. Pure; golden-tested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.decision import Reason, Verdict
from app.domain.markdown import code, plain
from app.ports.policies import ConfigError
from handlers.quality_gate.annotations import Beside
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.gates.judged import GateVerdict, State
from handlers.quality_gate.wording.accepting import accepting
from handlers.quality_gate.wording.details import details
from handlers.quality_gate.wording.sources import sources
from handlers.quality_gate.wording.table import notes, remedies, spared, still_awaited, table, until
from handlers.quality_gate.wording.titles import INVALID, awaits_a_person, title

CONFIG_PATH = ".github/hephaestus.yml"
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
ONLY_INFORMS = "No required gate applies here; the gates below only inform."


@dataclass(frozen=True, slots=True)
class Text:
    """The three texts of a check run's output; `title` is plain text, the others Markdown."""

    title: str
    summary: str
    details: str = ""


def not_configured(blocks: tuple[str, ...] = ()) -> Text:
    """What a repository without a file is told, once, and what a commit is told that adds one (`blocks`)."""
    summary = (
        f"This repository has no {code(CONFIG_PATH)} on its default branch, so nothing is judged and nothing is "
        "blocked.\n\nTo switch the default policies on, write:\n\n"
        "```yaml\nversion: 1\nuse: default\n```"
    )
    return Text("Not configured", "\n\n".join((summary, *blocks)))


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


def invalid(evidence: GateEvidence, blocks: tuple[str, ...] = ()) -> Text:
    """What a file says that never was valid; `blocks` as `report` takes them."""
    parts = [SENTENCES[Verdict.ACTION_REQUIRED], *_configuration(evidence), *blocks]
    return Text(INVALID, "\n\n".join(parts))


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


def report(
    evidence: GateEvidence,
    gates: tuple[GateVerdict, ...],
    verdict: Verdict,
    marked: Beside,
    blocks: tuple[str, ...] = (),
) -> Text:
    """The texts for a verdict; `blocks` is Markdown of other parts, such as waivers and a simulation, escaped already."""
    parts = (
        *_verdict(evidence, gates, verdict),
        *_configuration(evidence),
        *table(gates),
        *spared(gates),
        *(until(evidence) if verdict is Verdict.WAITING else still_awaited(evidence, gates)),
        *remedies(gates),
        *blocks,
        *notes(evidence, gates),
        *sources(evidence, gates),
    )
    return Text(title(gates, verdict), "\n\n".join(parts), "\n\n".join(details(evidence, marked)))


def _verdict(evidence: GateEvidence, gates: tuple[GateVerdict, ...], verdict: Verdict) -> list[str]:
    if awaits_a_person(gates):
        return accepting(evidence)
    if verdict is Verdict.NOT_APPLICABLE and any(gate.state is not State.NOT_APPLICABLE for gate in gates):
        return [ONLY_INFORMS]
    return [SENTENCES[verdict]]


def _configuration(evidence: GateEvidence) -> list[str]:
    policy = evidence.policy
    if not policy.errors:
        return []
    lines = [_mistake(error) for error in policy.errors]
    path = policy.broken.label if policy.broken else CONFIG_PATH
    used = (
        f"The last good version, of commit {code(policy.source.commit)}, decides the rest."
        if policy.source
        else "No version was ever valid."
    )
    return ["\n".join((f"Errors in {code(path)} on the default branch:", "", *lines)), used]


def _mistake(error: ConfigError) -> str:
    where = f" {code(error.path)}:" if error.path else ""
    return f"- line {error.line}, column {error.column}:{where} {plain(error.message)}"
