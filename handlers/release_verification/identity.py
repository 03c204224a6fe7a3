"""The exact identities that may have signed a release: no patterns, and every claim that ties it to tag and commit."""

from __future__ import annotations

from app.domain.ids import AppKey, CommitSha
from app.domain.release import ExpectedIdentity
from app.domain.repo import Repository
from handlers.release_verification.section import ReleaseVerification, Signer

PUBLIC_API, PUBLIC_SERVER = "api.github.com", "https://github.com"
RESIDENT = ".ghe.com"
"""GitHub with data residency: `octocorp.ghe.com`, whose API is at `api.octocorp.ghe.com`."""


def expected_identities(
    section: ReleaseVerification, app_key: AppKey, repository: Repository, tag: str, commit: CommitSha
) -> tuple[ExpectedIdentity, ...]:
    """One identity for each signer of the policy."""
    server = section.server_url or _server_url(app_key)
    return tuple(_identity(signer, server, repository, tag, commit) for signer in section.signers)


def _identity(
    signer: Signer, server: str, repository: Repository, tag: str, commit: CommitSha
) -> ExpectedIdentity:
    ref = f"refs/tags/{tag}"
    claims = {
        "source_repository_uri": f"{server}/{repository.full_name}",
        "source_repository_ref": ref,
        "source_repository_digest": commit,
        # Names can be taken over after a rename; numbers cannot.
        **({"source_repository_id": str(repository.id)} if repository.id else {}),
        **({"source_repository_owner_id": str(repository.owner_id)} if repository.owner_id else {}),
    }
    # The policy's own claims come on top: they can add to these, never replace one by something laxer.
    added = {name: value for name, value in signer.claims.items() if claims.get(name) != value}
    workflow = (
        signer.workflow if "@" in signer.workflow else f"{repository.full_name}/{signer.workflow}@{ref}"
    )
    return ExpectedIdentity(
        identity=f"{server}/{workflow}",
        issuer=signer.issuer,
        claims=(*claims.items(), *added.items()),
        predicate_types=() if signer.predicate_type is None else (signer.predicate_type,),
    )


def _server_url(app_key: AppKey) -> str:
    host = app_key.rpartition("/")[0]
    if host == PUBLIC_API:
        return PUBLIC_SERVER
    return f"https://{host.removeprefix('api.') if host.endswith(RESIDENT) else host}"
