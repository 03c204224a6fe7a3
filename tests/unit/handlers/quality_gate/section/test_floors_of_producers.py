"""What a floor's producers are to show nobody else's can: a repository neither replaces them nor reports beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.domain.decision import Verdict
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate
from tests.unit.handlers.quality_gate.commit import CI, AtGitHub, Run
from tests.unit.handlers.quality_gate.judging import check_of, decided
from tests.unit.handlers.quality_gate.samples import cobertura

OTHER = ".github/workflows/other.yml"
FLOOR = {
    "producers": {"cov": {"workflow": CI, "artifact": "coverage"}},
    "minimum": {"coverage": {"from": "cov", "total": ">= 80%"}},
}
ORGANISATION = f"""version: 1
quality_gate:
  producers:
    cov: {{workflow: {CI}, artifact: coverage}}
  minimum:
    coverage: {{from: cov, total: ">= 80%"}}
"""
OWN = """version: 1
quality_gate:
  producers:
    more: {{workflow: {workflow}, artifact: more}}
  gates:
    coverage: {{from: {names}, total: ">= 80%"}}
"""
HALF = {"coverage": {"c.xml": cobertura(5, 10)}, "more": {"c.xml": cobertura(10, 10)}}


def section(names: list[str], workflow: str = CI, **more: Any) -> QualityGate:  # noqa: ANN401 (keys of a producer)
    """A repository's section with a producer of its own."""
    return QualityGate.model_validate(
        {
            "producers": {"more": {"workflow": workflow, **more}, "cov": FLOOR["producers"]["cov"]},
            "gates": {"coverage": {"from": names, "total": ">= 80%"}},
        }
    )


@pytest.fixture
def github(tmp_path: Path) -> AtGitHub:
    """A run whose own report covers half of the lines, and another artifact of it all of them."""
    return AtGitHub(tmp_path, runs=[Run(HALF)], neighbours={".github": ORGANISATION})


@pytest.mark.parametrize("names", [["cov", "more"], ["more"]])
@pytest.mark.parametrize("more", [{}, {"artifact": "more"}, {"events": ["push"]}, {"trusted": True}])
def test_a_producer_of_the_floors_workflow_is_refused_and_left_out(
    names: list[str], more: dict[str, Any]
) -> None:
    held, breaches = OrganisationGate.model_validate(FLOOR).hold(section(names, **more))
    assert held.gates.coverage is not None
    assert held.gates.coverage.producers == ("cov",)
    assert [each.path for each in breaches] == [("gates", "coverage", "from")]
    assert OrganisationGate.model_validate(FLOOR).hold(held) == (held, ())


@pytest.mark.parametrize("names", [["cov", "more"], ["more", "cov"]])
def test_one_of_another_workflow_is_needed_too(names: list[str]) -> None:
    mine = section(names, OTHER)
    held, breaches = OrganisationGate.model_validate(FLOOR).hold(mine)
    assert (held.gates, held.producers, breaches) == (mine.gates, mine.producers, ())


async def test_lines_of_another_artifact_do_not_lift_what_the_floor_asks_of_its_own(github: AtGitHub) -> None:
    github.config = OWN.format(workflow=CI, names="cov")
    decision = await decided(github)
    assert decision.verdict is Verdict.FAIL
    assert "3 more covered lines" in check_of(decision).summary


async def test_the_file_that_adds_one_has_a_mistake_that_names_the_way_out(github: AtGitHub) -> None:
    github.config = OWN.format(workflow=CI, names="[cov, more]")
    decision = await decided(github)
    assert decision.verdict is not Verdict.PASS
    (said,) = [
        each.message for each in check_of(decision).annotations if each.path.endswith("hephaestus.yml")
    ]
    assert (
        "more: no producer of their workflow can be beside those of the floor in octo/.github/hephaestus.yml, line 6"
        in said
    )
    assert "let another workflow report it" in said
