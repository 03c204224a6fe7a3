"""Formats of dependency audits and bills of materials."""

from __future__ import annotations

from handlers.quality_gate.formats.audits import (
    cargo_audit,
    cyclonedx,
    npm_audit,
    osv,
    osv_record,
    pip_audit,
    spdx,
)

FORMATS = (
    pip_audit.FORMAT,
    osv.FORMAT,
    osv_record.FORMAT,
    cargo_audit.FORMAT,
    npm_audit.FORMAT,
    cyclonedx.FORMAT,
    spdx.FORMAT,
)
