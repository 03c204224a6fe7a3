"""The JSON Schemas of both files, for editors; made from the same models that read it."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from app.config.loader import REPOSITORY
from app.config.organisation import MAX_LISTED, MAY_EXTEND, Models, organisation_sections

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_schema(sections: Models) -> dict[str, Any]:
    """The JSON Schema of a repository's file with these sections."""
    return _schema(
        sections,
        "Hephaestus",
        "The file .github/hephaestus.yml, read from the default branch.",
        {
            "use": {"const": "default", "description": "Switches on the defaults of every section left out."},
            "extends": {
                "type": "string",
                "pattern": f"^{REPOSITORY.pattern}$",
                "description": "A repository of the same owner whose hephaestus.yml lies beneath this file.",
            },
        },
    )


def organisation_schema(sections: Models, organisations: Models) -> dict[str, Any]:
    """The JSON Schema of the organisation's file; `organisations` are sections with a floor of the capability's own."""
    return _schema(
        organisation_sections(sections, organisations),
        "Hephaestus, the organisation's file",
        "The file hephaestus.yml of the owner's repository .github: it lies beneath the files of all others, and sets floors.",
        {
            MAY_EXTEND: {
                "type": "array",
                "maxItems": MAX_LISTED,
                "items": {"type": "string", "pattern": f"^{REPOSITORY.pattern}$"},
                "description": "Repositories whose files others may extend that more people can read.",
            }
        },
    )


def _schema(sections: Models, title: str, description: str, settings: dict[str, Any]) -> dict[str, Any]:
    inputs = [(model, "validation") for model in sections.values()]
    references, definitions = models_json_schema(inputs, by_alias=True)  # type: ignore[arg-type]  # list is invariant
    properties: dict[str, Any] = {
        "version": {"const": 1, "description": "The version of this format."},
        **settings,
    }
    for name, model in sections.items():
        properties[name] = references[model, "validation"]
    return {
        "$schema": DIALECT,
        "title": title,
        "description": description,
        "type": "object",
        "required": ["version"],
        "additionalProperties": False,
        "properties": properties,
        "$defs": definitions.get("$defs", {}),
    }
