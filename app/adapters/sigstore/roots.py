"""The trusted roots that the settings name: loaded once, GitHub's own again when another was imported or refreshed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from app.adapters.sigstore.github_root import pick, split
from app.adapters.sigstore.refreshing import TufRepository
from app.adapters.sigstore.refusal import Refusal
from app.adapters.sigstore.root_store import RootStore
from app.adapters.sigstore.root_windows import outline
from app.adapters.sigstore.trust import PinnedRoot, TrustedRoots
from app.adapters.sigstore.trusted_root import EMBEDDED, REVIEWED_AT, load, read_file, verifier
from app.domain.release import TrustDomain
from app.domain.trust import RootFacts, RootSource
from app.errors import InvalidInput, SettingsError
from app.ports.clock import Clock
from app.settings_trust import TrustSettings

Known = tuple[PinnedRoot, RootFacts]
Loaded = TypeVar("Loaded")


class ConfiguredRoots:
    """`app.ports.roots.Roots` over the settings and the data directory; `current` is what a verification takes."""

    def __init__(
        self, settings: TrustSettings, store: RootStore, clock: Clock, tuf: TufRepository | None = None
    ) -> None:
        """Loads them.

        Raises:
            SettingsError: one cannot be used; the message names its setting.
        """
        self._settings, self._store, self._clock, self._tuf = settings, store, clock, tuf
        self._public_good = _of_setting("HEPHAESTUS_TRUSTED_ROOT", settings.public_good, self._load_public)
        self._github = _of_setting("HEPHAESTUS_GITHUB_TRUSTED_ROOT", settings.github, self._load_github)

    def current(self) -> TrustedRoots:
        """Those in force now."""
        return TrustedRoots(self._public_good[0], None if self._github is None else self._github[0])

    @property
    def facts(self) -> tuple[RootFacts, ...]:
        """See the port."""
        return (self._public_good[1], *(() if self._github is None else (self._github[1],)))

    @property
    def refreshes(self) -> bool:
        """See the port."""
        return self._tuf is not None

    async def reload(self) -> bool:
        """See the port."""
        before = self.current()
        self._github = await asyncio.to_thread(self._load_github)
        return self.current() != before

    async def refresh(self) -> bool:
        """See the port."""
        if self._tuf is None:
            raise InvalidInput(
                "trust_root.no_tuf", "set HEPHAESTUS_GITHUB_TUF_ROOT to the file of GitHub's TUF root first"
            )
        with self._store.alone():
            root = pick(await self._tuf.newest())
            await asyncio.to_thread(self._store.keep, root, RootSource.TUF, self._clock.now())
        return await self.reload()

    def _load_public(self) -> Known:
        source = self._settings.public_good
        root = load(source, self._settings.public_good_sha256 or None)
        try:
            verifier(root)
        except Refusal as refusal:
            raise InvalidInput("trust_root.unusable", " ".join(refusal.reason.split())) from refusal
        is_ours = source in EMBEDDED
        at = REVIEWED_AT if is_ours else changed_at(Path(source))
        kind = RootSource.PACKAGE if is_ours else RootSource.FILE
        return root, facts_of(root, TrustDomain.PUBLIC_GOOD, kind, source, at)

    def _load_github(self) -> Known | None:
        file = self._settings.github
        if file is not None:
            root = pick(read_file(file))
            if root.sha256 != self._settings.github_sha256:
                told = f"GitHub's root in {file} has the SHA-256 {root.sha256}, which is not pinned: review it and set its digest"
                raise InvalidInput("trust_root.pin", told)
            return root, facts_of(root, TrustDomain.GITHUB, RootSource.FILE, str(file), changed_at(file))
        sources = (RootSource.TUF, RootSource.IMPORT) if self._tuf else (RootSource.IMPORT,)
        for source in sources:
            if (kept := self._store.load(source)) is not None:
                root, record = kept
                place = str(self._store.path_of(root.sha256))
                at, confirmed_at = record.taken_at, record.confirmed_at
                return pick(root.raw), facts_of(root, TrustDomain.GITHUB, source, place, at, confirmed_at)
        return None


def given_roots(source: str | Path) -> TrustedRoots:
    """The roots of `production`, `staging` or a file, which may hold GitHub's own, another, or one of each, one a line.

    A file with one root alone is all that is trusted: what was signed under the other kind does not verify.

    Raises:
        InvalidInput: it cannot be read, or holds several roots of one kind.
    """
    if str(source) in EMBEDDED:
        return TrustedRoots(load(source))
    found = split(read_file(Path(source)))
    if max(len(found.github), len(found.others)) > 1:
        raise InvalidInput(
            "trust_root.several", f"{source} holds several roots of one kind: keep the one that is meant"
        )
    if not found.others:
        return TrustedRoots(found.github[0], found.github[0])  # which has no logs, so the library refuses it
    return TrustedRoots(found.others[0], found.github[0] if found.github else None)


def _of_setting(name: str, value: object, load_it: Callable[[], Loaded]) -> Loaded:
    try:
        return load_it()
    except InvalidInput as error:
        where = f"{name} is {value}" if value else f"{name} is not set, and what was imported cannot be used"
        raise SettingsError(
            f"{where}: {error.message}. docs/how-to/trust-roots.md says how to set it"
        ) from error


def facts_of(
    root: PinnedRoot,
    domain: TrustDomain,
    source: RootSource,
    place: str,
    taken_at: datetime,
    confirmed_at: datetime | None = None,
) -> RootFacts:
    """What is known of a root; confirmed when it was taken, where nothing says more."""
    windows = outline(root.raw).windows
    return RootFacts(domain, root.sha256, source, place, taken_at, confirmed_at or taken_at, windows)


def changed_at(file: Path) -> datetime:
    """When somebody last wrote the file."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
