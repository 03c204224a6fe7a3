"""The capability `remediation`: failed workflow run -> pull request, one more attempt, or an explanation."""

from __future__ import annotations

from handlers.remediation.handler import RemediationCapability
from handlers.remediation.models import Remediation

CAPABILITY = RemediationCapability()
SECTION = Remediation

__all__ = ["CAPABILITY", "SECTION", "RemediationCapability"]
