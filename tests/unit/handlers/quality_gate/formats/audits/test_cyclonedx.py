"""What is read of CycloneDX, as JSON and as XML, and what the library or we refuse."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audits import AuditTotals, Component, Severity, Vulnerability
from app.domain.reports import Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.audits import cyclonedx

SERIAL = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79"
PART = {
    "type": "library",
    "bom-ref": "ref-a",
    "group": "org.example",
    "name": "a",
    "version": "1.0",
    "purl": "pkg:maven/org.example/a@1.0",
    "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Our own"}}],
}
FLAW = {
    "id": "CVE-2099-1",
    "references": [{"id": "GHSA-aaaa-bbbb-cccc", "source": {"name": "GitHub"}}, {"id": "CVE-2099-1"}],
    "ratings": [{"severity": "low"}, {"score": 7.5, "method": "CVSSv31"}],
    "description": "It is slow",
    "affects": [{"ref": "ref-a"}, {"ref": "urn:elsewhere"}],
}


def of(*components: object, **more: object) -> bytes:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": SERIAL, "version": 1}
    return json.dumps(document | {"components": components} | more).encode()


def of_xml(inside: str, *, version: str = "1.5", attributes: str = "") -> bytes:
    space = f"http://cyclonedx.org/schema/bom/{version}"
    return f'<?xml version="1.0"?><bom xmlns="{space}" version="1" {attributes}>{inside}</bom>'.encode()


XML_PART = """<component type="library" bom-ref="ref-a"><group>org.example</group><name>a</name><version>1.0</version>
<hashes><hash alg="MD5">00</hash></hashes><purl>pkg:maven/org.example/a@1.0</purl><description/>
<licenses><license><id>MIT</id></license><license><name>Our own</name></license></licenses>{}</component>"""
XML_FLAW = """<vulnerability><id>CVE-2099-1</id><references><reference><id>GHSA-aaaa-bbbb-cccc</id>
<source><name>GitHub</name></source></reference></references><description>It is slow</description>
<ratings><rating><severity>low</severity></rating><rating><score>7.5</score><method>CVSSv31</method></rating></ratings>
<affects><target><ref>ref-a</ref></target><target><ref>urn:elsewhere</ref></target></affects></vulnerability>"""
A = Component("org.example/a", "1.0", "pkg:maven/org.example/a@1.0", ("MIT", "Our own"))


def names(raw: bytes) -> list[str]:
    components = read_report(raw).components
    assert components is not None
    return sorted(each.name for each in components)


@pytest.mark.parametrize("raw", [of(PART), of_xml(f"<components>{XML_PART.format('')}</components>")])
def test_a_component_has_its_group_licences_and_package_url(raw: bytes) -> None:
    report = read_report(raw)
    assert (report.components, report.audit, report.vacuous) == ((A,), None, ())
    assert recognise(raw) == cyclonedx.FORMAT


@pytest.mark.parametrize(
    "raw",
    [
        of(PART, vulnerabilities=[FLAW]),
        of_xml(
            f"<components>{XML_PART.format('')}</components><vulnerabilities>{XML_FLAW}</vulnerabilities>"
        ),
    ],
)
def test_a_vulnerability_counts_for_each_component_that_it_affects(raw: bytes) -> None:
    report = read_report(raw)
    assert report.audit is not None
    common = ("CVE-2099-1", ("GHSA-aaaa-bbbb-cccc",), Severity.HIGH, (), "It is slow")
    assert set(report.audit.vulnerabilities) == {
        Vulnerability("org.example/a", "1.0", *common),
        Vulnerability("urn:elsewhere", "", *common),
    }
    assert report.audit.totals == AuditTotals(declared=1, audited=1, skipped=0, vulnerable=2)


@pytest.mark.parametrize(
    ("state", "ignored"),
    [
        ("not_affected", True),
        ("resolved", True),
        ("false_positive", True),
        ("exploitable", False),
        ("in_triage", False),
    ],
)
def test_an_analysis_that_dismisses_a_vulnerability_is_told(state: str, ignored: bool) -> None:  # noqa: FBT001 (a table)
    audit = read_report(of(PART, vulnerabilities=[FLAW | {"analysis": {"state": state}}])).audit
    assert audit is not None
    assert {each.ignored for each in audit.vulnerabilities} == {ignored}


def test_a_score_that_is_no_number_says_nothing() -> None:
    rating = "<ratings><rating><score>NaN</score></rating></ratings>"
    flaw = f"<vulnerability><id>X-1</id>{rating}</vulnerability>"
    audit = read_report(of_xml(f"<vulnerabilities>{flaw}</vulnerabilities>")).audit
    assert audit is not None
    assert audit.vulnerabilities == (Vulnerability("", "", "X-1"),)


def test_a_vulnerability_that_affects_nothing_named_is_kept() -> None:
    audit = read_report(of(PART, vulnerabilities=[{"id": "X-1"}])).audit
    assert audit is not None
    assert audit.vulnerabilities == (Vulnerability("", "", "X-1"),)


def test_an_empty_list_of_vulnerabilities_is_no_audit() -> None:
    assert read_report(of(PART, vulnerabilities=[])).audit is None


@pytest.mark.parametrize(
    "raw",
    [
        of(PART | {"components": [{"type": "file", "name": "in", "pedigree": {"ancestors": [PART]}}]}),
        of_xml(
            "<metadata><component type='application'><name>us</name></component></metadata><components>"
            + XML_PART.format(
                "<pedigree><ancestors><component type='file'><name>old</name></component></ancestors></pedigree>"
                "<components><component type='file'><name>in</name></component></components>"
            )
            + "</components>"
        ),
        of(PART, {"type": "file", "name": "in"}, metadata={"component": {"type": "", "name": ""}}),
    ],
)
def test_components_inside_others_count_and_ancestors_and_the_subject_do_not(raw: bytes) -> None:
    assert names(raw) == ["in", "org.example/a"]


def test_equal_components_are_all_counted() -> None:
    alike = {"type": "library", "name": "a", "version": "1"}
    assert names(of(alike, alike)) == ["a", "a"]


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        ([{"expression": "MIT OR Apache-2.0"}], ("MIT OR Apache-2.0",)),
        ([], ()),
        (None, ()),
    ],
)
def test_licences_may_be_an_expression_or_absent(licences: object, expected: tuple[str, ...]) -> None:
    components = read_report(of(PART | {"licenses": licences})).components
    assert components is not None
    assert components[0].licences == expected


@pytest.mark.parametrize(
    "raw",
    [
        of(PART, metadata={"tools": [{"vendor": "V", "name": "Syft", "version": "1.2"}]}),
        of(
            PART,
            metadata={"tools": {"components": [{"type": "application", "name": "Syft", "version": "1.2"}]}},
        ),
        of_xml(
            "<metadata><tools><tool/><tool><vendor>V</vendor><name>Syft</name><version>1.2</version></tool></tools></metadata>"
        ),
        of_xml(
            "<metadata><tools><components><component type='application'><name>Syft</name><version>1.2</version>"
            "</component></components></tools></metadata>"
        ),
    ],
)
def test_the_tool_is_named(raw: bytes) -> None:
    assert read_report(raw).tools == (Tool("syft", "1.2"),)


@pytest.mark.parametrize("raw", [of(), of_xml(""), of(components=None)])
def test_a_document_without_a_component_proves_nothing(raw: bytes) -> None:
    assert read_report(raw).vacuous == ("the bill of materials names no component",)


def test_two_components_of_one_reference_are_a_contradiction() -> None:
    assert read_report(of(PART, PART)).contradictions == ("two components have the reference ref-a",)


@pytest.mark.parametrize(
    ("raw", "code", "why"),
    [
        (of(bomFormat="Another"), "report.not_cyclonedx", "bomFormat"),
        (of(specVersion="2.0"), "report.not_cyclonedx", "specVersion"),
        (of(serialNumber="urn:uuid:1"), "report.not_cyclonedx", "serialNumber"),
        (of({"type": "library"}), "report.not_cyclonedx", "name"),
        (of({"type": "library", "name": ""}), "report.not_cyclonedx", "no name"),
        (
            of({"type": "gadget", "name": "a"}),
            "report.not_cyclonedx",
            "'gadget' is not a valid ComponentType",
        ),
        (of(PART | {"purl": "nope"}), "report.not_cyclonedx", "PURL"),
        (of(PART | {"licenses": [{}]}), "report.not_cyclonedx", "a component is not valid"),
        (
            of(vulnerabilities=[{"ratings": [{"severity": "dire"}]}]),
            "report.not_cyclonedx",
            "a vulnerability is not",
        ),
        (of(PART)[:-1], "report.not_cyclonedx", "truncated"),
        (of(PART).replace(b'"bomFormat"', b'"other"'), "report.not_cyclonedx", "bomFormat"),
        (of(PART).replace(b'"version": 1,', b'"components": [],'), "report.duplicate_key", "twice"),
        (of({"type": "file", "name": "a"}).replace(b'"file"', b'"f\xff"'), "report.not_cyclonedx", "utf-8"),
        (of_xml("", version="2.0"), "report.not_cyclonedx", "root element"),
        (of_xml("", attributes="serialNumber='x'"), "report.not_cyclonedx", "serialNumber"),
        (of_xml("<components><component/></components>"), "report.not_cyclonedx", "name"),
        (
            of_xml("<components><component><name/></component></components>"),
            "report.not_cyclonedx",
            "no name",
        ),
        (
            of_xml("<components><component><name>a</name><name>b</name></component></components>"),
            "report.not_cyclonedx",
            "name twice",
        ),
        (
            of_xml(
                "<vulnerabilities><vulnerability><ratings><rating><score>x</score></rating></ratings>"
                "</vulnerability></vulnerabilities>"
            ),
            "report.not_cyclonedx",
            "a vulnerability is not valid",
        ),
        (
            of_xml("<vulnerabilities><vulnerability/></vulnerabilities>"),
            "report.not_cyclonedx",
            "a vulnerability is empty",
        ),
        (b"<x:bom/>", "report.not_cyclonedx", "namespaces"),
        (b"<bom/>", "report.not_cyclonedx", "root element"),
        (b"<!DOCTYPE bom [<!ENTITY a 'b'>]>" + of_xml("")[21:], "report.entity", "entities"),
        (of_xml("<a>" * 80), "report.too_deep", "deeply"),
    ],
)
def test_what_is_not_cyclonedx_is_refused(raw: bytes, code: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "cyclonedx")
    assert refused.value.code == code
    assert why in refused.value.message


def test_a_document_of_more_bytes_than_we_read_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(b"{" + b" " * (32 * 1024 * 1024), "cyclonedx")
    assert refused.value.code == "report.too_large"


def test_many_components_take_seconds_at_most() -> None:
    raw = of(
        *(
            {"type": "library", "name": f"n{number}", "purl": f"pkg:pypi/n{number}@1"}
            for number in range(5_000)
        )
    )
    began = time.perf_counter()
    assert len(names(raw)) == 5_000
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"<bom/>", b'<coverage xmlns="urn:x"/>', b"text"])
def test_other_files_are_not_taken_for_it(raw: bytes) -> None:
    assert not cyclonedx.sniff(raw)


KEYS = [
    "type", "name", "version", "group", "purl", "licenses", "license", "id", "expression", "bom-ref", "ratings", "severity",
    "score", "vector", "affects", "ref", "analysis", "state", "components",
]  # fmt: skip
TAGS = [
    "<component type='library'>", "<name>a</name>", "<purl>", "pkg:pypi/a@1", "</purl>", "<licenses>", "<license>", "<id>",
    "</id>", "</license>", "</licenses>", "</component>", "<components>", "</components>", "<expression>", "</expression>",
    "<vulnerabilities>", "<vulnerability>", "<ratings>", "<rating>", "<score>9</score>", "</rating>", "</ratings>", "MIT",
    "</vulnerability>", "</vulnerabilities>", "<affects>", "</affects>", "<target>", "</target>", "<x xmlns='urn:x'/>",
    "<!-- -->", "<analysis/>", "<version/>",
]  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from([PART, FLAW, "library", "pkg:pypi/a@1", "high", "MIT"]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=15,
)


@given(
    raw=st.one_of(
        st.binary(max_size=200),
        st.builds(of, VALUES, metadata=VALUES, vulnerabilities=VALUES),
        st.text(alphabet="<>/ab='\"nmecopt&;:!\n", max_size=200).map(of_xml),
        st.lists(st.sampled_from(TAGS), max_size=14).map("".join).map(of_xml),
    )
)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        report = cyclonedx.parse(raw)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.components is not None


LICENCE = {"license": {"id": "MIT", "name": ""}}


@given(
    fields=st.fixed_dictionaries(
        {"type": st.sampled_from(["library", "file", "x"]), "name": st.text(max_size=4)},
        optional={
            "purl": st.text(alphabet="pkg:/@%?#& a", max_size=20),
            "group": LEAVES,
            "version": LEAVES,
            "licenses": st.lists(st.one_of(VALUES, st.just(LICENCE)), max_size=2),
        },
    )
)
def test_any_component_is_read_or_refused(fields: dict[str, object]) -> None:
    try:
        report = cyclonedx.parse(of(fields))
    except InvalidInput as refused:
        assert refused.code == "report.not_cyclonedx"  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.components is not None
        assert len(report.components) == 1
