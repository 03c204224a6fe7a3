"""Formats of audits of dependencies, and of bills of materials."""

from __future__ import annotations

from handlers.quality_gate.formats.format import Format

FORMATS: tuple[Format, ...] = ()
