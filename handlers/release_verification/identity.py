"""Who may have signed a release: the policy's signers for one tag and its commit, with every claim that ties them to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.domain.identity_patterns import WILD, IdentityPattern
from app.domain.ids import AppKey, CommitSha
from app.domain.release import ExpectedAttachment, ExpectedIdentity, ExpectedRelease
from app.domain.release_claims import PLAIN_SIGNATURE
from app.domain.repo import Repository
from app.errors import InvalidInput
from handlers.release_verification.section import GITHUB_ACTIONS, ReleaseVerification, Signer
from handlers.release_verification.section.values import BRANCH, OWN, TAG

PUBLIC_API, PUBLIC_SERVER = "api.github.com", "https://github.com"
RESIDENT = ".ghe.com"
"""GitHub with data residency: `octocorp.ghe.com`, whose API is at `api.octocorp.ghe.com`."""
RELEASE_SIGNER = "https://dotcom.releases.github.com"
RELEASE_TYPES = (
    "https://in-toto.io/attestation/release/v0.2",
    "https://in-toto.io/attestation/release/v0.1",
)
HOSTED = "github-hosted"
NOTHING = "nothing"
"""A predicate type that none has: an empty list of types would admit every one."""


def expected_identities(
    section: ReleaseVerification, app_key: AppKey, repository: Repository, tag: str, commit: CommitSha
) -> tuple[ExpectedIdentity, ...]:
    """One identity for each signer of the policy, in its order; whether a source branch is as it must be is not asked here.

    Raises:
        InvalidInput: the tag has a character that git allows in no name, and that would be a wildcard.
    """
    if WILD in tag or WILD in repository.full_name:
        raise InvalidInput("release.tag", f"{tag!r} is not the name of a tag: git allows no {WILD} in it")
    server = section.server_url or _server_url(app_key)
    return tuple(_identity(signer, server, repository, tag, commit) for signer in section.signers)


def release_identity(
    repository: Repository, tag: str, commit: CommitSha, release_id: int | None = None
) -> ExpectedIdentity:
    """What GitHub's own attestation of an immutable release must be; numbers that are 0 or None are not compared."""
    return ExpectedIdentity(
        identity=RELEASE_SIGNER,
        issuer=None,
        predicate_types=RELEASE_TYPES,
        release=ExpectedRelease(
            repository=repository.full_name,
            tag=tag,
            commit=commit,
            repository_id=_number(repository.id),
            owner_id=_number(repository.owner_id),
            release_id=_number(release_id),
        ),
    )


def backfill_identity(
    section: ReleaseVerification, app_key: AppKey, repository: Repository, branch: str, predicate_type: str
) -> ExpectedIdentity | None:
    """Who may have signed after the release: the backfill workflow at the default branch, at one of its pinned commits."""
    if section.backfill is None:
        return None
    source = f"{section.server_url or _server_url(app_key)}/{repository.full_name}"
    claims = {
        "source_repository_uri": source,
        "source_repository_ref": f"{BRANCH}{branch}",
        "build_trigger": "workflow_dispatch",
        "source_repository_id": _number(repository.id),
        "source_repository_owner_id": _number(repository.owner_id),
    }
    return ExpectedIdentity(
        identity=f"{source}/{section.backfill.workflow}@{BRANCH}{branch}",
        issuer=GITHUB_ACTIONS,
        claims=tuple((claim, value) for claim, value in claims.items() if value),
        predicate_types=(predicate_type,),
        one_of=(("build_signer_digest", section.backfill.commits),),
    )


def attached_to(
    signers: Iterable[ExpectedIdentity], release_id: int, commit: CommitSha
) -> tuple[ExpectedIdentity, ...]:
    """The signers of past releases, each only for what it says of this one: they sign for many."""
    release = ExpectedAttachment(release_id, commit)
    return tuple(replace(each, attached_to=release) for each in signers)


def workflow_file(identity: str) -> str:
    """The workflow of an identity without its ref: what is the same from one release to the next."""
    return identity.partition("@")[0]


def _identity(
    signer: Signer, server: str, repository: Repository, tag: str, commit: CommitSha
) -> ExpectedIdentity:
    ref = f"refs/tags/{tag}" if signer.source_ref == TAG else signer.source_ref
    source = signer.source_repository
    name = source.name if source else repository.full_name
    repository_id, owner_id = (source.id, source.owner_id) if source else (repository.id, repository.owner_id)
    claims = {
        "source_repository_uri": f"{server}/{name}",
        "source_repository_ref": ref,
        "source_repository_digest": commit,
        # Names can be taken over after a rename; numbers cannot.
        "source_repository_id": _number(repository_id),
        "source_repository_owner_id": _number(owner_id),
        "runner_environment": HOSTED if signer.hosted_runners_only else None,
        "build_config_uri": signer.builder.caller and f"{server}/{name}/{signer.builder.caller}@{ref}",
        "build_signer_digest": signer.builder.commit,
        **signer.claims,
    }
    identity = signer.identity or _signing(signer.workflow, server, name, ref)
    plain = (PLAIN_SIGNATURE,) if signer.plain_signatures else ()
    return ExpectedIdentity(
        identity=identity,
        issuer=signer.issuer,
        claims=tuple((claim, value) for claim, value in claims.items() if value),
        predicate_types=(*signer.predicate_types, *plain) or (NOTHING,),
        pattern=IdentityPattern(identity) if WILD in identity else None,
        one_of=(("build_trigger", signer.triggers),),
    )


def _signing(workflow: str, server: str, source: str, ref: str) -> str:
    """The identity of the workflow whose job signs: an own one runs at the source's ref."""
    if workflow == OWN:
        return f"{server}/{source}/.github/workflows/{WILD}@{ref}"
    return f"{server}/{workflow}" if "@" in workflow else f"{server}/{source}/{workflow}@{ref}"


def _number(number: int | None) -> str | None:
    return str(number) if number else None


def _server_url(app_key: AppKey) -> str:
    host = app_key.rpartition("/")[0]
    if host == PUBLIC_API:
        return PUBLIC_SERVER
    return f"https://{host.removeprefix('api.') if host.endswith(RESIDENT) else host}"
