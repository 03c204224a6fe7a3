"""The section that `hephaestus gate evaluate` judges by: the policy with what it extends and its organisation's floor."""

from __future__ import annotations

import pytest

from app.bootstrap.offline import gate_section
from app.config.composing import Layers
from app.errors import InvalidInput

OWN = b"version: 1\nextends: acme/.github\nquality_gate:\n  gates:\n    tests: {}\n"
ALONE = OWN.replace(b"extends: acme/.github\n", b"")
SHARED = b"version: 1\nquality_gate:\n  gates:\n    lint: {findings: 3}\n"
FLOOR = b"version: 1\nquality_gate:\n  minimum:\n    coverage: {total: '>= 80%'}\n"


def test_a_shared_file_is_beneath_the_policy() -> None:
    assert gate_section(Layers(OWN, SHARED)).gates.lint is not None


def test_a_policy_that_extends_a_file_which_is_not_given_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"extends acme/.github, whose file is not given; .* --shared"):
        gate_section(Layers(OWN))


def test_a_shared_file_that_the_policy_does_not_extend_is_refused() -> None:
    with pytest.raises(InvalidInput, match="extends nothing"):
        gate_section(Layers(ALONE, SHARED))


def test_a_policy_is_raised_to_the_floor_of_its_organisation() -> None:
    assert gate_section(Layers(ALONE)).gates.coverage is None
    assert gate_section(Layers(ALONE, organisation=FLOOR)).gates.coverage is not None


@pytest.mark.parametrize(
    ("layers", "what"),
    [
        (Layers(OWN, b"version: 9\n"), "the shared file is invalid: line 1"),
        (Layers(ALONE, organisation=b"version: 9\n"), "the organisation's file is invalid: line 1"),
        (Layers(b"version: 9\n"), "the policy is invalid: line 1"),
    ],
)
def test_a_file_that_is_invalid_is_named(layers: Layers, what: str) -> None:
    with pytest.raises(InvalidInput, match=what):
        gate_section(layers)
