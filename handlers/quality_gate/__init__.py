"""The capability `quality_gate`: reports of a commit's runs -> one verdict."""

from __future__ import annotations

from handlers.quality_gate.handler import QualityGateCapability
from handlers.quality_gate.section import QualityGate

CAPABILITY = QualityGateCapability()
SECTION = QualityGate

__all__ = ["CAPABILITY", "SECTION", "QualityGateCapability"]
