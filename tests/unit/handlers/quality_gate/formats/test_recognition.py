"""Every public report is taken for its own format, and for no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.errors import InvalidInput
from handlers.quality_gate.formats import recognise
from handlers.quality_gate.formats.source import HEAD_BYTES

NAMES = {"coveragepy-json": "coveragepy"}
"""Formats whose name is not the corpus's."""
NO_REPORTS = frozenset({"artifact-zip"})
"""What reports come in."""
SEVERAL_TOOLS = "lint-text"
LINT_TEXT: dict[str, str | None] = {
    "lint-text/analysis-model__parser-flake8.log": "flake8",
    "lint-text/errorformat__testdata-flake8.in": "flake8",
    "lint-text/made__flake8-heph.txt": "flake8",
    "lint-text/errorformat__testdata-govet.in": None,
    "lint-text/errorformat__testdata-luacheck.in": None,
}
"""Of what linters print, that which has a format of its own, and that for which a policy must name it."""
BROKEN = {
    "eslint-json/hostile__not-a-list.json": "ESLint writes a list, this is an object",
    "junit/junit-plugin__junit-testXxe-xxe.xml": "its root element is another, behind entities",
    "lcov/coverage-model__lcov-empty.xml": "the file is empty",
    "lcov/hostile__empty-0-bytes.info": "the file is empty",
    "ruff-json/hostile__deep-array-100k.json": "brackets only",
    "trx/hostile__wrong-namespace.trx": "the namespace is not that of TRX",
}
"""Files that are broken on purpose, where their format could be seen; they must be taken for nothing."""


def recognised(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    try:
        found = recognise(head)
    except InvalidInput:
        return None
    return found.name if found else None


def entries(corpus: Path) -> list[tuple[str, str]]:
    with (corpus / "reports" / "index.jsonl").open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [(entry["file"], entry["format"]) for entry in found]


@pytest.mark.corpus
def test_every_report_is_recognised_as_its_format(corpus: Path) -> None:
    wrong, right = {}, 0
    for file, report_format in entries(corpus):
        if report_format == SEVERAL_TOOLS:
            continue
        nothing = file in BROKEN or report_format in NO_REPORTS
        expected = None if nothing else NAMES.get(report_format, report_format)
        found = recognised(corpus / "reports" / file)
        if found != expected:
            wrong[file] = found
        right += found == expected is not None
    assert wrong == {}
    assert right > 120


@pytest.mark.corpus
def test_what_linters_print_is_recognised_where_it_is_their_own(corpus: Path) -> None:
    texts = [file for file, report_format in entries(corpus) if report_format == SEVERAL_TOOLS]
    assert texts
    for file in texts:
        assert recognised(corpus / "reports" / file) == LINT_TEXT.get(file, SEVERAL_TOOLS), file
