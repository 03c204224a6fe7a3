"""The gate `audit`: every dependency was looked at, and none has a known vulnerability that counts. Pure."""

from __future__ import annotations

from dataclasses import replace

from app.domain.audits import Audit, Severity, Vulnerability
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.dependencies import gone, uncovered
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.reports.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import AuditGate

NAME = "audit"
ORDER = {severity: place for place, severity in enumerate(Severity)}
ONLY_VULNERABLE = (
    "the report names only vulnerable dependencies, and not how many were looked at; let it list all, as "
    "osv-scanner does with --all-packages"
)


def judge(evidence: GateEvidence, section: QualityGate, gate: AuditGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the audits of every run, and on dependencies that none of them looked at."""
    question = Question(evidence, section, NAME, gate, _bar(gate), (Kind.AUDIT,), has_audit)
    found = answer(question, lambda _, reports: _run(question, gate, reports))
    if not any(each.run_ids and each.state is not State.MISSING for each in found):
        return found
    doubts = (*gone(question), *uncovered(question, gate))
    notes = tuple(note for doubt in doubts if doubt.state is State.PASS for note in doubt.notes)
    return (
        *(replace(each, notes=(*each.notes, *notes)) for each in found),
        *(doubt for doubt in doubts if doubt.state is not State.PASS),
    )


def has_audit(reports: Reports) -> bool:
    """Whether an audit was read."""
    return reports.audit is not None


def counts(vulnerability: Vulnerability, gate: AuditGate) -> bool:
    """Whether the policy cares about it."""
    severe = ORDER[vulnerability.severity] <= ORDER[Severity(gate.severity)]
    return not vulnerability.ignored and severe and (bool(vulnerability.fixed_in) or not gate.only_fixable)


def _bar(gate: AuditGate) -> str:
    what = "vulnerability"
    what += "" if gate.severity == "none" else f" of severity {gate.severity} or worse"
    what += " that a newer version mends" if gate.only_fixable else ""
    return f"no known {what}" + (", all dependencies audited" if gate.require_complete else "")


def _run(question: Question, gate: AuditGate, reports: Reports) -> list[GateVerdict]:
    audit = reports.audit
    if audit is None:
        return []
    found = []
    bad = tuple(each for each in audit.vulnerabilities if counts(each, gate))
    value, notes = _value(audit, len(bad)), _notes(audit, bad, gate)
    if bad:
        found.append(
            question.verdict(
                State.FAIL,
                value,
                few(tuple(f"{each.package} {each.version}: {each.id}" for each in bad), "; "),
                rule="gates.audit.severity",
                remedy=_remedy(bad),
                notes=notes,
            )
        )
    if reason := _incomplete(audit, gate, reports):
        found.append(
            question.verdict(
                State.INCONCLUSIVE, value, reason, rule="gates.audit.require_complete", notes=notes
            )
        )
    if not found:
        found.append(question.verdict(State.PASS, value, "no known vulnerability that counts", notes=notes))
    return found


def _value(audit: Audit, bad: int) -> str:
    totals, many = audit.totals, counted(bad, "vulnerability", "vulnerabilities")
    if not audit.lists_all and audit.declared is None:
        return f"{many}, number of dependencies not known"
    return f"{totals.audited} of {totals.declared} audited, {many}"


def _notes(audit: Audit, bad: tuple[Vulnerability, ...], gate: AuditGate) -> tuple[str, ...]:
    """What is left out of the judgement, and by whom."""
    notes = []
    if ignored := tuple(dict.fromkeys(each.id for each in audit.vulnerabilities if each.ignored)):
        notes.append(f"ignored as the tool itself was told: {few(ignored)}")
    left = [each for each in audit.vulnerabilities if not each.ignored and each not in bad]
    if left:
        names = tuple(dict.fromkeys(each.id for each in left))
        notes.append(f"not counted, as the policy says: {few(names)}")
    skipped = tuple(f"{each.name}: {each.skipped}" for each in audit.dependencies if each.skipped)
    if skipped and not gate.require_complete:
        notes.append(f"not audited: {few(skipped, '; ')}")
    return tuple(notes)


def _incomplete(audit: Audit, gate: AuditGate, reports: Reports) -> str:
    totals = audit.totals
    if totals.declared and not totals.audited:
        return "every dependency was skipped: nothing was audited"
    if vacuous := reports.vacuous_of(Kind.AUDIT):
        return vacuous[0]
    if not gate.require_complete:
        return ""
    if not audit.lists_all and audit.declared is None:
        return ONLY_VULNERABLE
    skipped = tuple(f"{each.name}: {each.skipped}" for each in audit.dependencies if each.skipped)
    if skipped:
        many = counted(len(skipped), "dependency was", "dependencies were")
        return f"{many} not audited: {few(skipped, '; ')}"
    return ""


def _remedy(bad: tuple[Vulnerability, ...]) -> str:
    fixes = tuple(dict.fromkeys(f"{each.package} {each.fixed_in[0]}" for each in bad if each.fixed_in))
    without = tuple(dict.fromkeys(each.package for each in bad if not each.fixed_in))
    parts = [f"update to {few(fixes)}"] if fixes else []
    parts += [f"replace {few(without)}, which no version mends, or have it waived"] if without else []
    return "; ".join(parts)
