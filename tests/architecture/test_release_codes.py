from __future__ import annotations

import re
from pathlib import Path

from app.domain.release_codes import ReleaseCode

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "release-codes.md"


def test_the_page_lists_exactly_the_codes_that_exist() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [code for code, _ in rows] == sorted(
        {code for code, _ in rows}, key=[code for code, _ in rows].index
    )
    assert {code for code, _ in rows} == set(ReleaseCode)


def test_the_page_gives_unsupported_codes_that_outcome() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (\S+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert {code for code in ReleaseCode if code.is_unsupported} <= {
        code for code, outcome in rows.items() if outcome == "unsupported"
    }
