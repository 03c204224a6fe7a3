"""What the bot thinks: one package a capability, all of one shape. `BUILTIN` is the table, in the order of evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from app.ports.handler import AnyCapability
from handlers import quality_gate, release_verification, remediation


@dataclass(frozen=True, slots=True)
class Builtin:
    """A capability and its section of `.github/hephaestus.yml`.

    `organisation` is that of the organisation's file (`Floor`), where the capability knows which of two values is stricter.
    """

    capability: AnyCapability
    section: type[BaseModel]
    organisation: type[BaseModel] | None = None


BUILTIN: dict[str, Builtin] = {
    "quality_gate": Builtin(quality_gate.CAPABILITY, quality_gate.SECTION, quality_gate.ORGANISATION),
    "release_verification": Builtin(release_verification.CAPABILITY, release_verification.SECTION),
    "remediation": Builtin(remediation.CAPABILITY, remediation.SECTION),
}
CAPABILITIES = {name: builtin.capability for name, builtin in BUILTIN.items()}
SECTIONS = {name: builtin.section for name, builtin in BUILTIN.items()}
ORGANISATIONS = {
    name: builtin.organisation for name, builtin in BUILTIN.items() if builtin.organisation is not None
}
