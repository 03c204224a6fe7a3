"""XML of SpotBugs."""

from __future__ import annotations

import pytest

from app.domain.findings import Finding, Level
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats.findings.spotbugs import FORMAT

CLEAN = '<Errors errors="0" missingClasses="0"/><FindBugsSummary total_classes="4" total_bugs="0"/>'
OF_CLASS = '<Class classname="a.B"><SourceLine start="1" end="90" sourcefile="B.java" sourcepath="a/B.java"/></Class>'
OF_METHOD = (
    '<Method name="m"><SourceLine start="20" end="30" sourcefile="B.java" sourcepath="a/B.java"/></Method>'
)
OWN = '<SourceLine start="21" end="22" sourcefile="B.java" sourcepath="a/B.java"/>'


def read(body: str) -> Report:
    raw = f'<BugCollection version="4.8.6" sequence="0">{body}</BugCollection>'.encode()
    assert FORMAT.sniff(raw)
    return FORMAT.parse(raw)


def bug(*places: str, priority: str = "2", text: str = "<LongMessage>Null at B</LongMessage>") -> str:
    head = f'<BugInstance type="NP_NULL" priority="{priority}" rank="1" category="CORRECTNESS">'
    return f"{head}<ShortMessage>Null</ShortMessage>{text}{''.join(places)}</BugInstance>"


def only(body: str) -> Finding:
    found = read(body).findings
    assert found is not None
    (one,) = found.findings
    return one


def test_a_bug_lies_at_its_own_first_line() -> None:
    later = OWN.replace("21", "40").replace("22", "41")
    found = only(bug(OF_CLASS, OF_METHOD, OWN, later))
    assert found == Finding("spotbugs", "NP_NULL", Level.WARNING, "Null at B", "a/B.java", 21, None, 22)


@pytest.mark.parametrize(("places", "line"), [((OF_CLASS, OF_METHOD), 20), ((OF_CLASS,), 1), ((), None)])
def test_a_bug_without_a_line_of_its_own_lies_at_its_method_or_class(
    places: tuple[str, ...], line: int | None
) -> None:
    assert only(bug(*places)).line == line


@pytest.mark.parametrize(("priority", "level"), [("1", Level.ERROR), ("3", Level.NOTE), ("x", Level.ERROR)])
def test_priorities_are_levels(priority: str, level: Level) -> None:
    assert only(bug(OWN, priority=priority)).level is level


def test_a_bug_without_a_long_message_says_its_short_one() -> None:
    assert only(bug(OWN, text="")).message == "Null"


def test_a_clean_run_proves_something() -> None:
    report = read(CLEAN)
    assert (report.vacuous, report.contradictions, report.tools) == ((), (), (Tool("spotbugs", "4.8.6"),))


def test_a_run_over_no_class_proves_nothing() -> None:
    assert read(CLEAN.replace('classes="4"', 'classes="0"')).vacuous == ("SpotBugs analysed no class",)


@pytest.mark.parametrize(
    "errors", ['<Errors errors="2"/>', "<Errors><Error/><AnalysisError>x</AnalysisError></Errors>"]
)
def test_errors_of_the_analysis_prove_nothing(errors: str) -> None:
    assert read(errors).vacuous == ("SpotBugs had 2 errors while it analysed",)


def test_missing_classes_are_a_warning() -> None:
    report = read('<Errors errors="0" missingClasses="3"><MissingClass>x.Y</MissingClass></Errors>')
    assert (report.warnings, report.vacuous) == (("SpotBugs missed 3 classes",), ())


def test_bugs_that_only_the_summary_has_are_a_contradiction() -> None:
    report = read('<FindBugsSummary total_classes="4" total_bugs="5"/>')
    assert report.contradictions == ("the summary says 5 bugs, 0 are listed",)


@pytest.mark.parametrize(
    "raw", [b"", b"<bugs/>", b"<BugCollection>", f"<BugCollection>{bug(bug())}".encode()]
)
def test_other_or_unfinished_xml_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        FORMAT.parse(raw)
