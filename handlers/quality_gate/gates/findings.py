"""The gates `lint` and `types`: no findings, or none that the base does not have. Pure."""

from __future__ import annotations

from collections import Counter

from app.domain.findings import Finding, Level
from handlers.quality_gate.evidence import Change, ChangedLines, GateEvidence
from handlers.quality_gate.fingerprints import counted as prints_of
from handlers.quality_gate.fingerprints import fingerprint
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight, counted
from handlers.quality_gate.readings import Reports, ToolFindings
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import FindingsGate

TYPE_CHECKERS = frozenset({"mypy", "pyright", "basedpyright", "pyre", "pytype", "ty", "tsc", "flow"})
"""Tools that check types; all others are linters."""


def judge(
    name: str, evidence: GateEvidence, section: QualityGate, gate: FindingsGate
) -> tuple[GateVerdict, ...]:
    """The verdicts on the findings of every run."""

    def concerns(reports: Reports) -> bool:
        return bool(tools_of(reports, name, gate))

    question = Question(evidence, section, name, gate, _bar(gate), (Kind.FINDINGS,), concerns)
    return answer(question, lambda reports: _run(question, gate, reports))


def tools_of(reports: Reports, name: str, gate: FindingsGate) -> tuple[ToolFindings, ...]:
    """The tools that the gate is about: those it names, else those of its kind."""
    if gate.tools:
        return tuple(each for each in reports.findings if each.tool in gate.tools)
    if gate.producers:
        return reports.findings
    return tuple(each for each in reports.findings if (each.tool in TYPE_CHECKERS) == (name == "types"))


def _bar(gate: FindingsGate) -> str:
    total, new = gate.allows
    parts = [counted(total, "finding")] if total is not None else []
    parts += [counted(new, "new finding")] if new is not None else []
    return f"at most {' and '.join(parts)} ({', '.join(gate.levels)})"


def _run(question: Question, gate: FindingsGate, reports: Reports) -> list[GateVerdict]:
    tools = tools_of(reports, question.name, gate)
    levels = [Level(level) for level in gate.levels]
    number = sum(getattr(tool.totals, level.value) for tool in tools for level in levels)
    allowed, allowed_new = gate.allows
    found: list[GateVerdict] = []
    if vacuous := reports.vacuous_of(Kind.FINDINGS):
        found.append(question.verdict(State.INCONCLUSIVE, "nothing looked at", vacuous[0]))
    if allowed is not None:
        found.append(_all(question, gate, tools, number, allowed))
    if allowed_new is not None:
        found += [_new(question, gate, tools, change, allowed_new) for change in question.evidence.changes]
        if not question.evidence.changes:
            reason = "there is no change to hold against a base"
            found.append(question.verdict(State.NOT_APPLICABLE, counted(number, "finding"), reason))
    return found


def _all(
    question: Question, gate: FindingsGate, tools: tuple[ToolFindings, ...], number: int, allowed: int
) -> GateVerdict:
    weight = Weight.FAILS if number > allowed else Weight.INFORMS
    marks = tuple(
        _mark(question, each, weight, None) for tool in tools for each in tool.findings if _counts(each, gate)
    )
    value = counted(number, "finding")
    rule = f"gates.{question.name}.findings"
    if number > allowed:
        over = number - allowed
        reason = (
            f"{counted(over, 'finding')} more than the policy allows" if allowed else "there are findings"
        )
        return question.verdict(
            State.FAIL, value, reason, rule=rule, remedy=f"mend {over} of them", marks=marks
        )
    return question.verdict(State.PASS, value, "no more than the policy allows", rule=rule, marks=marks)


def _new(
    question: Question, gate: FindingsGate, tools: tuple[ToolFindings, ...], change: Change, allowed: int
) -> GateVerdict:
    rule = f"gates.{question.name}.new_findings"
    baseline = change.baseline
    before = dict(baseline.measured.findings).get(question.name) if baseline is not None else None
    if before is None:
        # Without the base's findings only those in changed lines are known to be new.
        return _in_change(question, gate, tools, change, allowed)
    new = prints_now(tools, gate) - prints_of(before)
    number = new.total()
    left, marks = Counter(new), []
    ordered = sorted(
        (each for tool in tools for each in tool.findings if _counts(each, gate)),
        key=lambda each: not is_in_change(each, change),
    )
    for each in ordered:
        mark = fingerprint(each, each.path)
        if left[mark] > 0:
            left[mark] -= 1
            marks.append(_mark(question, each, Weight.FAILS if number > allowed else Weight.WARNS, change))
    value = counted(number, "new finding")
    if number > allowed:
        reason = "the base does not have them"
        return question.verdict(
            State.FAIL,
            value,
            reason,
            rule=rule,
            remedy=f"mend {number - allowed} of them",
            number=change.number,
            marks=tuple(marks),
        )
    reason = "none that the base does not have" if not number else "no more new ones than the policy allows"
    return question.verdict(State.PASS, value, reason, rule=rule, number=change.number, marks=tuple(marks))


def _in_change(
    question: Question, gate: FindingsGate, tools: tuple[ToolFindings, ...], change: Change, allowed: int
) -> GateVerdict:
    rule = f"gates.{question.name}.new_findings"
    inside = [
        each for tool in tools for each in tool.findings if _counts(each, gate) and is_in_change(each, change)
    ]
    marks = tuple(_mark(question, each, Weight.FAILS, change) for each in inside)
    value = f"{counted(len(inside), 'finding')} in changed lines"
    note = ("the base has no recorded findings, so only those in changed lines count as new",)
    if len(inside) > allowed:
        remedy = f"mend {len(inside) - allowed} of them"
        reason = "they are in lines that the change adds"
        return question.verdict(
            State.FAIL, value, reason, rule=rule, remedy=remedy, number=change.number, marks=marks, notes=note
        )
    if not change.complete or any(not file.known for file in change.files):
        reason = "GitHub does not show all changed lines, and the base has no recorded findings"
        return question.verdict(
            State.INCONCLUSIVE, value, reason, rule=rule, number=change.number, notes=note
        )
    return question.verdict(
        State.PASS, value, "none in changed lines", rule=rule, number=change.number, marks=marks, notes=note
    )


def prints_now(tools: tuple[ToolFindings, ...], gate: FindingsGate) -> Counter[bytes]:
    """The fingerprints of all findings that count."""
    found: Counter[bytes] = Counter()
    for tool in tools:
        for level, prints in tool.prints:
            if level in gate.levels:
                found += prints_of(prints)
    return found


def is_in_change(finding: Finding, change: Change) -> bool:
    """Whether a finding lies in a line that the change adds, or in a file that it adds."""
    return finding.path is not None and any(
        file.path == finding.path and (file.is_new or adds(file, finding.line)) for file in change.files
    )


def adds(file: ChangedLines, line: int | None) -> bool:
    """Whether a change adds this line of a file."""
    return line is not None and any(first <= line <= last for first, last in file.added)


def _counts(finding: Finding, gate: FindingsGate) -> bool:
    return finding.level.value in gate.levels


def _mark(question: Question, finding: Finding, weight: Weight, change: Change | None) -> Mark:
    changes = (change,) if change is not None else question.evidence.changes
    title = f"{finding.tool}: {finding.rule}" if finding.rule else finding.tool
    return Mark(
        gate=question.name,
        path=finding.path or "",
        line=finding.line,
        weight=weight,
        title=title,
        message=finding.message,
        source=finding.tool,
        rule=finding.rule,
        end_line=finding.end_line,
        column=finding.column,
        end_column=finding.end_column,
        in_change=any(is_in_change(finding, each) for each in changes),
        fix=finding.fix,
    )
