"""The organisation's file: what it may say, and what it cannot."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from app.config.composing import Layers, compose
from app.config.organisation import judge_organisation
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate
from handlers.release_verification.section import ReleaseVerification
from handlers.remediation.models import Mode, Remediation

SECTIONS: dict[str, type[BaseModel]] = {
    "quality_gate": QualityGate,
    "release_verification": ReleaseVerification,
    "remediation": Remediation,
}
OWN_FLOORS: dict[str, type[BaseModel]] = {"quality_gate": OrganisationGate}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("version: 2\n", (1, 1), "the only version is 1"),
        ("version: 1\nuse: default\n", (2, 1), "the organisation's file cannot say use"),
        ("version: 1\nextends: a/b\n", (2, 1), "the organisation's file cannot say extends"),
        ("version: 1\nmay_extend: a/b\n", (2, 1), "a list of repositories: [owner/name]"),
        (
            "version: 1\nquality_gate: {final: [audit]}\n",
            (2, 16),
            "gates.audit must be written in this file to be final",
        ),
        (
            "version: 1\nquality_gate:\n  minimum: {tests: {from: ci}}\n",
            (3, 21),
            "no such producer in this file",
        ),
        (
            "version: 1\nquality_gate:\n  gates: {coverage: {total: '>= 1%'}}\n  minimum: {coverage: {total: '>= 2%'}}\n",
            (3, 22),
            "weaker than the file's own floor; tighten it, or leave it out",
        ),
    ],
)
def test_a_mistake_is_placed_and_explained(text: str, place: tuple[int, int], message: str) -> None:
    (error, *_) = judge_organisation(text.encode(), SECTIONS, OWN_FLOORS).errors
    assert ((error.line, error.column), error.message) == (place, message)


def test_a_final_key_of_any_section_stands_as_the_organisation_writes_it() -> None:
    organisation = b"version: 1\nremediation: {mode: explain, final: [mode]}\n"
    own = b"version: 1\nremediation:\n  mode: propose\n  pulls_per_day: 1\n"
    parsed = compose(Layers(own, None, organisation, "o/.github/hephaestus.yml"), SECTIONS, OWN_FLOORS)
    assert [(each.line, each.path) for each in parsed.breaches] == [(3, "remediation.mode")]
    assert parsed.section("remediation") == Remediation(mode=Mode.EXPLAIN, pulls_per_day=1)


def test_use_default_keeps_the_default_gates_beside_the_organisations() -> None:
    organisation = b"version: 1\nquality_gate: {gates: {audit: {severity: high}}, final: [audit]}\n"
    parsed = compose(Layers(b"version: 1\nuse: default\n", None, organisation), SECTIONS, OWN_FLOORS)
    section = parsed.section("quality_gate")
    assert isinstance(section, QualityGate)
    assert (parsed.breaches, section.gates.tests, section.gates.coverage) == (
        (),
        QualityGate().gates.tests,
        QualityGate().gates.coverage,
    )
    assert section.gates.audit is not None
    assert section.gates.audit.severity == "high"
