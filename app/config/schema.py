"""The JSON Schema of the whole file, for editors; made from the same models that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_schema(sections: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """The JSON Schema of a file with these sections."""
    inputs = [(model, "validation") for model in sections.values()]
    references, definitions = models_json_schema(inputs, by_alias=True)  # type: ignore[arg-type]  # list is invariant
    properties: dict[str, Any] = {
        "version": {"const": 1, "description": "The version of this format."},
        "use": {"const": "default", "description": "Switches on the defaults of every section left out."},
    }
    for name, model in sections.items():
        properties[name] = references[model, "validation"]
    return {
        "$schema": DIALECT,
        "title": "Hephaestus",
        "description": "The file .github/hephaestus.yml, read from the default branch.",
        "type": "object",
        "required": ["version"],
        "additionalProperties": False,
        "properties": properties,
        "$defs": definitions.get("$defs", {}),
    }
