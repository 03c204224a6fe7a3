"""What `hephaestus config import` needs: a stranger's YAML is parsed in a process of its own."""

from __future__ import annotations

from app.bootstrap.offline import confined
from app.config.composing import parse_sections
from app.config.document import BadDocument, parse_document
from app.errors import InvalidInput
from handlers.builtin import SECTIONS
from handlers.quality_gate.codecov import Imported, Unmapped, imported


def import_codecov(raw: bytes, workflow: str) -> tuple[str | None, tuple[Unmapped, ...]]:
    """A `codecov.yml` as a file of ours, None where nothing decides; and what is not in it. Raises InvalidInput."""
    with confined() as box:
        found = box.call(_imported, raw, workflow)
        if found.text is not None and (
            errors := box.call(parse_sections, found.text.encode(), SECTIONS).errors
        ):
            first = errors[0]
            raise InvalidInput("config.import", f"{first.path}: {first.message}")
    return found.text, found.unmapped


def _imported(raw: bytes, workflow: str) -> Imported:
    try:
        document = parse_document(raw)
    except BadDocument as bad:
        place = f"line {bad.error.line}, column {bad.error.column}"
        raise InvalidInput("config.import", f"{place}: {bad.error.message}") from bad
    if not isinstance(document.value, dict):
        raise InvalidInput("config.import", "the file is no mapping")
    return imported(document.value, document.places, workflow)
