"""Formats of findings: linters, type checkers, scanners."""

from __future__ import annotations

from handlers.quality_gate.formats.findings import (
    bandit,
    cargo,
    eslint,
    flake8,
    golangci,
    gosec,
    mypy,
    pylint,
    pyright,
    ruff,
    ruff_format,
    sarif,
)
from handlers.quality_gate.formats.format import Format

FORMATS: tuple[Format, ...] = (
    sarif.FORMAT,
    ruff.FORMAT,
    ruff_format.FORMAT,
    mypy.JSON_FORMAT,
    mypy.TEXT_FORMAT,
    pylint.FORMAT,
    flake8.FORMAT,
    bandit.FORMAT,
    pyright.FORMAT,
    eslint.FORMAT,
    cargo.FORMAT,
    golangci.FORMAT,
    gosec.FORMAT,
)
