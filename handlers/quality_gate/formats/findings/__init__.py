"""Formats of findings: linters, type checkers, scanners."""

from __future__ import annotations

from handlers.quality_gate.formats.format import Format

FORMATS: tuple[Format, ...] = ()
