"""What pip-audit's JSON counts as audited."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audits import AuditTotals, Dependency, Severity, Vulnerability
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.audits import pip_audit

FOUND = {
    "id": "PYSEC-2099-1",
    "fix_versions": ["2.0", "1.9.1"],
    "aliases": ["CVE-2099-0001"],
    "description": "Parsing is slow.\nVery slow.",
}
CLEAN = {"name": "quick", "version": "3.1", "vulns": []}
VULNERABLE = {"name": "slow", "version": "1.0", "vulns": [FOUND]}
SKIPPED = {"name": "mine", "skip_reason": "Dependency not found on PyPI"}


def of(*dependencies: object) -> bytes:
    return json.dumps({"dependencies": dependencies, "fixes": []}).encode()


def test_both_shapes_say_the_same() -> None:
    items = [CLEAN, VULNERABLE]
    assert read_report(json.dumps(items).encode()) == read_report(of(*items))


def test_a_vulnerability_has_its_ids_and_the_versions_that_mend_it() -> None:
    report = read_report(of(VULNERABLE))
    assert report.audit is not None
    assert report.audit.vulnerabilities == (
        Vulnerability(
            "slow",
            "1.0",
            "PYSEC-2099-1",
            ("CVE-2099-0001",),
            Severity.UNKNOWN,
            ("2.0", "1.9.1"),
            "Parsing is slow.",
        ),
    )


def test_a_skipped_dependency_is_declared_and_not_audited() -> None:
    report = read_report(of(CLEAN, SKIPPED, VULNERABLE))
    assert report.audit is not None
    assert report.audit.totals == AuditTotals(declared=3, audited=2, skipped=1, vulnerable=1)
    assert report.audit.dependencies[1] == Dependency("mine", "", "Dependency not found on PyPI")
    assert report.warnings == ("not audited: mine: Dependency not found on PyPI",)
    assert report.vacuous == ()


@pytest.mark.parametrize(
    ("dependencies", "why"),
    [
        ([], "the audit looked at no dependency"),
        ([SKIPPED, SKIPPED], "no dependency was audited, and 2 skipped"),
    ],
)
def test_an_audit_of_nothing_proves_nothing(dependencies: list[object], why: str) -> None:
    assert read_report(of(*dependencies)).vacuous == (why,)


def test_of_many_skipped_dependencies_some_are_named_and_the_rest_counted() -> None:
    warnings = read_report(of(CLEAN, *[SKIPPED] * 25)).warnings
    assert (len(warnings), warnings[-1]) == (21, "5 more dependencies were not audited")


def test_a_dependency_that_is_both_skipped_and_audited_is_a_contradiction() -> None:
    assert read_report(of(CLEAN, SKIPPED | {"vulns": []})).contradictions == (
        "mine is called both skipped and audited",
    )


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (of({"name": "a", "version": "1"}), "report.not_pip_audit_json"),
        (of({"name": "a", "skip_reason": ""}), "report.not_pip_audit_json"),
        (of({"name": "a", "vulns": [{}]}), "report.not_pip_audit_json"),
        (of(CLEAN)[:-3], "report.not_pip_audit_json"),
        (b'{"dependencies": NaN}', "report.not_pip_audit_json"),
        (b'{"dependencies": [], "fixes": ' + b"[" * 100_000, "report.not_pip_audit_json"),
        (b'{"dependencies": [], "fixes": 1' + b"0" * 5_000 + b"}", "report.not_pip_audit_json"),
        (b'{"dependencies": [{"name": "\\ud800", "vulns": []}]}', "report.not_pip_audit_json"),
        (of(VULNERABLE).replace(b'"fixes"', b'"dependencies"'), "report.duplicate_key"),
        (of(VULNERABLE).replace(b"]}]", b'], "vulns": []}]'), "report.duplicate_key"),
    ],
)
def test_what_is_not_pip_audits_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "pip-audit-json")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        of(),
        of(SKIPPED),
        of(VULNERABLE),
        json.dumps([CLEAN]).encode(),
        b"\xff\xfe" + of(CLEAN).decode().encode("utf-16-le"),
        b"\xef\xbb\xbf" + of(CLEAN),
    ],
)
def test_it_is_recognised(raw: bytes) -> None:
    assert recognise(raw) == pip_audit.FORMAT
    assert read_report(raw).audit is not None


@pytest.mark.parametrize(
    "raw", [b"[]", b"{}", b'{"dependencies": {"a": "1"}}', b'[{"name": "a"}]', b"plain", b'{"fixes": []}']
)
def test_other_json_is_not_taken_for_it(raw: bytes) -> None:
    assert not pip_audit.sniff(raw)


@given(
    raw=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(),
                st.text(max_size=5),
                st.sampled_from([CLEAN, SKIPPED]),
            ),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(
                    st.sampled_from(["dependencies", "name", "vulns", "skip_reason", "id", "fix_versions"]),
                    inner,
                    max_size=4,
                ),
            ),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        report = pip_audit.parse(raw)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.audit is not None
