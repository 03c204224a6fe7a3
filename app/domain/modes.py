"""How far the operator lets each capability go (design.md 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Mode(StrEnum):
    """`off`: it is asked nothing. `observe`: it decides and all is recorded, nothing is written. `auto`: as repositories ask."""

    OFF = "off"
    OBSERVE = "observe"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Modes:
    """`observe` holds for the whole installation and is a ceiling; `each` are the modes of capabilities, `auto` where none is."""

    observe: bool = False
    each: Mapping[str, Mode] = field(default_factory=dict)

    def of(self, capability: str) -> Mode:
        """The mode that holds for a capability."""
        mode = self.each.get(capability, Mode.AUTO)
        return Mode.OBSERVE if self.observe and mode is Mode.AUTO else mode

    def why(self, capability: str) -> str:
        """The setting that says so, where the mode is not `auto`."""
        mode = self.each.get(capability, Mode.AUTO)
        return "HEPHAESTUS_MODE=observe" if mode is Mode.AUTO else f"{variable(capability)}={mode}"


def variable(capability: str) -> str:
    """The environment variable of a capability's mode."""
    return f"HEPHAESTUS_MODE_{capability.upper()}"
