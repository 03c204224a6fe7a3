"""What `hephaestus release simulate` needs: releases of the ledger or of a folder, and another policy; GitHub is not asked."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.adapters.clock import SystemClock
from app.adapters.database.judged import judged_repositories, release_histories
from app.adapters.database.receipts import bundles_of
from app.adapters.sandbox import Sandbox
from app.adapters.sigstore import SigstoreVerifier, offline_verifier
from app.bootstrap.offline import release_section
from app.bootstrap.operating import opened_database
from app.bootstrap.trust import open_roots
from app.domain.ids import CommitSha
from app.domain.release_files import Hashed, PolicyFiles, ReleaseFolder
from app.domain.simulations import Simulation
from app.errors import InvalidInput
from app.settings import Settings
from handlers.release_verification.directory import simulate_folder
from handlers.release_verification.simulation import KeptRelease, simulated

CAPABILITY = "release_verification"
LISTING = "releases.jsonl"
MAX_LISTING_BYTES = 1024 * 1024


class Listed(BaseModel):
    """A line of `releases.jsonl`; `dir` is a folder beside it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str = Field(min_length=1, max_length=300)
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    dir: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$")


async def simulate_ledger(
    settings: Settings,
    policy: PolicyFiles,
    repository: str | None,
    limit: int,
    trusted_root: str | Path | None,
) -> Simulation:
    """The policy tried on the newest releases of a repository. Raises InvalidInput where none, or several, are meant."""
    kept = await _kept(settings, repository, limit)
    sandbox = Sandbox(workers=1)
    try:
        section = await release_section(policy, sandbox)
        if trusted_root is None:
            roots = await asyncio.to_thread(open_roots, settings, SystemClock())
            return await simulated(section, kept, SigstoreVerifier(roots.current, sandbox))
        verifier = await asyncio.to_thread(offline_verifier, trusted_root, compute=sandbox)
        return await simulated(section, kept, verifier)
    finally:
        await sandbox.close()


async def simulate_folders(
    policy: PolicyFiles,
    directory: Path,
    repository: tuple[str, int | None],
    limit: int,
    trusted_root: str | Path,
    hashed: Hashed,
) -> Simulation:
    """The policy tried on releases on disk, in the order of `releases.jsonl`; `repository` is its name and number.

    Raises:
        InvalidInput: the list or a folder cannot be read.
    """
    listed = (await asyncio.to_thread(_listing, directory / LISTING))[:limit]
    sandbox = Sandbox(workers=1)
    try:
        section = await release_section(policy, sandbox)
        verifier = await asyncio.to_thread(offline_verifier, trusted_root, compute=sandbox)
        found = []
        for each in listed:
            folder = ReleaseFolder(
                policy.own, directory / each.dir, *repository, each.tag, CommitSha(each.commit), trusted_root
            )
            found.append(await simulate_folder(folder, section, verifier, sandbox, hashed))
        return Simulation(tuple(found))
    finally:
        await sandbox.close()


async def _kept(settings: Settings, repository: str | None, limit: int) -> tuple[KeptRelease, ...]:
    async with opened_database(settings) as database:
        known = await database.read(lambda connection: judged_repositories(connection, CAPABILITY))
        meant = [each for each in known if repository in {None, each[1].full_name}]
        if len(meant) != 1:
            names = ", ".join(sorted({each.full_name for _, each in known})) or "none"
            told = f"name one repository with --repository; evidence is kept of: {names}"
            raise InvalidInput("simulate.repository", told)
        ((app_key, one),) = meant
        stored = await database.read(
            lambda connection: release_histories(connection, CAPABILITY, app_key, one, limit)
        )
        found = []
        for release_id, history in stored:
            bundles = await database.read(
                lambda connection, release_id=release_id: bundles_of(connection, app_key, one.id, release_id)  # type: ignore[misc]  # bound now
            )
            found.append(KeptRelease(history, bundles))
        return tuple(found)


def _listing(path: Path) -> tuple[Listed, ...]:
    try:
        with path.open("rb") as opened:
            raw = opened.read(MAX_LISTING_BYTES + 1)
    except OSError as error:
        raise InvalidInput("simulate.listing", f"cannot read {path}: {error.strerror}") from error
    if len(raw) > MAX_LISTING_BYTES:
        raise InvalidInput("simulate.listing", f"{path} is larger than {MAX_LISTING_BYTES >> 20} MiB")
    found = []
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            found.append(Listed.model_validate(json.loads(line)))
        except (ValidationError, ValueError, RecursionError):
            told = 'a line reads {"tag": "v1.0.0", "commit": 40 hexadecimal digits, "dir": name of a folder beside it}'
            raise InvalidInput("simulate.listing", f"{path}:{number}: {told}") from None
    return tuple(found)
