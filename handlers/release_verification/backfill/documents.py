"""Canonical JSON of an inventory or a plan, and its digest: the same facts give the same bytes. Pure."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from app.domain.ids import Sha256Hex
from handlers.release_verification.backfill.models import Inventory, Plan

INVENTORY: TypeAdapter[Inventory] = TypeAdapter(Inventory)
PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
ID_DIGITS = 16
Content = Inventory | Plan


def document(content: Content) -> dict[str, Any]:
    """The content as JSON has it."""
    made: dict[str, Any]
    if isinstance(content, Plan):
        made = {"kind": "hephaestus/backfill-plan", "version": 1, **PLAN.dump_python(content, mode="json")}
    else:
        listed = INVENTORY.dump_python(content, mode="json")
        made = {"kind": "hephaestus/backfill-inventory", "version": 1, **listed}
    return made


def canonical(content: Content) -> bytes:
    """Sorted keys, no spaces, UTF-8."""
    return json.dumps(document(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content: Content) -> Sha256Hex:
    """Of the canonical bytes."""
    return Sha256Hex(sha256(canonical(content)).hexdigest())


def id_of(plan: Plan) -> str:
    """The short name of a plan: the beginning of its digest."""
    return digest_of(plan)[:ID_DIGITS]
