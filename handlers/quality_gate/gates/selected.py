"""Which findings count for a gate: those of its tools and levels, each once though several tools report it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.findings import Finding
from handlers.quality_gate.reports.fingerprints import fingerprint, places_in
from handlers.quality_gate.reports.readings import Reports, ToolFindings
from handlers.quality_gate.section.gates import FindingsGate

TYPE_CHECKERS = frozenset({"mypy", "pyright", "basedpyright", "pyre", "pytype", "ty", "tsc", "flow"})
"""Tools that check types; all others are linters."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A finding that counts, once: its place as each of its tools gives it, and what is kept of it.

    `finding` is None where only the place is kept. `also` are the findings of other tools that say the same; `legs` are the
    artifacts that have it, where others of the tool have not.
    """

    tools: tuple[str, ...]
    places: tuple[bytes, ...]
    finding: Finding | None = None
    also: tuple[Finding, ...] = ()
    legs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """A finding as one tool tells it."""

    tool: str
    place: bytes
    finding: Finding | None
    group: int | None
    legs: tuple[str, ...]


def tools_of(reports: Reports, name: str, gate: FindingsGate) -> tuple[ToolFindings, ...]:
    """The tools that the gate is about: those it names, and those of its kind where it takes all."""
    return tuple(
        each
        for each in reports.findings
        if spelled(each.tool) in gate.named or (gate.takes_all and is_of_kind(each.tool, name, gate))
    )


def spelled(tool: str) -> str:
    """A tool as a policy can name it: `semgrep-oss` for what calls itself `Semgrep OSS`; reports' tools are in lower case."""
    return "-".join(tool.split())


def is_of_kind(tool: str, name: str, gate: FindingsGate) -> bool:
    """Whether a gate that names no tools is about this one: about all that its producers ran, else about those of its name."""
    return bool(gate.producers) or (tool in TYPE_CHECKERS) == (name == "types")


def nothing_spared(_finding: Finding) -> bool:
    """That no finding is spared."""
    return False


def selected(
    tools: tuple[ToolFindings, ...],
    gate: FindingsGate,
    spared: Callable[[Finding], bool] = nothing_spared,
) -> tuple[Selected, ...]:
    """What counts, in the order of tools, levels, paths and lines; a finding that one of its tools' is `spared` for does not.

    What is not kept in full cannot be spared: it counts.
    """
    told = [each for tool in tools for each in _told(tool, gate)]
    groups: dict[int, list[_Told]] = {}
    for each in told:
        if each.group is not None:
            groups.setdefault(each.group, []).append(each)
    found = []
    for each in told:
        same = [each] if each.group is None else groups[each.group]
        if same[0] is not each:
            continue
        findings = [one.finding for one in same if one.finding is not None]
        if not any(spared(finding) for finding in findings):
            found.append(
                Selected(
                    tuple(one.tool for one in same),
                    tuple(one.place for one in same),
                    findings[0] if findings else None,
                    tuple(findings[1:]),
                    each.legs,
                )
            )
    return tuple(found)


def prints_now(tools: tuple[ToolFindings, ...], gate: FindingsGate) -> Counter[bytes]:
    """The fingerprints of all findings of these tools on the gate's levels, as each of the tools tells them."""
    return Counter(fingerprint(each.place) for tool in tools for each in _told(tool, gate))


def _told(tool: ToolFindings, gate: FindingsGate) -> list[_Told]:
    groups, legs = dict(tool.twins), dict(tool.legs)
    found, number = [], 0
    for level, places in tool.places:
        for where in places_in(places):
            if level in gate.levels:
                finding = tool.findings[number] if number < len(tool.findings) else None
                bits = legs.get(number, 0)
                names = tuple(name for bit, name in enumerate(tool.artifacts) if bits >> bit & 1)
                found.append(_Told(tool.tool, where, finding, groups.get(number), names))
            number += 1
    return found
