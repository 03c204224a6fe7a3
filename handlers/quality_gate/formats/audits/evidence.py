"""What every reader of an audit ends with: does it show that anything was audited?"""

from __future__ import annotations

from app.domain.audits import Audit
from app.domain.reports import Report, Tool
from handlers.quality_gate.formats.audits.texts import MAX_NAME

MAX_NAMED = 20


def audited(
    report_format: str,
    audit: Audit,
    *,
    tools: tuple[Tool, ...] = (),
    warnings: tuple[str, ...] = (),
    contradictions: tuple[str, ...] = (),
    vacuous: tuple[str, ...] = (),
) -> Report:
    """The report of this audit; one that looked at nothing, or does not say at what, proves nothing."""
    return Report(
        report_format,
        audit=audit,
        tools=tools,
        warnings=(*warnings, *_skipped(audit)),
        contradictions=(*contradictions, *_denied(audit)),
        vacuous=(*vacuous, *_vacuous(audit)),
    )


def _vacuous(audit: Audit) -> tuple[str, ...]:
    totals = audit.totals
    if totals.audited > 0:
        return ()
    if totals.skipped:
        return (f"no dependency was audited, and {totals.skipped} skipped",)
    if audit.lists_all or audit.declared == 0:
        return ("the audit looked at no dependency",)
    return ("the report does not show that any dependency was looked at",)


def _denied(audit: Audit) -> tuple[str, ...]:
    if audit.declared is not None and audit.totals.vulnerable > audit.declared:
        return ("more dependencies are called vulnerable than were looked at",)
    return ()


def _skipped(audit: Audit) -> tuple[str, ...]:
    names = [f"{each.name}: {each.skipped}"[:MAX_NAME] for each in audit.dependencies if each.skipped]
    left_out = (
        (f"{len(names) - MAX_NAMED} more dependencies were not audited",) if len(names) > MAX_NAMED else ()
    )
    return (*(f"not audited: {each}" for each in names[:MAX_NAMED]), *left_out)
