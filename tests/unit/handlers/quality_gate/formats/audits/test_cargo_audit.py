"""What cargo-audit's JSON counts."""

from __future__ import annotations

import json

import pytest

from app.domain.audits import AuditTotals, Severity, Vulnerability
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.audits import cargo_audit

ADVISORY = {
    "id": "RUSTSEC-2099-0001",
    "package": "slow",
    "title": "It is slow",
    "aliases": ["CVE-2099-1"],
    "cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
    "withdrawn": None,
}
ITEM = {
    "advisory": ADVISORY,
    "versions": {"patched": [">=0.2.23"], "unaffected": []},
    "package": {"name": "slow", "version": "0.1.43"},
}


def of(*items: object, more: dict[str, object] | None = None, **summary: object) -> bytes:
    listed = {"found": bool(items), "count": len(items), "list": items} | summary
    document = {
        "database": {"advisory-count": 600},
        "lockfile": {"dependency-count": 112},
        "vulnerabilities": listed,
    }
    return json.dumps(document | (more or {})).encode()


def test_each_item_of_the_list_is_a_vulnerability() -> None:
    report = read_report(of(ITEM))
    assert report.audit is not None
    assert report.audit.vulnerabilities == (
        Vulnerability(
            "slow", "0.1.43", "RUSTSEC-2099-0001", ("CVE-2099-1",), Severity.HIGH, (">=0.2.23",), "It is slow"
        ),
    )
    assert report.audit.totals == AuditTotals(declared=112, audited=112, skipped=0, vulnerable=1)
    assert recognise(of(ITEM)) == cargo_audit.FORMAT


def test_no_vulnerability_among_crates_is_clean() -> None:
    report = read_report(of())
    assert report.audit is not None
    assert (report.audit.vulnerabilities, report.vacuous, report.contradictions) == ((), (), ())


def test_advisories_under_keys_are_read_too() -> None:
    raw = json.dumps(
        {"vulnerabilities": {"0": {"advisory": ADVISORY | {"severity": "critical"}}}, "meta": {}}
    ).encode()
    report = read_report(raw)
    assert report.audit is not None
    assert [(each.package, each.severity) for each in report.audit.vulnerabilities] == [
        ("slow", Severity.CRITICAL)
    ]


@pytest.mark.parametrize("raw", [of(count=1), of(found=True), of(ITEM, count=0), of(ITEM, found=False)])
def test_a_summary_that_is_not_that_of_the_list_is_a_contradiction(raw: bytes) -> None:
    assert read_report(raw).contradictions == ("the number of vulnerabilities is not that of the list",)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"lockfile": {"dependency-count": 0}}, "the audit looked at no dependency"),
        ({"database": {"advisory-count": 0}}, "the audit knew no advisory at all"),
        ({"lockfile": {}}, "the report does not show that any dependency was looked at"),
    ],
)
def test_an_audit_of_nothing_or_with_nothing_proves_nothing(more: dict[str, object], why: str) -> None:
    assert read_report(of(more=more)).vacuous == (why,)


def test_more_vulnerable_crates_than_crates_is_a_contradiction() -> None:
    other = {"advisory": ADVISORY, "package": {"name": "other", "version": "1"}}
    report = read_report(of(ITEM, other, more={"lockfile": {"dependency-count": 1}}))
    assert report.contradictions == ("more dependencies are called vulnerable than were looked at",)


def test_crates_that_are_only_unmaintained_or_yanked_are_told() -> None:
    warning = {"kind": "unmaintained", "package": {"name": "old", "version": "1.0"}, "advisory": ADVISORY}
    assert read_report(of(more={"warnings": {"unmaintained": [warning]}})).warnings == (
        "unmaintained: old 1.0",
    )
    assert read_report(of(more={"warnings": [warning | {"package": None}]})).warnings == ()


def test_advisories_that_it_was_told_to_ignore_are_named() -> None:
    report = read_report(of(more={"settings": {"ignore": ["RUSTSEC-2099-0001", "RUSTSEC-2099-0002"]}}))
    assert report.warnings == ("cargo-audit was told to ignore RUSTSEC-2099-0001, RUSTSEC-2099-0002",)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{}", "report.not_cargo_audit"),
        (of({"advisory": {}}), "report.not_cargo_audit"),
        (b'{"vulnerabilities": {"0": 1}}', "report.not_cargo_audit"),
        (b'{"vulnerabilities": []}', "report.not_cargo_audit"),
        (of(ITEM).replace(b'"count": 1', b'"list": []'), "report.duplicate_key"),
        (of(ITEM)[:-1], "report.not_cargo_audit"),
    ],
)
def test_what_is_not_cargo_audits_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "cargo-audit")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b'{"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {}}',
        b'{"vulnerabilities": {}}',
        b'{"meta": {}, "files": {}}',
        b"[]",
    ],
)
def test_other_json_is_not_taken_for_it(raw: bytes) -> None:
    assert not cargo_audit.sniff(raw)


@pytest.mark.parametrize("key", [b'"list"', b'"advisory"'])
def test_a_key_that_is_no_utf8_is_refused(key: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        cargo_audit.parse(of(ITEM).replace(key, key[:-1] + b'\xed\xa0\x80"'))
    assert refused.value.code == "report.not_cargo_audit"
