from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import SettingsError
from app.settings_trust import GITHUB_TUF, TrustSettings, trust

DIGEST = "a" * 64
FILE, PIN, TUF = (
    f"HEPHAESTUS_{name}" for name in ("GITHUB_TRUSTED_ROOT", "GITHUB_TRUSTED_ROOT_SHA256", "GITHUB_TUF_ROOT")
)


def test_by_default_the_installed_root_is_trusted_and_nothing_is_fetched() -> None:
    assert trust({}, "") == TrustSettings("production", "", None, "", None, GITHUB_TUF)


def test_a_file_of_githubs_root_goes_with_its_digest() -> None:
    found = trust({FILE: "/etc/github.json", PIN: f"sha256:{DIGEST.upper()}"}, "")
    assert (found.github, found.github_sha256) == (Path("/etc/github.json"), DIGEST)


def test_updates_are_verified_from_a_file_at_an_address() -> None:
    found = trust({TUF: "/etc/root.json"}, "https://tuf.example")
    assert (found.tuf_root, found.tuf_url) == (Path("/etc/root.json"), "https://tuf.example")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({FILE: "f"}, f"set {PIN}"),
        ({"HEPHAESTUS_TRUSTED_ROOT": "f"}, "HEPHAESTUS_TRUSTED_ROOT is f without its digest"),
        ({PIN: DIGEST}, f"is set without {FILE}"),
        ({FILE: "f", PIN: "12"}, f"{PIN} is no SHA-256"),
        ({FILE: "f", PIN: DIGEST, TUF: "r"}, "are both set"),
        ({"HEPHAESTUS_TRUSTED_ROOT_SHA256": "z" * 64}, "HEPHAESTUS_TRUSTED_ROOT_SHA256 is no SHA-256"),
    ],
)
def test_what_cannot_be_meant_stops_the_start(values: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        trust(values, "")
