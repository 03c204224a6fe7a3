"""What a section says of itself beyond its values: told where the file writes it, and nowhere else."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from app.config.composing import Layers, compose, parse_sections
from app.config.loader import ParsedFile
from app.config.organisation import judge_organisation
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate

SECTIONS: dict[str, type[BaseModel]] = {"quality_gate": QualityGate}
FLOORS: dict[str, type[BaseModel]] = {"quality_gate": OrganisationGate}
WAIVER = "until: 2026-12-01, by: octo, why: known"


def policy(*lines: str, gates: str = "{tests: {}}") -> bytes:
    return "\n".join(("version: 1", "quality_gate:", f"  gates: {gates}", *lines, "")).encode()


def told(parsed: ParsedFile) -> list[tuple[int, int, str]]:
    return [(each.line, each.column, each.path) for each in parsed.wrong]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        (f"  waivers: [{{gate: lint, {WAIVER}}}]", (4, 14, "quality_gate.waivers.0.gate")),
        ("  informational: [tests, lint]", (4, 26, "quality_gate.informational.1")),
        (
            "  informational: [{gate: lint, until: 2027-01-01}]",
            (4, 20, "quality_gate.informational.0.gate"),
        ),
    ],
)
def test_a_gate_that_the_policy_does_not_have_is_neither_waived_nor_on_trial(
    line: str, place: tuple[int, int, str]
) -> None:
    parsed = parse_sections(policy(line), SECTIONS)
    assert told(parsed) == [place]
    assert parsed.wrong[0].message == "the policy has no such gate; it has tests"


def test_the_gates_of_use_default_can_be_waived() -> None:
    text = f"version: 1\nuse: default\nquality_gate:\n  waivers: [{{gate: audit, {WAIVER}}}]\n"
    assert parse_sections(text.encode(), SECTIONS).wrong == ()
    assert told(parse_sections(text.replace("audit", "checks").encode(), SECTIONS))


def test_a_gate_that_lies_beneath_can_be_waived() -> None:
    own = policy(f"  waivers: [{{gate: lint, {WAIVER}}}]")
    assert compose(Layers(own, policy(gates="{lint: {}}")), SECTIONS, FLOORS).wrong == ()


def test_a_waiver_of_the_organisation_for_a_gate_that_a_repository_lacks_is_no_mistake_there() -> None:
    organisation = f"version: 1\nquality_gate: {{waivers: [{{gate: lint, {WAIVER}}}]}}\n".encode()
    assert judge_organisation(organisation, SECTIONS, FLOORS).errors == ()
    assert compose(Layers(policy(), None, organisation), SECTIONS, FLOORS).wrong == ()


def test_a_shared_file_is_not_blamed_on_who_extends_it() -> None:
    shared = policy("  informational: [lint]", gates="{lint: {}}")
    own = policy("  informational: [tests]")
    assert compose(Layers(own, shared), SECTIONS, FLOORS).wrong == ()


@pytest.mark.parametrize(
    ("since", "place", "message"),
    [
        (
            "",
            (5, 13),
            "add since: YYYY-MM-DD, the day on which it was granted: waivers hold for 30 days at most",
        ),
        ("since: 2026-11-01, ", None, ""),
        ("since: 2026-10-31, ", (5, 46), "waivers hold for 30 days at most: this one until 2026-11-30"),
    ],
)
def test_a_waiver_is_as_long_as_from_the_day_on_which_it_was_granted(
    since: str, place: tuple[int, int] | None, message: str
) -> None:
    text = policy("  longest_waiver_days: 30", f"  waivers: [{{gate: tests, {since}{WAIVER}}}]")
    found = [(each.line, each.column, each.message) for each in parse_sections(text, SECTIONS).wrong]
    assert found == ([(*place, message)] if place else [])


def test_an_organisation_that_limits_waivers_wants_to_know_since_when_they_are() -> None:
    organisation = b"version: 1\nquality_gate: {minimum: {longest_waiver_days: 30}}\n"
    own = policy(f"  waivers: [{{gate: tests, {WAIVER}}}]")
    parsed = compose(Layers(own, None, organisation), SECTIONS, FLOORS)
    assert [each.message for each in parsed.breaches] == [
        "add since: YYYY-MM-DD, the day on which it was granted: waivers hold for 30 days at most"
    ]
    assert parsed.section("quality_gate") is not None


def test_an_organisations_own_waiver_keeps_its_limit() -> None:
    text = f"version: 1\nquality_gate:\n  minimum: {{longest_waiver_days: 3}}\n  waivers: [{{gate: lint, {WAIVER}}}]\n"
    (error,) = judge_organisation(text.encode(), SECTIONS, FLOORS).errors
    assert (error.line, error.path) == (4, "quality_gate.waivers.0")


def test_a_waiver_does_not_end_before_it_begins() -> None:
    (error,) = parse_sections(
        policy(f"  waivers: [{{gate: tests, since: 2026-12-02, {WAIVER}}}]"), SECTIONS
    ).errors
    assert (error.path, error.message) == (
        "quality_gate.waivers.0.until",
        "it ends before since, the day on which it was granted",
    )


@pytest.mark.parametrize("place", ["defaults: {trust: T3}", "gates: {tests: {trust: T3}}"])
def test_a_level_that_no_evidence_reaches_by_itself_is_told_and_is_no_mistake(place: str) -> None:
    text = f"version: 1\nquality_gate:\n  {place}\n"
    parsed = parse_sections(text.encode(), SECTIONS)
    assert parsed.wrong == ()
    (note,) = parsed.notes
    assert note.line == 3
    assert note.message.startswith("no evidence reaches T3 in this version")


def test_a_floor_that_no_evidence_reaches_by_itself_is_told_to_the_organisation() -> None:
    text = b"version: 1\nquality_gate:\n  minimum: {trust: T3, tests: {trust: T3}}\n"
    judged = judge_organisation(text, SECTIONS, FLOORS)
    assert [each.path for each in judged.notes] == [
        "quality_gate.minimum.trust",
        "quality_gate.minimum.tests.trust",
    ]
