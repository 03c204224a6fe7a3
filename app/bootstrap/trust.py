"""Trusted roots: what the service believes, and what `hephaestus trust` shows, imports and refreshes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from app.adapters.clock import SystemClock
from app.adapters.sigstore.github_root import pick
from app.adapters.sigstore.refreshing import TufRepository
from app.adapters.sigstore.root_store import RootStore
from app.adapters.sigstore.roots import ConfiguredRoots, facts_of
from app.adapters.sigstore.trusted_root import read_file
from app.domain.release import TrustDomain
from app.domain.trust import RootFacts, RootSource
from app.errors import InvalidInput, SettingsError
from app.ports.clock import Clock
from app.settings import Settings
from app.settings_files import private_files, protect

TUF_FOLDER = "tuf"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A root that may be imported; `is_new` where another one, or none, is pinned."""

    facts: RootFacts
    is_new: bool


def open_roots(settings: Settings, clock: Clock) -> ConfiguredRoots:
    """The roots that the settings name. Raises SettingsError where one cannot be used."""
    store = RootStore(settings.data_dir)
    return ConfiguredRoots(settings.trust, store, clock, tuf_repository(settings, store))


def tuf_repository(settings: Settings, store: RootStore) -> TufRepository | None:
    """Where GitHub's root is refreshed from; None where that is off."""
    file = settings.trust.tuf_root
    if file is None:
        return None
    try:
        root = read_file(file)
    except InvalidInput as exc:
        raise SettingsError(
            f"HEPHAESTUS_GITHUB_TUF_ROOT is {file}: {exc.message}. Name the root.json of GitHub's TUF repository"
        ) from exc
    return TufRepository(settings.trust.tuf_url, root, store.folder / TUF_FOLDER, settings.ca_bundle)


def roots_in_force(settings: Settings) -> tuple[RootFacts, ...]:
    """For `hephaestus trust show`: what the service would start with. Raises as `open_roots`."""
    return open_roots(settings, SystemClock()).facts


def import_root(settings: Settings, file: Path, *, keep: bool, pin: str | None = None) -> Candidate:
    """For `hephaestus trust import`: GitHub's root out of a file; kept and pinned with `keep`.

    Raises:
        InvalidInput: there is none in it, or not the one of this SHA-256.
    """
    clock = SystemClock()
    root = pick(read_file(file))
    if pin is not None and root.sha256 != pin:
        raise InvalidInput(
            "trust_root.pin", f"GitHub's root in {file} has the SHA-256 {root.sha256}, not {pin}"
        )
    store = RootStore(settings.data_dir)
    kept = store.load(RootSource.IMPORT) if keep else None
    is_new = kept is None or kept[0].sha256 != root.sha256
    if keep:
        protect(settings.data_dir)
        with private_files():
            store.keep(root, RootSource.IMPORT, clock.now())
    place = str(store.path_of(root.sha256)) if keep else str(file)
    return Candidate(facts_of(root, TrustDomain.GITHUB, RootSource.IMPORT, place, clock.now()), is_new)


async def refresh_roots(settings: Settings) -> tuple[RootFacts, ...]:
    """For `hephaestus trust refresh`: asks GitHub's TUF repository now. Raises as `Roots.refresh`."""
    protect(settings.data_dir)
    roots = await asyncio.to_thread(open_roots, settings, SystemClock())
    with private_files():
        await roots.refresh()
    return roots.facts
