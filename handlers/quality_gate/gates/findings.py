"""The gates `lint` and `types`: no findings, or none that the base does not have. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.quality_gate.evidence import GateEvidence
from handlers.quality_gate.evidence.changes import Change
from handlers.quality_gate.evidence.runs import OF_MERGE, RunReading
from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.formats.format import Kind
from handlers.quality_gate.gates.asking import Question, answer, is_overdue, readings
from handlers.quality_gate.gates.based import named, speaks_here
from handlers.quality_gate.gates.hidden_findings import hidden_in
from handlers.quality_gate.gates.judged import GateVerdict, Mark, State, Weight, counted
from handlers.quality_gate.gates.new_findings import Touched, is_in, may_be_in, told_apart
from handlers.quality_gate.gates.places import few
from handlers.quality_gate.gates.selected import Selected, is_of_kind, prints_now, selected, spelled, tools_of
from handlers.quality_gate.gates.waiving import spared
from handlers.quality_gate.reports.fingerprints import counted as prints_in
from handlers.quality_gate.reports.readings import Reports, ToolFindings
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.gates import EVERY, FindingsGate

SHOWN = 5


def judge(
    name: str, evidence: GateEvidence, section: QualityGate, gate: FindingsGate
) -> tuple[GateVerdict, ...]:
    """The verdicts on the findings of every run, and on the tools that left none."""

    def concerns(reports: Reports) -> bool:
        return bool(tools_of(reports, name, gate))

    question = Question(evidence, section, name, gate, _bar(gate), (Kind.FINDINGS,), concerns)
    found = answer(question, lambda run, reports: _run(question, gate, run, reports))
    if all(each.state is State.NOT_APPLICABLE and not each.run_ids for each in found):
        return found
    return (*found, *_silent(question, gate))


def _bar(gate: FindingsGate) -> str:
    total, new = gate.allows
    parts = [counted(total, "finding")] if total is not None else []
    parts += [counted(new, "new finding")] if new is not None else []
    return f"at most {' and '.join(parts)} ({', '.join(gate.levels)})"


def _silent(question: Question, gate: FindingsGate) -> list[GateVerdict]:
    """Tools that the policy names or the base heard, and that no run reports: their silence is no absence of findings."""
    runs = [run for reading in readings(question) for run in reading.runs]
    heard = {tool.tool for run in runs if run.reports for tool in run.reports.findings}
    if any(not run.is_complete for run in runs) and not is_overdue(question.evidence):
        return []
    # Without a producer nobody knows which workflow brings them, and whether it has begun.
    is_late = bool(gate.producers) or is_overdue(question.evidence)
    state = State.MISSING if is_late else State.WAITING
    rule, value = f"gates.{question.name}.tools", "not all tools reported"
    found = []
    if absent := sorted(gate.named - {spelled(tool) for tool in heard}):
        unnamed, remedy = _unnamed(runs, absent)
        others = tuple(sorted({spelled(tool) for tool in heard} - gate.named))
        known = f"; not named, and reported: {few(others)}" if others else ""
        reason = f"the policy names {', '.join(absent)}, and no report is theirs{known}{unnamed}"
        found.append(question.verdict(state, value, reason, rule=rule, remedy=remedy))
    if EVERY in gate.tools and not any(is_of_kind(tool, question.name, gate) for tool in heard):
        reason = f"the policy counts every tool for {question.name}, and no report is of one"
        found.append(question.verdict(state, value, reason, rule=rule))
    if gate.takes_all:
        found += [
            each for change in question.evidence.changes for each in _lost(question, change, runs, heard)
        ]
    return found


def _lost(question: Question, change: Change, runs: list[RunReading], heard: set[str]) -> list[GateVerdict]:
    base = change.baseline
    had = base.measured.tools if base is not None else ()
    gone = sorted(
        {
            tool
            for gate, workflow, tool in had
            if gate == question.name and tool not in heard and speaks_here(runs, change, workflow)
        }
    )
    if base is None or not gone:
        return []
    unnamed, remedy = _unnamed(runs, gone)
    leave_out = "to leave it out, name the rest in tools"
    reason = (
        f"{named(base)} has reports of {', '.join(gone)}, this commit has none{unnamed or f'; {leave_out}'}"
    )
    return [
        question.verdict(
            State.INCONCLUSIVE,
            "fewer tools than at the base",
            reason,
            remedy=f"{remedy}; {leave_out}" if remedy else "",
            number=change.number,
        )
    ]


def _unnamed(runs: list[RunReading], tools: list[str]) -> tuple[str, str]:
    """The files that may be of tools that found nothing, and how these can say so; empty where there are none."""
    blank = tuple(dict.fromkeys(each for run in runs if run.reports for each in run.reports.blank))
    if not blank:
        return "", ""
    formats = [each.name for each in FORMATS.values() if each.kind is Kind.FINDINGS and each.tool in tools]
    key = f"`format: {formats[0]}`" if len(formats) == 1 else "its `format`"
    return (
        f"; {few(blank)} {'holds' if len(blank) == 1 else 'hold'} [], which names no tool",
        f"write it as SARIF, which names its tool, or declare a producer with {key}",
    )


def _run(question: Question, gate: FindingsGate, run: RunReading, reports: Reports) -> list[GateVerdict]:
    tools = tools_of(reports, question.name, gate)
    counting = selected(tools, gate, spared(question.evidence, question.section, question.name))
    allowed, allowed_new = gate.allows
    changes = question.evidence.changes
    if run.trigger not in OF_MERGE:
        # its files and lines are those of the commit
        changes = tuple(replace(each, base_moved=(), base_renames=()) for each in changes)
    found: list[GateVerdict] = []
    if vacuous := reports.vacuous_of(Kind.FINDINGS):
        found.append(question.verdict(State.INCONCLUSIVE, "nothing looked at", vacuous[0]))
    if allowed is not None:
        found.append(_all(question, tools, counting, allowed))
    if allowed_new is not None:
        found += [_new(question, tools, counting, change, allowed_new) for change in changes]
        if not changes:
            reason = "there is no change to hold against a base"
            found.append(question.verdict(State.NOT_APPLICABLE, _value(counting, "finding"), reason))
    return found


def _all(
    question: Question, tools: tuple[ToolFindings, ...], counting: tuple[Selected, ...], allowed: int
) -> GateVerdict:
    number, rule = len(counting), f"gates.{question.name}.findings"
    over, value = number - allowed, _value(counting, "finding")
    weight = Weight.FAILS if over > 0 else Weight.INFORMS
    marks, notes = _marks(question, counting, weight, question.evidence.changes), _notes(tools)
    if over <= 0:
        reason = "no more than the policy allows"
        return question.verdict(State.PASS, value, reason, rule=rule, marks=marks, notes=notes)
    reason = f"{counted(over, 'finding')} more than the policy allows" if allowed else "there are findings"
    remedy = _mend(over, counting)
    return question.verdict(State.FAIL, value, reason, rule=rule, remedy=remedy, marks=marks, notes=notes)


def _new(
    question: Question,
    tools: tuple[ToolFindings, ...],
    counting: tuple[Selected, ...],
    change: Change,
    allowed: int,
) -> GateVerdict:
    base = change.baseline
    before = dict(base.measured.findings).get(question.name) if base is not None else None
    if base is None or before is None:
        # Without the base's findings only those in changed lines are known to be new.
        return _in_change(question, tools, counting, change, allowed)
    new, old = told_apart(counting, prints_in(before), change)
    over, value, rule = len(new) - allowed, _value(new, "new finding"), f"gates.{question.name}.new_findings"
    weight = Weight.FAILS if over > 0 else Weight.WARNS
    marks, notes = _marks(question, new, weight, (change,)), [*_notes(tools)]
    if base.distance:
        notes.append(f"held against {named(base)}")
    if new and not change.complete:
        notes.append("GitHub does not list all changed files: findings in renamed ones may count as new")
    if old and not change.complete:
        notes.append(
            "not all changed files are listed: in the others a new finding may pass for a mended one"
        )
    state, remedy = State.PASS, ""
    reason = "no more new ones than the policy allows" if new else f"none that {named(base)} does not have"
    if over > 0:
        state, reason, remedy = State.FAIL, f"{named(base)} does not have them", _mend(over, new)
    elif over + (hidden := hidden_in(old, change)).number > 0:
        state, reason, remedy = State.INCONCLUSIVE, hidden.reason, hidden.remedy
    return question.verdict(
        state,
        value,
        reason,
        rule=rule,
        remedy=remedy,
        number=change.number,
        marks=marks,
        notes=tuple(notes),
    )


def _in_change(
    question: Question,
    tools: tuple[ToolFindings, ...],
    counting: tuple[Selected, ...],
    change: Change,
    allowed: int,
) -> GateVerdict:
    touched = Touched(change)
    inside = tuple(each for each in counting if is_in(each, touched))
    unknown = may_be_in(counting, touched)
    state, reason, remedy = State.PASS, "no more in the change than the policy allows", ""
    if len(inside) > allowed:
        state, reason = State.FAIL, "they are in lines or files that the change adds"
        remedy = _mend(len(inside) - allowed, inside)
    elif len(inside) + unknown > allowed:
        state = State.INCONCLUSIVE
        reason = f"{counted(unknown, 'more finding')} may be in the change too: neither lines nor the base's findings are known"
        if moved := sorted({each.path for each in change.files} & set(change.base_moved)):
            reason = f"{reason}; {change.base_ref} changed {few(moved)} since"
            remedy = "bring the branch up to date"
    weight = Weight.FAILS if state is State.FAIL else Weight.WARNS
    why = "the base has no recorded findings, so only those in what the change adds count as new"
    return question.verdict(
        state,
        f"{_value(inside, 'finding')} in the change",
        reason,
        rule=f"gates.{question.name}.new_findings",
        remedy=remedy,
        number=change.number,
        marks=_marks(question, inside, weight, (change,)),
        notes=(why, *_notes(tools)),
    )


def _mend(over: int, counting: Sequence[Selected]) -> str:
    """The least that has to go, of so many, and where the first of them are."""
    number, where = len(counting), _where(counting)
    if over < number:
        return f"mend {over} of the {number}{where}"
    return f"mend it{where}" if number == 1 else f"mend all {number}{where}"


def _where(counting: Sequence[Selected]) -> str:
    """`: a.py:3, b.py:9 and 4 more`; empty where no place is kept."""
    kept = (each.finding for each in counting)
    known = [f"{each.path}:{each.line}" if each.line else each.path for each in kept if each and each.path]
    if not known:
        return ""
    more = len(counting) - len(known[:SHOWN])
    return f": {', '.join(known[:SHOWN])}{f' and {more} more' if more else ''}"


def _value(counting: tuple[Selected, ...], what: str) -> str:
    """How many there are, and of which tools where there are several: one that two tools report counts once, at each of them."""
    number = counted(len(counting), what)
    tools = sorted({tool for each in counting for tool in each.tools})
    if len(tools) < 2:  # noqa: PLR2004 (one tool needs no sum)
        return number
    each_of = ", ".join(f"{tool} {sum(tool in each.tools for each in counting)}" for tool in tools[:SHOWN])
    more = f" and {len(tools) - SHOWN} more tools" if len(tools) > SHOWN else ""
    shared = sum(len(each.tools) > 1 for each in counting)
    return f"{number} ({each_of}{more}{f'; {shared} reported by several' if shared else ''})"


def _notes(tools: tuple[ToolFindings, ...]) -> tuple[str, ...]:
    return tuple(
        f"of {tool.totals.findings} findings of {tool.tool} {len(tool.findings)} are kept in full; all are counted"
        for tool in tools
        if len(tool.findings) < tool.totals.findings
    )


def _marks(
    question: Question, counting: tuple[Selected, ...], weight: Weight, changes: tuple[Change, ...]
) -> tuple[Mark, ...]:
    touched = [Touched(change) for change in changes]
    return tuple(_mark(question, each, weight, touched) for each in counting if each.finding is not None)


def _mark(question: Question, found: Selected, weight: Weight, touched: list[Touched]) -> Mark:
    finding = found.finding
    assert finding is not None  # noqa: S101 (asked by the caller)
    also = sorted({f"{each.tool} {each.rule}".strip() for each in found.also})
    said = [finding.message]
    said += [f"Also reported by {', '.join(also)}."] if also else []
    said += [f"Only in {', '.join(found.legs[:SHOWN])}."] if found.legs else []
    return Mark(
        gate=question.name,
        path=finding.path or "",
        line=finding.line,
        weight=weight,
        title=f"{finding.tool}: {finding.rule}" if finding.rule else finding.tool,
        message="\n".join(said),
        source=finding.tool,
        rule=finding.rule,
        end_line=finding.end_line,
        column=finding.column,
        end_column=finding.end_column,
        in_change=any(is_in(found, each) for each in touched),
        fix=finding.fix,
    )


__all__ = ["judge", "prints_now", "tools_of"]
