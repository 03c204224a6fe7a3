"""Whom release verification trusts: where the roots are read, and which digests they must have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import SettingsError

PREFIX = "HEPHAESTUS_"
GITHUB_TUF = "https://tuf-repo.github.com"
EMBEDDED = frozenset({"production", "staging"})
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class TrustSettings:
    """The public-good root is `production`, `staging` or a file; GitHub's own is a file, or what was imported or refreshed.

    A digest is lower-case hexadecimal, or empty where none was set. `tuf_root` is the file of GitHub's TUF metadata that updates
    are verified from; without it nothing is ever fetched.
    """

    public_good: str = "production"
    public_good_sha256: str = ""
    github: Path | None = None
    github_sha256: str = ""
    tuf_root: Path | None = None
    tuf_url: str = GITHUB_TUF


def trust(values: Mapping[str, str], tuf_url: str) -> TrustSettings:
    """The settings of roots; `tuf_url` is checked already.

    Raises:
        SettingsError: they contradict each other, or a digest is none.
    """
    github, tuf_root = _file(values, "GITHUB_TRUSTED_ROOT"), _file(values, "GITHUB_TUF_ROOT")
    found = TrustSettings(
        public_good=values.get(f"{PREFIX}TRUSTED_ROOT") or "production",
        public_good_sha256=_digest(values, "TRUSTED_ROOT_SHA256"),
        github=github,
        github_sha256=_digest(values, "GITHUB_TRUSTED_ROOT_SHA256"),
        tuf_root=tuf_root,
        tuf_url=tuf_url or GITHUB_TUF,
    )
    if found.public_good not in EMBEDDED and not found.public_good_sha256:
        raise SettingsError(
            f"{PREFIX}TRUSTED_ROOT is {found.public_good} without its digest: look at the file, then set "
            f"{PREFIX}TRUSTED_ROOT_SHA256 to what sha256sum says of it"
        )
    if github is None and found.github_sha256:
        raise SettingsError(
            f"{PREFIX}GITHUB_TRUSTED_ROOT_SHA256 is set without {PREFIX}GITHUB_TRUSTED_ROOT, its file: set both or none"
        )
    if github is not None and not found.github_sha256:
        raise SettingsError(
            f"{PREFIX}GITHUB_TRUSTED_ROOT is set without its digest: look at the file with hephaestus trust import --dry-run, "
            f"then set {PREFIX}GITHUB_TRUSTED_ROOT_SHA256 to what that shows"
        )
    if github is not None and tuf_root is not None:
        raise SettingsError(
            f"{PREFIX}GITHUB_TRUSTED_ROOT and {PREFIX}GITHUB_TUF_ROOT are both set: keep the file that you manage, or the one "
            "that updates are verified from"
        )
    return found


def _file(values: Mapping[str, str], name: str) -> Path | None:
    text = values.get(f"{PREFIX}{name}") or ""
    return Path(text) if text else None


def _digest(values: Mapping[str, str], name: str) -> str:
    text = (values.get(f"{PREFIX}{name}") or "").strip().lower().removeprefix("sha256:")
    if text and not SHA256.fullmatch(text):
        raise SettingsError(f"{PREFIX}{name} is no SHA-256: write 64 hexadecimal digits")
    return text
