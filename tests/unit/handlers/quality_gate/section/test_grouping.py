"""Groups of paths under a floor: what the organisation's own groups ask for stays, whatever a repository writes beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from app.config.composing import Layers, compose
from app.config.loader import ParsedFile
from app.domain.coverage import FileLines, LineMap
from handlers.quality_gate.section import GroupCoverage, QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate
from tests.unit.handlers.quality_gate.gates.changed import base_of, change, covered, file
from tests.unit.handlers.quality_gate.section.test_floors_judged import Scene, is_green

SECTIONS: dict[str, type[BaseModel]] = {"quality_gate": QualityGate}
OWN_FLOORS: dict[str, type[BaseModel]] = {"quality_gate": OrganisationGate}
CORE = {"core/**": {"coverage": {"total": ">= 95%", "diff": ">= 90%", "carry": 3}}}
GATE = {"coverage": {"total": ">= 80%"}}
FINAL = {"gates": GATE, "final": ["coverage"]}
MINIMUM = {"gates": GATE, "minimum": GATE}


def composed(organisation: dict[str, Any], own: dict[str, Any]) -> ParsedFile:
    files = [json.dumps({"version": 1, "quality_gate": each}).encode() for each in (own, organisation)]
    return compose(Layers(files[0], None, files[1], "octo/.github/hephaestus.yml"), SECTIONS, OWN_FLOORS)


def section_of(parsed: ParsedFile) -> QualityGate:
    found = parsed.section("quality_gate")
    assert isinstance(found, QualityGate)
    return found


def under(
    floor: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> tuple[QualityGate, list[tuple[str, str]]]:
    """The section in force of a repository that writes only groups, and the mistakes in it."""
    parsed = composed({**floor, "paths": theirs}, {"paths": ours})
    assert parsed.errors == ()
    wrong = [(each.path.removeprefix("quality_gate.paths."), each.message) for each in parsed.breaches]
    return section_of(parsed), wrong


@pytest.mark.parametrize("floor", [FINAL, MINIMUM], ids=["final", "minimum"])
def test_what_the_organisation_asks_of_a_group_stays_where_a_repository_adds_to_it(
    floor: dict[str, Any],
) -> None:
    section, wrong = under(floor, CORE, {"core/**": {"build": "not_applicable"}})
    assert wrong == []
    assert section.paths["core/**"].build == "not_applicable"
    assert section.paths["core/**"].coverage == GroupCoverage(total=">= 95%", diff=">= 90%", carry=3)


@pytest.mark.parametrize(
    "rule",
    [
        {"coverage": None, "build": "not_applicable"},
        {"coverage": {"total": ">= 94%"}},
        {"coverage": {"diff": None}},
        {"coverage": {"carry": 90}},
        {"coverage": {"carry": None}},
        {"coverage": "not_applicable"},
        {"all": "not_applicable"},
    ],
)
@pytest.mark.parametrize("floor", [FINAL, MINIMUM], ids=["final", "minimum"])
def test_nobody_asks_less_of_a_group_of_the_organisations(
    floor: dict[str, Any], rule: dict[str, Any]
) -> None:
    section, wrong = under(floor, CORE, {"core/**": rule})
    assert [path.partition(".")[0] for path, _ in wrong] == ["core/**"]
    assert section.paths["core/**"].coverage == GroupCoverage(total=">= 95%", diff=">= 90%", carry=3)


def test_what_is_final_is_said_to_be_unchangeable() -> None:
    _, ((path, message),) = under(FINAL, CORE, {"core/**": {"coverage": {"total": ">= 99%"}}})
    assert path == "core/**.coverage"
    assert message.startswith("it cannot be changed: it is final by octo/.github/hephaestus.yml, line ")


def test_more_may_be_asked_of_a_group_of_a_minimum() -> None:
    section, wrong = under(MINIMUM, CORE, {"core/**": {"coverage": {"total": ">= 99%"}}})
    assert wrong == []
    assert section.paths["core/**"].coverage == GroupCoverage(total=">= 99%", diff=">= 90%", carry=3)


@pytest.mark.parametrize(
    ("glob", "total", "allowed"),
    [
        ("other/**", ">= 80%", True),
        ("other/**", ">= 79%", False),
        ("core/api/**", ">= 95%", True),
        ("core/api/**", ">= 94%", False),
        ("**/*.py", ">= 100%", False),
        ("**", ">= 100%", False),
    ],
)
def test_a_group_of_a_repository_lies_in_one_of_the_organisations_or_beside_them(
    glob: str, total: str, *, allowed: bool
) -> None:
    _, wrong = under(MINIMUM, CORE, {glob: {"coverage": {"total": total}}})
    assert [path for path, _ in wrong] == ([] if allowed else [f"{glob}.coverage.total"])


def test_a_group_that_may_share_files_is_told_what_would_mend_it() -> None:
    section, ((_, message),) = under(MINIMUM, CORE, {"**/*.py": {"coverage": {"total": ">= 100%"}}})
    assert message.startswith("it may share files with the group in octo/.github/hephaestus.yml, line ")
    assert list(section.paths) == ["core/**"]


@pytest.mark.parametrize(
    "rule", [{"coverage": {"diff": ">= 90%"}}, {"coverage": None, "build": "not_applicable"}]
)
def test_files_that_the_organisation_leaves_out_cannot_be_counted_among_all_others(
    rule: dict[str, Any],
) -> None:
    theirs = {"tests/**": {"coverage": "not_applicable"}}
    section, wrong = under(MINIMUM, theirs, {"tests/**": rule})
    assert [path for path, _ in wrong] == ["tests/**.coverage"]
    assert section.paths["tests/**"].coverage == "not_applicable"


def test_a_group_that_the_organisation_spares_a_final_gate_stays_spared() -> None:
    floor: dict[str, Any] = {"gates": {"lint": {}}, "final": ["lint"]}
    theirs = {"docs/**": {"all": "not_applicable"}}
    section, wrong = under(floor, theirs, {"docs/**": {"build": "not_applicable"}})
    assert (wrong, section.paths["docs/**"].spares("lint")) == ([], True)
    section, wrong = under(floor, theirs, {"docs/**": {"all": None, "build": "not_applicable"}})
    assert ([path for path, _ in wrong], section.paths["docs/**"].spares("lint")) == (["docs/**.all"], True)


def test_a_gate_of_a_minimum_may_be_asked_for_where_the_organisation_spares_it() -> None:
    floor: dict[str, Any] = {"gates": {"lint": {}}, "minimum": {"lint": {}}}
    theirs = {"docs/**": {"lint": "not_applicable", "build": "not_applicable"}}
    section, wrong = under(floor, theirs, {"docs/**": {"lint": None}})
    assert (wrong, section.paths["docs/**"].spares("lint")) == ([], False)


def test_few_added_lines_count_in_a_group_of_the_organisations() -> None:
    own = {"gates": {"coverage": {"total": ">= 80%", "diff_min_lines": 1000}}}
    parsed = composed({**MINIMUM, "paths": CORE}, own)
    assert [each.path for each in parsed.breaches] == ["quality_gate.gates.coverage.diff_min_lines"]
    gate = section_of(parsed).gates.coverage
    assert gate is not None
    assert gate.diff_min_lines == 0


FILES = ("core/a.py", "core/api/b.py", "lib/c.py", "d.py", "docs/e.md")
SHARES = st.sampled_from([">= 0%", ">= 40%", ">= 80%", ">= 100%"])
COVERED: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {}, optional={"total": SHARES, "diff": SHARES, "carry": st.integers(1, 3)}
)
RULES = st.one_of(
    st.sampled_from(
        [
            {"all": "not_applicable"},
            {"all": None, "build": "not_applicable"},
            {"coverage": "not_applicable"},
            {"coverage": None, "build": "not_applicable"},
            {"build": "not_applicable"},
        ]
    ),
    COVERED.filter(bool).map(lambda each: {"coverage": each}),
)
LAYOUTS = st.dictionaries(
    st.sampled_from(["**", "core/**", "core/api/**", "core/*.py", "lib/**", "*.py", "**/*.md", "d.py"]),
    RULES,
    max_size=3,
)


@st.composite
def measured(draw: st.DrawFn) -> Scene:
    def lines() -> LineMap:
        found = LineMap()
        for name in draw(st.lists(st.sampled_from(FILES), min_size=1, unique=True)):
            valid = draw(st.integers(1, 15)) << 1
            found.files[name] = FileLines(valid, (draw(st.integers(0, 15)) << 1) & valid)
        return found

    touched = draw(st.lists(st.sampled_from(FILES), min_size=1, unique=True))
    base = draw(st.sampled_from([None, base_of(lines())]))
    changed = tuple(file(name, (1, draw(st.integers(1, 4)))) for name in touched)
    return Scene((covered(lines()),), (change(*changed, baseline=base),))


@settings(max_examples=400, deadline=None)
@given(
    theirs=LAYOUTS.filter(lambda found: all(any(rule.values()) for rule in found.values())),
    ours=LAYOUTS,
    gate=st.fixed_dictionaries({"total": SHARES}, optional={"diff": SHARES}),
    scene=measured(),
    final=st.booleans(),
)
def test_what_fails_by_the_organisations_file_alone_passes_by_no_accepted_file(
    *, theirs: dict[str, Any], ours: dict[str, Any], gate: dict[str, Any], scene: Scene, final: bool
) -> None:
    floor: dict[str, Any] = {"final": ["coverage"]} if final else {"minimum": {"coverage": gate}}
    organisation = {"gates": {"coverage": gate}, "paths": theirs, **floor}
    parsed = composed(organisation, {"paths": ours})
    if parsed.errors:
        return
    alone = section_of(composed(organisation, {}))
    # What is held decides where a file is refused, too: it is the last good one, raised.
    assert is_green(scene, alone, "coverage") or not is_green(scene, section_of(parsed), "coverage")
