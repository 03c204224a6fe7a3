"""The effect `DeleteAttestation`: GitHub forgets an attestation; only those of organisations can be deleted."""

from __future__ import annotations

from app.dispatch.effects.outcome import Applied, Outcome, Progress, Refused
from app.domain.effects import DeleteAttestation
from app.errors import NotFound
from app.ports.github_writer import GitHubWriter


async def delete_attestation(effect: DeleteAttestation, writer: GitHubWriter, progress: Progress) -> Outcome:
    """Deletes it, or finds that it is gone."""
    if progress.previous is not None:
        return Applied(dict(progress.previous))
    if not await writer.is_of_organisation():
        return Refused("personal_account", "GitHub deletes attestations of organisations' repositories only")
    await progress.fence()
    try:
        await writer.delete_attestation(effect.attestation_id)
    except NotFound:
        return Applied({"attestation_id": effect.attestation_id, "state": "gone"})
    return Applied({"attestation_id": effect.attestation_id, "state": "deleted"})
