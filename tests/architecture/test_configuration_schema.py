from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from app.config.composing import parse_sections
from app.config.organisation import judge_organisation
from app.config.schema import file_schema, organisation_schema
from handlers.builtin import ORGANISATIONS, SECTIONS

SCHEMAS = Path(__file__).resolve().parents[2] / "manifests" / "schemas"
SCHEMA = SCHEMAS / "hephaestus.schema.json"
ORGANISATION = SCHEMAS / "hephaestus-organisation.schema.json"


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


def test_the_published_schema_of_the_organisations_file_is_fresh() -> None:
    """Make it again with: hephaestus config schema --organisation > manifests/schemas/hephaestus-organisation.schema.json."""
    made = organisation_schema(SECTIONS, ORGANISATIONS)
    assert json.loads(ORGANISATION.read_text(encoding="utf-8")) == made


@pytest.mark.parametrize(
    ("document", "is_valid"),
    [
        ({"version": 1}, True),
        (
            {
                "version": 1,
                "quality_gate": {"gates": {"audit": {}}, "final": ["audit"], "minimum": {"tests": {}}},
            },
            True,
        ),
        ({"version": 1, "remediation": {"final": ["mode"]}, "may_extend": ["o/p"]}, True),
        ({"version": 1, "use": "default"}, False),
        ({"version": 1, "quality_gate": {"minimum": {"tests": {"min_test": 1}}}}, False),
        ({"version": 1, "remediation": {"final": ["no"]}}, False),
    ],
)
def test_the_schema_of_the_organisations_file_and_the_program_agree(
    document: dict[str, object], *, is_valid: bool
) -> None:
    schema = json.loads(ORGANISATION.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(document) is is_valid
    raw = json.dumps(document).encode()
    assert (not judge_organisation(raw, SECTIONS, ORGANISATIONS).errors) is is_valid
