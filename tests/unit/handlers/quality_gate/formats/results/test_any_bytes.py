"""Whatever the bytes are, a format reads them or refuses them, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.formats.format import Format
from handlers.quality_gate.formats.results import FORMATS

XML_WORDS = (
    "<testsuite>", "</testsuite>", "<testcase>", "</testcase>", "<failure>", "</failure>", "<error/>", "<skipped/>",
    "<test-run>", "</test-run>", "<test-suite result='Failed'>", "</test-suite>", "<test-case/>", "<assemblies>",
    "</assemblies>", "<test result='Fail'/>", "<errors><error/></errors>", "text", "&#0;", "<testcase line='-1'/>",
    "<TestRun xmlns='http://microsoft.com/schemas/VisualStudio/TeamTest/2010'>", "</TestRun>", "<InnerResults>",
    "</InnerResults>", "<UnitTestResult>", "</UnitTestResult>", "<UnitTest/>", "<TestMethod/>",
)  # fmt: skip
LINES = (
    "TAP version 13", "1..2", "1..0 # skip", "ok 1 - a {", "not ok", "}", "    ok 1", "        ok 1", "  ---", "  ...",
    "    1..7", "Bail out!", "  line: 99999999999", '{"Action":"run","Package":"p","Test":"A"}', '{"Action":"fail"}',
    '{"Action":"pass","Package":"p","Test":"A"}', '{"Action":"output","Test":"A","Output":"x"}', '{"Action":"start"}',
    '{"type":"testStart","test":{"id":1,"name":"a"}}', '{"type":"testDone","testID":1,"result":"failure"}',
    '{"type":"done"}', '{"a":' * 2000, '{"Action":1', "\ufeff{}",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["results", "tests", "name", "status", "examples", "passes", "failures", "summary", "title"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
RAW = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(XML_WORDS), max_size=12).map(lambda words: "".join(words).encode()),
    st.lists(st.sampled_from(LINES), max_size=12).map(lambda lines: "\n".join(lines).encode()),
    JSON.map(lambda value: json.dumps(value).encode()),
)


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
@given(raw=RAW)
def test_any_bytes_are_read_or_refused(each: Format, raw: bytes) -> None:
    each.sniff(raw)
    try:
        report = each.parse(raw)
    except InvalidInput as refused:
        assert refused.message  # noqa: PT017 (either outcome is right, silence is not)
    else:
        assert report.format == each.name
        assert report.tests is not None
