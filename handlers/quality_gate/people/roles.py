"""Who may ask for what: decided by the role at that moment, never by a name. Pure."""

from __future__ import annotations

from handlers.quality_gate.evidence.people import Person
from handlers.quality_gate.section import QualityGate

WRITERS = frozenset({"admin", "maintain", "write"})


def writes(person: Person) -> bool:
    """Whether a person may push to the repository."""
    return not person.is_bot and person.role in WRITERS


def objection(person: Person, section: QualityGate) -> str:
    """Why a person may not waive a gate or accept evidence; empty where they may."""
    if person.is_bot:
        return "only a person may"
    if person.role not in section.waive_roles:
        return f"it takes the role {' or '.join(section.waive_roles)}"
    if person.is_author:
        return "nobody may for a change of their own"
    return ""
