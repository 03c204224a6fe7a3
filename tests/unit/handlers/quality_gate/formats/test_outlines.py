"""A report is recognised wherever its writer puts the keys that tell its format."""

from __future__ import annotations

import io
import json

import pytest

from handlers.quality_gate.formats import heads, outlines, recognise
from handlers.quality_gate.formats.source import HEAD_BYTES

LONG = [{"name": 'a "quoted" { or [ \\', "of": [1, {"deep": []}]}] * 4_000
DOCUMENTS: dict[str, object] = {
    "sarif": {"runs": LONG, "version": "2.1.0"},
    "cyclonedx": {"components": LONG, "bomFormat": "CycloneDX", "specVersion": "1.6"},
    "spdx": {"packages": LONG, "SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3"},
    "gosec-json": {"Issues": LONG, "Stats": {}, "GosecVersion": "2.22"},
    "golangci-json": {"Issues": LONG, "Report": {"Linters": []}},
    "rspec-json": {"examples": LONG, "version": "3.13", "summary": {}},
    "mocha-json": {"tests": LONG, "stats": {"tests": 1}},
    "ctrf": {"extra": LONG, "results": {"tool": {"name": "x"}}, "reportFormat": "CTRF"},
    "coveragepy": {"files": {str(n): each for n, each in enumerate(LONG)}, "meta": {"version": "7.6"}},
    "bandit-json": {"results": LONG, "errors": [], "generated_at": "2099-01-01T00:00:00Z"},
    "pyright-json": {"version": LONG, "generalDiagnostics": []},
    "npm-audit": {"vulnerabilities": {"a": LONG}, "auditReportVersion": 2},
    "cargo-audit": {"vulnerabilities": {"list": LONG}, "database": {}, "lockfile": {}},
    "osv": {"experimental_config": LONG, "results": [{"packages": [], "source": {}}]},
    "osv-record": {"affected": LONG, "id": "GO-2099-0001", "modified": "2099-01-01T00:00:00Z"},
    "pip-audit-json": {"fixes": LONG, "dependencies": [{"name": "a", "version": "1", "vulns": []}]},
    "detect-secrets-json": {"results": {"a": LONG}, "plugins_used": [], "version": "1.5"},
    "rdjson": {"source": LONG, "diagnostics": []},
    "eslint-json": [{"messages": LONG, "filePath": "a.js"}],
    "sqlfluff-json": [{"violations": LONG, "filepath": "a.sql"}],
    "pylint-json": {"messages": LONG, "statistics": {}},
}
"""The long list first, by the format that they are of; nothing else of a report is needed to recognise it."""


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 2])
def test_keys_behind_a_long_list_still_tell_the_format(name: str, indent: int | None) -> None:
    raw = json.dumps(DOCUMENTS[name], indent=indent).encode()
    assert len(raw) > HEAD_BYTES
    found = recognise(raw)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_of_the_encoding_hides_no_key(encoding: str) -> None:
    found = recognise(json.dumps(DOCUMENTS["cyclonedx"]).encode(encoding))
    assert found is not None
    assert found.name == "cyclonedx"


def test_a_stream_is_back_at_its_beginning() -> None:
    stream = io.BytesIO(json.dumps(DOCUMENTS["gosec-json"]).encode())
    assert recognise(stream) is not None
    assert stream.tell() == 0


def test_other_json_stays_unknown() -> None:
    assert recognise(json.dumps({"rows": LONG, "name": "x"}).encode()) is None


def test_keys_of_inner_objects_are_not_those_of_the_document() -> None:
    raw = json.dumps({"rows": [*LONG, {"bomFormat": 1}], "name": {"bomFormat": [1]}}).encode()
    assert heads.json_keys(outlines.outline(raw)) == ("{", frozenset({"rows", "name"}))


def test_only_the_first_object_of_a_list_or_of_lines_is_looked_at() -> None:
    assert heads.json_keys(outlines.outline(b'[{"a": 1, "b": [2]}, {"c": 3}]')) == (
        "[",
        frozenset({"a", "b"}),
    )
    assert heads.json_keys(outlines.outline(b'{"a": {"x": 1}}\n{"c": 3}')) == ("{", frozenset({"a"}))


@pytest.mark.parametrize(
    "raw",
    [b"", b"text", b"[1, 2]", b"{}", b"[" * 2_000_000, b'{"' + b'\\"' * 2_000_000, b"}" * 2_000_000],
)
def test_what_has_no_keys_has_no_outline(raw: bytes) -> None:
    assert outlines.outline(raw) == b""


def test_an_outline_is_short_however_many_keys_there_are() -> None:
    raw = json.dumps({str(number): "x" * 5_000 for number in range(2_000)}).encode()
    assert len(outlines.outline(raw)) < outlines.MAX_KEYS * outlines.VALUE_BYTES
