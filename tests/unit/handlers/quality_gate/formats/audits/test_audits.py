"""What holds for every format of audits and bills of materials."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.formats import audits
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import MAX_DOCUMENT_BYTES
from handlers.quality_gate.formats.format import Format

KEYS = [
    "results", "packages", "package", "vulnerabilities", "groups", "ids", "id", "name", "version", "affected", "severity",
    "list", "found", "count", "lockfile", "dependency-count", "advisory", "advisories", "via", "metadata", "total", "error",
    "module_name", "findings", "SPDXID", "spdxVersion", "bomFormat", "specVersion", "components", "dependencies", "vulns",
]  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=4),
        st.sampled_from(["SPDX-2.3", "CycloneDX", "1.6"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=15,
)


@pytest.mark.parametrize("report_format", audits.FORMATS, ids=lambda each: each.name)
@given(
    raw=st.one_of(
        st.binary(max_size=100),
        st.binary(max_size=60).map(lambda raw: b"\xff\xfe" + raw),
        VALUES.map(lambda value: json.dumps(value).encode()),
        st.text(alphabet='{}[]",:0e-.\\ ntrue', max_size=60).map(str.encode),
    )
)
def test_any_bytes_are_read_or_refused(report_format: Format, raw: bytes) -> None:
    report_format.sniff(raw)
    try:
        report = report_format.parse(raw)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.format == report_format.name
        assert report.audit is not None or report.components is not None


@pytest.mark.parametrize("report_format", audits.FORMATS, ids=lambda each: each.name)
def test_a_document_of_more_bytes_than_we_read_is_refused(report_format: Format) -> None:
    with pytest.raises(InvalidInput) as refused:
        report_format.parse(b" " * (MAX_DOCUMENT_BYTES + 1))
    assert refused.value.code == "report.too_large"


def test_a_strangers_text_is_cut_to_its_first_line() -> None:
    assert line("  one \ntwo") == "one"
    assert len(line("x" * 1_000)) == 300
