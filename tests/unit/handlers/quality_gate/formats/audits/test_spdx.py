"""What is read of SPDX 2 as JSON."""

from __future__ import annotations

import json

import pytest

from app.domain.audits import Component
from app.domain.reports import Tool
from app.errors import InvalidInput
from handlers.quality_gate.formats import read_report, recognise
from handlers.quality_gate.formats.audits import spdx

PACKAGE = {
    "SPDXID": "SPDXRef-Package-a",
    "name": "a",
    "versionInfo": "1.0",
    "licenseConcluded": "NOASSERTION",
    "licenseDeclared": "MIT",
    "externalRefs": [
        {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:a"},
        {
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": "pkg:pypi/a@1.0",
        },
    ],
}


def of(*packages: object, **more: object) -> bytes:
    document = {"SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0"}
    return json.dumps(document | {"packages": packages} | more).encode()


def components(raw: bytes) -> tuple[Component, ...]:
    found = read_report(raw).components
    assert found is not None
    return found


def test_a_package_has_its_version_package_url_and_licence() -> None:
    assert components(of(PACKAGE)) == (Component("a", "1.0", "pkg:pypi/a@1.0", ("MIT",)),)
    assert recognise(of(PACKAGE)) == spdx.FORMAT


@pytest.mark.parametrize(
    ("concluded", "declared", "licences"),
    [("MIT", "GPL-2.0-only", ("MIT",)), ("NONE", "NOASSERTION", ()), ("", "Apache-2.0", ("Apache-2.0",))],
)
def test_the_concluded_licence_goes_before_the_declared(
    concluded: str, declared: str, licences: tuple[str, ...]
) -> None:
    (found,) = components(of(PACKAGE | {"licenseConcluded": concluded, "licenseDeclared": declared}))
    assert found.licences == licences


@pytest.mark.parametrize(
    ("creator", "tool"),
    [
        ("Tool: syft-1.2.0", Tool("syft", "1.2.0")),
        ("Tool: trivy", Tool("trivy")),
        ("Tool: Microsoft.SBOMTool-2", Tool("microsoft.sbomtool", "2")),
        ("Tool: my-tool", Tool("my-tool")),
    ],
)
def test_the_tool_is_named(creator: str, tool: Tool) -> None:
    information = {"created": "2099-01-01T00:00:00.123456Z", "creators": ["Organization: O", creator]}
    assert read_report(of(PACKAGE, creationInfo=information)).tools == (tool,)


@pytest.mark.parametrize(
    ("mark", "encoding"), [("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be"), ("\ufeff", "utf-8")]
)
def test_every_unicode_encoding_with_a_mark_is_read(mark: str, encoding: str) -> None:
    raw = (mark + of(PACKAGE | {"name": "名"}).decode()).encode(encoding)
    assert recognise(raw) == spdx.FORMAT
    assert components(raw)[0].name == "名"


def test_a_document_without_packages_proves_nothing() -> None:
    assert read_report(of()).vacuous == ("the bill of materials names no package",)


def test_two_packages_of_one_id_are_a_contradiction() -> None:
    assert read_report(of(PACKAGE, PACKAGE)).contradictions == ("two packages have the id SPDXRef-Package-a",)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{}", "report.not_spdx"),
        (of(spdxVersion="SPDX-3.0"), "report.not_spdx"),
        (of({"name": "a"}), "report.not_spdx"),
        (of({"SPDXID": "SPDXRef-a"}), "report.not_spdx"),
        (of(PACKAGE)[:-1], "report.not_spdx"),
        (of(PACKAGE).replace(b'"dataLicense": "CC0-1.0"', b'"packages": []'), "report.duplicate_key"),
        (b"\xff\xfe" + of(PACKAGE).decode().encode("utf-16-le")[:-1], "report.encoding"),
        (b"\xff\xfe" + '{"SPDXID": "'.encode("utf-16-le") + b"\x00\xd8", "report.encoding"),
    ],
)
def test_what_is_not_spdx_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw, "spdx")
    assert refused.value.code == code


def test_a_writer_that_sorts_its_keys_is_recognised_before_the_version_comes() -> None:
    files = [{"SPDXID": f"SPDXRef-File-{number}", "fileName": "x" * 100} for number in range(1_000)]
    raw = json.dumps(json.loads(of(PACKAGE, files=files)), sort_keys=True).encode()
    assert raw.index(b'"spdxVersion"') > 64 * 1024
    assert recognise(raw) == spdx.FORMAT


@pytest.mark.parametrize(
    "raw", [b"{}", b'{"SPDXID": 1}', b'{"spdxVersion": "SPDX-2.3"}', b'[{"SPDXID": "a"}]']
)
def test_other_json_is_not_taken_for_it(raw: bytes) -> None:
    assert not spdx.sniff(raw)
