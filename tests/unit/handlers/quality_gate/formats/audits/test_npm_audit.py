"""What npm audit's JSON counts, in both versions, and how a failed audit looks."""

from __future__ import annotations

import json

import pytest

from app.domain.audits import AuditTotals, Severity, Vulnerability
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.audits import npm_audit

VIA = {
    "source": 1179,
    "name": "slow",
    "dependency": "slow",
    "title": "It is slow",
    "url": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc",
    "severity": "moderate",
    "cvss": {"score": 7.5, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"},
    "range": "<0.2.4",
}
NONE = {"info": 0, "low": 0, "moderate": 0, "high": 0, "critical": 0}
OLD = {
    "id": 1179,
    "module_name": "slow",
    "title": "It is slow",
    "severity": "low",
    "cves": ["CVE-2099-1"],
    "url": "https://example.org/advisories/1179",
    "patched_versions": ">=0.2.4",
    "findings": [
        {"version": "0.0.8", "paths": ["slow", "a>slow"]},
        {"version": "0.1.0", "paths": ["b>slow"]},
    ],
}


def package(*via: object, name: str = "slow", **more: object) -> dict[str, dict[str, object]]:
    return {name: {"name": name, "severity": "high", "via": via, "effects": [], "fixAvailable": True} | more}


def of(
    packages: dict[str, dict[str, object]], *, total: int = 250, counts: dict[str, int] | None = None
) -> bytes:
    number = len(packages)
    metadata = {
        "vulnerabilities": NONE | {"high": number, "total": number} | (counts or {}),
        "dependencies": {"prod": 1, "dev": total - 1, "total": total},
    }
    return json.dumps({"auditReportVersion": 2, "vulnerabilities": packages, "metadata": metadata}).encode()


def of_old(*advisories: dict[str, object], high: int | None = None, total: int = 11) -> bytes:
    counts = NONE | {"high": 3 * len(advisories) if high is None else high}
    metadata = {"vulnerabilities": counts, "dependencies": 9, "totalDependencies": total}
    listed = {str(number): each for number, each in enumerate(advisories)}
    return json.dumps({"actions": [], "advisories": listed, "muted": [], "metadata": metadata}).encode()


def found(raw: bytes) -> tuple[Vulnerability, ...]:
    audit = read_report(raw).audit
    assert audit is not None
    return audit.vulnerabilities


def test_an_advisory_counts_for_the_package_that_has_it() -> None:
    packages = package(VIA) | package("slow", name="user")
    report = read_report(of(packages))
    assert report.audit is not None
    assert report.audit.vulnerabilities == (
        Vulnerability("slow", "", "GHSA-aaaa-bbbb-cccc", severity=Severity.HIGH, title="It is slow"),
    )
    assert report.audit.totals == AuditTotals(declared=250, audited=250, skipped=0, vulnerable=1)
    assert report.contradictions == ()
    assert recognise(of(packages)) == npm_audit.FORMAT


@pytest.mark.parametrize(
    ("fix", "fixed_in"),
    [
        (True, ()),
        (False, ()),
        ({"name": "slow", "version": "0.2.4"}, ("0.2.4",)),
        ({"name": "user", "version": "3.0.0", "isSemVerMajor": True}, ()),
    ],
)
def test_only_a_version_of_the_package_itself_mends_it(fix: object, fixed_in: tuple[str, ...]) -> None:
    assert found(of(package(VIA, fixAvailable=fix)))[0].fixed_in == fixed_in


def test_a_score_of_zero_without_a_vector_says_nothing() -> None:
    silent = VIA | {"severity": "", "cvss": {"score": 0, "vectorString": None}, "url": None}
    assert found(of(package(silent))) == (Vulnerability("slow", "", "1179", title="It is slow"),)


@pytest.mark.parametrize(
    "packages",
    [
        package("gone"),
        package(),
        package("b", name="slow") | package("slow", name="b"),
    ],
)
def test_a_vulnerable_package_without_a_reason_is_a_contradiction(
    packages: dict[str, dict[str, object]],
) -> None:
    assert "no advisory says why slow is vulnerable" in read_report(of(packages)).contradictions


@pytest.mark.parametrize(
    "raw",
    [
        of({}, counts={"high": 1, "total": 1}),
        of(package(VIA), counts={"high": 0, "total": 0}),
        of_old(high=1),
        of_old(OLD, high=0),
    ],
)
def test_counts_that_are_not_those_of_the_list_are_a_contradiction(raw: bytes) -> None:
    assert read_report(raw).contradictions == ("the number of vulnerabilities is not that of the list",)


def test_counts_that_do_not_add_up_are_a_contradiction() -> None:
    report = read_report(of(package(VIA), counts={"low": 1}))
    assert report.contradictions == ("the vulnerabilities by severity do not add up to their total",)


def test_an_advisory_of_version_1_counts_for_each_version_found() -> None:
    report = read_report(of_old(OLD))
    assert report.audit is not None
    assert report.audit.vulnerabilities == tuple(
        Vulnerability("slow", version, "CVE-2099-1", (), Severity.LOW, (">=0.2.4",), "It is slow")
        for version in ("0.0.8", "0.1.0")
    )
    assert report.audit.totals == AuditTotals(declared=11, audited=11, skipped=0, vulnerable=2)


def test_an_advisory_of_version_1_is_known_by_the_name_github_gives_it() -> None:
    named = OLD | {"github_advisory_id": "GHSA-aaaa-bbbb-cccc", "findings": []}
    nameless = OLD | {"cves": [], "patched_versions": None, "cvss": {"score": 9.8}}
    (one,) = found(of_old(named))
    other = found(of_old(nameless))[0]
    assert (one.id, one.aliases, one.version) == ("GHSA-aaaa-bbbb-cccc", ("CVE-2099-1",), "")
    assert (other.id, other.severity, other.fixed_in) == ("1179", Severity.CRITICAL, ())


@pytest.mark.parametrize("raw", [of({}, total=0), of_old(total=0)])
def test_an_audit_of_no_dependency_proves_nothing(raw: bytes) -> None:
    assert read_report(raw).vacuous == ("the audit looked at no dependency",)


def test_a_report_that_does_not_say_what_was_looked_at_proves_nothing() -> None:
    report = read_report(b'{"auditReportVersion": 2, "vulnerabilities": {}}')
    assert report.vacuous == ("the report does not show that any dependency was looked at",)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"error": {"code": "ENOLOCK", "summary": "No lockfile", "detail": "Make one"}}, "ENOLOCK"),
        ({"message": "405 Not Allowed", "error": {"summary": "", "detail": ""}}, "405 Not Allowed"),
        ({"error": {"summary": "", "detail": ""}}, "it does not say why"),
    ],
)
def test_an_audit_that_failed_is_refused_with_what_npm_says(document: object, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(json.dumps(document).encode())
    assert (refused.value.code, refused.value.message) == ("report.failed", f"npm could not audit: {why}")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{}", "report.not_npm_audit"),
        (b'{"auditReportVersion": 2}', "report.not_npm_audit"),
        (b'{"vulnerabilities": []}', "report.not_npm_audit"),
        (b'{"vulnerabilities": {}, "advisories": {}}', "report.not_npm_audit"),
        (
            of(package(VIA)).replace(b'"auditReportVersion": 2', b'"vulnerabilities": {}'),
            "report.duplicate_key",
        ),
        (of(package(VIA))[:-1], "report.not_npm_audit"),
    ],
)
def test_what_is_not_npms_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "npm-audit")
    assert refused.value.code == code


def test_both_versions_are_recognised() -> None:
    assert recognise(of_old(OLD)) == recognise(of_old()) == recognise(of({})) == npm_audit.FORMAT


@pytest.mark.parametrize("raw", [b"[]", b'{"error": "x"}', b'{"vulnerabilities": {}}', b'{"advisories": []}'])
def test_other_json_is_not_taken_for_it(raw: bytes) -> None:
    assert not npm_audit.sniff(raw)
