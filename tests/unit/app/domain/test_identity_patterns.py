"""Patterns of identities admit what they look like, and nothing else."""

from __future__ import annotations

import pytest

from app.domain.identity_patterns import IdentityPattern

RELEASE = IdentityPattern("https://github.com/acme/forge/.github/workflows/release-*.yml@refs/tags/v*")
GENUINE = "https://github.com/acme/forge/.github/workflows/release-linux.yml@refs/tags/v1.2.3"


def test_a_star_stands_for_a_part_of_a_segment() -> None:
    assert RELEASE.admits(GENUINE)


@pytest.mark.parametrize(
    "hostile",
    [
        GENUINE.replace("acme", "acme-evil"),
        GENUINE.replace("release-linux.yml", "release-linuxxyml"),
        GENUINE.replace("release-linux", "release-a/b"),
        GENUINE.replace("release-linux.yml", "release-linux.yml.evil"),
        GENUINE.replace("tags/v1.2.3", "tags/v1/evil"),
        GENUINE.replace("tags/v1.2.3", "heads/v1.2.3"),
        GENUINE.replace("v1.2.3", "v"),
        GENUINE.upper(),
        f"{GENUINE}\n",
        f"x{GENUINE}",
        GENUINE.replace("v1.2.3", "v1@refs"),
        GENUINE.replace("v1.2.3", "v" + "1" * 600),
    ],
)
def test_nothing_else_fits(hostile: str) -> None:
    assert not RELEASE.admits(hostile)


def test_every_other_character_means_itself() -> None:
    assert IdentityPattern("a.b+c[d]").admits("a.b+c[d]")
    assert not IdentityPattern("a.b").admits("axb")
