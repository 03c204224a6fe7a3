"""What a codecov.yml asks for is carried over, or listed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from app.config.composing import parse_sections
from app.config.document import parse_document
from handlers.quality_gate.codecov import Imported, imported
from handlers.quality_gate.section import GroupCoverage, PathRule, QualityGate
from handlers.quality_gate.section.gates import CoverageGate

SECTIONS: dict[str, type[BaseModel]] = {"quality_gate": QualityGate}
CI = ".github/workflows/ci.yml"


def run(text: str) -> Imported:
    document = parse_document(text.encode())
    return imported(document.value, document.places, CI)


def section_of(found: Imported) -> QualityGate:
    assert found.text is not None
    parsed = parse_sections(found.text.encode(), SECTIONS)
    assert parsed.errors == ()
    section = parsed.section("quality_gate")
    assert isinstance(section, QualityGate)
    return section


def test_a_file_in_which_no_key_is_codecovs_becomes_nothing() -> None:
    found = run("name: ci\non: push\n")
    assert found.text is None
    assert [(each.line, each.path) for each in found.unmapped] == [(1, "name"), (2, "on")]
    assert "is this a codecov.yml?" in found.unmapped[0].why


def gate(status: str) -> CoverageGate | None:
    return section_of(run(f"coverage: {{status: {{{status}}}}}\n")).gates.coverage


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("project: {default: {target: 85%}}", CoverageGate(total=">= 85%")),
        ("project: {default: {target: 85, threshold: 0.5%}}", CoverageGate(total=">= 84.5%")),
        ("project: {default: {target: auto, threshold: 1%}}", CoverageGate(total=None, drop="<= 1pt")),
        ("project: {default: {threshold: 0.09}}", CoverageGate(total=None, drop="<= 0.09pt")),
        ("project: yes", CoverageGate(total=None, drop="<= 0pt")),
        ("project: off, patch: {default: {target: 100%}}", CoverageGate(total=None, diff=">= 100%")),
        (
            "project: {default: {target: 80%, measurement: branch}}",
            CoverageGate(total=">= 80%", metric="branch"),
        ),
        ("project: {default: {target: 3%, threshold: 9%}}", CoverageGate(total=">= 0%")),
    ],
)
def test_a_status_of_everything_is_a_rule_of_the_gate(status: str, expected: CoverageGate) -> None:
    assert gate(status) == expected


def test_a_file_without_a_status_means_what_the_service_does_without_one() -> None:
    assert section_of(run("comment: false\n")).gates.coverage == CoverageGate(total=None, drop="<= 0pt")


@pytest.mark.parametrize(
    "status", ["coverage: {status: no}", "coverage: {status: {project: no, patch: off}}"]
)
def test_where_nothing_decides_nothing_is_written(status: str) -> None:
    assert run(status).text is None


def test_paths_flags_and_components_are_groups_of_paths() -> None:
    text = """
coverage:
  status:
    project:
      core: {target: 95%, paths: [src/core/]}
      unit: {target: 70%, flags: [unit]}
