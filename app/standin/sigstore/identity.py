"""Who signs: the identity of a GitHub Actions run as Fulcio writes it into a certificate.

Source: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md (arc 1.3.6.1.4.1.57264.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509

from app.standin.sigstore import der

GITHUB_ACTIONS = "https://token.actions.githubusercontent.com"
FULCIO_ARC = "1.3.6.1.4.1.57264.1"
LAST_RAW_ARC = 6  # extensions .1 to .6 carry bare UTF-8, the later ones a DER UTF8String


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubIdentity:
    """A workflow run on GitHub, with every value its OIDC token has.

    `workflow` is the path of the workflow that the event started; `signer_workflow` the one whose job signed, as
    `owner/repo/path@ref`, where that is a reusable workflow (with `signer_sha`, its commit).
    """

    repository: str
    sha: str
    ref: str = "refs/tags/v1.0.0"
    workflow: str = ".github/workflows/release.yml"
    workflow_name: str = "Release"
    event: str = "push"
    repository_id: int = 1001
    owner_id: int = 2002
    run_id: int = 3003
    attempt: int = 1
    runner_environment: str = "github-hosted"
    visibility: str = "public"
    server_url: str = "https://github.com"
    issuer: str = GITHUB_ACTIONS
    signer_workflow: str | None = None
    signer_sha: str | None = None

    @property
    def repository_url(self) -> str:
        """The repository's address, `https://github.com/owner/repo`."""
        return f"{self.server_url}/{self.repository}"

    @property
    def build_config_uri(self) -> str:
        """The workflow that the event started."""
        return f"{self.repository_url}/{self.workflow}@{self.ref}"

    @property
    def san(self) -> str:
        """The subject alternative name: the workflow whose job signed."""
        if self.signer_workflow is None:
            return self.build_config_uri
        return f"{self.server_url}/{self.signer_workflow}"

    def extensions(self) -> tuple[x509.UnrecognizedExtension, ...]:
        """The OIDC extensions in the order of a real certificate."""
        owner = self.repository.partition("/")[0]
        values = {
            1: self.issuer,
            2: self.event,
            3: self.sha,
            4: self.workflow_name,
            5: self.repository,
            6: self.ref,
            8: self.issuer,
            9: self.san,
            10: self.signer_sha or self.sha,
            11: self.runner_environment,
            12: self.repository_url,
            13: self.sha,
            14: self.ref,
            15: str(self.repository_id),
            16: f"{self.server_url}/{owner}",
            17: str(self.owner_id),
            18: self.build_config_uri,
            19: self.sha,
            20: self.event,
            21: f"{self.repository_url}/actions/runs/{self.run_id}/attempts/{self.attempt}",
            22: self.visibility,
        }
        return tuple(
            x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{FULCIO_ARC}.{arc}"), _encoded(arc, value))
            for arc, value in values.items()
        )


def _encoded(arc: int, value: str) -> bytes:
    return value.encode() if arc <= LAST_RAW_ARC else der.utf8(value)
