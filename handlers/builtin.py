"""The table of capabilities, `BUILTIN`, in the order of evaluation.

It is not in the package itself: who reads reports in a sandbox imports the readers, and not all that the bot thinks.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from app.ports.handler import AnyCapability
from handlers.quality_gate.handler import QualityGateCapability
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate
from handlers.release_verification.backfill.handler import BackfillCapability
from handlers.release_verification.handler import ReleaseVerificationCapability
from handlers.release_verification.section import ReleaseVerification
from handlers.release_verification.section.organisation import OrganisationRelease
from handlers.remediation.handler import RemediationCapability
from handlers.remediation.models import Remediation


@dataclass(frozen=True, slots=True)
class Builtin:
    """A capability and its section of `.github/hephaestus.yml`.

    `organisation` is that of the organisation's file (`Floor`), where the capability knows which of two values is stricter.
    """

    capability: AnyCapability
    section: type[BaseModel]
    organisation: type[BaseModel] | None = None


QUALITY_GATE = QualityGateCapability()
RELEASE_VERIFICATION = ReleaseVerificationCapability()
REMEDIATION = RemediationCapability()
BACKFILL = BackfillCapability()
"""Has no section of its own: it is asked for by operators, and goes by that of release verification."""

BUILTIN: dict[str, Builtin] = {
    "quality_gate": Builtin(QUALITY_GATE, QualityGate, OrganisationGate),
    "release_verification": Builtin(RELEASE_VERIFICATION, ReleaseVerification, OrganisationRelease),
    "remediation": Builtin(REMEDIATION, Remediation),
}
CAPABILITIES: dict[str, AnyCapability] = {
    **{name: builtin.capability for name, builtin in BUILTIN.items()},
    BACKFILL.name: BACKFILL,
}
SECTIONS = {name: builtin.section for name, builtin in BUILTIN.items()}
ORGANISATIONS = {
    name: builtin.organisation for name, builtin in BUILTIN.items() if builtin.organisation is not None
}
