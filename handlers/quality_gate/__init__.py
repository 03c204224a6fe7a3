"""The capability `quality_gate`: reports of a commit's runs -> one verdict."""

from __future__ import annotations

from handlers.quality_gate.handler import QualityGateCapability
from handlers.quality_gate.section import QualityGate
from handlers.quality_gate.section.organisation import OrganisationGate

CAPABILITY = QualityGateCapability()
SECTION = QualityGate
ORGANISATION = OrganisationGate

__all__ = ["CAPABILITY", "ORGANISATION", "SECTION", "QualityGateCapability"]
