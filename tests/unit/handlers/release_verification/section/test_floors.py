"""The organisation's floor: a repository can only tighten, and is told where it does not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config.composing import Layers, compose
from handlers.builtin import ORGANISATIONS, SECTIONS
from handlers.release_verification.section import Backfill, ReleaseVerification, Signer
from handlers.release_verification.section.floors import WHOLE, raised_signer
from handlers.release_verification.section.organisation import OrganisationRelease, ReleaseMinimum
from handlers.release_verification.section.strictness import is_within, join

RELEASE, BUILD = ".github/workflows/release.yml", "acme/ci/.github/workflows/build.yml@refs/tags/v2"
IDENTITY = "https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v{}"
BOOLS = st.booleans()
YES, NO = st.sampled_from([True]), st.sampled_from([False])
SIGNER = st.fixed_dictionaries(
    {},
    optional={
        "workflow": st.sampled_from(["own", RELEASE, ".github/workflows/release-*.yml", BUILD]),
        "source_ref": st.sampled_from(["tag", "refs/heads/main"]),
        "triggers": st.lists(st.sampled_from(["push", "release", "schedule"]), min_size=1, unique=True),
        "hosted_runners_only": BOOLS,
        "predicate_types": st.lists(st.sampled_from(["a", "b"]), min_size=1, unique=True),
        "plain_signatures": BOOLS,
        "builder": st.just({"caller": RELEASE}),
        "claims": st.just({"workflow_name": "Release"}),
    },
)
LEAST = st.sampled_from(["checksum-only", "release-attested", "backfilled", "provenance-verified"])
WORDS = {
    "reachable_from": st.sampled_from(["protected", "any"]),
    "new_signers": st.sampled_from(["ask", "accept"]),
    "informational": BOOLS | st.sampled_from(["2026-01-01", "2027-01-01"]).map(lambda day: {"until": day}),
    "no_assets": st.sampled_from(["fail", "pass"]),
    "watch": st.sampled_from(["off", "daily"]),
    "quarantine": st.sampled_from(["off", "dry-run", "on"]),
    "wait_minutes": st.integers(0, 60),
}
RULE = st.fixed_dictionaries({"files": st.just(["*.deb"]), "least": LEAST}) | st.fixed_dictionaries(
    {
        "files": st.just(["*"]),
        "needs": st.sampled_from([["provenance"], ["release-attestation", "signed-checksums"]]),
    }
)
EXEMPT = st.lists(st.sampled_from(["*.asc", "*.txt"]), unique=True)
SECTION = st.fixed_dictionaries(
    {},
    optional={
        **WORDS,
        "signers": st.lists(SIGNER, min_size=1, max_size=3),
        "assets": st.lists(RULE, max_size=2),
        "exempt": EXEMPT,
        "match_names": BOOLS,
    },
)
MINIMUM = st.fixed_dictionaries(
    {},
    optional={
        **WORDS,
        "signers": st.lists(SIGNER, min_size=1, max_size=2),
        "least": LEAST,
        "exempt": EXEMPT,
        "triggers": st.lists(st.sampled_from(["push", "release"]), min_size=1, unique=True),
        "predicate_types": st.lists(st.sampled_from(["a", "b"]), min_size=1, unique=True),
        "hosted_runners_only": YES,
        "plain_signatures": NO,
        "match_names": YES,
    },
)
FINAL = st.lists(st.sampled_from(["signers", "exempt", "assets", "informational", "quarantine"]), unique=True)


@st.composite
def floors(draw: st.DrawFn) -> OrganisationRelease:
    return OrganisationRelease.model_validate(
        {**draw(SECTION), "final": draw(FINAL), "minimum": draw(MINIMUM)}
    )


def sections() -> st.SearchStrategy[ReleaseVerification]:
    return SECTION.map(ReleaseVerification.model_validate)


def is_at_least(mine: ReleaseVerification, other: ReleaseVerification) -> bool:
    """Whether nothing is admitted that the other one refuses, as far as their words go."""
    return (
        all(join(key, getattr(mine, key), getattr(other, key)) == getattr(mine, key) for key in WHOLE)
        and set(mine.exempt) <= set(other.exempt)
        and all(any(is_within(each, known) for known in other.signers) for each in mine.signers)
        and all(a.grade.rank >= b.grade.rank for a, b in zip(mine.assets, other.assets, strict=True))
    )


@settings(max_examples=40)
@given(sections(), floors())
def test_holding_a_held_section_again_changes_nothing(
    section: ReleaseVerification, floor: OrganisationRelease
) -> None:
    held, _ = floor.hold(section)
    assert floor.hold(held)[0] == held


@settings(max_examples=40)
@given(sections(), floors())
def test_what_is_held_meets_the_floor(section: ReleaseVerification, floor: OrganisationRelease) -> None:
    held, _ = floor.hold(section)
    minimum = floor.minimum
    for key in WHOLE:
        assert join(key, getattr(held, key), getattr(minimum, key)) == getattr(held, key)
    for signer in held.signers:
        assert set(signer.triggers) <= set(minimum.triggers or signer.triggers)
        assert set(signer.predicate_types) <= set(minimum.predicate_types or signer.predicate_types)
        assert signer.hosted_runners_only or not minimum.hosted_runners_only
        assert not signer.plain_signatures or minimum.plain_signatures is None
        assert minimum.signers is None or any(
            is_within(signer, raised_signer(each, minimum)) for each in minimum.signers
        )
    if minimum.least is not None:
        assert all(rule.grade.rank >= minimum.least.rank for rule in held.assets)
        assert set(held.exempt) <= set(minimum.exempt or ())


@settings(max_examples=40)
@given(sections(), MINIMUM)
def test_what_is_held_is_weaker_than_it_was_in_nothing_but_whom_the_floor_puts_in_place_of_strangers(
    section: ReleaseVerification, minimum: dict[str, Any]
) -> None:
    floor = OrganisationRelease.model_validate({"minimum": minimum})
    held, breaches = floor.hold(section)
    if not any(each.path[0] == "signers" for each in breaches):
        assert is_at_least(held, section)
    if not breaches:
        assert held == section


@settings(max_examples=40)
@given(sections(), floors())
def test_what_is_held_can_be_read_back_as_a_file(
    section: ReleaseVerification, floor: OrganisationRelease
) -> None:
    held, _ = floor.hold(section)
    assert ReleaseVerification.model_validate_json(held.model_dump_json()) == held


@settings(max_examples=40)
@given(SIGNER, SIGNER)
def test_a_signer_within_another_is_not_within_a_stricter_one(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    mine, floor = Signer.model_validate(one), Signer.model_validate(other)
    assert is_within(mine, mine)
    if is_within(mine, floor) and is_within(floor, mine):
        assert (mine.workflow, set(mine.triggers)) == (floor.workflow, set(floor.triggers))


@pytest.mark.parametrize(
    ("mine", "floor", "within"),
    [
        ({"workflow": RELEASE}, {"workflow": "own"}, True),
        ({"workflow": "own"}, {"workflow": RELEASE}, False),
        ({"workflow": BUILD}, {"workflow": "own"}, False),
        (
            {"workflow": ".github/workflows/release-1.yml"},
            {"workflow": ".github/workflows/release-*.yml"},
            True,
        ),
        (
            {"workflow": ".github/workflows/release-1-*.yml"},
            {"workflow": ".github/workflows/release-*.yml"},
            False,
        ),
        ({"identity": IDENTITY.format("2.1")}, {"identity": IDENTITY.format("2.*")}, True),
        ({"identity": IDENTITY.format("3.1")}, {"identity": IDENTITY.format("2.*")}, False),
        ({"workflow": BUILD}, {"identity": IDENTITY.format("*")}, False),
        ({"identity": IDENTITY.format("2")}, {"workflow": "own"}, False),
        ({"issuer": "https://other.example"}, {}, False),
        ({"source_ref": "refs/heads/main"}, {}, False),
        ({"claims": {"workflow_name": "R"}}, {"claims": {"workflow_name": "R"}}, True),
        ({}, {"claims": {"workflow_name": "R"}}, False),
        ({}, {"builder": {"commit": "a" * 40}}, False),
    ],
)
def test_a_signer_is_within_another_where_all_it_admits_is(
    mine: dict[str, Any], floor: dict[str, Any], *, within: bool
) -> None:
    assert is_within(Signer.model_validate(mine), Signer.model_validate(floor)) is within


@pytest.mark.parametrize(
    ("minimum", "own", "place"),
    [
        ("signers: [{workflow: own}]", f"signers: [{{workflow: '{BUILD}'}}]", "signers.0"),
        ("triggers: [push]", "signers: [{triggers: [push, release]}]", "signers.0.triggers"),
        ("predicate_types: [a]", "signers: [{predicate_types: [b]}]", "signers.0.predicate_types"),
        (
            "hosted_runners_only: true",
            "signers: [{hosted_runners_only: false}]",
            "signers.0.hosted_runners_only",
        ),
        ("least: backfilled", "assets: [{files: ['*'], least: checksum-only}]", "assets.0"),
        ("least: checksum-only", "exempt: ['*.asc']", "exempt.0"),
        ("exempt: ['*.asc']", "exempt: ['*.asc', '*.exe']", "exempt.1"),
        ("informational: false", "informational: true", "informational"),
        ("informational: {until: 2026-12-01}", "informational: {until: 2027-12-01}", "informational"),
        ("quarantine: dry-run", "quarantine: off", "quarantine"),
        ("reachable_from: protected", "reachable_from: any", "reachable_from"),
        ("new_signers: ask", "new_signers: accept", "new_signers"),
        ("wait_minutes: 30", "wait_minutes: 31", "wait_minutes"),
        ("match_names: true", "match_names: false", "match_names"),
    ],
)
def test_whoever_writes_less_than_the_floor_is_told_the_line_of_both(
    minimum: str, own: str, place: str
) -> None:
    organisation = f"version: 1\nrelease_verification:\n  minimum:\n    {minimum}\n".encode()
    layers = Layers(
        f"version: 1\nrelease_verification:\n  {own}\n".encode(),
        organisation=organisation,
        label="acme/.github",
    )
    found = compose(layers, SECTIONS, ORGANISATIONS)
    ((path, message),) = [(each.path, each.message) for each in found.breaches]
    assert path == f"release_verification.{place}"
    assert message == "weaker than the floor in acme/.github, line 4; tighten it, or leave it out"
    held = found.section("release_verification")
    assert isinstance(held, ReleaseVerification)
    assert compose(layers, SECTIONS, ORGANISATIONS).section("release_verification") == held


def test_a_floor_holds_in_a_repository_without_a_file_and_without_a_word() -> None:
    organisation = (
        b"version: 1\nrelease_verification: {minimum: {signers: [{workflow: own, triggers: [push]}]}}\n"
    )
    found = compose(Layers(b"version: 1\n", organisation=organisation), SECTIONS, ORGANISATIONS)
    held = found.section("release_verification")
    assert isinstance(held, ReleaseVerification)
    assert (held.signers[0].triggers, found.breaches) == (("push",), ())


def test_what_is_final_cannot_be_said_otherwise() -> None:
    organisation = b"version: 1\nrelease_verification: {quarantine: 'on', final: [quarantine]}\n"
    own = b"version: 1\nrelease_verification: {quarantine: dry-run}\n"
    found = compose(Layers(own, organisation=organisation, label="acme/.github"), SECTIONS, ORGANISATIONS)
    (breach,) = found.breaches
    assert "it is final by acme/.github, line 2" in breach.message
    held = found.section("release_verification")
    assert isinstance(held, ReleaseVerification)
    assert held.quarantine == "on"


def test_a_signer_of_plain_signatures_under_a_floor_that_refuses_them_signs_provenance_and_never_anything() -> (
    None
):
    floor = OrganisationRelease.model_validate({"minimum": {"plain_signatures": False}})
    plain = ReleaseVerification.model_validate({"signers": [{"predicate_types": []}]})
    (signer,) = floor.hold(plain)[0].signers
    assert signer.predicate_types == Signer().predicate_types


def test_who_signs_after_the_release_is_named_by_the_organisation_where_signers_are() -> None:
    own = Backfill(workflow=".github/workflows/late.yml", commits=("a" * 40,))
    minimum = ReleaseMinimum(signers=(Signer(),))
    section = ReleaseVerification(signers=(Signer(),), backfill=own, informational=False)
    held, breaches = OrganisationRelease(minimum=minimum).hold(section)
    assert held.backfill is None
    assert [each.path for each in breaches] == [("backfill",)]
    assert OrganisationRelease(minimum=minimum).hold(held) == (held, ())
    assert OrganisationRelease(minimum=minimum, backfill=own).hold(section) == (section, ())
