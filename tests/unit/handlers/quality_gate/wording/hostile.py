"""A commit about which strangers say something in every field that they can write, and what a reader must never meet."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

from app.domain.audits import Audit, Dependency, Vulnerability
from app.domain.markdown import BREAK
from app.domain.reports import CaseTotals, FailedCase, TestReport, Tool
from app.ports.policies import ConfigError, PolicySource
from handlers.quality_gate.evidence import GateEvidence, PolicyFacts, ProposedPolicy
from handlers.quality_gate.evidence.changes import Change, ChangedLines
from handlers.quality_gate.evidence.runs import ArtifactFacts, ProducerReading, RunReading, Trusted
from handlers.quality_gate.reports.gathered import Gathered
from handlers.quality_gate.reports.readings import Problem, ReportFile, Reports
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.values import TrustLevel
from tests.unit.handlers.quality_gate.commit import MAIN, NOW, REPOSITORY, SHA, SUBJECT

OWN_LINK = re.compile(
    r"\[(?:run \d+)?\]\(https://github\.com/octo/tool/actions/runs/\d+/(?:attempts|artifacts)/\d+\)"
)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
"""An ampersand that is not one of ours."""
ACTIVE = {
    "a mention": re.compile(r"@[\w-]"),
    "a reference": re.compile(r"(?<![#\n])#\d|\bgh-\d", re.IGNORECASE),
    "a link": re.compile(r"://|\bwww\.", re.IGNORECASE),
    "a picture": re.compile(r":[\w+-]+:"),
    "HTML": re.compile(r"[<>]"),
    "a bracket": re.compile(r"(?<!\\)[\[\]]"),
    "an entity": ENTITY,
}


def hostile(
    word: str,
    *,
    conclusion: str | None = None,
    trust: TrustLevel = TrustLevel.T3,
    good: bool = False,
    times: int = 1,
) -> GateEvidence:
    """Evidence with this word wherever a stranger may choose one; `good` has nothing wrong but its end or its trust."""
    gates: dict[str, object] = {"tests": {}}
    if not good:
        gates |= {"coverage": {}, "lint": {"findings": 0}, "audit": {}, "build": {"expect": ["*.whl"]}}
    waiver = {"gate": "lint", "until": date(2026, 12, 1), "by": "octo", "why": f"why {word}"[:500]}
    section = QualityGate.model_validate({"gates": gates, "waivers": [waiver]})
    run = RunReading(
        run_id=7,
        attempt=1,
        path=f".github/workflows/{word}.yml",
        trigger="push",
        status="completed",
        conclusion=conclusion or ("success" if good else "failure"),
        trust=Trusted(trust, f"this change edits {word}"),
        artifacts=(ArtifactFacts(word, "ab" * 32, 9, 3), ArtifactFacts("b", None, 9, 4)),
        reports=passed(word) if good else reports(word),
    )
    return GateEvidence(
        repository=REPOSITORY,
        subject=SUBJECT,
        head_sha=SHA,
        now=NOW,
        last_activity_at=NOW,
        policy=PolicyFacts(
            configured=True,
            section=section,
            source=PolicySource(".github/hephaestus.yml", word, MAIN, "c" * 40),
            errors=() if good else (ConfigError(1, 1, word, word),),
            broken=None if good else PolicySource(".github/hephaestus.yml", word, MAIN, "d" * 40),
            lines=(("quality_gate.gates.tests", 4),),
        ),
        producers=(ProducerReading(None, (run,)),),
        changes=(Change(3, word, MAIN, MAIN, (ChangedLines(word, added=((1, 3),)),)),),
        proposed=ProposedPolicy(".github/hephaestus.yml", "", errors=(ConfigError(1, 1, word, word),)),
        notes=tuple(f"{number} {word}" for number in range(times)),
    )


def passed(word: str) -> Reports:
    """A report of one test that passed."""
    files = (ReportFile(word, word, "x", "tests", (Tool(word, word),)),)
    return Reports(files=files, tests=TestReport(CaseTotals(1, 1)), notes=(word,))


def reports(word: str) -> Reports:
    """Reports of tests, a linter and an audit, and what was remarked about them."""
    finding = {
        "code": word,
        "filename": word,
        "location": {"row": 1, "column": 1},
        "end_location": {"row": 1, "column": 2},
        "message": word,
        "noqa_row": 1,
    }
    gathered = Gathered((), None)
    gathered.take("lint", "r.json", json.dumps([finding, {**finding, "filename": "a.py"}]).encode())
    return replace(
        gathered.reports(),
        files=tuple(
            ReportFile(word, word, "x", kind, (Tool(word, word),))
            for kind in ("tests", "coverage", "findings", "audit")
        ),
        tests=TestReport(
            CaseTotals(2, 0, 2),
            failures=(FailedCase(word, word, word, 3), FailedCase(f"second {word}", "", "a.py", 4)),
        ),
        audit=Audit((Dependency(word, word), Dependency("b", "1", word)), (Vulnerability(word, word, word),)),
        problems=(Problem("coverage", word),),
        vacuous=(Problem("coverage", word),),
        notes=(word,),
    )


def found_in(markdown: str) -> list[str]:
    """What in a text would be more than words to GitHub; empty where nothing is."""
    found = [f"a control character: {match[0]!r}" for match in CONTROL.finditer(markdown)]
    for line in markdown.split("\n"):
        words = OWN_LINK.sub("", outside_code(line)).replace(BREAK, "\0")
        if line.startswith("|") and len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) not in {5, 6}:
            found.append(f"a cell too many: {line}")
        found += [f"{what}: {line}" for what, pattern in ACTIVE.items() if pattern.search(words)]
    return found


def outside_code(line: str) -> str:
    """A line without its code spans, as CommonMark 0.31 reads them (6.1): a run of backticks ends at one as long."""
    out, at = [], 0
    while at < len(line):
        if line[at] == "\\":
            out.append(line[at : at + 2])
            at += 2
        elif line[at] == "`":
            run = re.compile("`+").match(line, at)
            fence = run[0] if run else "`"
            end = re.compile(f"(?<!`){fence}(?!`)").search(line, at + len(fence))
            out.append("" if end else fence)
            at = end.end() if end else at + len(fence)
        else:
            out.append(line[at])
            at += 1
    return "".join(out)
