from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from app.config.loader import parse_sections
from app.config.schema import file_schema
from handlers import SECTIONS

SCHEMA = Path(__file__).resolve().parents[2] / "manifests" / "schemas" / "hephaestus.schema.json"


def test_the_published_schema_is_fresh() -> None:
    """Make it again with: hephaestus config schema > manifests/schemas/hephaestus.schema.json."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == file_schema(SECTIONS)


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ({"version": 1, "use": "default"}, True),
        ({"version": 1, "quality_gate": {"gates": {"tests": {"min_tests": 3}}}}, True),
        ({"version": 2}, False),
        ({"use": "default"}, False),
        ({"version": 1, "quality_gate": {"gaits": {}}}, False),
        ({"version": 1, "qualty_gate": {}}, False),
    ],
)
def test_the_schema_and_the_program_agree(document: dict[str, object], *, is_valid: bool) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(document) is is_valid
    # JSON is YAML, so one text serves both.
    assert (not parse_sections(json.dumps(document).encode(), SECTIONS).errors) is is_valid
