"""What holds for every format of audits and bills of materials."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats import audits
from handlers.quality_gate.formats.audits.texts import line
from handlers.quality_gate.formats.documents import MAX_DOCUMENT_BYTES
from handlers.quality_gate.formats.format import Format


@pytest.mark.parametrize("report_format", audits.FORMATS, ids=lambda each: each.name)
def test_a_document_of_more_bytes_than_we_read_is_refused(report_format: Format) -> None:
    with pytest.raises(InvalidInput) as refused:
        report_format.parse(b" " * (MAX_DOCUMENT_BYTES + 1))
    assert refused.value.code == "report.too_large"


def test_a_strangers_text_is_cut_to_its_first_line() -> None:
    assert line("  one \ntwo") == "one"
    assert len(line("x" * 1_000)) == 300
