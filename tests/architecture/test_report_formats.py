"""The documents of report formats: every format is named where people look for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handlers.quality_gate.formats import FORMATS

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
INDEX = (REFERENCE / "report-formats.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| [^|]+ \| ([^|]+) \| \[[^\]]+\]\(([^)]+)\) \|$", INDEX, flags=re.MULTILINE)
PAGES = {name: page for names, page in ROWS for name in re.findall(r"`([^`]+)`", names)}


def test_the_index_names_every_format_and_no_other() -> None:
    assert sorted(PAGES) == sorted(FORMATS)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_page_of_a_format_has_a_row_for_it(name: str) -> None:
    assert f"\n| `{name}` |" in (REFERENCE / PAGES[name]).read_text(encoding="utf-8")
