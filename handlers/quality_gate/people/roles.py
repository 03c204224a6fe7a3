"""Who may ask for what: decided by the role at that moment, never by a name. Pure."""

from __future__ import annotations

from handlers.quality_gate.evidence.people import Person
from handlers.quality_gate.section import QualityGate

WRITERS = frozenset({"admin", "maintain", "write"})
KEEPERS = ("admin", "maintain")


def writes(person: Person) -> bool:
    """Whether a person may push to the repository."""
    return not person.is_bot and person.role in WRITERS


def accepting_roles(section: QualityGate) -> tuple[str, ...]:
    """Which roles may accept evidence: of admin and maintain those that may waive, or both where neither may.

    A policy may let writers waive, but whoever can push a workflow must not be the one who vouches for what it left.
    """
    return tuple(role for role in KEEPERS if role in section.waive_roles) or KEEPERS


def objection_to_waiving(person: Person, section: QualityGate) -> str:
    """Why a person may not waive a gate; empty where they may."""
    return _objection(person, section.waive_roles)


def objection_to_accepting(person: Person, section: QualityGate) -> str:
    """Why a person may not accept evidence; empty where they may."""
    return _objection(person, accepting_roles(section))


def _objection(person: Person, roles: tuple[str, ...]) -> str:
    if person.is_bot:
        return "only a person may"
    if person.role not in roles:
        return f"it takes the role {' or '.join(roles)}"
    if person.is_author:
        return "nobody may for a change of their own"
    return ""
