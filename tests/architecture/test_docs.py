"""Documents: links that lead somewhere, settings that are described, decisions in one form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
DECISIONS = sorted((REPOSITORY / "docs" / "adr").glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_local_link_leads_to_a_file(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_setting_that_is_read_is_described() -> None:
    modules = sorted((REPOSITORY / "app").glob("settings*.py"))
    source = "".join(module.read_text(encoding="utf-8") for module in modules)
    read = set(re.findall(r'\{PREFIX\}([A-Z_]+)[}"]', source)) | set(
        re.findall(r'\(values, "([A-Z_]+)"', source)
    )
    described = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert read
    assert sorted(name for name in read if f"HEPHAESTUS_{name}" not in described) == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_options_decision_and_consequences(decision: Path) -> None:
    headings = re.findall(r"^## (.+)$", decision.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == ["Context", "Options", "Decision", "Consequences"]
