"""What osv-scanner's JSON counts, and what it does not show."""

from __future__ import annotations

import json

import pytest

from app.domain.audits import AuditTotals, Severity
from app.domain.reports import Report
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.audits import osv

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
GHSA = {
    "id": "GHSA-aaaa-bbbb-cccc",
    "modified": "2099-01-01T00:00:00Z",
    "aliases": ["CVE-2099-1"],
    "summary": "It is slow",
    "severity": [{"type": "CVSS_V3", "score": HIGH}],
    "affected": [
        {
            "package": {"ecosystem": "Go", "name": "example.org/slow"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.3.2"}]}],
        },
        {
            "package": {"ecosystem": "npm", "name": "other"},
            "ranges": [{"type": "SEMVER", "events": [{"fixed": "9"}]}],
        },
    ],
}
GO = {"id": "GO-2099-0001", "modified": "2099-01-01T00:00:00Z", "details": "Also here.\nMore."}


def package(*advisories: object, name: str = "example.org/slow", **more: object) -> dict[str, object]:
    named = {"name": name, "version": "1.3.1", "ecosystem": "Go"}
    return {"package": named, "vulnerabilities": advisories} | more


def of(*packages: object, **more: object) -> bytes:
    source = {"path": "/src/go.mod", "type": "lockfile"}
    return json.dumps({"results": [{"source": source, "packages": packages}]} | more).encode()


def severities(report: Report) -> list[Severity]:
    assert report.audit is not None
    return [each.severity for each in report.audit.vulnerabilities]


def test_each_advisory_of_each_package_is_a_vulnerability() -> None:
    report = read_report(of(package(GHSA, GO), package(GHSA, name="second")))
    assert report.audit is not None
    assert [(each.package, each.id) for each in report.audit.vulnerabilities] == [
        ("example.org/slow", "GHSA-aaaa-bbbb-cccc"),
        ("example.org/slow", "GO-2099-0001"),
        ("second", "GHSA-aaaa-bbbb-cccc"),
    ]
    assert report.audit.totals == AuditTotals(declared=2, audited=2, skipped=0, vulnerable=2)


def test_a_version_that_mends_it_is_that_of_this_package() -> None:
    report = read_report(of(package(GHSA)))
    assert report.audit is not None
    (found,) = report.audit.vulnerabilities
    assert (found.fixed_in, found.aliases, found.title) == (("1.3.2",), ("CVE-2099-1",), "It is slow")


def test_advisories_of_one_group_know_each_other_and_share_the_worst_severity() -> None:
    group = {"ids": ["GHSA-aaaa-bbbb-cccc", "GO-2099-0001"], "aliases": ["CVE-2099-1"]}
    report = read_report(of(package(GO, GHSA, groups=[group])))
    assert report.audit is not None
    first, second = report.audit.vulnerabilities
    assert first.aliases == ("GHSA-aaaa-bbbb-cccc", "CVE-2099-1")
    assert second.aliases == ("CVE-2099-1", "GO-2099-0001")
    assert severities(report) == [Severity.HIGH, Severity.HIGH]


def test_a_group_of_an_advisory_that_is_not_listed_is_a_contradiction() -> None:
    report = read_report(of(package(groups=[{"ids": ["GO-2099-0001"]}])))
    assert report.contradictions == (
        "GO-2099-0001 is in a group of example.org/slow, but not among its vulnerabilities",
    )


def test_the_score_of_a_group_counts() -> None:
    report = read_report(of(package(GO, groups=[{"ids": ["GO-2099-0001"], "max_severity": "9.1"}])))
    assert severities(report) == [Severity.CRITICAL]


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({}, Severity.UNKNOWN),
        ({"database_specific": {"severity": "MODERATE"}}, Severity.MEDIUM),
        ({"database_specific": {"severity": "LOW"}, "severity": [{"score": HIGH}]}, Severity.HIGH),
        ({"database_specific": {"severity": [{"score": HIGH}], "other": 1}}, Severity.HIGH),
        ({"severity": [{"type": "Ubuntu", "score": "negligible"}]}, Severity.LOW),
        (
            {"affected": [{"package": {"name": "example.org/slow"}, "severity": [{"score": HIGH}]}]},
            Severity.HIGH,
        ),
        ({"affected": [{"package": {"name": "another"}, "severity": [{"score": HIGH}]}]}, Severity.UNKNOWN),
    ],
)
def test_the_worst_severity_that_is_said_counts(fields: dict[str, object], severity: Severity) -> None:
    assert severities(read_report(of(package(GO | fields)))) == [severity]


def test_a_withdrawn_advisory_is_told_and_not_counted() -> None:
    report = read_report(of(package(GO | {"withdrawn": "2099-02-01T00:00:00Z"})))
    assert report.audit is not None
    assert [each.ignored for each in report.audit.vulnerabilities] == [True]
    assert report.audit.totals.vulnerable == 0


def test_packages_without_a_vulnerability_show_that_all_are_named() -> None:
    some, every = read_report(of(package(GHSA))), read_report(of(package(GHSA), package(name="clean")))
    assert some.audit is not None
    assert every.audit is not None
    assert (some.audit.lists_all, every.audit.lists_all) == (False, True)
    assert (some.warnings, every.warnings) == ((osv.ONLY_VULNERABLE,), ())


@pytest.mark.parametrize("raw", [b'{"results": []}', b'{"results": null}', of()])
def test_results_without_a_package_prove_nothing(raw: bytes) -> None:
    report = read_report(raw)
    assert report.vacuous == ("the report does not show that any dependency was looked at",)


def test_the_flat_list_is_read_too() -> None:
    item = {"Source": {}, "Package": {"name": "example.org/slow", "version": "1"}, "Vulnerability": GHSA}
    report = read_report(json.dumps([item]).encode())
    assert report.audit is not None
    assert [each.id for each in report.audit.vulnerabilities] == ["GHSA-aaaa-bbbb-cccc"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{}", "report.not_osv"),
        (b'{"results": [], "results": null}', "report.duplicate_key"),
        (of({"vulnerabilities": []}), "report.not_osv"),
        (of(package({"summary": "no id"})), "report.not_osv"),
        (of()[:-1], "report.not_osv"),
    ],
)
def test_what_is_not_osv_scanners_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "osv")
    assert refused.value.code == code


def test_a_record_alone_is_a_vulnerability_and_no_audit() -> None:
    raw = json.dumps(GHSA).encode()
    report = read_report(raw)
    assert (report.format, report.vacuous) == (
        "osv-record",
        ("a single advisory does not say which dependencies were looked at",),
    )
    assert report.warnings == ("the advisory is about more packages than example.org/slow: 1",)
    assert severities(report) == [Severity.HIGH]


def test_a_record_about_nothing_is_read() -> None:
    report = read_report(json.dumps(GO).encode(), "osv-record")
    assert report.audit is not None
    assert [each.package for each in report.audit.vulnerabilities] == [""]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"results": {"a.py": []}, "version": "1.5.0"}',
        b'{"results": [{"issue_text": "x"}], "errors": []}',
        b'{"results": {"tool": {"name": "jest"}}}',
        b'{"results": [{"filename": "a"}]}',
        b"{}",
        b"[]",
        b"<a/>",
    ],
)
def test_results_of_other_tools_are_not_taken_for_it(raw: bytes) -> None:
    assert recognise(raw) != osv.FORMAT
    assert not osv.sniff(raw)
