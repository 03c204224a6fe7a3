"""What the readers count, and what they refuse."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.formats import FORMATS, read_report
from handlers.quality_gate.formats.xml import MAX_DEPTH


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{}", "report.unknown_format"),
        (b"all good", "report.unknown_format"),
        (b"<html/>", "report.unknown_format"),
        (b"", "report.empty"),
        (b"<testsuite>", "report.xml"),
        (b"<testsuite>" * (MAX_DEPTH + 1), "report.too_deep"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite/>", "report.entity"),
        (b"<?xml version='1.0' encoding='x-unknown'?><testsuite/>", "report.xml"),
    ],
)
def test_what_cannot_be_trusted_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report(raw)
    assert refused.value.code == code
    assert re.fullmatch(r"[ -~]+", refused.value.message)


def test_a_doctype_is_allowed_and_not_fetched() -> None:
    raw = b"<!DOCTYPE coverage SYSTEM 'http://example.org/x.dtd'><coverage><class filename='a'/></coverage>"
    assert read_report(raw).vacuous == ("the report has no line that could run",)


@given(
    raw=st.one_of(
        st.binary(max_size=300),
        st.text(alphabet="<>/='\"testsuicaclovrg &#!\n", max_size=300).map(str.encode),
    ),
    report_format=st.sampled_from([None, *FORMATS]),
)
def test_any_bytes_are_read_or_refused(raw: bytes, report_format: str | None) -> None:
    try:
        report = read_report(raw, report_format)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.format in FORMATS


@pytest.mark.parametrize("raw", [b"<testsuite><system-out>%s</system-out>", b'<testsuite name="%s">'])
def test_a_text_or_attribute_over_16_mib_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_report((raw % (b"x" * (19 << 20))) + b"</testsuite>", "junit")
    assert refused.value.code == "report.too_large"


def test_a_text_of_15_mib_is_read() -> None:
    text = b"x" * (15 << 20)
    raw = b'<testsuite><testcase name="a"/><system-out>%s</system-out></testsuite>' % text
    tests = read_report(raw, "junit").tests
    assert tests is not None
    assert tests.totals.tests == 1
