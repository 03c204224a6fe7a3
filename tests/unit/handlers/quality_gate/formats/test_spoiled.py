"""Whatever is done to a file of any format, its reader reads it or refuses it, and what was read can be put together."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InvalidInput
from handlers.quality_gate.formats import FORMATS
from handlers.quality_gate.reports.gathered import Gathered
from tests.unit.handlers.quality_gate.formats.bad_samples import SAMPLES, plain
from tests.unit.handlers.quality_gate.formats.findings import samples, test_linters_any_bytes

DIFF = b"""diff --git a/one.py b/one.py
--- a/one.py
+++ b/one.py
@@ -1,2 +1,2 @@
 first
-second
+Second
"""
SPDX = {
    "SPDXID": "SPDXRef-DOCUMENT",
    "spdxVersion": "SPDX-2.3",
    "packages": [
        {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "licenseDeclared": "MIT",
         "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/a@1"}]},
    ],
}  # fmt: skip
OSV_RECORD = {
    "id": "GHSA-1",
    "modified": "2026-01-01T00:00:00Z",
    "aliases": ["CVE-1"],
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],
    "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "ranges": [{"events": [{"fixed": "2"}]}]}],
}
FILES: dict[str, tuple[bytes, ...]] = {
    **{name: (plain(name).encode(),) for name in SAMPLES},
    "diff": (DIFF,),
    "osv-record": (json.dumps(OSV_RECORD).encode(),),
    "spdx": (json.dumps(SPDX).encode(),),
}
for each, more in (*samples.SAMPLES, *test_linters_any_bytes.SAMPLES):
    FILES[each.name] = (*FILES[each.name], more)
PIECES = (
    b"", b"null", b"true", b"-1", b"-0", b"0.5", b"1e5", b"1e999", b"NaN", b"-Infinity", b"99999999999999999999",
    b"9" * 400, b"9" * 5_000, b"[]", b"[[]]", b"{}", b'{"a":1,"a":2}', b'""', b'"', b'"\\ud800"', b'"\\u0000"', b"\\",
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\n", b"\r", b"\x85", b"\xe2\x80\xa8",
    b"<a>", b"<error>", b"&#0;", b"<![CDATA[", b"--- ", b"{",
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, name: str) -> list[bytes]:
    """A file of the format with a place at which each piece stands in turn; or it is cut, doubled, or other bytes are there."""
    raw = draw(st.sampled_from(FILES[name]))
    for _ in range(draw(st.integers(0, 1))):
        place = draw(st.integers(0, len(raw)))
        raw = raw[:place] + draw(st.sampled_from(PIECES)) + raw[place + draw(st.integers(0, 12)) :]
    start = draw(st.integers(0, len(raw)))
    end = min(len(raw), start + draw(st.sampled_from((0, 1, 2, 5, 12, 40))))
    pieces = (*PIECES, raw[start:end] * 2, draw(st.binary(max_size=6)))
    return [raw[:start], raw[start:], *(raw[:start] + piece + raw[end:] for piece in pieces)]


def refusal(name: str, raw: bytes) -> str | None:
    """The code and message of the refusal, None where it was read."""
    try:
        report = FORMATS[name].read(raw)
    except InvalidInput as error:
        return f"{error.code}: {error.message}"
    assert report.format == name
    return None


def test_every_format_has_a_file() -> None:
    assert FILES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_the_files_themselves_are_read(name: str) -> None:
    assert [refusal(name, raw) for raw in FILES[name]] == [None] * len(FILES[name])


# The library of CycloneDX warns of long versions; elsewhere than in tests that is a line on stderr.
@pytest.mark.filterwarnings("ignore:`@.version`has a maximum length:UserWarning")
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_spoiled_file_is_read_or_refused_and_no_reader_fails(name: str, data: st.DataObject) -> None:
    gathered = Gathered((name,), None)
    for number, raw in enumerate(data.draw(spoiled(name))):
        FORMATS[name].sniff(raw)
        said = refusal(name, raw)
        assert said is None or (said.isprintable() and not said.startswith("report.reader_failed")), raw
        gathered.take("artifact", f"{number}.report", raw)
    assert gathered.reports().members
