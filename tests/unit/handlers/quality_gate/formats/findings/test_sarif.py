"""What is taken from SARIF, and what makes a file of it prove nothing."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from app.domain.findings import Finding, FindingTotals, Level, Replacement
from app.domain.reports import Report, Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report
from handlers.quality_gate.formats.findings import sarif, sarif_keys

HERE = {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": {"startLine": 3}}}


def log(
    *results: dict[str, Any],
    rules: tuple[dict[str, Any], ...] = ({"id": "R1"},),
    extensions: tuple[dict[str, Any], ...] = (),
    **run: object,
) -> dict[str, Any]:
    driver = {"name": "Scanner", "semanticVersion": "1.2.3", "rules": rules}
    tool = {"driver": driver, "extensions": extensions}
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": results} | run]}


def result(**keys: object) -> dict[str, Any]:
    return {"ruleId": "R1", "message": {"text": "bad"}, "locations": [HERE]} | keys


def read(document: dict[str, Any]) -> Report:
    return read_report(json.dumps(document).encode())


def findings(document: dict[str, Any]) -> tuple[Finding, ...]:
    report = read(document)
    assert report.findings is not None
    return report.findings.findings


def fix(*pieces: dict[str, Any]) -> dict[str, Any]:
    return {"artifactChanges": [{"artifactLocation": {"uri": "src/a.py"}, "replacements": list(pieces)}]}


def piece(start: int, end: int, text: str) -> dict[str, Any]:
    region = {"startLine": start, "startColumn": 1, "endLine": end, "endColumn": 5}
    return {"deletedRegion": region, "insertedContent": {"text": text}}


def test_a_result_is_a_finding_with_its_place_and_tool() -> None:
    region = {"startLine": 3, "startColumn": 5, "endColumn": 9, "snippet": {"text": "x = eval(y)\n"}}
    where = {"physicalLocation": {"artifactLocation": {"uri": "src/a.py"}, "region": region}}
    report = read(log(result(level="error", locations=[where])))
    assert report.findings is not None
    assert report.findings.findings == (
        Finding("scanner", "R1", Level.ERROR, "bad", "src/a.py", 3, 5, 3, 9, "x = eval(y)"),
    )
    assert report.tools == (Tool("scanner", "1.2.3"),)


RULES: tuple[dict[str, Any], ...] = (
    {"id": "R0"},
    {"id": "R1", "defaultConfiguration": {"level": "error"}},
)
EXTENSION = {"name": "pack", "rules": [{"id": "P", "defaultConfiguration": {"level": "note"}}]}


@pytest.mark.parametrize(
    ("keys", "level"),
    [
        ({"level": "note"}, Level.NOTE),
        ({}, Level.ERROR),
        ({"ruleId": None, "ruleIndex": 1}, Level.ERROR),
        ({"ruleId": "R1/detail"}, Level.ERROR),
        ({"ruleId": "R0"}, Level.WARNING),
        ({"ruleId": "unknown", "ruleIndex": 999}, Level.WARNING),
        ({"ruleIndex": -1}, Level.ERROR),
        ({"ruleId": None, "rule": {"id": "P", "index": 0, "toolComponent": {"index": 0}}}, Level.NOTE),
        ({"rule": {"toolComponent": {"index": 7}}}, Level.ERROR),
        ({"level": "fatal"}, Level.ERROR),
        ({"kind": "pass", "level": "error"}, Level.NONE),
        ({"kind": "fail"}, Level.ERROR),
        ({"kind": "open"}, Level.NONE),
    ],
)
def test_the_level_is_the_results_else_the_rules_else_warning(keys: dict[str, Any], level: Level) -> None:
    (found,) = findings(log(result(**keys), rules=RULES, extensions=(EXTENSION,)))
    assert found.level is level


def test_a_rule_is_named_by_its_index_where_the_result_has_no_id() -> None:
    (found,) = findings(log(result(ruleId=None, ruleIndex=1), rules=RULES))
    assert found.rule == "R1"


def test_a_message_by_id_is_the_rules_text_with_its_arguments() -> None:
    rules = ({"id": "R1", "messageStrings": {"default": {"text": "{0} is not {1}, nor {2}"}}},)
    (found,) = findings(log(result(message={"id": "default", "arguments": ["a", "b"]}), rules=rules))
    assert found.message == "a is not b, nor {2}"


@pytest.mark.parametrize(
    ("suppressions", "suppressed"),
    [
        ([{"kind": "inSource"}], 1),
        ([{"kind": "external", "status": "accepted"}], 1),
        ([{"status": "accepted"}, {"status": "underReview"}], 0),
        ([{"status": "rejected"}], 0),
        ([], 0),
    ],
)
def test_only_accepted_suppressions_take_a_result_away(
    suppressions: list[dict[str, str]], suppressed: int
) -> None:
    report = read(log(result(suppressions=suppressions)))
    assert report.findings is not None
    assert (report.findings.suppressed, report.findings.totals.findings) == (suppressed, 1 - suppressed)


def test_a_result_that_is_gone_is_no_finding() -> None:
    assert findings(log(result(baselineState="absent"), result(baselineState="unchanged")))[1:] == ()


BASES = {
    "ROOT": {"uri": "file:///home/runner/work/"},
    "SRC": {"uri": "src", "uriBaseId": "ROOT"},
    "LOOP": {"uri": "a", "uriBaseId": "LOOP"},
}


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ({"uri": "./src/a%20b.py"}, "src/a b.py"),
        ({"uri": "file:///srv/a.py"}, "/srv/a.py"),
        ({"uri": "file:///C:/work/a.py"}, "C:/work/a.py"),
        ({"uri": "file://server/share/a.py"}, "/share/a.py"),
        ({"uri": "https://example.org/a.py"}, "https://example.org/a.py"),
        ({"uri": "a.py", "uriBaseId": "SRC"}, "/home/runner/work/src/a.py"),
        ({"uri": "a.py", "uriBaseId": "%SRCROOT%"}, "a.py"),
        ({"uri": "b.py", "uriBaseId": "LOOP"}, "a/a/a/a/a/a/a/a/b.py"),
        ({"index": 0}, "by/index.py"),
        ({"index": 7}, None),
        ({}, None),
    ],
)
def test_locations_are_resolved_to_paths_as_text(location: dict[str, Any], path: str | None) -> None:
    where = [{"physicalLocation": {"artifactLocation": location}}]
    artifacts = [{"location": {"uri": "by/index.py"}}]
    (found,) = findings(log(result(locations=where), artifacts=artifacts, originalUriBaseIds=BASES))
    assert found.path == path


def test_the_first_location_that_names_a_file_is_the_place() -> None:
    (found,) = findings(log(result(locations=[{}, {"physicalLocation": {}}, HERE])))
    assert (found.path, found.line) == ("src/a.py", 3)


def test_all_pieces_of_the_only_fix_are_kept() -> None:
    (found,) = findings(log(result(fixes=[fix(piece(1, 2, "x"), piece(4, 4, ""))])))
    assert found.fix == (
        Replacement("src/a.py", 1, 1, 2, 5, "x"),
        Replacement("src/a.py", 4, 1, 4, 5, ""),
    )


def test_alternative_fixes_are_left_to_a_person() -> None:
    (found,) = findings(log(result(fixes=[fix(piece(1, 2, "x")), fix(piece(1, 2, "y"))])))
    assert found.fix == ()


def test_a_fix_of_which_one_piece_has_no_lines_is_not_kept_in_part() -> None:
    offsets = {"deletedRegion": {"charOffset": 7, "charLength": 2}}
    (found,) = findings(log(result(fixes=[fix(piece(1, 2, "x"), offsets)])))
    assert found.fix == ()


def test_fixes_of_ruff_are_not_kept_because_unsafe_ones_are_among_them() -> None:
    document = log(result(fixes=[fix(piece(1, 2, "x"))]))
    document["runs"][0]["tool"]["driver"]["name"] = "ruff"
    assert findings(document)[0].fix == ()


def without_results() -> dict[str, Any]:
    document = log()
    del document["runs"][0]["results"]
    return document


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"version": "2.1.0", "runs": []}, "the file has no run"),
        ({"version": "2.1.0", "runs": None}, "the file has no run"),
        (without_results(), "a run has no list of results: it did not scan"),
        (log(results=None), "a run has no list of results: it did not scan"),
        (log(invocations=[{"executionSuccessful": False}]), "the tool says that its run failed"),
        (
            log(invocations=[{"toolExecutionNotifications": [{"level": "error"}]}]),
            "the tool reports an error of its own",
        ),
        (
            log(invocations=[{"toolConfigurationNotifications": [{"level": "error"}]}]),
            "the tool reports an error of its own",
        ),
        (
            log(externalPropertyFileReferences={"results": [{"location": {"uri": "more.sarif"}}]}),
            "results lie in another file, which is not read",
        ),
        (
            log() | {"inlineExternalProperties": [{"results": [{}]}]},
            "results lie in external properties, which are not read",
        ),
    ],
)
def test_a_scan_that_did_not_finish_proves_nothing(document: dict[str, Any], reason: str) -> None:
    assert read(document).vacuous == (reason,)


def test_a_warning_of_the_tool_about_itself_is_no_reason_to_doubt() -> None:
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": [{"level": "warning"}, {}]}
    assert read(log(invocations=[invocation])).vacuous == ()


def test_a_bare_run_without_results_is_read_with_a_warning() -> None:
    report = read(log(rules=()))
    assert (report.vacuous, len(report.warnings)) == ((), 1)
    assert read(log()).warnings == ()


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "2.1.0-rtm.5", "2.2"])
def test_another_version_is_refused_by_name(version: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(log() | {"version": version})
    assert refused.value.code == "report.sarif_version"
    assert version in refused.value.message


def test_another_version_is_named_even_where_its_shape_differs() -> None:
    with pytest.raises(InvalidInput) as refused:
        read({"version": "1.0.0", "runs": [{"tool": "x", "results": {}}]})
    assert refused.value.code == "report.sarif_version"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{"message"',
        b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{"level":7}]}]}',
        b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{"rank":NaN}]}]}',
        b'{"version":"2.1.0","runs":[{"results":[]}]}',
        b'{"version":"2.1.0","runs":' + b"[" * 100_000,
    ],
)
def test_what_is_cut_off_or_of_another_shape_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "sarif")
    assert refused.value.code == "report.not_json"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{}],"results":[]}]}', "results"),
        (b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{}]}],"runs":[]}', "runs"),
        (
            b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{"level":"error","level":"none"}]}]}',
            "level",
        ),
        (
            b'{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{}],"re\\u0073ults":[]}]}',
            "results",
        ),
    ],
)
def test_a_repeated_key_that_could_hide_a_finding_is_a_contradiction(raw: bytes, key: str) -> None:
    assert read_report(raw).contradictions == (f"an object has the key '{key}' twice",)


WHERE = {"physicalLocation": {"artifactLocation": {"uri": "a", "uriBaseId": "S", "index": 0}}}
SMALL_AND_LARGE = (sarif_keys.SMALL_BYTES, 0)
FULL = result(
    ruleId="r",
    ruleIndex=0,
    rule={"id": "r", "index": 0, "toolComponent": {"index": 0}},
    level="error",
    kind="fail",
    baselineState="new",
    suppressions=[{"status": "rejected"}],
    locations=[WHERE, WHERE],
    fixes=[{"artifactChanges": [{"artifactLocation": {"uri": "a"}, "replacements": []}]}],
)


@pytest.mark.parametrize("small_bytes", SMALL_AND_LARGE)
@pytest.mark.parametrize(
    "key",
    ["ruleId", "ruleIndex", "rule", "level", "kind", "baselineState", "suppressions", "status", "locations",
     "physicalLocation", "artifactLocation", "uri", "uriBaseId", "index", "toolComponent", "fixes", "results", "rules",
     "id", "defaultConfiguration", "runs"],
)  # fmt: skip
def test_a_key_that_decides_is_seen_where_it_is_repeated(
    key: str, small_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_keys, "SMALL_BYTES", small_bytes)
    document = log(FULL, rules=({"id": "r", "defaultConfiguration": {"level": "error"}},))
    raw = json.dumps(document).replace(f'"{key}": ', f'"{key}": null, "{key}": ', 1).encode()
    assert read_report(raw).contradictions == (f"an object has the key '{key}' twice",)


@pytest.mark.parametrize("small_bytes", SMALL_AND_LARGE)
def test_a_key_that_is_no_utf8_is_refused(small_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif_keys, "SMALL_BYTES", small_bytes)
    with pytest.raises(InvalidInput) as refused:
        sarif.parse(json.dumps(log(result(), odd=1)).encode().replace(b"odd", b"\xed\xa0\x80"))
    assert refused.value.code == "report.not_json"


def test_the_results_of_a_large_file_that_show_no_doubt_are_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sarif_keys, "SMALL_BYTES", 0)
    raw = (
        json.dumps(log(result(level="error", rank=1))).encode().replace(b'"rank": 1', b'"rank": 1, "rank": 2')
    )
    assert read_report(raw).contradictions == ()


@pytest.mark.parametrize("small_bytes", SMALL_AND_LARGE)
@pytest.mark.parametrize(
    "extra",
    [
        {"properties": {"level": "high", "kind": "x"}, "logicalLocations": [{"kind": "module"}]},
        {"relatedLocations": [WHERE], "codeFlows": [{"threadFlows": [{"locations": [{"location": WHERE}]}]}]},
        {"rule": {"id": "r", "index": 0, "toolComponent": {"index": 0}}, "locations": [WHERE, WHERE]},
        {
            "locations": [{**WHERE, "message": {"text": "\u00e9 \\"}}],
            "suppressions": [{"status": "rejected"}],
        },
        {"properties": {"uri": "a", "ruleId": "x"}},
    ],
)
def test_a_key_of_the_same_name_elsewhere_is_no_contradiction(
    extra: dict[str, object], small_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif_keys, "SMALL_BYTES", small_bytes)
    assert read(log(result(**extra))).contradictions == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_accepted(encoding: str) -> None:
    report = read_report(json.dumps(log(result())).encode(encoding))
    assert report.findings is not None
    assert report.findings.totals == FindingTotals(1, 0, 1, 0, 0)


def test_a_finding_with_places_that_make_no_sense_is_kept_without_them() -> None:
    region = {"startLine": -4, "startColumn": 10**9, "endLine": 10**12}
    where = {"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": region}}
    (found,) = findings(log(result(locations=[where])))
    assert (found.path, found.line, found.column, found.end_line) == ("a.py", None, None, None)


def test_the_garbage_collector_is_as_before_after_reading_and_after_refusing() -> None:
    assert gc.isenabled()
    read(log(result()))
    with pytest.raises(InvalidInput):
        sarif.parse(b"{")
    assert gc.isenabled()