flags:
  unit: {paths: [lib/**], carryforward: true}
component_management:
  individual_components:
    - {component_id: a, name: A, paths: [apps/a], statuses: [{type: patch, target: 80%}]}
ignore: [tests, "*.gen.py"]
"""
    section = section_of(run(text))
    assert section.gates.coverage == CoverageGate(total=">= 0%")
    assert {glob: rule.coverage for glob, rule in section.paths.items()} == {
        glob: PathRule.model_validate({"coverage": coverage}).coverage
        for glob, coverage in {
            "lib/**": {"carry": 30, "total": ">= 70%"},
            "apps/a/**": {"diff": ">= 80%"},
            "src/core/**": {"total": ">= 95%"},
            "tests/**": "not_applicable",
            "*.gen.py": "not_applicable",
        }.items()
    }


def test_a_number_of_builds_is_a_number_of_reports() -> None:
    found = run("codecov: {notify: {after_n_builds: 3}}\n")
    assert section_of(found).producers["coverage"].min_reports == 3
    assert found.unmapped == ()


def test_what_the_file_does_not_say_is_said_to_be_assumed() -> None:
    builds = imported({"codecov": {"notify": {"after_n_builds": 3}}}, {}, ".github/workflows/tests.yml").text
    assert builds is not None
    assert builds.splitlines()[0] == (
        "# Assumed: .github/workflows/tests.yml leaves the reports. Another workflow: --workflow PATH."
    )
    carried = run("flags: {unit: {paths: [lib/], carryforward: true}}\n").text
    assert carried is not None
    assert carried.splitlines()[0] == "# Assumed: coverage is carried for 30 days at most."
    nothing = run("comment: false\n").text
    assert nothing is not None
    assert "#" not in nothing


def test_informational_holds_where_every_status_says_so() -> None:
    both = "coverage: {status: {project: {default: {target: 1%, informational: true}}}}"
    assert section_of(run(both)).informational == ("coverage",)
    one = "coverage: {status: {project: {default: {target: 1%, informational: true}}, patch: {default: {target: 2%}}}}"
    found = run(one)
    assert section_of(found).informational == ()
    assert [each.path for each in found.unmapped] == ["coverage.status"]


def test_what_has_no_counterpart_is_listed_with_its_line_and_without_its_value() -> None:
    text = """codecov:
  token: a-secret
coverage:
  precision: 2
  status:
    project: {default: {target: 80%, branches: [main]}}
    patch: {default: {target: auto}}
ignore:
  - "docs/.*"
  - "!src/kept.py"
new_key: {inner: 1}
"""
    found = run(text)
    assert [(each.line, each.path) for each in found.unmapped] == [
        (2, "codecov.token"),
        (4, "coverage.precision"),
        (6, "coverage.status.project.default.branches.0"),
        (7, "coverage.status.patch.default.target"),
        (9, "ignore.0"),
        (10, "ignore.1"),
        (11, "new_key.inner"),
    ]
    assert "a-secret" not in str(found)


KEYS = st.sampled_from(
    [
        "coverage",
        "status",
        "project",
        "patch",
        "default",
        "target",
        "threshold",
        "paths",
        "flags",
        "ignore",
        "codecov",
        "notify",
        "after_n_builds",
        "flag_management",
        "individual_flags",
        "component_management",
        "individual_components",
        "default_rules",
        "statuses",
        "type",
        "carryforward",
        "informational",
    ]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 200),
    st.sampled_from(["auto", "80%", "1.23456%", "yes", "src/", "!a"]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@pytest.mark.parametrize("odd", [[], {}, ["auto"], {"a": 1}])
def test_a_value_of_another_kind_is_listed_and_not_taken(odd: object) -> None:
    status = {"target": odd, "threshold": odd, "measurement": odd, "paths": odd, "informational": odd}
    nested = {"component_id": odd, "statuses": [{"type": odd, "target": odd}]}
    values = {
        "coverage": {"status": {"project": {"default": status, "other": odd}}},
        "component_management": {"individual_components": [nested, odd]},
    }
    assert imported(values, {}, CI).unmapped


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_whatever_is_imported_is_valid(values: dict[str, Any]) -> None:
    found = imported(values, {}, CI)
    if found.text is not None:
        section_of(found)


def groups_of(found: Imported) -> dict[str, object]:
    return {glob: rule.coverage for glob, rule in section_of(found).paths.items()}


def test_components_without_statuses_inherit_those_of_the_default_rules() -> None:
    found = run("""component_management:
  default_rules: {statuses: [{type: project, target: 95%, threshold: 1%}, {type: patch, target: 90%}]}
  individual_components:
    - {component_id: a, paths: ["a/**"]}
    - {component_id: b, paths: ["b/**"], statuses: [{type: project, target: 70%}]}
    - {component_id: c, paths: ["c/**"], statuses: []}
""")
    assert groups_of(found) == {
        "a/**": GroupCoverage(total=">= 94%", diff=">= 90%"),
        "b/**": GroupCoverage(total=">= 70%"),
    }
    assert [each.path for each in found.unmapped] == [
        "component_management.individual_components.2.paths",
    ]


def test_components_without_paths_inherit_those_of_the_default_rules() -> None:
    found = run("""component_management:
  default_rules: {paths: ["src/**"], statuses: [{type: project, target: 95%}]}
  individual_components: [{component_id: a}, {component_id: b, paths: ["b/**"]}]
""")
    assert groups_of(found) == dict.fromkeys(("src/**", "b/**"), GroupCoverage(total=">= 95%"))
    assert found.unmapped == ()


def test_a_component_whose_files_cannot_be_told_is_named_and_not_the_rule_that_others_inherit() -> None:
    found = run("""component_management:
  default_rules: {statuses: [{type: project, target: 95%}]}
  individual_components:
    - {component_id: a, paths: ["a/**"]}
    - {component_id: b, paths: ["b/.*"]}
""")
    assert groups_of(found) == {"a/**": GroupCoverage(total=">= 95%")}
    assert [(each.line, each.path) for each in found.unmapped] == [
        (5, "component_management.individual_components.1"),
        (5, "component_management.individual_components.1.paths.0"),
    ]


def test_what_of_an_inherited_status_has_no_counterpart_is_listed_once() -> None:
    found = run("""component_management:
  default_rules: {statuses: [{type: project, target: auto}, {type: patch, target: 90%, branches: ["!main"]}]}
  individual_components: [{component_id: a, paths: ["a/"]}, {component_id: b, paths: ["b/"]}]
""")
    assert groups_of(found) == dict.fromkeys(("a/**", "b/**"), GroupCoverage(diff=">= 90%"))
    assert [each.path for each in found.unmapped] == [
        "component_management.default_rules.statuses.0.target",
        "component_management.default_rules.statuses.1.branches.0",
    ]


def test_flags_of_the_flag_management_inherit_and_flags_of_their_own_do_not() -> None:
    found = run("""flags: {old: {paths: ["old/"]}}
flag_management:
  default_rules: {carryforward: true, statuses: [{type: project, target: 95%}]}
  individual_flags: [{name: new, paths: ["new/"]}]
""")
    assert groups_of(found) == {"new/**": GroupCoverage(total=">= 95%", carry=30)}
    assert [each.path for each in found.unmapped] == [
        "flags.old.paths",
        "flag_management.default_rules.carryforward",
    ]


@pytest.mark.parametrize("kind", ["flag_management", "component_management"])
def test_default_rules_that_nothing_inherits_are_listed(kind: str) -> None:
    found = run(
        f"{kind}: {{default_rules: {{carryforward: true, statuses: [{{type: project, target: 95%}}]}}}}\n"
    )
    assert {each.path for each in found.unmapped} == {
        f"{kind}.default_rules.carryforward",
        f"{kind}.default_rules.statuses",
    }


@pytest.mark.parametrize("first", [("95%", "80%"), ("80%", "95%")])
def test_of_two_statuses_of_the_same_paths_the_stricter_holds(first: tuple[str, str]) -> None:
    found = run(f"""coverage: {{status: {{project: {{core: {{target: {first[0]}, paths: [a/]}}}}}}}}
component_management:
  default_rules: {{statuses: [{{type: project, target: {first[1]}}}]}}
  individual_components: [{{component_id: a, paths: [a/]}}]
""")
    assert groups_of(found) == {"a/**": GroupCoverage(total=">= 95%")}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("project: {a: {target: 90%}, b: {target: 80%}}", CoverageGate(total=">= 90%")),
        ("project: {a: {threshold: 1%}, b: {threshold: 5%}}", CoverageGate(total=None, drop="<= 1pt")),
    ],
)
def test_of_two_statuses_of_everything_the_stricter_holds(status: str, expected: CoverageGate) -> None:
    assert gate(status) == expected
