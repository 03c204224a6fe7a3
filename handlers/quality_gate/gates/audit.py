"""The gate `audit`: every dependency was looked at, and none has a known vulnerability that counts. Pure."""

from __future__ import annotations

from app.domain.audits import Audit, Severity, Vulnerability
from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, State, counted
from handlers.quality_gate.readings import Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import AuditGate

NAME = "audit"
ORDER = {severity: place for place, severity in enumerate(Severity)}
SHOWN = 5


def judge(evidence: GateEvidence, section: QualityGate, gate: AuditGate) -> tuple[GateVerdict, ...]:
    """The verdicts on the audits of every run."""
    question = Question(evidence, section, NAME, gate, _bar(gate), (Kind.AUDIT,), has_audit)
    return answer(question, lambda reports: _run(question, gate, reports))


def has_audit(reports: Reports) -> bool:
    """Whether an audit was read."""
    return reports.audit is not None


def counts(vulnerability: Vulnerability, gate: AuditGate) -> bool:
    """Whether the policy cares about it."""
    severe = ORDER[vulnerability.severity] <= ORDER[Severity(gate.severity)]
    return not vulnerability.ignored and severe and (bool(vulnerability.fixed_in) or not gate.only_fixable)


def _bar(gate: AuditGate) -> str:
    what = (
        "vulnerability" if gate.severity == "none" else f"vulnerability of severity {gate.severity} or worse"
    )
    return f"no known {what}" + (", all dependencies audited" if gate.require_complete else "")


def _run(question: Question, gate: AuditGate, reports: Reports) -> list[GateVerdict]:
    audit = reports.audit
    if audit is None:
        return []
    found = []
    bad = tuple(each for each in audit.vulnerabilities if counts(each, gate))
    totals = audit.totals
    value = f"{totals.audited} of {totals.declared} audited, {counted(len(bad), 'vulnerability', 'vulnerabilities')}"
    if bad:
        shown = "; ".join(f"{each.package} {each.version}: {each.id}" for each in bad[:SHOWN])
        more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        found.append(
            question.verdict(
                State.FAIL, value, f"{shown}{more}", rule="gates.audit.severity", remedy=_remedy(bad)
            )
        )
    if reason := _incomplete(audit, gate, reports):
        found.append(question.verdict(State.INCONCLUSIVE, value, reason, rule="gates.audit.require_complete"))
    if not found:
        found.append(question.verdict(State.PASS, value, "no known vulnerability that counts"))
    return found


def _incomplete(audit: Audit, gate: AuditGate, reports: Reports) -> str:
    totals = audit.totals
    if totals.declared and not totals.audited:
        return "every dependency was skipped: nothing was audited"
    if vacuous := reports.vacuous_of(Kind.AUDIT):
        return vacuous[0]
    skipped = [each for each in audit.dependencies if each.skipped]
    if skipped and gate.require_complete:
        first = skipped[0]
        return f"{counted(len(skipped), 'dependency was', 'dependencies were')} not audited: {first.name}: {first.skipped}"
    return ""


def _remedy(bad: tuple[Vulnerability, ...]) -> str:
    fixes = dict.fromkeys(f"{each.package} {each.fixed_in[0]}" for each in bad if each.fixed_in)
    if not fixes:
        return "no version mends it: replace the dependency, or have it waived"
    return f"update to {', '.join(list(fixes)[:SHOWN])}"
