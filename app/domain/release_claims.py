"""The claims of a signing certificate that a policy may name (reference of the command line, `--claim`)."""

from __future__ import annotations

CLAIM_NAMES = frozenset(
    {
        "source_repository_uri",
        "source_repository_ref",
        "source_repository_digest",
        "source_repository_id",
        "source_repository_owner_uri",
        "source_repository_owner_id",
        "source_repository_visibility",
        "build_signer_uri",
        "build_signer_digest",
        "build_config_uri",
        "build_config_digest",
        "build_trigger",
        "runner_environment",
        "run_invocation_uri",
        "workflow_name",
        # Deprecated names, for certificates from before 2023.
        "trigger",
        "sha",
        "repository",
        "ref",
    }
)

PLAIN_SIGNATURE = "-"
"""Among predicate types: a signature of the file itself, which has no statement and so no type."""
